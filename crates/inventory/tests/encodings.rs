//! One bill of materials in every encoding of its standard is one inventory.

#![cfg(test)]

use inventory::formats::{self, Limits, ReadErrorKind};
use inventory::{Inventory, LicenseForm, Notice, VexStatus};

mod wire;

fn read(bytes: &[u8]) -> (Inventory, Vec<Notice>) {
    formats::read(bytes, &Limits::default()).unwrap_or_else(|error| panic!("{error}"))
}

fn refused(text: &str) -> formats::ReadError {
    formats::read(text.as_bytes(), &Limits::default()).expect_err("refused")
}

/// The same without the name of the encoding.
fn contents(bytes: &[u8]) -> Inventory {
    Inventory {
        format: String::new(),
        ..read(bytes).0
    }
}

const CYCLONEDX_JSON: &str = r#"{"bomFormat": "CycloneDX", "specVersion": "1.6", "serialNumber": "urn:uuid:1",
  "metadata": {"timestamp": "2026-01-01T00:00:00Z",
    "lifecycles": [{"phase": "build"}, {"name": "sign-off"}],
    "tools": {"components": [{"type": "application", "name": "maker", "version": "2"}]},
    "authors": [{"name": "Ann", "email": "ann@example.org"}],
    "component": {"type": "application", "bom-ref": "app", "name": "app", "version": "1"},
    "supplier": {"name": "Example", "url": ["https://example.org"], "contact": [{"name": "Bob"}]},
    "licenses": [{"license": {"id": "CC0-1.0"}}],
    "properties": [{"name": "document", "value": "yes"}]},
  "components": [
    {"type": "library", "bom-ref": "a", "mime-type": "text/plain", "group": "g", "name": "a", "version": "1",
      "supplier": {"name": "Supplier", "contact": [{"email": "s@example.org"}]},
      "manufacturer": {"name": "Maker", "url": ["https://example.org/maker"]},
      "author": "Old Author", "authors": [{"name": "New Author"}], "publisher": "Pub",
      "description": "An & a <thing>", "copyright": "(c)", "scope": "optional", "cpe": "cpe:2.3:a:a",
      "purl": "pkg:npm/%40g/a@1", "swid": {"tagId": "t", "name": "a", "version": "1"}, "tags": ["x", "y"],
      "hashes": [{"alg": "SHA-256", "content": "ab"}],
      "licenses": [
        {"license": {"id": "MIT", "acknowledgement": "concluded", "text": {"encoding": "base64", "content": "VGV4dA=="}}},
        {"license": {"name": "Own", "url": "https://example.org/license"}},
        {"expression": "MIT OR Zlib"}],
      "externalReferences": [{"type": "vcs", "url": "https://example.org/a", "comment": "here", "hashes": [{"alg": "MD5", "content": "cd"}]}],
      "properties": [{"name": "cdx:npm:package:development", "value": "true"}],
      "evidence": {"identity": [{"field": "purl", "confidence": 1, "concludedValue": "pkg:npm/a@1", "methods": [{"technique": "filename", "confidence": 0.5, "value": "a.js"}]}],
        "occurrences": [{"location": "/a.js", "line": 3}], "licenses": [{"license": {"id": "MIT"}}], "copyright": [{"text": "(c) A"}]},
      "pedigree": {"ancestors": [{"type": "library", "group": "g", "name": "old", "version": "0", "purl": "pkg:npm/old@0"}],
        "commits": [{"uid": "1", "url": "https://example.org/1", "message": "m"}],
        "patches": [{"type": "backport", "diff": {"url": "https://example.org/d"}, "resolves": [{"type": "security", "id": "CVE-2024-1"}]}],
        "notes": "forked"},
      "components": [{"type": "framework", "bom-ref": "inner", "name": "inner", "version": "3"}]},
    {"type": "library", "bom-ref": "b", "name": "b", "version": "2"}],
  "services": [{"bom-ref": "api", "provider": {"name": "P"}, "group": "g", "name": "api", "version": "1", "description": "d",
    "endpoints": ["https://example.org/api"], "authenticated": true, "x-trust-boundary": false,
    "licenses": [{"license": {"id": "MIT"}}], "externalReferences": [{"type": "website", "url": "https://example.org"}],
    "properties": [{"name": "p", "value": "v"}], "services": [{"bom-ref": "api2", "name": "inner"}]}],
  "dependencies": [{"ref": "app", "dependsOn": ["a", "api"]}, {"ref": "a", "dependsOn": ["b"]}, {"ref": "api", "dependsOn": ["api2"]}],
  "compositions": [{"aggregate": "complete", "assemblies": ["a"], "dependencies": ["app"]}],
  "vulnerabilities": [{"id": "CVE-2024-1", "source": {"name": "NVD", "url": "https://example.org/nvd"},
    "references": [{"id": "GHSA-1"}],
    "ratings": [{"source": {"name": "NVD"}, "score": 9.8, "severity": "critical", "method": "CVSSv31", "vector": "CVSS:3.1/AV:N", "justification": "why"}],
    "cwes": [79, 89], "description": "d", "detail": "dd", "recommendation": "r", "workaround": "w",
    "advisories": [{"title": "t", "url": "https://example.org/t"}],
    "published": "2024-01-01T00:00:00Z", "updated": "2024-01-02T00:00:00Z",
    "analysis": {"state": "not_affected", "justification": "code_not_reachable", "response": ["will_not_fix"], "detail": "never called",
      "firstIssued": "2024-01-03T00:00:00Z", "lastUpdated": "2024-01-04T00:00:00Z"},
    "affects": [{"ref": "a", "versions": [{"version": "1", "status": "unaffected"}, {"range": "vers:npm/<2"}]}],
    "properties": [{"name": "p", "value": "v"}]}],
  "properties": [{"name": "bom", "value": "1"}]}"#;

const CYCLONEDX_XML: &str = r#"<?xml version="1.0"?>
<!-- a comment --><bom xmlns="http://cyclonedx.org/schema/bom/1.6" serialNumber="urn:uuid:1" version="1">
  <metadata><timestamp>2026-01-01T00:00:00Z</timestamp>
    <lifecycles><lifecycle><phase>build</phase></lifecycle><lifecycle><name>sign-off</name></lifecycle></lifecycles>
    <tools><components><component type="application"><name>maker</name><version>2</version></component></components></tools>
    <authors><author><name>Ann</name><email>ann@example.org</email></author></authors>
    <component type="application" bom-ref="app"><name>app</name><version>1</version></component>
    <supplier><name>Example</name><url>https://example.org</url><contact><name>Bob</name></contact></supplier>
    <licenses><license><id>CC0-1.0</id></license></licenses>
    <properties><property name="document">yes</property></properties></metadata>
  <components>
    <component type="library" bom-ref="a" mime-type="text/plain">
      <supplier><name>Supplier</name><contact><email>s@example.org</email></contact></supplier>
      <manufacturer><name>Maker</name><url>https://example.org/maker</url></manufacturer>
      <authors><author><name>New Author</name></author></authors><author>Old Author</author><publisher>Pub</publisher>
      <group>g</group><name>a</name><version>1</version>
      <description>An &amp; a <![CDATA[<thing>]]></description><scope>optional</scope>
      <hashes><hash alg="SHA-256">ab</hash></hashes>
      <licenses>
        <license acknowledgement="concluded"><id>MIT</id><text encoding="base64">VGV4dA==</text></license>
        <license><name>Own</name><url>https://example.org/license</url></license>
        <expression>MIT OR Zlib</expression></licenses>
      <copyright>(c)</copyright><cpe>cpe:2.3:a:a</cpe><purl>pkg:npm/%40g/a@1</purl>
      <swid tagId="t" name="a" version="1"/>
      <pedigree><ancestors><component type="library"><group>g</group><name>old</name><version>0</version><purl>pkg:npm/old@0</purl></component></ancestors>
        <commits><commit><uid>1</uid><url>https://example.org/1</url><message>m</message></commit></commits>
        <patches><patch type="backport"><diff><url>https://example.org/d</url></diff><resolves><issue type="security"><id>CVE-2024-1</id></issue></resolves></patch></patches>
        <notes>forked</notes></pedigree>
      <externalReferences><reference type="vcs"><url>https://example.org/a</url><comment>here</comment><hashes><hash alg="MD5">cd</hash></hashes></reference></externalReferences>
      <properties><property name="cdx:npm:package:development">true</property></properties>
      <components><component type="framework" bom-ref="inner"><name>inner</name><version>3</version></component></components>
      <evidence><identity><field>purl</field><confidence>1</confidence><concludedValue>pkg:npm/a@1</concludedValue><methods><method><technique>filename</technique><confidence>0.5</confidence><value>a.js</value></method></methods></identity>
        <occurrences><occurrence><location>/a.js</location><line>3</line></occurrence></occurrences>
        <licenses><license><id>MIT</id></license></licenses><copyright><text>(c) A</text></copyright></evidence>
      <tags><tag>x</tag><tag>y</tag></tags>
      <other:name xmlns:other="https://example.org/other">not the name</other:name>
    </component>
    <component type="library" bom-ref="b"><name>b</name><version>2</version></component>
  </components>
  <services><service bom-ref="api"><provider><name>P</name></provider><group>g</group><name>api</name><version>1</version><description>d</description>
    <endpoints><endpoint>https://example.org/api</endpoint></endpoints><authenticated>true</authenticated><x-trust-boundary>false</x-trust-boundary>
    <licenses><license><id>MIT</id></license></licenses><externalReferences><reference type="website"><url>https://example.org</url></reference></externalReferences>
    <properties><property name="p">v</property></properties><services><service bom-ref="api2"><name>inner</name></service></services></service></services>
  <dependencies><dependency ref="app"><dependency ref="a"/><dependency ref="api"/></dependency>
    <dependency ref="a"><dependency ref="b"/><provides ref="inner"/></dependency><dependency ref="api"><dependency ref="api2"/></dependency></dependencies>
  <compositions><composition><aggregate>complete</aggregate><assemblies><assembly ref="a"/></assemblies><dependencies><dependency ref="app"/></dependencies></composition></compositions>
  <properties><property name="bom">1</property></properties>
  <vulnerabilities><vulnerability><id>CVE-2024-1</id><source><name>NVD</name><url>https://example.org/nvd</url></source>
    <references><reference><id>GHSA-1</id></reference></references>
    <ratings><rating><source><name>NVD</name></source><score>9.8</score><severity>critical</severity><method>CVSSv31</method><vector>CVSS:3.1/AV:N</vector><justification>why</justification></rating></ratings>
    <cwes><cwe>79</cwe><cwe>89</cwe></cwes><description>d</description><detail>dd</detail><recommendation>r</recommendation><workaround>w</workaround>
    <advisories><advisory><title>t</title><url>https://example.org/t</url></advisory></advisories>
    <published>2024-01-01T00:00:00Z</published><updated>2024-01-02T00:00:00Z</updated>
    <analysis><state>not_affected</state><justification>code_not_reachable</justification><responses><response>will_not_fix</response></responses><detail>never called</detail>
      <firstIssued>2024-01-03T00:00:00Z</firstIssued><lastUpdated>2024-01-04T00:00:00Z</lastUpdated></analysis>
    <affects><target><ref>a</ref><versions><version><version>1</version><status>unaffected</status></version><version><range>vers:npm/&lt;2</range></version></versions></target></affects>
    <properties><property name="p">v</property></properties></vulnerability></vulnerabilities>
</bom>"#;

#[test]
fn cyclonedx_says_the_same_in_json_xml_and_protobuf() {
    let json = contents(CYCLONEDX_JSON.as_bytes());
    assert_eq!(contents(CYCLONEDX_XML.as_bytes()), json);
    assert_eq!(contents(&wire::cyclonedx()), json);
    assert_eq!(read(CYCLONEDX_XML.as_bytes()).0.format, "CycloneDX 1.6 XML");
    assert_eq!(read(&wire::cyclonedx()).0.format, "CycloneDX 1.6 Protobuf");
}

#[test]
fn nothing_that_the_document_says_is_lost() {
    let (inventory, notices) = read(CYCLONEDX_JSON.as_bytes());
    let codes: Vec<_> = notices
        .iter()
        .map(|notice| (&notice.code, &notice.place))
        .collect();
    assert!(codes.is_empty(), "{codes:?}");
    assert_eq!((inventory.root, inventory.component_count()), (Some(0), 3));
    let a = &inventory.components[1];
    assert_eq!(a.supplier.as_deref(), Some("Supplier"));
    let forms: Vec<_> = a.licenses.iter().map(|claim| claim.form).collect();
    assert_eq!(
        forms,
        [
            Some(LicenseForm::Id),
            Some(LicenseForm::Name),
            Some(LicenseForm::Expression)
        ]
    );
    let text = a.licenses[0]
        .details
        .as_ref()
        .and_then(|details| details.full_text.as_deref());
    assert_eq!(text, Some("Text"));
    let details = a.details.as_ref().unwrap();
    assert_eq!(details.description.as_deref(), Some("An & a <thing>"));
    assert_eq!(details.pedigree.as_ref().unwrap().ancestors[0].name, "old");
    assert_eq!(
        inventory.components[2].parent,
        Some(1),
        "nesting is kept apart from needing"
    );
    assert_eq!(inventory.complete, Some(true));
    assert_eq!(inventory.services.len(), 2);
    assert_eq!(inventory.services[1].parent, Some(0));
    let edges: Vec<_> = inventory
        .service_edges
        .iter()
        .map(|edge| (edge.from.as_str(), edge.to.as_str()))
        .collect();
    assert_eq!(edges, [("api", "api2"), ("app", "api")]);
    let statement = &inventory.vulnerabilities[0];
    assert_eq!(
        statement.analysis.as_ref().unwrap().status,
        Some(VexStatus::NotAffected)
    );
    assert_eq!(statement.affects[0].component, Some(1));
    assert_eq!(statement.cwes, [79, 89]);
}

const SPDX_JSON: &str = r#"{"spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "name": "doc", "dataLicense": "CC0-1.0",
  "documentNamespace": "https://example.org/1", "comment": "remarks",
  "creationInfo": {"created": "2026-01-01T00:00:00Z", "creators": ["Tool: syft-1.18.1", "Person: Ann (ann@example.org)", "Organization: Example"]},
  "packages": [
    {"SPDXID": "SPDXRef-app", "name": "app", "versionInfo": "1.10", "primaryPackagePurpose": "APPLICATION", "downloadLocation": "NOASSERTION"},
    {"SPDXID": "SPDXRef-a", "name": "a", "versionInfo": "2", "packageFileName": "a.tgz", "supplier": "Organization: Sup (s@example.org)",
     "originator": "Person: Orig", "downloadLocation": "https://example.org/a.tgz", "homepage": "https://example.org", "sourceInfo": "from a lockfile",
     "licenseDeclared": "(MIT OR LicenseRef-1)", "licenseConcluded": "NOASSERTION", "copyrightText": "(c)\nA", "description": "d", "comment": "c",
     "attributionTexts": ["thanks"], "checksums": [{"algorithm": "SHA256", "checksumValue": "AB"}],
     "externalRefs": [
      {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": "pkg:npm/a@2"},
      {"referenceCategory": "SECURITY", "referenceType": "cpe23Type", "referenceLocator": "cpe:2.3:a:1"},
      {"referenceCategory": "SECURITY", "referenceType": "cpe23Type", "referenceLocator": "cpe:2.3:a:2"},
      {"referenceCategory": "OTHER", "referenceType": "idea", "referenceLocator": "somewhere", "comment": "why"}]}],
  "files": [{"SPDXID": "SPDXRef-file", "fileName": "x"}],
  "relationships": [
    {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-app"},
    {"spdxElementId": "SPDXRef-a", "relationshipType": "DEV_DEPENDENCY_OF", "relatedSpdxElement": "SPDXRef-app"},
    {"spdxElementId": "SPDXRef-a", "relationshipType": "CONTAINS", "relatedSpdxElement": "SPDXRef-file"}],
  "hasExtractedLicensingInfos": [{"licenseId": "LicenseRef-1", "name": "Beer-1.0", "extractedText": "Buy me\na beer", "seeAlsos": ["https://example.org/beer"]}]}"#;

const SPDX_TAG_VALUE: &str = "SPDXVersion: SPDX-2.3
DataLicense: CC0-1.0
SPDXID: SPDXRef-DOCUMENT
DocumentName: doc
DocumentNamespace: https://example.org/1
DocumentComment: <text>remarks</text>
## Creation
Creator: Tool: syft-1.18.1
Creator: Person: Ann (ann@example.org)
Creator: Organization: Example
Created: 2026-01-01T00:00:00Z

PackageName: app
SPDXID: SPDXRef-app
PackageVersion: 1.10
PrimaryPackagePurpose: APPLICATION
PackageDownloadLocation: NOASSERTION

PackageName: a
SPDXID: SPDXRef-a
PackageVersion: 2
PackageFileName: a.tgz
PackageSupplier: Organization: Sup (s@example.org)
PackageOriginator: Person: Orig
PackageDownloadLocation: https://example.org/a.tgz
PackageHomePage: https://example.org
PackageSourceInfo: <text>from a lockfile</text>
FilesAnalyzed: false
PackageChecksum: SHA256: AB
PackageLicenseDeclared: (MIT OR LicenseRef-1)
PackageLicenseConcluded: NOASSERTION
PackageCopyrightText: <text>(c)
A</text>
PackageDescription: <text>d</text>
PackageComment: <text>c</text>
PackageAttributionText: <text>thanks</text>
ExternalRef: PACKAGE-MANAGER purl pkg:npm/a@2
ExternalRef: SECURITY cpe23Type cpe:2.3:a:1
ExternalRef: SECURITY cpe23Type cpe:2.3:a:2
ExternalRef: OTHER idea somewhere
ExternalRefComment: why

FileName: x
SPDXID: SPDXRef-file
FileChecksum: SHA1: ab

Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-app
Relationship: SPDXRef-a DEV_DEPENDENCY_OF SPDXRef-app
Relationship: SPDXRef-a CONTAINS SPDXRef-file

LicenseID: LicenseRef-1
LicenseName: Beer-1.0
ExtractedText: <text>Buy me
a beer</text>
LicenseCrossReference: https://example.org/beer
";

const SPDX_YAML: &str = r#"
SPDXID: SPDXRef-DOCUMENT
comment: &c remarks
creationInfo: {created: '2026-01-01T00:00:00Z', creators: ["Tool: syft-1.18.1", "Person: Ann (ann@example.org)", "Organization: Example"]}
dataLicense: CC0-1.0
documentNamespace: https://example.org/1
name: doc
packages:
- {SPDXID: SPDXRef-app, name: app, versionInfo: 1.10, primaryPackagePurpose: APPLICATION, downloadLocation: NOASSERTION}
- SPDXID: SPDXRef-a
  name: a
  versionInfo: 2
  packageFileName: a.tgz
  supplier: "Organization: Sup (s@example.org)"
  originator: "Person: Orig"
  downloadLocation: https://example.org/a.tgz
  homepage: https://example.org
  sourceInfo: from a lockfile
  licenseDeclared: (MIT OR LicenseRef-1)
  licenseConcluded: NOASSERTION
  copyrightText: |-
    (c)
    A
  description: d
  comment: c
  attributionTexts: [thanks]
  checksums: [{algorithm: SHA256, checksumValue: AB}]
  externalRefs:
  - {referenceCategory: PACKAGE-MANAGER, referenceType: purl, referenceLocator: "pkg:npm/a@2"}
  - {referenceCategory: SECURITY, referenceType: cpe23Type, referenceLocator: "cpe:2.3:a:1"}
  - {referenceCategory: SECURITY, referenceType: cpe23Type, referenceLocator: "cpe:2.3:a:2"}
  - {referenceCategory: OTHER, referenceType: idea, referenceLocator: somewhere, comment: why}
files: [{SPDXID: SPDXRef-file, fileName: x}]
relationships:
- {spdxElementId: SPDXRef-DOCUMENT, relationshipType: DESCRIBES, relatedSpdxElement: SPDXRef-app}
- {spdxElementId: SPDXRef-a, relationshipType: DEV_DEPENDENCY_OF, relatedSpdxElement: SPDXRef-app}
- {spdxElementId: SPDXRef-a, relationshipType: CONTAINS, relatedSpdxElement: SPDXRef-file}
hasExtractedLicensingInfos:
- {licenseId: LicenseRef-1, name: Beer-1.0, extractedText: "Buy me\na beer", seeAlsos: ["https://example.org/beer"]}
spdxVersion: SPDX-2.3
"#;

const SPDX_XML: &str = r#"<?xml version="1.0"?>
<Document><SPDXID>SPDXRef-DOCUMENT</SPDXID><spdxVersion>SPDX-2.3</spdxVersion><comment>remarks</comment>
<creationInfo><created>2026-01-01T00:00:00Z</created><creators>Tool: syft-1.18.1</creators><creators>Person: Ann (ann@example.org)</creators><creators>Organization: Example</creators></creationInfo>
<name>doc</name><dataLicense>CC0-1.0</dataLicense><documentNamespace>https://example.org/1</documentNamespace>
<packages><SPDXID>SPDXRef-app</SPDXID><name>app</name><versionInfo>1.10</versionInfo><primaryPackagePurpose>APPLICATION</primaryPackagePurpose><downloadLocation>NOASSERTION</downloadLocation></packages>
<packages><SPDXID>SPDXRef-a</SPDXID><name>a</name><versionInfo>2</versionInfo><packageFileName>a.tgz</packageFileName>
<supplier>Organization: Sup (s@example.org)</supplier><originator>Person: Orig</originator><downloadLocation>https://example.org/a.tgz</downloadLocation>
<homepage>https://example.org</homepage><sourceInfo>from a lockfile</sourceInfo><licenseDeclared>(MIT OR LicenseRef-1)</licenseDeclared><licenseConcluded>NOASSERTION</licenseConcluded>
<copyrightText>(c)
A</copyrightText><description>d</description><comment>c</comment><attributionTexts>thanks</attributionTexts>
<checksums><algorithm>SHA256</algorithm><checksumValue>AB</checksumValue></checksums>
<externalRefs><referenceCategory>PACKAGE-MANAGER</referenceCategory><referenceType>purl</referenceType><referenceLocator>pkg:npm/a@2</referenceLocator></externalRefs>
<externalRefs><referenceCategory>SECURITY</referenceCategory><referenceType>cpe23Type</referenceType><referenceLocator>cpe:2.3:a:1</referenceLocator></externalRefs>
<externalRefs><referenceCategory>SECURITY</referenceCategory><referenceType>cpe23Type</referenceType><referenceLocator>cpe:2.3:a:2</referenceLocator></externalRefs>
<externalRefs><referenceCategory>OTHER</referenceCategory><referenceType>idea</referenceType><referenceLocator>somewhere</referenceLocator><comment>why</comment></externalRefs></packages>
<files><SPDXID>SPDXRef-file</SPDXID></files>
<relationships><spdxElementId>SPDXRef-DOCUMENT</spdxElementId><relationshipType>DESCRIBES</relationshipType><relatedSpdxElement>SPDXRef-app</relatedSpdxElement></relationships>
<relationships><spdxElementId>SPDXRef-a</spdxElementId><relationshipType>DEV_DEPENDENCY_OF</relationshipType><relatedSpdxElement>SPDXRef-app</relatedSpdxElement></relationships>
<relationships><spdxElementId>SPDXRef-a</spdxElementId><relationshipType>CONTAINS</relationshipType><relatedSpdxElement>SPDXRef-file</relatedSpdxElement></relationships>
<hasExtractedLicensingInfos><licenseId>LicenseRef-1</licenseId><name>Beer-1.0</name><extractedText>Buy me
a beer</extractedText><seeAlsos>https://example.org/beer</seeAlsos></hasExtractedLicensingInfos>
</Document>"#;

const SPDX_RDF: &str = r##"<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:spdx="http://spdx.org/rdf/terms#" xmlns:rdfs="http://www.w3.org/2000/01/rdf-schema#" xmlns:doap="http://usefulinc.com/ns/doap#">
<spdx:SpdxDocument rdf:about="https://example.org/1#SPDXRef-DOCUMENT">
 <spdx:specVersion>SPDX-2.3</spdx:specVersion><spdx:name>doc</spdx:name><rdfs:comment>remarks</rdfs:comment>
 <spdx:dataLicense rdf:resource="http://spdx.org/licenses/CC0-1.0"/>
 <spdx:creationInfo><spdx:CreationInfo><spdx:created>2026-01-01T00:00:00Z</spdx:created><spdx:creator>Tool: syft-1.18.1</spdx:creator><spdx:creator>Person: Ann (ann@example.org)</spdx:creator><spdx:creator>Organization: Example</spdx:creator></spdx:CreationInfo></spdx:creationInfo>
 <spdx:hasExtractedLicensingInfo><spdx:ExtractedLicensingInfo rdf:about="https://example.org/1#LicenseRef-1"><spdx:licenseId>LicenseRef-1</spdx:licenseId><spdx:name>Beer-1.0</spdx:name><spdx:extractedText>Buy me
a beer</spdx:extractedText><rdfs:seeAlso>https://example.org/beer</rdfs:seeAlso></spdx:ExtractedLicensingInfo></spdx:hasExtractedLicensingInfo>
 <spdx:relationship><spdx:Relationship><spdx:relationshipType rdf:resource="http://spdx.org/rdf/terms#relationshipType_describes"/>
  <spdx:relatedSpdxElement><spdx:Package rdf:about="https://example.org/1#SPDXRef-app"><spdx:name>app</spdx:name><spdx:versionInfo>1.10</spdx:versionInfo>
   <spdx:primaryPackagePurpose rdf:resource="http://spdx.org/rdf/terms#purpose_application"/><spdx:downloadLocation rdf:resource="http://spdx.org/rdf/terms#noassertion"/></spdx:Package></spdx:relatedSpdxElement></spdx:Relationship></spdx:relationship>
</spdx:SpdxDocument>
<spdx:Package rdf:about="https://example.org/1#SPDXRef-a"><spdx:name>a</spdx:name><spdx:versionInfo>2</spdx:versionInfo><spdx:packageFileName>a.tgz</spdx:packageFileName>
 <spdx:supplier>Organization: Sup (s@example.org)</spdx:supplier><spdx:originator>Person: Orig</spdx:originator><spdx:downloadLocation>https://example.org/a.tgz</spdx:downloadLocation>
 <doap:homepage rdf:resource="https://example.org"/><spdx:sourceInfo>from a lockfile</spdx:sourceInfo>
 <spdx:licenseDeclared><spdx:DisjunctiveLicenseSet><spdx:member rdf:resource="http://spdx.org/licenses/MIT"/><spdx:member rdf:resource="https://example.org/1#LicenseRef-1"/></spdx:DisjunctiveLicenseSet></spdx:licenseDeclared>
 <spdx:licenseConcluded rdf:resource="http://spdx.org/rdf/terms#noassertion"/><spdx:copyrightText>(c)
A</spdx:copyrightText><spdx:description>d</spdx:description><rdfs:comment>c</rdfs:comment><spdx:attributionText>thanks</spdx:attributionText>
 <spdx:checksum><spdx:Checksum><spdx:algorithm rdf:resource="http://spdx.org/rdf/terms#checksumAlgorithm_sha256"/><spdx:checksumValue>AB</spdx:checksumValue></spdx:Checksum></spdx:checksum>
 <spdx:externalRef><spdx:ExternalRef><spdx:referenceCategory rdf:resource="http://spdx.org/rdf/terms#referenceCategory_packageManager"/><spdx:referenceType rdf:resource="http://spdx.org/rdf/references/purl"/><spdx:referenceLocator>pkg:npm/a@2</spdx:referenceLocator></spdx:ExternalRef></spdx:externalRef>
 <spdx:externalRef><spdx:ExternalRef><spdx:referenceCategory rdf:resource="http://spdx.org/rdf/terms#referenceCategory_security"/><spdx:referenceType rdf:resource="http://spdx.org/rdf/references/cpe23Type"/><spdx:referenceLocator>cpe:2.3:a:1</spdx:referenceLocator></spdx:ExternalRef></spdx:externalRef>
 <spdx:externalRef><spdx:ExternalRef><spdx:referenceCategory rdf:resource="http://spdx.org/rdf/terms#referenceCategory_security"/><spdx:referenceType rdf:resource="http://spdx.org/rdf/references/cpe23Type"/><spdx:referenceLocator>cpe:2.3:a:2</spdx:referenceLocator></spdx:ExternalRef></spdx:externalRef>
 <spdx:externalRef><spdx:ExternalRef><spdx:referenceCategory rdf:resource="http://spdx.org/rdf/terms#referenceCategory_other"/><spdx:referenceType rdf:resource="https://example.org/1#idea"/><spdx:referenceLocator>somewhere</spdx:referenceLocator><rdfs:comment>why</rdfs:comment></spdx:ExternalRef></spdx:externalRef>
 <spdx:relationship><spdx:Relationship><spdx:relationshipType rdf:resource="http://spdx.org/rdf/terms#relationshipType_devDependencyOf"/><spdx:relatedSpdxElement rdf:resource="https://example.org/1#SPDXRef-app"/></spdx:Relationship></spdx:relationship>
 <spdx:relationship><spdx:Relationship><spdx:relationshipType rdf:resource="http://spdx.org/rdf/terms#relationshipType_contains"/><spdx:relatedSpdxElement><spdx:File rdf:about="https://example.org/1#SPDXRef-file"><spdx:fileName>x</spdx:fileName></spdx:File></spdx:relatedSpdxElement></spdx:Relationship></spdx:relationship>
</spdx:Package></rdf:RDF>"##;

#[test]
fn spdx_says_the_same_in_all_its_encodings() {
    let json = contents(SPDX_JSON.as_bytes());
    assert_eq!(json.components.len(), 2);
    assert_eq!(
        json.components[0].version.as_deref(),
        Some("1.10"),
        "no number that lost its zero"
    );
    assert_eq!(json.components[1].licenses[0].text, "(MIT OR Beer-1.0)");
    for (document, format) in [
        (SPDX_TAG_VALUE, "SPDX 2.3 tag-value"),
        (SPDX_YAML, "SPDX 2.3 YAML"),
        (SPDX_XML, "SPDX 2.3 XML"),
    ] {
        let (inventory, notices) = read(document.as_bytes());
        assert_eq!(inventory.format, format);
        assert_eq!(contents(document.as_bytes()), json, "{format}");
        assert_eq!(notices, [], "{format}");
    }
    let mut rdf = contents(SPDX_RDF.as_bytes());
    // A set of licenses has no parentheses of its own.
    rdf.components[1]
        .licenses
        .clone_from(&json.components[1].licenses);
    assert_eq!(rdf, json);
}

#[test]
fn spdx_3_is_read_by_what_its_elements_say_of_each_other() {
    let (inventory, notices) = read(
        br#"{"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": [
        {"type": "CreationInfo", "@id": "_:info", "specVersion": "3.0.1", "created": "2026-01-01T00:00:00Z", "createdBy": ["urn:ann"], "createdUsing": ["urn:tool"]},
        {"type": "Person", "spdxId": "urn:ann", "name": "Ann", "externalIdentifier": [{"externalIdentifierType": "email", "identifier": "ann@example.org"}]},
        {"type": "Tool", "spdxId": "urn:tool", "name": "maker-2"},
        {"type": "SpdxDocument", "spdxId": "urn:doc", "creationInfo": "_:info", "name": "doc", "rootElement": ["urn:sbom"], "dataLicense": "https://spdx.org/licenses/CC0-1.0"},
        {"type": "software_Sbom", "spdxId": "urn:sbom", "rootElement": ["urn:app"]},
        {"type": "software_Package", "spdxId": "urn:app", "name": "app", "software_packageVersion": "1", "software_primaryPurpose": "application"},
        {"type": "software_Package", "spdxId": "urn:a", "name": "a", "software_packageVersion": "2", "software_packageUrl": "pkg:npm/a@2", "suppliedBy": "urn:ann",
         "verifiedUsing": [{"type": "Hash", "algorithm": "sha256", "hashValue": "AB"}],
         "externalIdentifier": [{"externalIdentifierType": "cpe23", "identifier": "cpe:2.3:a:1"}]},
        {"type": "software_Package", "spdxId": "urn:b", "name": "b", "software_packageVersion": "3"},
        {"type": "simplelicensing_LicenseExpression", "spdxId": "urn:mit", "simplelicensing_licenseExpression": "MIT"},
        {"type": "Relationship", "spdxId": "urn:r1", "from": "urn:app", "relationshipType": "dependsOn", "to": ["urn:a"]},
        {"type": "LifecycleScopedRelationship", "spdxId": "urn:r2", "from": "urn:app", "relationshipType": "dependsOn", "scope": "test", "to": ["urn:b", "urn:gone"]},
        {"type": "Relationship", "spdxId": "urn:r3", "from": "urn:a", "relationshipType": "hasDeclaredLicense", "to": ["urn:mit"]},
        {"type": "Relationship", "spdxId": "urn:r4", "from": "urn:a", "relationshipType": "hasConcludedLicense", "to": ["https://spdx.org/licenses/Zlib"]},
        {"type": "security_Vulnerability", "spdxId": "urn:v", "externalIdentifier": [{"externalIdentifierType": "cve", "identifier": "CVE-2024-1"}]},
        {"type": "security_VexNotAffectedVulnAssessmentRelationship", "spdxId": "urn:vex", "from": "urn:v", "to": ["urn:a"], "relationshipType": "doesNotAffect",
         "security_justificationType": "vulnerableCodeNotPresent"}]}"#,
    );
    assert_eq!(inventory.format, "SPDX 3.0.1 JSON-LD");
    assert_eq!(inventory.tools, ["maker 2"]);
    assert_eq!(
        (inventory.root, inventory.edges.as_slice()),
        (Some(0), &[(0, 1), (0, 2)][..])
    );
    let a = &inventory.components[1];
    let claims: Vec<_> = a.licenses.iter().map(|claim| claim.text.as_str()).collect();
    assert_eq!(claims, ["MIT", "Zlib"]);
    assert_eq!(
        (a.supplier.as_deref(), a.hashes.len(), a.cpe.as_deref()),
        (Some("Ann"), 1, Some("cpe:2.3:a:1"))
    );
    assert_eq!(inventory.components[2].scope, inventory::Scope::Dev);
    let statement = &inventory.vulnerabilities[0];
    assert_eq!(
        (statement.id.as_str(), statement.affects[0].component),
        ("CVE-2024-1", Some(1))
    );
    let places: Vec<_> = notices
        .iter()
        .map(|notice| format!("{} {}", notice.code, notice.place))
        .collect();
    assert_eq!(places, ["dangling_reference /@graph/10/spdxElementId"]);
}

#[test]
fn envelopes_are_opened_and_said_to_be() {
    use base64::Engine;
    let document =
        r#"{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{"name": "a", "version": "1"}]}"#;
    let statement = format!(
        r#"{{"_type": "https://in-toto.io/Statement/v1", "predicateType": "https://cyclonedx.org/bom", "subject": [], "predicate": {document}}}"#
    );
    let payload = base64::engine::general_purpose::STANDARD.encode(&statement);
    let envelope = format!(
        r#"{{"payloadType": "application/vnd.in-toto+json", "payload": "{payload}", "signatures": [{{"sig": "x"}}]}}"#
    );
    let bundle = format!(
        r#"{{"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json", "verificationMaterial": {{}}, "dsseEnvelope": {envelope}}}"#
    );
    for (text, layers) in [
        (statement.clone(), 1),
        (envelope.clone(), 2),
        (bundle, 3),
        (format!(r#"{{"sbom": {document}}}"#), 1),
        (
            format!(
                r#"{{"predicateType": "x", "predicate": {{"Data": {}}}}}"#,
                serde_json::Value::from(document)
            ),
            2,
        ),
    ] {
        let (inventory, notices) = read(text.as_bytes());
        assert_eq!(inventory.components.len(), 1, "{text}");
        let opened = notices
            .iter()
            .filter(|notice| notice.code == "envelope_opened")
            .count();
        assert_eq!(opened, layers, "{text}");
    }
    let other = r#"{"payloadType": "x", "payload": "eyJhIjogMX0=", "signatures": []}"#;
    assert!(
        refused(other).message.contains("in the envelope"),
        "{}",
        refused(other)
    );
}

#[test]
fn places_in_texts_are_lines_and_columns() {
    let xml = "<bom xmlns='http://cyclonedx.org/schema/bom/1.6'>\n<components>\n  <component type='library'><name>a</name></component>\n</components>\n<dependencies>\n<dependency ref='x'>\n<dependency ref='y'/></dependency></dependencies></bom>";
    let places: Vec<_> = read(xml.as_bytes())
        .1
        .iter()
        .map(|notice| format!("{} {}", notice.code, notice.place))
        .collect();
    assert_eq!(
        places,
        [
            "no_root /metadata/component",
            "no_version line 3, column 3",
            "dangling_reference line 6, column 1",
            "dangling_reference line 6, column 1"
        ]
    );
    let tags = "SPDXVersion: SPDX-2.3\nNonsense: x\nno tag\nPackageName: a\nSPDXID: SPDXRef-a\nRelationship: SPDXRef-a DEPENDS_ON SPDXRef-b\n";
    let places: Vec<_> = read(tags.as_bytes())
        .1
        .iter()
        .map(|notice| format!("{} {}", notice.code, notice.place))
        .collect();
    assert_eq!(
        places,
        [
            "unknown_tag line 2, column 1",
            "unknown_line line 3, column 1",
            "no_version line 4, column 1",
            "dangling_reference line 6, column 1",
            "no_root "
        ]
    );
}

#[test]
fn what_is_hostile_is_refused_with_a_place() {
    let bomb = "<!DOCTYPE bom [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>\n<bom xmlns='http://cyclonedx.org/schema/bom/1.6'><components><component><name>&b;</name></component></components></bom>";
    let error = refused(bomb);
    assert_eq!(
        (error.kind, error.place.as_str()),
        (ReadErrorKind::Malformed, "line 1, column 1")
    );
    assert!(error.message.contains("DOCTYPE"), "{error}");
    let nested = |open: &str, close: &str, depth: usize| {
        format!(
            "<bom xmlns='http://cyclonedx.org/schema/bom/1.6'>{}{}</bom>",
            open.repeat(depth),
            close.repeat(depth)
        )
    };
    let deep = nested(
        "<components><component type='library'><name>a</name>",
        "</component></components>",
        100_000,
    );
    assert_eq!(refused(&deep).kind, ReadErrorKind::TooLarge);
    let cut = nested("<components>", "", 3);
    assert!(refused(&cut).message.contains("expected"), "{}", refused(&cut));
    let yaml_bomb = format!(
        "spdxVersion: SPDX-2.3\na: &a [{}]\n{}",
        "x,".repeat(1_000),
        (0..40)
            .map(|n| {
                let before = if n == 0 {
                    "a".to_owned()
                } else {
                    format!("b{}", n - 1)
                };
                format!("b{n}: &b{n} [{}]\n", format!("*{before},").repeat(10))
            })
            .collect::<String>()
    );
    assert_eq!(refused(&yaml_bomb).kind, ReadErrorKind::TooLarge);
    let deep_yaml = format!("spdxVersion: SPDX-2.3\na: {}", "[".repeat(10_000));
    let error = refused(&deep_yaml);
    assert!(!error.place.is_empty(), "{error}");
    let open = "SPDXVersion: SPDX-2.3\nPackageName: a\nPackageCopyrightText: <text>never closed\n";
    assert_eq!(refused(open).place, "line 3, column 1");
    // Two bytes ask for a message of a kilobyte: thirty million of them are refused before any is made.
    let mut flood = wire::string(1, "1.6");
    for _ in 0..3_000_000 {
        flood.extend([0x2a, 0x00]);
    }
    let error = formats::read(&flood, &Limits::default()).unwrap_err();
    assert_eq!(error.kind, ReadErrorKind::TooLarge);
    let huge = r#"{"bomFormat": "CycloneDX", "specVersion": "1.6", "vulnerabilities": [{"id": "x", "ratings": [{"score": 1e99999}]}]}"#;
    assert!(refused(huge).place.starts_with("line 1"));
}

#[test]
fn cycles_and_missing_roots_are_noticed() {
    let (_, notices) = read(br#"{"bomFormat": "CycloneDX", "specVersion": "1.6",
        "components": [{"bom-ref": "a", "name": "a", "version": "1"}, {"bom-ref": "b", "name": "b", "version": "1"}],
        "dependencies": [{"ref": "a", "dependsOn": ["b"]}, {"ref": "b", "dependsOn": ["a"]}]}"#);
    let told: Vec<_> = notices
        .iter()
        .map(|notice| format!("{} {} {}", notice.code, notice.place, notice.text))
        .collect();
    assert_eq!(
        told,
        [
            "no_root /metadata/component the document does not name the product that it describes",
            "cycle /dependencies/1 components depend on each other: a → b → a"
        ]
    );
}

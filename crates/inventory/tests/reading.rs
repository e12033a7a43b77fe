//! What readers make of documents, told through small ones.

#![cfg(test)]

use std::io::Write;

use inventory::formats::{self, Format, Limits, ReadError, ReadErrorKind};
use inventory::{Component, ComponentKind, Inventory, Notice, Scope, Source};

fn read(text: &str) -> (Inventory, Vec<Notice>) {
    formats::read(text.as_bytes(), &Limits::default()).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn refused(bytes: &[u8]) -> ReadError {
    formats::read(bytes, &Limits::default()).expect_err("refused")
}

/// A CycloneDX document with these fields besides the head.
fn cyclonedx(fields: &str) -> String {
    format!(r#"{{"bomFormat": "CycloneDX", "specVersion": "1.6", {fields}}}"#)
}

fn spdx(fields: &str) -> String {
    format!(r#"{{"spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", {fields}}}"#)
}

/// The only component of a CycloneDX document that has `fields` besides its name.
fn component(fields: &str) -> Component {
    let (inventory, _) = read(&cyclonedx(&format!(
        r#""components": [{{"name": "a", {fields}}}]"#
    )));
    inventory.components.into_iter().next().unwrap()
}

/// Edges by references, `from>to`.
fn edges(inventory: &Inventory) -> Vec<String> {
    let name = |id: u32| &inventory.components[usize::try_from(id).unwrap()].reference;
    inventory
        .edges
        .iter()
        .map(|(from, to)| format!("{}>{}", name(*from), name(*to)))
        .collect()
}

/// Notices as `code place`.
fn codes(notices: &[Notice]) -> Vec<String> {
    notices
        .iter()
        .map(|notice| format!("{} {}", notice.code, notice.place))
        .collect()
}

#[test]
fn a_cyclonedx_document_becomes_an_inventory() {
    let (inventory, notices) = read(&cyclonedx(
        r#""serialNumber": "urn:uuid:1",
        "metadata": {"timestamp": "2026-01-01T00:00:00Z",
            "tools": {"components": [{"name": "syft", "version": "1.18.1"}]},
            "component": {"bom-ref": "app", "type": "application", "name": "app", "version": "1"}},
        "components": [
            {"bom-ref": "a", "name": "a", "version": "1", "components": [{"bom-ref": "b", "name": "b", "version": "1"}]},
            {"name": "c", "version": "1", "purl": "pkg:npm/c@1"}],
        "services": [{"bom-ref": "api", "name": "api", "services": [{"bom-ref": "inner", "name": "inner"}]}],
        "dependencies": [
            {"ref": "app", "dependsOn": ["a", "pkg:npm/c@1", "api", "inner"]},
            {"ref": "pkg:npm/c@1", "dependsOn": ["a", "a"], "provides": ["b"]},
            {"ref": "a", "dependsOn": ["pkg:npm/c@1", "a"]}],
        "compositions": [{"aggregate": "complete", "dependencies": ["app"]}]"#,
    ));
    assert_eq!(inventory.format, "CycloneDX 1.6 JSON");
    assert_eq!(inventory.serial.as_deref(), Some("urn:uuid:1"));
    assert_eq!(inventory.created.as_deref(), Some("2026-01-01T00:00:00Z"));
    assert_eq!(inventory.tools, ["syft 1.18.1"]);
    assert_eq!((inventory.root, inventory.component_count()), (Some(0), 3));
    assert_eq!(
        edges(&inventory),
        [
            "app>a",
            "app>pkg:npm/c@1",
            "a>b",
            "a>pkg:npm/c@1",
            "pkg:npm/c@1>a"
        ]
    );
    assert_eq!(
        inventory.containment,
        [(1, 2)],
        "nesting contains, it does not depend"
    );
    assert_eq!(inventory.complete, Some(true));
    assert_eq!(codes(&notices), ["cycle /dependencies/1"]);
}

#[test]
fn an_spdx_document_becomes_an_inventory() {
    let (inventory, notices) = read(&spdx(
        r#""documentNamespace": "https://example.org/1",
        "creationInfo": {"created": "2026-01-01T00:00:00Z", "creators": ["Organization: X", "Tool: npm/cli-11.19.1"]},
        "packages": [
            {"SPDXID": "SPDXRef-app", "name": "app", "versionInfo": "1"},
            {"SPDXID": "SPDXRef-a", "name": "a", "versionInfo": "1", "supplier": "Organization: Ann (ann@example.org)"},
            {"SPDXID": "SPDXRef-b", "name": "b", "versionInfo": "1"},
            {"SPDXID": "SPDXRef-c", "name": "c", "versionInfo": "1"}],
        "files": [{"SPDXID": "SPDXRef-file"}],
        "relationships": [
            {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-app"},
            {"spdxElementId": "SPDXRef-app", "relationshipType": "DEPENDS_ON", "relatedSpdxElement": "SPDXRef-a"},
            {"spdxElementId": "SPDXRef-b", "relationshipType": "DEV_DEPENDENCY_OF", "relatedSpdxElement": "SPDXRef-app"},
            {"spdxElementId": "SPDXRef-c", "relationshipType": "DEV_DEPENDENCY_OF", "relatedSpdxElement": "SPDXRef-app"},
            {"spdxElementId": "SPDXRef-c", "relationshipType": "DEPENDENCY_OF", "relatedSpdxElement": "SPDXRef-a"},
            {"spdxElementId": "SPDXRef-app", "relationshipType": "CONTAINS", "relatedSpdxElement": "SPDXRef-a"},
            {"spdxElementId": "SPDXRef-app", "relationshipType": "CONTAINS", "relatedSpdxElement": "SPDXRef-file"},
            {"spdxElementId": "SPDXRef-b", "relationshipType": "CONTAINED_BY", "relatedSpdxElement": "SPDXRef-a"},
            {"spdxElementId": "SPDXRef-app", "relationshipType": "DEPENDS_ON", "relatedSpdxElement": "NOASSERTION"},
            {"spdxElementId": "SPDXRef-a", "relationshipType": "OTHER", "relatedSpdxElement": "SPDXRef-b"}]"#,
    ));
    assert_eq!(inventory.format, "SPDX 2.3 JSON");
    assert_eq!(inventory.tools, ["npm/cli 11.19.1"]);
    assert_eq!((inventory.root, inventory.component_count()), (Some(0), 3));
    assert_eq!(inventory.edges, [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3)]);
    assert_eq!(
        inventory.containment,
        [(1, 2)],
        "what is also a dependency is one"
    );
    let scopes: Vec<_> = inventory
        .components
        .iter()
        .map(|component| component.scope)
        .collect();
    assert_eq!(
        scopes,
        [Scope::Required, Scope::Required, Scope::Dev, Scope::Required]
    );
    assert_eq!(inventory.components[1].supplier.as_deref(), Some("Ann"));
    assert_eq!(codes(&notices), [""; 0]);
}

#[test]
fn spdx_packages_are_identified_by_what_their_references_say() {
    for (reference, purl) in [
        (
            r#""PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": "pkg:npm/%40b/a@2""#,
            "pkg:npm/%40b/a@2",
        ),
        (
            r#""PACKAGE_MANAGER", "referenceType": "purl", "referenceLocator": "pkg:pypi/A_b@2""#,
            "pkg:pypi/a-b@2",
        ),
        (
            r#""PACKAGE-MANAGER", "referenceType": "npm", "referenceLocator": "http-server@0.3.0""#,
            "pkg:npm/http-server@0.3.0",
        ),
        (
            r#""PACKAGE-MANAGER", "referenceType": "npm", "referenceLocator": "@b/a@0.3.0""#,
            "pkg:npm/%40b/a@0.3.0",
        ),
        (
            r#""PACKAGE-MANAGER", "referenceType": "maven-central", "referenceLocator": "g:a:1""#,
            "pkg:maven/g/a@1",
        ),
        (
            r#""PACKAGE-MANAGER", "referenceType": "nuget", "referenceLocator": "A.B/1""#,
            "pkg:nuget/A.B@1",
        ),
    ] {
        let (inventory, _) = read(&spdx(&format!(
            r#""packages": [{{"SPDXID": "SPDXRef-a", "name": "a", "externalRefs": [
                {{"referenceCategory": "SECURITY", "referenceType": "cpe23Type", "referenceLocator": "cpe:2.3:a"}},
                {{"referenceCategory": {reference}}}]}}]"#
        )));
        let component = &inventory.components[0];
        assert_eq!(component.purl.as_ref().unwrap().to_string(), purl);
        assert_eq!(
            component.version.as_deref(),
            component.purl.as_ref().unwrap().version()
        );
        assert_eq!(component.cpe.as_deref(), Some("cpe:2.3:a"));
    }
}

#[test]
fn licenses_are_claimed_as_the_document_has_them() {
    for (licenses, expect) in [
        (
            r#"{"license": {"id": "MIT"}}, {"license": {"id": "MIT"}}"#,
            &["Declared MIT"][..],
        ),
        (
            r#"{"license": {"id": "MIT"}}, {"license": {"name": "My License"}}"#,
            &["Declared MIT", "Declared My License"],
        ),
        (
            r#"{"expression": "MIT OR Zlib", "acknowledgement": "concluded"}"#,
            &["Concluded MIT OR Zlib"],
        ),
        (
            r#"{"license": {"id": "MIT", "acknowledgement": "concluded"}}"#,
            &["Concluded MIT"],
        ),
        (
            r#"{"license": {"url": "https://example.org/license"}}"#,
            &["Declared https://example.org/license"],
        ),
        (
            r#"{"license": {"name": "NOASSERTION"}}, {"license": {}}, {}"#,
            &[],
        ),
    ] {
        let claims = component(&format!(r#""licenses": [{licenses}]"#)).licenses;
        let claims: Vec<_> = claims
            .iter()
            .map(|claim| format!("{:?} {}", claim.source, claim.text))
            .collect();
        assert_eq!(claims, expect, "{licenses}");
    }
    let (inventory, _) = read(&spdx(
        r#""packages": [{"SPDXID": "SPDXRef-a", "name": "a", "licenseDeclared": "LicenseRef-1", "licenseConcluded": "NONE"}],
        "hasExtractedLicensingInfos": [{"licenseId": "LicenseRef-1", "extractedText": "Do what you want", "name": "NOASSERTION"}]"#,
    ));
    let claims: Vec<_> = inventory.components[0]
        .licenses
        .iter()
        .map(|claim| claim.text.as_str())
        .collect();
    assert_eq!(claims, ["Do what you want"]);
}

#[test]
fn scope_comes_from_the_field_and_from_the_properties_of_tools() {
    let property =
        |name: &str, value: &str| format!(r#""properties": [{{"name": "{name}", "value": "{value}"}}]"#);
    for (fields, scope) in [
        (r#""scope": "required""#.to_owned(), Scope::Required),
        (r#""scope": "optional""#.to_owned(), Scope::Optional),
        (r#""scope": "excluded""#.to_owned(), Scope::Excluded),
        (r#""scope": "nonsense""#.to_owned(), Scope::Required),
        (property("cdx:npm:package:development", "true"), Scope::Dev),
        (property("cdx:npm:package:development", "false"), Scope::Required),
        (property("cdx:npm:package:bundled", "true"), Scope::Required),
        (property("cdx:poetry:group", "dev"), Scope::Dev),
        (property("other:package:development", "true"), Scope::Required),
        (
            format!(
                r#""scope": "optional", {}"#,
                property("cdx:npm:package:development", "true")
            ),
            Scope::Dev,
        ),
    ] {
        assert_eq!(component(&fields).scope, scope, "{fields}");
    }
}

#[test]
fn hashes_kinds_and_sources_are_read() {
    let read = component(
        r#""type": "operating-system", "purl": "pkg:cargo/a@1", "bom-ref": "git+https://example.org/a#a@1",
        "hashes": [{"alg": "SHA-256", "content": "AB12"}, {"alg": "SHA1", "content": "cd"}, {"alg": "MD5", "content": "xyz"}]"#,
    );
    assert_eq!(read.kind, ComponentKind::OperatingSystem);
    assert_eq!(
        read.source,
        Source::Git("git+https://example.org/a#a@1".to_owned())
    );
    let hashes: Vec<_> = read
        .hashes
        .iter()
        .map(|hash| format!("{} {}", hash.algorithm, hash.value))
        .collect();
    assert_eq!(hashes, ["SHA-256 ab12", "SHA-1 cd"]);
}

#[test]
fn the_same_package_twice_is_one_component() {
    let (inventory, notices) = read(&cyclonedx(
        r#""metadata": {"component": {"bom-ref": "app", "name": "app", "version": "1"}},
        "components": [
            {"bom-ref": "x", "name": "a", "version": "1", "purl": "pkg:npm/a@1", "scope": "optional", "licenses": [{"license": {"id": "MIT"}}]},
            {"bom-ref": "y", "name": "a", "version": "1", "purl": "pkg:npm/a@1", "licenses": [{"license": {"id": "Zlib"}}]},
            {"bom-ref": "z", "name": "a", "version": "2", "purl": "pkg:npm/a@2"}],
        "dependencies": [{"ref": "app", "dependsOn": ["x"]}, {"ref": "y", "dependsOn": ["z"]}]"#,
    ));
    assert_eq!(codes(&notices), ["duplicate_component /components/1"]);
    assert_eq!(edges(&inventory), ["app>x", "x>z"]);
    assert_eq!(inventory.components[1].licenses.len(), 2);
    assert_eq!(
        inventory.components[1].scope,
        Scope::Required,
        "the stronger scope counts"
    );
}

#[test]
fn a_mistake_costs_itself_and_is_named() {
    for (fields, expect) in [
        (
            r#""components": [{"name": "a", "version": "1", "purl": 7}]"#,
            "wrong_type /components/0/purl",
        ),
        (
            r#""components": [{"name": "a", "version": 1.5}]"#,
            "wrong_type /components/0/version",
        ),
        (
            r#""components": [7, {"name": "a", "version": "1"}]"#,
            "wrong_type /components/0",
        ),
        (
            r#""components": [["a"], {"name": "a", "version": "1"}]"#,
            "wrong_type /components/0",
        ),
        (
            r#""components": [{"name": "a", "version": "1", "purl": "npm/a"}]"#,
            "invalid_purl /components/0/purl",
        ),
        (
            r#""components": [{"name": "a", "version": "1", "licenses": {"id": "MIT"}}]"#,
            "wrong_type /components/0/licenses",
        ),
        (
            r#""components": [{"name": "a", "version": "1", "hashes": [{"alg": "MD5", "content": "no"}]}]"#,
            "invalid_hash /components/0/hashes/0",
        ),
        (
            r#""components": [{"name": "a", "version": "1", "components": [{"name": "b", "version": []}]}]"#,
            "wrong_type /components/0/components/0/version",
        ),
        (r#""components": [{"version": "1"}]"#, "no_name /components/0"),
        (r#""components": [{"name": "a"}]"#, "no_version /components/0"),
        (
            r#""components": [{"name": "a", "bom-ref": "a", "version": "1"}, {"name": "b", "bom-ref": "a", "version": "1"}]"#,
            "duplicate_reference /components/1",
        ),
        (
            r#""components": [{"name": "a", "version": "1"}], "dependencies": [{"ref": "q", "dependsOn": []}]"#,
            "dangling_reference /dependencies/0/ref",
        ),
        (
            r#""components": [{"name": "a", "bom-ref": "a", "version": "1"}], "dependencies": [{"ref": "a", "dependsOn": ["q", 7]}]"#,
            "dangling_reference /dependencies/0/dependsOn/0",
        ),
        (
            r#""components": [{"name": "a", "version": "1"}], "metadata": []"#,
            "wrong_type /metadata",
        ),
        (r#""components": []"#, "no_components "),
        (
            r#""components": [{"name": "a", "version": "1"}]"#,
            "no_root /metadata/component",
        ),
    ] {
        let (_, notices) = read(&cyclonedx(fields));
        assert!(
            codes(&notices).contains(&expect.to_owned()),
            "{fields}: {:?}",
            codes(&notices)
        );
    }
}

#[test]
fn null_is_absent() {
    let (inventory, notices) = read(&cyclonedx(
        r#""metadata": {"component": {"name": "app", "version": "1", "licenses": null}},
        "components": [{"name": "a", "version": "1", "purl": null, "hashes": null, "components": null}], "dependencies": null"#,
    ));
    assert_eq!((inventory.component_count(), notices), (1, vec![]));
}

#[test]
fn unknown_versions_are_read_with_a_notice() {
    for (text, format) in [
        (
            r#"{"bomFormat": "CycloneDX", "specVersion": "1.9", "components": []}"#,
            "CycloneDX 1.9 JSON",
        ),
        (r#"{"spdxVersion": "SPDX-2.9", "packages": []}"#, "SPDX 2.9 JSON"),
    ] {
        let (inventory, notices) = read(text);
        assert_eq!(inventory.format, format);
        assert!(
            notices.iter().any(|notice| notice.code == "unknown_version"),
            "{text}"
        );
    }
}

#[test]
fn a_flood_of_notices_is_counted_instead_of_written() {
    let components = vec![r#"{"name": "a"}"#; 1_000].join(",");
    let (inventory, notices) = read(&cyclonedx(&format!(r#""components": [{components}]"#)));
    assert_eq!(inventory.components.len(), 1_000);
    assert_eq!(
        notices
            .iter()
            .filter(|notice| notice.code == "no_version")
            .count(),
        101
    );
    assert!(notices.iter().any(|notice| notice.text.contains("900 more")));
}

#[test]
fn nonsense_is_refused_with_its_place() {
    use ReadErrorKind::{Malformed, NotAnSbom, UnsupportedFormat};
    let huge = cyclonedx(r#""components": [{"name": 1e999}]"#);
    for (text, kind, place) in [
        ("", NotAnSbom, ""),
        ("  \n", NotAnSbom, ""),
        ("<!DOCTYPE html><html><body>Log in</body></html>", NotAnSbom, ""),
        ("<?xml version=\"1.0\"?><project/>", NotAnSbom, ""),
        ("[]", NotAnSbom, ""),
        ("{}", NotAnSbom, ""),
        (r#"{"lockfileVersion": 3}"#, NotAnSbom, ""),
        ("name = \"a\"", NotAnSbom, ""),
        ("\u{1}\u{2}\u{3}", NotAnSbom, ""),
        ("{\"bomFormat\":\n \"CycloneDX\",", Malformed, "line 2, column 13"),
        ("\n\n{\"a\": x}", Malformed, "line 3, column 7"),
        (
            r#"{"bomFormat": "CycloneDX", "specVersion": 1.6}"#,
            Malformed,
            "/specVersion",
        ),
        (
            r#"{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": {}}"#,
            Malformed,
            "/components",
        ),
        (
            r#"{"bomFormat": "CycloneDX", "specVersion": "1.6", "dependencies": "a"}"#,
            Malformed,
            "/dependencies",
        ),
        (
            r#"{"spdxVersion": "SPDX-2.3", "packages": 7}"#,
            Malformed,
            "/packages",
        ),
        (
            r#"{"spdxVersion": "SPDX-7.0"}"#,
            UnsupportedFormat,
            "/spdxVersion",
        ),
        (huge.as_str(), Malformed, "line 1, column 78"),
        ("SPDXVersion: SPDX-1.2\n", UnsupportedFormat, "/spdxVersion"),
        ("spdxVersion: SPDX-2.3\n a: b\n", Malformed, "line 2, column 3"),
        (
            "<bom xmlns=\"http://cyclonedx.org/schema/bom/1.5\">\n<components></bom>",
            Malformed,
            "line 2, column 13",
        ),
        ("\n\u{3}1.5\u{2a}\u{7f}", Malformed, ""),
    ] {
        let error = refused(text.as_bytes());
        assert_eq!(
            (error.kind, error.place.as_str()),
            (kind, place),
            "{text}: {error}"
        );
    }
    let error = refused(b"{\"bomFormat\": \"CycloneDX\",\n \"a\": \"\xff\"}");
    assert_eq!(error.place, "line 2, column 8", "not UTF-8: {error}");
    for utf16 in [&b"\xff\xfe{\0"[..], b"\xfe\xff\0{", b"{\0\"\0", b"\0{\0\""] {
        assert!(refused(utf16).message.contains("UTF-16"));
    }
}

#[test]
fn depth_ends_in_an_error_and_never_in_a_crash() {
    let nested = |levels: usize| {
        let open = r#"{"name": "a", "version": "1", "components": ["#.repeat(levels);
        cyclonedx(&format!(r#""components": [{open}{}]"#, "]}".repeat(levels)))
    };
    assert_eq!(read(&nested(60)).0.components.len(), 60);
    let error = refused(nested(50_000).as_bytes());
    assert!(error.message.contains("deeper"), "{error}");
    for text in ["[".repeat(100_000), r#"{"a":"#.repeat(100_000)] {
        refused(text.as_bytes());
        refused(cyclonedx(&format!(r#""components": [{text}"#)).as_bytes());
        refused(cyclonedx(&format!(r#""components": [{{"name": {text}"#)).as_bytes());
        refused(cyclonedx(&format!(r#""unknown": {text}"#)).as_bytes());
    }
    let shallow = Limits {
        nesting: 3,
        ..Limits::default()
    };
    let error = formats::read(nested(10).as_bytes(), &shallow).unwrap_err();
    assert_eq!(error.kind, ReadErrorKind::TooLarge);
    assert_eq!(
        error.place,
        "/components/0/components/0/components/0/components/0"
    );
}

#[test]
fn limits_are_kept() {
    let many = cyclonedx(
        r#""components": [{"name": "a", "bom-ref": "a"}, {"name": "b", "bom-ref": "b"}],
        "dependencies": [{"ref": "a", "dependsOn": ["b", "b", "b"]}]"#,
    );
    for limits in [
        Limits {
            components: 1,
            ..Limits::default()
        },
        Limits {
            edges: 2,
            ..Limits::default()
        },
        Limits {
            inflated: 50,
            ..Limits::default()
        },
    ] {
        let error = formats::read(many.as_bytes(), &limits).unwrap_err();
        assert_eq!(error.kind, ReadErrorKind::TooLarge, "{limits:?}: {error}");
        let error = formats::read(&gzip(many.as_bytes()), &limits).unwrap_err();
        assert_eq!(error.kind, ReadErrorKind::TooLarge, "{limits:?}: {error}");
    }
    assert!(formats::read(many.as_bytes(), &Limits::default()).is_ok());
}

#[test]
fn a_bomb_of_empty_objects_is_refused_before_it_fills_the_memory() {
    let bomb = cyclonedx(&format!(r#""components": [{}{{}}]"#, "{},".repeat(5_000_000)));
    let error = refused(bomb.as_bytes());
    assert_eq!(error.kind, ReadErrorKind::TooLarge, "{error}");
}

#[test]
fn compressed_documents_and_byte_order_marks_are_seen_through() {
    let text = cyclonedx(r#""components": [{"name": "a"}]"#);
    let marked = [b"\xef\xbb\xbf", text.as_bytes()].concat();
    let zstd = zstd::encode_all(text.as_bytes(), 1).unwrap();
    for body in [
        text.clone().into_bytes(),
        marked.clone(),
        gzip(text.as_bytes()),
        gzip(&marked),
        zstd.clone(),
    ] {
        let document = formats::open(&body, &Limits::default()).unwrap();
        assert_eq!(document.format, Format::CycloneDxJson);
        assert_eq!(document.bytes(), text.as_bytes());
    }
    for whole in [gzip(text.as_bytes()), zstd] {
        let error = refused(&whole[..whole.len() / 2]);
        assert_eq!(error.kind, ReadErrorKind::Malformed, "{error}");
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

//! The three formats, what they say and what they fail to say.

use super::*;

fn read_json(document: &Value) -> Document {
    read(document.to_string().as_bytes()).unwrap()
}

fn line(statement: &Statement) -> String {
    let products: Vec<String> = statement
        .products
        .iter()
        .map(|product| {
            let parts: Vec<String> = product.subcomponents.iter().map(ProductId::label).collect();
            format!("{}[{}]", product.id.label(), parts.join(","))
        })
        .collect();
    format!(
        "{} {:?} {:?} {}",
        statement.vulnerability,
        statement.state,
        statement.justification,
        products.join(" ")
    )
}

#[test]
fn openvex_says_what_holds_and_what_it_leaves_out_is_told() {
    let document = read_json(&serde_json::json!({
        "@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://example.org/vex/1", "author": "ACME",
        "timestamp": "2026-01-02T03:04:05Z",
        "statements": [
            {"vulnerability": {"name": "CVE-2020-7598", "aliases": ["GHSA-vh95-rmgr-6w4m"]},
             "products": [{"@id": "pkg:npm/shop@1.0", "subcomponents": [{"@id": "pkg:npm/minimist@1.2.0"}]}],
             "status": "not_affected", "justification": "vulnerable_code_not_in_execute_path",
             "impact_statement": "Only our own arguments are parsed."},
            {"vulnerability": "CVE-2021-1", "products": ["pkg:npm/a"], "status": "affected", "last_updated": "2026-05-01T00:00:00Z"},
            {"vulnerability": {"name": "CVE-2021-2"}, "products": [{"@id": "pkg:npm/a"}], "status": "not_affected"},
            {"vulnerability": {"name": "CVE-2021-3"}, "status": "fixed"},
            {"vulnerability": {"name": "CVE-2021-4"}, "products": [{"@id": "x"}], "status": "maybe"},
            {"products": [{"@id": "x"}], "status": "fixed"},
            {"vulnerability": {"@id": "https://example.org/CVE-2021-5"}, "status": "fixed",
             "products": [{"@id": "internal", "identifiers": {"purl": "pkg:cargo/time@0.2.0"}}, {"@id": "https://example.org/product"}]}
        ]
    }));
    assert_eq!((document.format, document.author.as_str()), ("OpenVEX", "ACME"));
    let lines: Vec<String> = document.statements.iter().map(line).collect();
    assert_eq!(
        lines,
        [
            "CVE-2020-7598 NotAffected Some(VulnerableCodeNotInExecutePath) pkg:npm/shop@1.0[pkg:npm/minimist@1.2.0]",
            "CVE-2021-1 Affected None pkg:npm/a[]",
            "CVE-2021-5 Fixed None pkg:cargo/time@0.2.0[] https://example.org/product[]",
        ]
    );
    assert_eq!(document.statements[0].aliases, ["GHSA-vh95-rmgr-6w4m"]);
    assert_eq!(document.statements[0].at, "2026-01-02T03:04:05Z".parse().ok());
    assert_eq!(document.statements[1].at, "2026-05-01T00:00:00Z".parse().ok());
    let places: Vec<&str> = document
        .skipped
        .iter()
        .map(|skipped| skipped.place.as_str())
        .collect();
    assert_eq!(
        places,
        ["/statements/2", "/statements/3", "/statements/4", "/statements/5"]
    );
}

#[test]
fn csaf_statuses_are_read_through_the_product_tree() {
    let document = read_json(&serde_json::json!({
        "document": {"category": "csaf_vex", "csaf_version": "2.0", "publisher": {"name": "Vendor"},
                     "tracking": {"id": "V-1", "current_release_date": "2026-02-03T00:00:00Z"}},
        "product_tree": {
            "branches": [{"category": "vendor", "name": "V", "branches": [
                {"category": "product_version", "name": "4.2", "product": {
                    "product_id": "lib", "name": "lib 4.2", "product_identification_helper": {"purl": "pkg:npm/lib@4.2.0"}}},
                {"category": "product_version_range", "name": "vers:npm/>=1.0.0|<2.0.0", "product": {
                    "product_id": "old", "name": "old", "product_identification_helper": {"purl": "pkg:npm/old"}}},
                {"category": "product_name", "name": "Appliance", "product": {"product_id": "box", "name": "Appliance 9"}}]}],
            "relationships": [{"category": "default_component_of", "product_reference": "lib",
                "relates_to_product_reference": "box", "full_product_name": {"product_id": "box:lib", "name": "lib in Appliance"}}],
            "product_groups": [{"group_id": "g", "product_ids": ["lib"]}]
        },
        "vulnerabilities": [{
            "cve": "CVE-2026-1", "ids": [{"system_name": "GHSA", "text": "GHSA-aaaa-bbbb-cccc"}],
            "product_status": {"known_not_affected": ["lib", "old", "box:lib"], "fixed": ["old"], "known_affected": ["nowhere"]},
            "flags": [{"label": "component_not_present", "group_ids": ["g"]}],
            "threats": [{"category": "impact", "details": "The parser is not compiled in.", "product_ids": ["box:lib"]}]
        }]
    }));
    let lines: Vec<String> = document.statements.iter().map(line).collect();
    assert_eq!(
        lines,
        [
            "CVE-2026-1 NotAffected Some(ComponentNotPresent) pkg:npm/lib@4.2.0[]",
            "CVE-2026-1 NotAffected None Appliance 9[pkg:npm/lib@4.2.0]",
            "CVE-2026-1 Fixed None pkg:npm/old (>=1.0.0|<2.0.0)[]",
        ]
    );
    assert_eq!(document.author, "Vendor");
    let skipped: Vec<&str> = document
        .skipped
        .iter()
        .map(|skipped| skipped.place.as_str())
        .collect();
    assert_eq!(
        skipped,
        [
            "/vulnerabilities/0/product_status/known_not_affected/1",
            "/vulnerabilities/0/product_status/known_affected/0"
        ]
    );
}

#[test]
fn cyclonedx_analyses_are_about_components_here_or_behind_a_link() {
    let document = read_json(&serde_json::json!({
        "bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": {"supplier": {"name": "Vendor"}},
        "components": [{"bom-ref": "a", "name": "a", "components": [{"bom-ref": "b", "name": "b", "purl": "pkg:npm/b@1.0.0"}]}],
        "vulnerabilities": [
            {"id": "CVE-1", "analysis": {"state": "not_affected", "justification": "code_not_reachable", "detail": "Never called."},
             "affects": [{"ref": "b"}, {"ref": "urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1#pkg%3Anpm%2Fc%401.0"}]},
            {"id": "CVE-2", "references": [{"id": "GHSA-1"}], "analysis": {"state": "resolved"},
             "affects": [{"ref": "b", "versions": [{"version": "1.0.0"}, {"range": "vers:npm/<0.9", "status": "affected"}, {"version": "9", "status": "unknown"}]}]},
            {"id": "CVE-3", "affects": [{"ref": "b"}]},
            {"id": "CVE-4", "analysis": {"state": "exploitable"}},
            {"id": "CVE-5", "analysis": {"state": "exploitable"}, "affects": [{"ref": "b", "versions": [{"version": "1", "status": "unaffected"}]}]}
        ]
    }));
    let lines: Vec<String> = document.statements.iter().map(line).collect();
    assert_eq!(
        lines,
        [
            "CVE-1 NotAffected Some(VulnerableCodeNotInExecutePath) pkg:npm/b@1.0.0[] urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79#pkg:npm/c@1.0[]",
            "CVE-2 Fixed None pkg:npm/b (1.0.0)[] pkg:npm/b (<0.9)[]",
        ]
    );
    assert_eq!(document.skipped.len(), 3);
}

#[test]
fn what_is_no_vex_says_where() {
    for (text, place) in [
        ("", "line 1, column 0"),
        ("{\"a\": }", "line 1, column 7"),
        ("[]", ""),
        ("{\"bomFormat\":\"CycloneDX\"}", "/vulnerabilities"),
        ("{\"@context\":\"https://openvex.dev/ns\"}", "/statements"),
        (
            "{\"document\":{\"csaf_version\":\"1.0\"}}",
            "/document/csaf_version",
        ),
    ] {
        assert_eq!(read(text.as_bytes()).unwrap_err().place, place, "{text}");
    }
}

#[test]
fn ranges_are_intervals_with_exceptions() {
    let order = |a: &str, b: &str| Some(a.parse::<f64>().ok()?.total_cmp(&b.parse::<f64>().ok()?));
    for (range, version, expected) in [
        ("vers:npm/>=1|<2", "1.5", Some(true)),
        ("vers:npm/>=1|<2", "2", Some(false)),
        ("vers:npm/>=1|<2|>=3|<4", "3.5", Some(true)),
        ("vers:npm/>=1|<2|>=3|<4", "2.5", Some(false)),
        ("vers:npm/>=1|!=1.5|<2", "1.5", Some(false)),
        ("vers:npm/<2", "1", Some(true)),
        ("vers:npm/>2", "3", Some(true)),
        ("vers:npm/1.2|1.3", "1.3", Some(true)),
        ("vers:npm/1.2|1.3", "1.4", Some(false)),
        ("vers:npm/*", "anything", Some(true)),
        ("vers:npm/<2", "x", None),
    ] {
        let read = VersionRange::read(range).unwrap();
        assert_eq!(read.contains(version, order), expected, "{range} {version}");
    }
    assert_eq!(VersionRange::read("vers:npm/"), None);
}

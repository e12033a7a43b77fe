//! CVSS scores and bands against a reference implementation, and the severities of real records.

use advisories::{Class, Severity, match_version, rate_vector};
use serde_json::{Value, json};

use crate::data;

fn vectors() -> Value {
    data::json(&data::shared("vectors/cvss.json"))
}

#[test]
fn every_vector_scores_as_the_reference_does() {
    let document = vectors();
    let rows = document["vectors"].as_array().expect("a list of vectors");
    assert_eq!(rows.len(), 2400);
    let wrong: Vec<String> = rows.iter().filter_map(difference).collect();
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// CVSS 2 and 3 are shown with their base score, CVSS 4 with its only one.
fn difference(row: &Value) -> Option<String> {
    let (score, severity) = match row["version"].as_str() {
        Some("4.0") => ("final", "final_severity"),
        _ => ("base", "base_severity"),
    };
    let vector = row["vector"].as_str().expect("a vector");
    let expected = (
        row[score].as_f64().expect("a score"),
        row[severity].as_str().expect("a band"),
    );
    match rate_vector(vector) {
        Err(error) => Some(error.to_string()),
        Ok(rated) => {
            let band = format!("{:?}", rated.level);
            let equal = (rated.score - expected.0).abs() < 1e-9 && band == expected.1;
            (!equal).then(|| format!("{vector}: {} {band}, expected {expected:?}", rated.score))
        }
    }
}

#[test]
fn no_malformed_vector_is_rated() {
    let document = vectors();
    let rows = document["malformed"].as_array().expect("a list of vectors");
    assert_eq!(rows.len(), 60);
    let rated = |row: &&Value| rate_vector(row["vector"].as_str().expect("a vector")).is_ok();
    let wrong: Vec<&Value> = rows.iter().filter(rated).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Of 727 live RustSec vulnerabilities 348 have no vector. A mirror in this data rates 201 of these, but
/// eight of those are bundles, whose aliases join nothing, and three concern another crate of the record;
/// one bundle is joined from the other side. The rest is unknown, which is not harmless.
#[test]
fn rustsec_vulnerabilities_that_nobody_rates_stay_unknown() {
    let groups = rustsec_groups();
    assert_eq!(groups.len(), 727);
    let unknown = groups
        .iter()
        .filter(|group| group.severity.level == Severity::Unknown);
    assert_eq!(unknown.count(), 348 - (201 - 8 - 3 + 1));
    for group in &groups {
        let is_known = group.severity.level != Severity::Unknown;
        assert_eq!(group.severity.source.is_some(), is_known, "{}", group.canonical);
    }
}

/// Each live RustSec vulnerability matched where it affects: at the start of its first interval.
fn rustsec_groups() -> Vec<advisories::VulnerabilityMatch> {
    let ecosystem = ecosystems::by_name("crates.io").expect("crates.io is known");
    let mut groups = Vec::new();
    for entries in data::entries("crates.io").values() {
        for entry in entries
            .iter()
            .filter(|entry| entry.native && !entry.withdrawn && entry.class == Class::Vulnerability)
        {
            let Some(version) = first_affected(entry) else {
                continue;
            };
            let result = match_version(ecosystem, entries, Some(&version));
            groups.extend(
                result
                    .affected
                    .into_iter()
                    .filter(|group| group.ids.contains(&entry.id)),
            );
        }
    }
    groups
}

fn first_affected(entry: &advisories::Entry) -> Option<String> {
    let claim = entry.claims.first()?;
    let advisories::Range::Known(intervals) = claim.ranges.first()? else {
        return None;
    };
    let start = intervals.first()?.start.as_ref();
    Some(start.map_or_else(|| "0.0.0-0".to_owned(), |start| start.text.clone()))
}

#[test]
fn malware_is_critical_by_its_class() {
    let record = json!({
        "id": "MAL-2024-1", "modified": "2024-01-01T00:00:00Z", "summary": "Malicious code in p",
        "affected": [{"package": {"ecosystem": "npm", "name": "p"}, "versions": ["999.9.9"]}],
    });
    let record = advisories::Record::parse(record.to_string().as_bytes()).expect("a record");
    let (advisory, notes) = advisories::Advisory::compile(&record);
    assert_eq!(notes, []);
    let entries: Vec<_> = advisory
        .packages
        .into_iter()
        .map(|package| package.entry)
        .collect();
    let npm = ecosystems::by_name("npm").expect("npm is known");
    let result = match_version(npm, &entries, Some("999.9.9"));
    let [malware] = result.affected.as_slice() else {
        panic!("{result:?}")
    };
    assert_eq!(malware.class, Class::Malicious);
    assert_eq!(malware.severity.level, Severity::Critical);
    assert_eq!(malware.severity.source.as_deref(), Some("MAL-2024-1"));
    assert_eq!(match_version(npm, &entries, Some("1.0.0")).affected, []);
    let unread = match_version(npm, &entries, Some("latest"));
    assert_eq!(unread.undetermined.len(), 1, "{unread:?}");
}

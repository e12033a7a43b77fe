//! Packages of operating systems: releases, sources, and what a distribution says about a flaw.

use clock::Timestamp;
use serde_json::{Value, json};

use super::only;
use crate::{
    Advisory, Class, Entry, Installed, MatchResult, Record, Severity, Stance, match_package, tracker,
};

fn record(id: &str, affected: &Value, more: Value) -> Record {
    let mut record = json!({"id": id, "modified": "2024-01-01T00:00:00Z", "affected": affected});
    let Value::Object(more) = more else {
        panic!("more fields are an object");
    };
    for (key, value) in more {
        record[key] = value;
    }
    Record::parse(record.to_string().as_bytes()).expect("a record")
}

fn claim(ecosystem: &str, fixed: &str) -> Value {
    json!({
        "package": {"ecosystem": ecosystem, "name": "p"},
        "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": fixed}]}],
    })
}

/// The entry of the package `p`.
fn entry(record: &Record) -> Entry {
    let (advisory, _) = Advisory::compile(record);
    assert_eq!(advisory.packages.len(), 1, "one package, whatever the release");
    advisory.packages.into_iter().next().expect("a package").entry
}

fn ask(ecosystem: &str, entries: &[Entry], version: &str, release: &str) -> MatchResult {
    let installed = Installed {
        version,
        release: Some(release),
        ..Installed::default()
    };
    match_package(ecosystem, entries, &installed).expect("a package that is checked")
}

#[test]
fn each_release_is_mended_by_itself() {
    let affected = json!([
        claim("Debian:11", "1.0-1+deb11u1"),
        claim("Debian:12", "1.2-1+deb12u3")
    ]);
    let entries = [entry(&record(
        "DEBIAN-CVE-1",
        &affected,
        json!({"upstream": ["CVE-1"]}),
    ))];
    let bullseye = ask("Debian", &entries, "1.0-1", "11");
    assert_eq!(only(&bullseye).fix.version.as_deref(), Some("1.0-1+deb11u1"));
    assert_eq!(only(&bullseye).canonical, "CVE-1");
    let bookworm = ask("Debian", &entries, "1.2-1", "12");
    assert_eq!(only(&bookworm).fix.fixed_in, ["1.2-1+deb12u3"]);
    assert!(ask("Debian", &entries, "1.2-1+deb12u3", "12").affected.is_empty());
    assert!(
        ask("Debian", &entries, "0.1", "13").affected.is_empty(),
        "nothing is said about 13"
    );
}

#[test]
fn a_package_of_an_unknown_release_is_not_checked() {
    let entries = [entry(&record(
        "DEBIAN-CVE-1",
        &json!([claim("Debian:12", "2")]),
        json!({}),
    ))];
    let installed = Installed {
        version: "1",
        ..Installed::default()
    };
    assert_eq!(match_package("Debian", &entries, &installed), None);
    assert_eq!(
        match_package("Kali", &entries, &installed),
        None,
        "nor one of an unknown distribution"
    );
}

#[test]
fn the_distribution_rates_before_the_vector() {
    let vector = json!([{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}]);
    let urgency = |word: &str| {
        let mut affected = claim("Debian:12", "2");
        affected["ecosystem_specific"] = json!({"urgency": word});
        record("DEBIAN-CVE-1", &json!([affected]), json!({"severity": vector}))
    };
    for (word, level, class) in [
        ("low", Severity::Low, Class::Vulnerability),
        ("not yet assigned", Severity::Critical, Class::Vulnerability),
        ("end-of-life", Severity::Critical, Class::Vulnerability),
        ("unimportant", Severity::Low, Class::Notice),
    ] {
        let result = ask("Debian", &[entry(&urgency(word))], "1", "12");
        assert_eq!(
            (only(&result).severity.level, only(&result).class),
            (level, class),
            "{word}"
        );
    }
    let mut scores = vector.as_array().expect("scores").clone();
    scores.push(json!({"type": "Ubuntu", "score": "medium"}));
    let ubuntu = record(
        "UBUNTU-CVE-1",
        &json!([claim("Ubuntu:22.04:LTS", "2")]),
        json!({"severity": scores}),
    );
    let result = ask("Ubuntu", &[entry(&ubuntu)], "1", "22.04");
    assert_eq!(only(&result).severity.level, Severity::Medium);
    let titled = record(
        "ALSA-2024:1",
        &json!([claim("AlmaLinux:9", "2-1.el9")]),
        json!({"summary": "Important: p security update", "related": ["CVE-1", "CVE-2"]}),
    );
    let result = ask("AlmaLinux", &[entry(&titled)], "1-1.el9", "9");
    assert_eq!(only(&result).severity.level, Severity::High);
    assert_eq!(
        only(&result).upstream,
        ["CVE-1", "CVE-2"],
        "what the erratum is about"
    );
    assert_eq!(
        only(&result).ids,
        ["ALSA-2024:1"],
        "related ids are no names of it"
    );
}

#[test]
fn a_rating_for_one_release_is_not_that_of_another() {
    let mut bullseye = claim("Debian:11", "2");
    bullseye["ecosystem_specific"] = json!({"urgency": "unimportant"});
    let mut bookworm = claim("Debian:12", "2");
    bookworm["ecosystem_specific"] = json!({"urgency": "high"});
    let entries = [entry(&record(
        "DEBIAN-CVE-1",
        &json!([bullseye, bookworm]),
        json!({}),
    ))];
    assert_eq!(
        only(&ask("Debian", &entries, "1", "11")).severity.level,
        Severity::Low
    );
    assert_eq!(
        only(&ask("Debian", &entries, "1", "12")).severity.level,
        Severity::High
    );
}

#[test]
fn what_subscribers_get_is_no_fix_for_others() {
    let affected = json!([claim("Ubuntu:Pro:18.04:LTS", "1.0-1ubuntu1+esm1")]);
    let entries = [entry(&record("UBUNTU-CVE-1", &affected, json!({})))];
    let result = ask("Ubuntu", &entries, "1.0-1ubuntu1", "18.04");
    assert_eq!(only(&result).fix.version, None);
    let notes = &only(&result).evidence.notes;
    assert!(
        notes
            .iter()
            .any(|note| note.contains("subscribers") && note.contains("+esm1")),
        "{notes:?}"
    );
}

#[test]
fn a_notice_about_several_flaws_is_evidence_for_each() {
    let about = |id: &str, upstream: Value| {
        entry(&record(
            id,
            &json!([claim("Debian:12", "2")]),
            json!({"upstream": upstream}),
        ))
    };
    let cves = [
        about("DEBIAN-CVE-1", json!(["CVE-1"])),
        about("DEBIAN-CVE-2", json!(["CVE-2"])),
    ];
    let notice = about("DSA-1-1", json!(["CVE-1", "CVE-2"]));
    let result = ask(
        "Debian",
        &[cves[0].clone(), cves[1].clone(), notice.clone()],
        "1",
        "12",
    );
    let shown: Vec<_> = result
        .affected
        .iter()
        .map(|group| group.canonical.as_str())
        .collect();
    assert_eq!(shown, ["CVE-1", "CVE-2"], "one CVE is shown once");
    for group in &result.affected {
        let records: Vec<_> = group
            .evidence
            .records
            .iter()
            .map(|record| record.id.as_str())
            .collect();
        assert!(records.contains(&"DSA-1-1"), "{records:?}");
    }
    let alone = ask("Debian", &[cves[0].clone(), notice], "1", "12");
    let shown: Vec<_> = alone
        .affected
        .iter()
        .map(|group| group.canonical.as_str())
        .collect();
    assert_eq!(shown, ["CVE-1", "DSA-1-1"], "of CVE-2 nobody else speaks");
    assert_eq!(alone.affected[1].upstream, ["CVE-1", "CVE-2"]);
}

#[test]
fn builds_of_a_module_are_compared_with_builds_of_the_module() {
    let title = |module: &str| json!({"summary": format!("Important: {module} security update")});
    let affected = json!([
        claim("AlmaLinux:8", "1:14.17.5-1.module_el8.5.0+2618+8d46dafd"),
        claim("AlmaLinux:8", "1:14.17.5-1.module_el8.4.0+2522+3bd42762"),
    ]);
    let entries = [entry(&record("ALSA-2021:1", &affected, title("nodejs:14")))];
    let ask = |version: &str, module: Option<&str>| {
        let installed = Installed {
            version,
            release: Some("8"),
            module,
            source: None,
        };
        let result = match_package("AlmaLinux", &entries, &installed).expect("checked");
        !result.affected.is_empty()
    };
    assert!(ask("1:14.17.4-1.module_el8.4.0+1", Some("nodejs:14")));
    assert!(
        ask("1:14.17.4-1.module_el8.4.0+1", None),
        "the stream may be this one"
    );
    assert!(
        !ask("1:12.22.5-1.module_el8.4.0+1", Some("nodejs:12")),
        "another stream"
    );
    assert!(!ask("1:10.1-1.el8", None), "no build of a module");
    assert!(
        !ask("1:14.17.5-1.module_el8.4.0+2522+3bd42762", Some("nodejs:14")),
        "the first of the builds of one fix is mended"
    );
}

#[test]
fn the_tracker_says_more_than_versions() {
    let json = json!({"p": {"CVE-1": {"description": "A flaw.", "releases": {
        "bookworm": {"status": "open", "urgency": "not yet assigned", "nodsa": "Minor", "nodsa_reason": "ignored"},
        "bullseye": {"status": "undetermined", "urgency": "not yet assigned"},
        "trixie": {"status": "resolved", "fixed_version": "0", "urgency": "unimportant"},
        "buster": {"status": "resolved", "fixed_version": "1.1-1", "urgency": "low"},
        "hamm": {"status": "open"},
    }}}});
    let (records, remarks) =
        tracker::records(json.to_string().as_bytes(), Timestamp::from_millis(0)).expect("a tracker");
    assert_eq!(remarks.len(), 1, "a release that has no number: {remarks:?}");
    let record = Record::parse(records[0].to_string().as_bytes()).expect("a record");
    let entries = [entry(&record)];
    let stances: Vec<_> = entries[0]
        .claims
        .iter()
        .filter_map(|claim| claim.stance)
        .collect();
    assert_eq!(
        stances,
        [Stance::WontFix, Stance::UnderInvestigation, Stance::Negligible]
    );
    let open = ask("Debian", &entries, "1.0-1", "12");
    assert_eq!(
        (only(&open).class, only(&open).fix.version.as_deref()),
        (Class::Vulnerability, None)
    );
    assert_eq!(
        only(&ask("Debian", &entries, "1.0-1", "11")).class,
        Class::Notice,
        "nobody knows yet"
    );
    assert!(
        ask("Debian", &entries, "1.0-1", "13").affected.is_empty(),
        "never was affected"
    );
    assert!(!ask("Debian", &entries, "1.0-1", "10").affected.is_empty());
    assert!(ask("Debian", &entries, "1.1-1", "10").affected.is_empty());
    assert!(tracker::records(b"[]", Timestamp::from_millis(0)).is_err());
}

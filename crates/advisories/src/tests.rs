//! The rules of matching, one by one, on records of a few lines.

mod distributions;

use clock::Timestamp;
use ecosystems::{Ecosystem, Step};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{
    Advisory, Class, Entry, MatchResult, Options, Record, Severity, Subject, UndeterminedReason,
    VulnerabilityMatch, match_subject, match_version,
};

fn npm() -> &'static dyn Ecosystem {
    ecosystems::by_name("npm").expect("npm is known")
}

/// The entry of a record about the npm package `p`: one range of these events, and more fields.
fn entry(id: &str, events: &Value, more: Value) -> Entry {
    entry_of("npm", id, events, more)
}

fn entry_of(ecosystem: &str, id: &str, events: &Value, more: Value) -> Entry {
    let mut record = json!({
        "id": id, "modified": "2024-01-01T00:00:00Z", "summary": format!("about {id}"),
        "affected": [{"package": {"ecosystem": ecosystem, "name": "p"},
                      "ranges": [{"type": "ECOSYSTEM", "events": events}]}],
    });
    merge(&mut record, more);
    let record = Record::parse(record.to_string().as_bytes()).expect("a record");
    let (advisory, _) = Advisory::compile(&record);
    advisory.packages.into_iter().next().expect("one package").entry
}

fn merge(into: &mut Value, more: Value) {
    match (into, more) {
        (Value::Object(into), Value::Object(more)) => {
            for (key, value) in more {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (Value::Array(into), Value::Array(more)) if into.len() == more.len() => {
            into.iter_mut()
                .zip(more)
                .for_each(|(into, more)| merge(into, more));
        }
        (into, more) => *into = more,
    }
}

fn fixed_in(version: &str) -> Value {
    json!([{"introduced": "0"}, {"fixed": version}])
}

fn only(result: &MatchResult) -> &VulnerabilityMatch {
    let [only] = result.affected.as_slice() else {
        panic!("one group: {result:?}")
    };
    only
}

fn vector(score: &str) -> Value {
    json!({"severity": [{"type": "CVSS_V3", "score": score}]})
}

const HIGH: &str = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H";
const CRITICAL: &str = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";

#[test]
fn records_that_share_an_alias_are_one_group_whichever_way_it_points() {
    let entries = [
        entry("GHSA-a", &fixed_in("2.0.0"), json!({"aliases": ["CVE-2024-1"]})),
        entry("X-1", &fixed_in("2.0.0"), json!({"aliases": ["CVE-2024-1"]})),
        entry("X-2", &fixed_in("2.0.0"), json!({"aliases": ["X-1"]})),
        entry("X-3", &fixed_in("2.0.0"), json!({"related": ["X-1"]})),
    ];
    let result = match_version(npm(), &entries, Some("1.0.0"));
    let ids: Vec<_> = result.affected.iter().map(|group| group.ids.join(" ")).collect();
    assert_eq!(ids, ["CVE-2024-1 GHSA-a X-1 X-2", "X-3"]);
    assert_eq!(
        result.affected.first().map(|group| group.canonical.as_str()),
        Some("CVE-2024-1")
    );
}

#[test]
fn a_bundle_joins_nothing_and_a_crowd_is_taken_apart() {
    let six: Vec<String> = (1..=6).map(|n| format!("CVE-2024-{n}")).collect();
    let bundle = [
        entry("X-1", &fixed_in("2.0.0"), json!({"aliases": six})),
        entry("X-2", &fixed_in("2.0.0"), json!({"aliases": ["CVE-2024-1"]})),
    ];
    assert_eq!(match_version(npm(), &bundle, Some("1.0.0")).affected.len(), 2);

    let chain: Vec<Entry> = (0..40)
        .map(|n| {
            entry(
                &format!("X-{n:02}"),
                &fixed_in("2.0.0"),
                json!({"aliases": [format!("X-{:02}", n + 1)]}),
            )
        })
        .collect();
    let result = match_version(npm(), &chain, Some("1.0.0"));
    assert_eq!(result.affected.len(), 40);
    assert!(
        result
            .affected
            .iter()
            .all(|group| group.ids.len() == 1 && !group.evidence.notes.is_empty())
    );
}

#[test]
fn in_a_disagreement_affected_wins_and_both_are_shown() {
    let entries = [
        entry("GHSA-a", &fixed_in("2.0.0"), json!({"aliases": ["X-1"]})),
        entry("X-1", &fixed_in("1.5.0"), json!({})),
    ];
    let result = match_version(npm(), &entries, Some("1.7.0"));
    let evidence = &only(&result).evidence;
    assert!(evidence.disputed);
    assert_eq!(evidence.range, "introduced 0, fixed 2.0.0");
    let records: Vec<_> = evidence
        .records
        .iter()
        .map(|r| (r.id.as_str(), r.affected))
        .collect();
    assert_eq!(records, [("GHSA-a", true), ("X-1", false)]);
}

#[test]
fn a_withdrawn_record_matches_nothing_but_is_remembered() {
    let withdrawn = json!({"withdrawn": "2024-02-01T00:00:00Z", "aliases": ["CVE-2024-1"]});
    let native = entry("GHSA-a", &fixed_in("2.0.0"), withdrawn);
    assert_eq!(
        match_version(npm(), std::slice::from_ref(&native), Some("1.0.0")),
        MatchResult::default()
    );

    let mirror = entry("X-1", &fixed_in("2.0.0"), json!({"aliases": ["CVE-2024-1"]}));
    let result = match_version(npm(), &[native, mirror], Some("1.0.0"));
    assert!(only(&result).evidence.partially_withdrawn);
}

#[test]
fn what_cannot_be_compared_is_undetermined() {
    let entries = [entry("X-1", &fixed_in("2.0.0"), json!({}))];
    for (version, reason) in [
        (None, UndeterminedReason::NoVersion),
        (Some(""), UndeterminedReason::NoVersion),
        (Some("UNKNOWN"), UndeterminedReason::NoVersion),
        (Some("latest"), UndeterminedReason::UnparseableVersion),
    ] {
        let result = match_version(npm(), &entries, version);
        assert!(result.affected.is_empty(), "{version:?}");
        let reasons: Vec<_> = result.undetermined.iter().map(|group| group.reason).collect();
        assert_eq!(reasons, [reason], "{version:?}");
    }
    let events = json!([{"introduced": "0"}, {"fixed": "soon"}]);
    let result = match_version(npm(), &[entry("X-1", &events, json!({}))], Some("1.0.0"));
    let group = result.undetermined.first().expect("one group");
    assert_eq!(group.reason, UndeterminedReason::UnparseableEvent);
    assert_eq!(group.detail, "fixed `soon`");
}

#[test]
fn a_range_of_commits_alone_decides_nothing() {
    let git = json!({"affected": [{"ranges": [{"type": "GIT", "events": [{"introduced": "0"}]}]}]});
    let result = match_version(npm(), &[entry("X-1", &json!([]), git)], Some("1.0.0"));
    let reasons: Vec<_> = result.undetermined.iter().map(|group| group.reason).collect();
    assert_eq!(reasons, [UndeterminedReason::GitOnly]);
}

#[test]
fn the_bound_outside_the_events_counts_for_ghsa_alone_and_can_be_switched_off() {
    let bound =
        json!({"affected": [{"database_specific": {"last_known_affected_version_range": "< 0.20.2"}}]});
    let open = json!([{"introduced": "0"}]);
    let ghsa = [entry("GHSA-a", &open, bound.clone())];
    let below = match_version(npm(), &ghsa, Some("0.20.1"));
    assert_eq!(
        only(&below).evidence.notes,
        ["upper bound from database_specific: < 0.20.2"]
    );
    assert!(match_version(npm(), &ghsa, Some("0.20.2")).affected.is_empty());

    let strict = Options {
        strict_osv: true,
        ..Options::default()
    };
    let subject = Subject::new(npm(), Some("0.20.2"));
    assert_eq!(match_subject(npm(), &ghsa, &subject, &strict).affected.len(), 1);

    let foreign = [entry("X-1", &open, bound.clone())];
    assert_eq!(match_version(npm(), &foreign, Some("0.20.2")).affected.len(), 1);
    let ended = [entry("GHSA-a", &fixed_in("1.0.0"), bound)];
    assert_eq!(match_version(npm(), &ended, Some("0.20.2")).affected.len(), 1);
}

#[test]
fn a_target_filter_excludes_only_who_declares_another_target() {
    let windows = json!({"affected": [{"ecosystem_specific": {"affects": {"os": ["windows"], "functions": ["a::b"]}}}]});
    let entries = [entry("X-1", &fixed_in("2.0.0"), windows)];
    let count = |os: &[String]| {
        let options = Options {
            os,
            ..Options::default()
        };
        match_subject(npm(), &entries, &Subject::new(npm(), Some("1.0.0")), &options)
            .affected
            .len()
    };
    assert_eq!(count(&[]), 1);
    assert_eq!(count(&["linux".to_owned()]), 0);
    assert_eq!(count(&["linux".to_owned(), "windows".to_owned()]), 1);
    let result = match_version(npm(), &entries, Some("1.0.0"));
    assert_eq!(
        only(&result).evidence.notes,
        ["functions: a::b", "only on systems: windows"]
    );
}

#[test]
fn the_worst_rating_of_those_who_accuse_is_the_groups() {
    let alias = json!({"aliases": ["CVE-2024-1"]});
    let with = |id, more: Value| {
        let mut fields = alias.clone();
        merge(&mut fields, more);
        entry(id, &fixed_in("2.0.0"), fields)
    };
    let entries = [
        with("GHSA-a", vector(HIGH)),
        with("X-1", vector(CRITICAL)),
        with("X-2", vector("CVSS:3.1/AV:N")),
    ];
    let result = match_version(npm(), &entries, Some("1.0.0"));
    let group = only(&result);
    assert_eq!(group.severity.level, Severity::Critical);
    assert_eq!(group.severity.source.as_deref(), Some("X-1"));
    assert_eq!(group.vectors.len(), 2, "the malformed one is skipped by itself");
}

#[test]
fn a_rating_falls_back_to_words_and_then_to_unknown() {
    let word = json!({"database_specific": {"severity": "MODERATE"}});
    for (more, level) in [
        (word.clone(), Severity::Medium),
        (json!({}), Severity::Unknown),
        (
            json!({"database_specific": {"severity": "MODERATE"}, "severity": [{"type": "CVSS_V3", "score": HIGH}]}),
            Severity::High,
        ),
        (
            json!({"severity": [{"type": "CVSS_V3", "score": CRITICAL}], "affected": [{"severity": [{"type": "CVSS_V3", "score": HIGH}]}]}),
            Severity::High,
        ),
    ] {
        let result = match_version(
            npm(),
            &[entry("X-1", &fixed_in("2.0.0"), more.clone())],
            Some("1.0.0"),
        );
        assert_eq!(only(&result).severity.level, level, "{more}");
    }
}

#[test]
fn the_fix_is_the_least_version_that_nothing_affects() {
    let entries = [
        entry("X-1", &fixed_in("1.2.0"), json!({})),
        entry(
            "X-2",
            &json!([{"introduced": "1.2.0"}, {"fixed": "1.2.5"}]),
            json!({}),
        ),
        entry(
            "X-3",
            &json!([{"introduced": "0"}, {"fixed": "1.3.0-0"}, {"introduced": "3.0.0"}, {"fixed": "3.0.1"}]),
            json!({}),
        ),
    ];
    let result = match_version(npm(), &entries, Some("1.1.0"));
    let first = result.affected.first().expect("two groups");
    assert_eq!(first.canonical, "X-1");
    assert_eq!(first.fix.fixed_in, ["1.2.0"]);
    // 1.2.0 opens X-2, 1.2.5 is within X-3, 1.3.0-0 was never released.
    assert_eq!(first.fix.version.as_deref(), Some("3.0.1"));
    assert_eq!(first.fix.kind, Some(Step::Major));
}

#[test]
fn the_same_major_is_preferred_and_what_remains_is_named() {
    let both = json!([{"introduced": "0"}, {"fixed": "2.4.0"}, {"introduced": "3.0.0"}, {"fixed": "3.1.0"}]);
    let entries = [entry("X-1", &both, json!({}))];
    let result = match_version(npm(), &entries, Some("3.0.5"));
    assert_eq!(only(&result).fix.version.as_deref(), Some("3.1.0"));
    assert_eq!(only(&result).fix.kind, Some(Step::Minor));

    let hopeless = entry("X-2", &json!([{"introduced": "0"}]), json!({}));
    let result = match_version(npm(), &[entries[0].clone(), hopeless], Some("2.0.0"));
    let fixes: Vec<_> = result.affected.iter().map(|group| &group.fix).collect();
    assert_eq!(fixes[0].version.as_deref(), Some("2.4.0"));
    assert_eq!(fixes[0].remaining, ["X-2"]);
    assert_eq!(fixes[1].version, None);
}

#[test]
fn an_unmaintained_package_can_still_be_upgraded() {
    let orphan = json!({"affected": [{"database_specific": {"informational": "unmaintained"}}]});
    let entries = [
        entry("X-1", &fixed_in("2.0.0"), json!({})),
        entry("X-2", &json!([{"introduced": "0"}]), orphan),
    ];
    let result = match_version(npm(), &entries, Some("1.0.0"));
    let classes: Vec<_> = result.affected.iter().map(|group| group.class).collect();
    assert_eq!(classes, [Class::Vulnerability, Class::Unmaintained]);
    assert_eq!(result.affected[0].fix.version.as_deref(), Some("2.0.0"));
    assert_eq!(result.affected[0].fix.remaining, [""; 0]);
}

#[test]
fn the_worst_comes_first_whatever_the_order_of_the_entries() {
    let mut entries = vec![
        entry("X-1", &fixed_in("2.0.0"), json!({})),
        entry("X-2", &fixed_in("2.0.0"), vector(HIGH)),
        entry("X-3", &fixed_in("2.0.0"), vector(CRITICAL)),
        entry("MAL-1", &fixed_in("2.0.0"), json!({})),
    ];
    let forwards = match_version(npm(), &entries, Some("1.0.0"));
    entries.reverse();
    assert_eq!(match_version(npm(), &entries, Some("1.0.0")), forwards);
    let order: Vec<_> = forwards
        .affected
        .iter()
        .map(|group| group.canonical.as_str())
        .collect();
    assert_eq!(order, ["MAL-1", "X-3", "X-2", "X-1"]);
}

#[test]
fn several_claims_about_a_package_are_one_entry() {
    let record = json!({
        "id": "GHSA-a", "modified": "2024-01-01T00:00:00Z", "published": "2023-01-01T00:00:00Z",
        "affected": [
            {"package": {"ecosystem": "PyPI", "name": "Some.Name"}, "versions": ["1.0"]},
            {"package": {"ecosystem": "PyPI", "name": "some-name"}, "versions": ["2.0"]},
            {"package": {"ecosystem": "Debian:12", "name": "some-name"}, "versions": ["3.0"]},
            {"package": {"ecosystem": "Debian:11", "name": "some-name"}, "versions": ["2.0"]},
            {"ranges": []},
        ],
    });
    let record = Record::parse(record.to_string().as_bytes()).expect("a record");
    let (advisory, notes) = Advisory::compile(&record);
    let packages: Vec<_> = advisory
        .packages
        .iter()
        .map(|p| {
            let releases: Vec<_> = p.entry.claims.iter().map(|c| c.release.as_deref()).collect();
            (p.ecosystem.as_str(), p.name.as_str(), releases)
        })
        .collect();
    assert_eq!(
        packages,
        [
            ("PyPI", "some-name", vec![None, None]),
            ("Debian", "some-name", vec![Some("12"), Some("11")])
        ]
    );
    assert_eq!(
        notes.iter().map(|note| note.place.as_str()).collect::<Vec<_>>(),
        ["/affected/4"]
    );
    let entry = &advisory.packages[0].entry;
    assert_eq!(entry.published, Some(Timestamp::from_millis(1_672_531_200_000)));
    assert_eq!(
        &Entry::from_bytes(&entry.to_bytes()).expect("what was written"),
        entry
    );
}

fn version() -> impl Strategy<Value = String> {
    prop_oneof![
        (
            0..4u8,
            0..4u8,
            prop_oneof![Just(""), Just("-rc.1"), Just("+b"), Just("-0")]
        )
            .prop_map(|(major, minor, rest)| format!("{major}.{minor}.0{rest}")),
        Just("0".to_owned()),
        Just("*".to_owned()),
        ".{0,12}",
    ]
}

fn event() -> impl Strategy<Value = Value> {
    let kind = prop_oneof![
        Just("introduced"),
        Just("fixed"),
        Just("last_affected"),
        Just("limit")
    ];
    (kind, version()).prop_map(|(kind, version)| json!({kind: version}))
}

proptest! {
    #[test]
    fn nothing_that_is_read_can_make_it_panic(
        ecosystem in prop_oneof![Just("npm"), Just("PyPI"), Just("crates.io"), Just("Debian:12")],
        events in proptest::collection::vec(event(), 0..8),
        versions in proptest::collection::vec(version(), 0..4),
        aliases in proptest::collection::vec("[A-C]", 0..7),
        asked in proptest::option::of(version()),
    ) {
        let more = json!({"aliases": aliases, "affected": [{"versions": versions}]});
        let entries = [entry_of(ecosystem, "A", &json!(events), more.clone()), entry_of(ecosystem, "GHSA-b", &json!(events), more)];
        for entry in &entries {
            prop_assert_eq!(&Entry::from_bytes(&entry.to_bytes()).unwrap(), entry);
        }
        let by = ecosystems::by_name(ecosystem).unwrap_or_else(npm);
        let result = match_version(by, &entries, asked.as_deref());
        for group in &result.affected {
            prop_assert!(group.ids.contains(&group.canonical));
        }
    }

    #[test]
    fn foreign_bytes_are_refused_not_feared(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Record::parse(&bytes).is_err());
        prop_assert!(Entry::from_bytes(&bytes).is_err());
        prop_assert!(crate::kev::Catalogue::parse(&bytes).is_err());
    }

    /// The compiled intervals say what a plain walk over the sorted events says.
    #[test]
    fn intervals_equal_the_walk_over_events(
        points in proptest::collection::btree_map(1..9u64, 0..3u8, 0..8),
        asked in 0..10u64,
    ) {
        let name = |kind: u8| ["introduced", "fixed", "last_affected"][usize::from(kind)];
        let events: Vec<Value> = points.iter().rev().map(|(v, kind)| json!({name(*kind): format!("{v}.0.0")})).collect();
        let mut affected = false;
        for (version, kind) in &points {
            match kind {
                0 if asked >= *version => affected = true,
                1 if asked >= *version => affected = false,
                2 if asked > *version => affected = false,
                _ => {}
            }
        }
        let entries = [entry("X-1", &json!(events), json!({}))];
        let result = match_version(npm(), &entries, Some(&format!("{asked}.0.0")));
        prop_assert_eq!(result.affected.len() == 1, affected);
    }
}

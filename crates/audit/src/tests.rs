//! The audit as a whole, from inventory to report.

use std::collections::HashMap;
use std::sync::Arc;

use advisories::{MatchResult, Severity, Undetermined, UndeterminedReason};
use clock::Timestamp;
use inventory::{Component, ComponentKind, Inventory, Source};
use policy::{Action, Cause, Finding, Outcome, Policy};

use crate::{Knowledge, Report, Seen, WhyNotChecked, audit, finding_key, package_purl, sample, worst_first};

fn audited(inventory: &Inventory, knowledge: &Knowledge) -> Report {
    audit(inventory, knowledge, &Policy::default(), &[], &sample::context())
}

fn finding<'r>(report: &'r Report, canonical: &str) -> &'r Finding {
    report
        .findings
        .iter()
        .find(|finding| finding.canonical == canonical)
        .unwrap()
}

#[test]
fn a_transitive_finding_says_how_it_got_there_and_what_mends_it() {
    let report = audited(&sample::inventory(), &sample::knowledge());
    let minimist = finding(&report, "CVE-2021-44906");
    assert_eq!(minimist.aliases, ["GHSA-xvch-5gv4-984h"]);
    assert_eq!(minimist.component.direct, Some(false));
    assert_eq!(minimist.path_count, 2);
    assert_eq!(
        minimist.paths,
        [
            [
                "bcrypt@5.0.0",
                "node-pre-gyp@0.15.0",
                "rc@1.2.8",
                "minimist@1.2.0"
            ],
            [
                "bcrypt@5.0.0",
                "node-pre-gyp@0.15.0",
                "mkdirp@0.5.1",
                "minimist@1.2.0"
            ],
        ]
    );
    assert_eq!(minimist.fix.version.as_deref(), Some("1.2.6"));
    assert_eq!(minimist.fix.via.as_deref(), Some("bcrypt@5.0.0"));
    assert_eq!(minimist.epss, Some(0.021));
    assert_eq!(minimist.kev, Some(false));
    assert_eq!(finding(&report, "CVE-2023-45133").kev, Some(true));
    assert_eq!(finding(&report, "CVE-2023-45133").fix.via, None);
}

#[test]
fn the_worst_comes_first() {
    let report = audited(&sample::inventory(), &sample::knowledge());
    let order: Vec<_> = report
        .findings
        .iter()
        .map(|finding| finding.canonical.as_str())
        .collect();
    // Known exploitation outweighs the higher score.
    assert_eq!(order, ["CVE-2023-45133", "CVE-2021-44906", "CVE-2020-7598"]);
    assert!(report.findings.is_sorted_by(|a, b| worst_first(a, b).is_lt()));
}

#[test]
fn equal_inputs_give_equal_bytes() {
    let bytes = || serde_json::to_string(&audited(&sample::inventory(), &sample::knowledge())).unwrap();
    assert_eq!(bytes(), bytes());
}

#[test]
fn a_report_survives_json() {
    let report = audited(&sample::inventory(), &sample::knowledge());
    let read: Report = serde_json::from_str(&serde_json::to_string(&report).unwrap()).unwrap();
    assert_eq!(read, report);
}

#[test]
fn the_verdict_says_who_what_and_by_which_policy() {
    let report = audited(&sample::inventory(), &sample::knowledge());
    let verdict = &report.verdict;
    assert_eq!(verdict.schema, "gate/1");
    assert_eq!(verdict.project, "shop");
    assert_eq!(verdict.policy.id, "default");
    assert_eq!(verdict.policy.sha256, Policy::default().digest());
    assert_eq!(verdict.build.components, 8);
    assert_eq!(verdict.build.evaluated, 7);
    assert_eq!(verdict.build.undetermined, 0);
    assert_eq!(verdict.feeds.len(), 1);
    assert!(verdict.notices.iter().any(|notice| notice.code == "not_packages"));
}

/// One change to one component of the sample, and what its status must say.
#[test]
fn what_was_not_checked_says_why_and_counts() {
    type Change = fn(&mut Component);
    let cases: [(Change, WhyNotChecked, usize); 10] = [
        (|c| c.purl = None, WhyNotChecked::NoPurl, 1),
        (
            |c| c.purl = "pkg:deb/debian/b@1".parse().ok(),
            WhyNotChecked::ReleaseUnknown,
            1,
        ),
        (
            |c| c.purl = "pkg:generic/b@1".parse().ok(),
            WhyNotChecked::UnsupportedEcosystem,
            1,
        ),
        (
            |c| c.purl = "pkg:cargo/x@1.0.0".parse().ok(),
            WhyNotChecked::FeedNotLoaded,
            1,
        ),
        (
            |c| {
                c.version = None;
                c.purl = "pkg:npm/x".parse().ok();
            },
            WhyNotChecked::NoVersion,
            1,
        ),
        (sample::from_git, WhyNotChecked::NotFromDefaultRegistry, 1),
        (
            |c| c.source = Source::OtherRegistry("x".into()),
            WhyNotChecked::NotFromDefaultRegistry,
            1,
        ),
        (
            |c| c.source = Source::Path("./x".into()),
            WhyNotChecked::NotFromDefaultRegistry,
            0,
        ),
        (
            |c| {
                c.kind = ComponentKind::File;
                c.purl = None;
            },
            WhyNotChecked::NotAPackage,
            0,
        ),
        (
            |c| {
                c.kind = ComponentKind::Application;
                c.purl = None;
                c.cpe = Some("cpe:2.3:a:nginx:nginx:1.25.0:*:*:*:*:*:*:*".into());
            },
            WhyNotChecked::NoPurl,
            1,
        ),
    ];
    for (number, (change, why, gaps)) in cases.into_iter().enumerate() {
        let mut inventory = sample::inventory();
        change(&mut inventory.components[7]);
        let report = audited(&inventory, &sample::knowledge());
        let status = report
            .components
            .iter()
            .find(|status| status.component == 7)
            .unwrap();
        assert!(!status.checked, "case {number}");
        assert_eq!(status.why_not, Some(why), "case {number}");
        assert_eq!(report.verdict.build.undetermined, gaps, "case {number}");
        assert_eq!(report.verdict.build.evaluated, 6, "case {number}");
    }
}

#[test]
fn a_record_that_cannot_be_decided_leaves_its_component_undetermined() {
    let undetermined = MatchResult {
        undetermined: vec![Undetermined {
            canonical: "CVE-2024-1".to_owned(),
            ids: vec!["CVE-2024-1".to_owned()],
            reason: UndeterminedReason::UnparseableEvent,
            detail: "x".to_owned(),
        }],
        ..MatchResult::default()
    };
    for result in [Some(undetermined), None] {
        let mut knowledge = sample::knowledge();
        knowledge.matches.remove(&7);
        knowledge
            .matches
            .extend(result.map(|result| (7, Arc::new(result))));
        let report = audited(&sample::inventory(), &knowledge);
        let status = report
            .components
            .iter()
            .find(|status| status.component == 7)
            .unwrap();
        assert_eq!(status.why_not, Some(WhyNotChecked::Undetermined));
        assert_eq!(report.verdict.build.undetermined, 1);
    }
}

#[test]
fn the_root_is_matched_too_but_is_no_component() {
    let mut knowledge = sample::knowledge();
    let group = sample::group(&["CVE-2025-1"], Severity::Low, 2.0, "", None);
    let result = MatchResult {
        affected: vec![group],
        undetermined: Vec::new(),
    };
    knowledge.matches.insert(0, Arc::new(result));
    let report = audited(&sample::inventory(), &knowledge);
    assert_eq!(finding(&report, "CVE-2025-1").component.direct, Some(true));
    assert_eq!(report.components.len(), 8);
    assert_eq!(report.verdict.build.components, 8);
    assert_eq!(report.verdict.build.evaluated, 8);
}

#[test]
fn a_finding_keeps_its_identity_when_a_cve_is_assigned_later() {
    let mut knowledge = sample::knowledge();
    let package = package_purl(&"pkg:npm/minimist@1.2.0".parse().unwrap());
    let seen = Seen {
        id: "0193-finding".to_owned(),
        first_seen: Timestamp::from_millis(86_400_000),
        cause: Cause::ComponentAdded,
    };
    let key = finding_key(&package, "1.2.0", "GHSA-xvch-5gv4-984h");
    knowledge.seen = HashMap::from([(key, seen)]);
    let report = audited(&sample::inventory(), &knowledge);
    let known = finding(&report, "CVE-2021-44906");
    assert_eq!(known.id, "0193-finding");
    assert_eq!(known.first_seen, Some(Timestamp::from_millis(86_400_000)));
    assert_eq!(known.cause, Some(Cause::ComponentAdded));
    let fresh = finding(&report, "CVE-2020-7598");
    assert!(fresh.id.starts_with("f_") && fresh.id.len() == 26, "{}", fresh.id);
}

#[test]
fn two_architectures_of_one_package_version_share_a_finding() {
    let mut inventory = sample::inventory();
    let twin: inventory::Purl = "pkg:npm/minimist@1.2.0?arch=arm64".parse().unwrap();
    let twin = Component {
        purl: Some(twin),
        ..inventory.components[5].clone()
    };
    let id = u32::try_from(inventory.components.len()).unwrap();
    inventory.components.push(twin);
    inventory.edges.push((0, id));
    let mut knowledge = sample::knowledge();
    let same = knowledge.matches[&5].clone();
    knowledge.matches.insert(id, same);
    let report = audited(&inventory, &knowledge);
    assert_eq!(report.findings.len(), 3);
    let minimist = finding(&report, "CVE-2021-44906");
    assert_eq!(minimist.component.direct, Some(true));
    assert_eq!(minimist.path_count, 3);
    assert_eq!(minimist.paths[0], ["minimist@1.2.0"]);
    assert_eq!(minimist.fix.via, None);
}

#[test]
fn a_package_is_its_url_without_version_and_qualifiers() {
    for (purl, package) in [
        ("pkg:npm/minimist@1.2.0", "pkg:npm/minimist"),
        ("pkg:npm/%40babel/core@7.0.0", "pkg:npm/%40babel/core"),
        ("pkg:npm/%40babel/core", "pkg:npm/%40babel/core"),
        (
            "pkg:deb/debian/bash@5.1?arch=amd64&distro=debian-11",
            "pkg:deb/debian/bash",
        ),
        ("pkg:npm/a@1.0.0#lib/b", "pkg:npm/a"),
    ] {
        assert_eq!(package_purl(&purl.parse().unwrap()), package, "{purl}");
    }
}

#[test]
fn the_default_policy_fails_the_sample_and_shows_the_way_out() {
    let report = audited(&sample::inventory(), &sample::knowledge());
    assert_eq!(report.verdict.verdict, Outcome::Fail);
    assert_eq!(report.verdict.counts.critical, 2);
    let blocked: Vec<_> = report
        .verdict
        .violations
        .iter()
        .filter(|violation| violation.action == Action::Fail)
        .filter_map(|violation| Some(violation.finding.as_ref()?.canonical.as_str()))
        .collect();
    assert!(blocked.contains(&"CVE-2021-44906") && blocked.contains(&"CVE-2023-45133"));
    let steps: Vec<_> = report.upgrades.iter().map(|step| step.name.as_str()).collect();
    assert_eq!(steps, ["@babel/traverse", "minimist"]);
}

#[test]
fn a_clean_inventory_passes_until_something_in_it_cannot_be_checked() {
    let mut knowledge = sample::knowledge();
    for result in knowledge.matches.values_mut() {
        *result = Arc::default();
    }
    let clean = audited(&sample::inventory(), &knowledge);
    assert_eq!(
        clean.verdict.verdict,
        Outcome::Pass,
        "{:?}",
        clean.verdict.violations
    );

    let mut inventory = sample::inventory();
    sample::from_git(&mut inventory.components[7]);
    let report = audited(&inventory, &knowledge);
    assert_eq!(report.verdict.verdict, Outcome::Indeterminate);
}

#[test]
fn files_and_own_code_do_not_make_a_verdict_indeterminate() {
    let mut knowledge = sample::knowledge();
    for result in knowledge.matches.values_mut() {
        *result = Arc::default();
    }
    let mut inventory = sample::inventory();
    for number in 0..50 {
        inventory.components.push(Component {
            reference: format!("file-{number}"),
            kind: ComponentKind::File,
            name: format!("/usr/bin/{number}"),
            ..Component::default()
        });
    }
    inventory.components[7].source = Source::Path("packages/left-pad".to_owned());
    let report = audited(&inventory, &knowledge);
    assert_ne!(
        report.verdict.verdict,
        Outcome::Indeterminate,
        "{:?}",
        report.verdict.violations
    );
    let codes: Vec<_> = report
        .verdict
        .notices
        .iter()
        .map(|notice| notice.code.as_str())
        .collect();
    assert!(
        codes.contains(&"not_packages") && codes.contains(&"own_code"),
        "{codes:?}"
    );
}

#[test]
fn an_image_of_files_alone_is_an_empty_one() {
    let file = Component {
        kind: ComponentKind::File,
        name: "/bin/true".to_owned(),
        ..Component::default()
    };
    let inventory = Inventory {
        components: vec![file],
        ..Inventory::default()
    };
    let report = audited(&inventory, &sample::knowledge());
    assert_ne!(report.verdict.verdict, Outcome::Pass);
}

//! Waivers: what they name, how long they hold, what re-opens.

use advisories::{Class, Severity};
use policy::{Judgement, Waiver, pin_of, pin_of_license};
use serde_json::{Value, json};

use crate::world::{World, outcome, part, policy, vulnerability};

fn waiver(fields: &Value) -> Waiver {
    let mut whole = json!({"id": "w1", "status": "not_affected", "justification": "component_not_present", "reason": "We looked."});
    whole
        .as_object_mut()
        .unwrap()
        .extend(fields.as_object().unwrap().clone());
    serde_json::from_value(whole).unwrap()
}

fn waived(mut world: World, fields: &Value) -> Judgement {
    world.waivers = vec![waiver(fields)];
    world.judge(&policy("{}"))
}

#[test]
fn a_waiver_meets_what_all_its_fields_name() {
    for (fields, meets) in [
        (json!({"vulnerability": "CVE-2026-0001"}), true),
        (json!({"vulnerability": "ghsa-AAAA-bbbb-cccc"}), true),
        (json!({"vulnerability": "CVE-2026-0002"}), false),
        (
            json!({"vulnerability": "CVE-2026-0001", "purl": "pkg:npm/bad"}),
            true,
        ),
        (
            json!({"vulnerability": "CVE-2026-0001", "purl": "pkg:npm/bad@1.0.0"}),
            true,
        ),
        (
            json!({"vulnerability": "CVE-2026-0001", "purl": "pkg:npm/bad@<1.0.1"}),
            true,
        ),
        (
            json!({"vulnerability": "CVE-2026-0001", "purl": "pkg:npm/bad@>=0.9,<1"}),
            false,
        ),
        (
            json!({"vulnerability": "CVE-2026-0001", "purl": "pkg:npm/bad@2.0.0"}),
            false,
        ),
        (
            json!({"vulnerability": "CVE-2026-0001", "purl": "pkg:npm/b*"}),
            true,
        ),
        (
            json!({"vulnerability": "CVE-2026-0001", "purl": "pkg:pypi/bad"}),
            false,
        ),
        (
            json!({"vulnerability": "CVE-2026-0001", "purl": "no purl"}),
            false,
        ),
        (json!({"rule": "vulnerability.fail_at"}), true),
        (json!({"rule": "vulnerability.kev"}), false),
        (
            json!({"rule": "vulnerability.fail_at", "purl": "pkg:npm/bad@<2"}),
            true,
        ),
        (json!({"vulnerability": "CVE-2026-0001", "license": "MIT"}), false),
        (json!({"purl": "pkg:npm/bad"}), false),
        (json!({}), false),
        (
            json!({"vulnerability": "CVE-2026-0001", "projects": ["shop", "x"]}),
            true,
        ),
        (
            json!({"vulnerability": "CVE-2026-0001", "projects": ["x"]}),
            false,
        ),
        (json!({"vulnerability": "CVE-2026-0001", "refs": ["main"]}), true),
        (
            json!({"vulnerability": "CVE-2026-0001", "refs": ["release/*"]}),
            false,
        ),
        (json!({"vulnerability": "CVE-2026-0001", "refs": ["m*"]}), true),
        (json!({"vulnerability": "CVE-2026-0001", "paths": ["bad"]}), true),
        (
            json!({"vulnerability": "CVE-2026-0001", "paths": ["bad@1.0.0"]}),
            true,
        ),
        (
            json!({"vulnerability": "CVE-2026-0001", "paths": ["bad@1.0.1", "other>bad"]}),
            false,
        ),
    ] {
        let judgement = waived(World::with(vulnerability()), &fields);
        assert_eq!(
            outcome(&judgement),
            if meets { "pass" } else { "fail" },
            "{fields}"
        );
        assert_eq!(
            (judgement.counts.waived, judgement.counts.high),
            (usize::from(meets), usize::from(!meets)),
            "{fields}"
        );
        assert_eq!(judgement.waivers.applied.len(), usize::from(meets), "{fields}");
    }
}

#[test]
fn what_is_waived_stays_visible_with_its_reason() {
    let judgement = waived(
        World::with(vulnerability()),
        &json!({"vulnerability": "CVE-2026-0001", "expires_on": "2027-01-12"}),
    );
    let applied = &judgement.waivers.applied[0];
    assert_eq!(
        (applied.id.as_str(), applied.reason.as_str()),
        ("w1", "We looked.")
    );
    assert_eq!(
        (applied.finding.as_deref(), applied.expires_on.as_deref()),
        (Some("f_1"), Some("2027-01-12"))
    );
}

#[test]
fn a_waiver_holds_to_the_end_of_its_last_day() {
    for (last, verdict, expired, notice) in [
        ("2026-11-23", "fail", 1, false),
        ("2026-11-24", "pass", 0, true),
        ("2026-12-08", "pass", 0, true),
        ("2026-12-09", "pass", 0, false),
    ] {
        let fields = json!({"vulnerability": "CVE-2026-0001", "status": "accepted_risk", "expires_on": last});
        let judgement = waived(World::with(vulnerability()), &fields);
        assert_eq!(outcome(&judgement), verdict, "{last}");
        assert_eq!(
            (judgement.counts.expired_waivers, judgement.waivers.expired.len()),
            (expired, expired),
            "{last}"
        );
        assert_eq!(
            judgement.notices.iter().any(|n| n.code == "waiver_expiring"),
            notice,
            "{last}"
        );
    }
}

#[test]
fn a_waiver_that_nothing_called_for_is_reported() {
    let judgement = waived(World::new(), &json!({"vulnerability": "CVE-2026-0001"}));
    assert_eq!(judgement.waivers.unused.len(), 1);
    assert!(
        judgement
            .notices
            .iter()
            .any(|n| n.code == "waiver_unused" && n.text.starts_with("1 waiver "))
    );
    let elsewhere = waived(
        World::new(),
        &json!({"vulnerability": "CVE-2026-0001", "projects": ["other"]}),
    );
    assert!(
        elsewhere.waivers.unused.is_empty(),
        "it is not this project's to use"
    );
}

#[test]
fn a_changed_matter_re_opens() {
    let pinned = json!({"vulnerability": "CVE-2026-0001", "pins": [pin_of(&vulnerability())]});
    assert_eq!(outcome(&waived(World::with(vulnerability()), &pinned)), "pass");
    let changes: [fn(&mut policy::Finding); 4] = [
        |f| f.severity.level = Severity::Critical,
        |f| f.kev = Some(true),
        |f| f.fix.version = None,
        |f| f.class = Class::Malicious,
    ];
    for change in changes {
        let mut finding = vulnerability();
        change(&mut finding);
        let judgement = waived(World::with(finding), &pinned);
        assert_ne!(outcome(&judgement), "pass");
        assert!(
            judgement
                .notices
                .iter()
                .any(|n| n.code == "waiver_stale" && n.text.contains("w1"))
        );
    }
    let mut newer = vulnerability();
    newer.fix.version = Some("1.0.2".to_owned());
    assert_eq!(
        outcome(&waived(World::with(newer), &pinned)),
        "pass",
        "another fix is still a fix"
    );
}

#[test]
fn a_path_that_nobody_looked_at_re_opens() {
    let paths = json!({"vulnerability": "CVE-2026-0001", "paths": ["bad", "app > bad"]});
    for (actual, count, verdict) in [
        (vec![vec!["bad@1.0.0"]], 1, "pass"),
        (vec![vec!["bad@1.0.0"], vec!["app@2.0.0", "bad@1.0.0"]], 2, "pass"),
        (
            vec![vec!["bad@1.0.0"], vec!["@acme/app@2.0.0", "bad@1.0.0"]],
            2,
            "fail",
        ),
        (vec![vec!["bad@1.0.0"]], 2, "fail"),
    ] {
        let mut finding = vulnerability();
        finding.paths = actual
            .iter()
            .map(|path| path.iter().map(ToString::to_string).collect())
            .collect();
        finding.path_count = count;
        assert_eq!(
            outcome(&waived(World::with(finding), &paths)),
            verdict,
            "{actual:?} of {count}"
        );
    }
}

#[test]
fn malware_is_waived_by_its_id_or_not_at_all() {
    for (fields, verdict) in [
        (json!({"rule": "malicious"}), "fail"),
        (json!({"rule": "malicious", "purl": "pkg:npm/bad"}), "fail"),
        (json!({"vulnerability": "CVE-2026-0001"}), "pass"),
    ] {
        let mut finding = vulnerability();
        finding.class = Class::Malicious;
        assert_eq!(
            outcome(&waived(World::with(finding), &fields)),
            verdict,
            "{fields}"
        );
    }
}

#[test]
fn licenses_are_waived_by_expression_and_package() {
    for (fields, verdict) in [
        (json!({"license": "AGPL-3.0"}), "pass"),
        (json!({"license": "AGPL-3.0-only", "purl": "pkg:npm/lib"}), "pass"),
        (json!({"license": "AGPL-3.0-or-later"}), "fail"),
        (json!({"rule": "license.deny", "purl": "pkg:npm/lib@<1"}), "fail"),
        (
            json!({"rule": "license.deny", "pins": [pin_of_license("AGPL-3.0-only")]}),
            "pass",
        ),
        (
            json!({"rule": "license.deny", "pins": [pin_of_license("GPL-3.0-only")]}),
            "fail",
        ),
    ] {
        let judgement = waived(World::of(part("lib", &["AGPL-3.0-only"])), &fields);
        assert_eq!(outcome(&judgement), verdict, "{fields}");
        let expected = (verdict == "pass").then_some("pkg:npm/lib@1.0.0");
        assert_eq!(
            judgement.waivers.applied.first().and_then(|a| a.purl.as_deref()),
            expected,
            "{fields}"
        );
    }
    let mut nameless = part("lib", &["AGPL-3.0-only"]);
    nameless.purl = None;
    let fields = json!({"license": "AGPL-3.0-only", "purl": "pkg:npm/*"});
    assert_eq!(
        outcome(&waived(World::of(nameless), &fields)),
        "fail",
        "no purl, no waiver that names one"
    );
}

#[test]
fn not_knowing_enough_cannot_be_waived() {
    let mut world = World::new();
    world.complete = Some(false);
    assert_eq!(
        outcome(&waived(world, &json!({"rule": "meta.incomplete_sbom"}))),
        "indeterminate"
    );
}

#[test]
fn a_waiver_is_checked_before_it_is_kept() {
    let now = crate::world::now();
    for (fields, place) in [
        (json!({"vulnerability": "CVE-1", "purl": "pkg:npm/x@<2"}), None),
        (
            json!({"vulnerability": "CVE-1", "status": "accepted_risk", "expires_on": "2026-11-24"}),
            None,
        ),
        (
            json!({"vulnerability": "CVE-1", "status": "accepted_risk", "expires_on": "2027-02-22"}),
            None,
        ),
        (
            json!({"vulnerability": "CVE-1", "status": "accepted_risk", "expires_on": "2027-02-23"}),
            Some("/expires_on"),
        ),
        (
            json!({"vulnerability": "CVE-1", "status": "accepted_risk", "expires_on": "2026-11-23"}),
            Some("/expires_on"),
        ),
        (
            json!({"vulnerability": "CVE-1", "status": "fix_pending"}),
            Some("/expires_on"),
        ),
        (
            json!({"vulnerability": "CVE-1", "justification": null}),
            Some("/justification"),
        ),
        (json!({"vulnerability": "CVE-1", "reason": "  "}), Some("/reason")),
        (json!({"purl": "pkg:npm/x"}), Some("")),
        (json!({"vulnerability": "CVE-1", "purl": "npm/x"}), Some("/purl")),
        (
            json!({"vulnerability": "CVE-1", "purl": "pkg:npm/x@^1"}),
            Some("/purl"),
        ),
        (json!({"license": "Strange"}), Some("/license")),
    ] {
        let problems = waiver(&fields).check(now, 90);
        assert_eq!(
            problems.first().map(|problem| problem.place.as_str()),
            place,
            "{fields}: {problems:?}"
        );
    }
    for text in [
        r#"{"status":"wontfix","reason":"x"}"#,
        r#"{"status":"fix_pending","reason":"x","expires_on":"soon"}"#,
    ] {
        assert!(serde_json::from_str::<Waiver>(text).is_err(), "{text}");
    }
}

#[test]
fn where_four_eyes_are_asked_for_the_second_pair_must_be_anothers() {
    let four_eyes = policy(r#"{"waivers":{"four_eyes":true}}"#);
    for (requested, approved, holds) in [
        (json!("a"), json!("b"), true),
        (json!("a"), json!("a"), false),
        (json!("a"), Value::Null, false),
        (Value::Null, Value::Null, false),
    ] {
        let mut world = World::with(vulnerability());
        world.waivers = vec![waiver(
            &json!({"vulnerability": "CVE-2026-0001", "requested_by": requested, "approved_by": approved}),
        )];
        let judgement = world.judge(&four_eyes);
        assert_eq!(
            judgement.waivers.applied.len(),
            usize::from(holds),
            "{requested} {approved}"
        );
        assert_eq!(judgement.waivers.unapproved.len(), usize::from(!holds));
        assert_eq!(judgement.waivers.unused.len(), 0);
        assert_eq!(outcome(&judgement), if holds { "pass" } else { "fail" });
        assert_eq!(
            world.judge(&policy("{}")).waivers.applied.len(),
            1,
            "the knob is off"
        );
    }
}

#[test]
fn a_finding_says_what_was_decided_about_it() {
    let fields =
        json!({"vulnerability": "CVE-2026-0001", "expires_on": "2026-12-01", "status": "accepted_risk"});
    let judgement = waived(World::with(vulnerability()), &fields);
    let decision = &judgement.decisions["f_1"];
    assert_eq!(decision.state, policy::DecisionState::AcceptedRisk);
    assert_eq!(decision.source, "waiver:w1");
    assert_eq!(
        decision.until.map(|day| day.to_string()).as_deref(),
        Some("2026-12-01")
    );
    assert_eq!(
        judgement.waivers.applied[0].status,
        Some(policy::WaiverStatus::AcceptedRisk)
    );
}

//! Every knob about findings.

use advisories::{Class, Severity};
use inventory::Scope;
use policy::{Baseline, Finding};

use crate::world::{World, now, outcome, policy, rulings, vulnerability};

/// One finding, one policy: the rules that match, and the outcome.
fn check(name: &str, json: &str, spoil: impl Fn(&mut Finding), expect: &[&str], verdict: &str) {
    let mut finding = vulnerability();
    spoil(&mut finding);
    let judgement = World::with(finding).judge(&policy(json));
    assert_eq!(rulings(&judgement), expect, "{name}: {json}");
    assert_eq!(outcome(&judgement), verdict, "{name}: {json}");
}

/// A `vulnerability` section, how the finding is spoiled, and the rules that match.
type Row<'a> = (&'a str, &'a dyn Fn(&mut Finding), &'a [&'a str]);

fn rated(level: Severity) -> impl Fn(&mut Finding) {
    move |finding| {
        finding.severity.level = level;
        finding.severity.score = None;
    }
}

#[test]
fn the_default_policy_fails_what_is_serious_and_can_be_fixed() {
    const FAIL: &[&str] = &["vulnerability.fail_at fail"];
    const WARN: &[&str] = &["vulnerability.warn_at warn"];
    for (level, expect, verdict) in [
        (Severity::Critical, FAIL, "fail"),
        (Severity::High, FAIL, "fail"),
        (Severity::Medium, WARN, "warn"),
        (Severity::Low, WARN, "warn"),
        (Severity::None, &[][..], "pass"),
        (
            Severity::Unknown,
            &["vulnerability.unknown_severity warn"],
            "warn",
        ),
    ] {
        check("with a fix", "{}", rated(level), expect, verdict);
        let fixless = |finding: &mut Finding| {
            rated(level)(finding);
            finding.fix.version = None;
        };
        let softened: &[&str] = if expect == FAIL {
            &["vulnerability.only_fixable warn"]
        } else {
            expect
        };
        check(
            "without",
            "{}",
            fixless,
            softened,
            if verdict == "fail" { "warn" } else { verdict },
        );
    }
}

#[test]
fn limits_of_severity() {
    let unfixable = |finding: &mut Finding| finding.fix.version = None;
    let medium = rated(Severity::Medium);
    let unrated = rated(Severity::Unknown);
    let rows: &[Row<'_>] = &[
        (
            r#"{"fail_at":"critical"}"#,
            &|_| {},
            &["vulnerability.warn_at warn"],
        ),
        (r#"{"fail_at":"high"}"#, &|_| {}, &["vulnerability.fail_at fail"]),
        (r#"{"fail_at":"never"}"#, &|_| {}, &["vulnerability.warn_at warn"]),
        (r#"{"fail_at":"never","warn_at":"never"}"#, &|_| {}, &[]),
        (r#"{"fail_at":"low"}"#, &medium, &["vulnerability.fail_at fail"]),
        (r#"{"warn_at":"high"}"#, &medium, &[]),
        (
            r#"{"only_fixable":false}"#,
            &unfixable,
            &["vulnerability.fail_at fail"],
        ),
        (
            r#"{"unknown_severity":"as_high"}"#,
            &unrated,
            &["vulnerability.fail_at fail"],
        ),
        (
            r#"{"unknown_severity":"as_critical","fail_at":"critical"}"#,
            &unrated,
            &["vulnerability.fail_at fail"],
        ),
        (
            r#"{"unknown_severity":"as_medium"}"#,
            &unrated,
            &["vulnerability.warn_at warn"],
        ),
        (
            r#"{"unknown_severity":"as_low","warn_at":"medium"}"#,
            &unrated,
            &[],
        ),
        (
            r#"{"unknown_severity":"fail"}"#,
            &unrated,
            &["vulnerability.unknown_severity fail"],
        ),
        (r#"{"unknown_severity":"ignore"}"#, &unrated, &[]),
    ];
    for (section, spoil, expect) in rows {
        let verdict = expect
            .first()
            .map_or("pass", |rule| rule.rsplit(' ').next().unwrap());
        check(
            "severity",
            &format!(r#"{{"vulnerability":{section}}}"#),
            spoil,
            expect,
            verdict,
        );
    }
}

#[test]
fn exploitation_outweighs_severity_and_fix() {
    let exploited = |finding: &mut Finding| {
        rated(Severity::Low)(finding);
        finding.kev = Some(true);
        finding.fix.version = None;
    };
    let likely = |finding: &mut Finding| {
        rated(Severity::Low)(finding);
        finding.epss = Some(0.5);
    };
    let likely_without_fix = |finding: &mut Finding| {
        likely(finding);
        finding.fix.version = None;
    };
    let unknown = |finding: &mut Finding| {
        rated(Severity::Low)(finding);
        finding.epss = None;
    };
    let rows: &[Row<'_>] = &[
        ("{}", &exploited, &["vulnerability.kev fail"]),
        (r#"{"kev":"warn"}"#, &exploited, &["vulnerability.kev warn"]),
        (r#"{"kev":"ignore"}"#, &exploited, &["vulnerability.warn_at warn"]),
        (r#"{"min_epss":0.5}"#, &likely, &["vulnerability.min_epss fail"]),
        (r#"{"min_epss":0.51}"#, &likely, &["vulnerability.warn_at warn"]),
        (
            r#"{"min_epss":0.5}"#,
            &likely_without_fix,
            &["vulnerability.only_fixable warn"],
        ),
        (r#"{"min_epss":0.0}"#, &unknown, &["vulnerability.warn_at warn"]),
    ];
    for (section, spoil, expect) in rows {
        let verdict = if expect[0].ends_with("fail") {
            "fail"
        } else {
            "warn"
        };
        check(
            "exploitation",
            &format!(r#"{{"vulnerability":{section}}}"#),
            spoil,
            expect,
            verdict,
        );
    }
}

#[test]
fn scope_and_relationship_decide_what_is_judged_at_all() {
    let prod = r#"["prod"]"#;
    let both = r#"["prod","dev"]"#;
    for (scope, list, judged) in [
        (Scope::Required, prod, true),
        (Scope::Optional, prod, true),
        (Scope::Dev, prod, false),
        (Scope::Excluded, prod, false),
        (Scope::Dev, both, true),
        (Scope::Excluded, r#"["dev"]"#, true),
        (Scope::Required, r#"["dev"]"#, false),
    ] {
        let json = format!(r#"{{"vulnerability":{{"scope":{list}}}}}"#);
        let expect: &[&str] = if judged {
            &["vulnerability.fail_at fail"]
        } else {
            &[]
        };
        check(
            "scope",
            &json,
            |f| f.component.scope = scope,
            expect,
            if judged { "fail" } else { "pass" },
        );
    }
    for (direct, list, judged) in [
        (Some(true), "direct", true),
        (Some(true), "transitive", false),
        (Some(false), "direct", false),
        (Some(false), "transitive", true),
        (None, "direct", true),
        (None, "transitive", true),
    ] {
        let json = format!(r#"{{"vulnerability":{{"relationship":["{list}"]}}}}"#);
        let expect: &[&str] = if judged {
            &["vulnerability.fail_at fail"]
        } else {
            &[]
        };
        check(
            "relationship",
            &json,
            |f| f.component.direct = direct,
            expect,
            if judged { "fail" } else { "pass" },
        );
    }
}

#[test]
fn what_is_not_judged_is_still_counted() {
    let mut finding = vulnerability();
    finding.component.scope = Scope::Dev;
    let judgement = World::with(finding).judge(&policy("{}"));
    assert_eq!((judgement.counts.high, judgement.violations.len()), (1, 0));
}

#[test]
fn malware_fails_everywhere_and_at_any_severity() {
    let malware = |finding: &mut Finding| {
        finding.class = Class::Malicious;
        finding.component.scope = Scope::Dev;
        finding.severity.level = Severity::Unknown;
        finding.fix.version = None;
    };
    check("default", "{}", malware, &["malicious fail"], "fail");
    check(
        "softened",
        r#"{"malicious":{"action":"warn"}}"#,
        malware,
        &["malicious warn"],
        "warn",
    );
}

#[test]
fn statements_about_packages_have_their_own_scopes() {
    for (class, section, direct, expect) in [
        (Class::Unmaintained, "{}", Some(false), Some("unmaintained warn")),
        (
            Class::Unmaintained,
            r#"{"unmaintained":"direct"}"#,
            Some(false),
            None,
        ),
        (
            Class::Unmaintained,
            r#"{"unmaintained":"direct"}"#,
            None,
            Some("unmaintained warn"),
        ),
        (
            Class::Unmaintained,
            r#"{"unmaintained":"none"}"#,
            Some(true),
            None,
        ),
        (
            Class::Unmaintained,
            r#"{"unmaintained":{"relationship":"transitive","action":"fail"}}"#,
            Some(false),
            Some("unmaintained fail"),
        ),
        (Class::Unsound, "{}", Some(true), Some("unsound warn")),
        (Class::Unsound, "{}", Some(false), None),
        (
            Class::Unsound,
            r#"{"unsound":"all"}"#,
            Some(false),
            Some("unsound warn"),
        ),
        (Class::Notice, "{}", Some(true), None),
        (
            Class::Notice,
            r#"{"notice":"all"}"#,
            Some(true),
            Some("notice warn"),
        ),
    ] {
        let expected: Vec<&str> = expect.into_iter().collect();
        let verdict = expect.map_or("pass", |rule| rule.rsplit(' ').next().unwrap());
        let spoil = |finding: &mut Finding| {
            finding.class = class;
            finding.component.direct = direct;
        };
        check("statement", section, spoil, &expected, verdict);
    }
}

#[test]
fn grace_runs_from_the_first_sight_and_ends_when_due() {
    let json = r#"{"vulnerability":{"grace_days":{"high":30,"critical":7}}}"#;
    for (level, days_ago, rule, due) in [
        (
            Severity::High,
            Some(10),
            "vulnerability.grace_days warn",
            Some(20),
        ),
        (Severity::High, Some(30), "vulnerability.fail_at fail", Some(0)),
        (Severity::High, Some(31), "vulnerability.fail_at fail", Some(-1)),
        (
            Severity::Critical,
            Some(10),
            "vulnerability.fail_at fail",
            Some(-3),
        ),
        (
            Severity::Critical,
            Some(6),
            "vulnerability.grace_days warn",
            Some(1),
        ),
        (Severity::High, None, "vulnerability.fail_at fail", None),
        (Severity::Medium, Some(10), "vulnerability.warn_at warn", None),
    ] {
        let mut finding = vulnerability();
        finding.severity.level = level;
        finding.first_seen = days_ago.map(|days| now().plus_days(-days));
        let judgement = World::with(finding).judge(&policy(json));
        assert_eq!(
            rulings(&judgement),
            [rule],
            "{level:?} seen {days_ago:?} days ago"
        );
        let due = due.map(|days| now().plus_days(days));
        assert_eq!(
            judgement.due.get("f_1").copied(),
            due,
            "{level:?} seen {days_ago:?} days ago"
        );
        assert_eq!(judgement.violations[0].finding.as_ref().unwrap().due, due);
    }
    let mut exploited = vulnerability();
    exploited.kev = Some(true);
    let judgement = World::with(exploited).judge(&policy(json));
    assert_eq!(
        rulings(&judgement),
        ["vulnerability.kev fail"],
        "exploitation knows no grace"
    );
}

#[test]
fn a_baseline_excuses_what_was_there_under_any_of_its_ids() {
    let json = r#"{"vulnerability":{"only_new":true}}"#;
    for (baseline, expect, new) in [
        (Some(("CVE-2026-0001", "bad")), "vulnerability.only_new warn", 0),
        (
            Some(("GHSA-aaaa-bbbb-cccc", "bad")),
            "vulnerability.only_new warn",
            0,
        ),
        (Some(("CVE-2026-0001", "other")), "vulnerability.fail_at fail", 1),
        (Some(("CVE-2026-0002", "bad")), "vulnerability.fail_at fail", 1),
        (None, "vulnerability.fail_at fail", 0),
    ] {
        let mut world = World::with(vulnerability());
        world.baseline = baseline.map(|(id, name)| {
            let mut baseline = Baseline::default();
            baseline.add(id, name, "0.9.0");
            baseline
        });
        let judgement = world.judge(&policy(json));
        assert_eq!(rulings(&judgement), [expect], "{baseline:?}");
        assert_eq!(judgement.counts.new, new, "{baseline:?}");
        assert_eq!(
            judgement.notices.iter().any(|n| n.code == "no_baseline"),
            baseline.is_none()
        );
        assert_eq!(
            rulings(&world.judge(&policy("{}"))),
            ["vulnerability.fail_at fail"],
            "the knob is off"
        );
    }
}

#[test]
fn without_the_catalogue_of_exploited_ones_a_pass_would_be_a_guess() {
    for (level, kev, expect) in [
        (Severity::High, "fail", &["vulnerability.fail_at fail"][..]),
        (
            Severity::Low,
            "fail",
            &["vulnerability.warn_at warn", "meta.kev_missing warn"],
        ),
        (Severity::None, "fail", &["meta.kev_missing warn"]),
        (Severity::None, "ignore", &[]),
    ] {
        let mut world = World::with(vulnerability());
        world.kev_loaded = false;
        world.findings[0].kev = None;
        world.findings[0].severity.level = level;
        let judgement = world.judge(&policy(&format!(r#"{{"vulnerability":{{"kev":"{kev}"}}}}"#)));
        assert_eq!(rulings(&judgement), expect, "{level:?} {kev}");
    }
}

#[test]
fn reasons_say_what_and_how_much() {
    let judgement = World::with(vulnerability()).judge(&policy("{}"));
    assert_eq!(
        judgement.violations[0].reason,
        "CVE-2026-0001 in bad 1.0.0 is high (7.5), at or above the limit `high`, and 1.0.1 fixes it."
    );
}

#[test]
fn one_more_version_with_the_same_vulnerability_is_new_and_a_bump_is_not() {
    let finding = |id: &str, version: &str| {
        let mut finding = vulnerability();
        finding.id = id.to_owned();
        finding.component.version = version.to_owned();
        finding.component.purl = format!("pkg:npm/bad@{version}");
        finding
    };
    for (before, now, new) in [
        (vec!["1.0.0"], vec!["1.0.0"], vec![]),
        (vec!["1.0.0"], vec!["1.0.1"], vec![]),
        (vec!["1.0.0"], vec!["1.0.0", "2.0.0"], vec!["2.0.0"]),
        (vec!["1.0.0"], vec!["1.10.0", "1.9.0"], vec!["1.10.0"]),
        (vec!["1.0.0", "2.0.0"], vec!["3.0.0"], vec![]),
        (vec![], vec!["1.0.0", "2.0.0"], vec!["1.0.0", "2.0.0"]),
    ] {
        let findings: Vec<_> = now.iter().map(|version| finding(version, version)).collect();
        let earlier: Vec<_> = before.iter().map(|version| finding(version, version)).collect();
        let mut found: Vec<String> = earlier
            .iter()
            .collect::<Baseline>()
            .new_ones(&findings)
            .into_iter()
            .collect();
        found.sort();
        assert_eq!(found, new, "{before:?} {now:?}");
        let world = World {
            findings,
            baseline: Some(earlier.iter().collect()),
            ..World::new()
        };
        let judgement = world.judge(&policy(r#"{"vulnerability":{"only_new":true}}"#));
        assert_eq!(judgement.counts.new, new.len());
        assert_eq!(
            judgement.outcome,
            if new.is_empty() {
                policy::Outcome::Warn
            } else {
                policy::Outcome::Fail
            }
        );
    }
}

#[test]
fn a_verdict_says_whether_the_code_or_an_advisory_changed() {
    use policy::Cause::{AdvisoryChanged, AdvisoryPublished, ComponentAdded, DecisionEnded, FirstScan};
    for (causes, expected) in [
        (
            vec![AdvisoryPublished, AdvisoryChanged],
            Some("2 new findings: your code did not change, an advisory did."),
        ),
        (
            vec![ComponentAdded],
            Some("1 new finding came with components that changed."),
        ),
        (
            vec![DecisionEnded],
            Some("1 finding opened because a decision about it ended."),
        ),
        (vec![FirstScan], None),
        (
            vec![AdvisoryPublished, ComponentAdded],
            Some(
                "2 new findings: 1 because an advisory changed and your code did not, 1 with components that changed, 0 because a decision ended.",
            ),
        ),
    ] {
        let findings = causes.iter().enumerate().map(|(index, cause)| Finding {
            id: format!("f_{index}"),
            canonical: format!("CVE-2026-{index}"),
            aliases: Vec::new(),
            first_seen: Some(now()),
            cause: Some(*cause),
            ..vulnerability()
        });
        let world = World {
            findings: findings.collect(),
            ..World::new()
        };
        let judgement = world.judge(&policy("{}"));
        let notice = judgement
            .notices
            .iter()
            .find(|notice| notice.code == "new_findings");
        assert_eq!(notice.map(|notice| notice.text.as_str()), expected);
    }
}

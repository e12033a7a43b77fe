//! When a verdict would rest on sand.

use crate::world::{Part, World, feed, outcome, part, policy, rulings, vulnerability};

fn check(section: &str, spoil: impl Fn(&mut World), expect: &[&str], verdict: &str) {
    let mut world = World::new();
    spoil(&mut world);
    let judgement = world.judge(&policy(&format!(r#"{{"meta":{section}}}"#)));
    assert_eq!(rulings(&judgement), expect, "{section}");
    assert_eq!(outcome(&judgement), verdict, "{section}");
}

#[test]
fn old_feeds_warn_and_then_prove_nothing() {
    for (age, expect, verdict) in [
        (Some(48), &[][..], "pass"),
        (Some(49), &["meta.max_feed_age_hours warn"], "warn"),
        (Some(120), &["meta.max_feed_age_hours warn"], "warn"),
        (
            Some(121),
            &["meta.feed_expiry_hours indeterminate"],
            "indeterminate",
        ),
        (None, &["meta.feed_missing indeterminate"], "indeterminate"),
    ] {
        check(
            "{}",
            |world| world.feeds.push(feed("RustSec", age)),
            expect,
            verdict,
        );
    }
    let tight = r#"{"max_feed_age_hours":1,"feed_expiry_hours":2}"#;
    check(
        tight,
        |w| w.feeds[0] = feed("npm", Some(3)),
        &["meta.feed_expiry_hours indeterminate"],
        "indeterminate",
    );
    check(
        "{}",
        |world| world.feeds.clear(),
        &["meta.feed_missing indeterminate"],
        "indeterminate",
    );
}

#[test]
fn components_that_were_not_checked_are_no_clean_ones() {
    let unchecked = |why| {
        move |world: &mut World| {
            world.parts.push(Part {
                why_not: Some(why),
                ..part("odd", &["MIT"])
            });
        }
    };
    for why in [
        "unsupported_ecosystem",
        "no_version",
        "no_purl",
        "not_from_default_registry",
        "undetermined",
    ] {
        check(
            "{}",
            unchecked(why),
            &["meta.max_undetermined indeterminate"],
            "indeterminate",
        );
        check(r#"{"max_undetermined":1}"#, unchecked(why), &[], "pass");
    }
    let missing = &["meta.feed_missing indeterminate"][..];
    check(
        r#"{"max_undetermined":1}"#,
        unchecked("feed_not_loaded"),
        missing,
        "indeterminate",
    );
}

#[test]
fn the_reason_counts_by_cause() {
    let mut world = World::new();
    for (name, why) in [
        ("a", "no_version"),
        ("b", "unsupported_ecosystem"),
        ("c", "unsupported_ecosystem"),
    ] {
        world.parts.push(Part {
            why_not: Some(why),
            ..part(name, &["MIT"])
        });
    }
    assert_eq!(
        world.judge(&policy("{}")).violations[0].reason,
        "3 of 4 components could not be fully checked (2 of an ecosystem that is not supported, 1 without a version); \
         at most 0 may be left unchecked."
    );
}

#[test]
fn empty_and_incomplete_documents() {
    for (section, expect, verdict) in [
        ("{}", &["meta.empty_sbom indeterminate"][..], "indeterminate"),
        (r#"{"empty_sbom":"fail"}"#, &["meta.empty_sbom fail"], "fail"),
        (r#"{"empty_sbom":"warn"}"#, &["meta.empty_sbom warn"], "warn"),
        (r#"{"empty_sbom":"ignore"}"#, &[], "pass"),
    ] {
        check(section, |world| world.parts.clear(), expect, verdict);
    }
    for (complete, section, expect, verdict) in [
        (
            Some(false),
            "{}",
            &["meta.incomplete_sbom indeterminate"][..],
            "indeterminate",
        ),
        (Some(false), r#"{"incomplete_sbom":"ignore"}"#, &[], "pass"),
        (Some(true), "{}", &[], "pass"),
        (None, "{}", &[], "pass"),
    ] {
        check(section, |world| world.complete = complete, expect, verdict);
    }
}

#[test]
fn a_failure_is_a_failure_even_when_not_everything_is_known() {
    let mut world = World::with(vulnerability());
    world.complete = Some(false);
    world.feeds.push(feed("old", Some(50)));
    let judgement = world.judge(&policy("{}"));
    assert_eq!(outcome(&judgement), "fail");
    assert_eq!(
        rulings(&judgement),
        [
            "vulnerability.fail_at fail",
            "meta.incomplete_sbom indeterminate",
            "meta.max_feed_age_hours warn"
        ]
    );
    world.findings.clear();
    assert_eq!(
        outcome(&world.judge(&policy("{}"))),
        "indeterminate",
        "which outweighs a warning"
    );
}

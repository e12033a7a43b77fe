//! What registries know of versions, and what is said where nobody knows.

use inventory::{PackageFacts, Source};

use crate::world::{Part, World, outcome, part, policy, rulings};

fn with(facts: PackageFacts) -> World {
    World::of(Part {
        facts,
        ..part("lib", &["MIT"])
    })
}

fn deprecated(known: Option<bool>) -> World {
    with(PackageFacts {
        deprecated: known,
        ..PackageFacts::default()
    })
}

#[test]
fn a_fact_is_judged_and_the_want_of_one_is_said_where_the_policy_would_fail() {
    for (json, known, expected) in [
        ("{}", Some(true), vec!["deprecated warn"]),
        ("{}", Some(false), vec![]),
        ("{}", None, vec![]),
        (
            r#"{"deprecated":{"relationship":"all","action":"fail"}}"#,
            Some(true),
            vec!["deprecated fail"],
        ),
        (
            r#"{"deprecated":{"relationship":"all","action":"fail"}}"#,
            Some(false),
            vec![],
        ),
        (
            r#"{"deprecated":{"relationship":"all","action":"fail"}}"#,
            None,
            vec!["deprecated.unknown indeterminate"],
        ),
        (
            r#"{"deprecated":{"relationship":"transitive","action":"fail"}}"#,
            None,
            vec![],
        ),
        (r#"{"deprecated":"none"}"#, Some(true), vec![]),
    ] {
        assert_eq!(
            rulings(&deprecated(known).judge(&policy(json))),
            expected,
            "{json} {known:?}"
        );
    }
}

#[test]
fn what_ran_when_it_was_installed_what_was_yanked_and_what_is_young() {
    let script = PackageFacts {
        install_script: Some(true),
        ..PackageFacts::default()
    };
    let yanked = PackageFacts {
        yanked: Some(true),
        ..PackageFacts::default()
    };
    let published = |day: &str| PackageFacts {
        published: Some(format!("{day}T00:00:00Z")),
        ..PackageFacts::default()
    };
    for (json, facts, expected) in [
        ("{}", script.clone(), vec![]),
        (
            r#"{"source":{"install_scripts":"fail"}}"#,
            script.clone(),
            vec!["source.install_scripts fail"],
        ),
        (
            r#"{"source":{"install_scripts":"fail","install_scripts_allow":["pkg:npm/lib@<2"]}}"#,
            script.clone(),
            vec![],
        ),
        (
            r#"{"source":{"install_scripts":"fail","install_scripts_allow":["pkg:npm/lib@>=2"]}}"#,
            script,
            vec!["source.install_scripts fail"],
        ),
        ("{}", yanked, vec!["yanked warn"]),
        (
            r#"{"source":{"min_age_days":7}}"#,
            published("2026-11-20"),
            vec!["source.min_age_days warn"],
        ),
        (
            r#"{"source":{"min_age_days":7}}"#,
            published("2026-11-10"),
            vec![],
        ),
        (
            r#"{"source":{"min_age_days":7,"young":"fail"}}"#,
            PackageFacts::default(),
            vec!["source.min_age_days.unknown indeterminate"],
        ),
    ] {
        assert_eq!(
            rulings(&with(facts.clone()).judge(&policy(json))),
            expected,
            "{json} {facts:?}"
        );
    }
}

#[test]
fn registries_git_pins_and_names_of_ones_own() {
    let registries = r#"{"source":{"registries":{"npm":["https://npm.example.org/team"]}}}"#;
    let both = r#"{"source":{"registries":{"npm":["default","https://npm.example.org/team"]}}}"#;
    let internal = r#"{"source":{"internal":["pkg:npm/lib"],"other_registry":"ignore"}}"#;
    let own = r#"{"source":{"internal":["pkg:npm/lib"],"internal_registries":["https://npm.example.org/"],"other_registry":"ignore"}}"#;
    let pinned = r#"{"source":{"git":"ignore","required_git_spec":"rev"}}"#;
    let registry = |url: &str| Source::OtherRegistry(url.to_owned());
    let git = |url: &str| Source::Git(url.to_owned());
    for (json, source, expected) in [
        (registries, Source::Registry, vec!["source.registries fail"]),
        (both, Source::Registry, vec![]),
        (registries, registry("https://npm.example.org/team/"), vec![]),
        (
            registries,
            registry("https://npm.example.org/teamx/"),
            vec!["source.registries fail"],
        ),
        (
            internal,
            Source::Registry,
            vec!["source.dependency_confusion fail"],
        ),
        (internal, registry("https://elsewhere.example.org/"), vec![]),
        (own, registry("https://npm.example.org/x"), vec![]),
        (
            own,
            registry("https://elsewhere.example.org/"),
            vec!["source.dependency_confusion fail"],
        ),
        (own, Source::Path("../lib".to_owned()), vec![]),
        (
            pinned,
            git("git+https://example.org/x?tag=v1#0123456789abcdef0123456789abcdef01234567"),
            vec!["source.required_git_spec fail"],
        ),
        (
            pinned,
            git("git+https://example.org/x?rev=0123456#0123456789abcdef0123456789abcdef01234567"),
            vec![],
        ),
    ] {
        let world = World::of(Part {
            source: source.clone(),
            ..part("lib", &["MIT"])
        });
        assert_eq!(
            rulings(&world.judge(&policy(json))),
            expected,
            "{json} {source:?}"
        );
    }
}

#[test]
fn a_name_one_letter_off_is_a_notice_and_no_more() {
    let judgement = World::of(part("lodahs", &["MIT"])).judge(&policy("{}"));
    assert_eq!(outcome(&judgement), "pass");
    assert!(judgement.notices.iter().any(|notice| notice.code == "typosquat"));
    let silent = World::of(part("lodahs", &["MIT"])).judge(&policy(r#"{"source":{"typosquat":false}}"#));
    assert!(silent.notices.is_empty());
}

#[test]
fn checks_of_configuration_have_levels_by_severity_and_by_id() {
    let found = |id: &str, severity| policy::Misconfiguration {
        id: id.to_owned(),
        severity,
        title: "The last user is root".to_owned(),
        place: "Dockerfile:3".to_owned(),
    };
    let mut world = World::new();
    world.misconfigurations = Some(vec![
        found("DS-0002", advisories::Severity::High),
        found("DS-0001", advisories::Severity::Critical),
    ]);
    assert_eq!(
        rulings(&world.judge(&policy("{}"))),
        ["misconfig.fail_at fail", "misconfig.warn_at warn"]
    );
    let levels = r#"{"misconfig":{"levels":{"DS-0001":"ignore","DS-0002":"fail"}}}"#;
    assert_eq!(rulings(&world.judge(&policy(levels))), ["misconfig.levels fail"]);
    let listed = |world: &World| world.judge(&policy("{}")).checks.len();
    let made = listed(&world);
    world.misconfigurations = None;
    assert_eq!(listed(&world) + 1, made, "a check that was not made is no pass");
}

//! Sources and hashes.

use inventory::Source;
use policy::Check;

use crate::world::{Part, World, part, policy, rulings};

fn from(source: Source) -> Part {
    Part {
        source,
        ..part("lib", &["MIT"])
    }
}

#[test]
fn every_kind_of_source_has_its_action() {
    let git = || Source::Git("git+https://git.example.org/x.git".to_owned());
    let registry = || Source::OtherRegistry("https://npm.example.org".to_owned());
    for (section, source, expect) in [
        ("{}", Source::Registry, None),
        ("{}", git(), Some("source.git warn")),
        (
            "{}",
            Source::Url("https://example.org/x.tgz".to_owned()),
            Some("source.url warn"),
        ),
        (
            "{}",
            Source::Url("http://example.org/x.tgz".to_owned()),
            Some("source.http fail"),
        ),
        (
            "{}",
            Source::Git("git://example.org/x".to_owned()),
            Some("source.http fail"),
        ),
        ("{}", Source::Path("../x".to_owned()), None),
        ("{}", registry(), Some("source.other_registry warn")),
        (r#"{"git":"fail"}"#, git(), Some("source.git fail")),
        (r#"{"git":"ignore"}"#, git(), None),
        (
            r#"{"file":"warn"}"#,
            Source::Path("../x".to_owned()),
            Some("source.file warn"),
        ),
        (
            r#"{"http":"ignore"}"#,
            Source::Url("http://example.org/x".to_owned()),
            Some("source.url warn"),
        ),
        (
            r#"{"http":"warn","url":"fail"}"#,
            Source::Url("http://example.org/x".to_owned()),
            Some("source.url fail"),
        ),
        (r#"{"allowed_hosts":["git.example.org"]}"#, git(), None),
        (
            r#"{"allowed_hosts":["example.org"]}"#,
            git(),
            Some("source.git warn"),
        ),
        (
            r#"{"allowed_hosts":["npm.example.org"],"other_registry":"fail"}"#,
            registry(),
            None,
        ),
        (
            r#"{"allowed_hosts":["example.org"]}"#,
            Source::Url("http://example.org/x".to_owned()),
            Some("source.http fail"),
        ),
    ] {
        let judgement = World::of(from(source)).judge(&policy(&format!(r#"{{"source":{section}}}"#)));
        assert_eq!(
            rulings(&judgement),
            expect.into_iter().collect::<Vec<_>>(),
            "{section}"
        );
    }
}

#[test]
fn credentials_in_addresses_are_not_shown() {
    let source = Source::Git("https://user:secret@example.org/x".to_owned());
    let judgement = World::of(from(source)).judge(&policy("{}"));
    assert!(!format!("{judgement:?}").contains("secret"));
}

#[test]
fn hashes_are_asked_for_on_demand_only() {
    let bare = Part {
        has_integrity: false,
        ..part("lib", &["MIT"])
    };
    let own = Part {
        source: Source::Path(".".to_owned()),
        ..bare.clone()
    };
    for (action, part, expect, made) in [
        ("ignore", bare.clone(), None, false),
        ("warn", bare.clone(), Some("integrity.missing warn"), true),
        ("fail", bare, Some("integrity.missing fail"), true),
        ("fail", own, None, true),
    ] {
        let judgement =
            World::of(part).judge(&policy(&format!(r#"{{"integrity":{{"missing":"{action}"}}}}"#)));
        assert_eq!(
            rulings(&judgement),
            expect.into_iter().collect::<Vec<_>>(),
            "{action}"
        );
        assert_eq!(
            judgement.checks.iter().any(|c| c.check == Check::Integrity),
            made,
            "a check not made is no pass"
        );
    }
}

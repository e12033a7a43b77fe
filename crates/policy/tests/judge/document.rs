//! The policy document: defaults, strictness, digest.

use policy::Policy;

use crate::world::policy;

#[test]
fn the_empty_document_is_the_default_policy() {
    assert_eq!(policy("{}"), Policy::default());
    assert_eq!(Policy::from_toml("").unwrap(), Policy::default());
    let written = serde_json::to_string(&Policy::default()).unwrap();
    assert_eq!(policy(&written), Policy::default(), "what is written reads back");
}

#[test]
fn every_error_has_a_place() {
    for (json, place, part) in [
        (r#"{"bogus":1}"#, "/bogus", "unknown field `bogus`"),
        (r#"{"extend":"organisation"}"#, "/extend", "unknown field"),
        (
            r#"{"misconfig":{"bogus":1}}"#,
            "/misconfig/bogus",
            "unknown field",
        ),
        (
            r#"{"misconfig":{"levels":{"root":"fail"}}}"#,
            "/misconfig/levels/root",
            "is no id of a check",
        ),
        (
            r#"{"misconfig":{"levels":{"DS-0002":"block"}}}"#,
            "/misconfig/levels/DS-0002",
            "unknown variant",
        ),
        (r#"{"extends":" "}"#, "/extends", "an empty name"),
        (
            r#"{"source":{"registries":{"nmp":["default"]}}}"#,
            "/source/registries/nmp",
            "no type of package",
        ),
        (
            r#"{"source":{"registries":{"npm":["default","npmjs"]}}}"#,
            "/source/registries/npm/1",
            "is no registry",
        ),
        (
            r#"{"source":{"internal_registries":["default"]}}"#,
            "/source/internal_registries/0",
            "is no registry",
        ),
        (
            r#"{"source":{"required_git_spec":"commit"}}"#,
            "/source/required_git_spec",
            "unknown variant",
        ),
        (r#"{"waivers":{"max_days":0}}"#, "/waivers/max_days", "1 to 3650"),
        (r#"{"vex":{"trust":["ACME",""]}}"#, "/vex/trust/1", "empty name"),
        (
            r#"{"license":{"clarifications":[{"purl":"pkg:npm/x","license":"MIT","files":[],"reason":"r"}]}}"#,
            "/license/clarifications/0/files",
            "at least one",
        ),
        (
            r#"{"license":{"clarifications":[{"purl":"pkg:npm/x","license":"MTI","files":["sha1:0123456789012345678901234567890123456789"],"reason":"r"}]}}"#,
            "/license/clarifications/0/license",
            "no id",
        ),
        (
            r#"{"license":{"clarifications":[{"purl":"pkg:npm/x","license":"MIT","files":["md5:00"],"reason":"r"}]}}"#,
            "/license/clarifications/0/files/0",
            "no digest",
        ),
        (r#"{"license.deny":[]}"#, "/license.deny", "unknown field"),
        (
            r#"{"vulnerability":{"fail_on":"high"}}"#,
            "/vulnerability/fail_on",
            "unknown field `fail_on`",
        ),
        (
            r#"{"vulnerability":{"fail_at":"severe"}}"#,
            "/vulnerability/fail_at",
            "unknown variant `severe`",
        ),
        (
            r#"{"vulnerability":{"scope":["prod","test"]}}"#,
            "/vulnerability/scope/1",
            "unknown variant `test`",
        ),
        (
            r#"{"vulnerability":{"scope":[]}}"#,
            "/vulnerability/scope",
            "judge nothing",
        ),
        (
            r#"{"vulnerability":{"relationship":[]}}"#,
            "/vulnerability/relationship",
            "judge nothing",
        ),
        (
            r#"{"vulnerability":{"min_epss":1.5}}"#,
            "/vulnerability/min_epss",
            "between 0 and 1",
        ),
        (
            r#"{"vulnerability":{"min_epss":-0.1}}"#,
            "/vulnerability/min_epss",
            "between 0 and 1",
        ),
        (
            r#"{"vulnerability":{"fail_at":"low","warn_at":"high"}}"#,
            "/vulnerability/warn_at",
            "above fail_at",
        ),
        (
            r#"{"vulnerability":{"grace_days":{"hihg":3}}}"#,
            "/vulnerability/grace_days/hihg",
            "unknown variant",
        ),
        (
            r#"{"vulnerability":{"grace_days":{"never":3}}}"#,
            "/vulnerability/grace_days/never",
            "no severity",
        ),
        (
            r#"{"vulnerability":{"grace_days":{"high":-3}}}"#,
            "/vulnerability/grace_days/high",
            "invalid value",
        ),
        (
            r#"{"unmaintained":"sometimes"}"#,
            "/unmaintained",
            "unknown variant",
        ),
        (
            r#"{"unmaintained":{"relationship":"all","x":1}}"#,
            "/unmaintained/x",
            "unknown field",
        ),
        (
            r#"{"malicious":{"action":"block"}}"#,
            "/malicious/action",
            "unknown variant",
        ),
        (
            r#"{"license":{"deny":["MIT","AGLP-3.0"]}}"#,
            "/license/deny/1",
            "`AGLP-3.0` is no id",
        ),
        (
            r#"{"license":{"allow":["MIT OR"]}}"#,
            "/license/allow/0",
            "is no id",
        ),
        (
            r#"{"license":{"allow":["cat:nice"]}}"#,
            "/license/allow/0",
            "`nice` is no license category",
        ),
        (
            r#"{"license":{"allow":["NOASSERTION"]}}"#,
            "/license/allow/0",
            "no license id",
        ),
        (
            r#"{"license":{"exceptions":[{"purl":"x","license":"MIT","reason":"y"}]}}"#,
            "/license/exceptions/0/purl",
            "no package URL",
        ),
        (
            r#"{"license":{"exceptions":[{"purl":"pkg:npm/x","license":"MIT","reason":""}]}}"#,
            "/license/exceptions/0/reason",
            "needs a reason",
        ),
        (
            r#"{"license":{"exceptions":[{"purl":"pkg:npm/x","license":"Odd","reason":"y"}]}}"#,
            "/license/exceptions/0/license",
            "is no id",
        ),
        (
            r#"{"meta":{"max_feed_age_hours":9,"feed_expiry_hours":8}}"#,
            "/meta/feed_expiry_hours",
            "below",
        ),
        ("{\n\"meta\": {\n}", "line 3, column 1", "EOF"),
        ("nonsense", "line 1, column 2", "expected"),
    ] {
        let error = Policy::from_json(json).expect_err(json);
        assert_eq!(error.place, place, "{json}: {error}");
        assert!(error.message.contains(part), "{json}: {error}");
    }
}

#[test]
fn toml_has_the_same_keys_and_names_lines() {
    let toml = "[vulnerability]\nfail_at = \"critical\"\ngrace_days = { critical = 7 }\n\n[license]\ndeny = [\"cat:network-copyleft\"]\n";
    let json = r#"{"vulnerability":{"fail_at":"critical","grace_days":{"critical":7}},"license":{"deny":["cat:network-copyleft"]}}"#;
    assert_eq!(Policy::from_toml(toml).unwrap(), policy(json));
    for (toml, place) in [
        ("[vulnerability]\n\nfail_on = \"high\"\n", "line 3, column 1"),
        ("[license]\ndeny = [\"MIT\", \"Odd\"]\n", "/license/deny/1"),
        ("unmaintained = \"maybe\"\n", "line 1, column 16"),
        ("x = [", "line 1, column 6"),
    ] {
        let error = Policy::from_toml(toml).expect_err(toml);
        assert_eq!(error.place, place, "{toml}: {error}");
    }
}

#[test]
fn the_digest_is_of_the_meaning_not_of_the_text() {
    let spaced = policy("{ \"vulnerability\" : {\"fail_at\":\"high\"} }");
    assert_eq!(
        spaced.digest(),
        Policy::default().digest(),
        "a default that is written out is still the default"
    );
    assert_ne!(
        policy(r#"{"vulnerability":{"fail_at":"low"}}"#).digest(),
        Policy::default().digest()
    );
    assert_eq!(Policy::default().digest().len(), 64);
}

#[test]
fn the_default_policy_is_what_the_documentation_says() {
    insta::assert_json_snapshot!(Policy::default());
}

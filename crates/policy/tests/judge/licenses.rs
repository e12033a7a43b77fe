//! Every knob about licenses.

use inventory::{LicenseClaim, LicenseSource, Scope};

use crate::world::{Part, World, outcome, part, policy, rulings};

fn check(section: &str, part: Part, expect: Option<&str>) {
    let judgement = World::of(part).judge(&policy(&format!(r#"{{"license":{section}}}"#)));
    let expected: Vec<&str> = expect.into_iter().collect();
    assert_eq!(rulings(&judgement), expected, "{section}");
    let verdict = expect.map_or("pass", |rule| rule.rsplit(' ').next().unwrap());
    assert_eq!(outcome(&judgement), verdict, "{section}");
}

#[test]
fn the_default_policy_denies_network_copyleft_only() {
    for (texts, expect) in [
        (&["MIT"][..], None),
        (&["GPL-3.0-only"], None),
        (&["AGPL-3.0"], Some("license.deny fail")),
        (&["AGPL-3.0-or-later OR MIT"], None),
        (&["MIT AND SSPL-1.0"], Some("license.deny fail")),
        (&["MIT", "AGPL-3.0-only"], Some("license.deny fail")),
        (&["Some Strange License"], Some("license.unknown warn")),
        (&["Strange-1.0 OR MIT"], None),
        (&["MIT WITH Strange-exception"], Some("license.unknown warn")),
        (&["UNLICENSED"], Some("license.unlicensed fail")),
        (&["SEE LICENSE IN LICENSE.md"], Some("license.unknown warn")),
        (&[], Some("license.missing warn")),
        (&["NOASSERTION"], Some("license.missing warn")),
    ] {
        check("{}", part("lib", texts), expect);
    }
}

#[test]
fn lists_and_their_neighbours() {
    for (section, text, expect) in [
        (r#"{"allow":["MIT"]}"#, "MIT", None),
        (r#"{"allow":["MIT"]}"#, "ISC", Some("license.allow warn")),
        (r#"{"allow":["cat:permissive"]}"#, "ISC", None),
        (
            r#"{"allow":["cat:permissive"],"deny":["ISC"]}"#,
            "ISC",
            Some("license.deny fail"),
        ),
        (
            r#"{"deny":["cat:strong-copyleft"]}"#,
            "GPL-2.0-only",
            Some("license.deny fail"),
        ),
        (
            r#"{"deny":["cat:strong-copyleft"],"allow":["GPL-2.0-only WITH Classpath-exception-2.0"]}"#,
            "GPL-2.0-only WITH Classpath-exception-2.0",
            None,
        ),
        (
            r#"{"deny":["cat:strong-copyleft"]}"#,
            "GPL-2.0-only WITH Classpath-exception-2.0",
            Some("license.deny fail"),
        ),
        (
            r#"{"review":["MPL-2.0"]}"#,
            "MPL-2.0",
            Some("license.review warn"),
        ),
        (r#"{"deny":[]}"#, "AGPL-3.0-only", None),
        (r#"{"unknown":"deny"}"#, "Strange", Some("license.unknown fail")),
        (r#"{"unknown":"allow"}"#, "Strange", None),
        (
            r#"{"missing":"deny"}"#,
            "NOASSERTION",
            Some("license.missing fail"),
        ),
        (r#"{"missing":"allow"}"#, "NOASSERTION", None),
        (
            r#"{"unlicensed":"warn"}"#,
            "UNLICENSED",
            Some("license.unlicensed warn"),
        ),
        (r#"{"unlicensed":"ignore"}"#, "UNLICENSED", None),
        (
            r#"{"allow":["GPL-3.0-only"]}"#,
            "GPL-2.0-or-later",
            Some("license.allow warn"),
        ),
        (
            r#"{"allow":["GPL-3.0-only"],"gnu_or_later":"spdx"}"#,
            "GPL-2.0-or-later",
            None,
        ),
        (r#"{"allow":["LicenseRef-Acme"]}"#, "LicenseRef-Acme", None),
        (r#"{"allow":["MIT AND ISC"]}"#, "MIT AND ISC", None),
        (r#"{"allow":["MIT AND ISC"]}"#, "MIT", Some("license.allow warn")),
    ] {
        check(section, part("lib", &[text]), expect);
    }
}

#[test]
fn development_dependencies_are_judged_on_demand() {
    let dev = Part {
        scope: Scope::Dev,
        ..part("lib", &["AGPL-3.0-only"])
    };
    check("{}", dev.clone(), None);
    check(r#"{"include_dev":true}"#, dev, Some("license.deny fail"));
}

#[test]
fn conclusions_outweigh_declarations() {
    let claim = |source, text: &str| LicenseClaim {
        source,
        text: text.to_owned(),
        ..LicenseClaim::default()
    };
    for (concluded, expect) in [("MIT", None), ("NOASSERTION", Some("license.deny fail"))] {
        let mut lib = part("lib", &["AGPL-3.0-only"]);
        lib.licenses.push(claim(LicenseSource::Concluded, concluded));
        check("{}", lib, expect);
    }
}

#[test]
fn exceptions_are_for_one_package_and_one_license() {
    for (purl, license, expect) in [
        ("pkg:npm/lib", "AGPL-3.0-only", None),
        ("pkg:npm/lib@<2", "AGPL-3.0-only", None),
        ("pkg:npm/lib@<1.0.0", "AGPL-3.0-only", Some("license.deny fail")),
        ("pkg:npm/other", "AGPL-3.0-only", Some("license.deny fail")),
        ("pkg:npm/lib", "AGPL-3.0-or-later", Some("license.deny fail")),
    ] {
        let exception = format!(r#"{{"purl":"{purl}","license":"{license}","reason":"bought"}}"#);
        check(
            &format!(r#"{{"exceptions":[{exception}]}}"#),
            part("lib", &["MIT AND AGPL-3.0-only"]),
            expect,
        );
    }
}

#[test]
fn what_says_nothing_is_one_violation_with_numbers() {
    let mut world = World::new();
    world
        .parts
        .extend((0..20).map(|number| part(&format!("p{number:02}"), &[])));
    let judgement = world.judge(&policy("{}"));
    assert_eq!(rulings(&judgement), ["license.missing warn"]);
    let violation = &judgement.violations[0];
    assert_eq!(violation.reason, "20 of 21 components state no license.");
    assert_eq!(violation.facts["count"], "20");
    assert!(violation.facts["components"].starts_with("p00 1.0.0, p01 1.0.0"));
    assert_eq!(
        violation.facts["components"].matches(", ").count(),
        9,
        "ten examples suffice"
    );
}

#[test]
fn a_ruling_carries_the_expression_and_the_elected_leg() {
    let judgement = World::of(part("lib", &["AGPL-3.0/SSPL-1.0"])).judge(&policy("{}"));
    let violation = &judgement.violations[0];
    assert_eq!(violation.facts["license"], "AGPL-3.0-only OR SSPL-1.0");
    assert_eq!(violation.facts["elected"], "AGPL-3.0-only");
    assert_eq!(violation.purl.as_deref(), Some("pkg:npm/lib@1.0.0"));
    assert_eq!(
        violation.reason,
        "The license of lib 1.0.0, AGPL-3.0-only OR SSPL-1.0, is denied: AGPL-3.0-only is on the deny list."
    );
}

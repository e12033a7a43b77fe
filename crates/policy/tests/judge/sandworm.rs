//! What users of Sandworm bring along, and the codes that they know rules by.

use inventory::{PackageFacts, Source};
use policy::sandworm::{Config, FailRule, FailRules, Origin, read_resolved};
use policy::{Action, CODES, Policy, Threshold, Waiver, WaiverStatus, WaysIn};

use crate::world::{Part, World, now, part, policy, rulings};

/// One component that has the issue of a code, and the document that makes its rule speak.
fn with_issue(code: u16) -> Part {
    let licensed = |license: &str| part("left-pad", &[license]);
    let facts = |facts: PackageFacts| Part {
        facts,
        ..licensed("MIT")
    };
    let from = |source: Source| Part {
        source,
        ..licensed("MIT")
    };
    match code {
        100 => part("left-pad", &[]),
        101 => licensed("UNLICENSED"),
        102 => licensed("WTFPL"),
        103 => licensed("GPL-2.0"),
        104 => licensed("LicenseRef-ours"),
        105 => licensed("whatever you like"),
        106 => licensed("BSD-2-Clause OR MIT OR Apache-2.0"),
        150 | 151 => licensed("AGPL-3.0-only"),
        200 => facts(PackageFacts {
            deprecated: Some(true),
            ..PackageFacts::default()
        }),
        201 => facts(PackageFacts {
            install_script: Some(true),
            ..PackageFacts::default()
        }),
        202 => facts(PackageFacts {
            repository: Some(false),
            ..PackageFacts::default()
        }),
        203 => from(Source::Url("https://example.org/left-pad.tgz".to_owned())),
        204 => from(Source::Git("git+https://example.org/left-pad".to_owned())),
        205 => from(Source::Path("../left-pad".to_owned())),
        other => panic!("{other} is no code"),
    }
}

fn waiver(rule: &str) -> Waiver {
    Waiver {
        id: "w".to_owned(),
        vulnerability: None,
        rule: Some(rule.to_owned()),
        license: None,
        purl: None,
        projects: Vec::new(),
        refs: Vec::new(),
        paths: Vec::new(),
        status: WaiverStatus::FalsePositive,
        justification: None,
        reason: "because".to_owned(),
        ticket: None,
        expires_on: None,
        requested_by: None,
        approved_by: None,
        created_at: None,
        pins: Vec::new(),
    }
}

/// A policy under which every code fails.
fn strict() -> Policy {
    let listed = [150, 151];
    let rules: Vec<String> = CODES
        .iter()
        .filter(|code| !listed.contains(&code.number))
        .map(|code| format!("\"SWRM-{}\":\"fail\"", code.number))
        .collect();
    policy(&format!("{{\"rules\":{{{}}}}}", rules.join(",")))
}

#[test]
fn every_code_is_a_rule_and_its_alias_sets_and_waives_it() {
    for code in CODES {
        let world = World::of(with_issue(code.number));
        let judgement = world.judge(&strict());
        let found = judgement
            .violations
            .iter()
            .find(|violation| code.rules.contains(&violation.rule.as_str()));
        let violation = found.unwrap_or_else(|| panic!("{}: {:?}", code.number, rulings(&judgement)));
        assert_eq!(violation.action, Action::Fail, "{}", code.number);
        for alias in [
            format!("SWRM-{}", code.number),
            format!(
                "SWRM-{}-left-pad-1.0.0{}",
                code.number,
                match code.number {
                    201 => "-postinstall",
                    203..=205 => "-left-pad",
                    _ => "",
                }
            ),
        ] {
            let waived = World {
                waivers: vec![waiver(&alias)],
                ..World::of(with_issue(code.number))
            };
            let judgement = waived.judge(&strict());
            let open = judgement
                .violations
                .iter()
                .any(|violation| code.rules.contains(&violation.rule.as_str()));
            assert!(!open, "{alias}: {:?}", rulings(&judgement));
            assert_eq!(judgement.waivers.applied.len(), 1, "{alias}");
        }
    }
}

#[test]
fn an_alias_of_one_package_waives_no_other() {
    for alias in ["SWRM-102-right-pad-1.0.0", "SWRM-102-left-pad-1.0.1", "SWRM-105"] {
        let world = World {
            waivers: vec![waiver(alias)],
            ..World::of(with_issue(102))
        };
        let judgement = world.judge(&strict());
        assert!(
            rulings(&judgement).contains(&"license.not_osi_approved fail".to_owned()),
            "{alias}"
        );
    }
    let wrong = waiver("SWRM-999").check(now(), 90);
    assert_eq!(wrong[0].place, "/rule");
}

#[test]
fn what_is_not_known_of_a_repository_is_not_its_absence() {
    let judge = |json: &str| rulings(&World::of(part("left-pad", &["MIT"])).judge(&policy(json)));
    assert_eq!(judge(r#"{"rules":{"SWRM-202":"warn"}}"#), Vec::<String>::new());
    assert_eq!(
        judge(r#"{"rules":{"SWRM-202":"fail"}}"#),
        ["source.no_repository.unknown indeterminate"]
    );
}

#[test]
fn rules_are_written_into_the_keys_and_mistakes_have_a_place() {
    let by_alias = policy(r#"{"rules":{"SWRM-204":"fail"}}"#);
    let by_name = policy(r#"{"rules":{"source.git":"fail"}}"#);
    let by_key = policy(r#"{"source":{"git":"fail"}}"#);
    assert_eq!(by_alias.digest(), by_key.digest());
    assert_eq!(by_name.digest(), by_key.digest());
    assert_eq!(by_key.rules.len(), 0);
    for (json, place) in [
        (r#"{"rules":{"SWRM-107":"fail"}}"#, "/rules/SWRM-107"),
        (r#"{"rules":{"bogus":"fail"}}"#, "/rules/bogus"),
        (r#"{"rules":{"SWRM-150":"fail"}}"#, "/rules/SWRM-150"),
        (
            r#"{"rules":{"SWRM-202-a-1.0.0":"fail"}}"#,
            "/rules/SWRM-202-a-1.0.0",
        ),
        (
            r#"{"rules":{"license.missing":"indeterminate"}}"#,
            "/rules/license.missing",
        ),
        (r#"{"rules":{"SWRM-202":"never"}}"#, "/rules/SWRM-202"),
    ] {
        assert_eq!(Policy::from_json(json).unwrap_err().place, place, "{json}");
    }
}

#[test]
fn a_policy_that_uses_none_of_the_new_keys_has_its_old_digest() {
    let text = serde_json::to_string(&Policy::default()).unwrap();
    for key in [
        "not_osi_approved",
        "deprecated_id",
        "uncategorized",
        "involved",
        "no_repository",
        "rules",
    ] {
        assert!(!text.contains(&format!("\"{key}\"")), "{key}");
    }
}

/// Defect 1: the documented `license.*` never fires there, and `bogus` passes silently.
#[test]
fn a_fail_rule_fires_as_documented_and_an_unknown_one_is_an_error() {
    for rule in ["license.*", "licenses.*", "licenses.low", "*.low", "*.*"] {
        let mut policy = Policy::default();
        FailRules::new(vec![rule.parse().unwrap()]).apply(&mut policy);
        let judgement = World::of(with_issue(102)).judge(&policy);
        assert!(
            rulings(&judgement).contains(&"license.not_osi_approved fail".to_owned()),
            "{rule}"
        );
    }
    for wrong in [
        "bogus",
        "license",
        "license.",
        ".high",
        "license.severe",
        "licences.*",
        "meta.high.x",
    ] {
        assert!(wrong.parse::<FailRule>().is_err(), "{wrong}");
    }
    let error = Config::read(r#"{"audit":{"failOn":["license.*","bogus"]}}"#).unwrap_err();
    assert_eq!(error.place, "/audit/failOn/1");
}

#[test]
fn a_configuration_becomes_a_policy() {
    let config = Config::read(
        r#"{"audit":{"includeDev":true,"outputPath":"out","maxDepth":4,"skipTree":true,
            "failOn":["dependencies.high","dependencies.critical","licenses.high","meta.critical"],
            "licensePolicy":{"high":["cat:Network Protective","cat:Ours"],"low":["WTFPL"],
              "categories":[{"name":"Ours","licenses":["MS-PL"]},{"name":"Permissive","licenses":["AGPL-1.0-only"]}]}},
           "guard":{"x":1}}"#,
    )
    .unwrap();
    let judged = |license: &str| {
        let mut found = rulings(&World::of(part("a", &[license])).judge(config.policy()));
        found.retain(|ruling| ruling.starts_with("license."));
        found
    };
    assert_eq!(judged("AGPL-3.0-only"), ["license.deny fail"]);
    assert_eq!(judged("MS-PL"), ["license.deny fail"]);
    assert_eq!(
        judged("WTFPL"),
        ["license.not_osi_approved warn", "license.review warn"]
    );
    assert_eq!(judged("MIT"), Vec::<String>::new());
    // It was moved among the permissive ones, which nothing is said of.
    assert_eq!(judged("AGPL-1.0-only"), ["license.not_osi_approved warn"]);
    assert_eq!(judged("GPL-3.0-only"), Vec::<String>::new());
    assert_eq!(judged("whatever you like"), ["license.unknown fail"]);
    assert_eq!(config.policy().vulnerability.fail_at, Threshold::High);
    assert_eq!(config.policy().source.git, Action::Fail);
    assert_eq!(config.policy().source.no_repository, Action::Warn);
    assert_eq!(config.outputs.path.as_deref(), Some("out"));
    assert!(config.outputs.skip_tree && !config.outputs.skip_csv);
    assert!(config.remarks().iter().any(|remark| remark.contains("/guard")));
}

#[test]
fn the_default_configuration_warns_as_sandworm_reports() {
    let config = Config::read(r#"{"audit":{}}"#).unwrap();
    for code in CODES.iter().filter(|code| code.number != 106) {
        let found = rulings(&World::of(with_issue(code.number)).judge(config.policy()));
        let warned = found
            .iter()
            .any(|ruling| code.rules.iter().any(|rule| *ruling == format!("{rule} warn")));
        assert!(warned, "{}: {found:?}", code.number);
    }
    let silent = Config::read(r#"{"audit":{"skipLicenseIssues":true,"skipMetaIssues":true}}"#).unwrap();
    for code in CODES {
        let found = rulings(&World::of(with_issue(code.number)).judge(silent.policy()));
        assert_eq!(found, Vec::<String>::new(), "{}", code.number);
    }
}

#[test]
fn mistakes_of_a_configuration_have_a_place() {
    for (text, place) in [
        ("{}", ""),
        (r#"{"audit":{"includeDevs":true}}"#, "/audit/includeDevs"),
        (r#"{"audit":{"maxDepth":"7"}}"#, "/audit/maxDepth"),
        (r#"{"audit":{"loadDataFrom":"cloud"}}"#, "/audit/loadDataFrom"),
        (
            r#"{"audit":{"licensePolicy":{"high":["cat:Copyleft"]}}}"#,
            "/audit/licensePolicy/high/0",
        ),
        (
            r#"{"audit":{"licensePolicy":{"high":["MIT","AGLP-3.0"]}}}"#,
            "/audit/licensePolicy/high/1",
        ),
        (
            r#"{"audit":{"licensePolicy":{"severe":["MIT"]}}}"#,
            "/audit/licensePolicy/severe",
        ),
    ] {
        let error = Config::read(text).unwrap_err();
        assert_eq!(error.place, place, "{text}: {error}");
    }
    assert!(Config::is_one(r#"{"audit":{}}"#) && !Config::is_one(r#"{"license":{}}"#));
}

fn origin() -> Origin<'static> {
    Origin {
        purl_type: "npm",
        root: Some("shop"),
        expires_on: "2027-01-12".parse().unwrap(),
    }
}

fn ways(paths: &[&[&str]], count: u64) -> Option<WaysIn> {
    let owned = |path: &&[&str]| path.iter().map(|step| (*step).to_owned()).collect();
    Some(WaysIn {
        paths: paths.iter().map(owned).collect(),
        count,
    })
}

#[test]
fn resolved_issues_become_waivers_and_a_new_way_opens_them_again() {
    let text = r#"[{"id":"SWRM-102-left-pad-1.0.0","paths":["a>left-pad"],"notes":"read it"},
                   {"id":"SWRM-102-left-pad-1.0.0","paths":["b>left-pad"],"notes":"read it again"},
                   {"id":"GHSA-aaaa-bbbb-cccc","paths":["bad"],"notes":"not reachable"}]"#;
    let imported = read_resolved(text, origin()).unwrap();
    assert_eq!(imported.waivers.len(), 2);
    assert!(imported.left_out.is_empty());
    for waiver in &imported.waivers {
        assert_eq!(waiver.check(now(), 90), [], "{waiver:?}");
    }
    let known: &[&[&str]] = &[&["a@1.0.0", "left-pad@1.0.0"], &["b@2.0.0", "left-pad@1.0.0"]];
    let new: &[&[&str]] = &[known[0], known[1], &["c@3.0.0", "left-pad@1.0.0"]];
    for (ways, open) in [
        (ways(known, 2), false),
        (ways(new, 3), true),
        (ways(known, 3), true),
        (None, true),
    ] {
        let world = World {
            waivers: imported.waivers.clone(),
            ..World::of(Part {
                ways: ways.clone(),
                ..with_issue(102)
            })
        };
        let found = rulings(&world.judge(&strict()));
        let is_open = found.contains(&"license.not_osi_approved fail".to_owned());
        assert_eq!(is_open, open, "{ways:?}: {found:?}");
    }
    let world = World {
        waivers: imported.waivers,
        ..World::with(crate::world::vulnerability())
    };
    assert_eq!(rulings(&world.judge(&Policy::default())), Vec::<String>::new());
}

/// Sandworm blames who asks for a dependency from elsewhere.
#[test]
fn a_resolved_git_dependency_is_waived_where_it_comes_in() {
    let text = r#"[{"id":"SWRM-204-shop-1.4.0-left-pad","paths":["shop"],"notes":"our fork"},
                   {"id":"SWRM-204-a-1.0.0-left-pad","paths":["a"],"notes":"their fork"}]"#;
    let imported = read_resolved(text, origin()).unwrap();
    assert_eq!(imported.waivers[0].paths, ["left-pad"]);
    assert_eq!(imported.waivers[1].paths, ["a>left-pad"]);
    assert_eq!(imported.waivers[0].purl.as_deref(), Some("pkg:npm/left-pad"));
    let world = World {
        waivers: imported.waivers,
        ..World::of(Part {
            ways: ways(&[&["left-pad@1.0.0"]], 1),
            ..with_issue(204)
        })
    };
    let found = rulings(&world.judge(&strict()));
    assert!(!found.contains(&"source.git fail".to_owned()), "{found:?}");
}

/// The hole that Sandworm's own documentation warns of.
#[test]
fn a_wildcard_does_not_hide_a_later_change_of_the_license() {
    let text = r#"[{"id":"SWRM-102-left-pad-*","paths":["left-pad"],"notes":"fine"},
                   {"id":"SWRM-150-left-pad-*","paths":["left-pad"],"notes":"fine"},
                   {"id":"SWRM-106-rc-1.2.8","paths":["rc"],"notes":"fine"},
                   {"id":"GHSA-*","paths":["x"],"notes":"fine"},
                   {"id":"SWRM-202","paths":["x"],"notes":"fine"}]"#;
    let imported = read_resolved(text, origin()).unwrap();
    let left_out: Vec<&str> = imported.left_out.iter().map(|left| left.place.as_str()).collect();
    assert_eq!(left_out, ["/1", "/2", "/3", "/4"]);
    let changed = Part {
        ways: ways(&[&["left-pad@1.0.0"]], 1),
        ..part("left-pad", &["AGPL-3.0-only"])
    };
    let world = World {
        waivers: imported.waivers,
        ..World::of(changed)
    };
    assert_eq!(rulings(&world.judge(&Policy::default())), ["license.deny fail"]);
}

#[test]
fn mistakes_of_resolved_issues_have_a_place() {
    for (text, place) in [
        ("{}", ""),
        (r#"[{"id":"x","paths":[],"notes":"n"}]"#, "/0/paths"),
        (r#"[{"id":"x","paths":["a"],"notes":" "}]"#, "/0/notes"),
        (r#"[{"id":"","paths":["a"],"notes":"n"}]"#, "/0/id"),
        (
            r#"[{"id":"SWRM-107-a-1.0.0","paths":["a"],"notes":"n"}]"#,
            "/0/id",
        ),
        (r#"[{"id":"SWRM-202-a","paths":["a"],"notes":"n"}]"#, "/0/id"),
        (r#"[{"id":"x","paths":["a"],"notes":"n","until":1}]"#, "/0/until"),
    ] {
        assert_eq!(read_resolved(text, origin()).unwrap_err().place, place, "{text}");
    }
}

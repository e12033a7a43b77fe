//! Statements of others about exploitability: what they speak of, and which of several counts.

use inventory::statements::{Justification, Product, ProductId, State, Statement, VersionRange};
use policy::{Finding, Silence, StatedVex, SubjectProduct, VexOrigin, speaks_of};

use crate::world::{World, outcome, policy, vulnerability};

fn product(id: &str, parts: &[&str]) -> Product {
    Product {
        id: ProductId::of(id),
        subcomponents: parts.iter().map(|part| ProductId::of(part)).collect(),
    }
}

fn statement(state: State, products: Vec<Product>) -> Statement {
    Statement {
        place: "/statements/0".to_owned(),
        vulnerability: "GHSA-aaaa-bbbb-cccc".to_owned(),
        aliases: Vec::new(),
        products,
        state,
        justification: Some(Justification::VulnerableCodeNotInExecutePath),
        detail: "Never called.".to_owned(),
        at: None,
    }
}

fn stated(id: &str, source: &str, origin: VexOrigin, state: State, day: &str) -> StatedVex {
    StatedVex {
        id: id.to_owned(),
        source: source.to_owned(),
        origin,
        statement: Statement {
            at: format!("{day}T00:00:00Z").parse().ok(),
            ..statement(state, vec![product("pkg:npm/bad", &[])])
        },
    }
}

fn deep() -> Finding {
    let path = |steps: &[&str]| steps.iter().map(|step| (*step).to_owned()).collect::<Vec<_>>();
    Finding {
        paths: vec![
            path(&["a@1.0.0", "bad@1.0.0"]),
            path(&["b@2.0.0", "a@1.0.0", "bad@1.0.0"]),
        ],
        path_count: 2,
        ..vulnerability()
    }
}

const SHOP: SubjectProduct<'static> = SubjectProduct {
    purl: Some("pkg:npm/shop@1.4.0"),
    name: Some("shop"),
    version: Some("1.4.0"),
    project: "team/shop",
};

#[test]
fn a_statement_speaks_of_the_product_the_component_or_a_part_of_it() {
    for (products, expected) in [
        (vec![product("pkg:npm/bad", &[])], Ok(())),
        (vec![product("pkg:npm/bad@1.0.0", &[])], Ok(())),
        (
            vec![product("pkg:npm/bad@1.0.1", &[])],
            Err(Silence::OtherVersion),
        ),
        (
            vec![product("pkg:npm/bad?arch=x", &[])],
            Err(Silence::OtherProduct),
        ),
        (vec![product("pkg:pypi/bad", &[])], Err(Silence::OtherProduct)),
        (vec![product("pkg:npm/shop@1.4.0", &[])], Ok(())),
        (vec![product("pkg:npm/shop", &["pkg:npm/bad@1.0.0"])], Ok(())),
        (
            vec![product("pkg:npm/shop", &["pkg:npm/other"])],
            Err(Silence::OtherProduct),
        ),
        (
            vec![product("pkg:npm/shop@2.0.0", &[])],
            Err(Silence::OtherVersion),
        ),
        (vec![product("team/shop", &[])], Ok(())),
        (
            vec![product("https://example.org/other", &[])],
            Err(Silence::OtherProduct),
        ),
        (vec![product("pkg:npm/a@1.0.0", &[])], Ok(())),
        (vec![product("pkg:npm/a", &["pkg:npm/bad"])], Ok(())),
        (vec![product("pkg:npm/b", &[])], Err(Silence::OtherWays)),
        (
            vec![product("pkg:npm/x", &[]), product("pkg:npm/bad", &[])],
            Ok(()),
        ),
    ] {
        let read = speaks_of(&statement(State::NotAffected, products.clone()), &deep(), SHOP);
        assert_eq!(read, expected, "{products:?}");
    }
    let more = Finding {
        path_count: 900,
        ..deep()
    };
    let a = statement(State::NotAffected, vec![product("pkg:npm/a", &[])]);
    assert_eq!(
        speaks_of(&a, &more, SHOP),
        Err(Silence::OtherWays),
        "ways that nobody saw may lead past it"
    );
    let other = Statement {
        vulnerability: "CVE-1".to_owned(),
        aliases: vec!["cve-2026-0001".to_owned()],
        ..a.clone()
    };
    assert_eq!(
        speaks_of(&other, &deep(), SHOP),
        Ok(()),
        "any id of the group, in any case"
    );
    let nothing = Statement {
        vulnerability: "CVE-1".to_owned(),
        ..a
    };
    assert_eq!(
        speaks_of(&nothing, &deep(), SHOP),
        Err(Silence::OtherVulnerability)
    );
}

#[test]
fn a_range_keeps_a_statement_to_its_versions() {
    for (range, speaks) in [
        ("vers:npm/>=0.9|<1.1", true),
        ("vers:npm/<1.0.0", false),
        ("vers:npm/<nonsense", false),
    ] {
        let id = ProductId::Purl {
            purl: "pkg:npm/bad".to_owned(),
            range: VersionRange::read(range),
        };
        let ranged = statement(
            State::NotAffected,
            vec![Product {
                id,
                subcomponents: Vec::new(),
            }],
        );
        assert_eq!(
            speaks_of(&ranged, &vulnerability(), SHOP).is_ok(),
            speaks,
            "{range}"
        );
    }
}

#[test]
fn some_states_suppress_and_others_only_annotate() {
    for (state, suppresses) in [
        (State::NotAffected, true),
        (State::FalsePositive, true),
        (State::Fixed, true),
        (State::Affected, false),
        (State::UnderInvestigation, false),
    ] {
        let mut world = World::with(vulnerability());
        world.statements = vec![stated("s", "ACME", VexOrigin::Document, state, "2026-01-01")];
        let judgement = world.judge(&policy("{}"));
        assert_eq!(
            outcome(&judgement),
            if suppresses { "pass" } else { "fail" },
            "{state:?}"
        );
        assert_eq!(judgement.vex.len(), 1);
        assert_eq!(judgement.vex[0].suppresses, suppresses);
        assert_eq!(judgement.counts.not_affected, usize::from(suppresses));
        assert_eq!(judgement.decisions["f_1"].source, "vex:ACME");
        if !suppresses {
            let shown = judgement.violations[0].finding.as_ref().unwrap();
            assert!(shown.decision.is_some(), "the violation shows it");
        }
    }
}

#[test]
fn trust_then_origin_then_time_decide_between_statements() {
    let none = "{}";
    let trust = r#"{"vex":{"trust":["Vendor*"]}}"#;
    let only = r#"{"vex":{"trust":["Vendor"],"others":false}}"#;
    let bare = r#"{"vex":{"embedded":false}}"#;
    use State::{Affected, NotAffected};
    use VexOrigin::{Document, Embedded, Triage};
    for (json, statements, counts) in [
        (
            none,
            vec![
                ("a", "X", Document, NotAffected, "2026-01-01"),
                ("b", "Y", Document, Affected, "2026-02-01"),
            ],
            Some("b"),
        ),
        (
            none,
            vec![
                ("a", "X", Document, NotAffected, "2026-01-01"),
                ("b", "Y", Embedded, Affected, "2026-02-01"),
            ],
            Some("a"),
        ),
        (
            trust,
            vec![
                ("a", "X", Document, Affected, "2026-03-01"),
                ("b", "Vendor A", Embedded, NotAffected, "2026-02-01"),
            ],
            Some("b"),
        ),
        (only, vec![("a", "X", Document, NotAffected, "2026-03-01")], None),
        (bare, vec![("a", "X", Embedded, NotAffected, "2026-03-01")], None),
        (
            trust,
            vec![
                ("a", "Vendor", Document, NotAffected, "2026-03-01"),
                ("b", "mara", Triage, Affected, "2026-02-01"),
            ],
            Some("b"),
        ),
    ] {
        let mut world = World::with(vulnerability());
        world.statements = statements
            .iter()
            .map(|(id, source, origin, state, day)| stated(id, source, *origin, *state, day))
            .collect();
        let applied = |world: &World| {
            world
                .judge(&policy(json))
                .vex
                .first()
                .map(|applied| applied.id.clone())
        };
        assert_eq!(applied(&world).as_deref(), counts, "{json}");
        world.statements.reverse();
        assert_eq!(applied(&world).as_deref(), counts, "{json}, in another order");
    }
}

#[test]
fn a_waiver_outweighs_statements_and_malware_is_excused_by_none() {
    let mut world = World::with(vulnerability());
    world.statements = vec![stated(
        "s",
        "ACME",
        VexOrigin::Document,
        State::Affected,
        "2026-01-01",
    )];
    world.waivers =
        vec![serde_json::from_value(serde_json::json!({
        "id": "w", "vulnerability": "CVE-2026-0001", "status": "false_positive", "reason": "Looked at."
    })).unwrap()];
    let judgement = world.judge(&policy("{}"));
    assert_eq!(judgement.decisions["f_1"].source, "waiver:w");
    assert!(judgement.vex.is_empty());
    let mut malware = World::with(Finding {
        class: advisories::Class::Malicious,
        ..vulnerability()
    });
    malware.statements = vec![stated(
        "s",
        "ACME",
        VexOrigin::Document,
        State::NotAffected,
        "2026-01-01",
    )];
    assert_eq!(outcome(&malware.judge(&policy("{}"))), "fail");
}

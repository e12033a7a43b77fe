//! One answer for one question, whatever the order of what goes in.

use advisories::Severity;
use policy::{Policy, Waiver};
use serde_json::json;

use crate::world::{World, feed, part, policy, rulings, vulnerability};

fn waiver(id: &str, vulnerability: &str) -> Waiver {
    serde_json::from_value(
        json!({"id": id, "vulnerability": vulnerability, "status": "false_positive", "reason": "No."}),
    )
    .unwrap()
}

fn busy() -> World {
    let mut world = World::new();
    for number in 0..40 {
        let mut finding = vulnerability();
        finding.id = format!("f_{number}");
        finding.canonical = format!("CVE-2026-{:04}", number % 10);
        finding.component.purl = format!("pkg:npm/bad{}@1.0.0", number / 10);
        finding.severity.level = [
            Severity::Low,
            Severity::High,
            Severity::Unknown,
            Severity::Critical,
        ][number % 4];
        world.findings.push(finding);
        world.parts.push(part(
            &format!("p{number}"),
            &[["MIT", "AGPL-3.0-only", "Odd", "NOASSERTION"][number % 4]],
        ));
    }
    world.feeds.push(feed("old", Some(60)));
    world.feeds.push(feed("older", Some(200)));
    world.waivers = vec![
        waiver("w2", "CVE-2026-0003"),
        waiver("w1", "CVE-2026-0003"),
        waiver("w3", "CVE-2026-0004"),
    ];
    world
}

fn text(world: &World) -> String {
    let judgement = world.judge(&Policy::default());
    let parts = (
        &judgement.checks,
        &judgement.counts,
        &judgement.violations,
        &judgement.waivers,
        &judgement.notices,
    );
    serde_json::to_string(&parts).unwrap()
}

#[test]
fn the_order_of_inputs_does_not_matter() {
    let first = busy();
    let mut second = busy();
    second.findings.reverse();
    second.parts.reverse();
    second.feeds.reverse();
    second.waivers.reverse();
    assert_eq!(text(&first), text(&first), "the same question twice");
    assert_eq!(text(&first), text(&second));
}

#[test]
fn the_worst_comes_first() {
    let rules = rulings(&busy().judge(&policy("{}")));
    let rank = |rule: &String| {
        ["fail", "indeterminate", "warn"]
            .iter()
            .position(|action| rule.ends_with(action))
    };
    let ranks: Vec<_> = rules.iter().map(rank).collect();
    assert!(ranks.len() > 40 && ranks.is_sorted(), "{rules:?}");
}

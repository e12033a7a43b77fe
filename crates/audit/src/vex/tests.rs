use clock::Timestamp;
use inventory::formats::{self, Export, Heading, Limits};
use serde_json::Value;

use super::decision::Decision;
use super::openvex::statement as statement_of;
use super::{Group, OpenVexHead, Undecided, analysis, openvex, statements, subjects};
use crate::sample;
use policy::{DecisionState as State, FindingDecision};

fn decided(state: State, justification: Option<&'static str>) -> Decision<'static> {
    Decision {
        state,
        justification,
        reason: "Nothing of ours parses untrusted input.",
        until: None,
        at: Some(Timestamp::from_millis(1_700_000_000_000)),
    }
}

fn head() -> OpenVexHead<'static> {
    OpenVexHead {
        uuid: "0193f0aa-1c7e-7d02-9a55-6f2f3b1c0d11",
        author: "shop",
        tool: ("plumbline", "1.0"),
        product: None,
    }
}

#[test]
fn every_finding_is_stated_once_with_what_it_affects() {
    let report = sample::report();
    let inventory = sample::inventory();
    let stated = statements(
        &report,
        &inventory,
        Undecided::Unsaid,
        Some("https://example.org/advisories"),
    );
    assert_eq!(stated.len(), report.findings.len());
    let first = &stated[0];
    assert_eq!(first.id, report.findings[0].canonical);
    let affected = first.affects[0].component.unwrap();
    let component = &inventory.components[affected as usize];
    assert_eq!(
        component.purl.as_ref().unwrap().to_string(),
        report.findings[0].component.purl
    );
    assert!(
        first.analysis.is_none(),
        "a report of vulnerabilities does not decide"
    );
    assert!(
        first.advisories[0]
            .url
            .as_ref()
            .unwrap()
            .starts_with("https://example.org/advisories/")
    );
    let vex = statements(&report, &inventory, Undecided::InTriage, None);
    assert_eq!(
        vex[0].analysis.as_ref().unwrap().state.as_deref(),
        Some("in_triage")
    );
    assert_eq!(vex[0].source.as_ref().unwrap().url, None);
}

#[test]
fn a_decision_is_said_in_the_words_of_each_format() {
    let report = sample::report();
    let finding = &report.findings[0];
    for (state, justification, cyclonedx, open) in [
        (
            State::NotAffected,
            Some("vulnerable_code_not_in_execute_path"),
            "not_affected",
            "not_affected",
        ),
        (State::FalsePositive, None, "false_positive", "not_affected"),
        (State::Fixed, None, "resolved", "fixed"),
        (State::Affected, None, "exploitable", "affected"),
        (State::AcceptedRisk, None, "exploitable", "affected"),
        (State::FixPending, None, "exploitable", "affected"),
        (
            State::UnderInvestigation,
            None,
            "in_triage",
            "under_investigation",
        ),
    ] {
        let decision = decided(state, justification);
        let said = analysis(Some(&decision), Undecided::Unsaid).unwrap();
        assert_eq!(said.state.as_deref(), Some(cyclonedx));
        assert_eq!(said.last_updated.as_deref(), Some("2023-11-14T22:13:20Z"));
        let group = Group {
            first: finding,
            findings: vec![finding],
            decision: Some(decision),
        };
        let statement = serde_json::to_value(statement_of(&group, "pkg:generic/shop")).unwrap();
        assert_eq!(statement["status"], open);
        assert_eq!(statement["timestamp"], "2023-11-14T22:13:20Z");
        match open {
            "not_affected" => {
                assert!(statement["justification"].is_string() || statement["impact_statement"].is_string());
            }
            "affected" => assert!(statement["action_statement"].is_string()),
            _ => assert!(statement["status_notes"].is_string()),
        }
    }
}

#[test]
fn what_a_finding_says_of_a_decision_reaches_both_formats() {
    let mut report = sample::report();
    report.findings[0].decision = Some(FindingDecision {
        state: State::AcceptedRisk,
        source: "waiver:w-1".to_owned(),
        justification: None,
        reason: "Behind a proxy.".to_owned(),
        until: "2027-01-12".parse().ok(),
        at: None,
    });
    let stated = statements(&report, &sample::inventory(), Undecided::Unsaid, None);
    let analysis = stated[0].analysis.as_ref().unwrap();
    assert_eq!(
        (
            analysis.state.as_deref(),
            analysis.response.as_slice(),
            analysis.detail.as_deref()
        ),
        (
            Some("exploitable"),
            &["will_not_fix".to_owned()][..],
            Some("Behind a proxy.")
        )
    );
    let document: Value = serde_json::from_str(&openvex(&report, &head())).unwrap();
    assert_eq!(
        document["statements"][0]["action_statement"],
        "The risk is accepted for now, until 2027-01-12: Behind a proxy."
    );
}

#[test]
fn openvex_names_the_product_narrowed_to_its_parts() {
    let report = sample::report();
    let document: Value = serde_json::from_str(&openvex(&report, &head())).unwrap();
    assert_eq!(document["@context"], "https://openvex.dev/ns/v0.2.0");
    assert_eq!(document["@id"], "urn:uuid:0193f0aa-1c7e-7d02-9a55-6f2f3b1c0d11");
    let product = &document["statements"][0]["products"][0];
    assert!(product["@id"].as_str().unwrap().starts_with("pkg:generic/"));
    assert_eq!(
        product["subcomponents"][0]["@id"],
        report.findings[0].component.purl.as_str()
    );
    assert_eq!(document["statements"][0]["status"], "under_investigation");
}

#[test]
fn a_document_of_its_own_holds_the_product_and_what_is_affected() {
    let report = sample::report();
    let inventory = sample::inventory();
    let few = subjects(&report, &inventory, "0193f0aa-1c7e-7d02-9a55-6f2f3b1c0d11");
    assert!(few.components.len() < inventory.components.len());
    assert_eq!(few.components[few.root.unwrap() as usize].name, "shop");
    let stated = statements(&report, &few, Undecided::InTriage, None);
    let heading = Heading {
        uuid: "0193f0aa-1c7e-7d02-9a55-6f2f3b1c0d12",
        created: Timestamp::from_millis(0),
        tool: ("plumbline", "1.0"),
        name: "shop",
    };
    let mut out = Vec::new();
    formats::write(&few, &stated, &heading, Export::CycloneDxJson, &mut out).unwrap();
    let document: Value = serde_json::from_slice(&out).unwrap();
    let references: Vec<&str> = document["components"]
        .as_array()
        .unwrap()
        .iter()
        .map(|component| component["bom-ref"].as_str().unwrap())
        .collect();
    for vulnerability in document["vulnerabilities"].as_array().unwrap() {
        let reference = vulnerability["affects"][0]["ref"].as_str().unwrap();
        assert!(references.contains(&reference), "{reference}");
    }
    assert_eq!(document["vulnerabilities"][0]["analysis"]["state"], "in_triage");
    assert!(formats::read(&out, &Limits::default()).is_ok());
}

//! OpenVEX 0.2.0.

use inventory::Purl;
use policy::{DecisionState, Finding, Verdict};
use serde::Serialize;

use super::decision::Decision;
use super::{Group, grouped};
use crate::Report;

const CONTEXT: &str = "https://openvex.dev/ns/v0.2.0";

/// What the document says about itself.
#[derive(Clone, Copy, Debug)]
pub struct OpenVexHead<'a> {
    /// A UUID, different for different contents.
    pub uuid: &'a str,
    /// Who speaks.
    pub author: &'a str,
    /// Name and version of the tool that writes.
    pub tool: (&'a str, &'a str),
    /// The package URL of the product; without one, it is a generic package of the project's name.
    pub product: Option<&'a Purl>,
}

#[derive(Serialize)]
struct Document<'a> {
    #[serde(rename = "@context")]
    context: &'static str,
    #[serde(rename = "@id")]
    id: String,
    author: &'a str,
    timestamp: String,
    version: u32,
    tooling: String,
    statements: Vec<Statement<'a>>,
}

#[derive(Serialize)]
pub(super) struct Statement<'a> {
    vulnerability: Vulnerability<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<String>,
    products: Vec<Product>,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    justification: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    impact_statement: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    action_statement: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_notes: Option<String>,
}

#[derive(Serialize)]
struct Vulnerability<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    aliases: &'a [String],
}

#[derive(Serialize)]
struct Product {
    #[serde(flatten)]
    component: Component,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    subcomponents: Vec<Component>,
}

#[derive(Clone, Serialize)]
struct Component {
    #[serde(rename = "@id")]
    id: String,
    identifiers: Identifiers,
}

#[derive(Clone, Serialize)]
struct Identifiers {
    purl: String,
}

impl Component {
    fn new(purl: String) -> Self {
        Self {
            id: purl.clone(),
            identifiers: Identifiers { purl },
        }
    }
}

/// The findings of a report as an OpenVEX document: the product, narrowed to the affected components. What nobody has
/// decided about is under investigation.
#[must_use]
pub fn openvex(report: &Report, head: &OpenVexHead<'_>) -> String {
    let product = product(&report.verdict, head);
    let groups = grouped(report);
    let document = Document {
        context: CONTEXT,
        id: format!("urn:uuid:{}", head.uuid),
        author: head.author,
        timestamp: report.verdict.evaluated_at.to_string(),
        version: 1,
        tooling: format!("{}/{}", head.tool.0, head.tool.1),
        statements: groups.iter().map(|group| statement(group, &product)).collect(),
    };
    crate::render::pretty(&document)
}

fn product(verdict: &Verdict, head: &OpenVexHead<'_>) -> String {
    if let Some(purl) = head.product {
        return purl.to_string();
    }
    let version = verdict.reference.version.as_deref();
    let generic = Purl::new("generic", None, &verdict.project, version);
    generic.map_or_else(|_| format!("urn:uuid:{}", head.uuid), |purl| purl.to_string())
}

pub(super) fn statement<'r>(group: &'r Group<'r>, product: &str) -> Statement<'r> {
    let finding = group.first;
    let decision = group.decision.as_ref();
    let mut parts: Vec<&str> = group
        .findings
        .iter()
        .map(|finding| finding.component.purl.as_str())
        .collect();
    parts.dedup();
    parts.retain(|part| *part != product && !part.is_empty());
    Statement {
        vulnerability: Vulnerability {
            name: &finding.canonical,
            description: &finding.summary,
            aliases: &finding.aliases,
        },
        timestamp: decision.and_then(|decision| decision.at).map(|at| at.to_string()),
        products: vec![Product {
            component: Component::new(product.to_owned()),
            subcomponents: parts
                .into_iter()
                .map(|part| Component::new(part.to_owned()))
                .collect(),
        }],
        status: status(decision),
        justification: decision.and_then(justification),
        impact_statement: decision.and_then(impact),
        action_statement: decision.and_then(|decision| action(decision, finding)),
        status_notes: decision.and_then(notes),
    }
}

fn status(decision: Option<&Decision<'_>>) -> &'static str {
    match decision.map(|decision| decision.state) {
        None | Some(DecisionState::UnderInvestigation) => "under_investigation",
        Some(DecisionState::NotAffected | DecisionState::FalsePositive) => "not_affected",
        Some(DecisionState::Fixed) => "fixed",
        Some(DecisionState::Affected | DecisionState::AcceptedRisk | DecisionState::FixPending) => "affected",
    }
}

const fn is_not_affected(decision: &Decision<'_>) -> bool {
    matches!(
        decision.state,
        DecisionState::NotAffected | DecisionState::FalsePositive
    )
}

fn justification(decision: &Decision<'_>) -> Option<&'static str> {
    decision.justification.filter(|_| is_not_affected(decision))
}

/// Who is not affected must say why: by a justification, or in words.
fn impact(decision: &Decision<'_>) -> Option<String> {
    let words = match decision.reason {
        "" if decision.justification.is_some() => return None,
        "" if decision.state == DecisionState::FalsePositive => "The finding is a false positive.",
        "" => "The product is not affected.",
        reason => reason,
    };
    is_not_affected(decision).then(|| words.to_owned())
}

/// Who is affected must say what to do.
fn action(decision: &Decision<'_>, finding: &Finding) -> Option<String> {
    let what = match decision.state {
        DecisionState::AcceptedRisk => "The risk is accepted for now",
        DecisionState::FixPending => "A fix is on its way",
        DecisionState::Affected => {
            return Some(super::advice(finding).unwrap_or_else(|| "No fixed version is known.".to_owned()));
        }
        _ => return None,
    };
    let until = decision
        .until
        .map(|day| format!(", until {day}"))
        .unwrap_or_default();
    Some(match decision.reason {
        "" => format!("{what}{until}."),
        reason => format!("{what}{until}: {reason}"),
    })
}

/// A reason that stands nowhere else.
fn notes(decision: &Decision<'_>) -> Option<String> {
    let elsewhere = !matches!(
        decision.state,
        DecisionState::Fixed | DecisionState::UnderInvestigation | DecisionState::Affected
    );
    (!elsewhere && !decision.reason.is_empty()).then(|| decision.reason.to_owned())
}

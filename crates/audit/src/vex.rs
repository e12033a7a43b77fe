//! Findings and what was decided about them, as statements about exploitability (`gate.md` §6).
//!
//! The statements take the shape that documents bring them in (`inventory::VexStatement`), so the writers of
//! `inventory::formats` put them into an SBOM or into a document of their own; OpenVEX is written here. `decision` is
//! the one place that knows where decisions come from.

mod decision;
mod openvex;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use advisories::{Class, Severity};
use inventory::{
    Analysis, Component, ComponentId, ExternalReference, Inventory, Link, Property, Rating, VexStatement,
    VexStatus, VexSubject, VexVersion,
};
use policy::Finding;

use crate::Report;
use crate::status::version;
use decision::Decision;

pub use openvex::{OpenVexHead, openvex};

/// What a statement says of a finding about which nobody has decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undecided {
    /// Nothing: a report of vulnerabilities.
    Unsaid,
    /// That it is being looked into: a VEX document must say something.
    InTriage,
}

/// The findings of a report, one statement for each vulnerability and decision, worst first.
///
/// `advisories` is the address below which the service shows advisories (`https://HOST/advisories`); without it, the
/// statements have no addresses.
#[must_use]
pub fn statements(
    report: &Report,
    inventory: &Inventory,
    undecided: Undecided,
    advisories: Option<&str>,
) -> Vec<VexStatement> {
    let places = Places::new(inventory);
    grouped(report)
        .into_iter()
        .map(|group| statement(&group, &places, undecided, advisories))
        .collect()
}

/// A document of its own: the product and the affected components only, each linked to the SBOM by BOM-Link.
///
/// `sbom` is the UUID under which the SBOM of the same build is written.
#[must_use]
pub fn subjects(report: &Report, inventory: &Inventory, sbom: &str) -> Inventory {
    let places = Places::new(inventory);
    let mut kept: Vec<ComponentId> = vulnerabilities(report)
        .flat_map(|finding| places.of(finding))
        .chain(inventory.root)
        .collect();
    kept.sort_unstable();
    kept.dedup();
    let root = inventory.root.and_then(|root| kept.binary_search(&root).ok());
    let component = |id: &ComponentId| inventory.components.get(usize::try_from(*id).ok()?);
    Inventory {
        format: inventory.format.clone(),
        tools: inventory.tools.clone(),
        root: root.and_then(|root| ComponentId::try_from(root).ok()),
        components: kept
            .iter()
            .filter_map(component)
            .map(|component| identity(component, sbom))
            .collect(),
        ..Inventory::default()
    }
}

/// What a component is, without what is known of it besides.
fn identity(component: &Component, sbom: &str) -> Component {
    let link = ExternalReference {
        kind: "bom".to_owned(),
        url: format!("urn:cdx:{sbom}/1"),
        ..ExternalReference::default()
    };
    Component {
        reference: component.reference.clone(),
        kind: component.kind,
        group: component.group.clone(),
        name: component.name.clone(),
        version: component.version.clone(),
        purl: component.purl.clone(),
        cpe: component.cpe.clone(),
        supplier: component.supplier.clone(),
        details: inventory::Details {
            external_references: vec![link],
            ..inventory::Details::default()
        }
        .boxed(),
        ..Component::default()
    }
}

/// Findings that speak of one vulnerability and share what was decided.
struct Group<'r> {
    first: &'r Finding,
    findings: Vec<&'r Finding>,
    decision: Option<Decision<'r>>,
}

/// What is no vulnerability (nobody maintains it, a note) has no exploitability.
fn vulnerabilities(report: &Report) -> impl Iterator<Item = &Finding> {
    report.findings.iter().filter(|finding| {
        matches!(
            finding.class,
            Class::Vulnerability | Class::Malicious | Class::Unsound
        )
    })
}

fn grouped(report: &Report) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut by_id: HashMap<&str, Vec<usize>> = HashMap::new();
    for finding in vulnerabilities(report) {
        let decision = Decision::of(finding);
        let same = by_id.entry(&finding.canonical).or_default();
        let known = same
            .iter()
            .find(|index| {
                groups
                    .get(**index)
                    .is_some_and(|group| group.takes(finding, decision.as_ref()))
            })
            .copied();
        if let Some(group) = known.and_then(|index| groups.get_mut(index)) {
            group.findings.push(finding);
        } else {
            same.push(groups.len());
            groups.push(Group {
                first: finding,
                findings: vec![finding],
                decision,
            });
        }
    }
    groups
}

impl Group<'_> {
    /// Whether one statement can speak of this finding, too.
    fn takes(&self, finding: &Finding, decision: Option<&Decision<'_>>) -> bool {
        self.decision.as_ref() == decision
            && self.first.fix == finding.fix
            && self.first.severity == finding.severity
    }
}

/// The components of an inventory by what findings call them.
struct Places<'i> {
    inventory: &'i Inventory,
    by_purl: HashMap<String, Vec<ComponentId>>,
}

impl<'i> Places<'i> {
    fn new(inventory: &'i Inventory) -> Self {
        let mut by_purl: HashMap<String, Vec<ComponentId>> = HashMap::new();
        for (id, component) in (0..).zip(&inventory.components) {
            if let Some(purl) = &component.purl {
                by_purl.entry(purl.to_string()).or_default().push(id);
            }
        }
        Self { inventory, by_purl }
    }

    fn of(&self, finding: &Finding) -> Vec<ComponentId> {
        let same = self.by_purl.get(&finding.component.purl).into_iter().flatten();
        let has_version = |id: &&ComponentId| {
            let component = self.component(**id);
            component.and_then(version) == Some(finding.component.version.as_str())
        };
        same.filter(has_version).copied().collect()
    }

    fn component(&self, id: ComponentId) -> Option<&'i Component> {
        self.inventory.components.get(usize::try_from(id).ok()?)
    }
}

fn statement(
    group: &Group<'_>,
    places: &Places<'_>,
    undecided: Undecided,
    advisories: Option<&str>,
) -> VexStatement {
    let finding = group.first;
    let address = |id: &str| advisories.map(|root| format!("{root}/{}", encoded(id)));
    let records = finding.evidence.records.iter();
    VexStatement {
        id: finding.canonical.clone(),
        aliases: finding.aliases.clone(),
        source: Some(Link {
            name: Some(database(&finding.canonical).to_owned()),
            url: address(&finding.canonical),
        }),
        ratings: vec![rating(finding)],
        description: Some(finding.summary.clone()).filter(|text| !text.is_empty()),
        detail: Some(finding.evidence.range.clone()).filter(|text| !text.is_empty()),
        recommendation: advice(finding),
        advisories: records
            .filter_map(|record| {
                Some(Link {
                    name: Some(record.clone()),
                    url: Some(address(record)?),
                })
            })
            .collect(),
        analysis: analysis(group.decision.as_ref(), undecided),
        affects: group
            .findings
            .iter()
            .flat_map(|finding| affected(finding, group.decision.as_ref(), places))
            .collect(),
        properties: properties(finding),
        ..VexStatement::default()
    }
}

/// The database that gives out ids of this kind, as other tools call it.
fn database(id: &str) -> &'static str {
    if id.starts_with("CVE-") {
        "NVD"
    } else if id.starts_with("GHSA-") {
        "GITHUB"
    } else {
        "OSV"
    }
}

/// Ids are words with dashes; whatever else a feed makes of them must not break out of an address.
fn encoded(id: &str) -> String {
    id.bytes()
        .map(|byte| match byte {
            _ if byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte) => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

fn rating(finding: &Finding) -> Rating {
    let severity = &finding.severity;
    let vector = severity.vector.as_deref();
    let method = |vector: &str| match vector.split_once('/').map_or(vector, |(version, _)| version) {
        "CVSS:3.0" => "CVSSv3",
        "CVSS:3.1" => "CVSSv31",
        "CVSS:4.0" => "CVSSv4",
        _ => "CVSSv2",
    };
    Rating {
        source: severity.source.clone().map(|name| Link {
            name: Some(name),
            url: None,
        }),
        score: severity.score,
        severity: Some(severity_word(severity.level).to_owned()),
        method: vector.map(|vector| method(vector).to_owned()),
        vector: severity.vector.clone(),
        justification: None,
    }
}

const fn severity_word(level: Severity) -> &'static str {
    match level {
        Severity::Critical => "critical",
        Severity::High => "high",
        Severity::Medium => "medium",
        Severity::Low => "low",
        Severity::None => "none",
        Severity::Unknown => "unknown",
    }
}

/// What to do, where it is known.
fn advice(finding: &Finding) -> Option<String> {
    let version = finding.fix.version.as_deref()?;
    let name = &finding.component.name;
    Some(match &finding.fix.via {
        Some(via) => format!("Upgrade {name} to {version}; it comes through {via}."),
        None => format!("Upgrade {name} to {version}."),
    })
}

fn affected(finding: &Finding, decision: Option<&Decision<'_>>, places: &Places<'_>) -> Vec<VexSubject> {
    let version = VexVersion {
        version: Some(finding.component.version.clone()),
        range: None,
        status: Some("affected".to_owned()),
    };
    let clears = decision.is_some_and(|decision| decision.state.clears());
    places
        .of(finding)
        .into_iter()
        .map(|id| VexSubject {
            reference: places
                .component(id)
                .map_or_else(String::new, |component| component.reference.clone()),
            component: Some(id),
            // That the version is affected would contradict a decision that says otherwise.
            versions: if clears { Vec::new() } else { vec![version.clone()] },
        })
        .collect()
}

fn properties(finding: &Finding) -> Vec<Property> {
    let property = |name: &str, value: String| Property {
        name: format!("plumbline:{name}"),
        value: Some(value),
    };
    let class = (finding.class != Class::Vulnerability).then(|| finding.class.word().to_owned());
    [
        class.map(|class| property("class", class)),
        finding.epss.map(|epss| property("epss", epss.to_string())),
        finding
            .kev
            .map(|kev| property("known-exploited", kev.to_string())),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn analysis(decision: Option<&Decision<'_>>, undecided: Undecided) -> Option<Analysis> {
    let Some(decision) = decision else {
        return (undecided == Undecided::InTriage).then(|| Analysis {
            status: Some(VexStatus::UnderInvestigation),
            state: Some("in_triage".to_owned()),
            ..Analysis::default()
        });
    };
    let (status, state, response) = decision.words();
    Some(Analysis {
        status: Some(status),
        state: Some(state.to_owned()),
        justification: decision.justification.map(str::to_owned),
        response: response.iter().map(|word| (*word).to_owned()).collect(),
        detail: Some(decision.reason.to_owned()).filter(|text| !text.is_empty()),
        last_updated: decision.at.map(|at| at.to_string()),
        ..Analysis::default()
    })
}

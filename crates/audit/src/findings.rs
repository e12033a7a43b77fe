//! From match results to findings: one for each package version and alias group.

use std::collections::HashMap;

use advisories::{RecordRef, VulnerabilityMatch};
use inventory::{Component, ComponentId, ComponentKind, Inventory, Scope, Source};
use policy::{Finding, FindingComponent, FindingEvidence, FindingFix, FindingSeverity, RecordRevision};
use sha2::{Digest, Sha256};

use crate::label::{label, package_name, package_purl};
use crate::status::version;
use crate::{Graph, Knowledge, PATH_COUNT_LIMIT, PATHS_SHOWN, Seen, Surroundings};

/// Hexadecimal digits of a digest that make an id.
const ID_DIGITS: usize = 24;

/// What makes two findings the same, from build to build and for the store.
///
/// `package` is the package URL without version and qualifiers ([`package_purl`]), `canonical` any id under
/// which the alias group was or is known.
#[must_use]
pub fn finding_key(package: &str, version: &str, canonical: &str) -> String {
    format!("{package} {version} {canonical}")
}

/// Every finding of the inventory, in the order of its components.
///
/// Components that differ in qualifiers only (the architectures of one Debian package) share findings.
pub(crate) fn collect(inventory: &Inventory, knowledge: &Knowledge, graph: &Graph) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    let surroundings = Surroundings::of(inventory);
    for (id, component) in (0..).zip(&inventory.components) {
        let Some(result) = knowledge
            .matches
            .get(&id)
            .filter(|result| !result.affected.is_empty() && is_spoken_of(component))
            .filter(|_| surroundings.owner(id).is_none())
        else {
            continue;
        };
        let affected = Affected::new(id, component, inventory, graph, &surroundings);
        for group in &result.affected {
            let key = finding_key(&affected.package, &affected.component.version, &group.canonical);
            match known.get(&key).and_then(|&position| findings.get_mut(position)) {
                Some(finding) => affected.join(finding),
                None => {
                    findings.push(affected.finding(group, &key, knowledge));
                    known.insert(key, findings.len() - 1);
                }
            }
        }
    }
    findings
}

/// Whether public advisories may speak of the component: they do of what comes from the default registry, and of the
/// product itself where it is published there under its name.
fn is_spoken_of(component: &Component) -> bool {
    match component.source {
        Source::Registry => true,
        Source::Path(_) => component.kind == ComponentKind::Application,
        Source::OtherRegistry(_) | Source::Git(_) | Source::Url(_) => false,
    }
}

/// One affected component with what its findings have in common.
struct Affected {
    package: String,
    component: FindingComponent,
    paths: Vec<Vec<String>>,
    path_count: u64,
    via: Option<String>,
}

impl Affected {
    fn new(
        id: ComponentId,
        component: &Component,
        inventory: &Inventory,
        graph: &Graph,
        surroundings: &Surroundings,
    ) -> Self {
        let name_of = |id: &ComponentId| inventory.components.get(*id as usize).map(label);
        let purl = component.purl.as_ref();
        let direct = graph.direct(id);
        let mut paths: Vec<Vec<String>> = Vec::new();
        for path in graph.shortest_paths(id) {
            let path: Vec<String> = path.iter().filter_map(name_of).collect();
            if !paths.contains(&path) {
                paths.push(path);
            }
        }
        let via: Vec<String> = match direct {
            Some(false) => graph.via(id).iter().filter_map(name_of).collect(),
            _ => Vec::new(),
        };
        let listed = u64::try_from(paths.len()).unwrap_or(PATH_COUNT_LIMIT);
        Self {
            package: purl.map_or_else(|| package_name(component), package_purl),
            component: finding_component(component, direct, surroundings),
            path_count: graph.path_count(id).max(listed),
            paths,
            via: (!via.is_empty()).then(|| via.join(", ")),
        }
    }

    fn finding(&self, group: &VulnerabilityMatch, key: &str, knowledge: &Knowledge) -> Finding {
        let seen = self.seen(group, knowledge);
        Finding {
            id: seen.map_or_else(|| short_id("f_", key), |seen| seen.id.clone()),
            class: group.class,
            canonical: group.canonical.clone(),
            aliases: aliases(group),
            summary: group.summary.clone(),
            severity: severity(group),
            kev: knowledge
                .kev
                .as_ref()
                .map(|kev| names(group).any(|id| kev.contains(id))),
            epss: epss(group, knowledge),
            component: self.component.clone(),
            paths: self.paths.clone(),
            path_count: self.path_count,
            evidence: evidence(group, &self.component.ecosystem),
            fix: FindingFix {
                version: group.fix.version.clone(),
                kind: group.fix.kind,
                via: self.via.clone(),
            },
            first_seen: seen.map(|seen| seen.first_seen),
            due: None,
            cause: seen.map(|seen| seen.cause),
            decision: None,
        }
    }

    /// What the store remembers, under the id of today or any other of the group: a finding keeps its
    /// identity when a CVE is assigned later.
    fn seen<'k>(&self, group: &VulnerabilityMatch, knowledge: &'k Knowledge) -> Option<&'k Seen> {
        std::iter::once(&group.canonical)
            .chain(&group.ids)
            .find_map(|id| {
                let key = finding_key(&self.package, &self.component.version, id);
                knowledge.seen.get(&key)
            })
    }

    /// Adds the ways to this component to the finding of another one that is the same package version.
    fn join(&self, finding: &mut Finding) {
        for path in &self.paths {
            if finding.paths.len() < PATHS_SHOWN && !finding.paths.contains(path) {
                finding.paths.push(path.clone());
            }
        }
        finding.paths.sort_by_key(Vec::len);
        finding.path_count = (finding.path_count + self.path_count).min(PATH_COUNT_LIMIT);
        let component = &mut finding.component;
        component.direct = match (component.direct, self.component.direct) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            _ => None,
        };
        component.scope = most_needed(component.scope, self.component.scope);
        if component.direct == Some(true) {
            finding.fix.via = None;
        }
    }
}

fn most_needed(a: Scope, b: Scope) -> Scope {
    a.min(b)
}

fn finding_component(
    component: &Component,
    direct: Option<bool>,
    surroundings: &Surroundings,
) -> FindingComponent {
    let purl = component.purl.as_ref();
    let ecosystem = surroundings.ecosystem(component).map(ecosystems::Ecosystem::name);
    FindingComponent {
        purl: purl.map(ToString::to_string).unwrap_or_default(),
        name: package_name(component),
        version: version(component).unwrap_or_default().to_owned(),
        ecosystem: ecosystem
            .or_else(|| purl.map(inventory::Purl::kind))
            .unwrap_or_default()
            .to_owned(),
        scope: component.scope,
        direct,
    }
}

fn aliases(group: &VulnerabilityMatch) -> Vec<String> {
    names(group)
        .filter(|id| **id != group.canonical)
        .cloned()
        .collect()
}

/// Every id that the group is known under or is about: whoever has decided on a CVE has decided on what a
/// distribution's record makes of it.
fn names(group: &VulnerabilityMatch) -> impl Iterator<Item = &String> {
    group.ids.iter().chain(&group.upstream)
}

fn severity(group: &VulnerabilityMatch) -> FindingSeverity {
    let rating = group.severity.clone();
    FindingSeverity {
        level: rating.level,
        score: rating.score,
        vector: rating.vector,
        source: rating.source,
    }
}

/// The highest probability of the group's ids; `None` when the feed is not loaded or has none of them.
fn epss(group: &VulnerabilityMatch, knowledge: &Knowledge) -> Option<f64> {
    let scores = knowledge.epss.as_ref()?;
    names(group)
        .filter_map(|id| scores.get(id).copied())
        .max_by(f64::total_cmp)
}

fn evidence(group: &VulnerabilityMatch, ecosystem: &str) -> FindingEvidence {
    let evidence = &group.evidence;
    let mut notes = evidence.notes.clone();
    if evidence.partially_withdrawn {
        notes.push("the ecosystem's own database withdrew its record, a mirror has not".to_owned());
    }
    if let (Some(version), false) = (&group.fix.version, group.fix.remaining.is_empty()) {
        notes.push(format!(
            "{version} is still affected by {}",
            group.fix.remaining.join(", ")
        ));
    }
    FindingEvidence {
        range: evidence.range.clone(),
        records: evidence.records.iter().map(|record| record.id.clone()).collect(),
        disputed: evidence.disputed,
        revisions: evidence.records.iter().map(revision).collect(),
        comparator: Some(comparator(ecosystem).to_owned()).filter(|name| !name.is_empty()),
        notes,
    }
}

fn revision(record: &RecordRef) -> RecordRevision {
    RecordRevision {
        id: record.id.clone(),
        modified: record.modified,
        affected: record.affected,
        range: record.range.clone(),
        undetermined: record.doubt.clone(),
    }
}

/// The order of versions that an ecosystem uses, as people call it.
fn comparator(ecosystem: &str) -> &str {
    match ecosystem {
        "npm" | "crates.io" | "Go" | "Hex" | "Pub" | "SwiftURL" => "SemVer 2.0.0 precedence",
        "PyPI" => "PEP 440",
        "Debian" | "Ubuntu" => "dpkg",
        "Alpine" | "Wolfi" | "Chainguard" => "apk",
        "Red Hat" | "AlmaLinux" | "Rocky Linux" | "SUSE" | "openSUSE" | "openEuler" | "Mageia" => "rpmvercmp",
        other => other,
    }
}

/// A short stable id: a prefix and the first digits of the SHA-256 of `text`.
pub(crate) fn short_id(prefix: &str, text: &str) -> String {
    let digest = hex::encode(Sha256::digest(text));
    format!("{prefix}{}", digest.get(..ID_DIGITS).unwrap_or(&digest))
}

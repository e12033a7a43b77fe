//! The shortest way to green.
//!
//! A step changes one package version and clears its blocking findings. Steps are disjoint (a finding
//! belongs to one package version), so that the greedy set cover is the order by what each step clears.
//!
//! Only what is known is claimed. A fix version is one that no known record affects, or else says what
//! remains, so moving a component to the highest fix version of its findings clears them but for what remains
//! there. Which version of a *direct* dependency brings a
//! fixed transitive one is not known without resolving: where nobody has resolved again, such a step names the
//! dependencies and the version that a refreshed lockfile must contain, and no target.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use advisories::Severity;
use ecosystems::Ecosystem;
use inventory::{Inventory, Purl};
use policy::{Action, Finding, Violation};

use crate::{Knowledge, Upgrade, Way};

/// By package URL and canonical id of a finding: the findings that affect its fix version too.
pub(crate) type Remaining = HashMap<(String, String), Vec<String>>;

/// What remains after each fix, of those after which something does.
pub(crate) fn remaining(inventory: &Inventory, knowledge: &Knowledge) -> Remaining {
    let mut remaining = Remaining::new();
    for (id, result) in &knowledge.matches {
        let component = inventory.components.get(*id as usize);
        let Some(purl) = component.and_then(|component| component.purl.as_ref()) else {
            continue;
        };
        for group in result
            .affected
            .iter()
            .filter(|group| !group.fix.remaining.is_empty())
        {
            let place = (purl.to_string(), group.canonical.clone());
            remaining.insert(place, group.fix.remaining.clone());
        }
    }
    remaining
}

/// By package URL of the affected component: what resolving again has shown.
pub(crate) type Ways = HashMap<String, Way>;

/// The steps for all findings that block and have a fix: refreshes that suffice, then those that clear most.
pub(crate) fn way_to_green(violations: &[Violation], remaining: &Remaining, ways: &Ways) -> Vec<Upgrade> {
    let mut steps: Vec<Upgrade> = Vec::new();
    for findings in blocking_by_component(violations).values() {
        let found = shown(findings, ways).or_else(|| step(findings, remaining));
        match found.map(|found| (same(&steps, &found), found)) {
            Some((Some(position), found)) => unite(&mut steps[position], found),
            Some((None, found)) => steps.push(found),
            None => {}
        }
    }
    steps.sort_by(|a, b| order(a).cmp(&order(b)));
    steps
}

/// Where a step stands that changes the same dependency in the same way.
fn same(steps: &[Upgrade], step: &Upgrade) -> Option<usize> {
    let is_same = |other: &Upgrade| {
        step.resolved
            && other.resolved
            && step.to.is_some()
            && (&other.name, &other.from, &other.to) == (&step.name, &step.from, &step.to)
    };
    steps.iter().position(is_same)
}

fn unite(step: &mut Upgrade, other: Upgrade) {
    step.clears.extend(other.clears);
    step.clears.sort_unstable();
    step.clears.dedup();
    step.clears_critical += other.clears_critical;
}

/// The step that resolving again has shown for a component, if anybody has looked and found one.
fn shown(findings: &BTreeMap<&str, &Finding>, ways: &Ways) -> Option<Upgrade> {
    let component = &findings.values().next()?.component;
    let plain = |command: &String| Some(command.clone()).filter(|command| !command.is_empty());
    let mut step = Upgrade {
        purl: component.purl.clone(),
        name: component.name.clone(),
        from: component.version.clone(),
        to: None,
        fixed: highest_fix(findings, ecosystems::by_name(&component.ecosystem)).map(str::to_owned),
        direct: component.direct,
        via: via(&findings.values().copied().collect::<Vec<_>>()),
        clears: findings.keys().map(|id| (*id).to_owned()).collect(),
        clears_critical: findings
            .values()
            .filter(|finding| finding.severity.level == Severity::Critical)
            .count(),
        command: None,
        resolved: true,
    };
    match ways.get(&component.purl)? {
        Way::Refresh { command } => step.command = plain(command),
        Way::Upgrade {
            name,
            from,
            to,
            command,
        } => {
            step.command = plain(command);
            step.purl = direct_purl(&component.purl, name, from);
            (step.name, step.from, step.to) = (name.clone(), from.clone(), Some(to.clone()));
            (step.fixed, step.direct, step.via) = (None, Some(true), Vec::new());
        }
        Way::None { .. } => return None,
    }
    Some(step)
}

/// The direct dependency, which is of the kind of what it brings.
fn direct_purl(brought: &str, name: &str, version: &str) -> String {
    let kind = brought.parse::<Purl>().map(|purl| purl.kind().to_owned());
    let (namespace, bare) = match name.rsplit_once('/') {
        Some((namespace, bare)) => (Some(namespace), bare),
        None => (None, name),
    };
    let made = kind
        .ok()
        .and_then(|kind| Purl::new(&kind, namespace, bare, Some(version)).ok());
    made.map(|purl| purl.to_string()).unwrap_or_default()
}

fn order(step: &Upgrade) -> impl Ord + '_ {
    (
        // A refresh that suffices changes no manifest.
        Reverse(step.resolved && step.to.is_none()),
        Reverse(step.clears.len()),
        Reverse(step.clears_critical),
        Reverse(step.direct == Some(true)),
        &step.name,
        &step.from,
        &step.purl,
    )
}

/// Findings that fail the gate, each once, by the component that they are in.
fn blocking_by_component(violations: &[Violation]) -> BTreeMap<(&str, &str), BTreeMap<&str, &Finding>> {
    let mut groups: BTreeMap<(&str, &str), BTreeMap<&str, &Finding>> = BTreeMap::new();
    for violation in violations
        .iter()
        .filter(|violation| violation.action == Action::Fail)
    {
        if let Some(finding) = &violation.finding {
            let place = (finding.component.purl.as_str(), finding.component.name.as_str());
            groups.entry(place).or_default().insert(&finding.id, finding);
        }
    }
    groups
}

fn step(findings: &BTreeMap<&str, &Finding>, remaining: &Remaining) -> Option<Upgrade> {
    let component = &findings.values().next()?.component;
    let ecosystem = ecosystems::by_name(&component.ecosystem);
    let fixed = highest_fix(findings, ecosystem)?;
    let cleared = cleared(findings, fixed, remaining);
    if cleared.is_empty() {
        return None;
    }
    let transitive = component.direct == Some(false);
    Some(Upgrade {
        purl: component.purl.clone(),
        name: component.name.clone(),
        from: component.version.clone(),
        to: (!transitive).then(|| fixed.to_owned()),
        fixed: Some(fixed.to_owned()),
        direct: component.direct,
        via: via(&cleared),
        clears: cleared.iter().map(|finding| finding.id.clone()).collect(),
        clears_critical: cleared
            .iter()
            .filter(|finding| finding.severity.level == Severity::Critical)
            .count(),
        command: ecosystem.and_then(|ecosystem| command(ecosystem, &component.name, fixed, component.direct)),
        resolved: false,
    })
}

/// The findings that have a fix and of which nothing is left at `target`.
fn cleared<'f>(
    findings: &BTreeMap<&str, &'f Finding>,
    target: &str,
    remaining: &Remaining,
) -> Vec<&'f Finding> {
    let fixable = || findings.values().filter(|finding| finding.fix.version.is_some());
    let left: Vec<&String> = fixable()
        .filter(|finding| finding.fix.version.as_deref() == Some(target))
        .filter_map(|finding| remaining.get(&(finding.component.purl.clone(), finding.canonical.clone())))
        .flatten()
        .collect();
    fixable()
        .copied()
        .filter(|finding| !left.contains(&&finding.canonical))
        .collect()
}

/// The highest of the fix versions: it is past all of them.
///
/// Without a known order of versions there is an answer only when all findings name the same version.
fn highest_fix<'f>(
    findings: &BTreeMap<&str, &'f Finding>,
    ecosystem: Option<&dyn Ecosystem>,
) -> Option<&'f str> {
    let mut versions = findings
        .values()
        .filter_map(|finding| finding.fix.version.as_deref());
    let first = versions.next()?;
    versions.try_fold(first, |highest, version| {
        if version == highest {
            return Some(highest);
        }
        let ecosystem = ecosystem?;
        let (old, new) = (ecosystem.key(highest).ok()?, ecosystem.key(version).ok()?);
        Some(if new > old { version } else { highest })
    })
}

/// The direct dependencies that bring the component, as its findings name them.
fn via(findings: &[&Finding]) -> Vec<String> {
    let names = findings.iter().find_map(|finding| finding.fix.via.as_deref());
    names
        .map(|names| names.split(", ").map(str::to_owned).collect())
        .unwrap_or_default()
}

/// What to type; `None` when the ecosystem has no safe command, or when directness is not known.
fn command(ecosystem: &dyn Ecosystem, name: &str, version: &str, direct: Option<bool>) -> Option<String> {
    let install = ecosystem.upgrade_command(name, version);
    if install.is_empty() {
        return None;
    }
    match (direct?, ecosystem.name()) {
        // `npm install` would make a direct dependency of a transitive one.
        (false, "npm") => Some(format!("npm update {name}")),
        _ => Some(install),
    }
}

#[cfg(test)]
mod tests;

//! What a component is marked with: affected, leading to something affected, not checked, or neither.

use std::collections::HashMap;

use advisories::{Class, Severity};
use inventory::{ComponentId, Inventory};
use policy::Finding;

use super::Chart;
use crate::status::version;
use crate::{Graph, WhyNotChecked};

/// The mark of one component, the worst that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// An open finding is about it.
    Affected,
    /// It needs, by whatever way, something that is affected.
    Leads,
    NotChecked,
    /// It was checked, and nothing is known against it.
    Clear,
}

impl Mark {
    pub const ALL: [Self; 4] = [Self::Affected, Self::Leads, Self::NotChecked, Self::Clear];

    /// A sign that tells it without colour.
    #[must_use]
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Affected => "✗",
            Self::Leads => "▲",
            Self::NotChecked => "?",
            Self::Clear => "●",
        }
    }

    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Affected => "affected by a known vulnerability",
            Self::Leads => "needs something that is affected",
            Self::NotChecked => "not checked",
            Self::Clear => "nothing known",
        }
    }

    /// The class that pages may colour by.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::Affected => "affected",
            Self::Leads => "leads",
            Self::NotChecked => "not-checked",
            Self::Clear => "clear",
        }
    }

    /// Readable on white, with a contrast of at least 4.5.
    #[must_use]
    pub const fn colour(self) -> &'static str {
        match self {
            Self::Affected => "#b42318",
            Self::Leads => "#6b3fa0",
            Self::NotChecked => "#8a5a00",
            Self::Clear => "#3f5f4b",
        }
    }
}

/// The marks of all components, with what the findings say.
pub(super) struct Marks<'a> {
    marks: Vec<Mark>,
    findings: HashMap<ComponentId, Vec<&'a Finding>>,
}

impl<'a> Marks<'a> {
    pub fn of(chart: &Chart<'a>, graph: &Graph) -> Self {
        let findings = by_component(chart.inventory, chart.findings);
        let mut marks = vec![Mark::NotChecked; chart.inventory.components.len()];
        for status in chart.components {
            let is_gap = status.why_not.is_some_and(|why| {
                !matches!(why, WhyNotChecked::NotAPackage | WhyNotChecked::OwnedByPackage)
            });
            let own = chart
                .inventory
                .components
                .get(status.component as usize)
                .is_some_and(|component| matches!(component.source, inventory::Source::Path(_)));
            if !is_gap || own {
                set(&mut marks, status.component, Mark::Clear);
            }
        }
        if let Some(root) = chart.inventory.root {
            set(&mut marks, root, Mark::Clear);
        }
        let mut leads: Vec<ComponentId> = findings.keys().copied().collect();
        let mut seen = vec![false; marks.len()];
        while let Some(id) = leads.pop() {
            if std::mem::replace(seen.get_mut(id as usize).unwrap_or(&mut true), true) {
                continue;
            }
            set(&mut marks, id, Mark::Leads);
            leads.extend(graph.dependents(id));
        }
        for id in findings.keys() {
            set(&mut marks, *id, Mark::Affected);
        }
        if let Some(root) = chart.inventory.root
            && !findings.contains_key(&root)
            && !findings.is_empty()
        {
            set(&mut marks, root, Mark::Leads);
        }
        Self { marks, findings }
    }

    pub fn get(&self, id: ComponentId) -> Mark {
        self.marks.get(id as usize).copied().unwrap_or(Mark::NotChecked)
    }

    pub fn findings(&self, id: ComponentId) -> &[&'a Finding] {
        self.findings.get(&id).map_or(&[], Vec::as_slice)
    }

    /// How many components are affected.
    pub fn affected(&self) -> usize {
        self.findings.len()
    }

    /// The worst severity of a component's findings.
    pub fn worst(&self, id: ComponentId) -> Option<Severity> {
        self.findings(id)
            .iter()
            .map(|finding| finding.severity.level)
            .max()
    }
}

fn set(marks: &mut [Mark], id: ComponentId, mark: Mark) {
    if let Some(slot) = marks.get_mut(id as usize) {
        *slot = mark;
    }
}

/// The findings that say that something is wrong with the component; what a decision cleared does not.
pub(super) fn by_component<'a>(
    inventory: &Inventory,
    findings: &'a [Finding],
) -> HashMap<ComponentId, Vec<&'a Finding>> {
    let mut named: HashMap<(&str, &str), Vec<&Finding>> = HashMap::new();
    for finding in findings.iter().filter(|finding| is_open(finding)) {
        named
            .entry((&finding.component.purl, &finding.component.version))
            .or_default()
            .push(finding);
    }
    let mut found: HashMap<ComponentId, Vec<&Finding>> = HashMap::new();
    if named.is_empty() {
        return found;
    }
    for (id, component) in (0..).zip(&inventory.components) {
        let Some(purl) = component.purl.as_ref().map(ToString::to_string) else {
            continue;
        };
        if let Some(findings) = named.get(&(purl.as_str(), version(component).unwrap_or_default())) {
            found.insert(id, findings.clone());
        }
    }
    found
}

fn is_open(finding: &Finding) -> bool {
    let cleared = finding
        .decision
        .as_ref()
        .is_some_and(|decision| decision.state.clears());
    !cleared
        && matches!(
            finding.class,
            Class::Vulnerability | Class::Malicious | Class::Unsound
        )
}

//! Issues by the codes that Sandworm gives them, of every component, whatever the policy makes of them.

use inventory::{Component, ComponentId, ComponentKind, Inventory, Scope, Source};
use policy::{Action, CODES, IssueCode, IssueKind, IssueSeverity, Verdict};

use crate::label::{label, package_name};
use crate::{ComponentStatus, Graph, Report, WhyNotChecked};

/// One issue of one component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    pub code: &'static IssueCode,
    pub severity: IssueSeverity,
    /// `SWRM-202-left-pad-1.3.0`
    pub id: String,
    pub component: ComponentId,
    /// What Sandworm names: the component, or who asks for one from elsewhere.
    pub name: String,
    pub version: String,
    /// The license, the address, or nothing.
    pub detail: String,
    /// What the policy makes of it; `Ignore` also where a waiver holds.
    pub action: Action,
}

/// Every issue, licenses first, then by code, name and version. Development dependencies are left out unless asked for.
#[must_use]
pub fn issues(inventory: &Inventory, report: &Report, include_dev: bool) -> Vec<Issue> {
    let graph = Graph::new(inventory);
    let finder = Finder {
        inventory,
        verdict: &report.verdict,
        graph: &graph,
    };
    let mut found: Vec<Issue> = report
        .components
        .iter()
        .filter(|status| status.why_not != Some(WhyNotChecked::NotAPackage))
        .filter(|status| match status.scope {
            Scope::Required | Scope::Optional => true,
            Scope::Dev => include_dev,
            Scope::Excluded => false,
        })
        .filter_map(|status| Some((status, inventory.components.get(status.component as usize)?)))
        .flat_map(|(status, component)| finder.issues(status, component))
        .collect();
    found.sort_by(|a, b| {
        let key = |issue: &Issue| {
            (
                issue.code.kind == IssueKind::Meta,
                issue.code.number,
                issue.id.clone(),
            )
        };
        key(a).cmp(&key(b))
    });
    found.dedup_by(|a, b| a.id == b.id);
    found
}

struct Finder<'f> {
    inventory: &'f Inventory,
    verdict: &'f Verdict,
    graph: &'f Graph,
}

impl Finder<'_> {
    fn issues(&self, status: &ComponentStatus, component: &Component) -> Vec<Issue> {
        let is_own = matches!(component.source, Source::Path(_));
        let mut codes: Vec<(u16, String)> = Vec::new();
        if !is_own {
            codes.extend(of_license(status, component));
            codes.extend(of_facts(component));
        }
        codes.extend(self.of_policy(status));
        let mut issues: Vec<Issue> = codes
            .into_iter()
            .filter_map(|(number, detail)| self.issue(number, status, detail, None))
            .collect();
        issues.extend(self.of_source(status, component));
        issues
    }

    /// What lists of the policy say, or an expression that it wants to hear of.
    fn of_policy(&self, status: &ComponentStatus) -> Vec<(u16, String)> {
        let purl = status.purl.as_deref();
        let ours = self.verdict.violations.iter();
        ours.filter(|violation| violation.purl.is_some() && violation.purl.as_deref() == purl)
            .filter_map(|violation| {
                let number = match violation.rule.as_str() {
                    "license.deny" | "license.review" | "license.allow" => {
                        let by_category = violation.reason.contains("categor");
                        if by_category { 151 } else { 150 }
                    }
                    "license.involved" => 106,
                    _ => return None,
                };
                Some((
                    number,
                    violation.facts.get("license").cloned().unwrap_or_default(),
                ))
            })
            .collect()
    }

    /// One issue for each that asks for a dependency from elsewhere.
    fn of_source(&self, status: &ComponentStatus, component: &Component) -> Vec<Issue> {
        let (number, address) = match &component.source {
            Source::Url(address) => (203, address),
            Source::Git(address) => (204, address),
            // A member of the product's own source tree is no dependency from a folder.
            Source::Path(path) if component.kind != ComponentKind::Application => (205, path),
            Source::Path(_) | Source::Registry | Source::OtherRegistry(_) => return Vec::new(),
        };
        let askers = self.graph.dependents(status.component).iter().copied();
        let root = self.inventory.root.filter(|_| status.direct == Some(true));
        askers
            .chain(root)
            .filter_map(|asker| self.inventory.components.get(asker as usize))
            .filter_map(|asker| self.issue(number, status, shown(address), Some(asker)))
            .collect()
    }

    fn issue(
        &self,
        number: u16,
        status: &ComponentStatus,
        detail: String,
        asker: Option<&Component>,
    ) -> Option<Issue> {
        let code = CODES.iter().find(|code| code.number == number)?;
        let own_version = status.version.clone().unwrap_or_default();
        let (name, version, specifier) = match asker {
            Some(asker) => (
                package_name(asker),
                crate::version(asker).unwrap_or_default().to_owned(),
                format!("-{}", status.name),
            ),
            None if number == 201 => (status.name.clone(), own_version, "-install".to_owned()),
            None => (status.name.clone(), own_version, String::new()),
        };
        let action = self.action(code, status);
        Some(Issue {
            code,
            severity: match (number, action) {
                (150 | 151, Action::Warn) => IssueSeverity::Moderate,
                _ => code.severity,
            },
            id: format!("SWRM-{number}-{name}-{version}{specifier}"),
            component: status.component,
            name,
            version,
            detail,
            action,
        })
    }

    /// The strictest that the policy says; what is counted for all components has no package.
    fn action(&self, code: &IssueCode, status: &ComponentStatus) -> Action {
        self.verdict
            .violations
            .iter()
            .filter(|violation| code.rules.contains(&violation.rule.as_str()))
            .filter(|violation| violation.purl.is_none() || violation.purl == status.purl)
            .map(|violation| violation.action)
            .max()
            .unwrap_or(Action::Ignore)
    }
}

fn of_license(status: &ComponentStatus, component: &Component) -> Vec<(u16, String)> {
    let Some(license) = status.license.as_deref() else {
        return vec![(100, String::new())];
    };
    if license == "UNLICENSED" {
        return vec![(101, license.to_owned())];
    }
    let reading = licenses::read(license);
    let Some(expression) = reading.expression().filter(|expression| !expression.is_unknown()) else {
        return vec![(105, license.to_owned())];
    };
    let is_deprecated = || {
        let claims = component.licenses.iter();
        status.license_origin.is_none()
            && claims
                .map(|claim| licenses::deprecated_ids(&claim.text))
                .any(|ids| !ids.is_empty())
    };
    let mut found = Vec::new();
    for (number, holds) in [
        (102, !expression.is_osi_approved()),
        (103, is_deprecated()),
        (104, !expression.is_categorized()),
    ] {
        if holds {
            found.push((number, license.to_owned()));
        }
    }
    found
}

/// What is known; what nobody knows is no issue, and no absence of one either.
fn of_facts(component: &Component) -> Vec<(u16, String)> {
    let facts = &component.facts;
    [
        (200, facts.deprecated == Some(true)),
        (201, facts.install_script == Some(true)),
        (202, facts.repository == Some(false)),
    ]
    .into_iter()
    .filter(|(_, holds)| *holds)
    .map(|(number, _)| (number, String::new()))
    .collect()
}

/// The address without the credentials that some lockfiles carry.
fn shown(url: &str) -> String {
    match url.split_once("://") {
        Some((scheme, rest)) => {
            let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
            let (authority, path) = rest.split_at(end);
            let host = authority.rsplit('@').next().unwrap_or(authority);
            format!("{scheme}://{host}{path}")
        }
        None => url.to_owned(),
    }
}

/// Every way to a component, `name` joined by `>`, as Sandworm writes them; at most ten.
#[must_use]
pub fn paths(inventory: &Inventory, graph: &Graph, component: ComponentId) -> Vec<String> {
    let name = |id: &ComponentId| inventory.components.get(*id as usize).map(package_name);
    let mut paths: Vec<String> = graph
        .shortest_paths(component)
        .iter()
        .map(|path| path.iter().filter_map(name).collect::<Vec<_>>().join(">"))
        .collect();
    paths.dedup();
    paths
}

/// `name@version` of those that need a component; the product first.
pub(crate) fn parents(inventory: &Inventory, graph: &Graph, id: ComponentId, direct: bool) -> Vec<String> {
    let root = inventory.root.filter(|_| direct);
    root.into_iter()
        .chain(graph.dependents(id).iter().copied())
        .filter_map(|id| inventory.components.get(id as usize).map(label))
        .collect()
}

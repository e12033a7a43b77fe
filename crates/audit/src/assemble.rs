//! The one function that every surface shows.

use std::collections::HashMap;

use inventory::{Component, ComponentId, Inventory, Level, Source};
use policy::{
    BuildSummary, Finding, Judgement, Policy, PolicyRef, StatedVex, Subject, SubjectComponent,
    SubjectProduct, Verdict, VerdictNotice, VexOrigin, Waiver, WaysIn,
};

use crate::licensing::Licensing;
use crate::status::{Tally, statuses};
use crate::{
    ComponentStatus, Context, Graph, Knowledge, Report, WhyNotChecked, findings, upgrades, ways, worst_first,
};

/// The schema of a verdict.
const SCHEMA: &str = "gate/1";

/// Audits one inventory: findings, coverage, verdict and the shortest way to green.
///
/// Nothing but the arguments influences the result, and equal arguments give equal bytes.
#[must_use]
pub fn audit(
    inventory: &Inventory,
    knowledge: &Knowledge,
    policy: &Policy,
    waivers: &[Waiver],
    context: &Context,
) -> Report {
    let graph = Graph::new(inventory);
    let licensing = Licensing::new(inventory, policy, &knowledge.conclusions);
    let (components, tally) = statuses(inventory, knowledge, &graph, &licensing);
    let mut findings = findings::collect(inventory, knowledge, &graph);
    findings.sort_by(worst_first);
    let ways = ways::asked_for(inventory, &graph, waivers);
    let judged: Vec<_> = judged_components(inventory, &components, &licensing, &ways);
    let statements = statements(inventory, knowledge);
    let product = Product::of(inventory, context);
    let subject = Subject {
        statements: &statements,
        product: product.borrowed(),
        ..subject(&findings, &judged, inventory, knowledge, waivers, context, tally)
    };
    let judgement = policy::judge(policy, &subject);
    for finding in &mut findings {
        finding.due = judgement.due.get(&finding.id).copied();
        finding.decision = judgement.decisions.get(&finding.id).cloned();
    }
    let remaining = upgrades::remaining(inventory, knowledge);
    let upgrades = upgrades::way_to_green(&judgement.violations, &remaining, &knowledge.ways);
    Report {
        verdict: verdict(judgement, inventory, knowledge, policy, context, tally),
        findings,
        components,
        upgrades,
    }
}

/// What others say, and what the document says of itself.
fn statements(inventory: &Inventory, knowledge: &Knowledge) -> Vec<StatedVex> {
    let embedded = inventory::statements::of_inventory(inventory)
        .into_iter()
        .map(|statement| StatedVex {
            id: statement.place.clone(),
            source: "sbom".to_owned(),
            origin: VexOrigin::Embedded,
            statement,
        });
    knowledge.statements.iter().cloned().chain(embedded).collect()
}

/// What the build is of, as the document names it.
pub(crate) struct Product {
    purl: Option<String>,
    name: Option<String>,
    version: Option<String>,
    project: String,
}

impl Product {
    pub(crate) fn of(inventory: &Inventory, context: &Context) -> Self {
        let root = inventory
            .root
            .and_then(|id| inventory.components.get(id as usize));
        Self {
            purl: root.and_then(|root| root.purl.as_ref()).map(ToString::to_string),
            name: root.map(|root| root.name.clone()),
            version: root.and_then(|root| root.version.clone()),
            project: context.project.clone(),
        }
    }

    pub(crate) fn borrowed(&self) -> SubjectProduct<'_> {
        SubjectProduct {
            purl: self.purl.as_deref(),
            name: self.name.as_deref(),
            version: self.version.as_deref(),
            project: &self.project,
        }
    }
}

fn subject<'a>(
    findings: &'a [Finding],
    components: &'a [SubjectComponent<'a>],
    inventory: &Inventory,
    knowledge: &'a Knowledge,
    waivers: &'a [Waiver],
    context: &'a Context,
    tally: Tally,
) -> Subject<'a> {
    Subject {
        findings,
        components,
        feeds: &knowledge.feeds,
        // An image of which only files are listed is as empty as no list at all.
        component_total: inventory.component_count().saturating_sub(tally.groupings),
        evaluated: tally.evaluated,
        undetermined: tally.undetermined,
        kev_loaded: knowledge.kev.is_some(),
        complete: inventory.complete,
        baseline: context.baseline.as_ref(),
        waivers,
        statements: &[],
        product: SubjectProduct::default(),
        misconfigurations: knowledge.misconfigurations.as_deref(),
        project: &context.project,
        reference: &context.reference.branch,
        now: context.now,
    }
}

/// The components as the rules see them: groupings have no license or source to judge.
fn judged_components<'a>(
    inventory: &'a Inventory,
    statuses: &'a [ComponentStatus],
    licensing: &'a Licensing,
    ways: &'a HashMap<ComponentId, WaysIn>,
) -> Vec<SubjectComponent<'a>> {
    statuses
        .iter()
        .filter(|status| status.why_not != Some(WhyNotChecked::NotAPackage))
        .filter_map(|status| {
            let component = inventory.components.get(status.component as usize)?;
            Some(SubjectComponent {
                purl: status.purl.as_deref(),
                name: &status.name,
                version: status.version.as_deref(),
                scope: status.scope,
                direct: status.direct,
                licenses: licensing.claims(status.component, component),
                checked: status.checked,
                why_not: gap(component, status),
                source: &component.source,
                has_integrity: !component.hashes.is_empty(),
                facts: component.facts.clone(),
                ways: ways.get(&status.component),
            })
        })
        .collect()
}

/// Why a component is a gap in what was checked; own code is none (see `status`).
fn gap(component: &Component, status: &ComponentStatus) -> Option<&'static str> {
    let own_code = matches!(component.source, Source::Path(_));
    status.why_not.filter(|_| !own_code).map(WhyNotChecked::as_str)
}

fn verdict(
    judgement: Judgement,
    inventory: &Inventory,
    knowledge: &Knowledge,
    policy: &Policy,
    context: &Context,
    tally: Tally,
) -> Verdict {
    let mut notices = judgement.notices;
    notices.extend(tally_notices(tally));
    notices.extend(gap_notices(inventory));
    Verdict {
        schema: SCHEMA.to_owned(),
        verdict: judgement.outcome,
        project: context.project.clone(),
        reference: context.reference.clone(),
        build: BuildSummary {
            id: context.build_id.clone(),
            sbom_sha256: context.sbom_sha256.clone(),
            components: inventory.component_count(),
            evaluated: tally.evaluated,
            undetermined: tally.undetermined,
        },
        policy: policy_ref(policy, context),
        engine: env!("CARGO_PKG_VERSION").to_owned(),
        evaluated_at: context.now,
        feeds: knowledge.feeds.clone(),
        checks: judgement.checks,
        counts: judgement.counts,
        violations: judgement.violations,
        waivers: judgement.waivers,
        vex: judgement.vex,
        notices,
        links: context.links.clone(),
    }
}

fn policy_ref(policy: &Policy, context: &Context) -> PolicyRef {
    let id = match context.policy_id.as_str() {
        "" => "default",
        named => named,
    };
    PolicyRef {
        id: id.to_owned(),
        revision: context.policy_revision,
        sha256: policy.digest(),
        extends: context.policy_extends.clone(),
    }
}

/// Gaps that are told one by one.
const GAPS_TOLD: usize = 10;

/// What of a source could not be read, in words.
fn gap_notices(inventory: &Inventory) -> impl Iterator<Item = VerdictNotice> {
    let gaps = inventory.gaps.iter().take(GAPS_TOLD).map(|gap| VerdictNotice {
        code: gap.code.clone(),
        level: Level::Warn,
        text: if gap.place.is_empty() {
            gap.text.clone()
        } else {
            format!("{}: {}", gap.place, gap.text)
        },
    });
    let more = inventory.gaps.len().saturating_sub(GAPS_TOLD);
    let rest = (more > 0).then(|| VerdictNotice {
        code: "more_gaps".to_owned(),
        level: Level::Warn,
        text: format!("{more} more parts of the source could not be read"),
    });
    gaps.chain(rest)
}

/// What was left out of the counts, said aloud.
fn tally_notices(tally: Tally) -> impl Iterator<Item = VerdictNotice> {
    let groupings = (tally.groupings > 0).then(|| VerdictNotice {
        code: "not_packages".to_owned(),
        level: Level::Info,
        text: format!(
            "{} of the components are files, operating systems or lockfiles and no packages; there is nothing to match them with",
            tally.groupings
        ),
    });
    let own_code = (tally.own_code > 0).then(|| VerdictNotice {
        code: "own_code".to_owned(),
        level: Level::Info,
        text: format!(
            "{} of the components come from paths of the product itself; public advisories do not speak of them",
            tally.own_code
        ),
    });
    let owned = (tally.owned > 0).then(|| VerdictNotice {
        code: "owned_by_package".to_owned(),
        level: Level::Info,
        text: format!(
            "{} of the components were installed by packages of the distribution, whose advisories speak for them",
            tally.owned
        ),
    });
    groupings.into_iter().chain(owned).chain(own_code)
}

//! The one function that every surface shows.

use inventory::{Component, Inventory, Level, Source};
use policy::{
    BuildSummary, Finding, Judgement, Policy, PolicyRef, Subject, SubjectComponent, Verdict, VerdictNotice,
    Waiver,
};

use crate::status::{Tally, statuses};
use crate::{
    ComponentStatus, Context, Graph, Knowledge, Report, WhyNotChecked, findings, upgrades, worst_first,
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
    let (components, tally) = statuses(inventory, knowledge, &graph);
    let mut findings = findings::collect(inventory, knowledge, &graph);
    findings.sort_by(worst_first);
    let judged: Vec<_> = judged_components(inventory, &components);
    let subject = subject(&findings, &judged, inventory, knowledge, waivers, context, tally);
    let judgement = policy::judge(policy, &subject);
    for finding in &mut findings {
        finding.due = judgement.due.get(&finding.id).copied();
    }
    let upgrades = upgrades::way_to_green(&judgement.violations, &upgrades::remaining(inventory, knowledge));
    Report {
        verdict: verdict(judgement, inventory, knowledge, policy, context, tally),
        findings,
        components,
        upgrades,
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
        project: &context.project,
        reference: &context.reference.branch,
        now: context.now,
    }
}

/// The components as the rules see them: groupings have no license or source to judge.
fn judged_components<'a>(
    inventory: &'a Inventory,
    statuses: &'a [ComponentStatus],
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
                licenses: &component.licenses,
                checked: status.checked,
                why_not: gap(component, status),
                source: &component.source,
                has_integrity: !component.hashes.is_empty(),
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
    }
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

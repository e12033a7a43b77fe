//! What a policy would say of the builds that are there: tried before it is kept.

use std::time::Duration;

use policy::{Outcome, Policy, PolicyAncestor, Verdict};
use store::builds::{self, Build};
use store::db::Session;
use store::policies::EffectivePolicy;
use store::projects::{self, Project, ProjectFilter, Reference};
use store::verdicts;
use tokio::time::Instant;

use crate::auth::Access;
use crate::documents::on_reader;
use crate::judging::{Case, Judged};
use crate::problem::Problem;
use crate::state::Service;

/// Projects that are tried when nobody says how many.
pub(crate) const PROJECTS: i64 = 50;
/// The most that can be asked for.
pub(crate) const MOST_PROJECTS: i64 = 200;
/// How long a simulation goes on before it answers with what it has.
const PATIENCE: Duration = Duration::from_secs(20);
/// Reasons that are told for one project.
const MOST_REASONS: usize = 5;

/// A policy that is tried.
#[derive(Clone, Debug)]
pub(crate) struct Tried {
    pub name: String,
    pub revision: i64,
    pub policy: Policy,
    pub extends: Vec<PolicyAncestor>,
}

/// What it says of one project.
#[derive(Clone, Debug)]
pub(crate) struct Trial {
    pub project: String,
    pub reference: String,
    pub build: i64,
    /// What holds today.
    pub now: Outcome,
    /// What the tried policy says.
    pub then: Outcome,
    /// Why it fails then and did not: reasons that are not among those of today, or no longer are.
    pub reasons: Vec<String>,
}

/// What it says of all.
#[derive(Clone, Debug, Default)]
pub(crate) struct Simulation {
    pub trials: Vec<Trial>,
    /// Projects that were not tried: there are more than were asked for, or the time was over.
    pub more: bool,
}

impl Simulation {
    /// Projects that would go from something else to this outcome.
    pub fn turning(&self, outcome: Outcome) -> usize {
        let turns = |trial: &&Trial| trial.then == outcome && trial.now != outcome;
        self.trials.iter().filter(turns).count()
    }
}

/// Tries a policy on the state of the default ref of the most urgent projects that the caller may see, or of those named.
pub(crate) async fn simulate(
    service: &Service,
    access: &Access,
    tried: &Tried,
    named: &[String],
    limit: i64,
) -> Result<Simulation, Problem> {
    let begun = Instant::now();
    let mut session = service.database.read().await?;
    let (chosen, mut more) = chosen(&mut session, access, named, limit).await?;
    drop(session);
    let mut trials = Vec::new();
    for (project, reference, build) in chosen {
        if begun.elapsed() > PATIENCE {
            more = true;
            break;
        }
        trials.extend(one(service, tried, &project, &reference, &build).await?);
    }
    trials.sort_by_key(|trial| (std::cmp::Reverse(weight(trial)), trial.project.clone()));
    Ok(Simulation { trials, more })
}

type Chosen = Vec<(Project, Reference, Build)>;

async fn chosen(
    session: &mut Session,
    access: &Access,
    named: &[String],
    limit: i64,
) -> Result<(Chosen, bool), Problem> {
    let mut found = Vec::new();
    let mut more = false;
    if named.is_empty() {
        let filter = ProjectFilter {
            only: access.project,
            ..ProjectFilter::default()
        };
        found = projects::page(session, &filter, None, limit + 1).await?;
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        more = found.len() > most;
        found.truncate(most);
    } else {
        for name in named {
            found.push(crate::extract::project(session, access, name).await?);
        }
    }
    let mut chosen = Vec::new();
    for project in found {
        let reference = projects::reference(session, project.id, &project.default_ref).await?;
        let Some(reference) = reference else { continue };
        let Some(build) = reference.build_id else { continue };
        let build = builds::by_id(session, build).await?;
        chosen.push((project, reference, build));
    }
    Ok((chosen, more))
}

async fn one(
    service: &Service,
    tried: &Tried,
    project: &Project,
    reference: &Reference,
    build: &Build,
) -> Result<Option<Trial>, Problem> {
    let Some(id) = build.verdict_id else {
        return Ok(None);
    };
    let mut session = service.database.read().await?;
    let held = verdicts::verdict(&mut session, id).await?;
    let policy = EffectivePolicy {
        name: tried.name.clone(),
        revision: tried.revision,
        policy: tried.policy.clone(),
        extends: tried.extends.clone(),
    };
    let subject = Judged {
        project,
        reference,
        build,
    };
    let case = Case::load(&mut session, &subject, policy, None, service.now()).await?;
    drop(session);
    let then = on_reader(service, move || Ok(case.judge())).await?;
    Ok(Some(Trial {
        project: project.name.clone(),
        reference: reference.name.clone(),
        build: build.number,
        now: held.verdict,
        then: then.verdict,
        reasons: reasons(&held, &then),
    }))
}

/// What the tried policy says and the one of today does not; where it is milder, what it no longer says.
fn reasons(now: &Verdict, then: &Verdict) -> Vec<String> {
    let says = |verdict: &Verdict, rule: &str, reason: &str, action: policy::Action| {
        verdict.violations.iter().any(|violation| {
            violation.rule == rule && violation.reason == reason && violation.action == action
        })
    };
    let (of, against, mark) = if worse(then.verdict, now.verdict) || then.verdict == now.verdict {
        (then, now, "")
    } else {
        (now, then, "no longer: ")
    };
    let new = of
        .violations
        .iter()
        .filter(|violation| !says(against, &violation.rule, &violation.reason, violation.action));
    new.take(MOST_REASONS)
        .map(|violation| format!("{mark}{}", violation.reason))
        .collect()
}

fn worse(left: Outcome, right: Outcome) -> bool {
    rank(left) > rank(right)
}

const fn rank(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Pass => 0,
        Outcome::Warn => 1,
        Outcome::Pending => 2,
        Outcome::Indeterminate => 3,
        Outcome::Fail => 4,
    }
}

/// What turns comes first, and what turns red before what turns green.
fn weight(trial: &Trial) -> u8 {
    match (rank(trial.now), rank(trial.then)) {
        (now, then) if then > now => 10 + then,
        (now, then) if then < now => 5,
        _ => u8::from(!trial.reasons.is_empty()),
    }
}

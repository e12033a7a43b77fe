//! One transaction: findings, trends, verdict, the build's end and the job's.

use audit::Report;
use policy::{Outcome, Verdict};
use store::builds::{self, Success};
use store::db::Tx;
use store::findings::{self, Subject};
use store::jobs;
use store::matches;
use store::projects;
use store::verdicts::{self, PreparedReport, outcome_word};
use store::waivers;

use super::cause;
use super::inputs::Inputs;
use super::news;
use super::plan::Plan;
use crate::jobs::{Held, way};
use crate::{JobError, Parts};

pub(super) enum Settled {
    Yes,
    /// Another audit changed the ref since it was read; what was made here no longer holds.
    RefMoved,
}

pub(super) async fn settle(
    parts: &Parts,
    held: &Held,
    inputs: &Inputs,
    plan: &Plan,
    report: &Report,
    prepared: &PreparedReport,
) -> Result<Settled, JobError> {
    let change = plan.change(inputs, report);
    let sentence = cause::sentence(inputs, &change, report.verdict.verdict);
    let mut tx = parts.database.begin().await?;
    let revision = projects::lock_reference(&mut tx, inputs.reference.id).await?;
    if revision != inputs.reference.revision {
        return Ok(Settled::RefMoved);
    }
    let outcome = outcome_word(report.verdict.verdict);
    let verdict =
        verdicts::create(&mut tx, inputs.build.id, outcome, prepared, &sentence, inputs.now).await?;
    let success = Success {
        outcome,
        evaluated: count(report.verdict.build.evaluated),
        undetermined: count(report.verdict.build.undetermined),
        verdict_id: verdict,
    };
    builds::succeed(&mut tx, inputs.build.id, &success, inputs.now).await?;
    if inputs.is_state {
        let scopes = scopes(inputs);
        let subject = Subject {
            project: inputs.project.id,
            reference: inputs.reference.id,
            scopes: &scopes,
        };
        findings::reconcile(&mut tx, &subject, &change, inputs.now).await?;
        waivers::record(&mut tx, inputs.reference.id, &report.verdict.waivers, inputs.now).await?;
        projects::set_state(&mut tx, inputs.reference.id, inputs.build.id).await?;
        set_urgency(&mut tx, inputs, &report.verdict).await?;
        if wants_ways(parts, inputs, report) {
            jobs::enqueue_way(&mut tx, inputs.build.id, inputs.now).await?;
        }
        news::tell(&mut tx, inputs, &change, report).await?;
    }
    held.finish(&mut tx, parts.clock.now()).await?;
    tx.commit().await?;
    Ok(Settled::Yes)
}

/// Whether there is something to be got rid of that nobody has looked at, with what is known about it now.
fn wants_ways(parts: &Parts, inputs: &Inputs, report: &Report) -> bool {
    let is_kept = inputs.build.source().is_some_and(|origin| way::is_kept(&origin));
    if !is_kept || parts.settings.registries.npm.is_empty() {
        return false;
    }
    let mut open = report
        .upgrades
        .iter()
        .filter(|step| way::is_open(step))
        .peekable();
    if open.peek().is_none() {
        return false;
    }
    let (known, looked_at) = (matches::known_ids(&inputs.stored, &inputs.matches), inputs.ways());
    open.any(|step| known.contains_key(&step.purl) && !looked_at.contains_key(&step.purl))
}

/// The trends that count the ref.
fn scopes(inputs: &Inputs) -> Vec<String> {
    if inputs.reference.tracked {
        findings::trend_scopes(&inputs.project)
    } else {
        Vec::new()
    }
}

/// Worst projects first: by gate, then known exploitation, critical and high findings of the default ref.
async fn set_urgency(tx: &mut Tx, inputs: &Inputs, verdict: &Verdict) -> Result<(), JobError> {
    if inputs.reference.name != inputs.project.default_ref {
        return Ok(());
    }
    let gate = match verdict.verdict {
        Outcome::Fail => 4,
        Outcome::Indeterminate => 3,
        Outcome::Warn => 2,
        Outcome::Pass => 1,
        Outcome::Pending => 0,
    };
    let exploited = verdict
        .violations
        .iter()
        .filter(|violation| {
            violation
                .finding
                .as_ref()
                .is_some_and(|finding| finding.kev == Some(true))
        })
        .count();
    let parts = [exploited, verdict.counts.critical, verdict.counts.high];
    let urgency = parts
        .into_iter()
        .fold(gate, |urgency, part| urgency * 10_000 + count(part).min(9_999));
    projects::set_urgency(tx, inputs.project.id, urgency).await?;
    Ok(())
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

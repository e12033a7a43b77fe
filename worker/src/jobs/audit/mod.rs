//! One build audited: match what is stale, load what is known, judge, and settle everything at once.

mod cause;
mod inputs;
mod news;
mod plan;
mod settle;

use std::fmt;
use std::time::{Duration, Instant};

use audit::Report;
use store::jobs::AuditJob;
use store::verdicts::PreparedReport;
use store::wake::Event;
use store::{builds, matches};

use crate::matching;
use crate::{JobError, Parts};

use super::Held;
use inputs::Inputs;
use settle::Settled;

/// Two audits of one ref may meet this often in a row before the job is put back.
const TRIES: usize = 5;

pub(super) async fn run(parts: &Parts, held: &Held, job: AuditJob) -> Result<(), JobError> {
    let found = builds::find(&mut parts.database.read().await?, job.build).await?;
    let Some(build) = found else {
        // The project was deleted in the meantime.
        return super::finish(parts, held).await;
    };
    if !build.is_finished() {
        stand(parts, build.id, "match").await?;
    }
    let mut watch = Watch::started();
    let stale = matches::stale_of_inventory(&mut parts.database.read().await?, build.inventory_id).await?;
    // Where there is nothing to match, it is over before anybody could read so.
    let takes_time = !stale.is_empty();
    matching::bring_up_to_date(&parts.database, stale, parts.clock.now()).await?;
    watch.lap("matched");
    if takes_time && !build.is_finished() {
        stand(parts, build.id, "judge").await?;
    }
    for _ in 0..TRIES {
        let inputs = Inputs::load(parts, build.id).await?;
        watch.lap("loaded");
        let plan = plan::Plan::new(&inputs);
        let (inputs, plan, report, prepared) =
            tokio::task::spawn_blocking(move || judge(inputs, plan)).await??;
        watch.lap("judged");
        match settle::settle(parts, held, &inputs, &plan, &report, &prepared).await? {
            Settled::Yes => {
                watch.lap("settled");
                tracing::debug!(build = %build.uuid, laps = %watch, "audited");
                parts.wake.send(Event::Build(build.uuid)).await;
                return Ok(());
            }
            Settled::RefMoved => {}
        }
    }
    Err(JobError::Contended(format!("the ref of build {}", build.uuid)))
}

async fn stand(parts: &Parts, build: i64, stage: &str) -> Result<(), JobError> {
    let mut tx = parts.database.begin().await?;
    builds::stage(&mut tx, build, stage).await?;
    tx.commit().await?;
    Ok(())
}

/// How long each part of an audit took, for whoever looks at the log for a slow one.
struct Watch {
    last: Instant,
    laps: Vec<(&'static str, Duration)>,
}

impl Watch {
    fn started() -> Self {
        Self {
            last: Instant::now(),
            laps: Vec::new(),
        }
    }

    fn lap(&mut self, name: &'static str) {
        let now = Instant::now();
        self.laps.push((name, now.duration_since(self.last)));
        self.last = now;
    }
}

impl fmt::Display for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (name, took)) in self.laps.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{name} {:.1} ms", took.as_secs_f64() * 1_000.0)?;
        }
        Ok(())
    }
}

type Judged = (Inputs, plan::Plan, Report, PreparedReport);

/// The pure part, on a thread of its own.
fn judge(inputs: Inputs, plan: plan::Plan) -> Result<Judged, JobError> {
    let report = audit::audit(
        &inputs.stored.inventory,
        &inputs.knowledge(&plan),
        &inputs.policy.policy,
        &inputs.waivers,
        &inputs.context(),
    );
    let prepared = PreparedReport::new(&report)?;
    Ok((inputs, plan, report, prepared))
}

//! One build audited: match what is stale, load what is known, judge, and settle everything at once.

mod cause;
mod inputs;
mod news;
mod plan;
mod settle;

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
        return finish_without_result(parts, held).await;
    };
    if !build.is_finished() {
        let mut tx = parts.database.begin().await?;
        builds::stage(&mut tx, build.id, "audit").await?;
        tx.commit().await?;
    }
    let stale = matches::stale_of_inventory(&mut parts.database.read().await?, build.inventory_id).await?;
    matching::bring_up_to_date(&parts.database, stale, parts.clock.now()).await?;
    for _ in 0..TRIES {
        let inputs = Inputs::load(parts, build.id).await?;
        let plan = plan::Plan::new(&inputs);
        let (inputs, plan, report, prepared) =
            tokio::task::spawn_blocking(move || judge(inputs, plan)).await??;
        match settle::settle(parts, held, &inputs, &plan, &report, &prepared).await? {
            Settled::Yes => {
                parts.wake.send(Event::Build(build.uuid)).await;
                return Ok(());
            }
            Settled::RefMoved => {}
        }
    }
    Err(JobError::Contended(format!("the ref of build {}", build.uuid)))
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

async fn finish_without_result(parts: &Parts, held: &Held) -> Result<(), JobError> {
    let mut tx = parts.database.begin().await?;
    held.finish(&mut tx, parts.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}

//! Every step of the history, through the path that an upload and a feed take.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::sync::Arc;

use clock::{Clock, Timestamp};
use store::advisories::{self, Batch};
use store::audit_log::{self, Entry};
use store::db::Database;
use store::projects::{self, NewProject, Project};
use store::feeds;
use worker::Worker;

use super::steps::{Event, steps};
use super::timeline::{self, Advisory, Build, Plan};
use super::{ACTOR, ECOSYSTEMS, ReplayClock, SOURCE};
use crate::commands::{Failure, progress};
use crate::house::House;

/// What is replayed, read and prepared; pure work, shared between the cores.
struct History {
    plan: Plan,
    uploads: Vec<Arc<Prepared>>,
    advisories: Vec<Option<Advisory>>,
}

struct Replay<'a> {
    service: server::Service,
    database: &'a Database,
    worker: Worker,
    clock: &'a ReplayClock,
    history: History,
    projects: HashMap<String, Project>,
}

/// Replays the whole history.
pub(super) async fn replay(house: &House, clock: &ReplayClock) -> Result<(), Failure> {
    let history = tokio::task::spawn_blocking(read)
        .await
        .map_err(|_| Failure::Interrupted)??;
    let builds: Vec<Timestamp> = history.plan.builds.iter().map(|build| build.time).collect();
    let known: Vec<Timestamp> = history.advisories.iter().flatten().map(|advisory| advisory.known).collect();
    let steps = steps(&builds, &known);
    let mut replay = Replay {
        service: house.service(),
        database: &house.state.database,
        worker: house.worker(),
        clock,
        history,
        projects: HashMap::new(),
    };
    let bar = progress::bar("replaying the demo's history", steps.len());
    for step in steps {
        clock.set(step.at);
        if step.at == builds.first().copied().unwrap_or_default() && replay.projects.is_empty() {
            replay.prepare().await?;
        }
        match step.event {
            Event::Advisories(range) => replay.advisories(range).await?,
            Event::Build(position) => replay.build(position).await?,
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(())
}

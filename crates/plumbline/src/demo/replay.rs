//! Every step of the history, through the path that an upload and a feed take.

use std::collections::BTreeSet;
use std::ops::Range;

use bytes::Bytes;
use clock::{Clock, Timestamp};
use server::{LocalUpload, Service};
use store::advisories::{self, Batch, PreparedRecord};
use store::audit_log::{self, Entry};
use store::db::{Database, Tx};
use store::feeds;
use store::projects::{self, NewProject};
use worker::Worker;

use super::steps::{Event, steps};
use super::timeline::{self, Advisory, Plan};
use super::{ACTOR, ECOSYSTEMS, ReplayClock, SOURCE, confirm_feeds};
use crate::commands::{Failure, progress};
use crate::house::House;

/// What is replayed, read and made ready; pure work, shared between the cores.
struct History {
    plan: Plan,
    documents: Vec<Bytes>,
    advisories: Vec<Advisory>,
}

struct Replay<'a> {
    house: &'a House,
    service: Service,
    worker: Worker,
    clock: &'a ReplayClock,
    history: History,
    /// The projects that are there already.
    made: BTreeSet<String>,
}

/// Replays the whole history; afterwards the clock stands at its end.
pub(super) async fn replay(house: &House, clock: &ReplayClock) -> Result<(), Failure> {
    let history = tokio::task::spawn_blocking(read)
        .await
        .map_err(|_| Failure::Interrupted)??;
    let builds: Vec<Timestamp> = history.plan.builds.iter().map(|build| build.time).collect();
    let known: Vec<Timestamp> = history.advisories.iter().map(|advisory| advisory.known).collect();
    let mut replay = Replay {
        house,
        service: house.service(),
        worker: house.worker(),
        clock,
        history,
        made: BTreeSet::new(),
    };
    replay.make_feeds().await?;
    let steps = steps(&builds, &known);
    let bar = progress::bar("replaying the history of the demo", steps.len());
    for step in steps {
        clock.set(step.at);
        match step.event {
            Event::Advisories(range) => replay.learn(range).await?,
            Event::Build(position) => replay.upload(position).await?,
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(())
}

/// Reads the data; documents and advisories at the same time.
fn read() -> Result<History, Failure> {
    std::thread::scope(|scope| {
        let documents = scope.spawn(timeline::documents);
        let advisories = timeline::advisories()?;
        Ok(History {
            plan: timeline::plan()?,
            documents: documents.join().map_err(|_| Failure::Interrupted)??,
            advisories,
        })
    })
}

impl Replay<'_> {
    fn database(&self) -> &Database {
        &self.house.state.database
    }

    async fn make_feeds(&self) -> Result<(), Failure> {
        let mut tx = self.database().begin().await?;
        for ecosystem in ECOSYSTEMS {
            feeds::ensure(&mut tx, &feeds::name_of(ecosystem), ecosystem, SOURCE).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Advisories come in; what they change is matched and audited again.
    async fn learn(&mut self, range: Range<usize>) -> Result<(), Failure> {
        let now = self.clock.now();
        for ecosystem in ECOSYSTEMS {
            let records: Vec<PreparedRecord> = self
                .history
                .advisories
                .get(range.clone())
                .unwrap_or_default()
                .iter()
                .filter(|advisory| advisory.ecosystems.iter().any(|name| name == ecosystem))
                .map(|advisory| advisory.record.clone())
                .collect();
            if !records.is_empty() {
                let name = feeds::name_of(ecosystem);
                advisories::apply(self.database(), &name, Batch::Additions(records), now)
                    .await
                    .map_err(|error| Failure::Demo(error.to_string()))?;
            }
        }
        confirm_feeds(self.database(), now).await?;
        self.work_off().await
    }

    /// A build is uploaded and audited.
    async fn upload(&mut self, position: usize) -> Result<(), Failure> {
        let now = self.clock.now();
        confirm_feeds(self.database(), now).await?;
        let build = self
            .history
            .plan
            .builds
            .get(position)
            .ok_or_else(|| timeline::damaged(&"no such build"))?
            .clone();
        let project = self.project(&build.project, now).await?;
        let document = self
            .history
            .documents
            .get(build.document)
            .ok_or_else(|| timeline::damaged(&"no such document"))?;
        let upload = LocalUpload {
            actor: ACTOR,
            project: &project,
            reference: &build.reference,
            channel: &build.channel,
            commit: &build.commit,
        };
        server::upload(&self.service, &upload, document.clone())
            .await
            .map_err(Failure::Demo)?;
        self.work_off().await
    }

    /// The whole name of the project, which is made with its first build.
    async fn project(&mut self, name: &str, now: Timestamp) -> Result<String, Failure> {
        let planned = self
            .history
            .plan
            .projects
            .iter()
            .find(|project| project.name == name);
        let planned = planned.ok_or_else(|| timeline::damaged(&"no such project"))?;
        let new = NewProject {
            name: planned.whole_name(),
            description: String::new(),
            tags: planned.tags.clone(),
            default_ref: planned.default_ref.clone(),
        };
        if self.made.insert(new.name.clone()) {
            let mut tx = self.database().begin().await?;
            make_project(&mut tx, &new, now).await?;
            tx.commit().await?;
        }
        Ok(new.name)
    }

    async fn work_off(&self) -> Result<(), Failure> {
        let worked = self.worker.work_off().await?;
        match worked.failed.first() {
            None => Ok(()),
            Some(why) => Err(Failure::Demo(why.clone())),
        }
    }
}

async fn make_project(tx: &mut Tx, new: &NewProject, now: Timestamp) -> Result<(), Failure> {
    let project = projects::create(tx, new, now)
        .await?
        .ok_or_else(|| timeline::damaged(&"a project stands in it twice"))?;
    let entry = Entry {
        actor: ACTOR,
        action: "project.create",
        object: &project.name,
        detail: "",
    };
    Ok(audit_log::append(tx, &entry, now).await?)
}

//! Every step of the history, through the path that an upload and a feed take.

use std::collections::HashMap;
use std::ops::Range;

use clock::{Clock, Timestamp};
use inventory::formats::Limits;
use store::advisories::{self, Batch, PreparedRecord};
use store::audit_log::{self, Entry};
use store::db::{Database, Tx};
use store::feeds;
use store::jobs::Lane;
use store::projects::{self, NewProject, Project};
use store::uploads::{self, ReadDocument, Target};
use worker::Worker;

use super::steps::{Event, steps};
use super::timeline::{self, Advisory, Plan};
use super::{ACTOR, ECOSYSTEMS, ReplayClock, SOURCE, confirm_feeds};
use crate::commands::{Failure, progress};
use crate::house::House;

/// What is replayed, read and made ready; pure work, shared between the cores.
struct History {
    plan: Plan,
    documents: Vec<(Vec<u8>, ReadDocument)>,
    advisories: Vec<Advisory>,
}

struct Replay<'a> {
    house: &'a House,
    worker: Worker,
    clock: &'a ReplayClock,
    history: History,
    projects: HashMap<String, Project>,
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
        worker: house.worker(),
        clock,
        history,
        projects: HashMap::new(),
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
        let documents = scope.spawn(read_documents);
        let advisories = timeline::advisories()?;
        Ok(History {
            plan: timeline::plan()?,
            documents: documents.join().map_err(|_| Failure::Interrupted)??,
            advisories,
        })
    })
}

fn read_documents() -> Result<Vec<(Vec<u8>, ReadDocument)>, Failure> {
    let limits = Limits::default();
    timeline::documents()?
        .into_iter()
        .map(|bytes| match ReadDocument::new(&bytes, &limits) {
            Ok(document) => Ok((bytes, document)),
            Err(error) => Err(timeline::damaged(&error)),
        })
        .collect()
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
        let (bytes, document) = self
            .history
            .documents
            .get(build.document)
            .ok_or_else(|| timeline::damaged(&"no such document"))?;
        self.house.state.documents.put(&document.digest, bytes)?;
        let target = Target {
            project: &project,
            reference: &build.reference,
            channel: &build.channel,
            version: None,
            commit: Some(&build.commit),
            policy: None,
            baseline: None,
            key: None,
            actor: ACTOR,
            lane: Lane::Interactive,
        };
        let mut tx = self.database().begin().await?;
        uploads::accept(&mut tx, document, &target, now).await?;
        tx.commit().await?;
        self.work_off().await
    }

    /// The project, made with its first build.
    async fn project(&mut self, name: &str, now: Timestamp) -> Result<Project, Failure> {
        if let Some(project) = self.projects.get(name) {
            return Ok(project.clone());
        }
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
        let mut tx = self.database().begin().await?;
        let project = make_project(&mut tx, &new, now).await?;
        tx.commit().await?;
        self.projects.insert(name.to_owned(), project.clone());
        Ok(project)
    }

    async fn work_off(&self) -> Result<(), Failure> {
        let worked = self.worker.work_off().await?;
        match worked.failed.first() {
            None => Ok(()),
            Some(why) => Err(Failure::Demo(why.clone())),
        }
    }
}

async fn make_project(tx: &mut Tx, new: &NewProject, now: Timestamp) -> Result<Project, Failure> {
    let project = projects::create(tx, new, now)
        .await?
        .ok_or_else(|| timeline::damaged(&"a project stands in it twice"))?;
    let entry = Entry {
        actor: ACTOR,
        action: "project.create",
        object: &project.name,
        detail: "",
    };
    audit_log::append(tx, &entry, now).await?;
    Ok(project)
}

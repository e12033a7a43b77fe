//! `plumbline feeds`: advisories brought in by hand, and how fresh they are.

mod bundle;

use std::process::ExitCode;
use std::sync::Arc;

use clock::{Clock, SystemClock, Timestamp};
use store::feeds::{self, Feed};
use store::jobs::FeedJob;

use super::{Failure, output, progress};
use crate::configuration::{Configuration, Layer, StateFlags};
use crate::house::House;
use crate::state::State;

/// Brings advisories in, or shows how fresh they are
#[derive(clap::Args)]
pub(crate) struct Feeds {
    #[command(subcommand)]
    task: Task,
}

#[derive(clap::Subcommand)]
enum Task {
    Sync(Sync),
    Status(Status),
    Export(bundle::Export),
    Import(bundle::Import),
}

/// Reads feeds now, and audits again what they change
#[derive(clap::Args)]
struct Sync {
    /// The feeds to read, such as `osv:npm`; without a name, all of them
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Reads advisories from this folder or URL in the layout of the OSV bucket, and no other feed
    #[arg(long, env = "PLUMBLINE_SOURCE", value_name = "URL|DIR")]
    source: Option<String>,
    #[command(flatten)]
    state: StateFlags,
}

/// Shows each feed: how much it holds, how old it is, what went wrong last
#[derive(clap::Args)]
struct Status {
    #[command(flatten)]
    state: StateFlags,
}

impl Feeds {
    pub(crate) async fn run(self) -> Result<ExitCode, Failure> {
        match self.task {
            Task::Sync(sync) => sync.run().await,
            Task::Status(status) => status.run().await,
            Task::Export(export) => export.run().await,
            Task::Import(import) => import.run().await,
        }
    }
}

impl Sync {
    async fn run(self) -> Result<ExitCode, Failure> {
        let configuration = Configuration::load(&self.state, self.layer())?;
        let wanted = self.wanted(&configuration)?;
        let state = State::open(&configuration).await?;
        let house = House::new(configuration, state, Arc::new(SystemClock));
        let mut all_good = true;
        for feed in wanted {
            all_good &= read_one(&house, feed).await;
        }
        settle(&house).await?;
        print_status(&house).await?;
        Ok(ExitCode::from(if all_good { 0 } else { 2 }))
    }

    fn layer(&self) -> Layer {
        let mut layer = Layer::default();
        if let Some(source) = &self.source {
            layer.feeds.osv.source = Some(source.clone());
            // What a mirror of advisories holds is no catalogue.
            layer.feeds.no_catalogues();
        }
        layer
    }

    fn wanted(&self, configuration: &Configuration) -> Result<Vec<String>, Failure> {
        let known: Vec<String> = configuration
            .all_feeds()
            .into_iter()
            .map(|feed| feed.name)
            .collect();
        if let Some(name) = self.names.iter().find(|name| !known.contains(name)) {
            let known = known.join(", ");
            return Err(Failure::Usage(format!(
                "there is no feed `{name}`; there are {known}"
            )));
        }
        Ok(if self.names.is_empty() {
            known
        } else {
            self.names.clone()
        })
    }
}

/// Reads one feed in this process, whether or not a service runs; `false` when it failed.
async fn read_one(house: &House, feed: String) -> bool {
    let spinner = progress::spinner(format!("reading {feed}"));
    let job = FeedJob { feed: feed.clone() };
    let outcome = worker::jobs::feed::run(&house.worker_parts(), job).await;
    spinner.finish_and_clear();
    if let Err(error) = &outcome {
        eprintln!("plumbline: {feed}: {}", error.chain());
    }
    outcome.is_ok()
}

/// Matches and audits what the feeds changed; a running service takes its share.
async fn settle(house: &House) -> Result<(), Failure> {
    let spinner = progress::spinner("auditing what changed".to_owned());
    let worked = house.worker().work_off().await?;
    spinner.finish_and_clear();
    for why in &worked.failed {
        eprintln!("plumbline: {why}");
    }
    Ok(())
}

impl Status {
    async fn run(self) -> Result<ExitCode, Failure> {
        let configuration = Configuration::load(&self.state, Layer::default())?;
        let state = State::open_existing(&configuration).await?;
        let house = House::new(configuration, state, Arc::new(SystemClock));
        print_status(&house).await?;
        Ok(ExitCode::SUCCESS)
    }
}

async fn print_status(house: &House) -> Result<(), Failure> {
    let stored = feeds::all(&mut house.state.database.read().await?).await?;
    let never = house.configuration.all_feeds().into_iter();
    let never = never.filter(|setting| !stored.iter().any(|feed| feed.name == setting.name));
    let mut rows: Vec<[String; 6]> = stored.iter().map(|feed| row(feed, SystemClock.now())).collect();
    rows.extend(never.map(|setting| {
        let nothing = || "-".to_owned();
        [
            setting.name,
            nothing(),
            nothing(),
            "never".to_owned(),
            setting.source,
            String::new(),
        ]
    }));
    let titles = ["FEED", "RECORDS", "NEWEST", "READ", "SOURCE", "LAST ERROR"];
    output::print(&output::table(titles, &rows))
}

fn row(feed: &Feed, now: Timestamp) -> [String; 6] {
    let date = |at: Option<i64>| at.map_or("-".to_owned(), |at| Timestamp::from_millis(at).date());
    [
        feed.name.clone(),
        feed.records.to_string(),
        date(feed.newest_at),
        feed.synced_at.map_or(
            "never".to_owned(),
            |at| ago(now.since(Timestamp::from_millis(at))),
        ),
        feed.source.clone(),
        feed.error.clone().unwrap_or_default(),
    ]
}

/// A length of time in its largest unit.
fn ago(millis: i64) -> String {
    let minutes = millis.max(0) / 60_000;
    match minutes {
        0 => "now".to_owned(),
        1..120 => format!("{minutes} min ago"),
        120..2_880 => format!("{} h ago", minutes / 60),
        _ => format!("{} days ago", minutes / 1_440),
    }
}

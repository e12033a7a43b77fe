//! `plumbline serve`: server and worker in one process.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use clock::{Clock, SystemClock};
use tempfile::TempDir;

use super::Failure;
use crate::configuration::{Configuration, DoorFlags, Layer, StateFlags};
use crate::demo;
use crate::house::{Door, House};
use crate::state::State;

/// Runs the whole service: pages, API and worker in one process
#[derive(clap::Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    state: StateFlags,
    #[command(flatten)]
    door: DoorFlags,
    /// Fetches no advisories on schedule
    #[arg(long)]
    no_sync: bool,
    /// Replays the history of fifteen public projects first; without --data its data is gone at the end
    #[arg(long)]
    demo: bool,
}

impl Serve {
    /// The thousand jobs of a replay are no news.
    pub(crate) const fn log_level(&self) -> &'static str {
        if self.demo { "info,worker=warn" } else { "info" }
    }

    pub(crate) async fn run(mut self) -> Result<ExitCode, Failure> {
        let folder = self.demo_folder()?;
        let configuration = Configuration::load(&self.state, self.layer())?;
        let door = Door::open(&configuration).await?;
        if self.demo {
            serve_demo(configuration, door).await?;
        } else {
            let state = State::open(&configuration).await?;
            let house = House::new(configuration, state, Arc::new(SystemClock)).counting();
            if house.is_untouched().await? {
                house.print_login_link(&door).await?;
            }
            house.serve(door).await?;
        }
        drop(folder);
        Ok(ExitCode::SUCCESS)
    }

    fn layer(&self) -> Layer {
        let mut layer = self.door.layer();
        layer.feeds.sync = (self.no_sync || self.demo).then_some(false);
        if self.demo {
            // Its history is whole as it is: news of today have no place in its time.
            layer.feeds.osv.ecosystems = Some(Vec::new());
            layer.feeds.no_catalogues();
        }
        layer
    }

    /// A folder for the demo that is gone at the end, when none was named.
    fn demo_folder(&mut self) -> Result<Option<TempDir>, Failure> {
        if !self.demo || self.state.data.is_some() {
            return Ok(None);
        }
        let folder = tempfile::Builder::new()
            .prefix("plumbline-demo-")
            .tempdir()
            .map_err(|source| Failure::file(&std::env::temp_dir(), source))?;
        self.state.data = Some(folder.path().to_owned());
        Ok(Some(folder))
    }
}

async fn serve_demo(configuration: Configuration, door: Door) -> Result<(), Failure> {
    let began = Instant::now();
    demo::prepare(&configuration)?;
    let state = State::open(&configuration).await?;
    let clock = Arc::new(demo::start(&state.database).await?);
    let house = House::new(configuration, state, Arc::clone(&clock) as Arc<dyn Clock>).counting();
    demo::load(&house, &clock).await?;
    clock.let_go();
    house.print_login_link(&door).await?;
    let seconds = began.elapsed().as_secs_f32();
    eprintln!("plumbline: the demo is ready after {seconds:.1} s; the link above opens it");
    house.serve(door).await
}

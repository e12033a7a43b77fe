//! `plumbline worker`: the jobs alone.

use std::process::ExitCode;
use std::sync::Arc;

use clock::SystemClock;

use super::Failure;
use crate::configuration::{Configuration, Layer, StateFlags};
use crate::house::House;
use crate::state::State;

/// Does the jobs that servers leave: audits, feeds, chores
#[derive(clap::Args)]
pub(crate) struct Worker {
    #[command(flatten)]
    state: StateFlags,
}

impl Worker {
    pub(crate) async fn run(self) -> Result<ExitCode, Failure> {
        let configuration = Configuration::load(&self.state, Layer::default())?;
        let state = State::open(&configuration).await?;
        let house = House::new(configuration, state, Arc::new(SystemClock));
        house.work().await;
        Ok(ExitCode::SUCCESS)
    }
}

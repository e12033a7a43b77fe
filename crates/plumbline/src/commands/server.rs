//! `plumbline server`: pages and API alone.

use std::process::ExitCode;
use std::sync::Arc;

use clock::SystemClock;

use super::Failure;
use crate::configuration::{Configuration, DoorFlags, StateFlags};
use crate::house::{Door, House};
use crate::state::State;

/// Runs pages and API; workers are processes of their own
#[derive(clap::Args)]
pub(crate) struct Server {
    #[command(flatten)]
    state: StateFlags,
    #[command(flatten)]
    door: DoorFlags,
}

impl Server {
    pub(crate) async fn run(self) -> Result<ExitCode, Failure> {
        let configuration = Configuration::load(&self.state, self.door.layer())?;
        let door = Door::open(&configuration).await?;
        let state = State::open(&configuration).await?;
        let house = House::new(configuration, state, Arc::new(SystemClock)).counting();
        if house.is_untouched().await? {
            house.print_login_link(&door).await?;
        }
        house.serve_pages(door).await?;
        Ok(ExitCode::SUCCESS)
    }
}

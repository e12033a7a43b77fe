//! `plumbline admin login-link`: lets somebody in who has no session and no token.

use std::process::ExitCode;

use clock::{Clock, SystemClock};

use super::super::{Failure, output};
use super::ACTOR;
use crate::configuration::{Configuration, Layer, StateFlags};
use crate::state::State;

/// Prints a link that signs somebody in, once, within a day
#[derive(clap::Args)]
pub(super) struct LoginLink {
    /// The name that the audit log shows
    #[arg(default_value = "admin", value_name = "NAME")]
    name: String,
    #[command(flatten)]
    state: StateFlags,
}

impl LoginLink {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        let configuration = Configuration::load(&self.state, Layer::default())?;
        let state = State::open_existing(&configuration).await?;
        let now = SystemClock.now();
        let link = state
            .login_link(
                &configuration.base_url(configuration.listen),
                &self.name,
                ACTOR,
                now,
            )
            .await?;
        output::print(&format!("{link}\n"))?;
        Ok(ExitCode::SUCCESS)
    }
}

//! `plumbline admin verify-audit-log`: whether every entry is as it was written.

use std::process::ExitCode;

use store::audit_log::{self, Verified};

use super::super::{Failure, output};
use crate::configuration::{Configuration, Layer, StateFlags};
use crate::state::State;

/// Follows the chain of the audit log from its first entry to its last
#[derive(clap::Args)]
pub(super) struct VerifyAuditLog {
    #[command(flatten)]
    state: StateFlags,
}

impl VerifyAuditLog {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        let configuration = Configuration::load(&self.state, Layer::default())?;
        let state = State::open_existing(&configuration).await?;
        let verified = audit_log::verify(&mut state.database.read().await?).await?;
        let (code, text) = match verified {
            Verified::Whole { entries, head } => {
                (0, format!("whole: {entries} entries, the last is {head}\n"))
            }
            Verified::Broken { entry } => (1, format!("broken: entry {entry} is not what was written\n")),
            Verified::CutShort => (1, "broken: the newest entries are missing\n".to_owned()),
        };
        output::print(&text)?;
        Ok(ExitCode::from(code))
    }
}

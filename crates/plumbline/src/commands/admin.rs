//! `plumbline admin`: what an operator does on the machine, with or without a running service.

mod audit_log;
mod link;
mod token;

use std::process::ExitCode;

use super::Failure;

/// Who changes made on this command line are said to come from.
pub(crate) const ACTOR: &str = "cli";

/// Tokens, login links and the audit log
#[derive(clap::Args)]
pub(crate) struct Admin {
    #[command(subcommand)]
    task: Task,
}

#[derive(clap::Subcommand)]
enum Task {
    Token(token::Token),
    LoginLink(link::LoginLink),
    VerifyAuditLog(audit_log::VerifyAuditLog),
}

impl Admin {
    pub(crate) async fn run(self) -> Result<ExitCode, Failure> {
        match self.task {
            Task::Token(token) => token.run().await,
            Task::LoginLink(link) => link.run().await,
            Task::VerifyAuditLog(verify) => verify.run().await,
        }
    }
}

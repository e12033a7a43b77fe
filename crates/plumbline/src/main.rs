#![doc = include_str!("../README.md")]

mod commands;
mod configuration;
mod logging;

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;

use commands::Failure;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Says what is inside a build, what is wrong with it, and whether it may go out.
#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    #[command(flatten)]
    log: logging::LogFlags,
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    Scan(commands::scan::Scan),
    Gate(commands::gate::Gate),
}

impl Command {
    /// Services tell what they do; the others answer and are silent otherwise.
    const fn log_level(&self) -> &'static str {
        match self {
            Self::Scan(_) | Self::Gate(_) => "warn",
        }
    }

    async fn run(self) -> Result<ExitCode, Failure> {
        match self {
            Self::Scan(scan) => scan.run().await,
            Self::Gate(gate) => gate.run().await,
        }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    arguments.log.start(arguments.command.log_level());
    arguments.command.run().await.unwrap_or_else(|failure| {
        eprintln!("plumbline: {}", with_causes(&failure));
        ExitCode::from(2)
    })
}

/// A failure with its causes; some name theirs already.
fn with_causes(failure: &Failure) -> String {
    let mut text = failure.to_string();
    let mut cause = failure.source();
    while let Some(error) = cause {
        let told = error.to_string();
        if !text.contains(&told) {
            text = format!("{text}: {told}");
        }
        cause = error.source();
    }
    text
}

#![doc = include_str!("../README.md")]

mod commands;
mod configuration;
mod demo;
mod house;
mod logging;
mod state;

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
    Serve(commands::serve::Serve),
    Server(commands::server::Server),
    Worker(commands::worker::Worker),
    Scan(commands::scan::Scan),
    Convert(commands::convert::Convert),
    Import(commands::import::Import),
    Gate(commands::gate::Gate),
    Feeds(commands::feeds::Feeds),
    Admin(commands::admin::Admin),
}

impl Command {
    /// Services tell what they do; the others answer and are silent otherwise.
    const fn log_level(&self) -> &'static str {
        match self {
            Self::Serve(serve) => serve.log_level(),
            Self::Server(_) | Self::Worker(_) => "info",
            Self::Scan(_)
            | Self::Convert(_)
            | Self::Import(_)
            | Self::Gate(_)
            | Self::Feeds(_)
            | Self::Admin(_) => "warn",
        }
    }

    async fn run(self) -> Result<ExitCode, Failure> {
        match self {
            Self::Serve(serve) => serve.run().await,
            Self::Server(server) => server.run().await,
            Self::Worker(worker) => worker.run().await,
            Self::Scan(scan) => scan.run().await,
            Self::Convert(convert) => convert.run(),
            Self::Import(import) => import.run(),
            Self::Gate(gate) => gate.run().await,
            Self::Feeds(feeds) => feeds.run().await,
            Self::Admin(admin) => admin.run().await,
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

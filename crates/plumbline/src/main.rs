#![doc = include_str!("../README.md")]

mod commands;

use std::process::ExitCode;

use clap::Parser;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Says what is inside a build, what is wrong with it, and whether it may go out.
#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    Scan(commands::scan::Scan),
}

#[tokio::main]
async fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Scan(scan) => scan.run().await,
    };
    done.unwrap_or_else(|failure| {
        eprintln!("plumbline: {failure}");
        ExitCode::from(2)
    })
}

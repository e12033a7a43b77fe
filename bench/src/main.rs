#![doc = include_str!("../README.md")]

mod arguments;
mod bucket;
mod catalogue;
mod changes;
mod generate;
mod latency;
mod matching;
mod process;
mod random;
mod read;
mod resolving;
mod scan;
mod upload;

use std::process::ExitCode;

use arguments::{Arguments, Command};
use clap::Parser;

/// What ended a measurement: the message is for the person who started it.
type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Arguments::parse().command).await {
        Ok(report) => {
            println!("{report}");
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("bench: {failure}");
            ExitCode::from(2)
        }
    }
}

async fn run(command: Command) -> Result<String, Failure> {
    match command {
        Command::Generate(options) => generate::write(&options),
        Command::Upload(options) => upload::measure(&options).await,
        Command::Read(options) => read::measure(&options),
        Command::Scan(options) => scan::measure(&options),
        Command::Match(options) => matching::measure(&options).await,
        Command::Resolve(options) => resolving::measure(&options),
        Command::Bucket(options) => bucket::write(&options),
        Command::Changes(options) => changes::measure(&options).await,
    }
}

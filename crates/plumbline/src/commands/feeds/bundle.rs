//! `plumbline feeds export` and `import`: everything known, in one file, for places that no network reaches.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clock::{Clock, SystemClock};
use store::audit_log::{self, Entry};
use store::bundle::{self, BundleError, Imported, Outcome, Verified};

use crate::commands::{Failure, output, progress};
use crate::configuration::{Configuration, Layer, StateFlags};
use crate::house::House;
use crate::state::State;

/// Writes every loaded feed into one file and prints its SHA-256
#[derive(clap::Args)]
pub(super) struct Export {
    /// The file to write; an existing one is not overwritten
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    state: StateFlags,
}

/// Takes over feeds from a file that `export` wrote, and audits again what they change
#[derive(clap::Args)]
pub(super) struct Import {
    /// The file to read
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The SHA-256 that `export` printed; another file is refused
    #[arg(long, value_name = "HEX")]
    sha256: Option<String>,
    /// Takes over feeds that are older than what is stored, or that lost suspiciously much
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    state: StateFlags,
}

impl Export {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        let configuration = Configuration::load(&self.state, Layer::default())?;
        let state = State::open_existing(&configuration).await?;
        let file = File::create_new(&self.file).map_err(|error| Failure::file(&self.file, error))?;
        let spinner = progress::spinner("writing the feeds".to_owned());
        let exported = bundle::export(&state.database, file, SystemClock.now()).await;
        spinner.finish_and_clear();
        let exported = match exported {
            Ok(exported) => exported,
            Err(error) => {
                // Half a bundle is of no use, and the name is wanted for the next try.
                let _ = std::fs::remove_file(&self.file);
                return Err(failure(&self.file, error));
            }
        };
        let parts = &exported.manifest.parts;
        let records: usize = parts.iter().map(|part| part.records).sum();
        eprintln!(
            "plumbline: {} feeds with {records} records in {} bytes",
            parts.len(),
            exported.bytes
        );
        output::print(&format!("{}  {}\n", exported.sha256, self.file.display()))?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Import {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        let configuration = Configuration::load(&self.state, Layer::default())?;
        let file = File::open(&self.file).map_err(|error| Failure::file(&self.file, error))?;
        let spinner = progress::spinner("reading the bundle".to_owned());
        let verified = tokio::task::spawn_blocking(move || bundle::verify(file)).await;
        spinner.finish_and_clear();
        let verified = verified
            .map_err(|_| Failure::Interrupted)?
            .map_err(|error| failure(&self.file, error))?;
        self.demand(&verified)?;
        let state = State::open(&configuration).await?;
        let house = House::new(configuration, state, Arc::new(SystemClock));
        let sha256 = verified.sha256.clone();
        let spinner = progress::spinner("taking the feeds over".to_owned());
        let imported = bundle::import(&house.state.database, verified, self.force, house.clock.now()).await;
        spinner.finish_and_clear();
        let imported = imported.map_err(|error| failure(&self.file, error))?;
        note(&house, &sha256, imported.len()).await?;
        super::settle(&house).await?;
        print(&imported)?;
        super::print_status(&house).await?;
        Ok(ExitCode::SUCCESS)
    }

    fn demand(&self, verified: &Verified) -> Result<(), Failure> {
        match &self.sha256 {
            Some(wanted) if !wanted.eq_ignore_ascii_case(&verified.sha256) => Err(Failure::Usage(format!(
                "{} has the SHA-256 {}, not {wanted}",
                self.file.display(),
                verified.sha256
            ))),
            _ => Ok(()),
        }
    }
}

async fn note(house: &House, sha256: &str, feeds: usize) -> Result<(), Failure> {
    let detail = format!("{feeds} feeds");
    let entry = Entry {
        actor: "system",
        action: "feed.import",
        object: sha256,
        detail: &detail,
    };
    let mut tx = house.state.database.begin().await?;
    audit_log::append(&mut tx, &entry, house.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}

fn print(imported: &[Imported]) -> Result<(), Failure> {
    let mut text = String::new();
    for one in imported {
        let what = match &one.outcome {
            Outcome::Taken {
                added,
                changed,
                dropped,
            } => format!("{added} new, {changed} changed, {dropped} gone"),
            Outcome::NotNewer => "kept: what is stored is as new".to_owned(),
            Outcome::NotForHere => "left out: advisories are written here".to_owned(),
        };
        text.push_str(&format!("{}: {what}\n", one.feed));
    }
    output::print(&text)
}

fn failure(file: &Path, error: BundleError) -> Failure {
    match error {
        BundleError::Store(error) => error.into(),
        BundleError::Io(error) => Failure::file(file, error),
        BundleError::Interrupted => Failure::Interrupted,
        refusal => Failure::Usage(format!("{}: {refusal}", file.display())),
    }
}

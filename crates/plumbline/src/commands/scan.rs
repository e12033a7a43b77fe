//! `plumbline scan`: one document audited here and now, without a server.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use audit::render::{Rendering, Style};
use audit::{Context, Knowledge};
use clock::{Clock, SystemClock, Timestamp};
use fetch::feeds::Source;
use inventory::formats::{self, Limits};
use inventory::{Inventory, Level, Notice};
use policy::Policy;

use super::{Failure, knowledge, output};
use crate::configuration::{Configuration, Layer, StateFlags};

/// Warnings about the document itself that are shown one by one.
const NOTICES_SHOWN: usize = 10;

/// Audits an SBOM and answers with the gate's verdict
#[derive(clap::Args)]
pub(crate) struct Scan {
    /// The SBOM: CycloneDX or SPDX in any of their encodings, plain, gzip or zstd
    sbom: PathBuf,
    /// Refuses the document for mistakes that are otherwise warnings
    #[arg(long)]
    strict: bool,
    /// Where advisories come from, a folder or URL in the layout of the OSV bucket; without it, those that
    /// `feeds sync` brought into the data folder
    #[arg(long, env = "PLUMBLINE_SOURCE", value_name = "URL|DIR")]
    source: Option<String>,
    /// A policy document, TOML or JSON; without it the default policy judges
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// table, text, json, markdown, sarif, junit, github, gitlab or csv
    #[arg(long, default_value = "table")]
    format: Rendering,
    #[command(flatten)]
    state: StateFlags,
}

impl Scan {
    pub(crate) async fn run(self) -> Result<ExitCode, Failure> {
        let now = SystemClock.now();
        let policy = self
            .policy
            .as_deref()
            .map_or_else(|| Ok(Policy::default()), read_policy)?;
        let bytes = read_file(&self.sbom)?;
        let inventory = Arc::new(self.read_sbom(&bytes)?);
        let knowledge = self.knowledge(&inventory, now).await?;
        let context = Context {
            project: self.sbom.display().to_string(),
            sbom_sha256: store::documents::digest(&bytes),
            now,
            ..Context::default()
        };
        self.answer(&inventory, &knowledge, &policy, &context)
    }

    async fn knowledge(&self, inventory: &Arc<Inventory>, now: Timestamp) -> Result<Knowledge, Failure> {
        let configuration = Configuration::load(&self.state, Layer::default())?;
        match &self.source {
            Some(source) => {
                let client = fetch::Client::new(configuration.network())?;
                let source = Source::parse(source, &client)?;
                knowledge::gather(inventory, &source, now).await
            }
            None => knowledge::stored(configuration, Arc::clone(inventory)).await,
        }
    }

    fn read_sbom(&self, bytes: &[u8]) -> Result<Inventory, Failure> {
        let (inventory, notices) =
            formats::read(bytes, &Limits::default()).map_err(|error| Failure::Document {
                path: self.sbom.clone(),
                place: error.place.clone(),
                message: error.message.clone(),
            })?;
        self.tell(&notices);
        let mistake = notices
            .iter()
            .find(|notice| self.strict && notice.level == Level::Warn);
        match mistake {
            Some(mistake) => Err(Failure::Document {
                path: self.sbom.clone(),
                place: mistake.place.clone(),
                message: format!("refused because of --strict: {}", mistake.text),
            }),
            None => Ok(inventory),
        }
    }

    /// Says what a person should look at, and how much more the reader merely noted.
    fn tell(&self, notices: &[Notice]) {
        let sbom = self.sbom.display();
        let (warnings, remarks): (Vec<_>, Vec<_>) =
            notices.iter().partition(|notice| notice.level == Level::Warn);
        for notice in warnings.iter().take(NOTICES_SHOWN) {
            eprintln!("{sbom}:{}: {}", notice.place, notice.text);
        }
        let more = warnings.len().saturating_sub(NOTICES_SHOWN) + remarks.len();
        if more > 0 {
            eprintln!("{sbom}: {more} more remarks about the document");
        }
    }

    fn answer(
        &self,
        inventory: &Inventory,
        knowledge: &Knowledge,
        policy: &Policy,
        context: &Context,
    ) -> Result<ExitCode, Failure> {
        let report = audit::audit(inventory, knowledge, policy, &[], context);
        let artifact = self.sbom.display().to_string();
        let style = Style {
            colour: output::has_colour(),
            artifact: &artifact,
        };
        output::print(&self.format.render(&report, &style))?;
        Ok(ExitCode::from(output::exit_code(report.verdict.verdict)))
    }
}

fn read_file(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|source| Failure::file(path, source))
}

fn read_policy(path: &Path) -> Result<Policy, Failure> {
    let text = std::fs::read_to_string(path).map_err(|source| Failure::file(path, source))?;
    let is_json = path
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    let read = if is_json {
        Policy::from_json(&text)
    } else {
        Policy::from_toml(&text)
    };
    read.map_err(|error| Failure::Document {
        path: path.to_owned(),
        place: error.place.clone(),
        message: error.message.clone(),
    })
}

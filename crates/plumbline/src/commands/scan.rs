//! `plumbline scan`: a folder, a lockfile, an archive or an SBOM audited here and now, without a server.

mod files;
mod folder;
mod green;
mod registry;
mod source;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use audit::render::{Rendering, Style};
use audit::{Context, Knowledge, Report};
use clock::{Clock, SystemClock, Timestamp};
use fetch::feeds::Source;
use inventory::Inventory;
use policy::{Draft, Notation, Policy};

use super::{Failure, decisions, knowledge, output, progress, sandworm};
use crate::configuration::{Configuration, Layer, StateFlags};
use source::SourceFlags;

/// Audits a folder, a lockfile, an archive or an SBOM and answers with the gate's verdict
#[derive(clap::Args)]
pub(crate) struct Scan {
    /// A folder with sources, one lockfile or manifest, an archive (.tar, .tar.gz, .tar.zst, .zip), the URL of a git
    /// repository, or an SBOM
    #[arg(value_name = "PATH")]
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
    /// A file of waivers, as a repository proposes them (`.sbom-gate.toml`); here they hold at once
    #[arg(long, value_name = "FILE")]
    waivers: Option<PathBuf>,
    /// A VEX document: OpenVEX, CSAF or CycloneDX JSON; may be given several times
    #[arg(long, value_name = "FILE")]
    vex: Vec<PathBuf>,
    /// table, text, json, markdown, sarif, junit, github, gitlab, gitlab-dependency-scanning, html or csv
    #[arg(long, default_value = "table")]
    format: Rendering,
    #[command(flatten)]
    reading: SourceFlags,
    #[command(flatten)]
    files: files::FileFlags,
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
        let policy = self.files.failing(policy);
        let waivers = match &self.waivers {
            Some(path) => decisions::waivers(path, &policy, now)?,
            None => Vec::new(),
        };
        let mut statements = Vec::new();
        for path in &self.vex {
            statements.extend(decisions::statements(path)?);
        }
        let mut configuration = Configuration::load_beside(&self.state, Layer::default(), &self.sbom)?;
        configuration.registries.offline |= self.reading.offline;
        let source::Read {
            mut inventory,
            digest,
            npm,
        } = source::read(&self.sbom, &self.reading, self.strict, &configuration).await?;
        if self.files.registry {
            ask_registries(&mut inventory, &configuration).await?;
        }
        let inventory = Arc::new(inventory);
        let matching = progress::spinner(format!("Matching {} components", inventory.component_count()));
        let mut knowledge = Knowledge {
            statements,
            ..self.knowledge(configuration.clone(), &inventory, now).await?
        };
        matching.finish_and_clear();
        let context = Context {
            project: self.sbom.display().to_string(),
            sbom_sha256: digest,
            now,
            ..Context::default()
        };
        let audited =
            |knowledge: &Knowledge| audit::audit(&inventory, knowledge, &policy, &waivers, &context);
        let mut report = audited(&knowledge);
        // From a source of its own, only advisories about what is there were read.
        if self.source.is_none() {
            knowledge.ways = green::ways(&configuration, npm, &report).await?;
            if !knowledge.ways.is_empty() {
                report = audited(&knowledge);
            }
        }
        self.answer(&inventory, &report)
    }

    async fn knowledge(
        &self,
        configuration: Configuration,
        inventory: &Arc<Inventory>,
        now: Timestamp,
    ) -> Result<Knowledge, Failure> {
        match &self.source {
            Some(source) => {
                let client = fetch::Client::new(configuration.network())?;
                let source = Source::parse(source, &client)?;
                knowledge::gather(inventory, &source, now).await
            }
            None => knowledge::stored(configuration, Arc::clone(inventory)).await,
        }
    }

    fn answer(&self, inventory: &Inventory, report: &Report) -> Result<ExitCode, Failure> {
        let artifact = self.sbom.display().to_string();
        let style = Style {
            colour: output::has_colour(),
            artifact: &artifact,
        };
        self.files
            .write(inventory, report, self.policy.as_deref(), &artifact)?;
        output::print(&self.format.render(report, &style))?;
        Ok(ExitCode::from(output::exit_code(report.verdict.verdict)))
    }
}

/// Fills in what registries know; what could not be asked is said, and stays unknown.
async fn ask_registries(inventory: &mut Inventory, configuration: &Configuration) -> Result<(), Failure> {
    let spinner = progress::spinner("Asking the registries".to_owned());
    let asked = registry::enrich(inventory, configuration).await?;
    spinner.finish_and_clear();
    if asked.failed > 0 {
        eprintln!(
            "plumbline: nothing could be learned of {} of {} packages: {}",
            asked.failed,
            asked.packages,
            asked.why.unwrap_or_default()
        );
    }
    Ok(())
}

fn read_file(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|source| Failure::file(path, source))
}

fn read_policy(path: &Path) -> Result<Policy, Failure> {
    let text = std::fs::read_to_string(path).map_err(|source| Failure::file(path, source))?;
    if let Some(policy) = sandworm::policy(path, &text)? {
        return Ok(policy);
    }
    let is_json = path
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    let notation = if is_json { Notation::Json } else { Notation::Toml };
    let failed = |place: &str, message: String| Failure::Document {
        path: path.to_owned(),
        place: place.to_owned(),
        message,
    };
    let draft = Draft::read(&text, notation).map_err(|error| failed(&error.place, error.message.clone()))?;
    match draft.extends() {
        // Without a server, the organisation's policy is the built-in one.
        None | Some("default" | "organisation") => Ok(draft.alone()),
        Some(other) => {
            let message = format!("it extends `{other}`, which only a server knows");
            Err(failed("/extends", message))
        }
    }
}

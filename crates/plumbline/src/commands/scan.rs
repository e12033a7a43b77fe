//! `plumbline scan`: a folder, a lockfile, an archive or an SBOM audited here and now, without a server.

mod files;
mod folder;
mod registry;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use audit::render::{Rendering, Style};
use audit::{Context, Knowledge};
use clock::{Clock, SystemClock, Timestamp};
use fetch::feeds::Source;
use inventory::formats::{self, Limits};
use inventory::{Inventory, Level, Notice};
use policy::{Draft, Notation, Policy, Waiver};
use sources::archive;

use super::ending::Ending;
use super::{Failure, decisions, knowledge, output, progress, sandworm};
use crate::configuration::{Configuration, Layer, StateFlags};

/// Warnings about the document itself that are shown one by one.
const NOTICES_SHOWN: usize = 10;

/// Audits a folder, a lockfile, an archive or an SBOM and answers with the gate's verdict
#[derive(clap::Args)]
pub(crate) struct Scan {
    /// A folder with sources, one lockfile, an archive (.tar, .tar.gz, .tar.zst, .zip), or an SBOM
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
    files: files::FileFlags,
    #[command(flatten)]
    ending: Ending,
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
        let (mut inventory, digest) = self.inventory()?;
        if self.files.registry {
            self.ask_registries(&mut inventory).await?;
        }
        let inventory = Arc::new(inventory);
        let matching = progress::spinner(format!("Matching {} components", inventory.component_count()));
        let knowledge = Knowledge {
            statements,
            ..self.knowledge(&inventory, now).await?
        };
        matching.finish_and_clear();
        let context = Context {
            project: self.sbom.display().to_string(),
            sbom_sha256: digest,
            now,
            ..Context::default()
        };
        self.answer(&inventory, &knowledge, &policy, &waivers, &context)
    }

    /// Fills in what registries know; what could not be asked is said, and stays unknown.
    async fn ask_registries(&self, inventory: &mut Inventory) -> Result<(), Failure> {
        let configuration = Configuration::load(&self.state, Layer::default())?;
        let spinner = progress::spinner("Asking the registries".to_owned());
        let asked = registry::enrich(inventory, &configuration).await?;
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

    /// What is to be audited, and the digest of what it was read from: of a folder, of what was found in it.
    fn inventory(&self) -> Result<(Inventory, String), Failure> {
        let spinner = progress::spinner(format!("Reading {}", self.sbom.display()));
        let is_folder = self.sbom.is_dir();
        let lockfile = self
            .sbom
            .file_name()
            .and_then(|name| sources::file_name(&name.to_string_lossy()));
        let (inventory, notices) = if is_folder {
            let collection = folder::collect(&self.sbom, &spinner)?;
            sources::inventory(&collection, &folder::name(&self.sbom))
        } else if let Some(name) = lockfile {
            sources::inventory_of(&folder::around(&self.sbom, &name, &spinner)?, &name)
        } else {
            let bytes = read_file(&self.sbom)?;
            let digest = store::documents::digest(&bytes);
            spinner.finish_and_clear();
            return Ok((self.read_document(&bytes)?, digest));
        };
        spinner.finish_and_clear();
        self.tell(&notices);
        let digest = inventory
            .digest()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Ok((inventory, digest))
    }

    /// An archive or an SBOM.
    fn read_document(&self, bytes: &[u8]) -> Result<Inventory, Failure> {
        if archive::Kind::of(bytes).is_none() {
            return self.read_sbom(bytes);
        }
        let opened = archive::read(std::io::Cursor::new(bytes), &sources::Limits::default());
        let collection = opened.map_err(|error| Failure::Document {
            path: self.sbom.clone(),
            place: String::new(),
            message: error.to_string(),
        })?;
        let (inventory, notices) = sources::inventory(&collection, &folder::name(&self.sbom));
        self.tell(&notices);
        Ok(inventory)
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
        waivers: &[Waiver],
        context: &Context,
    ) -> Result<ExitCode, Failure> {
        let report = audit::audit(inventory, knowledge, policy, waivers, context);
        let artifact = self.sbom.display().to_string();
        let style = Style {
            colour: output::has_colour(),
            artifact: &artifact,
        };
        self.files
            .write(inventory, &report, self.policy.as_deref(), &artifact)?;
        output::print(&self.format.render(&report, &style))?;
        Ok(ExitCode::from(self.ending.of(&report.verdict)))
    }
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

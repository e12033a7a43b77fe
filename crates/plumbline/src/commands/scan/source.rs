//! What is to be audited: a folder, a lockfile or manifest, an archive, a repository, or an SBOM.
//!
//! Manifests without a lockfile are resolved from the registries of the configuration, as a worker does it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clock::SystemClock;
use ecosystems::resolve::Assumptions;
use fetch::git::{GitLimits, Repository, snapshot};
use fetch::registries::{Cache, Registries};
use fetch::{Client, Url};
use indicatif::ProgressBar;
use inventory::formats::{self, Limits};
use inventory::{Inventory, Level, Notice};
use sources::{Collection, archive};
use worker::resolving::{self, Grown, MemoryAnswers, Reading, Stage, StoredAnswers, What};

use super::super::assumptions::AssumptionFlags;
use super::super::{Failure, progress};
use super::{folder, read_file};
use crate::configuration::Configuration;
use crate::state::State;

/// Warnings about the document itself that are shown one by one.
const NOTICES_SHOWN: usize = 10;

/// How a source is read, and what is assumed of manifests that have no lockfile.
#[derive(clap::Args)]
pub(super) struct SourceFlags {
    /// Asks no package registry: manifests are resolved from what is kept of earlier answers, if anything is
    #[arg(long)]
    pub(super) offline: bool,
    #[command(flatten)]
    assumptions: AssumptionFlags,
    /// The branch, tag or commit of a repository that is given as a URL
    #[arg(long = "ref", value_name = "REF")]
    reference: Option<String>,
    /// A file with a token for the host of that URL; without it, `PLUMBLINE_REPOSITORY_TOKEN`
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
}

/// What was read, and the digest of what it was read from: of a source, of what was found in it.
pub(super) struct Read {
    pub(super) inventory: Inventory,
    pub(super) digest: String,
    /// For who looks for ways to green.
    pub(super) npm: Vec<Grown>,
}

/// Reads what `path` names.
///
/// # Errors
/// When it cannot be read at all; what in a source cannot be read or resolved is a gap.
pub(super) async fn read(
    path: &Path,
    flags: &SourceFlags,
    is_strict: bool,
    configuration: &Configuration,
) -> Result<Read, Failure> {
    let reader = Reader {
        path,
        flags,
        configuration,
        assumptions: flags.assumptions.parse()?,
        spinner: progress::spinner(format!("Reading {}", path.display())),
    };
    let read = reader.read(is_strict).await;
    reader.spinner.finish_and_clear();
    let (reading, digest) = read?;
    tell(path, &reading.notices);
    let own = || {
        let digest = reading.inventory.digest();
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    };
    Ok(Read {
        digest: digest.unwrap_or_else(own),
        inventory: reading.inventory,
        npm: reading.npm,
    })
}

impl SourceFlags {
    fn token(&self) -> Result<Option<String>, Failure> {
        let token = match &self.token_file {
            Some(path) => Some(std::fs::read_to_string(path).map_err(|source| Failure::file(path, source))?),
            // Not a flag: the arguments of a process can be read by everybody on its machine.
            None => std::env::var("PLUMBLINE_REPOSITORY_TOKEN").ok(),
        };
        Ok(token
            .map(|token| token.trim().to_owned())
            .filter(|token| !token.is_empty()))
    }
}

/// What was read, and the digest of a document that holds it all.
type Told = (Reading, Option<String>);

struct Reader<'a> {
    path: &'a Path,
    flags: &'a SourceFlags,
    configuration: &'a Configuration,
    assumptions: Assumptions,
    spinner: ProgressBar,
}

impl Reader<'_> {
    async fn read(&self, is_strict: bool) -> Result<Told, Failure> {
        if let Some(url) = repository_url(self.path) {
            let collection = self.clone_of(&url?).await?;
            let name = folder::name(Path::new(self.path.to_string_lossy().trim_end_matches(".git")));
            return self.source(collection, What::All(&name)).await;
        }
        if self.path.is_dir() {
            let collection = folder::collect(self.path, &self.spinner)?;
            return self.source(collection, What::All(&folder::name(self.path))).await;
        }
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        if let Some(name) = sources::file_name(&name) {
            let collection = folder::around(self.path, &name, &self.spinner)?;
            return self.source(collection, What::One(&name)).await;
        }
        let bytes = read_file(self.path)?;
        let digest = Some(store::documents::digest(&bytes));
        if archive::Kind::of(&bytes).is_none() {
            return Ok((self.sbom(&bytes, is_strict)?, digest));
        }
        let collection = self.opened(&bytes)?;
        let (reading, _) = self
            .source(collection, What::All(&folder::name(self.path)))
            .await?;
        Ok((reading, digest))
    }

    fn opened(&self, bytes: &[u8]) -> Result<Collection, Failure> {
        let opened = archive::read(std::io::Cursor::new(bytes), &sources::Limits::default());
        opened.map_err(|error| self.refused("", error.to_string()))
    }

    async fn clone_of(&self, url: &Url) -> Result<Collection, Failure> {
        let mut network = self.configuration.network();
        network
            .private
            .extend(self.configuration.source_hosts.iter().cloned());
        let client = Client::new(network)?;
        if url.scheme() != "https" && !client.is_named(url) {
            let why = "only https addresses are fetched, unless `sources.private_hosts` names the host";
            return Err(Failure::Usage(why.to_owned()));
        }
        let repository = Repository {
            url: url.clone(),
            reference: self.flags.reference.clone(),
            token: self.flags.token()?,
        };
        self.spinner.set_message(format!("Fetching {url}"));
        let found = snapshot(&client, &repository, &GitLimits::default(), |_| {}).await?;
        Ok(found.collection)
    }

    /// A source, with what has no lockfile resolved.
    async fn source(&self, collection: Collection, what: What<'_>) -> Result<Told, Failure> {
        let registries = registries(self.configuration).await?;
        let read = resolving::read(collection, what, &registries, &self.assumptions, |stage| {
            if let Stage::Resolve {
                path,
                number,
                of,
                documents,
            } = stage
            {
                let (done, asked) = (documents.done, documents.asked);
                self.spinner.set_message(format!(
                    "Resolving {path} ({number} of {of}): {done} of {asked} documents from registries"
                ));
            }
        });
        Ok((read.await?, None))
    }

    fn sbom(&self, bytes: &[u8], is_strict: bool) -> Result<Reading, Failure> {
        let read = formats::read(bytes, &Limits::default());
        let (inventory, notices) = read.map_err(|error| self.refused(&error.place, error.message.clone()))?;
        let mistake = notices
            .iter()
            .find(|notice| is_strict && notice.level == Level::Warn);
        if let Some(mistake) = mistake {
            tell(self.path, &notices);
            let why = format!("refused because of --strict: {}", mistake.text);
            return Err(self.refused(&mistake.place, why));
        }
        Ok(Reading {
            inventory,
            notices,
            npm: Vec::new(),
        })
    }

    fn refused(&self, place: &str, message: String) -> Failure {
        Failure::Document {
            path: PathBuf::from(self.path),
            place: place.to_owned(),
            message,
        }
    }
}

/// The registries of the configuration. What they answer is kept where there is a data folder.
///
/// # Errors
/// When no client can be made.
pub(super) async fn registries(configuration: &Configuration) -> Result<Registries, Failure> {
    let client = Client::new(configuration.network())?;
    let cache: Arc<dyn Cache> = match State::open_existing(configuration).await {
        Ok(state) => Arc::new(StoredAnswers(state.database)),
        Err(_) => Arc::new(MemoryAnswers::default()),
    };
    let clock = Arc::new(SystemClock);
    let settings = configuration.registries.clone();
    Ok(resolving::registries(&client, settings, cache, clock))
}

/// The address of a repository, when that is what was named.
fn repository_url(path: &Path) -> Option<Result<Url, Failure>> {
    let text = path.to_str()?;
    let is_address = text.starts_with("https://") || text.starts_with("http://");
    is_address
        .then(|| Url::parse(text).map_err(|error| Failure::Usage(format!("the address is no URL: {error}"))))
}

/// Says what a person should look at, and how much more the reader merely noted.
fn tell(path: &Path, notices: &[Notice]) {
    let path = path.display();
    let (warnings, remarks): (Vec<_>, Vec<_>) =
        notices.iter().partition(|notice| notice.level == Level::Warn);
    // What a resolution assumed decides about all that follows.
    let (resolved, remarks): (Vec<_>, Vec<_>) =
        remarks.into_iter().partition(|notice| notice.code == "resolved");
    let told: Vec<_> = resolved.into_iter().chain(warnings).collect();
    for notice in told.iter().take(NOTICES_SHOWN) {
        eprintln!("{path}:{}: {}", notice.place, notice.text);
    }
    let more = told.len().saturating_sub(NOTICES_SHOWN) + remarks.len();
    if more > 0 {
        eprintln!("{path}: {more} more remarks about the document");
    }
}

//! A record made ready for storing, outside of any transaction.

use advisories::osv::{Record, RecordError};
use advisories::{Advisory, AdvisoryPackage, ENTRY_FORMAT};

/// The longest id, alias and package name, in bytes: they are keys of indexes.
const LONGEST_KEY: usize = 1024;

/// Why a record is left out.
#[derive(Debug, thiserror::Error)]
pub enum UnreadableRecord {
    #[error(transparent)]
    Record(#[from] RecordError),
    /// An id, alias or package name that no database can keep as a key.
    #[error("the record has a {0} that is too long or contains a NUL character")]
    Key(&'static str),
    #[error("the record cannot be compressed: {0}")]
    Compression(#[from] std::io::Error),
}

/// A record, parsed, compiled and compressed.
#[derive(Clone, Debug)]
pub struct PreparedRecord {
    pub(super) identifier: String,
    pub(super) modified: i64,
    pub(super) published: Option<i64>,
    pub(super) withdrawn: Option<i64>,
    pub(super) summary: String,
    pub(super) digest: String,
    pub(super) record: Vec<u8>,
    pub(super) aliases: Vec<String>,
    pub(super) packages: Vec<PreparedPackage>,
}

/// What a record says about one package.
#[derive(Clone, Debug)]
pub(super) struct PreparedPackage {
    pub(super) ecosystem: String,
    pub(super) name: String,
    pub(super) entry: Vec<u8>,
}

/// Names the content of a record and the format in which it is compiled: when either changes, the stored
/// row is written anew.
pub(super) fn digest(json: &[u8]) -> String {
    format!("{ENTRY_FORMAT}:{}", crate::documents::digest(json))
}

impl PreparedRecord {
    /// Reads and compiles one record; pure work, best done on a thread that may block.
    ///
    /// # Errors
    /// When it is no record that can be kept; the caller counts and reports those.
    pub fn new(json: &[u8]) -> Result<Self, UnreadableRecord> {
        let record = Record::parse(json)?;
        let (mut advisory, _) = Advisory::compile(&record);
        advisory.aliases.sort_unstable();
        advisory.aliases.dedup();
        check_keys(&advisory)?;
        Ok(Self {
            modified: advisory.modified.millis(),
            published: advisory.published.map(clock::Timestamp::millis),
            withdrawn: advisory.withdrawn.map(clock::Timestamp::millis),
            summary: advisory.summary.replace('\0', ""),
            digest: digest(json),
            record: crate::packed::compress(json)?,
            aliases: advisory.aliases,
            packages: prepare_packages(advisory.packages),
            identifier: advisory.id,
        })
    }

    /// The record's id.
    #[must_use]
    pub fn identifier(&self) -> &str {
        &self.identifier
    }

    /// Roughly how many bytes it holds, to bound what is kept in memory.
    pub(super) fn size(&self) -> usize {
        let entries: usize = self.packages.iter().map(|package| package.entry.len() + 96).sum();
        let aliases = self.aliases.len() * 48;
        self.record.len() + entries + aliases + 512
    }
}

/// One entry for each package whose versions can be compared. What a record says about others is in the
/// record itself and is compiled when their ecosystem is understood.
fn prepare_packages(packages: Vec<AdvisoryPackage>) -> Vec<PreparedPackage> {
    let known = packages
        .into_iter()
        .filter(|package| ecosystems::by_name(&package.ecosystem).is_some());
    known
        .map(|package| PreparedPackage {
            entry: package.entry.to_bytes(),
            ecosystem: package.ecosystem,
            name: package.name,
        })
        .collect()
}

fn check_keys(advisory: &Advisory) -> Result<(), UnreadableRecord> {
    let bad = |key: &String| key.is_empty() || key.len() > LONGEST_KEY || key.contains('\0');
    if bad(&advisory.id) {
        return Err(UnreadableRecord::Key("id"));
    }
    if advisory.aliases.iter().any(bad) {
        return Err(UnreadableRecord::Key("alias"));
    }
    if advisory.packages.iter().any(|package| bad(&package.name)) {
        return Err(UnreadableRecord::Key("package name"));
    }
    Ok(())
}

//! Uploads: from bytes to a build that waits for its audit.
//!
//! [`ReadDocument`] is the pure half, best done on a worker thread; [`accept`] is the transaction. Both the API
//! and the demo go this way.

use ::inventory::formats::{self, Limits, ReadError};
use clock::Timestamp;

use crate::Error;
use crate::audit_log::{self, Entry};
use crate::builds::{self, Build, NewBuild};
use crate::db::{List, Tx};
use crate::inventories::{self, PreparedInventory};
use crate::jobs::{self, Lane};
use crate::projects::{self, Project};

/// A document that was read and made ready for storing.
#[derive(Debug)]
pub struct ReadDocument {
    /// SHA-256 of the bytes.
    pub digest: String,
    size: i64,
    format: String,
    tools: Vec<String>,
    /// A JSON list.
    notices: String,
    inventory: PreparedInventory,
}

/// Why a document cannot be taken.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// It is no bill of materials that we read.
    #[error(transparent)]
    Unreadable(#[from] ReadError),
    #[error(transparent)]
    Store(#[from] Error),
}

impl ReadDocument {
    /// Reads a document.
    ///
    /// # Errors
    /// When it is no bill of materials that we read; the error names the place.
    pub fn new(bytes: &[u8], limits: &Limits) -> Result<Self, DocumentError> {
        let (inventory, notices) = formats::read(bytes, limits)?;
        Ok(Self {
            digest: crate::documents::digest(bytes),
            size: i64::try_from(bytes.len()).unwrap_or(i64::MAX),
            format: inventory.format.clone(),
            tools: inventory.tools.clone(),
            notices: List::of(&notices),
            inventory: PreparedInventory::new(&inventory)?,
        })
    }
}

/// Where a document belongs and how it is to be judged.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    pub project: &'a Project,
    pub reference: &'a str,
    /// `branch`, `pr` or `release`.
    pub channel: &'a str,
    pub version: Option<&'a str>,
    pub commit: Option<&'a str>,
    /// The name of a policy that stands in for the project's own.
    pub policy: Option<&'a str>,
    pub baseline: Option<&'a str>,
    /// Two uploads to one ref with one key are one upload; without it the document and its target are the key.
    pub key: Option<&'a str>,
    /// As the audit log names them.
    pub actor: &'a str,
    /// Whether somebody waits for the verdict.
    pub lane: Lane,
}

/// What became of an upload.
#[derive(Clone, Debug)]
pub enum Accepted {
    /// A new build, queued for its audit.
    Created(Build),
    /// The build that an earlier, equal upload made.
    Repeated(Build),
}

impl Accepted {
    #[must_use]
    pub fn build(self) -> Build {
        match self {
            Self::Created(build) | Self::Repeated(build) => build,
        }
    }
}

/// Records an upload whose bytes are kept already, asks for its audit and notes it in the audit log.
pub async fn accept(
    tx: &mut Tx,
    document: &ReadDocument,
    target: &Target<'_>,
    now: Timestamp,
) -> Result<Accepted, Error> {
    let reference = projects::ensure_reference(tx, target.project, target.reference, target.channel).await?;
    let key = target.key_for(document);
    if let Some(build) = builds::by_key(tx, reference.id, &key).await? {
        return Ok(Accepted::Repeated(build));
    }
    let inventory_id = inventories::intern(tx, &document.inventory).await?;
    let new = target.new_build(document, key, inventory_id);
    let build = builds::create(tx, target.project, &reference, &new, now).await?;
    jobs::enqueue_audit(tx, &[build.id], target.lane, now).await?;
    let entry = Entry {
        actor: target.actor,
        action: "build.upload",
        object: &build.uuid,
        detail: &format!("{} {} #{}", target.project.name, target.reference, build.number),
    };
    audit_log::append(tx, &entry, now).await?;
    Ok(Accepted::Created(build))
}

impl Target<'_> {
    /// What makes two uploads the same: the key that the caller gave, else everything that could change the verdict.
    fn key_for(&self, document: &ReadDocument) -> String {
        if let Some(key) = self.key {
            return format!("given:{key}");
        }
        let parts = [
            Some(document.digest.as_str()),
            self.version,
            self.commit,
            self.policy,
            self.baseline,
        ];
        crate::documents::digest(List::of(&parts).as_bytes())
    }

    fn new_build(&self, document: &ReadDocument, idempotency_key: String, inventory_id: i64) -> NewBuild {
        NewBuild {
            version: self.version.map(str::to_owned),
            commit_id: self.commit.map(str::to_owned),
            document_digest: document.digest.clone(),
            document_size: document.size,
            idempotency_key,
            inventory_id,
            format: document.format.clone(),
            tools: document.tools.clone(),
            notices: document.notices.clone(),
            policy: self.policy.map(str::to_owned),
            baseline: self.baseline.map(str::to_owned),
            actor: self.actor.to_owned(),
            components: document.inventory.components(),
        }
    }
}

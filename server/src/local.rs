//! What this very process asks of itself: the path of a request, without a request.

use std::sync::Arc;

use audit::Knowledge;
use bytes::Bytes;
use inventory::Inventory;

use crate::auth::Access;
use crate::documents::SentDocument;
use crate::state::Service;
use crate::uploads::{self, Channel, Target};

/// A document of a project that is there.
#[derive(Clone, Copy, Debug)]
pub struct LocalUpload<'a> {
    /// As the audit log names them, behind `user:`.
    pub actor: &'a str,
    pub project: &'a str,
    pub reference: &'a str,
    /// `branch`, `pr` or `release`.
    pub channel: &'a str,
    pub commit: &'a str,
}

/// Reads and keeps a document and records its build, which then waits for its audit.
///
/// # Errors
/// What a caller of the API would be told.
pub async fn upload(service: &Service, upload: &LocalUpload<'_>, document: Bytes) -> Result<(), String> {
    let target = Target {
        project: upload.project.to_owned(),
        reference: Some(upload.reference.to_owned()),
        channel: Channel::from_word(upload.channel).ok_or("there is no such channel")?,
        commit: Some(upload.commit.to_owned()),
        ..Target::default()
    };
    let access = Access::signed_in(upload.actor);
    uploads::accept(service, &access, &target, SentDocument::from(document))
        .await
        .map(|_| ())
        .map_err(|problem| problem.detail)
}

/// What the stored advisories say about an inventory that is not stored.
///
/// # Errors
/// When the database refuses.
pub async fn knowledge(service: &Service, inventory: Arc<Inventory>) -> Result<Knowledge, String> {
    crate::knowledge::of_document(service, inventory, &crate::decisions::Decisions::default())
        .await
        .map_err(|problem| problem.detail)
}

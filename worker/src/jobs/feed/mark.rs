//! What is remembered of a source's state.

use advisories::ENTRY_FORMAT;
use fetch::Validator;
use serde::{Deserialize, Serialize};
use store::feeds::Feed;

/// What is kept of a source's state, with the format that its records were compiled in: with another format
/// they are read again although they have not changed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Mark {
    format: u16,
    /// Of the whole: an archive, a document, a folder.
    pub(super) validator: Validator,
    /// Of the list of changes that a bucket keeps beside its archive.
    #[serde(default)]
    pub(super) listing: Validator,
}

impl Mark {
    pub(super) fn new(validator: Validator) -> Self {
        Self {
            format: ENTRY_FORMAT,
            validator,
            listing: Validator::default(),
        }
    }

    /// The same, with another state of the list of changes.
    pub(super) fn with_listing(self, listing: Validator) -> Self {
        Self { listing, ..self }
    }

    /// The mark of a feed; `None` when there is none, or its records were compiled in another format.
    pub(super) fn of(feed: &Feed) -> Option<Self> {
        let mark: Option<Self> = serde_json::from_str(&feed.validator).ok();
        mark.filter(|mark| mark.format == ENTRY_FORMAT)
    }

    pub(super) fn known(feed: &Feed) -> Validator {
        Self::of(feed).unwrap_or_default().validator
    }

    pub(super) fn text(&self) -> String {
        // Numbers and strings always have a JSON form; without one everything is read again.
        serde_json::to_string(self).unwrap_or_default()
    }
}

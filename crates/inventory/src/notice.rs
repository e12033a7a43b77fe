//! What a reader noticed and lived with.

use serde::{Deserialize, Serialize};

/// Something about the document that did not stop its reading but that a person should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// A stable word for machines, `snake_case`: `dangling_reference`, `duplicate_component`, `no_version`.
    pub code: String,
    pub level: Level,
    /// Where in the document: a JSON pointer (`/components/3/purl`) or `line 12, column 4`.
    pub place: String,
    /// One sentence for people.
    pub text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    Info,
    Warn,
}

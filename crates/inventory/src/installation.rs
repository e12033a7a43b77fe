//! What a lockfile or a registry says of a package besides its identity.

use serde::{Deserialize, Serialize};

/// How a component of a source tree is installed. Everything is as the lockfile or the registry states it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Installation {
    /// The lockfile or manifest that it was found in, relative to the scanned source: `web/package-lock.json`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub manifest: String,
    /// Where in it: a JSON pointer or `line 12`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub place: String,
    /// The name it is required under, when that is another than its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
    /// Whether only peer requirements brought it in.
    #[serde(skip_serializing_if = "is_false")]
    pub peer: bool,
    /// Whether it lies inside its parent's archive.
    #[serde(skip_serializing_if = "is_false")]
    pub bundled: bool,
    /// Under which condition it is installed: `os: darwin`, `sys_platform == 'win32'`. Absent: always.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_false(value: &bool) -> bool {
    !*value
}

//! What can be wrong with the configuration, said so that it can be mended.

use std::path::{Path, PathBuf};

/// Why the service cannot start as it was told to.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("{path}: {source}")]
    File { path: PathBuf, source: std::io::Error },
    /// The file is no TOML, has an unknown key, or a value of the wrong kind.
    #[error("{path}:{line}: {message}")]
    Syntax {
        path: PathBuf,
        line: usize,
        message: String,
    },
    #[error("the setting `{key}` {why}")]
    Value { key: &'static str, why: String },
}

impl Error {
    pub(super) fn value(key: &'static str, why: &str) -> Self {
        Self::Value {
            key,
            why: why.to_owned(),
        }
    }

    pub(super) fn file(path: &Path, source: std::io::Error) -> Self {
        Self::File {
            path: path.to_owned(),
            source,
        }
    }

    /// Finds the line of what the TOML reader did not like, and drops its drawing of the place.
    pub(super) fn syntax(path: &Path, text: &str, error: &toml::de::Error) -> Self {
        let at = error.span().map_or(0, |span| span.start);
        let before = text.get(..at).unwrap_or_default();
        Self::Syntax {
            path: path.to_owned(),
            line: before.matches('\n').count() + 1,
            message: error.message().trim().to_owned(),
        }
    }
}

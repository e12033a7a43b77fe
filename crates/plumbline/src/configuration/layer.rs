//! One source of settings; what it does not speak of is left to the layer below.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{Error, Interval};

/// The keys of `plumbline.toml`; `defaults.toml` says what each means.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Layer {
    pub(crate) listen: Option<SocketAddr>,
    pub(crate) public_url: Option<String>,
    pub(crate) database: Option<String>,
    pub(crate) database_file: Option<PathBuf>,
    pub(crate) proxy: Option<String>,
    pub(crate) limits: Limits,
    pub(crate) feeds: Feeds,
    pub(crate) registries: Registries,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Limits {
    pub(crate) document_bytes: Option<u64>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Feeds {
    pub(crate) sync: Option<bool>,
    pub(crate) osv: Osv,
    pub(crate) known_exploited: KnownExploited,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Osv {
    pub(crate) source: Option<String>,
    pub(crate) ecosystems: Option<Vec<String>>,
    pub(crate) every: Option<Interval>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct KnownExploited {
    pub(crate) source: Option<String>,
    pub(crate) every: Option<Interval>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Registries {
    pub(crate) offline: Option<bool>,
    pub(crate) npm: Option<String>,
    pub(crate) crates: Option<String>,
    pub(crate) pypi: Option<String>,
    pub(crate) further: Option<Vec<FurtherRegistry>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FurtherRegistry {
    pub(crate) ecosystem: String,
    /// A scope, or the name that manifests use; a Python index needs none.
    #[serde(default)]
    pub(crate) name: String,
    pub(crate) url: String,
    pub(crate) token_file: Option<PathBuf>,
}

/// Lays a layer over another: each field is the upper one's where that says something.
macro_rules! lay {
    ($over:ident, $below:ident; $kind:ident { $($setting:ident),*; $($group:ident: $merge:path),* }) => {
        $kind {
            $($setting: $over.$setting.or($below.$setting),)*
            $($group: $merge($over.$group, $below.$group),)*
        }
    };
}

impl Layer {
    /// Reads a configuration file.
    pub(super) fn read(path: &Path) -> Result<Self, Error> {
        let text = std::fs::read_to_string(path).map_err(|source| Error::file(path, source))?;
        Self::parse(path, &text)
    }

    /// Reads the text of a configuration file; `path` is for messages.
    pub(super) fn parse(path: &Path, text: &str) -> Result<Self, Error> {
        toml::from_str(text).map_err(|error| Error::syntax(path, text, &error))
    }

    /// Replaces settings that name a file by what the file holds.
    pub(super) fn with_secrets(self) -> Result<Self, Error> {
        let Some(path) = &self.database_file else {
            return Ok(self);
        };
        if self.database.is_some() {
            let why = "is given beside `database`; which of the two holds?";
            return Err(Error::value("database_file", why));
        }
        let text = std::fs::read_to_string(path).map_err(|source| Error::file(path, source))?;
        Ok(Self {
            database: Some(text.trim().to_owned()),
            database_file: None,
            ..self
        })
    }

    /// This layer, and below it another.
    pub(super) fn over(self, below: Self) -> Self {
        lay!(self, below; Self {
            listen, public_url, database, database_file, proxy;
            limits: Limits::over, feeds: Feeds::over, registries: Registries::over
        })
    }
}

impl Limits {
    fn over(self, below: Self) -> Self {
        lay!(self, below; Self { document_bytes; })
    }
}

impl Feeds {
    fn over(self, below: Self) -> Self {
        lay!(self, below; Self { sync; osv: Osv::over, known_exploited: KnownExploited::over })
    }
}

impl Osv {
    fn over(self, below: Self) -> Self {
        lay!(self, below; Self { source, ecosystems, every; })
    }
}

impl KnownExploited {
    fn over(self, below: Self) -> Self {
        lay!(self, below; Self { source, every; })
    }
}

impl Registries {
    fn over(self, below: Self) -> Self {
        lay!(self, below; Self { offline, npm, crates, pypi, further; })
    }
}

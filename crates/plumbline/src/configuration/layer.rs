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
    pub(crate) sources: Sources,
    pub(crate) mail: Mail,
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
pub(crate) struct Sources {
    pub(crate) private_hosts: Option<Vec<String>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Mail {
    pub(crate) server: Option<String>,
    pub(crate) from: Option<String>,
    pub(crate) user: Option<String>,
    pub(crate) password_file: Option<PathBuf>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Feeds {
    pub(crate) sync: Option<bool>,
    pub(crate) osv: Osv,
    pub(crate) rustsec: One,
    pub(crate) malicious: One,
    pub(crate) known_exploited: One,
    pub(crate) exploit_scores: One,
    pub(crate) private: Option<Vec<Private>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Osv {
    pub(crate) source: Option<String>,
    pub(crate) ecosystems: Option<Vec<String>>,
    pub(crate) every: Option<Interval>,
    pub(crate) least: Option<u32>,
    pub(crate) proxy: Option<String>,
    pub(crate) token_file: Option<PathBuf>,
}

/// A feed of which there is one.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct One {
    pub(crate) source: Option<String>,
    pub(crate) every: Option<Interval>,
    pub(crate) least: Option<u32>,
    pub(crate) proxy: Option<String>,
    pub(crate) token_file: Option<PathBuf>,
}

/// A feed of an organisation's own advisories.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Private {
    pub(crate) name: String,
    pub(crate) source: String,
    /// The ecosystem that counts as checked because of it.
    #[serde(default)]
    pub(crate) ecosystem: Option<String>,
    #[serde(default)]
    pub(crate) every: Option<Interval>,
    #[serde(default)]
    pub(crate) least: Option<u32>,
    #[serde(default)]
    pub(crate) proxy: Option<String>,
    #[serde(default)]
    pub(crate) token_file: Option<PathBuf>,
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
            limits: Limits::over, sources: Sources::over, mail: Mail::over, feeds: Feeds::over,
            registries: Registries::over
        })
    }
}

impl Limits {
    fn over(self, below: Self) -> Self {
        lay!(self, below; Self { document_bytes; })
    }
}

impl Sources {
    fn over(self, below: Self) -> Self {
        lay!(self, below; Self { private_hosts; })
    }
}

impl Mail {
    fn over(self, below: Self) -> Self {
        lay!(self, below; Self { server, from, user, password_file; })
    }
}

impl Feeds {
    /// Leaves out every feed but the ecosystems of the bucket.
    pub(crate) fn no_catalogues(&mut self) {
        for one in [
            &mut self.rustsec,
            &mut self.malicious,
            &mut self.known_exploited,
            &mut self.exploit_scores,
        ] {
            one.source = Some(String::new());
        }
        self.private = Some(Vec::new());
    }

    fn over(self, below: Self) -> Self {
        lay!(self, below; Self {
            sync, private;
            osv: Osv::over, rustsec: One::over, malicious: One::over,
            known_exploited: One::over, exploit_scores: One::over
        })
    }
}

impl Osv {
    fn over(self, below: Self) -> Self {
        lay!(self, below; Self { source, ecosystems, every, least, proxy, token_file; })
    }
}

impl One {
    fn over(self, below: Self) -> Self {
        lay!(self, below; Self { source, every, least, proxy, token_file; })
    }
}

impl Registries {
    fn over(self, below: Self) -> Self {
        lay!(self, below; Self { offline, npm, crates, pypi, further; })
    }
}

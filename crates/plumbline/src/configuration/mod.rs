//! What the service is told: flags over environment over `plumbline.toml` over `defaults.toml`.
//!
//! Each of the four is one [`Layer`]; the first that says something about a setting decides it. Variables of
//! the environment that no flag knows are left alone: platforms set such names by themselves.

mod error;
mod feeds;
mod interval;
mod layer;
mod mail;
mod registries;

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};

use fetch::{Origin, Url};
use store::db::Location;

pub(crate) use error::Error;
pub(crate) use feeds::FeedSettings;
pub(crate) use interval::Interval;
pub(crate) use layer::{Feeds, Layer};

/// The layer at the bottom, with every setting that has a default.
const DEFAULTS: &str = include_str!("../defaults.toml");
/// What the configuration file in the data folder is called.
const FILE_NAME: &str = "plumbline.toml";
/// The data folder when none is named, below the folder in which Plumbline is started.
const DATA_NAME: &str = "plumbline-data";
/// What the database in the data folder is called.
const DATABASE_NAME: &str = "plumbline.db";

/// Where the state is; the same for every command that touches it.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct StateFlags {
    /// The data folder: documents, the SQLite database, `plumbline.toml` [default: ./plumbline-data]
    #[arg(long, env = "PLUMBLINE_DATA", value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// A PostgreSQL URL or an SQLite file instead of `plumbline.db` in the data folder
    #[arg(
        long,
        env = "PLUMBLINE_DATABASE",
        hide_env_values = true,
        value_name = "URL|FILE"
    )]
    pub(crate) database: Option<String>,
    /// A file that holds the database URL, so that its password stands in no process list
    #[arg(long, env = "PLUMBLINE_DATABASE_FILE", value_name = "FILE")]
    database_file: Option<PathBuf>,
    /// The configuration file instead of `plumbline.toml` in the data folder
    #[arg(long, env = "PLUMBLINE_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Where a service listens and how people reach it.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct DoorFlags {
    /// Where to listen [default: 127.0.0.1:8080]; port 0 takes any that is free
    #[arg(long, env = "PLUMBLINE_LISTEN", value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// How people reach the service, such as `https://plumbline.example.org`
    #[arg(long, env = "PLUMBLINE_PUBLIC_URL", value_name = "URL")]
    public_url: Option<String>,
}

impl DoorFlags {
    pub(crate) fn layer(&self) -> Layer {
        Layer {
            listen: self.listen,
            public_url: self.public_url.clone(),
            ..Layer::default()
        }
    }
}

impl StateFlags {
    /// The flags of somebody who only names the data folder.
    #[cfg(test)]
    pub(crate) fn at(data: &Path) -> Self {
        Self {
            data: Some(data.to_owned()),
            database: None,
            database_file: None,
            config: None,
        }
    }

    /// The data folder that was named, or the usual one.
    fn data(&self) -> PathBuf {
        self.data.clone().unwrap_or_else(|| PathBuf::from(DATA_NAME))
    }
}

/// Every setting, decided.
#[derive(Clone, Debug)]
pub(crate) struct Configuration {
    pub(crate) data: PathBuf,
    pub(crate) database: Location,
    pub(crate) listen: SocketAddr,
    pub(crate) public_url: Option<Url>,
    pub(crate) proxy: Option<Url>,
    pub(crate) document_bytes: u64,
    /// Git servers that may be private.
    pub(crate) source_hosts: BTreeSet<Origin>,
    /// The server that letters are handed to.
    pub(crate) mail: Option<fetch::mail::MailServer>,
    pub(crate) feeds: FeedSettings,
    pub(crate) registries: fetch::registries::Settings,
}

impl Configuration {
    /// Reads the file and decides every setting; `flags` is the topmost layer.
    ///
    /// # Errors
    /// When the file cannot be read, says something unknown, or a value makes no sense.
    pub(crate) fn load(state: &StateFlags, flags: Layer) -> Result<Self, Error> {
        Self::over(state, flags, Self::file(state)?)
    }

    /// As [`Configuration::load`], for a command that examines what others wrote: a file that nobody named is not read
    /// when it may be theirs, for who says which registries are asked decides where tokens go.
    ///
    /// # Errors
    /// As [`Configuration::load`].
    pub(crate) fn load_beside(state: &StateFlags, flags: Layer, examined: &Path) -> Result<Self, Error> {
        let path = state.data().join(FILE_NAME);
        let is_named = state.data.is_some() || state.config.is_some();
        if is_named || !path.is_file() || !may_belong_to(&path, examined) {
            return Self::load(state, flags);
        }
        eprintln!(
            "plumbline: {} may be part of what is examined and was not read; --data or --config names it",
            path.display()
        );
        Self::over(state, flags, Layer::default())
    }

    fn over(state: &StateFlags, flags: Layer, file: Layer) -> Result<Self, Error> {
        let flags = Layer {
            database: state.database.clone(),
            database_file: state.database_file.clone(),
            ..flags
        };
        let layers = flags.with_secrets()?.over(file.with_secrets()?).over(defaults());
        Self::decide(state.data(), layers)
    }

    fn file(state: &StateFlags) -> Result<Layer, Error> {
        match &state.config {
            Some(path) => Layer::read(path),
            None => {
                let path = state.data().join(FILE_NAME);
                if path.is_file() {
                    Layer::read(&path)
                } else {
                    Ok(Layer::default())
                }
            }
        }
    }

    fn decide(data: PathBuf, layer: Layer) -> Result<Self, Error> {
        let database = match &layer.database {
            Some(text) => text.parse().map_err(|_| {
                // The text may hold a password, so it is not repeated.
                Error::value("database", "is neither a postgres:// URL nor a file")
            })?,
            None => Location::Sqlite(data.join(DATABASE_NAME)),
        };
        Ok(Self {
            database,
            listen: required("listen", layer.listen)?,
            public_url: layer
                .public_url
                .map(|url| web_address("public_url", &url))
                .transpose()?,
            proxy: layer.proxy.map(|url| web_address("proxy", &url)).transpose()?,
            document_bytes: required("limits.document_bytes", layer.limits.document_bytes)?,
            source_hosts: hosts("sources.private_hosts", layer.sources.private_hosts)?,
            mail: mail::decide(layer.mail)?,
            feeds: feeds::decide(layer.feeds)?,
            registries: registries::decide(layer.registries)?,
            data,
        })
    }

    /// Where people reach the service that listens at `address`, as far as we know.
    pub(crate) fn base_url(&self, address: SocketAddr) -> Url {
        let ip = match address.ip() {
            ip if !ip.is_unspecified() => ip,
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        };
        self.public_url.clone().unwrap_or_else(|| {
            Url::parse(&format!("http://{}", SocketAddr::new(ip, address.port())))
                .expect("an address and a port are a host")
        })
    }

    /// Where uploaded documents are kept.
    pub(crate) fn documents(&self) -> PathBuf {
        self.data.join("documents")
    }
}

/// Whether a file of the data folder lies in what is examined, or what is examined beside the data folder.
fn may_belong_to(file: &Path, examined: &Path) -> bool {
    let (Ok(file), Ok(examined)) = (file.canonicalize(), examined.canonicalize()) else {
        return false;
    };
    let beside = file.parent().and_then(Path::parent);
    file.starts_with(&examined) || beside.is_some_and(|folder| examined.starts_with(folder))
}

/// The settings that everything starts from.
fn defaults() -> Layer {
    Layer::parse(Path::new("defaults.toml"), DEFAULTS).expect("a test reads the embedded defaults")
}

fn hosts(key: &'static str, named: Option<Vec<String>>) -> Result<BTreeSet<Origin>, Error> {
    let parse = |text: String| {
        text.parse()
            .map_err(|_| Error::value(key, &format!("has `{text}`, which is not HOST:PORT")))
    };
    named.unwrap_or_default().into_iter().map(parse).collect()
}

fn required<T>(key: &'static str, value: Option<T>) -> Result<T, Error> {
    value.ok_or_else(|| Error::value(key, "is missing"))
}

fn web_address(key: &'static str, text: &str) -> Result<Url, Error> {
    let url = Url::parse(text).map_err(|error| Error::value(key, &format!("is not a URL: {error}")))?;
    if matches!(url.scheme(), "http" | "https") && url.host().is_some() {
        Ok(url)
    } else {
        Err(Error::value(key, "is not an http or https URL with a host"))
    }
}

#[cfg(test)]
mod tests;

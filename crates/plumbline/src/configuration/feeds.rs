//! Which feeds there are.

use std::path::{Path, PathBuf};
use std::time::Duration;

use fetch::Bearer;
use store::feeds::{self, Kind};
use worker::FeedSetting;

use super::layer::{One, Osv, Private};
use super::{Error, Feeds, Interval, required, web_address};

/// The longest name of a private feed.
const LONGEST_NAME: usize = 40;
/// How often a private feed is read that does not say it.
const PRIVATE_EVERY: Duration = Duration::from_hours(1);

/// Every feed, decided.
#[derive(Clone, Debug)]
pub(crate) struct FeedSettings {
    /// Whether they are read on schedule.
    pub(crate) sync: bool,
    pub(crate) all: Vec<FeedSetting>,
}

pub(super) fn decide(layer: Feeds) -> Result<FeedSettings, Error> {
    let mut all = osv(layer.osv)?;
    let of_one_kind = [
        (
            "feeds.rustsec",
            "rustsec",
            Kind::RustSec,
            "crates.io",
            layer.rustsec,
        ),
        ("feeds.malicious", "malicious", Kind::Records, "", layer.malicious),
        (
            "feeds.known_exploited",
            feeds::EXPLOITED,
            Kind::Exploited,
            "",
            layer.known_exploited,
        ),
        (
            "feeds.exploit_scores",
            feeds::SCORES,
            Kind::Scores,
            "",
            layer.exploit_scores,
        ),
    ];
    for (key, name, kind, ecosystem, one) in of_one_kind {
        all.extend(single(key, name, kind, ecosystem, one)?);
    }
    for own in layer.private.unwrap_or_default() {
        let setting = private(own)?;
        if all.iter().any(|feed| feed.name == setting.name) {
            let why = format!("has two feeds of the name `{}`", setting.name);
            return Err(Error::value("feeds.private", &why));
        }
        all.push(setting);
    }
    Ok(FeedSettings {
        sync: required("feeds.sync", layer.sync)?,
        all,
    })
}

fn osv(osv: Osv) -> Result<Vec<FeedSetting>, Error> {
    const KEY: &str = "feeds.osv";
    let source = required("feeds.osv.source", osv.source)?;
    let every = required("feeds.osv.every", osv.every)?;
    let extras = Extras::read(KEY, &source, osv.least, osv.proxy, osv.token_file)?;
    let mut ecosystems = required("feeds.osv.ecosystems", osv.ecosystems)?;
    ecosystems.dedup();
    let setting = |ecosystem: &String| {
        let name = feeds::name_of(ecosystem);
        extras.on(FeedSetting::new(
            &name,
            Kind::Osv,
            ecosystem,
            &source,
            every.duration(),
        ))
    };
    Ok(ecosystems.iter().map(setting).collect())
}

/// A feed of which there is one; an empty source is none.
fn single(
    key: &'static str,
    name: &str,
    kind: Kind,
    ecosystem: &str,
    one: One,
) -> Result<Option<FeedSetting>, Error> {
    let source = one.source.unwrap_or_default();
    if source.is_empty() {
        return Ok(None);
    }
    let every = required(key, one.every)?;
    let extras = Extras::read(key, &source, one.least, one.proxy, one.token_file)?;
    Ok(Some(extras.on(FeedSetting::new(
        name,
        kind,
        ecosystem,
        &source,
        every.duration(),
    ))))
}

fn private(own: Private) -> Result<FeedSetting, Error> {
    const KEY: &str = "feeds.private";
    let letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if own.name.is_empty() || own.name.len() > LONGEST_NAME || !own.name.chars().all(letter) {
        let why = "has a name that is not made of 1 to 40 letters, digits, `-`, `_` and `.`";
        return Err(Error::value(KEY, why));
    }
    let every = own.every.map_or(PRIVATE_EVERY, Interval::duration);
    let extras = Extras::read(KEY, &own.source, own.least.or(Some(0)), own.proxy, own.token_file)?;
    let name = format!("private:{}", own.name);
    let ecosystem = own.ecosystem.unwrap_or_default();
    Ok(extras.on(FeedSetting::new(
        &name,
        Kind::Records,
        &ecosystem,
        &own.source,
        every,
    )))
}

/// What any feed may have.
struct Extras {
    least: i64,
    proxy: Option<fetch::Url>,
    bearer: Option<Bearer>,
}

impl Extras {
    fn read(
        key: &'static str,
        source: &str,
        least: Option<u32>,
        proxy: Option<String>,
        token_file: Option<PathBuf>,
    ) -> Result<Self, Error> {
        let bearer = token_file.map(|path| bearer(key, source, &path)).transpose()?;
        Ok(Self {
            // An empty source is no good state, whatever else is believed.
            least: i64::from(least.unwrap_or(1)),
            proxy: proxy.map(|proxy| web_address(key, &proxy)).transpose()?,
            bearer,
        })
    }

    fn on(&self, setting: FeedSetting) -> FeedSetting {
        FeedSetting {
            least: self.least,
            proxy: self.proxy.clone(),
            bearer: self.bearer.clone(),
            ..setting
        }
    }
}

fn bearer(key: &'static str, source: &str, path: &Path) -> Result<Bearer, Error> {
    let token = std::fs::read_to_string(path).map_err(|source| Error::file(path, source))?;
    let why =
        "has a `token_file`, but its source is no URL, or the file holds no token of visible characters";
    Bearer::new(source, token.trim()).ok_or_else(|| Error::value(key, why))
}

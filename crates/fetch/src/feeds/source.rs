//! An advisory bucket in OSV's layout.

use std::fmt;

use super::archive::Bundle;
use super::modified::{self, Change};
use super::place::Place;
use crate::{Client, Error, Fetched, Result, Validator};

/// The largest `all.zip`; npm's, the largest real one, is a tenth of it.
const ARCHIVE_LIMIT: u64 = 4 << 30;
/// The largest `modified_id.csv`: about four million lines.
const MODIFIED_LIMIT: u64 = 256 << 20;
/// The largest single record.
const RECORD_LIMIT: u64 = 16 << 20;
const ECOSYSTEMS_LIMIT: u64 = 1 << 20;

/// A bucket that holds `ecosystems.txt` and, per ecosystem, `all.zip`, `modified_id.csv` and `ID.json`.
#[derive(Clone, Debug)]
pub struct Source(Place);

impl Source {
    /// Reads the base URL (`http` or `https`) or the directory that an operator configured.
    ///
    /// # Errors
    /// [`Error::Invalid`] for other schemes and broken URLs. Nothing is contacted yet.
    pub fn parse(text: &str, client: &Client) -> Result<Self> {
        Place::parse(text, client).map(Self)
    }

    /// The ecosystems that the bucket says it holds.
    ///
    /// # Errors
    /// What reading `ecosystems.txt` gives; a line that is no name is [`Error::Invalid`].
    pub async fn ecosystems(&self) -> Result<Vec<String>> {
        let place = self.0.join(&["ecosystems.txt"]);
        let bytes = place.bytes(ECOSYSTEMS_LIMIT, &Validator::default()).await?;
        let text = String::from_utf8_lossy(&bytes.changed().unwrap_or_default()).into_owned();
        let names = text.lines().map(str::trim).filter(|line| !line.is_empty());
        names
            .map(|name| checked("ecosystem", name).map(str::to_owned))
            .collect()
    }

    /// All records of an ecosystem. Reading the bundle blocks, so do it off the async threads.
    ///
    /// # Errors
    /// What reading `ECOSYSTEM/all.zip` gives.
    pub async fn all(&self, ecosystem: &str, known: &Validator) -> Result<Fetched<Bundle>> {
        let place = self.0.join(&[checked("ecosystem", ecosystem)?, "all.zip"]);
        let fetched = place.file(ARCHIVE_LIMIT, known).await?;
        fetched.try_map(|file| Ok(Bundle::new(place.to_string(), file)))
    }

    /// When each record of an ecosystem last changed, newest first as the bucket writes it.
    ///
    /// # Errors
    /// What reading `ECOSYSTEM/modified_id.csv` gives; a bad line is [`Error::Invalid`] with its number.
    pub async fn modified(&self, ecosystem: &str, known: &Validator) -> Result<Fetched<Vec<Change>>> {
        let place = self
            .0
            .join(&[checked("ecosystem", ecosystem)?, "modified_id.csv"]);
        let fetched = place.bytes(MODIFIED_LIMIT, known).await?;
        fetched.try_map(|bytes| modified::read(&place.to_string(), &bytes))
    }

    /// One record's JSON.
    ///
    /// # Errors
    /// What reading `ECOSYSTEM/ID.json` gives; [`Error::is_absent`] when there is no such record.
    pub async fn record(&self, ecosystem: &str, id: &str) -> Result<Vec<u8>> {
        let file = format!("{}.json", checked("advisory id", id)?);
        let place = self.0.join(&[checked("ecosystem", ecosystem)?, &file]);
        let fetched = place.bytes(RECORD_LIMIT, &Validator::default()).await?;
        fetched.changed().ok_or_else(|| Error::Invalid {
            target: place.to_string(),
            what: "was answered as unchanged without having been asked conditionally".to_owned(),
        })
    }
}

impl fmt::Display for Source {
    /// As a person may read it: a URL without its credentials and query.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A name that becomes one segment of a URL or path. Ecosystems have dots, spaces and colons; none is a path.
fn checked<'a>(what: &str, name: &'a str) -> Result<&'a str> {
    let letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | '+' | ' ');
    if (1..=128).contains(&name.len()) && !name.starts_with('.') && name.chars().all(letter) {
        return Ok(name);
    }
    let shown: String = name.chars().take(64).flat_map(char::escape_default).collect();
    Err(Error::Invalid {
        target: shown,
        what: format!("cannot be the name of an {what}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_names_and_never_paths() {
        for name in [
            "npm",
            "crates.io",
            "GitHub Actions",
            "Debian:12",
            "openSUSE-SU-2024:0123-1",
            "GHSA-xvwv-6wvx-px9x",
        ] {
            assert!(checked("ecosystem", name).is_ok(), "{name}");
        }
        for name in [
            "",
            ".",
            "..",
            "../npm",
            "a/b",
            "a\\b",
            "a\nb",
            "a%2fb",
            &"x".repeat(129),
        ] {
            assert!(checked("ecosystem", name).is_err(), "{name}");
        }
    }
}

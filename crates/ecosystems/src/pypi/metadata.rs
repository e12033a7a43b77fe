//! Core metadata: what one release declares about itself.

use super::PyPi;
use super::requirement::{InvalidRequirement, Requirement};
use crate::Ecosystem;

/// More text than the headers of any real release have.
const MAX_HEADERS: usize = 4 << 20;

/// What a resolution and an inventory want of it.
#[derive(Clone, Debug, Default)]
pub struct Metadata {
    pub name: String,
    pub version: String,
    pub requires: Vec<Requirement>,
    pub requires_python: Option<String>,
    /// In normal form.
    pub extras: Vec<String>,
    /// The expression, or else the free text.
    pub license: Option<String>,
    /// Fields that only a build would tell, in lower case.
    pub dynamic: Vec<String>,
    /// How much the dependencies can be relied on.
    pub trust: Trust,
}

/// Where dependencies come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Trust {
    /// From the metadata of a wheel, or of a source distribution that promises them.
    #[default]
    Static,
    /// From what a build once wrote into a source distribution; another build may find others.
    LeftFromBuild,
    /// Nothing states them; only a build would tell.
    Unknown,
}

impl Metadata {
    /// Reads `METADATA` or `PKG-INFO`.
    ///
    /// # Errors
    /// When a requirement in it is none; pip passes over such a release.
    pub fn parse(text: &[u8]) -> Result<Self, InvalidRequirement> {
        let mut metadata = Self::default();
        for (name, value) in headers(text) {
            metadata.take(&name, &value)?;
        }
        Ok(metadata)
    }

    fn take(&mut self, name: &str, value: &str) -> Result<(), InvalidRequirement> {
        let text = || Some(value.to_owned()).filter(|value| !value.is_empty());
        match name {
            "name" => self.name = value.to_owned(),
            "version" => self.version = value.to_owned(),
            "requires-dist" => self.requires.push(Requirement::parse(value)?),
            "requires-python" => self.requires_python = text(),
            "provides-extra" => self.extras.push(PyPi.normalize(value).into_owned()),
            "license-expression" => self.license = text(),
            "license" if self.license.is_none() => self.license = text(),
            "dynamic" => self.dynamic.push(value.to_ascii_lowercase()),
            // An internal header, with which a reader of source distributions says what it relied on.
            "x-plumbline-trust" => {
                self.trust = match value {
                    "build" => Trust::LeftFromBuild,
                    "unknown" => Trust::Unknown,
                    _ => Trust::Static,
                };
            }
            _ => {}
        }
        Ok(())
    }
}

/// Names in lower case with their values, folded lines joined; what follows the first empty line is prose.
fn headers(text: &[u8]) -> Vec<(String, String)> {
    let text = text.get(..text.len().min(MAX_HEADERS)).unwrap_or_default();
    let text = String::from_utf8_lossy(text);
    let mut headers: Vec<(String, String)> = Vec::new();
    for line in text.lines().take_while(|line| !line.is_empty()) {
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = headers.last_mut() {
                value.push('\n');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            headers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_end_where_the_prose_begins() {
        let text = concat!(
            "Metadata-Version: 2.1\nName: Flask\nVersion: 3.0\nRequires-Python: >=3.8\n",
            "License: one\n        two\nProvides-Extra: Async\n",
            "Requires-Dist: asgiref (>=3.2) ; extra == 'async'\n\nRequires-Dist: prose\n",
        );
        let metadata = Metadata::parse(text.as_bytes()).expect("metadata");
        assert_eq!(
            (metadata.requires.len(), metadata.extras.join(" ")),
            (1, "async".to_owned())
        );
        assert_eq!(metadata.license.as_deref(), Some("one\ntwo"));
        assert!(Metadata::parse(b"Requires-Dist: a !\n").is_err());
    }
}

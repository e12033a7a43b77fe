//! Which resolver is for a manifest, and what it is told to assume.

use clock::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Files, Resolver};
use crate::cargo::resolve::CargoResolver;
use crate::npm;
use crate::pypi::environment::{Environment, PythonVersion};
use crate::pypi::resolve::PypiResolver;

/// What whoever asks for a resolution wants it to assume; what is absent, the project or a default decides.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assumptions {
    /// Versions that were published later do not exist.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cutoff: Option<Timestamp>,
    /// The version of Python that packages are installed for: `3.12` or `3.12.4`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub python: Option<String>,
    /// The version of Node.js that packages are installed for: `22.11.0`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// Addresses of the Python indexes that are asked, which whoever asks them knows.
    #[serde(skip)]
    pub indexes: Vec<String>,
}

/// An assumption that makes no sense: which one, and what it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{value}` is no {what}")]
pub struct InvalidAssumption {
    /// The name of the field.
    pub field: &'static str,
    pub value: String,
    what: &'static str,
}

impl Assumptions {
    /// Reads them as people write them; a date is the beginning of that day, UTC.
    ///
    /// # Errors
    /// When one is not what it should be.
    pub fn parse(
        cutoff: Option<&str>,
        python: Option<&str>,
        node: Option<&str>,
    ) -> Result<Self, InvalidAssumption> {
        let invalid = |field, value: &str, what| InvalidAssumption {
            field,
            value: value.chars().take(80).collect(),
            what,
        };
        let read = |text: &str| text.parse::<Timestamp>();
        let cutoff = match cutoff {
            Some(text) => Some(read(text).map_err(|_| invalid("cutoff", text, "date or RFC 3339 time"))?),
            None => None,
        };
        if let Some(text) = python.filter(|text| PythonVersion::parse(text).is_none()) {
            return Err(invalid("python", text, "version of Python such as 3.12"));
        }
        let is_node = |text: &str| npm::parse_version(text, npm::Mode::default()).is_some();
        if let Some(text) = node.filter(|text| !is_node(text)) {
            return Err(invalid("node", text, "version of Node.js such as 22.11.0"));
        }
        Ok(Self {
            cutoff,
            python: python.map(str::to_owned),
            node: node.map(str::to_owned),
            indexes: Vec::new(),
        })
    }

    /// What a tree says that it assumes.
    #[must_use]
    pub fn of(environment: &[(String, String)]) -> Self {
        let stated = |wanted: &str| {
            let found = environment.iter().find(|(key, _)| key == wanted);
            found.map(|(_, value)| value.clone())
        };
        Self {
            cutoff: stated("cutoff").and_then(|text| text.parse().ok()),
            python: stated("python_full_version"),
            node: stated("node"),
            indexes: Vec::new(),
        }
    }

    /// Whether nothing is assumed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What npm's resolver is told; `.npmrc` of the project comes on top.
    #[must_use]
    pub fn npm(&self) -> npm::resolve::Options {
        let usual = npm::resolve::Environment::default();
        npm::resolve::Options {
            environment: npm::resolve::Environment {
                node: self.node.clone().unwrap_or(usual.node),
                npm: usual.npm,
                before: self.cutoff.map(Timestamp::millis),
            },
            ..npm::resolve::Options::default()
        }
    }

    fn cargo(&self) -> crate::cargo::resolve::Options {
        crate::cargo::resolve::Options {
            cutoff: self.cutoff,
            ..crate::cargo::resolve::Options::default()
        }
    }

    fn pypi(&self) -> crate::pypi::resolve::Settings {
        let named = self.python.as_deref().and_then(PythonVersion::parse);
        crate::pypi::resolve::Settings {
            environment: named.map(|python| Environment {
                python,
                ..Environment::default()
            }),
            cutoff: self.cutoff,
            indexes: self.indexes.clone(),
            ..crate::pypi::resolve::Settings::default()
        }
    }
}

/// A resolver for the manifest at `path` and the OSV name of its ecosystem; `None` when no resolver reads such a file,
/// or when the manifest is no manifest.
#[must_use]
pub fn resolver_for(
    files: &Files,
    path: &str,
    assumptions: &Assumptions,
) -> Option<(&'static str, Box<dyn Resolver>)> {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let is_list = name.ends_with(".in") || (name.contains("requirements") && name.ends_with(".txt"));
    match name {
        "package.json" => {
            let resolver = npm::resolve::Resolver::of(files, folder, assumptions.npm()).ok()?;
            Some(("npm", Box::new(resolver)))
        }
        "Cargo.toml" => {
            let resolver = CargoResolver::new(files, folder, &assumptions.cargo());
            Some(("crates.io", Box::new(resolver)))
        }
        "pyproject.toml" | "setup.cfg" | "setup.py" => Some((
            "PyPI",
            Box::new(PypiResolver::new(files, path, assumptions.pypi())),
        )),
        _ if is_list => Some((
            "PyPI",
            Box::new(PypiResolver::new(files, path, assumptions.pypi())),
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_manifests_have_resolvers() {
        let files = Files::from([("w/package.json".to_owned(), b"{}".as_slice().into())]);
        for (path, expected) in [
            ("a/Cargo.toml", Some("crates.io")),
            ("w/package.json", Some("npm")),
            ("missing/package.json", None),
            ("pyproject.toml", Some("PyPI")),
            ("setup.py", Some("PyPI")),
            ("requirements/dev.in", Some("PyPI")),
            ("requirements.txt", Some("PyPI")),
            ("notes.txt", None),
            ("Pipfile", None),
            ("Cargo.lock", None),
        ] {
            let found = resolver_for(&files, path, &Assumptions::default());
            assert_eq!(found.map(|(ecosystem, _)| ecosystem), expected, "{path}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let parse = |cutoff, python, node| Assumptions::parse(cutoff, python, node);
        let good = parse(Some("2026-09-01"), Some("3.11"), Some("22.11.0")).unwrap();
        assert_eq!(good.cutoff, Some("2026-09-01T00:00:00Z".parse().unwrap()));
        assert_eq!(good.npm().environment.node, "22.11.0");
        for (wrong, field) in [
            (parse(Some("yesterday"), None, None), "cutoff"),
            (parse(None, Some("three"), None), "python"),
            (parse(None, None, Some("lts/*")), "node"),
        ] {
            assert_eq!(wrong.unwrap_err().field, field);
        }
        assert!(parse(None, None, None).unwrap().is_empty());
    }
}

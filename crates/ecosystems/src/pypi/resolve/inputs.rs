//! What a project asks for, whichever file says it.

use std::collections::BTreeSet;

use inventory::{Level, Notice};

use super::super::PyPi;
use super::super::requirement::Requirement;
use super::{poetry, pyproject, requirements, setup};
use crate::Ecosystem;
use crate::resolve::Files;

/// More files than any project includes in each other.
const MAX_INCLUDES: usize = 1_000;
/// More requirements than any project states itself.
const MAX_ROOTS: usize = 20_000;

/// Everything that a resolution starts from.
#[derive(Clone, Debug, Default)]
pub(super) struct Inputs {
    pub project: Option<Own>,
    pub roots: Vec<Root>,
    pub constraints: Vec<Requirement>,
    pub requires_python: Option<String>,
    pub gaps: Vec<Notice>,
}

/// The project itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Own {
    pub name: String,
    pub version: Option<String>,
    pub license: Option<String>,
}

/// One requirement of the project.
#[derive(Clone, Debug)]
pub(super) struct Root {
    pub requirement: Requirement,
    /// The file and where in it.
    pub place: String,
    pub scope: RootScope,
}

/// When a requirement of the project is needed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum RootScope {
    #[default]
    Always,
    /// One of the project's own extras.
    Extra,
    /// A group of development.
    Group,
}

/// Which of a project's extras or groups take part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Selection {
    #[default]
    All,
    Only(Vec<String>),
}

impl Selection {
    pub(super) fn takes(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(names) => {
                let normal = PyPi.normalize(name);
                names.iter().any(|name| PyPi.normalize(name) == normal)
            }
        }
    }
}

/// Reads files and what they include.
pub(super) struct Reader<'a> {
    pub files: &'a Files,
    pub extras: &'a Selection,
    pub groups: &'a Selection,
    /// Addresses of the indexes that are asked; a file that names one of these gets what it wants.
    pub indexes: &'a [String],
    pub inputs: Inputs,
    /// Included files, with whether as constraints.
    pub included: BTreeSet<(String, bool)>,
}

impl<'a> Reader<'a> {
    pub fn new(files: &'a Files, extras: &'a Selection, groups: &'a Selection) -> Self {
        Self {
            files,
            extras,
            groups,
            indexes: &[],
            inputs: Inputs::default(),
            included: BTreeSet::new(),
        }
    }

    /// Reads a manifest by what it is called.
    pub fn read(mut self, path: &str) -> Inputs {
        let name = path.rsplit('/').next().unwrap_or(path);
        match name {
            "pyproject.toml" | "setup.cfg" | "setup.py" => self.read_project(folder(path)),
            _ => requirements::include(&mut self, path, false, path),
        }
        self.inputs
    }

    /// The project in a folder: `pyproject.toml` where it has dependencies to tell, else `setup.cfg`.
    pub fn read_project(&mut self, folder: &str) {
        let at = |name: &str| join(folder, name).unwrap_or_else(|| name.to_owned());
        let (toml, cfg, py) = (at("pyproject.toml"), at("setup.cfg"), at("setup.py"));
        let has_told = match self.text(&toml) {
            Some(text) => match text.parse::<toml::Table>() {
                Ok(table) => pyproject::read(self, &table, &toml) || poetry::read(self, &table, &toml),
                Err(error) => {
                    let why = error.message().lines().next().unwrap_or_default().to_owned();
                    self.gap(
                        "manifest_invalid",
                        &toml,
                        format!("the manifest cannot be read: {why}"),
                    );
                    false
                }
            },
            None => false,
        };
        let has_told = has_told || self.text(&cfg).is_some_and(|text| setup::read(self, &text, &cfg));
        if !has_told {
            let (place, text) = if self.files.contains_key(&py) {
                (
                    py,
                    "only running setup.py would tell what it needs, which is not done",
                )
            } else {
                (toml, "no file tells what the project needs")
            };
            self.gap("dynamic_metadata", &place, text.to_owned());
        }
    }

    pub fn text(&self, path: &str) -> Option<String> {
        let bytes = self.files.get(path)?;
        let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        Some(String::from_utf8_lossy(text).into_owned())
    }

    /// Whether a file is to be read now: it exists and was not read in this role before.
    pub fn enters(&mut self, path: &str, is_constraint: bool, place: &str) -> bool {
        if !self.files.contains_key(path) {
            self.gap("include_missing", place, format!("`{path}` is not there"));
            return false;
        }
        self.included.len() < MAX_INCLUDES && self.included.insert((path.to_owned(), is_constraint))
    }

    pub fn gap(&mut self, code: &str, place: &str, text: String) {
        let gap = Notice {
            code: code.to_owned(),
            level: Level::Warn,
            place: place.to_owned(),
            text,
        };
        if self.inputs.gaps.len() < MAX_ROOTS && !self.inputs.gaps.contains(&gap) {
            self.inputs.gaps.push(gap);
        }
    }

    /// Adds a requirement that is written as PEP 508 has it.
    pub fn add(&mut self, text: &str, place: &str, scope: RootScope) {
        match Requirement::parse(text) {
            Ok(requirement) => self.add_requirement(requirement, place, scope),
            Err(error) => self.gap("requirement_invalid", place, error.to_string()),
        }
    }

    pub fn add_requirement(&mut self, requirement: Requirement, place: &str, scope: RootScope) {
        if self.inputs.roots.len() < MAX_ROOTS {
            self.inputs.roots.push(Root {
                requirement,
                place: place.to_owned(),
                scope,
            });
        }
    }
}

/// The folder of a path; the root is the empty text.
pub(super) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// `relative` seen from `folder`; `None` when it leads outside or is absolute.
pub(super) fn join(folder: &str, relative: &str) -> Option<String> {
    if relative.starts_with('/') || relative.contains(':') {
        return None;
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

//! Lockfiles of Python's tools, one file each.

mod graph;
mod manifest;
mod requirement;

pub(crate) mod pdm;
pub(crate) mod pipfile;
pub(crate) mod poetry;
pub(crate) mod pylock;
pub(crate) mod requirements;
pub(crate) mod uv;

use inventory::Source;

use crate::lockfile::{Ask, Beside, ReadError, toml};
use crate::tree::Node;
use manifest::Manifest;

/// What `pyproject.toml` or `Pipfile` asks for.
pub(crate) fn asks(manifest: &str, beside: &dyn Beside) -> Result<(&'static str, Node, Vec<Ask>), ReadError> {
    toml::document(&beside.text(manifest).unwrap_or_default())?;
    let read = if manifest == "Pipfile" {
        Manifest::pipfile(beside)
    } else {
        Manifest::pyproject(beside)
    };
    let read = read.unwrap_or_default();
    let root = Node {
        name: read.name.unwrap_or_default(),
        version: read.version,
        source: Source::Path(".".to_owned()),
        location: Some(String::new()),
        ..Node::default()
    };
    let asks = read.wants.into_iter().map(|want| Ask {
        name: want.name,
        requirement: want.requirement,
        kind: want.kind,
        condition: want.condition,
        source: Source::Registry,
    });
    Ok(("PyPI", root, asks.collect()))
}

#[cfg(test)]
mod tests;

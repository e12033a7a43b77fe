//! Lockfiles of npm, pnpm, yarn and bun, one file each.

pub(crate) mod bun;
mod entry;
mod jsonc;
pub(crate) mod manifest;
pub(crate) mod package_lock;
pub(crate) mod pnpm;
mod pnpm_key;
mod source;
mod syml;
pub(crate) mod yarn;
mod yarn_berry;
mod yarn_classic;

use crate::lockfile::json::object;
use crate::lockfile::{Ask, Beside, ReadError};
use crate::tree::{EdgeKind, Node, NodeKind};

/// What `package.json` asks for.
pub(crate) fn asks(beside: &dyn Beside) -> Result<(&'static str, Node, Vec<Ask>), ReadError> {
    let text = beside.text("package.json").unwrap_or_default();
    let value = object(text.strip_prefix('\u{feff}').unwrap_or(&text))?;
    let manifest = manifest::Manifest::of(&value, true);
    let root = manifest.node(NodeKind::Root, "", "");
    let asks = manifest
        .requirements
        .into_iter()
        .filter(|(_, _, kind)| *kind != EdgeKind::PeerOptional);
    let asks = asks.map(|(name, wanted, kind)| Ask {
        source: source::special(&wanted).unwrap_or_default(),
        name: yarn_classic::alias(&wanted).map_or(name, str::to_owned),
        requirement: Some(wanted),
        kind,
        condition: None,
    });
    Ok(("npm", root, asks.collect()))
}

#[cfg(test)]
mod tests;

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

#[cfg(test)]
mod tests;

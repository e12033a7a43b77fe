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

#[cfg(test)]
mod tests;

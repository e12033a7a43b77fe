//! The tree that `npm install` would make of a project without a lockfile.
mod collate;
mod fields;
mod json;
mod names;
pub mod packument;
mod pick;
mod spec;
mod time;

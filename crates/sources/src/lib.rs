#![doc = include_str!("../README.md")]

pub mod archive;
mod assemble;
mod collect;
mod discover;
mod merge;
mod notices;
mod path;
mod read;
mod resolved;
mod secrets;
mod sniff;

#[cfg(test)]
mod tests;

pub use assemble::assemble;
pub use collect::{Collection, Collector, Limits};
pub use discover::{Discovery, Project, discover, is_vendored};
pub use path::clean;
pub use read::{Found, ReadProject, read};
pub use sniff::{file_name, sniff};

use inventory::{Inventory, Notice};

/// One lockfile or manifest of a collection; the other files are there to be read beside it.
#[must_use]
pub fn read_one(collection: &Collection, path: &str) -> Found {
    let discovery = Discovery {
        projects: Project::named(path).into_iter().collect(),
        ..Discovery::default()
    };
    let mut found = read(collection, discovery);
    // What else lies there was not asked about.
    let concerns = |notice: &Notice| notice.place == path || notice.place.starts_with(&format!("{path}: "));
    found.notices.retain(concerns);
    found.gaps.retain(concerns);
    found
}

/// Everything that a collection holds, as one inventory, and what a person should know about it. Nothing is resolved:
/// projects without a lockfile are gaps.
///
/// `name` is what the source is called where no project says so itself: a folder, a repository, a file.
#[must_use]
pub fn inventory(collection: &Collection, name: &str) -> (Inventory, Vec<Notice>) {
    let discovery = discover(collection);
    let found = read(collection, discovery);
    assemble(found, name)
}

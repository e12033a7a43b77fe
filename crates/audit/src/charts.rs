//! The dependency graph as pictures: a tree and a treemap, as SVG; and as rows of text.
//!
//! A picture is a pure function of an inventory and a report; equal arguments give equal bytes. It holds no script and
//! no style sheet, only presentation attributes, so that it may be shown under any content security policy, and names
//! its parts by class, so that a page may colour them as it likes. Colour never stands alone: every mark has a sign of
//! its own and is explained in words. What several packages share is drawn once; everywhere else is a link to it.
//! Whatever does not fit is counted.

mod marks;
mod outline;
mod plan;
mod svg;
#[cfg(test)]
mod tests;
mod tree;
mod treemap;

pub use marks::Mark;
pub use outline::{Affected, Entry, Extract, Node, Only, Outline, OutlineRow};

use inventory::{ComponentId, Inventory};
use policy::Finding;

use crate::{ComponentStatus, Report};

/// What is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Chart<'a> {
    pub inventory: &'a Inventory,
    pub findings: &'a [Finding],
    /// Which components were checked. One that is not listed counts as not checked.
    pub components: &'a [ComponentStatus],
}

/// How it is drawn.
#[derive(Clone, Copy)]
pub struct Look<'a> {
    /// What the picture is of, for its title.
    pub name: &'a str,
    /// Steps from the product; what lies deeper is counted.
    pub max_depth: usize,
    /// Whether names carry their versions.
    pub show_versions: bool,
    /// Whether what only development needs is drawn.
    pub include_dev: bool,
    /// Begins every id, so that a page may hold several pictures: letters, digits and dashes.
    pub prefix: &'a str,
    /// Where a component is told of; what has an address becomes a link.
    pub link: &'a dyn Fn(ComponentId) -> Option<String>,
    /// The size of a component in bytes; where one is not known, the treemap counts packages.
    pub size: &'a dyn Fn(ComponentId) -> Option<u64>,
}

impl std::fmt::Debug for Look<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Look")
            .field("name", &self.name)
            .field("max_depth", &self.max_depth)
            .finish_non_exhaustive()
    }
}

impl<'a> Look<'a> {
    /// Seven steps deep, without development dependencies, without links and sizes.
    #[must_use]
    pub fn named(name: &'a str) -> Self {
        Self {
            name,
            max_depth: 7,
            show_versions: true,
            include_dev: false,
            prefix: "",
            link: &|_| None,
            size: &|_| None,
        }
    }
}

impl<'a> Chart<'a> {
    #[must_use]
    pub fn of(inventory: &'a Inventory, report: &'a Report) -> Self {
        Self {
            inventory,
            findings: &report.findings,
            components: &report.components,
        }
    }

    /// The tree: from the product on the left to what it needs, each package once.
    #[must_use]
    pub fn tree(&self, look: &Look<'_>) -> String {
        tree::render(self, look)
    }

    /// The treemap: each package once, inside the first that brings it, as large as it is.
    #[must_use]
    pub fn treemap(&self, look: &Look<'_>) -> String {
        treemap::render(self, look)
    }

    /// The tree, or a part of it, as rows; each component has one, and everywhere else a reference to it.
    #[must_use]
    pub fn outline(&self, extract: &Extract<'_>) -> Outline {
        outline::outline(self, extract)
    }

    /// The affected components, worst first.
    #[must_use]
    pub fn affected(&self) -> Vec<Affected<'a>> {
        outline::affected(self)
    }
}

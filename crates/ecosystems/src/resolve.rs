//! How a resolver and whoever fetches for it speak to each other.
//!
//! A resolver is a step machine without I/O: it goes on until it lacks documents, says which, and is given
//! them. Because it looks at a document only when the resolution itself needs it, the tree does not depend on
//! the order in which documents arrive, nor on how many were given that it never asked for.
//!
//! ```text
//! loop { match resolver.advance() { Step::Needs(requests) => …supply each…, Step::Done(tree) => break } }
//! ```

mod chosen;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::tree::Tree;

pub use chosen::{Assumptions, InvalidAssumption, resolver_for};

/// Files of a project by their path from its root, with `/`.
pub type Files = BTreeMap<String, Arc<[u8]>>;

/// One document that a resolver wants.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Request {
    /// All that a registry says of a package: npm's packument, the file of the sparse index, the page of the
    /// simple API.
    Package {
        /// The name as the registry wants to be asked for it.
        name: String,
        /// Another registry than the ecosystem's default, under the name or URL that the manifest gives it.
        registry: Option<String>,
    },
    /// What one release declares and the package's document leaves out: a distribution's core metadata.
    Release {
        name: String,
        version: String,
        /// The files that declare it, the best first.
        files: Vec<ReleaseFile>,
    },
}

/// A file of a release, from which its metadata can be read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReleaseFile {
    pub name: String,
    /// Absolute, or relative to the page that listed it; empty when the page gave none.
    pub url: String,
    /// Whether the registry says that it serves the metadata beside the file.
    pub has_metadata: Option<bool>,
    /// In bytes, as far as the registry says.
    pub size: Option<u64>,
}

impl Request {
    /// A package of the default registry.
    #[must_use]
    pub fn package(name: impl Into<String>) -> Self {
        Self::Package {
            name: name.into(),
            registry: None,
        }
    }

    /// The package's name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Package { name, .. } | Self::Release { name, .. } => name,
        }
    }
}

/// What the one who fetches found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The document's bytes, whole or reduced to what resolvers read.
    Found(Arc<[u8]>),
    /// The registry answers that there is no such thing.
    Absent,
    /// It could not be asked, or what it said could not be used; a sentence for people.
    Failed(String),
}

/// What a resolver does next.
#[derive(Debug)]
pub enum Step {
    /// It waits for these. Not all of them may turn out to matter: some are asked for ahead of time, so that a
    /// slow network is asked for much at once.
    Needs(BTreeSet<Request>),
    /// The tree is there; what could not be resolved is in its gaps.
    Done(Box<Tree>),
}

/// One resolution under way.
pub trait Resolver: Send {
    /// Hands over a document. One that was never asked for is kept; the first of two for one request counts.
    fn supply(&mut self, request: Request, answer: Answer);

    /// Goes on as far as what was supplied permits. It never waits and never fails.
    fn advance(&mut self) -> Step;
}

/// Drives a resolver with a source that answers at once: recorded registries, tests, caches.
///
/// Requests that the source leaves unanswered fail.
#[must_use]
pub fn run(resolver: &mut dyn Resolver, mut source: impl FnMut(&Request) -> Answer) -> Tree {
    loop {
        match resolver.advance() {
            Step::Done(tree) => return *tree,
            Step::Needs(requests) => {
                for request in requests {
                    let answer = source(&request);
                    resolver.supply(request, answer);
                }
            }
        }
    }
}

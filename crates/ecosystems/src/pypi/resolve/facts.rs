//! What a resolution speaks of: idents, candidates, wishes.

use std::sync::Arc;

use super::super::SpecifierSet;
use super::super::simple::Project;

pub(super) type IdentId = usize;
pub(super) type CandidateId = usize;
pub(super) type RequirementId = usize;

/// What is looked for: a project, or a project with some of its extras.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Ident {
    pub project: String,
    /// Sorted.
    pub extras: Vec<String>,
}

/// The name under which `Requires-Python` takes part; no project can have it.
pub(super) const PYTHON: &str = "<python>";

/// What can be chosen for an ident.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub ident: IdentId,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum What {
    /// A release by its position in the project's page.
    Release(usize),
    /// Something of which nothing is known but that it is there: a URL, or a project that cannot be asked for.
    Opaque(String),
    Python,
}

/// What a candidate or the project asks for.
#[derive(Clone, Debug)]
pub(super) struct Wish {
    pub ident: IdentId,
    pub kind: WishKind,
    /// As it was written, without its marker; for display.
    pub text: String,
    pub marker: Option<String>,
}

#[derive(Clone, Debug)]
pub(super) enum WishKind {
    Specifier {
        set: SpecifierSet,
        /// Every clause with its operator: what preference looks at.
        clauses: Clauses,
    },
    Exactly(CandidateId),
    Python(SpecifierSet),
}

/// What kinds of clauses a specifier has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Clauses {
    pub any: bool,
    pub pinned: bool,
    pub bounded_above: bool,
}

impl Clauses {
    pub fn of(specifiers: &str) -> Self {
        let mut clauses = Self::default();
        for clause in specifiers.split(',').filter(|clause| !clause.is_empty()) {
            clauses.any = true;
            let is_equal = clause.starts_with("==");
            let has_star = clause.contains('*');
            clauses.pinned |= is_equal && !has_star;
            let below = clause.starts_with('<') || clause.starts_with("~=");
            clauses.bounded_above |= below || (is_equal && has_star);
        }
        clauses
    }
}

/// What is known of a project's page.
#[derive(Debug)]
pub(super) enum Page {
    Known(Project),
    /// There is no such project.
    Absent,
    Failed(String),
}

/// The wishes of a candidate, or why they are not known.
#[derive(Clone, Debug)]
pub(super) enum Wishes {
    Known(Arc<[RequirementId]>),
    /// Its metadata holds a requirement that is none: pip passes over such a release.
    Invalid,
}

/// Something is not there yet; what it is was noted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pending;

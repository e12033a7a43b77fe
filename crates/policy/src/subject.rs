//! What is judged: everything that the rules may look at, borrowed.

use clock::Timestamp;
use inventory::{LicenseClaim, PackageFacts, Scope, Source};

use crate::{Baseline, FeedState, Finding, Misconfiguration, StatedVex, SubjectProduct, Waiver};

/// One build, as the rules see it. Nothing else influences a [`judge`](crate::judge)ment.
#[derive(Clone, Debug)]
pub struct Subject<'a> {
    /// Every open finding, in any order; `due` is computed by the judgement.
    pub findings: &'a [Finding],
    /// Every component without the root.
    pub components: &'a [SubjectComponent<'a>],
    /// The feeds that the findings rest on.
    pub feeds: &'a [FeedState],
    /// The number of components without the root; an empty set is never a clean one.
    pub component_total: usize,
    /// Components that were fully checked.
    pub evaluated: usize,
    /// Components about which something could not be checked or decided.
    pub undetermined: usize,
    /// Whether the catalogue of known exploited vulnerabilities was at hand.
    pub kev_loaded: bool,
    /// Whether the document claims that it is complete; `None` when it says nothing.
    pub complete: Option<bool>,
    /// What was there before; `None` when there is no baseline.
    pub baseline: Option<&'a Baseline>,
    pub waivers: &'a [Waiver],
    /// What others say about exploitability.
    pub statements: &'a [StatedVex],
    /// What the build is of, for those statements.
    pub product: SubjectProduct<'a>,
    /// What checks of configuration found; `None` when none were made.
    pub misconfigurations: Option<&'a [Misconfiguration]>,
    /// The project's name, for waivers that name projects.
    pub project: &'a str,
    /// The branch, for waivers that name refs.
    pub reference: &'a str,
    pub now: Timestamp,
}

/// One component, as the rules see it.
#[derive(Clone, Debug)]
pub struct SubjectComponent<'a> {
    /// The canonical purl; a component without one is never met by a waiver that names a purl.
    pub purl: Option<&'a str>,
    pub name: &'a str,
    pub version: Option<&'a str>,
    pub scope: Scope,
    /// Named by the product itself; `None` when the document has no graph to tell.
    pub direct: Option<bool>,
    /// The claims as the document has them.
    pub licenses: &'a [LicenseClaim],
    pub checked: bool,
    /// Why it was not (fully) checked, as the report's stable word: `no_purl`, `feed_not_loaded`, ….
    pub why_not: Option<&'a str>,
    pub source: &'a Source,
    /// Whether the document carries a hash of the component's bytes.
    pub has_integrity: bool,
    /// What documents and lockfiles say of the version.
    pub facts: PackageFacts,
    /// The ways by which it comes in, where a waiver asks for them; `None` when nobody looked.
    pub ways: Option<&'a WaysIn>,
}

/// The ways by which a component comes into the product.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WaysIn {
    /// From (not including) the root, `name@version` each; the shortest ones.
    pub paths: Vec<Vec<String>>,
    /// How many there are.
    pub count: u64,
}

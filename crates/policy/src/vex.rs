//! Which statement about exploitability speaks of which finding, and which of several counts (`gate.md` §6).

use std::collections::HashMap;

use advisories::Class;
use clock::Timestamp;
use inventory::Purl;
use inventory::statements::{ProductId, State, Statement};
use serde::{Deserialize, Serialize};

use crate::glob::matches_glob;
use crate::purls::in_order;
use crate::{DecisionState, Finding, FindingDecision, Justification, VexPolicy};

/// A statement with where it comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct StatedVex {
    /// Given by the store, or the place in the document.
    pub id: String,
    /// Who speaks: the author of a document, or the person who decided here.
    pub source: String,
    pub origin: VexOrigin,
    pub statement: Statement,
}

/// How a statement came to be known; the order is that of precedence where a policy names no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VexOrigin {
    /// Somebody decided it here.
    Triage,
    /// A VEX document that was given to us.
    Document,
    /// The very SBOM that lists the component.
    Embedded,
}

/// What the build is of, for statements about a whole product.
#[derive(Clone, Copy, Debug, Default)]
pub struct SubjectProduct<'a> {
    /// The root component's package URL.
    pub purl: Option<&'a str>,
    /// The root component's name.
    pub name: Option<&'a str>,
    pub version: Option<&'a str>,
    /// The project's name here.
    pub project: &'a str,
}

/// Why a statement does not speak of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Silence {
    /// Another vulnerability.
    OtherVulnerability,
    /// Its products are not the component, nor do they contain it.
    OtherProduct,
    /// A product of it contains the component, but the component comes by other ways, too (or it may).
    OtherWays,
    /// The product is there in a version that the statement does not speak of.
    OtherVersion,
}

impl Silence {
    /// A clause for people.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::OtherVulnerability => "no finding has this vulnerability",
            Self::OtherProduct => "none of its products is in the build",
            Self::OtherWays => "the component also comes by ways that do not lead through the product",
            Self::OtherVersion => "the product is there in a version that the statement does not speak of",
        }
    }
}

/// A statement that was applied to a finding, as a verdict lists it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AppliedStatement {
    pub id: String,
    pub source: String,
    pub origin: VexOrigin,
    /// The finding's id.
    pub finding: String,
    pub state: DecisionState,
    /// The findings of suppressing statements do not count against the gate; others are only annotated.
    pub suppresses: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub justification: Option<Justification>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// Whether a statement speaks of a finding.
///
/// # Errors
/// Why it does not: the reason that came closest.
pub fn speaks_of(
    statement: &Statement,
    finding: &Finding,
    product: SubjectProduct<'_>,
) -> Result<(), Silence> {
    if !names_vulnerability(statement, finding) {
        return Err(Silence::OtherVulnerability);
    }
    let component = Component::of(finding);
    let mut closest = Silence::OtherProduct;
    for named in &statement.products {
        let met = if named.subcomponents.is_empty() {
            component.is(&named.id, true).or_else(|silence| {
                component
                    .is_within(&named.id, product)
                    .map_err(|other| silence.max(other))
            })
        } else {
            component.is_within_or_is(&named.id, product).and_then(|()| {
                let parts = named.subcomponents.iter();
                parts
                    .map(|part| component.is(part, true))
                    .reduce(Result::or)
                    .unwrap_or(Err(Silence::OtherProduct))
            })
        };
        match met {
            Ok(()) => return Ok(()),
            Err(silence) => closest = closest.max(silence),
        }
    }
    Err(closest)
}

/// Every id of the statement against every id of the finding's alias group.
fn names_vulnerability(statement: &Statement, finding: &Finding) -> bool {
    let stated = std::iter::once(&statement.vulnerability).chain(&statement.aliases);
    let mut stated = stated.map(String::as_str);
    stated.any(|id| {
        let mut ids = std::iter::once(&finding.canonical).chain(&finding.aliases);
        ids.any(|known| known.eq_ignore_ascii_case(id))
    })
}

/// The finding's component, taken apart once.
struct Component<'a> {
    finding: &'a Finding,
    purl: Option<Purl>,
}

impl<'a> Component<'a> {
    fn of(finding: &'a Finding) -> Self {
        Self {
            purl: Purl::lenient(&finding.component.purl).ok(),
            finding,
        }
    }

    /// Whether the component itself is what is named.
    fn is(&self, id: &ProductId, with_version: bool) -> Result<(), Silence> {
        let ProductId::Purl { purl, range } = id else {
            return Err(Silence::OtherProduct);
        };
        let (Ok(named), Some(own)) = (Purl::lenient(purl), &self.purl) else {
            return Err(Silence::OtherProduct);
        };
        if !is_same_package(&named, own) {
            return Err(Silence::OtherProduct);
        }
        let version = own.version().unwrap_or(&self.finding.component.version);
        let exact = named
            .version()
            .is_none_or(|stated| !with_version || is_same_version(own, stated, version));
        let order = |left: &str, right: &str| in_order(own, left, right);
        let within = range
            .as_ref()
            .is_none_or(|range| range.contains(version, order) == Some(true));
        if exact && within {
            Ok(())
        } else {
            Err(Silence::OtherVersion)
        }
    }

    /// Whether every way to the component leads through what is named.
    fn is_within(&self, id: &ProductId, product: SubjectProduct<'_>) -> Result<(), Silence> {
        match is_root(id, product) {
            Ok(()) => return Ok(()),
            Err(Silence::OtherVersion) => return Err(Silence::OtherVersion),
            Err(_) => {}
        }
        let paths = &self.finding.paths;
        let through = |path: &Vec<String>| path.iter().rev().skip(1).any(|step| self.is_step(step, id));
        if paths.iter().all(|path| !through(path)) {
            return Err(Silence::OtherProduct);
        }
        let all_known = u64::try_from(paths.len()).is_ok_and(|shown| shown >= self.finding.path_count);
        if all_known && paths.iter().all(through) {
            Ok(())
        } else {
            Err(Silence::OtherWays)
        }
    }

    fn is_within_or_is(&self, id: &ProductId, product: SubjectProduct<'_>) -> Result<(), Silence> {
        self.is(id, true)
            .or_else(|silence| self.is_within(id, product).map_err(|other| silence.max(other)))
    }

    /// Whether a step of a path (`name@version`) is what a package URL of the component's own type names.
    fn is_step(&self, step: &str, id: &ProductId) -> bool {
        let ProductId::Purl { purl, range } = id else {
            return false;
        };
        let (Ok(named), Some(own)) = (Purl::lenient(purl), &self.purl) else {
            return false;
        };
        let (name, version) = match step.rfind('@').filter(|at| *at > 0) {
            Some(at) => (
                step.get(..at).unwrap_or(step),
                step.get(at + 1..).unwrap_or_default(),
            ),
            None => (step, ""),
        };
        let order = |left: &str, right: &str| in_order(&named, left, right);
        named.kind() == own.kind()
            && named.package_name() == name
            && named
                .version()
                .is_none_or(|stated| is_same_version(&named, stated, version))
            && range
                .as_ref()
                .is_none_or(|range| range.contains(version, order) == Some(true))
    }
}

/// Whether the product as a whole is what is named.
fn is_root(id: &ProductId, product: SubjectProduct<'_>) -> Result<(), Silence> {
    match id {
        ProductId::Purl { purl, range } => {
            let (Ok(named), Some(Ok(own))) = (Purl::lenient(purl), product.purl.map(Purl::lenient)) else {
                return Err(Silence::OtherProduct);
            };
            if !is_same_package(&named, &own) {
                return Err(Silence::OtherProduct);
            }
            let version = own.version().or(product.version).unwrap_or_default();
            let order = |left: &str, right: &str| in_order(&own, left, right);
            let exact = named
                .version()
                .is_none_or(|stated| is_same_version(&own, stated, version));
            let within = range
                .as_ref()
                .is_none_or(|range| range.contains(version, order) == Some(true));
            if exact && within {
                Ok(())
            } else {
                Err(Silence::OtherVersion)
            }
        }
        ProductId::Opaque(name) => {
            let known = name == product.project || product.name == Some(name.as_str());
            if known { Ok(()) } else { Err(Silence::OtherProduct) }
        }
        ProductId::BomLink { .. } => Err(Silence::OtherProduct),
    }
}

/// The same package, with every qualifier that the statement names in the component, too.
fn is_same_package(named: &Purl, own: &Purl) -> bool {
    named.kind() == own.kind()
        && named.package_name() == own.package_name()
        && named
            .qualifiers()
            .iter()
            .all(|(key, value)| own.qualifier(key) == Some(value.as_str()))
}

fn is_same_version(purl: &Purl, stated: &str, version: &str) -> bool {
    stated == version || in_order(purl, stated, version) == Some(std::cmp::Ordering::Equal)
}

/// The statements of a subject, indexed by what they name.
pub(crate) struct Deciding<'a> {
    by_vulnerability: HashMap<String, Vec<(Rank<'a>, &'a StatedVex)>>,
    product: SubjectProduct<'a>,
}

/// Lowest first: trust, origin, then the newest statement, then names, so that there is one order only.
type Rank<'a> = (
    usize,
    VexOrigin,
    std::cmp::Reverse<Option<Timestamp>>,
    &'a str,
    &'a str,
);

impl<'a> Deciding<'a> {
    pub(crate) fn new(policy: &VexPolicy, statements: &'a [StatedVex], product: SubjectProduct<'a>) -> Self {
        let mut by_vulnerability: HashMap<String, Vec<_>> = HashMap::new();
        for stated in statements {
            let Some(trust) = trust(policy, stated) else {
                continue;
            };
            let at = std::cmp::Reverse(stated.statement.at);
            let rank = (
                trust,
                stated.origin,
                at,
                stated.source.as_str(),
                stated.id.as_str(),
            );
            let ids = std::iter::once(&stated.statement.vulnerability).chain(&stated.statement.aliases);
            for id in ids {
                let entry = by_vulnerability.entry(id.to_ascii_lowercase()).or_default();
                entry.push((rank, stated));
            }
        }
        for statements in by_vulnerability.values_mut() {
            statements.sort_by(|a, b| a.0.cmp(&b.0));
        }
        Self {
            by_vulnerability,
            product,
        }
    }

    /// The statement that counts for a finding; malware is excused by nobody's statement.
    pub(crate) fn decides(&self, finding: &Finding) -> Option<&'a StatedVex> {
        if self.by_vulnerability.is_empty() || finding.class == Class::Malicious {
            return None;
        }
        let ids = std::iter::once(&finding.canonical).chain(&finding.aliases);
        ids.filter_map(|id| self.by_vulnerability.get(&id.to_ascii_lowercase()))
            .flatten()
            .filter(|(_, stated)| speaks_of(&stated.statement, finding, self.product).is_ok())
            .min_by(|a, b| a.0.cmp(&b.0))
            .map(|(_, stated)| *stated)
    }
}

/// The place in the order of trust; `None` for whoever does not count.
fn trust(policy: &VexPolicy, stated: &StatedVex) -> Option<usize> {
    if stated.origin == VexOrigin::Triage {
        return Some(0);
    }
    if stated.origin == VexOrigin::Embedded && !policy.embedded {
        return None;
    }
    let listed = policy
        .trust
        .iter()
        .position(|author| matches_glob(author, &stated.source));
    listed
        .or_else(|| policy.others.then_some(policy.trust.len()))
        .map(|place| place + 1)
}

impl StatedVex {
    /// Whether a finding of which this counts does not count against the gate.
    #[must_use]
    pub const fn suppresses(&self) -> bool {
        matches!(
            self.statement.state,
            State::NotAffected | State::FalsePositive | State::Fixed
        )
    }

    pub(crate) fn decision(&self) -> FindingDecision {
        FindingDecision {
            state: state(self.statement.state),
            source: match self.origin {
                VexOrigin::Triage => format!("triage:{}", self.source),
                VexOrigin::Document | VexOrigin::Embedded => format!("vex:{}", self.source),
            },
            justification: self.statement.justification.map(Justification::from),
            reason: self.statement.detail.clone(),
            until: None,
            at: self.statement.at,
        }
    }

    pub(crate) fn applied(&self, finding: &Finding) -> AppliedStatement {
        AppliedStatement {
            id: self.id.clone(),
            source: self.source.clone(),
            origin: self.origin,
            finding: finding.id.clone(),
            state: state(self.statement.state),
            suppresses: self.suppresses(),
            justification: self.statement.justification.map(Justification::from),
            reason: self.statement.detail.clone(),
        }
    }
}

const fn state(state: State) -> DecisionState {
    match state {
        State::NotAffected => DecisionState::NotAffected,
        State::FalsePositive => DecisionState::FalsePositive,
        State::Fixed => DecisionState::Fixed,
        State::Affected => DecisionState::Affected,
        State::UnderInvestigation => DecisionState::UnderInvestigation,
    }
}

impl From<inventory::statements::Justification> for Justification {
    fn from(justification: inventory::statements::Justification) -> Self {
        use inventory::statements::Justification as Stated;
        match justification {
            Stated::ComponentNotPresent => Self::ComponentNotPresent,
            Stated::VulnerableCodeNotPresent => Self::VulnerableCodeNotPresent,
            Stated::VulnerableCodeNotInExecutePath => Self::VulnerableCodeNotInExecutePath,
            Stated::VulnerableCodeCannotBeControlledByAdversary => {
                Self::VulnerableCodeCannotBeControlledByAdversary
            }
            Stated::InlineMitigationsAlreadyExist => Self::InlineMitigationsAlreadyExist,
        }
    }
}

//! Which components were checked, and why the others were not.
//!
//! Four kinds of components are no gap in what was checked, and do not make a verdict indeterminate:
//!
//! - **groupings**: files, operating systems, containers, devices, data, and applications without package
//!   URL and CPE. Syft lists every file of an image, Trivy every lockfile and the operating system; the packages in
//!   them are listed apart and are what can be checked;
//! - **what a package of the distribution owns**: the distribution's advisories speak of that package, which
//!   is listed and checked itself;
//! - **own code**: components from a path of the product itself. No public advisory speaks of them;
//! - **the root** when nothing could be matched: the product is not its own dependency.
//!
//! They are listed as not checked all the same. Everything else that was not fully checked counts.

use inventory::{Component, ComponentId, ComponentKind, Inventory, Source};

use crate::label::package_name;
use crate::licensing::Licensing;
use crate::{ComponentStatus, Graph, Knowledge, Surroundings, WhyNotChecked};

/// Whether a component is no package at all but holds or describes others.
pub(crate) fn is_grouping(component: &Component) -> bool {
    use ComponentKind::{
        Application, Container, Data, Device, File, Firmware, Framework, Library, OperatingSystem, Other,
    };
    component.purl.is_none()
        && match component.kind {
            File | Data | OperatingSystem | Container | Device => true,
            Application => component.cpe.is_none(),
            Library | Framework | Firmware | Other => false,
        }
}

/// Whether what the component names counts as named by the product itself: groupings, and members of a source
/// tree, which are the product's own code.
pub(crate) fn is_transparent(component: &Component) -> bool {
    let is_member =
        component.kind == ComponentKind::Application && matches!(component.source, Source::Path(_));
    is_grouping(component) || is_member
}

/// What the checking of one component came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coverage {
    Checked,
    /// Not checked, and nothing is missed by it (see the module's documentation).
    NoGap(WhyNotChecked),
    Gap(WhyNotChecked),
}

impl Coverage {
    pub(crate) fn why_not(self) -> Option<WhyNotChecked> {
        match self {
            Self::Checked => None,
            Self::NoGap(why) | Self::Gap(why) => Some(why),
        }
    }
}

/// What a component was checked with.
#[derive(Clone, Copy)]
pub(crate) struct Checks<'a> {
    pub knowledge: &'a Knowledge,
    pub surroundings: &'a Surroundings,
}

pub(crate) fn coverage(id: ComponentId, component: &Component, checks: Checks<'_>) -> Coverage {
    if is_grouping(component) {
        return Coverage::NoGap(WhyNotChecked::NotAPackage);
    }
    if checks.surroundings.owner(id).is_some() {
        return Coverage::NoGap(WhyNotChecked::OwnedByPackage);
    }
    match &component.source {
        Source::Registry => {}
        Source::Path(_) => return Coverage::NoGap(WhyNotChecked::NotFromDefaultRegistry),
        Source::OtherRegistry(_) | Source::Git(_) | Source::Url(_) => {
            return Coverage::Gap(WhyNotChecked::NotFromDefaultRegistry);
        }
    }
    match gap(id, component, checks) {
        Some(why) => Coverage::Gap(why),
        None => Coverage::Checked,
    }
}

fn gap(id: ComponentId, component: &Component, checks: Checks<'_>) -> Option<WhyNotChecked> {
    let Checks {
        knowledge,
        surroundings,
    } = checks;
    if component.purl.is_none() {
        return Some(WhyNotChecked::NoPurl);
    }
    let Some(ecosystem) = surroundings.ecosystem(component) else {
        return Some(WhyNotChecked::UnsupportedEcosystem);
    };
    if version(component).is_none() {
        return Some(WhyNotChecked::NoVersion);
    }
    if surroundings
        .packaged(component)
        .is_some_and(|packaged| packaged.release.is_none())
    {
        return Some(WhyNotChecked::ReleaseUnknown);
    }
    if !covers(&knowledge.covered, ecosystem.name()) {
        return Some(WhyNotChecked::FeedNotLoaded);
    }
    match knowledge.matches.get(&id) {
        Some(result) if result.undetermined.is_empty() => None,
        _ => Some(WhyNotChecked::Undetermined),
    }
}

/// Whether a loaded feed speaks of the ecosystem; a feed of one release (`Debian:12`) speaks of its base.
fn covers(covered: &[String], ecosystem: &str) -> bool {
    covered
        .iter()
        .any(|name| name == ecosystem || name.split(':').next() == Some(ecosystem))
}

/// The version of a component: that of its package URL, which is its identity, else its own. Empty is none.
#[must_use]
pub fn version(component: &Component) -> Option<&str> {
    let identity = component.purl.as_ref().and_then(inventory::Purl::version);
    identity.or_else(|| component.version.as_deref().filter(|text| !text.is_empty()))
}

/// The statuses of all components but the root, in the order of the inventory, and how many of each kind.
pub(crate) fn statuses(
    inventory: &Inventory,
    knowledge: &Knowledge,
    graph: &Graph,
    licensing: &Licensing,
) -> (Vec<ComponentStatus>, Tally) {
    let surroundings = &Surroundings::of(inventory);
    let checks = Checks {
        knowledge,
        surroundings,
    };
    let mut tally = Tally::default();
    let statuses = inventory
        .iter()
        .map(|(id, component)| {
            let coverage = coverage(id, component, checks);
            tally.count(coverage);
            let ecosystem = surroundings.ecosystem(component);
            ComponentStatus {
                license: crate::license::effective_license(licensing.claims(id, component)),
                license_origin: licensing.origin(id),
                ecosystem: ecosystem.map(|ecosystem| ecosystem.name().to_owned()),
                ..status(id, component, coverage, graph)
            }
        })
        .collect();
    if let Some((id, root)) = matched_root(inventory, knowledge) {
        tally.count(coverage(id, root, checks));
    }
    (statuses, tally)
}

/// The root, when there is something to say about it.
fn matched_root<'i>(inventory: &'i Inventory, knowledge: &Knowledge) -> Option<(ComponentId, &'i Component)> {
    let id = inventory.root.filter(|id| knowledge.matches.contains_key(id))?;
    Some((id, inventory.components.get(id as usize)?))
}

fn status(id: ComponentId, component: &Component, coverage: Coverage, graph: &Graph) -> ComponentStatus {
    ComponentStatus {
        component: id,
        purl: component.purl.as_ref().map(ToString::to_string),
        name: package_name(component),
        version: version(component).map(str::to_owned),
        ecosystem: None,
        scope: component.scope,
        direct: graph.direct(id),
        license: None,
        license_origin: None,
        checked: coverage == Coverage::Checked,
        why_not: coverage.why_not(),
    }
}

/// How many components were checked and how many were not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub evaluated: usize,
    /// Gaps: components that should have been checked and were not, or not fully.
    pub undetermined: usize,
    pub groupings: usize,
    pub owned: usize,
    pub own_code: usize,
}

impl Tally {
    fn count(&mut self, coverage: Coverage) {
        let slot = match coverage {
            Coverage::Checked => &mut self.evaluated,
            Coverage::Gap(_) => &mut self.undetermined,
            Coverage::NoGap(WhyNotChecked::NotAPackage) => &mut self.groupings,
            Coverage::NoGap(WhyNotChecked::OwnedByPackage) => &mut self.owned,
            Coverage::NoGap(_) => &mut self.own_code,
        };
        *slot += 1;
    }
}

//! What a component is as advisories see it, with what the document says around it: its distribution, release
//! and source package (`containers.md` §4.2).
//!
//! The namespace of a package URL names the distribution and its `distro` the release, each in the dialect of
//! the tool that wrote it. What a component does not say itself, the document's operating system says, when
//! there is just one. Nothing else is taken for a release.

mod distro;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use ecosystems::{Distribution, Ecosystem};
use inventory::{Component, ComponentId, ComponentKind, Inventory, Purl};

use crate::status::version;

/// The operating system that a document is about.
#[derive(Clone)]
struct System {
    ecosystem: &'static dyn Ecosystem,
    release: Option<String>,
}

/// What the document says around its components.
#[derive(Clone, Default)]
pub struct Surroundings {
    system: Option<System>,
    /// Packages of languages whose files a package of the distribution owns.
    owned: HashMap<ComponentId, ComponentId>,
}

/// A package of a distribution, as its advisories see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packaged {
    /// In the form of [`Distribution::release`]; absent when nothing says which release it is.
    pub release: Option<String>,
    /// The module and stream that it was built for, `nodejs:14`.
    pub module: Option<String>,
    /// What advisories name in place of the package: a source package, or the package itself.
    pub name: String,
    /// The version that they speak of.
    pub version: String,
    /// The version of the package itself, with its epoch.
    pub own_version: String,
}

impl Surroundings {
    /// Looks for the operating system among the components, and for packages that it owns.
    #[must_use]
    pub fn of(inventory: &Inventory) -> Self {
        let mut surroundings = Self {
            system: system(inventory),
            owned: HashMap::new(),
        };
        for (id, component) in (0..).zip(&inventory.components) {
            if let Some(owner) = component
                .owned_by
                .filter(|owner| surroundings.is_official(inventory, *owner))
            {
                surroundings.owned.insert(id, owner);
            }
        }
        surroundings
    }

    /// The ecosystem of a component, where its package URL and what is around it tell one.
    #[must_use]
    pub fn ecosystem(&self, component: &Component) -> Option<&'static dyn Ecosystem> {
        let purl = component.purl.as_ref()?;
        let named = ecosystems::by_purl(purl.kind(), purl.namespace());
        named.or_else(|| self.unnamed_distribution(purl))
    }

    /// The package of the distribution that owns the files of a component; its advisories speak for both.
    #[must_use]
    pub fn owner(&self, id: ComponentId) -> Option<ComponentId> {
        self.owned.get(&id).copied()
    }

    /// What advisories see of a package of a distribution; `None` of any other.
    #[must_use]
    pub fn packaged(&self, component: &Component) -> Option<Packaged> {
        let ecosystem = self.ecosystem(component)?;
        let distribution = ecosystem.distribution()?;
        let purl = component.purl.as_ref()?;
        let own_version = own_version(component, purl, distribution);
        let (name, version) = subject(component, purl, distribution, &own_version);
        Some(Packaged {
            release: self.release(ecosystem, distribution, purl, &own_version),
            module: distro::module(purl),
            name: ecosystem.normalize(&name).into_owned(),
            version,
            own_version,
        })
    }

    /// A purl without namespace, or with one that is none of a distribution: its `distro` or the document says.
    fn unnamed_distribution(&self, purl: &Purl) -> Option<&'static dyn Ecosystem> {
        if purl.namespace().is_some() || !distro::is_packaged(purl.kind()) {
            return None;
        }
        let by_qualifier = purl
            .qualifier("distro")
            .and_then(|text| distro::vendor(purl.kind(), text));
        let system = self.system.as_ref().map(|system| system.ecosystem);
        by_qualifier.or_else(|| system.filter(|ecosystem| ecosystem.purl_type() == purl.kind()))
    }

    fn release(
        &self,
        ecosystem: &dyn Ecosystem,
        distribution: &dyn Distribution,
        purl: &Purl,
        version: &str,
    ) -> Option<String> {
        let qualifiers = ["distro", "distro_version", "distro_name"];
        let mut stated = qualifiers.into_iter().filter_map(|key| purl.qualifier(key));
        let system = || {
            let system = self.system.as_ref()?;
            let same = system.ecosystem.name() == ecosystem.name();
            system.release.clone().filter(|_| same)
        };
        distribution
            .release_of_build(version)
            .or_else(|| stated.find_map(|text| distribution.release(text)))
            .or_else(system)
            // One without releases needs nobody to say which.
            .or_else(|| distribution.release("").filter(String::is_empty))
    }

    /// Whether the owner is a package whose distribution and release are known: only then do advisories speak
    /// for what it owns.
    fn is_official(&self, inventory: &Inventory, owner: ComponentId) -> bool {
        let owner = inventory.components.get(owner as usize);
        let packaged = owner.and_then(|owner| self.packaged(owner));
        packaged.is_some_and(|packaged| packaged.release.is_some())
    }
}

/// The system that the document names; none when it names two.
fn system(inventory: &Inventory) -> Option<System> {
    let systems = inventory.components.iter();
    let systems = systems.filter(|component| component.kind == ComponentKind::OperatingSystem);
    let mut found: Option<System> = None;
    for component in systems {
        let Some(ecosystem) = distro::of_system(&component.name) else {
            continue;
        };
        let distribution = ecosystem.distribution();
        let stated = component.version.as_deref().unwrap_or_default();
        let whole = format!("{} {stated}", component.name);
        let release = distribution.and_then(|distribution| {
            let release = distribution.release(stated);
            release.or_else(|| distribution.release(&whole))
        });
        let another = found
            .as_ref()
            .is_some_and(|seen| seen.ecosystem.name() != ecosystem.name() || seen.release != release);
        if another {
            return None;
        }
        found = Some(System { ecosystem, release });
    }
    found
}

/// The version with the epoch that some documents keep in a qualifier.
fn own_version(component: &Component, purl: &Purl, distribution: &dyn Distribution) -> String {
    let version = version(component).unwrap_or_default();
    let epoch = purl.qualifier("epoch").filter(|epoch| *epoch != "0");
    match epoch {
        Some(epoch) if distribution.has_epochs() && !version.is_empty() && !version.contains(':') => {
            format!("{epoch}:{version}")
        }
        _ => version.to_owned(),
    }
}

/// Name and version that the distribution's records are asked for.
fn subject(
    component: &Component,
    purl: &Purl,
    distribution: &dyn Distribution,
    own_version: &str,
) -> (String, String) {
    let own = || (purl.name().to_owned(), own_version.to_owned());
    let Some(source) = component
        .source_package
        .as_ref()
        .filter(|_| distribution.names_sources())
    else {
        return own();
    };
    let version = match &source.version {
        None => own_version.to_owned(),
        Some(version) if purl.kind() == "rpm" => with_epoch_of(version, own_version),
        Some(version) => version.clone(),
    };
    (source.name.clone(), version)
}

/// The name of a source RPM has no epoch; it is that of the package when they are one version.
fn with_epoch_of(source: &str, own: &str) -> String {
    match own.split_once(':') {
        Some((_, version)) if version == source => own.to_owned(),
        _ => source.to_owned(),
    }
}

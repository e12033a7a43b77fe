//! What registries say of packages and lockfiles leave out.

use std::collections::BTreeMap;
use std::sync::Arc;

use clock::SystemClock;
use ecosystems::npm::{Packument, Release};
use ecosystems::pypi;
use ecosystems::resolve::{Answer, Request};
use fetch::registries::{NoCache, Registries};
use inventory::{
    Component, Details, ExternalReference, Inventory, LicenseClaim, LicenseSource, PackageFacts, Property,
    Source,
};
use tokio::task::JoinSet;

use super::super::Failure;
use crate::configuration::Configuration;

/// Packages that wait for an answer at once; the registries' own limit is below.
const AT_ONCE: usize = 64;

/// A package of one ecosystem, with the versions that are there and the positions of their components.
type Wanted = BTreeMap<(&'static str, String), BTreeMap<String, Vec<usize>>>;

/// What was learned of one version.
struct Learned {
    version: String,
    release: Option<Release>,
}

/// How the asking went.
pub(super) struct Asked {
    pub packages: usize,
    /// Packages of which no registry could say anything, with the reason of the first one.
    pub failed: usize,
    pub why: Option<String>,
}

/// Asks the configured registries about every package that comes from one, and puts the answers into the components.
/// What a document says already stays. What nobody answered stays unknown.
pub(super) async fn enrich(
    inventory: &mut Inventory,
    configuration: &Configuration,
) -> Result<Asked, Failure> {
    let client = fetch::Client::new(configuration.network())?;
    let registries = Registries::new(
        &client,
        configuration.registries.clone(),
        Arc::new(NoCache),
        Arc::new(SystemClock),
    );
    let wanted = wanted(inventory);
    let mut asked = Asked {
        packages: wanted.len(),
        failed: 0,
        why: None,
    };
    let mut running = JoinSet::new();
    let mut waiting = wanted.into_iter();
    loop {
        while running.len() < AT_ONCE
            && let Some(((ecosystem, name), versions)) = waiting.next()
        {
            let registries = registries.clone();
            running.spawn(async move {
                let texts = versions.keys().cloned().collect();
                (versions, learn(&registries, ecosystem, &name, texts).await)
            });
        }
        let Some(done) = running.join_next().await else {
            return Ok(asked);
        };
        let (versions, learned) = done.map_err(|_| Failure::Interrupted)?;
        match learned {
            Ok(learned) => {
                for Learned { version, release } in learned {
                    let places = versions.get(&version).into_iter().flatten();
                    for place in places {
                        if let (Some(component), Some(release)) =
                            (inventory.components.get_mut(*place), &release)
                        {
                            put(component, release);
                        }
                    }
                }
            }
            Err(why) => {
                asked.failed += 1;
                asked.why.get_or_insert(why);
            }
        }
    }
}

fn wanted(inventory: &Inventory) -> Wanted {
    let mut wanted = Wanted::new();
    for (place, component) in inventory.components.iter().enumerate() {
        let is_root = inventory.root.and_then(|root| usize::try_from(root).ok()) == Some(place);
        let Some(purl) = component
            .purl
            .as_ref()
            .filter(|_| component.source == Source::Registry && !is_root)
        else {
            continue;
        };
        let ecosystem = match purl.kind() {
            "npm" => "npm",
            "cargo" => "crates.io",
            "pypi" => "PyPI",
            _ => continue,
        };
        if let Some(version) = purl.version() {
            wanted
                .entry((ecosystem, purl.package_name()))
                .or_default()
                .entry(version.to_owned())
                .or_default()
                .push(place);
        }
    }
    wanted
}

async fn learn(
    registries: &Registries,
    ecosystem: &'static str,
    name: &str,
    versions: Vec<String>,
) -> Result<Vec<Learned>, String> {
    match ecosystem {
        "npm" => of_npm(registries, name, versions).await,
        "crates.io" => Ok(of_crates(registries, name, versions).await),
        _ => of_pypi(registries, name, versions).await,
    }
}

/// The document of a package; a sentence when there is none.
async fn document(registries: &Registries, ecosystem: &str, name: &str) -> Result<Vec<u8>, String> {
    let request = Request::Package {
        name: name.to_owned(),
        registry: None,
    };
    match registries.answer(ecosystem, &request).await {
        Answer::Found(bytes) => Ok(bytes.to_vec()),
        Answer::Absent => Err(format!("the registry of {ecosystem} does not know {name}")),
        Answer::Failed(why) => Err(format!("{name}: {why}")),
    }
}

async fn of_npm(registries: &Registries, name: &str, versions: Vec<String>) -> Result<Vec<Learned>, String> {
    let bytes = document(registries, "npm", name).await?;
    let packument =
        Packument::read(&bytes).ok_or_else(|| format!("{name}: the answer is no document of npm's"))?;
    let learned = versions.into_iter().map(|version| Learned {
        release: packument.release(&version),
        version,
    });
    Ok(learned.collect())
}

/// Cargo's index says nothing but whether a version was yanked; the license is in the archive.
async fn of_crates(registries: &Registries, name: &str, versions: Vec<String>) -> Vec<Learned> {
    let mut learned = Vec::new();
    for version in versions {
        let license = registries.crate_license(name, &version).await;
        learned.push(Learned {
            release: Some(license_only(license)),
            version,
        });
    }
    learned
}

async fn of_pypi(registries: &Registries, name: &str, versions: Vec<String>) -> Result<Vec<Learned>, String> {
    let bytes = document(registries, "PyPI", name).await?;
    let environment = pypi::environment::Environment::default();
    let project = pypi::simple::Project::read(&bytes, name, &environment, None)
        .map_err(|why| format!("{name}: {why}"))?;
    let mut learned = Vec::new();
    for version in versions {
        let key = ecosystems::by_name("PyPI").and_then(|pypi| pypi.key(&version).ok());
        let release = project
            .releases
            .iter()
            .find(|release| Some(&release.key) == key.as_ref());
        let license = match release {
            Some(release) => metadata_license(registries, name, &release.text, release.files.clone()).await,
            None => None,
        };
        learned.push(Learned {
            release: Some(license_only(license)),
            version,
        });
    }
    Ok(learned)
}

async fn metadata_license(
    registries: &Registries,
    name: &str,
    version: &str,
    files: Vec<ecosystems::resolve::ReleaseFile>,
) -> Option<String> {
    let request = Request::Release {
        name: name.to_owned(),
        version: version.to_owned(),
        files,
    };
    match registries.answer("PyPI", &request).await {
        Answer::Found(bytes) => pypi::metadata::Metadata::parse(&bytes).ok()?.license,
        Answer::Absent | Answer::Failed(_) => None,
    }
}

/// A release of which nothing but the license is known. Its other fields say nothing and are not put anywhere.
fn license_only(license: Option<String>) -> Release {
    Release {
        license,
        ..Release::default()
    }
}

/// Puts into a component what it does not say itself.
fn put(component: &mut Component, release: &Release) {
    if component.licenses.is_empty()
        && let Some(license) = &release.license
    {
        component.licenses.push(LicenseClaim {
            source: LicenseSource::Declared,
            text: license.clone(),
            ..LicenseClaim::default()
        });
    }
    // Only npm's documents tell the rest.
    if component.purl.as_ref().is_none_or(|purl| purl.kind() != "npm") {
        return;
    }
    let known = std::mem::take(&mut component.facts);
    component.facts = known.or(PackageFacts {
        deprecated: Some(release.deprecated),
        yanked: None,
        install_script: Some(release.install_script),
        repository: Some(release.repository.is_some()),
        published: release.published.clone(),
    });
    let mut details = component
        .details
        .take()
        .map_or_else(Details::default, |details| *details);
    if let Some(url) = &release.repository
        && !details
            .external_references
            .iter()
            .any(|reference| reference.kind == "vcs")
    {
        details.external_references.push(ExternalReference {
            kind: "vcs".to_owned(),
            url: url.clone(),
            ..ExternalReference::default()
        });
    }
    details.publisher = details.publisher.or_else(|| release.publisher.clone());
    let size = release.size.map(|size| size.to_string());
    for (name, value) in [
        (audit::files::SIZE, size),
        (audit::files::LATEST, release.latest.clone()),
    ] {
        details.properties.extend(value.map(|value| Property {
            name: name.to_owned(),
            value: Some(value),
        }));
    }
    component.details = details.boxed();
}

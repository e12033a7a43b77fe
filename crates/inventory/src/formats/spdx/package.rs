//! One package.

use super::model;
use crate::formats::lenient::Text;
use crate::formats::licenses::{self, Extracted};
use crate::formats::notices::Notices;
use crate::formats::place::Place;
use crate::formats::{extend_distinct, provenance, source_package};
use crate::{Component, ComponentKind, Hash, LicenseClaim, LicenseSource, Purl, PurlParts};

pub(super) fn read(
    package: &model::Package<'_>,
    extracted: &Extracted<'_>,
    place: &Place<'_>,
    notices: &mut Notices,
) -> Component {
    let mut text = |field, key| asserted(notices, field, &place.key(key));
    let id = text(&package.id, "SPDXID");
    let name = text(&package.name, "name");
    let version = text(&package.version, "versionInfo");
    let supplier = text(&package.supplier, "supplier");
    let location = text(&package.download_location, "downloadLocation");
    let source_info = text(&package.source_info, "sourceInfo");
    let (purl, cpe) = external_refs(package, place, notices);
    let built_from = || source_info.and_then(source_package::by_source_info);
    Component {
        reference: id.unwrap_or_default().to_owned(),
        kind: kind(package, place, notices),
        group: None,
        name: name.map_or_else(|| notices.unnamed(purl.as_ref(), place), str::to_owned),
        version: version.or_else(|| purl.as_ref()?.version()).map(str::to_owned),
        cpe,
        licenses: read_licenses(package, extracted, place, notices),
        hashes: hashes(package, place, notices),
        supplier: supplier.map(actor),
        source: provenance::source(purl.as_ref(), location),
        source_package: purl
            .as_ref()
            .and_then(|purl| source_package::source_package(purl, |_| None).or_else(built_from)),
        purl,
        ..Component::default()
    }
}

/// A text that says something.
fn asserted<'d>(notices: &mut Notices, field: &'d Text<'_>, place: &Place<'_>) -> Option<&'d str> {
    let text = notices.text(field, place)?;
    Some(text).filter(|text| !matches!(*text, "NOASSERTION" | "NONE"))
}

/// `Organization: Debian (security@example.org)` is `Debian`.
fn actor(text: &str) -> String {
    let name = ["Organization:", "Person:"]
        .iter()
        .find_map(|prefix| text.strip_prefix(prefix));
    let name = name.unwrap_or(text);
    name.rsplit_once('(')
        .map_or(name, |(name, _)| name)
        .trim()
        .to_owned()
}

fn kind(package: &model::Package<'_>, place: &Place<'_>, notices: &mut Notices) -> ComponentKind {
    let purpose = notices.text(&package.purpose, &place.key("primaryPackagePurpose"));
    match purpose.unwrap_or("LIBRARY") {
        "APPLICATION" => ComponentKind::Application,
        "FRAMEWORK" => ComponentKind::Framework,
        "LIBRARY" => ComponentKind::Library,
        "CONTAINER" => ComponentKind::Container,
        "OPERATING-SYSTEM" | "OPERATING_SYSTEM" => ComponentKind::OperatingSystem,
        "FIRMWARE" => ComponentKind::Firmware,
        "DEVICE" => ComponentKind::Device,
        "FILE" | "ARCHIVE" => ComponentKind::File,
        _ => ComponentKind::Other,
    }
}

/// The first package URL and the first CPE among the external references.
fn external_refs(
    package: &model::Package<'_>,
    place: &Place<'_>,
    notices: &mut Notices,
) -> (Option<Purl>, Option<String>) {
    let place = place.key("externalRefs");
    let (mut purl, mut cpe) = (None, None);
    notices.each(&package.external_refs, &place, |reference, place, notices| {
        let place_of_locator = place.key("referenceLocator");
        let kind = asserted(notices, &reference.kind, &place.key("referenceType"));
        let locator = asserted(notices, &reference.locator, &place_of_locator);
        let (Some(kind), Some(locator)) = (kind, locator) else {
            return;
        };
        match kind {
            "cpe23Type" | "cpe22Type" if cpe.is_none() => cpe = Some(locator.to_owned()),
            _ if purl.is_some() => {}
            _ if kind == "purl" || locator.starts_with("pkg:") => {
                purl = notices.purl(locator, &place_of_locator);
            }
            _ => purl = by_package_manager(kind, locator),
        }
    });
    (purl, cpe)
}

/// Package URLs from the reference types that SPDX had before: `npm`, `maven-central`, `nuget`.
fn by_package_manager(kind: &str, locator: &str) -> Option<Purl> {
    let (kind, namespace, name, version) = match kind {
        "npm" => {
            let (path, version) = locator.rsplit_once('@').filter(|(path, _)| !path.is_empty())?;
            let (scope, name) = path.rsplit_once('/').unwrap_or(("", path));
            ("npm", scope, name, version)
        }
        "maven-central" => {
            let mut parts = locator.splitn(3, ':');
            (
                "maven",
                parts.next()?,
                parts.next()?,
                parts.next().unwrap_or_default(),
            )
        }
        "nuget" => {
            let (name, version) = locator.split_once('/').unwrap_or((locator, ""));
            ("nuget", "", name, version)
        }
        _ => return None,
    };
    let parts = PurlParts {
        kind,
        namespace: Some(namespace),
        name,
        version: Some(version),
        ..PurlParts::default()
    };
    Purl::from_parts(&parts).ok()
}

fn read_licenses(
    package: &model::Package<'_>,
    extracted: &Extracted<'_>,
    place: &Place<'_>,
    notices: &mut Notices,
) -> Vec<LicenseClaim> {
    let declared = notices.text(&package.license_declared, &place.key("licenseDeclared"));
    let concluded = notices.text(&package.license_concluded, &place.key("licenseConcluded"));
    let claim = |source, text: Option<&str>| licenses::claim(source, &licenses::resolve(text?, extracted));
    [
        claim(LicenseSource::Declared, declared),
        claim(LicenseSource::Concluded, concluded),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn hashes(package: &model::Package<'_>, place: &Place<'_>, notices: &mut Notices) -> Vec<Hash> {
    let place = place.key("checksums");
    let mut hashes = Vec::new();
    notices.each(&package.checksums, &place, |checksum, place, notices| {
        let algorithm = notices.text(&checksum.algorithm, &place.key("algorithm"));
        let value = notices.text(&checksum.value, &place.key("checksumValue"));
        let hash = algorithm
            .zip(value)
            .and_then(|(alg, value)| notices.hash(alg, value, place));
        extend_distinct(&mut hashes, hash);
    });
    hashes
}

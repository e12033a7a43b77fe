//! One package.

use std::borrow::Cow;

use super::super::super::write::{carried, full_name, text};
use super::super::super::{facts as package_facts, provenance, source_package};
use super::document::{self, Document};
use super::model::{Checksum, ExternalRef, NO_ASSERTION, Package};
use crate::{
    Component, ComponentId, ComponentKind, Details, ExternalReference, Hash, LicenseSource, Property, Scope,
    Source, SourcePackage, VexStatement,
};
use carried::Fact;

/// Names of SPDX, those of the model and the length of a value in digits.
const ALGORITHMS: &[(&str, &str, usize)] = &[
    ("SHA1", "SHA-1", 40),
    ("SHA224", "SHA-224", 56),
    ("SHA256", "SHA-256", 64),
    ("SHA384", "SHA-384", 96),
    ("SHA512", "SHA-512", 128),
    ("SHA3-256", "SHA3-256", 64),
    ("SHA3-384", "SHA3-384", 96),
    ("SHA3-512", "SHA3-512", 128),
    ("BLAKE2b-256", "BLAKE2B-256", 64),
    ("BLAKE2b-384", "BLAKE2B-384", 96),
    ("BLAKE2b-512", "BLAKE2B-512", 128),
    ("BLAKE3", "BLAKE3", 64),
    ("MD2", "MD2", 32),
    ("MD4", "MD4", 32),
    ("MD5", "MD5", 32),
    ("ADLER32", "ADLER32", 8),
];
/// Types that the categories of SPDX define; any other is of category `OTHER`.
const REFERENCE_TYPES: &[(&str, &[&str])] = &[
    ("SECURITY", &["advisory", "fix", "url", "swid"]),
    ("PACKAGE-MANAGER", &["maven-central", "npm", "nuget", "bower"]),
    ("PERSISTENT-ID", &["swh", "gitoid"]),
];

pub(super) fn of<'d>(id: ComponentId, component: &'d Component, document: &'d Document<'_>) -> Package<'d> {
    static NONE: std::sync::LazyLock<Details> = std::sync::LazyLock::new(Details::default);
    let details = component.details.as_deref().unwrap_or(&NONE);
    let location = download_location(component, details);
    let facts = facts(id, component, details, &location, document);
    Package {
        name: full_name(component),
        id: document.id(id),
        version_info: component.version.as_deref(),
        package_file_name: told(details, "packageFileName").next(),
        supplier: component
            .supplier
            .as_deref()
            .and_then(|name| document::named_party(name, details.supplier.as_ref())),
        originator: details.manufacturer.as_ref().and_then(document::party),
        download_location: location,
        files_analyzed: false,
        checksums: component.hashes.iter().filter_map(checksum).collect(),
        homepage: homepage(details),
        source_info: source_info(component, details),
        license_concluded: document
            .licenses
            .expression(&component.licenses, LicenseSource::Concluded),
        license_declared: document
            .licenses
            .expression(&component.licenses, LicenseSource::Declared),
        copyright_text: details.copyright.as_deref().unwrap_or(NO_ASSERTION),
        description: details.description.as_deref(),
        external_refs: external_refs(id, component, details, document),
        primary_package_purpose: purpose(component.kind),
        comment: carried::comment(told(details, "comment").next(), &facts),
        attribution_texts: told(details, "attributionText").collect(),
    }
}

const fn purpose(kind: ComponentKind) -> &'static str {
    match kind {
        ComponentKind::Application => "APPLICATION",
        ComponentKind::Framework => "FRAMEWORK",
        ComponentKind::Library => "LIBRARY",
        ComponentKind::Container => "CONTAINER",
        ComponentKind::OperatingSystem => "OPERATING_SYSTEM",
        ComponentKind::Firmware => "FIRMWARE",
        ComponentKind::Device => "DEVICE",
        ComponentKind::File => "FILE",
        ComponentKind::Data | ComponentKind::Other => "OTHER",
    }
}

fn checksum(hash: &Hash) -> Option<Checksum<'_>> {
    let (algorithm, ..) = ALGORITHMS.iter().find(|(_, name, length)| {
        name.eq_ignore_ascii_case(&hash.algorithm) && *length == hash.value.len()
    })?;
    Some(Checksum {
        algorithm,
        checksum_value: &hash.value,
    })
}

/// Where the document proves that the package comes from, else where it says that it can be had.
fn download_location<'d>(component: &'d Component, details: &'d Details) -> Cow<'d, str> {
    let proven = match &component.source {
        Source::Git(url) | Source::Url(url) => Some(url.as_str()),
        _ => None,
    };
    let told = details
        .external_references
        .iter()
        .filter(|reference| reference.kind == "distribution")
        .map(|reference| reference.url.as_str());
    let location = proven.into_iter().chain(told).find(|url| is_location(url));
    Cow::Borrowed(location.unwrap_or(NO_ASSERTION))
}

fn is_location(url: &str) -> bool {
    let web = url.strip_prefix("git+").unwrap_or(url);
    let web = web
        .strip_prefix("git://")
        .or_else(|| web.strip_prefix("ssh://"))
        .map_or(Cow::Borrowed(web), |rest| Cow::Owned(format!("https://{rest}")));
    text::is_web_address(&web)
}

fn homepage(details: &Details) -> Option<&str> {
    details
        .external_references
        .iter()
        .find(|reference| reference.kind == "website" && text::is_web_address(&reference.url))
        .map(|reference| reference.url.as_str())
}

/// What the document said in a field of SPDX that the model keeps as a property.
fn told<'d>(details: &'d Details, field: &'static str) -> impl Iterator<Item = &'d str> {
    let named = move |property: &&'d Property| property.name.strip_prefix("spdx:") == Some(field);
    details
        .properties
        .iter()
        .filter(named)
        .filter_map(|property| property.value.as_deref())
}

/// As the document said it; else, where the package URL does not tell what a package was built from, that in the words
/// that the readers of SPDX know from Trivy.
fn source_info<'d>(component: &'d Component, details: &'d Details) -> Option<Cow<'d, str>> {
    if let Some(text) = told(details, "sourceInfo").next() {
        return Some(Cow::Borrowed(text));
    }
    let package = component.source_package.as_ref()?;
    let words = match &package.version {
        Some(version) => format!("built package from: {} {version}", package.name),
        None => format!("built package from: {}", package.name),
    };
    (built_from(component, None).as_ref() != Some(package)).then_some(Cow::Owned(words))
}

/// What a reader sees of the source package.
fn built_from(component: &Component, source_info: Option<&str>) -> Option<SourcePackage> {
    let purl = component.purl.as_ref()?;
    source_package::source_package(purl, |_| None)
        .or_else(|| source_info.and_then(source_package::by_source_info))
}

fn external_refs<'d>(
    id: ComponentId,
    component: &'d Component,
    details: &'d Details,
    document: &'d Document<'_>,
) -> Vec<ExternalRef<'d>> {
    let mut refs = Vec::new();
    let purl = component.purl.as_ref().map(ToString::to_string);
    refs.extend(purl.map(|purl| reference("PACKAGE-MANAGER", "purl", Cow::Owned(purl))));
    refs.extend(
        component
            .cpe
            .iter()
            .chain(&details.more_cpes)
            .filter_map(|cpe| cpe_ref(cpe)),
    );
    refs.extend(
        details
            .swid
            .iter()
            .filter(|swid| !has_space(&swid.tag_id))
            .map(|swid| reference("SECURITY", "swid", Cow::Owned(format!("swid:{}", swid.tag_id)))),
    );
    let (home, location) = (homepage(details), download_location(component, details));
    let is_said = |other: &&ExternalReference| {
        let url = Some(other.url.as_str());
        other.category.is_none()
            && match other.kind.as_str() {
                "website" => url == home,
                "distribution" => url == Some(location.as_ref()),
                _ => false,
            }
    };
    let others = details.external_references.iter().filter(|other| !is_said(other));
    refs.extend(others.filter_map(other_ref));
    let findings = document.findings.get(&id).into_iter().flatten();
    refs.extend(findings.filter_map(|finding| finding_ref(finding)));
    refs
}

const fn reference<'d>(category: &'d str, kind: &'d str, locator: Cow<'d, str>) -> ExternalRef<'d> {
    ExternalRef {
        reference_category: category,
        reference_type: kind,
        reference_locator: locator,
        comment: None,
    }
}

fn cpe_ref(cpe: &str) -> Option<ExternalRef<'_>> {
    let kind = if text::is_cpe23(cpe) {
        "cpe23Type"
    } else if text::is_cpe22(cpe) {
        "cpe22Type"
    } else {
        return None;
    };
    Some(reference("SECURITY", kind, Cow::Borrowed(cpe)))
}

fn has_space(text: &str) -> bool {
    text.contains(char::is_whitespace)
}

/// An address as the model keeps it; purl, CPE and SWID are written from their own fields.
fn other_ref(other: &ExternalReference) -> Option<ExternalRef<'_>> {
    if matches!(other.kind.as_str(), "purl" | "cpe23Type" | "cpe22Type" | "swid") || has_space(&other.kind) {
        return None;
    }
    let category = other
        .category
        .as_deref()
        .map(|category| category.replace('_', "-"));
    let known = REFERENCE_TYPES
        .iter()
        .find(|(name, kinds)| category.as_deref() == Some(*name) && kinds.contains(&other.kind.as_str()));
    let locator = if known.is_some() && !has_space(&other.url) {
        Cow::Borrowed(other.url.as_str())
    } else {
        text::uri_reference(&other.url)
    };
    let mut reference = reference(known.map_or("OTHER", |(name, _)| name), &other.kind, locator);
    reference.comment = other.comment.as_deref().map(Cow::Borrowed);
    Some(reference)
}

/// A finding where SPDX 2.3 keeps advisories; without an address, under its id.
fn finding_ref(finding: &VexStatement) -> Option<ExternalRef<'_>> {
    let addresses = finding
        .advisories
        .iter()
        .chain(&finding.source)
        .filter_map(|link| link.url.as_deref());
    let mut reference = match addresses.into_iter().find(|url| text::is_web_address(url)) {
        Some(url) => reference("SECURITY", "advisory", Cow::Borrowed(url)),
        None if finding.id.is_empty() || has_space(&finding.id) => return None,
        None => reference("OTHER", "vulnerability", Cow::Borrowed(finding.id.as_str())),
    };
    reference.comment = Some(Cow::Owned(finding_words(finding)));
    Some(reference)
}

/// `CVE-2024-1 (GHSA-…), critical 9.8: not affected`.
fn finding_words(finding: &VexStatement) -> String {
    let mut words = finding.id.clone();
    if !finding.aliases.is_empty() {
        words = format!("{words} ({})", finding.aliases.join(", "));
    }
    let rating = finding.ratings.first();
    if let Some(severity) = rating.and_then(|rating| rating.severity.as_deref()) {
        let score = rating.and_then(|rating| rating.score);
        words = format!(
            "{words}, {severity}{}",
            score.map(|score| format!(" {score}")).unwrap_or_default()
        );
    }
    let analysis = finding.analysis.as_ref();
    match analysis.and_then(|analysis| analysis.state.as_deref()) {
        Some(state) => format!("{words}: {}", state.replace('_', " ")),
        None => words,
    }
}

/// What the fields above do not hold.
fn facts(
    id: ComponentId,
    component: &Component,
    details: &Details,
    location: &str,
    document: &Document<'_>,
) -> Vec<Fact> {
    let mut facts = Vec::new();
    facts.extend(is_scope_unsaid(id, component.scope, document).then(|| carried::scope(component.scope)));
    facts.extend((component.kind == ComponentKind::Data).then(|| carried::kind(component.kind)));
    let folder = told(details, "packageFileName").next();
    let evident = provenance::source(component.purl.as_ref(), [location], folder) == component.source;
    facts.extend(carried::source(&component.source).filter(|_| !evident));
    facts.extend(
        component
            .hashes
            .iter()
            .filter(|hash| checksum(hash).is_none())
            .map(carried::hash),
    );
    let source_info = source_info(component, details);
    let seen = built_from(component, source_info.as_deref());
    let built_from = component.source_package.as_ref();
    facts.extend(
        built_from
            .filter(|package| seen.as_ref() != Some(*package))
            .map(carried::source_package),
    );
    let odd = component
        .cpe
        .iter()
        .chain(&details.more_cpes)
        .filter(|cpe| !text::is_cpe(cpe));
    facts.extend(odd.map(|cpe| carried::cpe(cpe)));
    facts.extend(details.version_range.as_deref().map(carried::version_range));
    // SPDX has no properties, so whatever others said of these stays behind.
    facts.extend(package_facts::to_properties(&component.facts, |_| None));
    facts
}

/// Relationships say a scope only where there are some, and never `excluded`.
fn is_scope_unsaid(id: ComponentId, scope: Scope, document: &Document<'_>) -> bool {
    match scope {
        Scope::Required => false,
        Scope::Excluded => true,
        Scope::Optional | Scope::Dev => !document.needed.contains(&id),
    }
}

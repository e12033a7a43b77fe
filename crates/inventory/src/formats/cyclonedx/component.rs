//! One component, without what it contains.

use super::details::{self, properties};
use super::{license, model};
use crate::formats::lenient::{Field, Text};
use crate::formats::notices::Notices;
use crate::formats::place::Place;
use crate::formats::{LONGEST_VALUE, facts, ownership, provenance, source_package};
use crate::{Component, ComponentKind, Purl, Scope};

pub(super) fn read(component: &model::Component<'_>, place: &Place<'_>, notices: &mut Notices) -> Component {
    let mut text = |field, key| notices.text(field, &place.key(key)).map(str::to_owned);
    let bom_ref = text(&component.bom_ref, "bom-ref");
    let group = text(&component.group, "group");
    let name = text(&component.name, "name");
    let version = text(&component.version, "version");
    let cpe = text(&component.cpe, "cpe");
    let purl = purl(component, place, notices);
    let properties = properties(&component.properties, &place.key("properties"), notices);
    let property = |key: &str| properties.iter().find(|(name, _)| *name == key)?.1;
    let locations = locations(component, place, notices);
    let cargo_ref = bom_ref
        .as_deref()
        .filter(|_| purl.as_ref().is_some_and(|purl| purl.kind() == "cargo"));
    Component {
        kind: kind(component, place, notices),
        group,
        name: name.unwrap_or_else(|| notices.unnamed(purl.as_ref(), place)),
        version: version.or_else(|| purl.as_ref()?.version().map(str::to_owned)),
        cpe,
        scope: scope(component, &properties, place, notices),
        licenses: license::read_all(&component.licenses, &place.key("licenses"), notices),
        hashes: details::hashes(&component.hashes, &place.key("hashes"), notices),
        supplier: supplier(component, place, notices),
        source: provenance::source(
            purl.as_ref(),
            locations.into_iter().chain(cargo_ref),
            property(provenance::FOLDER),
        ),
        source_package: purl
            .as_ref()
            .and_then(|purl| source_package::source_package(purl, property)),
        facts: facts::of_properties(property),
        owned_by: None,
        // Without a `bom-ref`, dependencies can only name a component by its package URL as written.
        reference: bom_ref.or_else(|| text_of(&component.purl)).unwrap_or_default(),
        purl,
        parent: None,
        details: details::read(component, &properties, place, notices).boxed(),
        installation: None,
    }
}

/// Whether the component says that it lies where the operating system installs its own packages.
pub(super) fn lies_in_system(component: &model::Component<'_>, place: &Place<'_>) -> bool {
    // What is wrong with the properties was said when they were read.
    let properties = properties(
        &component.properties,
        &place.key("properties"),
        &mut Notices::default(),
    );
    ownership::lies_in_system(&properties)
}

fn text_of(field: &Text<'_>) -> Option<String> {
    match field {
        Field::Is(text) => Some(text.trim().to_owned()),
        _ => None,
    }
}

fn purl(component: &model::Component<'_>, place: &Place<'_>, notices: &mut Notices) -> Option<Purl> {
    let place = place.key("purl");
    let text = notices.text(&component.purl, &place)?;
    notices.purl(text, &place)
}

fn kind(component: &model::Component<'_>, place: &Place<'_>, notices: &mut Notices) -> ComponentKind {
    match notices
        .text(&component.kind, &place.key("type"))
        .unwrap_or("library")
    {
        "application" | "platform" => ComponentKind::Application,
        "framework" => ComponentKind::Framework,
        "library" => ComponentKind::Library,
        "container" => ComponentKind::Container,
        "operating-system" => ComponentKind::OperatingSystem,
        "firmware" => ComponentKind::Firmware,
        "device" | "device-driver" => ComponentKind::Device,
        "file" => ComponentKind::File,
        "data" | "machine-learning-model" => ComponentKind::Data,
        _ => ComponentKind::Other,
    }
}

fn scope(
    component: &model::Component<'_>,
    properties: &[(&str, Option<&str>)],
    place: &Place<'_>,
    notices: &mut Notices,
) -> Scope {
    let place = place.key("scope");
    let stated = match notices.text(&component.scope, &place) {
        None | Some("required") => Scope::Required,
        Some("optional") => Scope::Optional,
        Some("excluded") => Scope::Excluded,
        Some(other) => {
            notices.warn(
                "unknown_scope",
                &place,
                format_args!("`{other}` is no scope; read as required"),
            );
            Scope::Required
        }
    };
    let dev = properties
        .iter()
        .any(|(name, value)| says_dev(name, value.unwrap_or_default()));
    if dev { stated.max(Scope::Dev) } else { stated }
}

/// Properties of the CycloneDX taxonomy that mark development dependencies: `cdx:npm:package:development`,
/// `cdx:composer:package:isDevRequirement`, `cdx:poetry:group`, `cdx:pipenv:category`, `cdx:maven:component_scope`.
fn says_dev(name: &str, value: &str) -> bool {
    let Some((_, last)) = name.strip_prefix("cdx:").and_then(|name| name.rsplit_once(':')) else {
        return false;
    };
    match last {
        "development" | "dev" | "isDevRequirement" => value.eq_ignore_ascii_case("true"),
        "group" | "category" => matches!(value, "dev" | "develop" | "development" | "test" | "tests"),
        "component_scope" => value == "test",
        _ => false,
    }
}

/// Where the package was, or can be, fetched.
fn locations<'c>(
    component: &'c model::Component<'_>,
    place: &Place<'_>,
    notices: &mut Notices,
) -> Vec<&'c str> {
    let place = place.key("externalReferences");
    let mut urls = Vec::new();
    notices.each(
        &component.external_references,
        &place,
        |reference, place, notices| {
            if notices.text(&reference.kind, &place.key("type")) == Some("distribution") {
                urls.extend(notices.text(&reference.url, &place.key("url")));
            }
        },
    );
    urls
}

/// The name of the supplier alone; what else is known of it is a detail.
fn supplier(component: &model::Component<'_>, place: &Place<'_>, notices: &mut Notices) -> Option<String> {
    let place = place.key("supplier");
    let supplier = notices.rare(&component.supplier, &place)?;
    notices.owned(&supplier.name, &place.key("name"), LONGEST_VALUE)
}

//! One package.

use super::{model, package_manager};
use crate::formats::lenient::Text;
use crate::formats::licenses::{self, Extracted};
use crate::formats::notices::Notices;
use crate::formats::place::Place;
use crate::formats::write::carried;
use crate::formats::{LONGEST_TEXT, LONGEST_VALUE, cut, extend_distinct, provenance, source_package};
use crate::{
    Component, ComponentKind, Contact, Details, ExternalReference, Hash, LicenseClaim, LicenseDetails,
    LicenseForm, LicenseSource, Party, Property, Purl, Scope, Swid,
};

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
    let supplier = text(&package.supplier, "supplier").and_then(party);
    let location = text(&package.download_location, "downloadLocation");
    let folder = text(&package.file_name, "packageFileName");
    let source_info = text(&package.source_info, "sourceInfo");
    let References { purl, cpe, details } = external_refs(package, place, notices);
    let built_from = || source_info.and_then(source_package::by_source_info);
    Component {
        reference: id.unwrap_or_default().to_owned(),
        kind: kind(package, place, notices),
        group: None,
        name: name.map_or_else(|| notices.unnamed(purl.as_ref(), place), str::to_owned),
        version: version.or_else(|| purl.as_ref()?.version()).map(str::to_owned),
        cpe,
        scope: Scope::default(),
        licenses: read_licenses(package, extracted, place, notices),
        hashes: hashes(package, place, notices),
        supplier: supplier.as_ref().and_then(|party| party.name.clone()),
        source: provenance::source(purl.as_ref(), location, folder),
        source_package: purl
            .as_ref()
            .and_then(|purl| source_package::source_package(purl, |_| None).or_else(built_from)),
        purl,
        parent: None,
        details: read_details(package, supplier, details, place, notices).boxed(),
        owned_by: None,
        installation: None,
        facts: crate::PackageFacts::default(),
    }
}

fn read_details(
    package: &model::Package<'_>,
    supplier: Option<Party>,
    found: Details,
    place: &Place<'_>,
    notices: &mut Notices,
) -> Details {
    let mut text = |field, key, most| {
        let text = notices.owned(field, &place.key(key), most);
        text.filter(|text| !matches!(text.as_str(), "NOASSERTION" | "NONE"))
    };
    let description = text(&package.description, "description", LONGEST_TEXT);
    let summary = text(&package.summary, "summary", LONGEST_TEXT);
    let copyright = text(&package.copyright, "copyrightText", LONGEST_TEXT);
    let originator = text(&package.originator, "originator", LONGEST_VALUE);
    let homepage = text(&package.homepage, "homepage", LONGEST_VALUE);
    let location = text(&package.download_location, "downloadLocation", LONGEST_VALUE);
    let file_name = text(&package.file_name, "packageFileName", LONGEST_VALUE);
    let source_info = text(&package.source_info, "sourceInfo", LONGEST_VALUE);
    let mut details = Details {
        description: description.or(summary),
        copyright,
        manufacturer: originator.as_deref().and_then(party),
        supplier: supplier.filter(|party| party.is_person || !party.contacts.is_empty()),
        ..found
    };
    for (kind, url) in [("website", homepage), ("distribution", location)] {
        let reference = url.map(|url| ExternalReference {
            kind: kind.to_owned(),
            url,
            ..ExternalReference::default()
        });
        details.external_references.extend(reference);
    }
    // Our facts stand below what may be too long.
    let place_of_comment = place.key("comment");
    let comment = asserted(notices, &package.comment, &place_of_comment);
    let (comment, carried) = comment.map_or((None, Vec::new()), carried::split_comment);
    let comment = comment.map(|comment| notices.cut(&comment, &place_of_comment, LONGEST_VALUE));
    for mut fact in carried {
        fact.value = fact.value.map(|value| cut(&value, LONGEST_VALUE).to_owned());
        notices.keep(&mut details.properties, fact, &place_of_comment);
    }
    for (name, value) in [
        ("spdx:packageFileName", file_name),
        ("spdx:sourceInfo", source_info),
        ("spdx:comment", comment),
    ] {
        details.properties.extend(value.map(|value| Property {
            name: name.to_owned(),
            value: Some(value),
        }));
    }
    for text in notices.texts(
        &package.attribution,
        &place.key("attributionTexts"),
        LONGEST_VALUE,
    ) {
        details.properties.push(Property {
            name: "spdx:attributionText".to_owned(),
            value: Some(text),
        });
    }
    details
}

/// A text that says something.
fn asserted<'d>(notices: &mut Notices, field: &'d Text<'_>, place: &Place<'_>) -> Option<&'d str> {
    let text = notices.text(field, place)?;
    Some(text).filter(|text| !matches!(*text, "NOASSERTION" | "NONE"))
}

/// `Organization: Debian (security@example.org)`.
pub(super) fn party(text: &str) -> Option<Party> {
    let is_person = text.starts_with("Person:");
    let name = ["Organization:", "Person:"]
        .iter()
        .find_map(|prefix| text.strip_prefix(prefix));
    let name = name.unwrap_or(text).trim();
    let (name, email) = match name.strip_suffix(')').and_then(|name| name.rsplit_once('(')) {
        Some((name, email)) => (name.trim(), Some(email.trim()).filter(|email| !email.is_empty())),
        None => (name, None),
    };
    let name = Some(name).filter(|name| !name.is_empty() && *name != "NOASSERTION");
    let contacts = email.map(|email| Contact {
        email: Some(email.to_owned()),
        ..Contact::default()
    });
    let party = Party {
        name: name.map(str::to_owned),
        is_person,
        urls: Vec::new(),
        contacts: contacts.into_iter().collect(),
    };
    (party.name.is_some() || !party.contacts.is_empty()).then_some(party)
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

/// What the external references of a package come to.
#[derive(Default)]
struct References {
    /// The first package URL, or else what another reference proves.
    purl: Option<Purl>,
    /// The first CPE; the others are details.
    cpe: Option<String>,
    details: Details,
}

fn external_refs(package: &model::Package<'_>, place: &Place<'_>, notices: &mut Notices) -> References {
    let place = place.key("externalRefs");
    let mut found = References::default();
    let mut recovered = None;
    notices.each(&package.external_refs, &place, |reference, place, notices| {
        let place_of_locator = place.key("referenceLocator");
        let kind = asserted(notices, &reference.kind, &place.key("referenceType"));
        let locator = asserted(notices, &reference.locator, &place_of_locator);
        let (Some(kind), Some(locator)) = (kind, locator) else {
            return;
        };
        match kind {
            "cpe23Type" | "cpe22Type" | "cpe23" | "cpe22" => {
                let cpe = cut(locator, LONGEST_VALUE).to_owned();
                match &found.cpe {
                    None => found.cpe = Some(cpe),
                    Some(_) => notices.keep(&mut found.details.more_cpes, cpe, place),
                }
            }
            "swid" => found.details.swid = found.details.swid.take().or_else(|| swid(locator)),
            _ if kind == "purl" || locator.starts_with("pkg:") => {
                if found.purl.is_none() {
                    found.purl = notices.purl(locator, &place_of_locator);
                }
            }
            _ => {
                recovered = recovered.take().or_else(|| package_manager::purl(kind, locator));
                let kept = ExternalReference {
                    kind: cut(kind, LONGEST_VALUE).to_owned(),
                    category: notices.owned(
                        &reference.category,
                        &place.key("referenceCategory"),
                        LONGEST_VALUE,
                    ),
                    url: cut(locator, LONGEST_VALUE).to_owned(),
                    comment: notices.owned(&reference.comment, &place.key("comment"), LONGEST_TEXT),
                    hashes: Vec::new(),
                };
                notices.keep(&mut found.details.external_references, kept, place);
            }
        }
    });
    found.purl = found.purl.or(recovered);
    found
}

fn swid(locator: &str) -> Option<Swid> {
    let id = locator.strip_prefix("swid:").unwrap_or(locator);
    (!id.is_empty()).then(|| Swid {
        tag_id: cut(id, LONGEST_VALUE).to_owned(),
        ..Swid::default()
    })
}

fn read_licenses(
    package: &model::Package<'_>,
    extracted: &Extracted<'_>,
    place: &Place<'_>,
    notices: &mut Notices,
) -> Vec<LicenseClaim> {
    let declared = notices.text(&package.license_declared, &place.key("licenseDeclared"));
    let concluded = notices.text(&package.license_concluded, &place.key("licenseConcluded"));
    let claim = |source, text: Option<&str>| {
        let text = text?;
        let resolved = licenses::resolve(text, extracted);
        let mut claim = licenses::claim(source, LicenseForm::Expression, &resolved)?;
        if resolved != text {
            claim.details = Some(Box::new(LicenseDetails {
                written: Some(cut(text, LONGEST_VALUE).to_owned()),
                ..LicenseDetails::default()
            }));
        }
        Some(claim)
    };
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

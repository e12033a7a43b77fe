//! From an SPDX 2 document, however it was spelled, to an inventory.

pub(super) mod model;
mod package;
mod package_manager;
pub(super) mod rdf;
mod relationship;
pub(super) mod tag_value;
pub(super) mod tree;
pub(super) mod write;

use super::assembly::Assembly;
use super::lenient::essential;
use super::licenses::Extracted;
use super::notices::Notices;
use super::place::Place;
use super::write::carried;
use super::{LONGEST_TEXT, LONGEST_VALUE, Limits, ReadError};
use crate::{ComponentId, ExtractedLicense, Inventory, LONGEST_LICENSE_TEXT, Metadata, Notice};
use model::Document;

/// Versions whose every field that matters here is known. 2.1 had fewer types of relationships.
const KNOWN: &[&str] = &[
    "SPDX-2.1",
    "SPDX-2.2",
    "SPDX-2.2.1",
    "SPDX-2.2.2",
    "SPDX-2.3",
    "SPDX-3.0.0",
    "SPDX-3.0.1",
];
/// The document's own identity when it does not give one.
const DOCUMENT: &str = "SPDXRef-DOCUMENT";
/// Longest text of a license that can serve as its name.
const LONGEST_NAME: usize = 100;

/// `encoding` is the last word of [`Inventory::format`]: `JSON`, `YAML`.
pub(super) fn assemble(
    document: &Document<'_>,
    encoding: &str,
    limits: &Limits,
) -> Result<(Inventory, Vec<Notice>), ReadError> {
    let mut assembly = Assembly::new(limits);
    for remark in &document.remarks {
        let place = Place::ROOT.at(remark.mark);
        assembly
            .notices
            .warn(remark.code, &place, format_args!("{}", remark.text));
    }
    read_head(document, encoding, &mut assembly)?;
    read_creation(document, &mut assembly);
    read_others(document, &mut assembly);
    read_packages(document, &mut assembly)?;
    let described = relationship::read_all(document, &mut assembly)?;
    assembly.inventory.root = root(described, &mut assembly.notices);
    read_vulnerabilities(document, &mut assembly);
    Ok(assembly.finish("relationships"))
}

fn read_head(document: &Document<'_>, encoding: &str, assembly: &mut Assembly<'_>) -> Result<(), ReadError> {
    let place = Place::ROOT.key("spdxVersion");
    let version = assembly
        .notices
        .text(&document.spdx_version, &place)
        .unwrap_or_default();
    let number = version.strip_prefix("SPDX-");
    let Some(number) = number.filter(|number| number.starts_with("2.") || number.starts_with("3.")) else {
        let message = format!("`{version}` is no version of SPDX 2 or 3; convert the document to SPDX 2.3");
        return Err(ReadError::unsupported_version(message).at(&place));
    };
    if !KNOWN.contains(&version) {
        let text = format_args!("SPDX {number} is not known; it was read as the newest that is");
        assembly.notices.warn("unknown_version", &place, text);
    }
    assembly.inventory.format = format!("SPDX {number} {encoding}");
    let namespace = assembly
        .notices
        .text(&document.namespace, &Place::ROOT.key("documentNamespace"));
    assembly.inventory.serial = namespace.map(str::to_owned);
    Ok(())
}

fn read_creation(document: &Document<'_>, assembly: &mut Assembly<'_>) {
    let root = Place::ROOT;
    let mut metadata = Metadata {
        name: assembly
            .notices
            .owned(&document.name, &root.key("name"), LONGEST_VALUE),
        data_license: assembly
            .notices
            .owned(&document.data_license, &root.key("dataLicense"), LONGEST_VALUE),
        comment: assembly
            .notices
            .owned(&document.comment, &root.key("comment"), LONGEST_TEXT),
        ..Metadata::default()
    };
    let place = root.key("creationInfo");
    if let Some(creation) = assembly.notices.record(&document.creation, &place) {
        assembly.inventory.created =
            assembly
                .notices
                .owned(&creation.created, &place.key("created"), LONGEST_VALUE);
        let comment = assembly
            .notices
            .owned(&creation.comment, &place.key("comment"), LONGEST_TEXT);
        metadata.comment = metadata.comment.or(comment);
        let place = place.key("creators");
        for creator in assembly.notices.texts(&creation.creators, &place, LONGEST_VALUE) {
            read_creator(&creator, &mut metadata, &mut assembly.inventory.tools);
        }
    }
    assembly.inventory.metadata = metadata.boxed();
}

/// `Tool: syft-1.18.1`, `Person: Ann (ann@example.org)`, `Organization: Example`.
fn read_creator(creator: &str, metadata: &mut Metadata, tools: &mut Vec<String>) {
    if let Some(tool) = creator.strip_prefix("Tool:") {
        tools.push(tool_name(tool));
    } else if let Some(party) = package::party(creator) {
        if party.is_person {
            let mut contact = party.contacts.into_iter().next().unwrap_or_default();
            contact.name = contact.name.or(party.name);
            metadata.authors.push(contact);
        } else {
            metadata.organizations.push(party);
        }
    }
}

/// `syft-1.18.1` is `syft 1.18.1`; a dash that no version follows belongs to the name.
fn tool_name(text: &str) -> String {
    let text = text.trim();
    let is_version = |text: &str| {
        text.trim_start_matches('v')
            .starts_with(|c: char| c.is_ascii_digit())
    };
    match text.rsplit_once('-') {
        Some((name, version)) if is_version(version) => format!("{name} {version}"),
        _ => text.to_owned(),
    }
}

/// What relationships may name besides packages.
fn read_others(document: &Document<'_>, assembly: &mut Assembly<'_>) {
    let id = assembly.notices.text(&document.id, &Place::ROOT.key("SPDXID"));
    assembly.add_other(id.unwrap_or(DOCUMENT));
    let mut ids = Vec::new();
    let notices = &mut assembly.notices;
    notices.each(
        &document.files,
        &Place::ROOT.key("files"),
        |file, place, notices| {
            ids.extend(notices.text(&file.id, &place.at(file.mark).key("SPDXID")));
        },
    );
    notices.each(
        &document.snippets,
        &Place::ROOT.key("snippets"),
        |snippet, place, notices| {
            ids.extend(notices.text(&snippet.id, &place.at(snippet.mark).key("SPDXID")));
        },
    );
    ids.into_iter().for_each(|id| assembly.add_other(id));
}

fn read_packages(document: &Document<'_>, assembly: &mut Assembly<'_>) -> Result<(), ReadError> {
    let place = Place::ROOT.key("packages");
    let packages = essential(&document.packages, &place)?;
    assembly.inventory.extracted_licenses = extracted(document, &mut assembly.notices);
    let licenses = std::mem::take(&mut assembly.inventory.extracted_licenses);
    let names = names(&licenses);
    for (index, package) in packages.iter().enumerate() {
        let place = place.index(index);
        if let Some(package) = assembly.notices.record(package, &place) {
            let place = place.at(package.mark);
            let mut component = package::read(package, &names, &place, &mut assembly.notices);
            carried::take(&mut component);
            assembly.add(component, &place)?;
        }
    }
    assembly.inventory.extracted_licenses = licenses;
    Ok(())
}

/// The licenses that the document defines.
fn extracted(document: &Document<'_>, notices: &mut Notices) -> Vec<ExtractedLicense> {
    let mut licenses = Vec::new();
    let place = Place::ROOT.key("hasExtractedLicensingInfos");
    notices.each(&document.extracted, &place, |license, place, notices| {
        let place = place.at(license.mark);
        let mut text = |field, key, most| {
            let text = notices.owned(field, &place.key(key), most);
            text.filter(|text| text != "NOASSERTION")
        };
        let id = text(&license.id, "licenseId", LONGEST_VALUE);
        let name = text(&license.name, "name", LONGEST_VALUE);
        let full = text(&license.text, "extractedText", LONGEST_LICENSE_TEXT);
        let comment = text(&license.comment, "comment", LONGEST_TEXT);
        licenses.extend(id.map(|id| ExtractedLicense {
            id,
            name,
            text: full,
            comment,
            see_also: notices.texts(&license.see_also, &place.key("seeAlsos"), LONGEST_VALUE),
        }));
    });
    licenses
}

/// What these licenses are called: their names, or their texts where these are short.
fn names(licenses: &[ExtractedLicense]) -> Extracted<'_> {
    let name = |license: &'_ ExtractedLicense| {
        let is_short = |text: &&str| text.len() <= LONGEST_NAME && !text.contains('\n');
        let short = license.text.as_deref().filter(is_short);
        license.name.as_deref().or(short).map(str::to_owned)
    };
    licenses
        .iter()
        .filter_map(|license| Some((license.id.as_str(), name(license)?)))
        .collect()
}

/// Finds the components that the statements are about.
fn read_vulnerabilities(document: &Document<'_>, assembly: &mut Assembly<'_>) {
    let mut statements = document.vulnerabilities.clone();
    for subject in statements.iter_mut().flat_map(|statement| &mut statement.affects) {
        subject.component = assembly.find(&subject.reference);
    }
    assembly.inventory.vulnerabilities = statements;
}

/// The one package that the document describes; several are no product.
fn root(mut described: Vec<ComponentId>, notices: &mut Notices) -> Option<ComponentId> {
    described.sort_unstable();
    described.dedup();
    match described.as_slice() {
        [root] => Some(*root),
        [] => {
            let text = format_args!("the document does not name the package that it describes");
            notices.info("no_root", &Place::ROOT, text);
            None
        }
        several => {
            let count = several.len();
            let text = format_args!(
                "the document describes {count} packages; none of them was taken for the product"
            );
            notices.info("several_roots", &Place::ROOT, text);
            None
        }
    }
}

//! From an SPDX 2 document, however it was spelled, to an inventory.

mod model;
mod package;
mod relationship;
pub(super) mod write;

use super::assembly::Assembly;
use super::lenient::{Record, essential};
use super::licenses::Extracted;
use super::notices::Notices;
use super::place::Place;
use super::{Limits, ReadError};
use crate::{ComponentId, Inventory, Notice};
use model::Document;

const KNOWN: &[&str] = &["SPDX-2.2", "SPDX-2.2.1", "SPDX-2.2.2", "SPDX-2.3"];
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
    read_head(document, encoding, &mut assembly)?;
    read_creation(document, &mut assembly);
    read_others(document, &mut assembly);
    read_packages(document, &mut assembly)?;
    let described = relationship::read_all(document, &mut assembly)?;
    assembly.inventory.root = root(described, &mut assembly.notices);
    Ok(assembly.finish())
}

fn read_head(document: &Document<'_>, encoding: &str, assembly: &mut Assembly<'_>) -> Result<(), ReadError> {
    let place = Place::ROOT.key("spdxVersion");
    let version = assembly
        .notices
        .text(&document.spdx_version, &place)
        .unwrap_or_default();
    let Some(number) = version
        .strip_prefix("SPDX-")
        .filter(|number| number.starts_with("2."))
    else {
        let message = format!("`{version}` is no version of SPDX 2; convert the document to SPDX 2.3 JSON");
        return Err(ReadError::unsupported_version(message).at(&place));
    };
    if !KNOWN.contains(&version) {
        let text = format_args!("SPDX {number} is not known; it was read as 2.3");
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
    let place = Place::ROOT.key("creationInfo");
    let Some(Record(creation)) = assembly.notices.field(&document.creation, &place) else {
        return;
    };
    let created = assembly.notices.text(&creation.created, &place.key("created"));
    assembly.inventory.created = created.map(str::to_owned);
    let place = place.key("creators");
    for (index, creator) in assembly
        .notices
        .list(&creation.creators, &place)
        .iter()
        .enumerate()
    {
        let creator = assembly.notices.text(creator, &place.index(index));
        let tool = creator.and_then(|creator| creator.strip_prefix("Tool:"));
        assembly.inventory.tools.extend(tool.map(tool_name));
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
    for (list, key) in [(&document.files, "files"), (&document.snippets, "snippets")] {
        let place = Place::ROOT.key(key);
        let mut ids = Vec::new();
        assembly.notices.each(list, &place, |element, place, notices| {
            ids.extend(notices.text(&element.id, &place.key("SPDXID")));
        });
        ids.into_iter().for_each(|id| assembly.add_other(id));
    }
}

fn read_packages(document: &Document<'_>, assembly: &mut Assembly<'_>) -> Result<(), ReadError> {
    let place = Place::ROOT.key("packages");
    let packages = essential(&document.packages, &place)?;
    let extracted = extracted(document, &mut assembly.notices);
    for (index, package) in packages.iter().enumerate() {
        let place = place.index(index);
        if let Some(Record(package)) = assembly.notices.field(package, &place) {
            let component = package::read(package, &extracted, &place, &mut assembly.notices);
            assembly.add(component, &place)?;
        }
    }
    Ok(())
}

/// The names of the licenses that the document defines.
fn extracted<'d>(document: &'d Document<'_>, notices: &mut Notices) -> Extracted<'d> {
    let mut names = Extracted::new();
    let place = Place::ROOT.key("hasExtractedLicensingInfos");
    notices.each(&document.extracted, &place, |license, place, notices| {
        let id = notices.text(&license.id, &place.key("licenseId"));
        let name = notices
            .text(&license.name, &place.key("name"))
            .filter(|name| *name != "NOASSERTION");
        let text = notices.text(&license.text, &place.key("extractedText"));
        let short =
            text.filter(|text| text.len() <= LONGEST_NAME && !text.contains('\n') && *text != "NOASSERTION");
        names.extend(id.zip(name.or(short)));
    });
    names
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

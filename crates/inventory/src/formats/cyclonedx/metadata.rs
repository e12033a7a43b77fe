//! The head of the document and what it says about itself.

use super::details::{contact, party, properties, property_list};
use super::model::{self, Bom, Tool, Tools};
use super::{license, read_component};
use crate::Metadata;
use crate::formats::assembly::Assembly;
use crate::formats::lenient::Field;
use crate::formats::notices::Notices;
use crate::formats::place::Place;
use crate::formats::{LONGEST_VALUE, ReadError};

/// Versions whose every field that matters here is known. 1.0 and 1.1 had no metadata and no dependencies.
const KNOWN: &[&str] = &["1.0", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7"];

pub(super) fn read_head(bom: &Bom<'_>, encoding: &str, assembly: &mut Assembly<'_>) -> Result<(), ReadError> {
    let place = Place::ROOT.key("specVersion");
    if let Field::Wrong(found) = bom.spec_version {
        return Err(ReadError::malformed(format!("{found} stands where the version belongs")).at(&place));
    }
    let version = assembly
        .notices
        .text(&bom.spec_version, &place)
        .unwrap_or("of unknown version");
    if !KNOWN.contains(&version) {
        let text = format_args!("CycloneDX {version} is not known; it was read as 1.7");
        assembly.notices.warn("unknown_version", &place, text);
    } else if matches!(version, "1.0" | "1.1") {
        let text = format_args!(
            "CycloneDX {version} is outdated: it has no place for the product and its dependencies"
        );
        assembly.notices.info("outdated_version", &place, text);
    }
    assembly.inventory.format = format!("CycloneDX {version} {encoding}");
    let serial = assembly.notices.owned(
        &bom.serial_number,
        &Place::ROOT.key("serialNumber"),
        LONGEST_VALUE,
    );
    assembly.inventory.serial = serial;
    Ok(())
}

pub(super) fn read(bom: &Bom<'_>, assembly: &mut Assembly<'_>) -> Result<(), ReadError> {
    let place = &Place::ROOT.key("metadata");
    if let Some(metadata) = assembly.notices.record(&bom.metadata, place) {
        assembly.inventory.metadata = about(bom, metadata, place, &mut assembly.notices).boxed();
        assembly.inventory.created =
            assembly
                .notices
                .owned(&metadata.timestamp, &place.key("timestamp"), LONGEST_VALUE);
        let place_of_tools = place.key("tools");
        if let Some(tools) = assembly.notices.field(&metadata.tools, &place_of_tools) {
            assembly.inventory.tools = tool_names(tools, &place_of_tools, &mut assembly.notices);
        }
        let place = place.key("component");
        if let Some(component) = assembly.notices.record(&metadata.component, &place) {
            let place = place.at(component.mark);
            assembly.inventory.root = Some(read_component(component, &place, 0, assembly)?);
        }
    }
    if assembly.inventory.root.is_none() {
        let text = format_args!("the document does not name the product that it describes");
        assembly.notices.info("no_root", &place.key("component"), text);
    }
    Ok(())
}

fn about(
    bom: &Bom<'_>,
    metadata: &model::Metadata<'_>,
    place: &Place<'_>,
    notices: &mut Notices,
) -> Metadata {
    let lifecycle = |lifecycle: &model::Lifecycle<'_>, place: &Place<'_>, notices: &mut Notices| {
        let phase = notices.owned(&lifecycle.phase, &place.key("phase"), LONGEST_VALUE);
        phase.or_else(|| notices.owned(&lifecycle.name, &place.key("name"), LONGEST_VALUE))
    };
    let licenses = license::read_all(&metadata.licenses, &place.key("licenses"), notices);
    let mut kept = property_list(&properties(
        &metadata.properties,
        &place.key("properties"),
        notices,
    ));
    let of_document = properties(&bom.properties, &Place::ROOT.key("properties"), notices);
    kept.extend(property_list(&of_document));
    let manufacturer = party(&metadata.manufacturer, &place.key("manufacturer"), notices);
    Metadata {
        name: None,
        authors: notices.collect(&metadata.authors, &place.key("authors"), contact),
        organizations: Vec::new(),
        supplier: party(&metadata.supplier, &place.key("supplier"), notices),
        manufacturer: manufacturer
            .or_else(|| party(&metadata.manufacture, &place.key("manufacture"), notices)),
        lifecycles: notices.collect(&metadata.lifecycles, &place.key("lifecycles"), lifecycle),
        data_license: licenses.into_iter().next().map(|claim| claim.text),
        comment: None,
        properties: kept,
    }
}

fn tool_names(tools: &Tools<'_>, place: &Place<'_>, notices: &mut Notices) -> Vec<String> {
    match tools {
        Tools::Listed(list) => notices.collect(list, place, tool_name),
        Tools::Described(set) => notices.collect(&set.components, &place.key("components"), tool_name),
    }
}

fn tool_name(tool: &Tool<'_>, place: &Place<'_>, notices: &mut Notices) -> Option<String> {
    let name = notices.owned(&tool.name, &place.key("name"), LONGEST_VALUE)?;
    let version = notices.owned(&tool.version, &place.key("version"), LONGEST_VALUE);
    Some(version.map_or_else(|| name.clone(), |version| format!("{name} {version}")))
}

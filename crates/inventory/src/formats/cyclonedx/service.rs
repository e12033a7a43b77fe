//! Services: no components, but dependencies name them.

use super::details::{external_references, party, properties, property_list};
use super::{license, model};
use crate::Service;
use crate::formats::assembly::Assembly;
use crate::formats::lenient::Object;
use crate::formats::notices::Notices;
use crate::formats::place::Place;
use crate::formats::{LONGEST_TEXT, LONGEST_VALUE, ReadError};

pub(super) fn read_all(
    services: &[Object<model::Service<'_>>],
    parent: Option<u32>,
    place: &Place<'_>,
    depth: usize,
    assembly: &mut Assembly<'_>,
) -> Result<(), ReadError> {
    for (index, service) in services.iter().enumerate() {
        let place = place.index(index);
        let Some(service) = assembly.notices.record(service, &place) else {
            continue;
        };
        let place = place.at(service.mark);
        assembly.check_depth(depth, &place)?;
        let read = Service {
            parent,
            ..read(service, &place, &mut assembly.notices)
        };
        let id = assembly.add_service(read)?;
        let place = place.key("services");
        let nested = assembly.notices.list(&service.services, &place);
        read_all(nested, Some(id), &place, depth + 1, assembly)?;
    }
    Ok(())
}

fn read(service: &model::Service<'_>, place: &Place<'_>, notices: &mut Notices) -> Service {
    let mut text = |field, key, most| notices.owned(field, &place.key(key), most);
    let reference = text(&service.bom_ref, "bom-ref", LONGEST_VALUE).unwrap_or_default();
    let group = text(&service.group, "group", LONGEST_VALUE);
    let name = text(&service.name, "name", LONGEST_VALUE);
    let version = text(&service.version, "version", LONGEST_VALUE);
    let description = text(&service.description, "description", LONGEST_TEXT);
    Service {
        reference,
        parent: None,
        group,
        name: name.unwrap_or_else(|| notices.unnamed(None, place)),
        version,
        description,
        provider: party(&service.provider, &place.key("provider"), notices),
        endpoints: notices.texts(&service.endpoints, &place.key("endpoints"), LONGEST_VALUE),
        authenticated: notices
            .field(&service.authenticated, &place.key("authenticated"))
            .copied(),
        crosses_trust_boundary: notices
            .field(&service.trust_boundary, &place.key("x-trust-boundary"))
            .copied(),
        licenses: license::read_all(&service.licenses, &place.key("licenses"), notices),
        external_references: external_references(
            &service.external_references,
            &place.key("externalReferences"),
            notices,
        ),
        properties: property_list(&properties(
            &service.properties,
            &place.key("properties"),
            notices,
        )),
    }
}

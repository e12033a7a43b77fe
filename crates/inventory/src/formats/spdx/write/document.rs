//! The document as a whole.

use std::collections::{HashMap, HashSet};

use super::super::super::write::{Heading, full_name, text};
use super::ids;
use super::license::Licenses;
use super::model::{Creation, Head, Package, Relationship};
use super::{package, relationships};
use crate::{Contact, Inventory, Metadata, Party, VexStatement};

const LONGEST_NAME: usize = 60;

pub(super) struct Document<'i> {
    pub inventory: &'i Inventory,
    pub findings: Findings<'i>,
    pub head: Head,
    /// By position.
    pub ids: Vec<String>,
    pub licenses: Licenses<'i>,
    /// Components that another one depends on, not only contains.
    pub needed: HashSet<u32>,
}

/// The findings that name each component, by its position.
pub(super) type Findings<'i> = HashMap<u32, Vec<&'i VexStatement>>;

impl<'i> Document<'i> {
    pub(super) fn new(inventory: &'i Inventory, findings: &'i [VexStatement], heading: &Heading<'_>) -> Self {
        let mut by_component = Findings::new();
        for finding in findings {
            for component in finding.affects.iter().filter_map(|subject| subject.component) {
                by_component.entry(component).or_default().push(finding);
            }
        }
        Self {
            inventory,
            findings: by_component,
            head: head(inventory, heading),
            ids: ids::of_components(inventory),
            licenses: Licenses::new(&inventory.extracted_licenses),
            needed: needed(inventory),
        }
    }

    pub(super) fn packages(&self) -> impl Iterator<Item = Package<'_>> {
        (0..)
            .zip(&self.inventory.components)
            .map(|(id, component)| package::of(id, component, self))
    }

    pub(super) fn relationships(&self) -> impl Iterator<Item = Relationship<'_>> {
        relationships::of(self)
    }

    /// The id of a component; what is not there is `NONE`.
    pub(super) fn id(&self, component: u32) -> &str {
        let id = usize::try_from(component)
            .ok()
            .and_then(|index| self.ids.get(index));
        id.map_or("NONE", String::as_str)
    }
}

fn needed(inventory: &Inventory) -> HashSet<u32> {
    let dependencies = inventory
        .edges
        .iter()
        .filter(|edge| inventory.containment.binary_search(edge).is_err());
    dependencies.map(|(_, to)| *to).collect()
}

fn head(inventory: &Inventory, heading: &Heading<'_>) -> Head {
    let metadata = inventory.metadata.as_deref();
    let root = inventory
        .root
        .and_then(|root| inventory.components.get(usize::try_from(root).ok()?))
        .map(full_name);
    let name = metadata
        .and_then(|metadata| metadata.name.clone())
        .or(root)
        .unwrap_or_else(|| heading.name.to_owned());
    Head {
        spdx_version: "SPDX-2.3",
        data_license: "CC0-1.0",
        id: ids::DOCUMENT,
        document_namespace: format!(
            "https://spdx.org/spdxdocs/{}-{}",
            ids::idstring(&name, LONGEST_NAME),
            heading.uuid
        ),
        name,
        creation_info: Creation {
            license_list_version: list_version(),
            creators: creators(inventory, metadata, heading),
            created: text::to_the_second(heading.created),
        },
        comment: metadata.and_then(|metadata| metadata.comment.clone()),
    }
}

/// The first two numbers of the version.
fn list_version() -> String {
    let mut numbers = licenses::list_version().splitn(3, '.');
    let (major, minor) = (numbers.next().unwrap_or("3"), numbers.next().unwrap_or("0"));
    format!("{major}.{minor}")
}

/// Everybody who made the document before, and the tool that writes it now.
fn creators(inventory: &Inventory, metadata: Option<&Metadata>, heading: &Heading<'_>) -> Vec<String> {
    let mut creators: Vec<String> = Vec::new();
    let before = inventory.tools.iter().map(|written| text::tool(written));
    let tools = before.chain([(heading.tool.0, Some(heading.tool.1))]);
    let tools = tools.filter(|(name, _)| !name.is_empty());
    let metadata = metadata.into_iter();
    let organizations = metadata
        .clone()
        .flat_map(|metadata| metadata.organizations.iter().chain(&metadata.manufacturer))
        .filter_map(party);
    let persons = metadata.flat_map(|metadata| &metadata.authors).filter_map(person);
    let all = tools.map(|(name, version)| tool(name, version));
    for creator in all.chain(organizations).chain(persons) {
        if !creators.contains(&creator) {
            creators.push(creator);
        }
    }
    creators
}

fn tool(name: &str, version: Option<&str>) -> String {
    match version {
        Some(version) => format!("Tool: {name}-{version}"),
        None => format!("Tool: {name}"),
    }
}

/// `Organization: Debian (security@example.org)`; `None` without a name.
pub(super) fn party(party: &Party) -> Option<String> {
    named_party(party.name.as_deref()?, Some(party))
}

pub(super) fn named_party(name: &str, party: Option<&Party>) -> Option<String> {
    let kind = match party {
        Some(party) if party.is_person => "Person",
        _ => "Organization",
    };
    let email = party
        .into_iter()
        .flat_map(|party| &party.contacts)
        .find_map(|contact| contact.email.as_deref());
    Some(actor(kind, name, email))
}

fn person(contact: &Contact) -> Option<String> {
    let name = contact.name.as_deref().or(contact.email.as_deref())?;
    Some(actor("Person", name, contact.email.as_deref()))
}

/// A name that ends in brackets is kept apart from an address by empty ones.
fn actor(kind: &str, name: &str, email: Option<&str>) -> String {
    match email.filter(|email| text::is_email(email)) {
        Some(email) => format!("{kind}: {name} ({email})"),
        None if name.ends_with(')') => format!("{kind}: {name} ()"),
        None => format!("{kind}: {name}"),
    }
}

//! One component with all that is nested in it.

use std::io;

use super::details;
use super::layout::Layout;
use super::sink::{List, Shape, Sink};
use super::{COMPONENTS, contained_by, words};
use crate::formats::write::carried::{self, Fact};
use crate::formats::write::text;
use crate::formats::{facts as package_facts, provenance, source_package};
use crate::{
    Component, ComponentId, ComponentKind, Details, Hash, Inventory, Pedigree, Property, Relative, Scope,
    Source,
};

pub(super) const HASHES: List = List::new("hashes", "hash");
const TAGS: List = List::new("tags", "tag").of(Shape::Text);
const ANCESTORS: List = List::new("ancestors", "component");
const DESCENDANTS: List = List::new("descendants", "component");
const VARIANTS: List = List::new("variants", "component");
const COMMITS: List = List::new("commits", "commit");
const PATCHES: List = List::new("patches", "patch");
const RESOLVES: List = List::new("resolves", "issue");
/// Characters that the schema allows a version.
const LONGEST_VERSION: usize = 1024;

pub(super) fn write<S: Sink>(
    sink: &mut S,
    id: ComponentId,
    inventory: &Inventory,
    layout: &Layout<'_>,
) -> io::Result<()> {
    let position = usize::try_from(id).unwrap_or(usize::MAX);
    let Some(component) = inventory.components.get(position) else {
        return Ok(());
    };
    let none = Details::default();
    let details = component.details.as_deref().unwrap_or(&none);
    sink.attribute("type", kind(component.kind))?;
    sink.attribute_if(
        "mime-type",
        details.mime_type.as_deref().filter(|text| is_mime_type(text)),
    )?;
    sink.attribute("bom-ref", layout.reference(id))?;
    who(sink, component, details)?;
    sink.text_if("group", component.group.as_deref())?;
    sink.text("name", &component.name)?;
    sink.text_if("version", component.version.as_deref().map(cut))?;
    sink.text_if("description", details.description.as_deref())?;
    sink.text_if("scope", scope(component.scope))?;
    hashes(sink, &component.hashes)?;
    details::licenses(sink, &component.licenses)?;
    sink.text_if("copyright", details.copyright.as_deref())?;
    sink.text_if("cpe", component.cpe.as_deref().filter(|cpe| text::is_cpe(cpe)))?;
    if let Some(purl) = &component.purl {
        sink.text("purl", &purl.to_string())?;
    }
    swid(sink, details)?;
    if let Some(pedigree) = &details.pedigree {
        sink.object("pedigree", |sink| write_pedigree(sink, pedigree))?;
    }
    details::external_references(sink, &details.external_references, &[])?;
    let outer = layout.contained_by(id);
    let facts: Vec<Fact> = facts(component, details)
        .into_iter()
        .chain(contained_by(&outer))
        .chain(owned_by(component, layout))
        .collect();
    details::properties(sink, &details.properties, &facts)?;
    sink.list(&COMPONENTS, layout.nested(id), |sink, id| {
        write(sink, id, inventory, layout)
    })?;
    if let Some(evidence) = &details.evidence {
        details::evidence(sink, evidence)?;
    }
    sink.values(&TAGS, &details.tags)
}

fn who<S: Sink>(sink: &mut S, component: &Component, details: &Details) -> io::Result<()> {
    let supplier = component.supplier.as_deref();
    details::named_party(sink, "supplier", supplier, details.supplier.as_ref())?;
    details::party(sink, "manufacturer", details.manufacturer.as_ref())?;
    details::contacts(sink, &details::AUTHORS, &details.authors)?;
    sink.text_if("author", details.author.as_deref())?;
    sink.text_if("publisher", details.publisher.as_deref())
}

/// What is none of the words of CycloneDX is called a library, and says in a property what it is.
const fn kind(kind: ComponentKind) -> &'static str {
    match kind {
        ComponentKind::Other => "library",
        known => carried::kind_word(known),
    }
}

/// What is needed for development only is optional, as the tools for npm write it, and says so in a property.
const fn scope(scope: Scope) -> Option<&'static str> {
    match scope {
        Scope::Required => None,
        Scope::Optional | Scope::Dev => Some("optional"),
        Scope::Excluded => Some("excluded"),
    }
}

fn cut(version: &str) -> &str {
    let end = version.char_indices().nth(LONGEST_VERSION).map(|(at, _)| at);
    end.and_then(|end| version.get(..end)).unwrap_or(version)
}

fn is_mime_type(text: &str) -> bool {
    let part = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-+.".contains(&b))
    };
    text.split_once('/')
        .is_some_and(|(kind, subtype)| part(kind) && part(subtype))
}

pub(super) fn hashes<S: Sink>(sink: &mut S, hashes: &[Hash]) -> io::Result<()> {
    let known = hashes
        .iter()
        .filter_map(|hash| Some((words::hash_algorithm(hash)?, hash)));
    sink.list(&HASHES, known, |sink, (algorithm, hash)| {
        sink.attribute("alg", algorithm)?;
        sink.content("content", &hash.value)
    })
}

/// What the fields above do not hold.
fn facts(component: &Component, details: &Details) -> Vec<Fact> {
    let mut facts = Vec::new();
    facts.extend((component.scope == Scope::Dev).then(|| carried::scope(component.scope)));
    facts.extend((component.kind == ComponentKind::Other).then(|| carried::kind(component.kind)));
    facts.extend(source(component, details));
    facts.extend(built_from(component, details));
    let unknown = |hash: &&Hash| words::hash_algorithm(hash).is_none();
    facts.extend(component.hashes.iter().filter(unknown).map(carried::hash));
    let odd = component.cpe.iter().filter(|cpe| !text::is_cpe(cpe));
    facts.extend(odd.chain(&details.more_cpes).map(|cpe| carried::cpe(cpe)));
    facts.extend(details.version_range.as_deref().map(carried::version_range));
    facts.extend(package_facts::to_properties(&component.facts, |name| {
        foreign(details, name)
    }));
    facts
}

/// CycloneDX has no relation between a package and the one that installed its files.
fn owned_by(component: &Component, layout: &Layout<'_>) -> Option<Fact> {
    let owner = layout.reference(component.owned_by?);
    (!owner.is_empty()).then(|| (carried::OWNED_BY, owner.to_owned()))
}

/// The value of a property that other tools wrote.
fn foreign<'d>(details: &'d Details, name: &str) -> Option<&'d str> {
    let mut properties = details.properties.iter().filter(is_foreign);
    properties
        .find(|property| property.name == name)?
        .value
        .as_deref()
}

/// Where the package comes from, unless a reader sees that for itself.
fn source(component: &Component, details: &Details) -> Option<Fact> {
    if component.source == Source::Registry {
        return None;
    }
    let cargo = component.purl.as_ref().is_some_and(|purl| purl.kind() == "cargo");
    let locations = details
        .external_references
        .iter()
        .filter(|reference| reference.kind == "distribution")
        .map(|reference| reference.url.as_str())
        .chain(Some(component.reference.as_str()).filter(|_| cargo));
    let folder = foreign(details, provenance::FOLDER);
    let evident = provenance::source(component.purl.as_ref(), locations, folder) == component.source;
    carried::source(&component.source).filter(|_| !evident)
}

fn built_from(component: &Component, details: &Details) -> Option<Fact> {
    let package = component.source_package.as_ref()?;
    let evident = component
        .purl
        .as_ref()
        .and_then(|purl| source_package::source_package(purl, |name| foreign(details, name)));
    (evident.as_ref() != Some(package)).then(|| carried::source_package(package))
}

fn swid<S: Sink>(sink: &mut S, details: &Details) -> io::Result<()> {
    let Some(swid) = &details.swid else {
        return Ok(());
    };
    sink.object("swid", |sink| {
        sink.attribute("tagId", &swid.tag_id)?;
        sink.attribute("name", swid.name.as_deref().unwrap_or_default())?;
        sink.attribute_if("version", swid.version.as_deref())
    })
}

fn write_pedigree<S: Sink>(sink: &mut S, pedigree: &Pedigree) -> io::Result<()> {
    sink.list(&ANCESTORS, &pedigree.ancestors, relative)?;
    sink.list(&DESCENDANTS, &pedigree.descendants, relative)?;
    sink.list(&VARIANTS, &pedigree.variants, relative)?;
    sink.list(&COMMITS, &pedigree.commits, |sink, commit| {
        sink.text_if("uid", commit.uid.as_deref())?;
        details::address(sink, "url", commit.url.as_deref())?;
        sink.text_if("message", commit.message.as_deref())
    })?;
    sink.list(&PATCHES, &pedigree.patches, |sink, patch| {
        sink.attribute(
            "type",
            words::known(words::PATCHES, &patch.kind).unwrap_or("unofficial"),
        )?;
        if patch.url.is_some() {
            sink.object("diff", |sink| details::address(sink, "url", patch.url.as_deref()))?;
        }
        sink.list(&RESOLVES, &patch.resolves, |sink, id| {
            sink.attribute("type", "security")?;
            sink.text("id", id)
        })
    })?;
    sink.text_if("notes", pedigree.notes.as_deref())
}

fn relative<S: Sink>(sink: &mut S, relative: &Relative) -> io::Result<()> {
    sink.attribute("type", "library")?;
    sink.text_if("group", relative.group.as_deref())?;
    sink.text("name", &relative.name)?;
    sink.text_if("version", relative.version.as_deref().map(cut))?;
    details::address(sink, "purl", relative.purl.as_deref())
}

/// A property of a document or component that is none of ours.
pub(super) fn is_foreign(property: &&Property) -> bool {
    !carried::is_ours(&property.name)
}

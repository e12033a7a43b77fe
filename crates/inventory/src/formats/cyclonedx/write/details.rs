//! Parts that components, services and the document itself have in common.

use std::io;

use super::component::{hashes, is_foreign};
use super::sink::{List, Shape, Sink};
use super::words;
use crate::formats::write::carried::Fact;
use crate::formats::write::text;
use crate::{
    Contact, Evidence, ExternalReference, IdentityEvidence, LicenseClaim, LicenseForm, LicenseSource, Party,
    Property,
};

pub(super) const AUTHORS: List = List::new("authors", "author");
const CONTACTS: List = List::new("contact", "contact").bare();
const URLS: List = List::new("url", "url").bare().of(Shape::Text);
const LICENSES: List = List::new("licenses", "license").of(Shape::Named);
const EXPRESSION: List = List::new("licenses", "expression");
const EXTERNAL_REFERENCES: List = List::new("externalReferences", "reference");
const PROPERTIES: List = List::new("properties", "property");
const IDENTITIES: List = List::new("identity", "identity").bare();
const METHODS: List = List::new("methods", "method");
const OCCURRENCES: List = List::new("occurrences", "occurrence");
const COPYRIGHT: List = List::new("copyright", "text").of(Shape::NamedText);

/// An address as a URI reference.
pub(super) fn address<S: Sink>(sink: &mut S, name: &str, url: Option<&str>) -> io::Result<()> {
    url.map_or(Ok(()), |url| sink.text(name, &text::uri_reference(url)))
}

pub(super) fn party<S: Sink>(sink: &mut S, name: &str, party: Option<&Party>) -> io::Result<()> {
    named_party(sink, name, None, party)
}

/// A party whose name may stand apart from the rest.
pub(super) fn named_party<S: Sink>(
    sink: &mut S,
    element: &str,
    name: Option<&str>,
    party: Option<&Party>,
) -> io::Result<()> {
    let none = Party::default();
    if name.is_none() && party.is_none_or(|party| *party == none) {
        return Ok(());
    }
    let party = party.unwrap_or(&none);
    sink.object(element, |sink| {
        sink.text_if("name", name.or(party.name.as_deref()))?;
        sink.values(&URLS, party.urls.iter().map(|url| text::uri_reference(url)))?;
        contacts(sink, &CONTACTS, &party.contacts)
    })
}

pub(super) fn contacts<S: Sink>(sink: &mut S, list: &List, contacts: &[Contact]) -> io::Result<()> {
    sink.list(list, contacts, |sink, contact| {
        sink.text_if("name", contact.name.as_deref())?;
        sink.text_if(
            "email",
            contact.email.as_deref().filter(|email| text::is_email(email)),
        )?;
        sink.text_if("phone", contact.phone.as_deref())
    })
}

/// One expression, or a list of licenses: the schema does not let them mix, so of several claims an expression
/// becomes a name, which readers take for an expression again.
pub(super) fn licenses<S: Sink>(sink: &mut S, claims: &[LicenseClaim]) -> io::Result<()> {
    let concluded = claims
        .iter()
        .any(|claim| claim.source == LicenseSource::Concluded);
    if let [claim] = claims
        && is_expression(claim)
    {
        return sink.list(&EXPRESSION, [claim], |sink, claim| {
            sink.attribute_if("acknowledgement", acknowledgement(claim, concluded))?;
            sink.content("expression", &claim.text)
        });
    }
    sink.list(&LICENSES, claims, |sink, claim| license(sink, claim, concluded))
}

fn license<S: Sink>(sink: &mut S, claim: &LicenseClaim, concluded: bool) -> io::Result<()> {
    sink.attribute_if("acknowledgement", acknowledgement(claim, concluded))?;
    let key = if licenses::is_listed(&claim.text) {
        "id"
    } else {
        "name"
    };
    sink.text(key, &claim.text)?;
    let details = claim.details.as_deref();
    if let Some(full) = details.and_then(|details| details.full_text.as_deref()) {
        sink.object("text", |sink| sink.content("content", full))?;
    }
    let url = details.and_then(|details| details.url.as_deref());
    let bare = (claim.form == Some(LicenseForm::Url)).then_some(claim.text.as_str());
    address(sink, "url", url.or(bare))
}

/// An expression of more than one word; a license of the list is told by its id.
fn is_expression(claim: &LicenseClaim) -> bool {
    claim.text.contains([' ', '(']) && licenses::Expression::parse(&claim.text).is_ok()
}

/// Only where somebody concluded something is there a need to say who said what.
fn acknowledgement(claim: &LicenseClaim, concluded: bool) -> Option<&'static str> {
    concluded.then_some(match claim.source {
        LicenseSource::Declared => "declared",
        LicenseSource::Concluded => "concluded",
    })
}

pub(super) fn external_references<S: Sink>(
    sink: &mut S,
    references: &[ExternalReference],
    more: &[ExternalReference],
) -> io::Result<()> {
    sink.list(
        &EXTERNAL_REFERENCES,
        references.iter().chain(more),
        |sink, reference| {
            let kind = words::known(words::EXTERNAL_REFERENCES, &reference.kind);
            sink.attribute("type", kind.unwrap_or_else(|| kind_of_spdx(&reference.kind)))?;
            sink.text("url", &text::uri_reference(&reference.url))?;
            sink.text_if("comment", reference.comment.as_deref())?;
            hashes(sink, &reference.hashes)
        },
    )
}

/// SPDX has types of its own for what CycloneDX knows, too.
fn kind_of_spdx(kind: &str) -> &'static str {
    match kind {
        "advisory" | "fix" => "advisories",
        _ => "other",
    }
}

/// The properties of the document that are none of ours, and ours.
pub(super) fn properties<S: Sink>(sink: &mut S, properties: &[Property], facts: &[Fact]) -> io::Result<()> {
    let foreign = properties
        .iter()
        .filter(is_foreign)
        .map(|property| (property.name.as_str(), property.value.as_deref()));
    let ours = facts.iter().map(|(name, value)| (*name, Some(value.as_str())));
    sink.list(&PROPERTIES, foreign.chain(ours), |sink, (name, value)| {
        sink.attribute("name", name)?;
        value.map_or(Ok(()), |value| sink.content("value", value))
    })
}

pub(super) fn all_properties<S: Sink>(sink: &mut S, properties: &[Property]) -> io::Result<()> {
    sink.list(&PROPERTIES, properties, |sink, property| {
        sink.attribute("name", &property.name)?;
        let value = property.value.as_deref();
        value.map_or(Ok(()), |value| sink.content("value", value))
    })
}

pub(super) fn evidence<S: Sink>(sink: &mut S, evidence: &Evidence) -> io::Result<()> {
    sink.object("evidence", |sink| {
        let known =
            |identity: &&IdentityEvidence| words::known(words::IDENTITY_FIELDS, &identity.field).is_some();
        sink.list(&IDENTITIES, evidence.identities.iter().filter(known), identity)?;
        sink.list(&OCCURRENCES, &evidence.occurrences, |sink, occurrence| {
            sink.text("location", &occurrence.location)?;
            let line = occurrence.line.map(|line| line.to_string());
            line.map_or(Ok(()), |line| sink.literal("line", &line))
        })?;
        licenses(sink, &evidence.licenses)?;
        sink.values(&COPYRIGHT, &evidence.copyright)
    })
}

fn identity<S: Sink>(sink: &mut S, identity: &IdentityEvidence) -> io::Result<()> {
    sink.text("field", &identity.field)?;
    confidence(sink, identity.confidence)?;
    sink.text_if("concludedValue", identity.concluded_value.as_deref())?;
    // A method must say how sure it is; one that does not is not made to.
    let methods = identity
        .methods
        .iter()
        .filter(|method| is_share(method.confidence));
    sink.list(&METHODS, methods, |sink, method| {
        let technique = words::known(words::TECHNIQUES, &method.technique).unwrap_or("other");
        sink.text("technique", technique)?;
        confidence(sink, method.confidence)?;
        sink.text_if("value", method.value.as_deref())
    })
}

fn confidence<S: Sink>(sink: &mut S, confidence: Option<f64>) -> io::Result<()> {
    match confidence.filter(|_| is_share(confidence)) {
        Some(share) => sink.literal("confidence", &share.to_string()),
        None => Ok(()),
    }
}

fn is_share(value: Option<f64>) -> bool {
    value.is_some_and(|value| (0.0..=1.0).contains(&value))
}

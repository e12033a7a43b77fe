//! What no judgement needs, kept within bounds.

use super::{license, model};
use crate::formats::lenient::{List, Object, OneOrMany, Rare};
use crate::formats::notices::Notices;
use crate::formats::place::Place;
use crate::formats::{LONGEST_TEXT, LONGEST_VALUE};
use crate::{
    Commit, Contact, Details, Evidence, ExternalReference, Hash, IdentityEvidence, IdentityMethod,
    Occurrence, Party, Patch, Pedigree, Property, Relative, Swid,
};

/// Properties that are dropped: Syft's guesses at CPEs, tens for a component, which nothing may rely on.
const NOT_WORTH_KEEPING: &[&str] = &["syft:cpe23"];

pub(super) fn read(
    component: &model::Component<'_>,
    read_properties: &[(&str, Option<&str>)],
    place: &Place<'_>,
    notices: &mut Notices,
) -> Details {
    let mut text = |field, key, most| notices.owned(field, &place.key(key), most);
    let description = text(&component.description, "description", LONGEST_TEXT);
    let copyright = text(&component.copyright, "copyright", LONGEST_TEXT);
    let author = text(&component.author, "author", LONGEST_VALUE);
    let publisher = text(&component.publisher, "publisher", LONGEST_VALUE);
    let mime_type = text(&component.mime_type, "mime-type", LONGEST_VALUE);
    let version_range = text(&component.version_range, "versionRange", LONGEST_VALUE);
    Details {
        description,
        copyright,
        author,
        authors: notices.collect(&component.authors, &place.key("authors"), contact),
        publisher,
        supplier: party(&component.supplier, &place.key("supplier"), notices)
            .filter(|party| !party.urls.is_empty() || !party.contacts.is_empty()),
        manufacturer: party(&component.manufacturer, &place.key("manufacturer"), notices),
        more_cpes: Vec::new(),
        swid: swid(&component.swid, &place.key("swid"), notices),
        mime_type,
        version_range,
        tags: notices.texts(&component.tags, &place.key("tags"), LONGEST_VALUE),
        external_references: external_references(
            &component.external_references,
            &place.key("externalReferences"),
            notices,
        ),
        properties: property_list(read_properties),
        evidence: evidence(component, &place.key("evidence"), notices),
        pedigree: pedigree(component, &place.key("pedigree"), notices),
    }
}

pub(super) fn contact(
    contact: &model::Contact<'_>,
    place: &Place<'_>,
    notices: &mut Notices,
) -> Option<Contact> {
    let mut text = |field, key| notices.owned(field, &place.key(key), LONGEST_VALUE);
    let contact = Contact {
        name: text(&contact.name, "name"),
        email: text(&contact.email, "email"),
        phone: text(&contact.phone, "phone"),
    };
    (contact != Contact::default()).then_some(contact)
}

pub(super) fn party(
    organization: &Rare<model::Organization<'_>>,
    place: &Place<'_>,
    notices: &mut Notices,
) -> Option<Party> {
    let organization = notices.rare(organization, place)?;
    let mut urls = Vec::new();
    let place_of_url = place.key("url");
    if let Some(OneOrMany(list)) = notices.field(&organization.url, &place_of_url) {
        for url in list {
            if let Some(url) = notices.owned(url, &place_of_url, LONGEST_VALUE) {
                notices.keep(&mut urls, url, &place_of_url);
            }
        }
    }
    let party = Party {
        name: notices.owned(&organization.name, &place.key("name"), LONGEST_VALUE),
        is_person: false,
        urls,
        contacts: notices.collect(&organization.contact, &place.key("contact"), contact),
    };
    (party != Party::default()).then_some(party)
}

fn swid(swid: &Rare<model::Swid<'_>>, place: &Place<'_>, notices: &mut Notices) -> Option<Swid> {
    let swid = notices.rare(swid, place)?;
    let mut text = |field, key| notices.owned(field, &place.key(key), LONGEST_VALUE);
    Some(Swid {
        tag_id: text(&swid.tag_id, "tagId")?,
        name: text(&swid.name, "name"),
        version: text(&swid.version, "version"),
    })
}

pub(super) fn hashes(
    list: &List<Object<model::Hash<'_>>>,
    place: &Place<'_>,
    notices: &mut Notices,
) -> Vec<Hash> {
    let mut hashes: Vec<Hash> = Vec::new();
    notices.each(list, place, |hash, place, notices| {
        let algorithm = notices.text(&hash.alg, &place.key("alg"));
        let content = notices.text(&hash.content, &place.key("content"));
        let hash = algorithm
            .zip(content)
            .and_then(|(alg, content)| notices.hash(alg, content, place));
        if let Some(hash) = hash.filter(|hash| !hashes.contains(hash)) {
            notices.keep(&mut hashes, hash, place);
        }
    });
    hashes
}

pub(super) fn external_references(
    list: &List<Object<model::ExternalReference<'_>>>,
    place: &Place<'_>,
    notices: &mut Notices,
) -> Vec<ExternalReference> {
    notices.collect(list, place, |reference, place, notices| {
        let url = notices.owned(&reference.url, &place.key("url"), LONGEST_VALUE)?;
        let kind = notices.owned(&reference.kind, &place.key("type"), LONGEST_VALUE);
        Some(ExternalReference {
            kind: kind.unwrap_or_else(|| "other".to_owned()),
            category: None,
            url,
            comment: notices.owned(&reference.comment, &place.key("comment"), LONGEST_TEXT),
            hashes: hashes(&reference.hashes, &place.key("hashes"), notices),
        })
    })
}

/// Names and values of properties.
pub(super) fn properties<'c>(
    list: &'c List<Object<model::Property<'_>>>,
    place: &Place<'_>,
    notices: &mut Notices,
) -> Vec<(&'c str, Option<&'c str>)> {
    notices.collect(list, place, |property, place, notices| {
        let name = notices.text(&property.name, &place.key("name"))?;
        Some((name, notices.text(&property.value, &place.key("value"))))
    })
}

pub(super) fn property_list(properties: &[(&str, Option<&str>)]) -> Vec<Property> {
    properties
        .iter()
        .filter(|(name, _)| !NOT_WORTH_KEEPING.contains(name))
        .map(|(name, value)| Property {
            name: crate::formats::cut(name, LONGEST_VALUE).to_owned(),
            value: value.map(|value| crate::formats::cut(value, LONGEST_VALUE).to_owned()),
        })
        .collect()
}

fn evidence(component: &model::Component<'_>, place: &Place<'_>, notices: &mut Notices) -> Option<Evidence> {
    let evidence = notices.rare(&component.evidence, place)?;
    let place_of_identity = place.key("identity");
    let mut identities = Vec::new();
    if let Some(OneOrMany(list)) = notices.field(&evidence.identity, &place_of_identity) {
        for (index, one) in list.iter().enumerate() {
            let place = place_of_identity.index(index);
            if let Some(one) = notices
                .record(one, &place)
                .and_then(|one| identity(one, &place, notices))
            {
                notices.keep(&mut identities, one, &place);
            }
        }
    }
    let evidence = Evidence {
        identities,
        occurrences: notices.collect(&evidence.occurrences, &place.key("occurrences"), occurrence),
        licenses: license::read_all(&evidence.licenses, &place.key("licenses"), notices),
        copyright: notices.collect(
            &evidence.copyright,
            &place.key("copyright"),
            |copyright, place, notices| notices.owned(&copyright.text, &place.key("text"), LONGEST_VALUE),
        ),
    };
    (evidence != Evidence::default()).then_some(evidence)
}

fn identity(
    identity: &model::Identity<'_>,
    place: &Place<'_>,
    notices: &mut Notices,
) -> Option<IdentityEvidence> {
    Some(IdentityEvidence {
        field: notices.owned(&identity.field, &place.key("field"), LONGEST_VALUE)?,
        confidence: notices.number(&identity.confidence, &place.key("confidence")),
        concluded_value: notices.owned(
            &identity.concluded_value,
            &place.key("concludedValue"),
            LONGEST_VALUE,
        ),
        methods: notices.collect(
            &identity.methods,
            &place.key("methods"),
            |method, place, notices| {
                Some(IdentityMethod {
                    technique: notices.owned(&method.technique, &place.key("technique"), LONGEST_VALUE)?,
                    confidence: notices.number(&method.confidence, &place.key("confidence")),
                    value: notices.owned(&method.value, &place.key("value"), LONGEST_VALUE),
                })
            },
        ),
    })
}

fn occurrence(
    occurrence: &model::Occurrence<'_>,
    place: &Place<'_>,
    notices: &mut Notices,
) -> Option<Occurrence> {
    let line = notices.number(&occurrence.line, &place.key("line"));
    Some(Occurrence {
        location: notices.owned(&occurrence.location, &place.key("location"), LONGEST_VALUE)?,
        // Through its text, because a cast would make a number of anything.
        line: line.and_then(|line| line.to_string().parse().ok()),
    })
}

fn pedigree(component: &model::Component<'_>, place: &Place<'_>, notices: &mut Notices) -> Option<Pedigree> {
    let pedigree = notices.rare(&component.pedigree, place)?;
    let kept = Pedigree {
        ancestors: notices.collect(&pedigree.ancestors, &place.key("ancestors"), relative),
        descendants: notices.collect(&pedigree.descendants, &place.key("descendants"), relative),
        variants: notices.collect(&pedigree.variants, &place.key("variants"), relative),
        commits: notices.collect(&pedigree.commits, &place.key("commits"), commit),
        patches: notices.collect(&pedigree.patches, &place.key("patches"), patch),
        notes: notices.owned(&pedigree.notes, &place.key("notes"), LONGEST_TEXT),
    };
    (kept != Pedigree::default()).then_some(kept)
}

fn relative(relative: &model::Relative<'_>, place: &Place<'_>, notices: &mut Notices) -> Option<Relative> {
    let mut text = |field, key| notices.owned(field, &place.key(key), LONGEST_VALUE);
    Some(Relative {
        name: text(&relative.name, "name")?,
        group: text(&relative.group, "group"),
        version: text(&relative.version, "version"),
        purl: text(&relative.purl, "purl"),
    })
}

fn commit(commit: &model::Commit<'_>, place: &Place<'_>, notices: &mut Notices) -> Option<Commit> {
    let mut text = |field, key, most| notices.owned(field, &place.key(key), most);
    let commit = Commit {
        uid: text(&commit.uid, "uid", LONGEST_VALUE),
        url: text(&commit.url, "url", LONGEST_VALUE),
        message: text(&commit.message, "message", LONGEST_TEXT),
    };
    (commit != Commit::default()).then_some(commit)
}

fn patch(patch: &model::Patch<'_>, place: &Place<'_>, notices: &mut Notices) -> Option<Patch> {
    let kind = notices.owned(&patch.kind, &place.key("type"), LONGEST_VALUE)?;
    let place_of_diff = place.key("diff");
    let url = match notices.record(&patch.diff, &place_of_diff) {
        Some(diff) => notices.owned(&diff.url, &place_of_diff.key("url"), LONGEST_VALUE),
        None => None,
    };
    let resolves = notices.collect(
        &patch.resolves,
        &place.key("resolves"),
        |issue, place, notices| {
            let id = notices.owned(&issue.id, &place.key("id"), LONGEST_VALUE);
            id.or_else(|| notices.owned(&issue.name, &place.key("name"), LONGEST_VALUE))
        },
    );
    Some(Patch { kind, url, resolves })
}

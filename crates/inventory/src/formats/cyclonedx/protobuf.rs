//! CycloneDX Protocol Buffers, 1.3 to 1.7: messages declared by hand, and turned into the model.
//!
//! Fields that an inventory does not hold are not declared; the decoder skips what it does not know.

mod message;
mod size;
mod words;

use std::borrow::Cow;

use prost::Message;

use super::model;
use crate::formats::lenient::{Field, List, Number, Object, OneOrMany, Rare, Record, Text};
use crate::formats::{Limits, ReadError, budget};
use crate::{Inventory, Notice};
use message as m;
use words as w;

pub(in crate::formats) fn read(bytes: &[u8], limits: &Limits) -> Result<(Inventory, Vec<Notice>), ReadError> {
    budget::begin(bytes.len());
    size::charge(bytes, size::BOM, 0)?;
    let bom = m::Bom::decode(bytes).map_err(|error| {
        ReadError::malformed(format!("this is not a CycloneDX Protobuf message: {error}"))
    })?;
    super::assemble(&bom_of(bom), "Protobuf", limits)
}

type Made<T> = List<Object<T>>;

fn text(text: Option<String>) -> Text<'static> {
    text.filter(|text| !text.is_empty())
        .map_or(Field::Absent, |text| Field::Is(Cow::Owned(text)))
}

fn plain(value: String) -> Text<'static> {
    text(Some(value))
}

fn word(word: Option<&'static str>) -> Text<'static> {
    word.map_or(Field::Absent, |word| Field::Is(Cow::Borrowed(word)))
}

/// The word at a number's place; 0 is absent where the list begins with an empty word.
fn of(words: &'static [&'static str], number: i32) -> Text<'static> {
    let found = usize::try_from(number).ok().and_then(|number| words.get(number));
    word(found.copied().filter(|word| !word.is_empty()))
}

fn list<T, U>(messages: Vec<T>, make: fn(T) -> U) -> Made<U> {
    Field::Is(
        messages
            .into_iter()
            .map(|message| object(make(message)))
            .collect(),
    )
}

fn texts(list: Vec<String>) -> List<Text<'static>> {
    Field::Is(list.into_iter().map(plain).collect())
}

fn object<T>(value: T) -> Object<T> {
    Field::Is(Record(value))
}

fn maybe<T, U>(message: Option<T>, make: fn(T) -> U) -> Object<U> {
    message.map_or(Field::Absent, |message| object(make(message)))
}

fn rare<T, U>(message: Option<T>, make: fn(T) -> U) -> Rare<U> {
    message.map_or(Field::Absent, |message| {
        Field::Is(Box::new(Record(make(message))))
    })
}

fn number(number: Option<f64>) -> Field<Number> {
    match number {
        Some(number) if number.is_finite() => Field::Is(Number(number)),
        Some(_) => Field::Wrong("no number"),
        None => Field::Absent,
    }
}

fn time(time: Option<m::Timestamp>) -> Text<'static> {
    time.map_or(Field::Absent, |time| {
        let millis = time
            .seconds
            .saturating_mul(1_000)
            .saturating_add(i64::from(time.nanos) / 1_000_000);
        Field::Is(Cow::Owned(clock::Timestamp::from_millis(millis).to_string()))
    })
}

fn bom_of(bom: m::Bom) -> model::Bom<'static> {
    model::Bom {
        spec_version: plain(bom.spec_version),
        serial_number: text(bom.serial_number),
        metadata: maybe(bom.metadata, metadata),
        components: list(bom.components, component),
        services: list(bom.services, service),
        dependencies: dependencies(bom.dependencies),
        compositions: list(bom.compositions, composition),
        vulnerabilities: list(bom.vulnerabilities, vulnerability),
        properties: list(bom.properties, property),
    }
}

fn metadata(metadata: m::Metadata) -> model::Metadata<'static> {
    model::Metadata {
        timestamp: time(metadata.timestamp),
        lifecycles: list(metadata.lifecycles, |lifecycle| model::Lifecycle {
            phase: lifecycle
                .phase
                .map_or(Field::Absent, |phase| of(w::PHASES, phase)),
            name: text(lifecycle.name),
        }),
        tools: tools(metadata.tools),
        authors: list(metadata.authors, contact),
        component: maybe(metadata.component, component),
        manufacture: rare(metadata.manufacture, organization),
        manufacturer: rare(metadata.manufacturer, organization),
        supplier: rare(metadata.supplier, organization),
        licenses: list(metadata.licenses, choice),
        properties: list(metadata.properties, property),
    }
}

/// Until 1.4 one message was one tool; since 1.5 one message holds the components that are tools.
fn tools(messages: Vec<m::Tool>) -> Field<model::Tools<'static>> {
    let mut tools = Vec::new();
    for message in messages {
        tools.extend(message.name.map(|name| {
            object(model::Tool {
                vendor: text(message.vendor),
                name: plain(name),
                version: text(message.version),
                ..model::Tool::default()
            })
        }));
        tools.extend(message.components.into_iter().map(|component| {
            object(model::Tool {
                name: plain(component.name),
                version: plain(component.version),
                ..model::Tool::default()
            })
        }));
    }
    Field::Is(model::Tools::Listed(Field::Is(tools)))
}

fn organization(organization: m::Organization) -> model::Organization<'static> {
    model::Organization {
        name: text(organization.name),
        url: Field::Is(OneOrMany(organization.url.into_iter().map(plain).collect())),
        contact: list(organization.contact, contact),
    }
}

fn contact(contact: m::Contact) -> model::Contact<'static> {
    model::Contact {
        name: text(contact.name),
        email: text(contact.email),
        phone: text(contact.phone),
    }
}

fn component(component: m::Component) -> model::Component<'static> {
    model::Component {
        bom_ref: text(component.bom_ref),
        kind: of(w::KINDS, component.kind),
        group: text(component.group),
        name: plain(component.name),
        version: plain(component.version),
        version_range: Field::Absent,
        purl: text(component.purl),
        cpe: text(component.cpe),
        scope: component
            .scope
            .map_or(Field::Absent, |scope| of(w::SCOPES, scope)),
        author: text(component.author),
        publisher: text(component.publisher),
        description: text(component.description),
        copyright: text(component.copyright),
        mime_type: text(component.mime_type),
        authors: list(component.authors, contact),
        supplier: rare(component.supplier, organization),
        manufacturer: rare(component.manufacturer, organization),
        swid: rare(component.swid, |swid| model::Swid {
            tag_id: plain(swid.tag_id),
            name: plain(swid.name),
            version: text(swid.version),
        }),
        tags: texts(component.tags),
        licenses: list(component.licenses, choice),
        hashes: list(component.hashes, hash),
        properties: list(component.properties, property),
        external_references: list(component.external_references, reference),
        evidence: rare(component.evidence, evidence),
        pedigree: rare(component.pedigree, pedigree),
        components: list(component.components, self::component),
        ..model::Component::default()
    }
}

fn choice(choice: m::LicenseChoice) -> model::LicenseChoice<'static> {
    model::LicenseChoice {
        expression: text(choice.expression),
        acknowledgement: choice
            .acknowledgement
            .map_or(Field::Absent, |number| of(w::ACKNOWLEDGEMENTS, number)),
        license: maybe(choice.license, |license| model::License {
            id: text(license.id),
            name: text(license.name),
            url: text(license.url),
            acknowledgement: license
                .acknowledgement
                .map_or(Field::Absent, |number| of(w::ACKNOWLEDGEMENTS, number)),
            text: rare(license.text, |attachment| model::Attachment {
                encoding: text(attachment.encoding),
                content: plain(attachment.value),
            }),
        }),
    }
}

fn hash(hash: m::Hash) -> model::Hash<'static> {
    model::Hash {
        alg: of(w::HASHES, hash.alg),
        content: plain(hash.value),
    }
}

fn property(property: m::Property) -> model::Property<'static> {
    model::Property {
        name: plain(property.name),
        value: text(property.value),
    }
}

fn reference(reference: m::ExternalReference) -> model::ExternalReference<'static> {
    model::ExternalReference {
        kind: of(w::REFERENCES, reference.kind),
        url: plain(reference.url),
        comment: text(reference.comment),
        hashes: list(reference.hashes, hash),
    }
}

fn evidence(evidence: m::Evidence) -> model::Evidence<'static> {
    let identities = evidence
        .identity
        .into_iter()
        .map(|identity| object(self::identity(identity)));
    model::Evidence {
        identity: Field::Is(OneOrMany(identities.collect())),
        occurrences: list(evidence.occurrences, |occurrence| model::Occurrence {
            location: plain(occurrence.location),
            line: number(occurrence.line.map(f64::from)),
        }),
        licenses: list(evidence.licenses, choice),
        copyright: list(evidence.copyright, |copyright| model::Copyright {
            text: plain(copyright.text),
        }),
    }
}

fn identity(identity: m::Identity) -> model::Identity<'static> {
    model::Identity {
        field: of(w::IDENTITY_FIELDS, identity.field),
        confidence: number(identity.confidence.map(f64::from)),
        concluded_value: text(identity.concluded_value),
        methods: list(identity.methods, |method| model::Method {
            technique: of(w::TECHNIQUES, method.technique),
            confidence: number(Some(f64::from(method.confidence))),
            value: text(method.value),
        }),
    }
}

fn pedigree(pedigree: m::Pedigree) -> model::Pedigree<'static> {
    model::Pedigree {
        ancestors: list(pedigree.ancestors, relative),
        descendants: list(pedigree.descendants, relative),
        variants: list(pedigree.variants, relative),
        commits: list(pedigree.commits, |commit| model::Commit {
            uid: text(commit.uid),
            url: text(commit.url),
            message: text(commit.message),
        }),
        patches: list(pedigree.patches, |patch| model::Patch {
            kind: of(w::PATCHES, patch.kind),
            diff: maybe(patch.diff, |diff| model::Diff { url: text(diff.url) }),
            resolves: list(patch.resolves, |issue| model::Issue {
                id: text(issue.id),
                name: text(issue.name),
            }),
        }),
        notes: text(pedigree.notes),
    }
}

fn relative(component: m::Component) -> model::Relative<'static> {
    model::Relative {
        group: text(component.group),
        name: plain(component.name),
        version: plain(component.version),
        purl: text(component.purl),
    }
}

fn service(service: m::Service) -> model::Service<'static> {
    let boolean = |value: Option<bool>| value.map_or(Field::Absent, Field::Is);
    model::Service {
        bom_ref: text(service.bom_ref),
        group: text(service.group),
        name: plain(service.name),
        version: text(service.version),
        description: text(service.description),
        provider: rare(service.provider, organization),
        endpoints: texts(service.endpoints),
        authenticated: boolean(service.authenticated),
        trust_boundary: boolean(service.x_trust_boundary),
        licenses: list(service.licenses, choice),
        external_references: list(service.external_references, reference),
        properties: list(service.properties, property),
        services: list(service.services, self::service),
        ..model::Service::default()
    }
}

/// Messages nest; each level says of what the next is needed.
fn dependencies(messages: Vec<m::Dependency>) -> Made<model::Dependency<'static>> {
    let mut made = Vec::new();
    for message in messages {
        dependency(message, &mut made);
    }
    Field::Is(made)
}

fn dependency(message: m::Dependency, made: &mut Vec<Object<model::Dependency<'static>>>) {
    if message.dependencies.is_empty() {
        return;
    }
    let targets = message
        .dependencies
        .iter()
        .map(|target| plain(target.reference.clone()));
    made.push(object(model::Dependency {
        reference: plain(message.reference),
        depends_on: Field::Is(targets.collect()),
        ..model::Dependency::default()
    }));
    for nested in message.dependencies {
        dependency(nested, made);
    }
}

fn composition(composition: m::Composition) -> model::Composition<'static> {
    model::Composition {
        aggregate: of(w::AGGREGATES, composition.aggregate),
        assemblies: texts(composition.assemblies),
        dependencies: texts(composition.dependencies),
        ..model::Composition::default()
    }
}

fn link(link: m::Source) -> model::Link<'static> {
    model::Link {
        name: text(link.name),
        url: text(link.url),
    }
}

fn vulnerability(vulnerability: m::Vulnerability) -> model::Vulnerability<'static> {
    let cwes = vulnerability
        .cwes
        .into_iter()
        .map(|cwe| number(Some(f64::from(cwe))));
    model::Vulnerability {
        id: text(vulnerability.id),
        source: maybe(vulnerability.source, link),
        references: list(vulnerability.references, |reference| {
            model::VulnerabilityReference {
                id: plain(reference.id),
            }
        }),
        ratings: list(vulnerability.ratings, rating),
        cwes: Field::Is(cwes.collect()),
        description: text(vulnerability.description),
        detail: text(vulnerability.detail),
        recommendation: text(vulnerability.recommendation),
        workaround: text(vulnerability.workaround),
        advisories: list(vulnerability.advisories, |advisory| model::Advisory {
            title: text(advisory.title),
            url: plain(advisory.url),
        }),
        published: time(vulnerability.published),
        updated: time(vulnerability.updated),
        analysis: rare(vulnerability.analysis, analysis),
        affects: list(vulnerability.affects, affected),
        properties: list(vulnerability.properties, property),
        ..model::Vulnerability::default()
    }
}

fn rating(rating: m::Rating) -> model::Rating<'static> {
    model::Rating {
        source: maybe(rating.source, link),
        score: number(rating.score),
        severity: rating
            .severity
            .map_or(Field::Absent, |number| of(w::SEVERITIES, number)),
        method: rating
            .method
            .map_or(Field::Absent, |number| of(w::METHODS, number)),
        vector: text(rating.vector),
        justification: text(rating.justification),
    }
}

fn analysis(analysis: m::Analysis) -> model::Analysis<'static> {
    let responses = analysis
        .response
        .into_iter()
        .map(|number| of(w::RESPONSES, number));
    model::Analysis {
        state: analysis
            .state
            .map_or(Field::Absent, |number| of(w::STATES, number)),
        justification: analysis
            .justification
            .map_or(Field::Absent, |number| of(w::JUSTIFICATIONS, number)),
        response: Field::Is(responses.collect()),
        detail: text(analysis.detail),
        first_issued: time(analysis.first_issued),
        last_updated: time(analysis.last_updated),
    }
}

fn affected(affected: m::Affected) -> model::Affected<'static> {
    model::Affected {
        reference: plain(affected.reference),
        versions: list(affected.versions, |version| model::AffectedVersion {
            version: text(version.version),
            range: text(version.range),
            status: version
                .status
                .map_or(Field::Absent, |number| of(w::AFFECTED, number)),
        }),
    }
}

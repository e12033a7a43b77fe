//! The parts of a CycloneDX document that an inventory is made of, for every version at once.
//!
//! JSON is deserialized into this; the readers of XML and Protobuf fill it.

use serde::Deserialize;
use serde::de::{MapAccess, SeqAccess, value::MapAccessDeserializer};

use crate::formats::lenient::{Field, List, Number, Object, OneOrMany, Rare, Shape, Text};
use crate::formats::place::Mark;

#[derive(Debug, Default, Deserialize)]
pub(in crate::formats) struct Bom<'a> {
    #[serde(default, borrow, rename = "specVersion")]
    pub(super) spec_version: Text<'a>,
    #[serde(default, borrow, rename = "serialNumber")]
    pub(super) serial_number: Text<'a>,
    #[serde(default, borrow)]
    pub(super) metadata: Object<Metadata<'a>>,
    #[serde(default, borrow)]
    pub(super) components: List<Object<Component<'a>>>,
    #[serde(default, borrow)]
    pub(super) services: List<Object<Service<'a>>>,
    #[serde(default, borrow)]
    pub(super) dependencies: List<Object<Dependency<'a>>>,
    #[serde(default, borrow)]
    pub(super) compositions: List<Object<Composition<'a>>>,
    #[serde(default, borrow)]
    pub(super) vulnerabilities: List<Object<Vulnerability<'a>>>,
    #[serde(default, borrow)]
    pub(super) properties: List<Object<Property<'a>>>,
}

/// What the document says about itself.
#[derive(Debug, Default, Deserialize)]
pub(in crate::formats) struct Metadata<'a> {
    #[serde(default, borrow)]
    pub(super) timestamp: Text<'a>,
    #[serde(default, borrow)]
    pub(super) lifecycles: List<Object<Lifecycle<'a>>>,
    #[serde(default, borrow)]
    pub(super) tools: Field<Tools<'a>>,
    #[serde(default, borrow)]
    pub(super) authors: List<Object<Contact<'a>>>,
    #[serde(default, borrow)]
    pub(super) component: Object<Component<'a>>,
    #[serde(default, borrow)]
    pub(super) manufacture: Rare<Organization<'a>>,
    #[serde(default, borrow)]
    pub(super) manufacturer: Rare<Organization<'a>>,
    #[serde(default, borrow)]
    pub(super) supplier: Rare<Organization<'a>>,
    #[serde(default, borrow)]
    pub(super) licenses: List<Object<LicenseChoice<'a>>>,
    #[serde(default, borrow)]
    pub(super) properties: List<Object<Property<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
pub(in crate::formats) struct Lifecycle<'a> {
    #[serde(default, borrow)]
    pub(super) phase: Text<'a>,
    #[serde(default, borrow)]
    pub(super) name: Text<'a>,
}

/// A list until 1.4; since 1.5 also an object of components and services.
#[derive(Debug)]
pub(in crate::formats) enum Tools<'a> {
    Listed(List<Object<Tool<'a>>>),
    Described(ToolSet<'a>),
}

#[derive(Debug, Default, Deserialize)]
pub(in crate::formats) struct ToolSet<'a> {
    #[serde(default, borrow)]
    pub(super) components: List<Object<Tool<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
pub(in crate::formats) struct Tool<'a> {
    #[serde(default, borrow)]
    pub(super) vendor: Text<'a>,
    #[serde(default, borrow)]
    pub(super) group: Text<'a>,
    #[serde(default, borrow)]
    pub(super) name: Text<'a>,
    #[serde(default, borrow)]
    pub(super) version: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
pub(in crate::formats) struct Organization<'a> {
    #[serde(default, borrow)]
    pub(super) name: Text<'a>,
    #[serde(default, borrow)]
    pub(super) url: Field<OneOrMany<Text<'a>>>,
    #[serde(default, borrow)]
    pub(super) contact: List<Object<Contact<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
pub(in crate::formats) struct Contact<'a> {
    #[serde(default, borrow)]
    pub(super) name: Text<'a>,
    #[serde(default, borrow)]
    pub(super) email: Text<'a>,
    #[serde(default, borrow)]
    pub(super) phone: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
pub(in crate::formats) struct Component<'a> {
    #[serde(skip)]
    pub(super) mark: Mark,
    #[serde(default, borrow, rename = "bom-ref")]
    pub(super) bom_ref: Text<'a>,
    #[serde(default, borrow, rename = "type")]
    pub(super) kind: Text<'a>,
    #[serde(default, borrow)]
    pub(super) group: Text<'a>,
    #[serde(default, borrow)]
    pub(super) name: Text<'a>,
    #[serde(default, borrow)]
    pub(super) version: Text<'a>,
    #[serde(default, borrow, rename = "versionRange")]
    pub(super) version_range: Text<'a>,
    #[serde(default, borrow)]
    pub(super) purl: Text<'a>,
    #[serde(default, borrow)]
    pub(super) cpe: Text<'a>,
    #[serde(default, borrow)]
    pub(super) scope: Text<'a>,
    #[serde(default, borrow)]
    pub(super) author: Text<'a>,
    #[serde(default, borrow)]
    pub(super) publisher: Text<'a>,
    #[serde(default, borrow)]
    pub(super) description: Text<'a>,
    #[serde(default, borrow)]
    pub(super) copyright: Text<'a>,
    #[serde(default, borrow, rename = "mime-type")]
    pub(super) mime_type: Text<'a>,
    #[serde(default, borrow)]
    pub(super) authors: List<Object<Contact<'a>>>,
    #[serde(default, borrow)]
    pub(super) supplier: Rare<Organization<'a>>,
    #[serde(default, borrow)]
    pub(super) manufacturer: Rare<Organization<'a>>,
    #[serde(default, borrow)]
    pub(super) swid: Rare<Swid<'a>>,
    #[serde(default, borrow)]
    pub(super) tags: List<Text<'a>>,
    #[serde(default, borrow)]
    pub(super) licenses: List<Object<LicenseChoice<'a>>>,
    #[serde(default, borrow)]
    pub(super) hashes: List<Object<Hash<'a>>>,
    #[serde(default, borrow)]
    pub(super) properties: List<Object<Property<'a>>>,
    #[serde(default, borrow, rename = "externalReferences")]
    pub(super) external_references: List<Object<ExternalReference<'a>>>,
    #[serde(default, borrow)]
    pub(super) evidence: Rare<Evidence<'a>>,
    #[serde(default, borrow)]
    pub(super) pedigree: Rare<Pedigree<'a>>,
    #[serde(default, borrow)]
    pub(super) components: List<Object<Component<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
pub(in crate::formats) struct Swid<'a> {
    #[serde(default, borrow, rename = "tagId")]
    pub(super) tag_id: Text<'a>,
    #[serde(default, borrow)]
    pub(super) name: Text<'a>,
    #[serde(default, borrow)]
    pub(super) version: Text<'a>,
}

/// Either an expression or one license.
#[derive(Debug, Default, Deserialize)]
pub(in crate::formats) struct LicenseChoice<'a> {
    #[serde(default, borrow)]
    pub(super) expression: Text<'a>,
    #[serde(default, borrow)]
    pub(super) acknowledgement: Text<'a>,
    #[serde(default, borrow)]
    pub(super) license: Object<License<'a>>,
}

#[derive(Debug, Default, Deserialize)]
pub(in crate::formats) struct License<'a> {
    #[serde(default, borrow)]
    pub(super) id: Text<'a>,
    #[serde(default, borrow)]
    pub(super) name: Text<'a>,
    #[serde(default, borrow)]
    pub(super) url: Text<'a>,
    #[serde(default, borrow)]
    pub(super) acknowledgement: Text<'a>,
    #[serde(default, borrow)]
    pub(super) text: Rare<Attachment<'a>>,
}

#[derive(Debug, Default, Deserialize)]
pub(in crate::formats) struct Attachment<'a> {
    #[serde(default, borrow)]
    pub(super) encoding: Text<'a>,
    #[serde(default, borrow)]
    pub(super) content: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
pub(in crate::formats) struct Hash<'a> {
    #[serde(default, borrow)]
    pub(super) alg: Text<'a>,
    #[serde(default, borrow)]
    pub(super) content: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
pub(in crate::formats) struct Property<'a> {
    #[serde(default, borrow)]
    pub(super) name: Text<'a>,
    #[serde(default, borrow)]
    pub(super) value: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
pub(in crate::formats) struct ExternalReference<'a> {
    #[serde(default, borrow, rename = "type")]
    pub(super) kind: Text<'a>,
    #[serde(default, borrow)]
    pub(super) url: Text<'a>,
    #[serde(default, borrow)]
    pub(super) comment: Text<'a>,
    #[serde(default, borrow)]
    pub(super) hashes: List<Object<Hash<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
pub(in crate::formats) struct Evidence<'a> {
    #[serde(default, borrow)]
    pub(super) identity: Field<OneOrMany<Object<Identity<'a>>>>,
    #[serde(default, borrow)]
    pub(super) occurrences: List<Object<Occurrence<'a>>>,
    #[serde(default, borrow)]
    pub(super) licenses: List<Object<LicenseChoice<'a>>>,
    #[serde(default, borrow)]
    pub(super) copyright: List<Object<Copyright<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
pub(in crate::formats) struct Identity<'a> {
    #[serde(default, borrow)]
    pub(super) field: Text<'a>,
    #[serde(default)]
    pub(super) confidence: Field<Number>,
    #[serde(default, borrow, rename = "concludedValue")]
    pub(super) concluded_value: Text<'a>,
    #[serde(default, borrow)]
    pub(super) methods: List<Object<Method<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
pub(in crate::formats) struct Method<'a> {
    #[serde(default, borrow)]
    pub(super) technique: Text<'a>,
    #[serde(default)]
    pub(super) confidence: Field<Number>,
    #[serde(default, borrow)]
    pub(super) value: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
pub(in crate::formats) struct Occurrence<'a> {
    #[serde(default, borrow)]
    pub(super) location: Text<'a>,
    #[serde(default)]
    pub(super) line: Field<Number>,
}

#[derive(Debug, Default, Deserialize)]
pub(in crate::formats) struct Copyright<'a> {
    #[serde(default, borrow)]
    pub(super) text: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
pub(in crate::formats) struct Pedigree<'a> {
    #[serde(default, borrow)]
    pub(super) ancestors: List<Object<Relative<'a>>>,
    #[serde(default, borrow)]
    pub(super) descendants: List<Object<Relative<'a>>>,
    #[serde(default, borrow)]
    pub(super) variants: List<Object<Relative<'a>>>,
    #[serde(default, borrow)]
    pub(super) commits: List<Object<Commit<'a>>>,
    #[serde(default, borrow)]
    pub(super) patches: List<Object<Patch<'a>>>,
    #[serde(default, borrow)]
    pub(super) notes: Text<'a>,
}

/// A component of a pedigree, by its identity.
#[derive(Debug, Default, Deserialize)]
pub(in crate::formats) struct Relative<'a> {
    #[serde(default, borrow)]
    pub(super) group: Text<'a>,
    #[serde(default, borrow)]
    pub(super) name: Text<'a>,
    #[serde(default, borrow)]
    pub(super) version: Text<'a>,
    #[serde(default, borrow)]
    pub(super) purl: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
pub(in crate::formats) struct Commit<'a> {
    #[serde(default, borrow)]
    pub(super) uid: Text<'a>,
    #[serde(default, borrow)]
    pub(super) url: Text<'a>,
    #[serde(default, borrow)]
    pub(super) message: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
pub(in crate::formats) struct Patch<'a> {
    #[serde(default, borrow, rename = "type")]
    pub(super) kind: Text<'a>,
    #[serde(default, borrow)]
    pub(super) diff: Object<Diff<'a>>,
    #[serde(default, borrow)]
    pub(super) resolves: List<Object<Issue<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
pub(in crate::formats) struct Diff<'a> {
    #[serde(default, borrow)]
    pub(super) url: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
pub(in crate::formats) struct Issue<'a> {
    #[serde(default, borrow)]
    pub(super) id: Text<'a>,
    #[serde(default, borrow)]
    pub(super) name: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
pub(in crate::formats) struct Service<'a> {
    #[serde(skip)]
    pub(super) mark: Mark,
    #[serde(default, borrow, rename = "bom-ref")]
    pub(super) bom_ref: Text<'a>,
    #[serde(default, borrow)]
    pub(super) group: Text<'a>,
    #[serde(default, borrow)]
    pub(super) name: Text<'a>,
    #[serde(default, borrow)]
    pub(super) version: Text<'a>,
    #[serde(default, borrow)]
    pub(super) description: Text<'a>,
    #[serde(default, borrow)]
    pub(super) provider: Rare<Organization<'a>>,
    #[serde(default, borrow)]
    pub(super) endpoints: List<Text<'a>>,
    #[serde(default)]
    pub(super) authenticated: Field<bool>,
    #[serde(default, rename = "x-trust-boundary")]
    pub(super) trust_boundary: Field<bool>,
    #[serde(default, borrow)]
    pub(super) licenses: List<Object<LicenseChoice<'a>>>,
    #[serde(default, borrow, rename = "externalReferences")]
    pub(super) external_references: List<Object<ExternalReference<'a>>>,
    #[serde(default, borrow)]
    pub(super) properties: List<Object<Property<'a>>>,
    #[serde(default, borrow)]
    pub(super) services: List<Object<Service<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
pub(in crate::formats) struct Dependency<'a> {
    #[serde(skip)]
    pub(super) mark: Mark,
    #[serde(default, borrow, rename = "ref")]
    pub(super) reference: Text<'a>,
    #[serde(default, borrow, rename = "dependsOn")]
    pub(super) depends_on: List<Text<'a>>,
}

#[derive(Debug, Default, Deserialize)]
pub(in crate::formats) struct Composition<'a> {
    #[serde(skip)]
    pub(super) mark: Mark,
    #[serde(default, borrow)]
    pub(super) aggregate: Text<'a>,
    #[serde(default, borrow)]
    pub(super) assemblies: List<Text<'a>>,
    #[serde(default, borrow)]
    pub(super) dependencies: List<Text<'a>>,
}

#[derive(Debug, Default, Deserialize)]
pub(in crate::formats) struct Vulnerability<'a> {
    #[serde(skip)]
    pub(super) mark: Mark,
    #[serde(default, borrow)]
    pub(super) id: Text<'a>,
    #[serde(default, borrow)]
    pub(super) source: Object<Link<'a>>,
    #[serde(default, borrow)]
    pub(super) references: List<Object<VulnerabilityReference<'a>>>,
    #[serde(default, borrow)]
    pub(super) ratings: List<Object<Rating<'a>>>,
    #[serde(default)]
    pub(super) cwes: List<Field<Number>>,
    #[serde(default, borrow)]
    pub(super) description: Text<'a>,
    #[serde(default, borrow)]
    pub(super) detail: Text<'a>,
    #[serde(default, borrow)]
    pub(super) recommendation: Text<'a>,
    #[serde(default, borrow)]
    pub(super) workaround: Text<'a>,
    #[serde(default, borrow)]
    pub(super) advisories: List<Object<Advisory<'a>>>,
    #[serde(default, borrow)]
    pub(super) published: Text<'a>,
    #[serde(default, borrow)]
    pub(super) updated: Text<'a>,
    #[serde(default, borrow)]
    pub(super) analysis: Rare<Analysis<'a>>,
    #[serde(default, borrow)]
    pub(super) affects: List<Object<Affected<'a>>>,
    #[serde(default, borrow)]
    pub(super) properties: List<Object<Property<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
pub(in crate::formats) struct Link<'a> {
    #[serde(default, borrow)]
    pub(super) name: Text<'a>,
    #[serde(default, borrow)]
    pub(super) url: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
pub(in crate::formats) struct VulnerabilityReference<'a> {
    #[serde(default, borrow)]
    pub(super) id: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
pub(in crate::formats) struct Rating<'a> {
    #[serde(default, borrow)]
    pub(super) source: Object<Link<'a>>,
    #[serde(default)]
    pub(super) score: Field<Number>,
    #[serde(default, borrow)]
    pub(super) severity: Text<'a>,
    #[serde(default, borrow)]
    pub(super) method: Text<'a>,
    #[serde(default, borrow)]
    pub(super) vector: Text<'a>,
    #[serde(default, borrow)]
    pub(super) justification: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
pub(in crate::formats) struct Advisory<'a> {
    #[serde(default, borrow)]
    pub(super) title: Text<'a>,
    #[serde(default, borrow)]
    pub(super) url: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
pub(in crate::formats) struct Analysis<'a> {
    #[serde(default, borrow)]
    pub(super) state: Text<'a>,
    #[serde(default, borrow)]
    pub(super) justification: Text<'a>,
    #[serde(default, borrow)]
    pub(super) response: List<Text<'a>>,
    #[serde(default, borrow)]
    pub(super) detail: Text<'a>,
    #[serde(default, borrow, rename = "firstIssued")]
    pub(super) first_issued: Text<'a>,
    #[serde(default, borrow, rename = "lastUpdated")]
    pub(super) last_updated: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
pub(in crate::formats) struct Affected<'a> {
    #[serde(default, borrow, rename = "ref")]
    pub(super) reference: Text<'a>,
    #[serde(default, borrow)]
    pub(super) versions: List<Object<AffectedVersion<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
pub(in crate::formats) struct AffectedVersion<'a> {
    #[serde(default, borrow)]
    pub(super) version: Text<'a>,
    #[serde(default, borrow)]
    pub(super) range: Text<'a>,
    #[serde(default, borrow)]
    pub(super) status: Text<'a>,
}

impl<'de: 'a, 'a> Shape<'de> for Tools<'a> {
    fn from_seq<A: SeqAccess<'de>>(seq: A) -> Result<Field<Self>, A::Error> {
        Vec::from_seq(seq).map(|list| Field::Is(Self::Listed(list)))
    }

    fn from_map<A: MapAccess<'de>>(map: A) -> Result<Field<Self>, A::Error> {
        ToolSet::deserialize(MapAccessDeserializer::new(map)).map(|set| Field::Is(Self::Described(set)))
    }
}

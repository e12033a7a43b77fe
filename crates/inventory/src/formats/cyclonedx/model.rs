//! The parts of a CycloneDX document that an inventory is made of, for every version at once.

use serde::Deserialize;
use serde::de::{MapAccess, SeqAccess, value::MapAccessDeserializer};

use crate::formats::lenient::{Field, List, Object, Shape, Text};

#[derive(Debug, Deserialize)]
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
}

#[derive(Debug, Deserialize)]
pub(in crate::formats) struct Metadata<'a> {
    #[serde(default, borrow)]
    pub(super) timestamp: Text<'a>,
    #[serde(default, borrow)]
    pub(super) tools: Field<Tools<'a>>,
    #[serde(default, borrow)]
    pub(super) component: Object<Component<'a>>,
}

/// A list until 1.4; since 1.5 also an object of components and services.
#[derive(Debug)]
pub(in crate::formats) enum Tools<'a> {
    Listed(List<Object<Tool<'a>>>),
    Described(ToolSet<'a>),
}

#[derive(Debug, Deserialize)]
pub(in crate::formats) struct ToolSet<'a> {
    #[serde(default, borrow)]
    pub(super) components: List<Object<Tool<'a>>>,
}

#[derive(Debug, Deserialize)]
pub(in crate::formats) struct Tool<'a> {
    #[serde(default, borrow)]
    pub(super) name: Text<'a>,
    #[serde(default, borrow)]
    pub(super) version: Text<'a>,
}

#[derive(Debug, Deserialize)]
pub(in crate::formats) struct Component<'a> {
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
    #[serde(default, borrow)]
    pub(super) purl: Text<'a>,
    #[serde(default, borrow)]
    pub(super) cpe: Text<'a>,
    #[serde(default, borrow)]
    pub(super) scope: Text<'a>,
    #[serde(default, borrow)]
    pub(super) publisher: Text<'a>,
    #[serde(default, borrow)]
    pub(super) supplier: Object<Named<'a>>,
    #[serde(default, borrow)]
    pub(super) licenses: List<Object<LicenseChoice<'a>>>,
    #[serde(default, borrow)]
    pub(super) hashes: List<Object<Hash<'a>>>,
    #[serde(default, borrow)]
    pub(super) properties: List<Object<Property<'a>>>,
    #[serde(default, borrow, rename = "externalReferences")]
    pub(super) external_references: List<Object<ExternalReference<'a>>>,
    #[serde(default, borrow)]
    pub(super) components: List<Object<Component<'a>>>,
}

#[derive(Debug, Deserialize)]
pub(in crate::formats) struct Named<'a> {
    #[serde(default, borrow)]
    pub(super) name: Text<'a>,
}

/// Either an expression or one license.
#[derive(Debug, Deserialize)]
pub(in crate::formats) struct LicenseChoice<'a> {
    #[serde(default, borrow)]
    pub(super) expression: Text<'a>,
    #[serde(default, borrow)]
    pub(super) acknowledgement: Text<'a>,
    #[serde(default, borrow)]
    pub(super) license: Object<License<'a>>,
}

#[derive(Debug, Deserialize)]
pub(in crate::formats) struct License<'a> {
    #[serde(default, borrow)]
    pub(super) id: Text<'a>,
    #[serde(default, borrow)]
    pub(super) name: Text<'a>,
    #[serde(default, borrow)]
    pub(super) url: Text<'a>,
    #[serde(default, borrow)]
    pub(super) acknowledgement: Text<'a>,
}

#[derive(Debug, Deserialize)]
pub(in crate::formats) struct Hash<'a> {
    #[serde(default, borrow)]
    pub(super) alg: Text<'a>,
    #[serde(default, borrow)]
    pub(super) content: Text<'a>,
}

#[derive(Debug, Deserialize)]
pub(in crate::formats) struct Property<'a> {
    #[serde(default, borrow)]
    pub(super) name: Text<'a>,
    #[serde(default, borrow)]
    pub(super) value: Text<'a>,
}

#[derive(Debug, Deserialize)]
pub(in crate::formats) struct ExternalReference<'a> {
    #[serde(default, borrow, rename = "type")]
    pub(super) kind: Text<'a>,
    #[serde(default, borrow)]
    pub(super) url: Text<'a>,
}

#[derive(Debug, Deserialize)]
pub(in crate::formats) struct Service<'a> {
    #[serde(default, borrow, rename = "bom-ref")]
    pub(super) bom_ref: Text<'a>,
    #[serde(default, borrow)]
    pub(super) services: List<Object<Service<'a>>>,
}

#[derive(Debug, Deserialize)]
pub(in crate::formats) struct Dependency<'a> {
    #[serde(default, borrow, rename = "ref")]
    pub(super) reference: Text<'a>,
    #[serde(default, borrow, rename = "dependsOn")]
    pub(super) depends_on: List<Text<'a>>,
}

#[derive(Debug, Deserialize)]
pub(in crate::formats) struct Composition<'a> {
    #[serde(default, borrow)]
    pub(super) aggregate: Text<'a>,
    #[serde(default, borrow)]
    pub(super) dependencies: List<Text<'a>>,
}

impl<'de: 'a, 'a> Shape<'de> for Tools<'a> {
    fn from_seq<A: SeqAccess<'de>>(seq: A) -> Result<Field<Self>, A::Error> {
        Vec::from_seq(seq).map(|list| Field::Is(Self::Listed(list)))
    }

    fn from_map<A: MapAccess<'de>>(map: A) -> Result<Field<Self>, A::Error> {
        ToolSet::deserialize(MapAccessDeserializer::new(map)).map(|set| Field::Is(Self::Described(set)))
    }
}

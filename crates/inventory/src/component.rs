//! Components and how they hang together.

use serde::{Deserialize, Serialize};

use crate::Purl;

/// The position of a component in [`Inventory::components`].
pub type ComponentId = u32;

/// Everything that one document (or one resolved tree) says is inside a product.
///
/// What a document does not say is absent (`None`, empty), never a default that looks like a statement.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Inventory {
    /// The format as sniffed: `CycloneDX 1.6 JSON`, `SPDX 2.3 JSON`.
    pub format: String,
    /// The tools that wrote the document, `name version`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<String>,
    /// When the document says it was written, as written there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// CycloneDX `serialNumber`, SPDX `documentNamespace`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// The product itself, if the document names it; it is in `components` too and is matched like the rest,
    /// but counts of components leave it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root: Option<ComponentId>,
    pub components: Vec<Component>,
    /// `(from, to)`: `from` depends on (or contains) `to`. Sorted, without duplicates, without self-loops.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub edges: Vec<(ComponentId, ComponentId)>,
    /// Whether the document claims that its dependency graph is complete; `None` when it says nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub complete: Option<bool>,
}

impl Inventory {
    /// The number of components without the root, as the API and the pages count them.
    #[must_use]
    pub fn component_count(&self) -> usize {
        self.components.len() - usize::from(self.root.is_some())
    }

    /// The components without the root, with their positions.
    pub fn iter(&self) -> impl Iterator<Item = (ComponentId, &Component)> {
        let root = self.root;
        (0..)
            .zip(&self.components)
            .filter(move |(id, _)| Some(*id) != root)
    }
}

/// One thing inside a product.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Component {
    /// How the document itself refers to it (`bom-ref`, `SPDXID`); unique within the document after reading.
    pub reference: String,
    pub kind: ComponentKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purl: Option<Purl>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpe: Option<String>,
    #[serde(default)]
    pub scope: Scope,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub licenses: Vec<LicenseClaim>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hashes: Vec<Hash>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supplier: Option<String>,
    /// Where the package comes from, when the document proves that it is not the ecosystem's default registry.
    #[serde(default)]
    pub source: Source,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ComponentKind {
    Application,
    Framework,
    #[default]
    Library,
    Container,
    OperatingSystem,
    Firmware,
    Device,
    File,
    Data,
    Other,
}

/// When the component is needed. What a document leaves out is [`Scope::Required`], as CycloneDX defines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    #[default]
    Required,
    Optional,
    Dev,
    Excluded,
}

/// Where a package's bytes come from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "kind", content = "url")]
pub enum Source {
    /// The ecosystem's default registry, or nothing known to the contrary.
    #[default]
    Registry,
    /// Another registry; packages there are not the ones that public advisories speak of.
    OtherRegistry(String),
    Git(String),
    Path(String),
    Url(String),
}

/// One statement about a component's license. Several claims of one source are joined by AND.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LicenseClaim {
    pub source: LicenseSource,
    /// An SPDX expression, an SPDX id, or free text as the document has it; never `NOASSERTION` or `NONE`.
    pub text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LicenseSource {
    Declared,
    Concluded,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Hash {
    /// As CycloneDX spells it: `SHA-256`, `SHA-512`, `MD5`.
    pub algorithm: String,
    /// Lower-case hexadecimal.
    pub value: String,
}

//! Components and how they hang together.

use std::io;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

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
    /// Those of `edges` that only say that one contains the other (nesting, SPDX `CONTAINS`) and not that it
    /// depends on it. Tools let a root contain everything, so these say little about what is a direct dependency.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub containment: Vec<(ComponentId, ComponentId)>,
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

    /// The SHA-256 of the contents: everything but when and under which serial number the document was written,
    /// so that two documents that say the same share one inventory. Stable across processes and machines.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let contents = Contents {
            format: &self.format,
            tools: &self.tools,
            root: self.root,
            components: &self.components,
            edges: &self.edges,
            containment: &self.containment,
            complete: self.complete,
        };
        let mut hasher = HashingWriter(Sha256::new());
        serde_json::to_writer(&mut hasher, &contents)
            .expect("strings, numbers and lists serialize; hashing cannot fail");
        hasher.0.finalize().into()
    }
}

/// What [`Inventory::digest`] covers, in a fixed order.
#[derive(Serialize)]
struct Contents<'a> {
    format: &'a str,
    tools: &'a [String],
    root: Option<ComponentId>,
    components: &'a [Component],
    edges: &'a [(ComponentId, ComponentId)],
    containment: &'a [(ComponentId, ComponentId)],
    complete: Option<bool>,
}

struct HashingWriter(Sha256);

impl io::Write for HashingWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
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
    /// What the binary package of an operating system was built from, when the document says so; advisories of
    /// distributions speak of source packages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_package: Option<SourcePackage>,
    /// The package of an operating system that installed the files of this one, when the document says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owned_by: Option<ComponentId>,
}

/// The source package of a Debian, Alpine or RPM package.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SourcePackage {
    pub name: String,
    /// Absent when the document names only the package; it is then the version of the binary package.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
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

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Inventory {
        let component = |name: &str| Component {
            reference: name.to_owned(),
            name: name.to_owned(),
            version: Some("1.0".to_owned()),
            purl: Purl::new("npm", Some("@a"), name, Some("1.0")).ok(),
            source: Source::Git("git+https://example.org/a.git".to_owned()),
            source_package: Some(SourcePackage {
                name: "src".to_owned(),
                version: None,
            }),
            licenses: vec![LicenseClaim {
                source: LicenseSource::Concluded,
                text: "MIT".to_owned(),
            }],
            hashes: vec![Hash {
                algorithm: "SHA-1".to_owned(),
                value: "00".to_owned(),
            }],
            ..Component::default()
        };
        Inventory {
            format: "CycloneDX 1.6 JSON".to_owned(),
            created: Some("2026-01-01T00:00:00Z".to_owned()),
            root: Some(0),
            components: vec![component("root"), component("leaf")],
            edges: vec![(0, 1)],
            containment: vec![(0, 1)],
            complete: Some(true),
            ..Inventory::default()
        }
    }

    #[test]
    fn an_inventory_survives_being_stored() {
        let stored = serde_json::to_string(&sample()).unwrap();
        assert_eq!(serde_json::from_str::<Inventory>(&stored).unwrap(), sample());
    }

    #[test]
    fn the_digest_is_of_the_contents() {
        let later = Inventory {
            created: None,
            serial: Some("urn:uuid:2".to_owned()),
            ..sample()
        };
        assert_eq!(
            later.digest(),
            sample().digest(),
            "when it was written is no content"
        );
        let mut other = sample();
        other.edges.clear();
        assert_ne!(other.digest(), sample().digest());
        assert_eq!(
            hex::encode(sample().digest()),
            "9ce5173a72b40054a02a0cb82371ae6dfffb50e5e9bbb55d94fd89ddb4f424e1",
            "a new digest for old contents would store everything anew"
        );
    }
}

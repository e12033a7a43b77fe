//! Everything that one document says.

use std::io;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    Component, ComponentId, Composition, ExtractedLicense, Metadata, Notice, Service, ServiceEdge,
    VexStatement,
};

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
    /// What the document says about itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Box<Metadata>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<Service>,
    /// Sorted, without duplicates.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub service_edges: Vec<ServiceEdge>,
    /// How complete the parts are said to be; `complete` is what follows for the graph of the root.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub compositions: Vec<Composition>,
    /// Licenses that the document defines itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extracted_licenses: Vec<ExtractedLicense>,
    /// Statements about vulnerabilities that stand in the document.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vulnerabilities: Vec<VexStatement>,
    /// What of a source could not be read or resolved, so that the list is partial; `complete` is `false` then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gaps: Vec<Notice>,
    /// What was resolved from a manifest without a lockfile, and what that assumed. Sorted by manifest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resolutions: Vec<Resolution>,
}

/// What a tree that no lockfile states depends on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolution {
    /// The manifest that was resolved, as a path in the source.
    pub manifest: String,
    /// As whom: `resolved as npm 11.19.1 would`.
    pub tool: String,
    /// `node`, `python_full_version`, `cutoff` …, sorted by key.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub environment: Vec<(String, String)>,
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
            metadata: self.metadata.as_deref(),
            services: &self.services,
            service_edges: &self.service_edges,
            compositions: &self.compositions,
            extracted_licenses: &self.extracted_licenses,
            vulnerabilities: &self.vulnerabilities,
            gaps: &self.gaps,
            resolutions: &self.resolutions,
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
    // What came later is left out when there is none of it, so that digests of older contents stay.
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<&'a Metadata>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    services: &'a [Service],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    service_edges: &'a [ServiceEdge],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    compositions: &'a [Composition],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    extracted_licenses: &'a [ExtractedLicense],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    vulnerabilities: &'a [VexStatement],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    gaps: &'a [Notice],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    resolutions: &'a [Resolution],
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Hash, LicenseClaim, LicenseSource, Purl, Source, SourcePackage};

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
                ..LicenseClaim::default()
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

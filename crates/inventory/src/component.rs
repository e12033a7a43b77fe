//! One component.

use serde::{Deserialize, Serialize};

use crate::{Details, Hash, Installation, LicenseClaim, Purl};

/// The position of a component in [`crate::Inventory::components`].
pub type ComponentId = u32;

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
    /// The name of who supplies it; more about them is in [`Details::supplier`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supplier: Option<String>,
    /// Where the package comes from, when the document proves that it is not the ecosystem's default registry.
    #[serde(default)]
    pub source: Source,
    /// What the binary package of an operating system was built from, when the document says so; advisories of
    /// distributions speak of source packages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_package: Option<SourcePackage>,
    /// The component that this one is nested in (CycloneDX `components` within a component). The same is an edge,
    /// but an edge does not tell nesting from an SPDX `CONTAINS`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<ComponentId>,
    /// What few components say and no judgement needs; `None` when there is nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<Box<Details>>,
    /// How it is installed, for a component of a lockfile or a resolved manifest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub installation: Option<Box<Installation>>,
    /// What a registry or a lockfile says of this version beyond its identity, where the document carries it.
    #[serde(default, skip_serializing_if = "PackageFacts::is_empty")]
    pub facts: PackageFacts,
    /// The package of an operating system that installed the files of this one, when the document says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owned_by: Option<ComponentId>,
}

/// What a registry or a lockfile says of a package version. What is absent is not known, never *no*.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackageFacts {
    /// Its maintainers advise against it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecated: Option<bool>,
    /// It was taken back by its registry or its maintainers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub yanked: Option<bool>,
    /// Installing or building it runs code of its own: npm's install scripts, `build.rs`, a Python source distribution.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub install_script: Option<bool>,
    /// Its metadata names a source repository.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<bool>,
    /// When the version was published, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<String>,
}

impl PackageFacts {
    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// These, and of `other` what is not known here.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            deprecated: self.deprecated.or(other.deprecated),
            yanked: self.yanked.or(other.yanked),
            install_script: self.install_script.or(other.install_script),
            repository: self.repository.or(other.repository),
            published: self.published.or(other.published),
        }
    }
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

//! Writing an inventory as a document that other tools read.
//!
//! Equal inventories and headings give equal bytes; nothing is kept in memory but what is on its way to `out`.
//! What the model knows and a format has no word for travels along under `plumbline:` names (`carried`), so that
//! our own readers get it back and nobody else stumbles over it.
//!
//! `cyclonedx-bom` stops at CycloneDX 1.5, and `spdx-rs` writes annotations that no schema knows and has models
//! that an export would have to be copied into whole; both would lose what the model holds, so these writers are
//! ours. The tests hold them to the published schemas, and to both crates' readers where those can follow.

pub(super) mod carried;
pub(super) mod text;

use std::fmt;
use std::io::{self, Write};
use std::str::FromStr;

use clock::Timestamp;

use crate::{Inventory, VexStatement};

/// A format that inventories are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Export {
    /// CycloneDX 1.6 as JSON.
    CycloneDxJson,
    /// CycloneDX 1.6 as XML.
    CycloneDxXml,
    /// SPDX 2.3 as JSON.
    SpdxJson,
    /// SPDX 2.3 as lines of tags and values.
    SpdxTagValue,
}

/// The text names no format to write.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a format; there are cyclonedx-json, cyclonedx-xml, spdx-json and spdx-tag-value")]
pub struct UnknownExport(String);

impl Export {
    pub const ALL: [Self; 4] = [
        Self::CycloneDxJson,
        Self::CycloneDxXml,
        Self::SpdxJson,
        Self::SpdxTagValue,
    ];

    /// The name in `?format=` and `--format`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CycloneDxJson => "cyclonedx-json",
            Self::CycloneDxXml => "cyclonedx-xml",
            Self::SpdxJson => "spdx-json",
            Self::SpdxTagValue => "spdx-tag-value",
        }
    }

    /// The value of `Content-Type`.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::CycloneDxJson => "application/vnd.cyclonedx+json; version=1.6",
            Self::CycloneDxXml => "application/vnd.cyclonedx+xml; version=1.6",
            Self::SpdxJson => "application/spdx+json; version=2.3",
            Self::SpdxTagValue => "text/spdx; charset=utf-8",
        }
    }

    /// How names of such files end, as both specifications recommend.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::CycloneDxJson => "cdx.json",
            Self::CycloneDxXml => "cdx.xml",
            Self::SpdxJson => "spdx.json",
            Self::SpdxTagValue => "spdx",
        }
    }
}

impl fmt::Display for Export {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Export {
    type Err = UnknownExport;

    fn from_str(text: &str) -> Result<Self, UnknownExport> {
        Self::ALL
            .into_iter()
            .find(|export| export.name() == text)
            .ok_or_else(|| UnknownExport(text.chars().take(40).collect()))
    }
}

/// What a document says about itself; the inventory does not know it.
#[derive(Clone, Copy, Debug)]
pub struct Heading<'a> {
    /// A UUID in lower case, different for different contents.
    pub uuid: &'a str,
    pub created: Timestamp,
    /// Name and version of the tool that writes.
    pub tool: (&'a str, &'a str),
    /// What an SPDX document is called when neither the inventory nor its root has a name.
    pub name: &'a str,
}

/// Writes an inventory, and `findings` about it as vulnerabilities.
///
/// Statements about vulnerabilities that came with the inventory are written too, except where `findings` speaks
/// of the same vulnerability. SPDX 2.3 has no vulnerabilities: there the findings become external references of
/// the packages, and other statements are left out.
///
/// # Errors
/// When `out` refuses.
pub fn write(
    inventory: &Inventory,
    findings: &[VexStatement],
    heading: &Heading<'_>,
    export: Export,
    out: impl Write,
) -> io::Result<()> {
    match export {
        Export::CycloneDxJson => super::cyclonedx::write::json(inventory, findings, heading, out),
        Export::CycloneDxXml => super::cyclonedx::write::xml(inventory, findings, heading, out),
        Export::SpdxJson => super::spdx::write::json(inventory, findings, heading, out),
        Export::SpdxTagValue => super::spdx::write::tag_value(inventory, findings, heading, out),
    }
}

/// What is shown of a component's name where a format has no group.
pub(super) fn full_name(component: &crate::Component) -> String {
    match (&component.group, &component.purl) {
        (None, _) => component.name.clone(),
        (Some(group), Some(purl)) if purl.namespace() == Some(group) && purl.name() == component.name => {
            purl.package_name()
        }
        (Some(group), _) => format!("{group}/{}", component.name),
    }
}

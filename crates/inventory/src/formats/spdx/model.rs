//! The parts of an SPDX 2 document that an inventory is made of.

use serde::Deserialize;

use crate::formats::lenient::{List, Object, Text};

#[derive(Debug, Deserialize)]
pub(in crate::formats) struct Document<'a> {
    #[serde(default, borrow, rename = "spdxVersion")]
    pub(super) spdx_version: Text<'a>,
    #[serde(default, borrow, rename = "SPDXID")]
    pub(super) id: Text<'a>,
    #[serde(default, borrow, rename = "documentNamespace")]
    pub(super) namespace: Text<'a>,
    #[serde(default, borrow, rename = "creationInfo")]
    pub(super) creation: Object<Creation<'a>>,
    #[serde(default, borrow, rename = "documentDescribes")]
    pub(super) describes: List<Text<'a>>,
    #[serde(default, borrow)]
    pub(super) packages: List<Object<Package<'a>>>,
    #[serde(default, borrow)]
    pub(super) files: List<Object<Element<'a>>>,
    #[serde(default, borrow)]
    pub(super) snippets: List<Object<Element<'a>>>,
    #[serde(default, borrow)]
    pub(super) relationships: List<Object<Relationship<'a>>>,
    #[serde(default, borrow, rename = "hasExtractedLicensingInfos")]
    pub(super) extracted: List<Object<Extracted<'a>>>,
}

#[derive(Debug, Deserialize)]
pub(in crate::formats) struct Creation<'a> {
    #[serde(default, borrow)]
    pub(super) created: Text<'a>,
    #[serde(default, borrow)]
    pub(super) creators: List<Text<'a>>,
}

#[derive(Debug, Deserialize)]
pub(in crate::formats) struct Package<'a> {
    #[serde(default, borrow, rename = "SPDXID")]
    pub(super) id: Text<'a>,
    #[serde(default, borrow)]
    pub(super) name: Text<'a>,
    #[serde(default, borrow, rename = "versionInfo")]
    pub(super) version: Text<'a>,
    #[serde(default, borrow)]
    pub(super) supplier: Text<'a>,
    #[serde(default, borrow, rename = "downloadLocation")]
    pub(super) download_location: Text<'a>,
    #[serde(default, borrow, rename = "licenseDeclared")]
    pub(super) license_declared: Text<'a>,
    #[serde(default, borrow, rename = "licenseConcluded")]
    pub(super) license_concluded: Text<'a>,
    #[serde(default, borrow, rename = "primaryPackagePurpose")]
    pub(super) purpose: Text<'a>,
    #[serde(default, borrow, rename = "sourceInfo")]
    pub(super) source_info: Text<'a>,
    #[serde(default, borrow)]
    pub(super) checksums: List<Object<Checksum<'a>>>,
    #[serde(default, borrow, rename = "externalRefs")]
    pub(super) external_refs: List<Object<ExternalRef<'a>>>,
}

/// A file or a snippet, of which only the identity matters.
#[derive(Debug, Deserialize)]
pub(in crate::formats) struct Element<'a> {
    #[serde(default, borrow, rename = "SPDXID")]
    pub(super) id: Text<'a>,
}

#[derive(Debug, Deserialize)]
pub(in crate::formats) struct Checksum<'a> {
    #[serde(default, borrow)]
    pub(super) algorithm: Text<'a>,
    #[serde(default, borrow, rename = "checksumValue")]
    pub(super) value: Text<'a>,
}

#[derive(Debug, Deserialize)]
pub(in crate::formats) struct ExternalRef<'a> {
    #[serde(default, borrow, rename = "referenceType")]
    pub(super) kind: Text<'a>,
    #[serde(default, borrow, rename = "referenceLocator")]
    pub(super) locator: Text<'a>,
}

#[derive(Debug, Deserialize)]
pub(in crate::formats) struct Relationship<'a> {
    #[serde(default, borrow, rename = "spdxElementId")]
    pub(super) from: Text<'a>,
    #[serde(default, borrow, rename = "relationshipType")]
    pub(super) kind: Text<'a>,
    #[serde(default, borrow, rename = "relatedSpdxElement")]
    pub(super) to: Text<'a>,
    #[serde(default, borrow)]
    pub(super) comment: Text<'a>,
}

#[derive(Debug, Deserialize)]
pub(in crate::formats) struct Extracted<'a> {
    #[serde(default, borrow, rename = "licenseId")]
    pub(super) id: Text<'a>,
    #[serde(default, borrow)]
    pub(super) name: Text<'a>,
    #[serde(default, borrow, rename = "extractedText")]
    pub(super) text: Text<'a>,
}

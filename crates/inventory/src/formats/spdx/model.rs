//! The parts of an SPDX 2 document that an inventory is made of.
//!
//! JSON and YAML are deserialized into this; the readers of tag-value, RDF and SPDX 3 fill it.

use serde::Deserialize;

use crate::VexStatement;
use crate::formats::lenient::{List, Object, Text};
use crate::formats::place::Mark;

/// What the reader of an encoding noticed before there was a document.
#[derive(Debug, Clone)]
pub(in crate::formats) struct Remark {
    pub(in crate::formats) code: &'static str,
    pub(in crate::formats) mark: Mark,
    pub(in crate::formats) text: String,
}

#[derive(Debug, Default, Deserialize)]
pub(in crate::formats) struct Document<'a> {
    #[serde(default, borrow, rename = "spdxVersion")]
    pub(in crate::formats) spdx_version: Text<'a>,
    #[serde(default, borrow, rename = "SPDXID")]
    pub(in crate::formats) id: Text<'a>,
    #[serde(default, borrow)]
    pub(in crate::formats) name: Text<'a>,
    #[serde(default, borrow, rename = "dataLicense")]
    pub(in crate::formats) data_license: Text<'a>,
    #[serde(default, borrow)]
    pub(in crate::formats) comment: Text<'a>,
    #[serde(default, borrow, rename = "documentNamespace")]
    pub(in crate::formats) namespace: Text<'a>,
    #[serde(default, borrow, rename = "creationInfo")]
    pub(in crate::formats) creation: Object<Creation<'a>>,
    #[serde(default, borrow, rename = "documentDescribes")]
    pub(in crate::formats) describes: List<Text<'a>>,
    #[serde(default, borrow)]
    pub(in crate::formats) packages: List<Object<Package<'a>>>,
    #[serde(default, borrow)]
    pub(in crate::formats) files: List<Object<File<'a>>>,
    #[serde(default, borrow)]
    pub(in crate::formats) snippets: List<Object<Snippet<'a>>>,
    #[serde(default, borrow)]
    pub(in crate::formats) relationships: List<Object<Relationship<'a>>>,
    #[serde(default, borrow, rename = "hasExtractedLicensingInfos")]
    pub(in crate::formats) extracted: List<Object<Extracted<'a>>>,
    /// VEX statements, which only SPDX 3 has; what they are about is not resolved yet.
    #[serde(skip)]
    pub(in crate::formats) vulnerabilities: Vec<VexStatement>,
    #[serde(skip)]
    pub(in crate::formats) remarks: Vec<Remark>,
}

#[derive(Debug, Default, Deserialize)]
pub(in crate::formats) struct Creation<'a> {
    #[serde(default, borrow)]
    pub(in crate::formats) created: Text<'a>,
    #[serde(default, borrow)]
    pub(in crate::formats) creators: List<Text<'a>>,
    #[serde(default, borrow)]
    pub(in crate::formats) comment: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
pub(in crate::formats) struct Package<'a> {
    #[serde(skip)]
    pub(in crate::formats) mark: Mark,
    #[serde(default, borrow, rename = "SPDXID")]
    pub(in crate::formats) id: Text<'a>,
    #[serde(default, borrow)]
    pub(in crate::formats) name: Text<'a>,
    #[serde(default, borrow, rename = "versionInfo")]
    pub(in crate::formats) version: Text<'a>,
    #[serde(default, borrow, rename = "packageFileName")]
    pub(in crate::formats) file_name: Text<'a>,
    #[serde(default, borrow)]
    pub(in crate::formats) supplier: Text<'a>,
    #[serde(default, borrow)]
    pub(in crate::formats) originator: Text<'a>,
    #[serde(default, borrow, rename = "downloadLocation")]
    pub(in crate::formats) download_location: Text<'a>,
    #[serde(default, borrow)]
    pub(in crate::formats) homepage: Text<'a>,
    #[serde(default, borrow, rename = "licenseDeclared")]
    pub(in crate::formats) license_declared: Text<'a>,
    #[serde(default, borrow, rename = "licenseConcluded")]
    pub(in crate::formats) license_concluded: Text<'a>,
    #[serde(default, borrow, rename = "copyrightText")]
    pub(in crate::formats) copyright: Text<'a>,
    #[serde(default, borrow)]
    pub(in crate::formats) description: Text<'a>,
    #[serde(default, borrow)]
    pub(in crate::formats) summary: Text<'a>,
    #[serde(default, borrow)]
    pub(in crate::formats) comment: Text<'a>,
    #[serde(default, borrow, rename = "primaryPackagePurpose")]
    pub(in crate::formats) purpose: Text<'a>,
    #[serde(default, borrow, rename = "sourceInfo")]
    pub(in crate::formats) source_info: Text<'a>,
    #[serde(default, borrow)]
    pub(in crate::formats) checksums: List<Object<Checksum<'a>>>,
    #[serde(default, borrow, rename = "externalRefs")]
    pub(in crate::formats) external_refs: List<Object<ExternalRef<'a>>>,
    #[serde(default, borrow, rename = "attributionTexts")]
    pub(in crate::formats) attribution: List<Text<'a>>,
}

/// A file, of which only the identity matters.
#[derive(Debug, Default, Deserialize)]
pub(in crate::formats) struct File<'a> {
    #[serde(skip)]
    pub(in crate::formats) mark: Mark,
    #[serde(default, borrow, rename = "SPDXID")]
    pub(in crate::formats) id: Text<'a>,
}

/// A snippet, of which only the identity matters.
#[derive(Debug, Default, Deserialize)]
pub(in crate::formats) struct Snippet<'a> {
    #[serde(skip)]
    pub(in crate::formats) mark: Mark,
    #[serde(default, borrow, rename = "SPDXID")]
    pub(in crate::formats) id: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
pub(in crate::formats) struct Checksum<'a> {
    #[serde(default, borrow)]
    pub(in crate::formats) algorithm: Text<'a>,
    #[serde(default, borrow, rename = "checksumValue")]
    pub(in crate::formats) value: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
pub(in crate::formats) struct ExternalRef<'a> {
    #[serde(default, borrow, rename = "referenceCategory")]
    pub(in crate::formats) category: Text<'a>,
    #[serde(default, borrow, rename = "referenceType")]
    pub(in crate::formats) kind: Text<'a>,
    #[serde(default, borrow, rename = "referenceLocator")]
    pub(in crate::formats) locator: Text<'a>,
    #[serde(default, borrow)]
    pub(in crate::formats) comment: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
pub(in crate::formats) struct Relationship<'a> {
    #[serde(skip)]
    pub(in crate::formats) mark: Mark,
    #[serde(default, borrow, rename = "spdxElementId")]
    pub(in crate::formats) from: Text<'a>,
    #[serde(default, borrow, rename = "relationshipType")]
    pub(in crate::formats) kind: Text<'a>,
    #[serde(default, borrow, rename = "relatedSpdxElement")]
    pub(in crate::formats) to: Text<'a>,
    #[serde(default, borrow)]
    pub(in crate::formats) comment: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
pub(in crate::formats) struct Extracted<'a> {
    #[serde(skip)]
    pub(in crate::formats) mark: Mark,
    #[serde(default, borrow, rename = "licenseId")]
    pub(in crate::formats) id: Text<'a>,
    #[serde(default, borrow)]
    pub(in crate::formats) name: Text<'a>,
    #[serde(default, borrow, rename = "extractedText")]
    pub(in crate::formats) text: Text<'a>,
    #[serde(default, borrow)]
    pub(in crate::formats) comment: Text<'a>,
    #[serde(default, borrow, rename = "seeAlsos")]
    pub(in crate::formats) see_also: List<Text<'a>>,
}

//! An inventory as an SPDX 2.3 document: one model for JSON and tag-value.
//!
//! SPDX 2 has no services, no evidence, no pedigree and no properties; these stay behind. Scopes are types of
//! relationships; what no type says (`excluded`, a scope without a relation) is a line of the package's comment, as is
//! every other fact that only our model knows.

mod document;
mod ids;
mod license;
mod model;
mod package;
mod relationships;
mod tag_value;

use std::io::{self, Write};

use serde::{Serialize, Serializer};

use super::super::write::Heading;
use crate::{Inventory, VexStatement};
use document::Document;
use model::{Package, Relationship};

pub(in crate::formats) fn json(
    inventory: &Inventory,
    findings: &[VexStatement],
    heading: &Heading<'_>,
    mut out: impl Write,
) -> io::Result<()> {
    let document = Document::new(inventory, findings, heading);
    serde_json::to_writer_pretty(&mut out, &Json::new(&document))?;
    out.write_all(b"\n")?;
    out.flush()
}

pub(in crate::formats) fn tag_value(
    inventory: &Inventory,
    findings: &[VexStatement],
    heading: &Heading<'_>,
    out: impl Write,
) -> io::Result<()> {
    tag_value::write(&Document::new(inventory, findings, heading), out)
}

/// The document in the order in which it is written: the licenses that packages refer to are known once these are
/// written.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Json<'d> {
    #[serde(flatten)]
    head: &'d model::Head,
    packages: Packages<'d>,
    #[serde(skip_serializing_if = "Relationships::is_empty")]
    relationships: Relationships<'d>,
    #[serde(
        rename = "hasExtractedLicensingInfos",
        skip_serializing_if = "Licenses::is_empty"
    )]
    licenses: Licenses<'d>,
}

impl<'d> Json<'d> {
    const fn new(document: &'d Document<'_>) -> Self {
        Self {
            head: &document.head,
            packages: Packages(document),
            relationships: Relationships(document),
            licenses: Licenses(document),
        }
    }
}

struct Packages<'d>(&'d Document<'d>);

impl Serialize for Packages<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.packages().map(|package: Package<'_>| package))
    }
}

struct Relationships<'d>(&'d Document<'d>);

impl Relationships<'_> {
    fn is_empty(&self) -> bool {
        self.0.relationships().next().is_none()
    }
}

impl Serialize for Relationships<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(
            self.0
                .relationships()
                .map(|relationship: Relationship<'_>| relationship),
        )
    }
}

struct Licenses<'d>(&'d Document<'d>);

impl Licenses<'_> {
    fn is_empty(&self) -> bool {
        self.0.licenses.defined().is_empty()
    }
}

impl Serialize for Licenses<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.licenses.defined())
    }
}

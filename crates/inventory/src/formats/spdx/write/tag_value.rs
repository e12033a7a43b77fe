//! The document as lines of tags and values.

use std::io::{self, Write};

use super::document::Document;
use super::model::{DefinedLicense, Head, NO_ASSERTION, Package};
use crate::formats::write::text;

pub(super) fn write(document: &Document<'_>, mut out: impl Write) -> io::Result<()> {
    head(&mut out, &document.head)?;
    for written in document.packages() {
        package(&mut out, &written)?;
    }
    writeln!(out, "\n##### Relationships\n")?;
    for relationship in document.relationships() {
        let (from, to) = (relationship.spdx_element_id, relationship.related_spdx_element);
        writeln!(
            out,
            "Relationship: {from} {} {to}",
            relationship.relationship_type
        )?;
        lines_if(&mut out, "RelationshipComment", relationship.comment)?;
    }
    for defined in document.licenses.defined() {
        license(&mut out, &defined)?;
    }
    out.flush()
}

fn head(out: &mut impl Write, head: &Head) -> io::Result<()> {
    line(out, "SPDXVersion", head.spdx_version)?;
    line(out, "DataLicense", head.data_license)?;
    line(out, "SPDXID", head.id)?;
    line(out, "DocumentName", &head.name)?;
    line(out, "DocumentNamespace", &head.document_namespace)?;
    lines_if(out, "DocumentComment", head.comment.as_deref())?;
    let creation = &head.creation_info;
    line(out, "LicenseListVersion", &creation.license_list_version)?;
    for creator in &creation.creators {
        line(out, "Creator", creator)?;
    }
    line(out, "Created", &creation.created)
}

fn package(out: &mut impl Write, package: &Package<'_>) -> io::Result<()> {
    writeln!(out, "\n##### Package\n")?;
    line(out, "PackageName", &package.name)?;
    line(out, "SPDXID", package.id)?;
    line_if(out, "PackageVersion", package.version_info)?;
    line_if(out, "PackageFileName", package.package_file_name)?;
    line_if(out, "PackageSupplier", package.supplier.as_deref())?;
    line_if(out, "PackageOriginator", package.originator.as_deref())?;
    line(out, "PackageDownloadLocation", &package.download_location)?;
    writeln!(out, "FilesAnalyzed: {}", package.files_analyzed)?;
    for checksum in &package.checksums {
        writeln!(
            out,
            "PackageChecksum: {}: {}",
            checksum.algorithm, checksum.checksum_value
        )?;
    }
    line_if(out, "PackageHomePage", package.homepage)?;
    lines_if(out, "PackageSourceInfo", package.source_info.as_deref())?;
    line(out, "PackageLicenseConcluded", &package.license_concluded)?;
    line(out, "PackageLicenseDeclared", &package.license_declared)?;
    copyright(out, package.copyright_text)?;
    lines_if(out, "PackageDescription", package.description)?;
    for reference in &package.external_refs {
        let (category, kind) = (reference.reference_category, reference.reference_type);
        line(
            out,
            "ExternalRef",
            &format!("{category} {kind} {}", reference.reference_locator),
        )?;
        lines_if(out, "ExternalRefComment", reference.comment.as_deref())?;
    }
    line(
        out,
        "PrimaryPackagePurpose",
        &package.primary_package_purpose.replace('_', "-"),
    )?;
    lines_if(out, "PackageComment", package.comment.as_deref())?;
    package
        .attribution_texts
        .iter()
        .try_for_each(|text| lines(out, "PackageAttributionText", text))
}

fn license(out: &mut impl Write, license: &DefinedLicense) -> io::Result<()> {
    writeln!(out, "\n##### License\n")?;
    line(out, "LicenseID", &license.license_id)?;
    lines(out, "ExtractedText", &license.extracted_text)?;
    line(
        out,
        "LicenseName",
        license.name.as_deref().unwrap_or(NO_ASSERTION),
    )?;
    for address in &license.see_alsos {
        line(out, "LicenseCrossReference", address)?;
    }
    lines_if(out, "LicenseComment", license.comment.as_deref())
}

fn copyright(out: &mut impl Write, text: &str) -> io::Result<()> {
    if text == NO_ASSERTION {
        line(out, "PackageCopyrightText", text)
    } else {
        lines(out, "PackageCopyrightText", text)
    }
}

fn line_if(out: &mut impl Write, tag: &str, value: Option<&str>) -> io::Result<()> {
    value.map_or(Ok(()), |value| line(out, tag, value))
}

fn lines_if(out: &mut impl Write, tag: &str, value: Option<&str>) -> io::Result<()> {
    value.map_or(Ok(()), |value| lines(out, tag, value))
}

/// A value that ends with its line: whatever would break it is a space.
fn line(out: &mut impl Write, tag: &str, value: &str) -> io::Result<()> {
    let breaks = |c: char| c.is_control() || !text::is_xml_char(c) || matches!(c, '\u{2028}' | '\u{2029}');
    write!(out, "{tag}: ")?;
    for (index, part) in value.split(breaks).enumerate() {
        if index > 0 {
            out.write_all(b" ")?;
        }
        out.write_all(part.as_bytes())?;
    }
    out.write_all(b"\n")
}

/// A value of any number of lines; there is no way to escape its end, so that is broken.
fn lines(out: &mut impl Write, tag: &str, value: &str) -> io::Result<()> {
    writeln!(
        out,
        "{tag}: <text>{}</text>",
        value.replace("</text>", "</ text>")
    )
}

//! SPDX 2 tag-value: filling the model line by line.
//!
//! `spdx-rs` reads this encoding, too, but ends the process on an unknown tag, algorithm or license, and silently drops
//! everything after a line that it does not understand. Here such a line is a remark, and the next one is read.

use std::borrow::Cow;

use super::model::{
    Checksum, Creation, Document, ExternalRef, Extracted, File, Package, Relationship, Remark, Snippet,
};
use crate::formats::lenient::{Field, List, Object, Record, Text};
use crate::formats::place::Mark;
use crate::formats::{Limits, ReadError, budget};
use crate::{Inventory, Notice};

type Read<T> = Result<T, ReadError>;

pub(in crate::formats) fn read(text: &str, limits: &Limits) -> Read<(Inventory, Vec<Notice>)> {
    super::assemble(&parse(text)?, "tag-value", limits)
}

/// Tags that say nothing that an inventory holds.
const IGNORED: &[&str] = &[
    "LicenseListVersion",
    "ExternalDocumentRef",
    "PackageVerificationCode",
    "FilesAnalyzed",
    "PackageLicenseComments",
    "PackageLicenseInfoFromFiles",
    "ReleaseDate",
    "BuiltDate",
    "ValidUntilDate",
    "LicenseInfoInSnippet",
    "LicenseConcluded",
    "LicenseComments",
];
/// Beginnings of such tags.
const IGNORED_BEGINNINGS: &[&str] = &[
    "Annotat",
    "SPDXREF",
    "Review",
    "Snippet",
    "File",
    "LicenseInfoInFile",
    "Artifact",
];

fn parse(text: &str) -> Read<Document<'_>> {
    budget::begin(text.len());
    let mut filling = Filling::default();
    let mut lines = Lines {
        text,
        offset: 0,
        number: 0,
    };
    while let Some(line) = lines.next() {
        let said = line.text.trim();
        if said.is_empty() || said.starts_with('#') {
            continue;
        }
        let mark = Mark::Text {
            line: line.number,
            column: 1,
        };
        match said.split_once(':') {
            Some((tag, value)) => {
                let value = lines.value(&line, value.trim())?;
                filling.take(tag.trim(), value, mark)?;
            }
            None => filling.remark(
                "unknown_line",
                mark,
                "this line has no tag and was not read".to_owned(),
            ),
        }
    }
    Ok(filling.finish())
}

struct Lines<'a> {
    text: &'a str,
    /// Where the next line begins.
    offset: usize,
    number: u32,
}

struct Line<'a> {
    number: u32,
    offset: usize,
    text: &'a str,
}

impl<'a> Lines<'a> {
    fn next(&mut self) -> Option<Line<'a>> {
        let rest = self.text.get(self.offset..).filter(|rest| !rest.is_empty())?;
        let text = rest.split('\n').next().unwrap_or_default();
        let offset = self.offset;
        self.offset += text.len() + 1;
        self.number = self.number.saturating_add(1);
        Some(Line {
            number: self.number,
            offset,
            text,
        })
    }

    /// The value on a line after its tag, which may be `<text>…</text>` over several lines.
    fn value(&mut self, line: &Line<'a>, value: &'a str) -> Read<&'a str> {
        let Some(begun) = value.strip_prefix("<text>") else {
            return Ok(value);
        };
        if let Some((inner, _)) = begun.split_once("</text>") {
            return Ok(inner);
        }
        let start = line.offset + line.text.find("<text>").unwrap_or_default() + "<text>".len();
        let rest = self.text.get(start..).unwrap_or_default();
        let Some((inner, after)) = rest.split_once("</text>") else {
            let number = usize::try_from(line.number).unwrap_or(usize::MAX);
            let message = "`<text>` is not closed by `</text>`: was the upload cut off?";
            return Err(ReadError::malformed(message).at_line(number, 1));
        };
        let newlines = inner.bytes().filter(|byte| *byte == b'\n').count();
        self.number = self
            .number
            .saturating_add(u32::try_from(newlines).unwrap_or(u32::MAX));
        // What follows on the closing line is dropped with it.
        let tail = after.split('\n').next().unwrap_or_default();
        self.offset = start + inner.len() + "</text>".len() + tail.len() + 1;
        Ok(inner)
    }
}

/// To which section the lines belong.
#[derive(Default, PartialEq)]
enum Section {
    #[default]
    Document,
    Package,
    File,
    Snippet,
    License,
}

#[derive(Default)]
struct Filling<'a> {
    document: Document<'a>,
    section: Section,
    creation: Creation<'a>,
    creators: Vec<Text<'a>>,
    packages: Vec<Object<Package<'a>>>,
    files: Vec<Object<File<'a>>>,
    snippets: Vec<Object<Snippet<'a>>>,
    relationships: Vec<Object<Relationship<'a>>>,
    extracted: Vec<Object<Extracted<'a>>>,
}

fn is(text: &str) -> Text<'_> {
    Field::Is(Cow::Borrowed(text))
}

/// Adds to a list that may not be there yet.
fn push<T>(list: &mut List<T>, item: T) -> Read<()> {
    budget::charge(size_of::<T>()).map_err(ReadError::too_large)?;
    match list {
        Field::Is(list) => list.push(item),
        absent => *absent = Field::Is(vec![item]),
    }
    Ok(())
}

fn add<T>(list: &mut Vec<Object<T>>, item: T) -> Read<()> {
    budget::charge(size_of::<Object<T>>()).map_err(ReadError::too_large)?;
    list.push(Field::Is(Record(item)));
    Ok(())
}

fn last<T>(list: &mut [Object<T>]) -> Option<&mut T> {
    match list.last_mut() {
        Some(Field::Is(Record(item))) => Some(item),
        _ => None,
    }
}

impl<'a> Filling<'a> {
    fn take(&mut self, tag: &'a str, value: &'a str, mark: Mark) -> Read<()> {
        if self.begins(tag, value, mark)?
            || self.document_tag(tag, value)?
            || self.relationship(tag, value, mark)?
        {
            return Ok(());
        }
        let known = match self.section {
            Section::Package => self.package_tag(tag, value, mark)?,
            Section::License => self.license_tag(tag, value)?,
            Section::Document | Section::File | Section::Snippet => false,
        };
        let ignored = IGNORED.contains(&tag) || IGNORED_BEGINNINGS.iter().any(|begin| tag.starts_with(begin));
        if !known && !ignored {
            let text = format!("`{}` is no tag that is known here", crate::formats::cut(tag, 100));
            self.remark("unknown_tag", mark, text);
        }
        Ok(())
    }

    fn remark(&mut self, code: &'static str, mark: Mark, text: String) {
        // As many as are spelled out, and a few more, so that the rest is counted at least as many.
        if self.document.remarks.len() < 10_000 {
            self.document.remarks.push(Remark { code, mark, text });
        }
    }

    /// Tags that begin a section, and the identity of what they began.
    fn begins(&mut self, tag: &str, value: &'a str, mark: Mark) -> Read<bool> {
        match tag {
            "PackageName" => {
                self.section = Section::Package;
                add(
                    &mut self.packages,
                    Package {
                        mark,
                        name: is(value),
                        ..Package::default()
                    },
                )?;
            }
            "FileName" => {
                self.section = Section::File;
                add(
                    &mut self.files,
                    File {
                        mark,
                        ..File::default()
                    },
                )?;
            }
            "SnippetSPDXID" | "SnippetSPDXIdentifier" => {
                self.section = Section::Snippet;
                add(&mut self.snippets, Snippet { mark, id: is(value) })?;
            }
            "LicenseID" => {
                self.section = Section::License;
                add(
                    &mut self.extracted,
                    Extracted {
                        mark,
                        id: is(value),
                        ..Extracted::default()
                    },
                )?;
            }
            "SPDXID" => self.identity(value),
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn identity(&mut self, value: &'a str) {
        match self.section {
            Section::Document => self.document.id = is(value),
            Section::Package => {
                if let Some(package) = last(&mut self.packages) {
                    package.id = is(value);
                }
            }
            Section::File => {
                if let Some(file) = last(&mut self.files) {
                    file.id = is(value);
                }
            }
            Section::Snippet | Section::License => {}
        }
    }

    fn document_tag(&mut self, tag: &str, value: &'a str) -> Read<bool> {
        match tag {
            "SPDXVersion" => self.document.spdx_version = is(value),
            "DataLicense" => self.document.data_license = is(value),
            "DocumentName" => self.document.name = is(value),
            "DocumentNamespace" => self.document.namespace = is(value),
            "DocumentComment" => self.document.comment = is(value),
            "Created" => self.creation.created = is(value),
            "CreatorComment" => self.creation.comment = is(value),
            "Creator" => {
                budget::charge(size_of::<Text<'_>>()).map_err(ReadError::too_large)?;
                self.creators.push(is(value));
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// `Relationship: SPDXRef-A DEPENDS_ON SPDXRef-B`
    fn relationship(&mut self, tag: &str, value: &'a str, mark: Mark) -> Read<bool> {
        match tag {
            "Relationship" => {}
            "RelationshipComment" => {
                if let Some(relationship) = last(&mut self.relationships) {
                    relationship.comment = is(value);
                }
                return Ok(true);
            }
            _ => return Ok(false),
        }
        let mut words = value.split_whitespace();
        if let (Some(from), Some(kind), Some(to)) = (words.next(), words.next(), words.next()) {
            let relationship = Relationship {
                mark,
                from: is(from),
                kind: is(kind),
                to: is(to),
                comment: Text::default(),
            };
            add(&mut self.relationships, relationship)?;
        } else {
            let text = "a relationship is an id, a type and an id; this one was not read".to_owned();
            self.remark("broken_relationship", mark, text);
        }
        Ok(true)
    }

    fn package_tag(&mut self, tag: &str, value: &'a str, mark: Mark) -> Read<bool> {
        if tag == "ExternalRef" {
            return self.external_ref(value, mark);
        }
        let Some(package) = last(&mut self.packages) else {
            return Ok(false);
        };
        match tag {
            "PackageVersion" => package.version = is(value),
            "PackageFileName" => package.file_name = is(value),
            "PackageSupplier" => package.supplier = is(value),
            "PackageOriginator" => package.originator = is(value),
            "PackageDownloadLocation" => package.download_location = is(value),
            "PackageHomePage" => package.homepage = is(value),
            "PackageLicenseDeclared" => package.license_declared = is(value),
            "PackageLicenseConcluded" => package.license_concluded = is(value),
            "PackageCopyrightText" => package.copyright = is(value),
            "PackageDescription" => package.description = is(value),
            "PackageSummary" => package.summary = is(value),
            "PackageComment" => package.comment = is(value),
            "PackageSourceInfo" => package.source_info = is(value),
            "PrimaryPackagePurpose" => package.purpose = is(value),
            "PackageAttributionText" => push(&mut package.attribution, is(value))?,
            "PackageChecksum" => {
                let (algorithm, value) = value.split_once(':').unwrap_or(("", value));
                let checksum = Checksum {
                    algorithm: is(algorithm.trim()),
                    value: is(value.trim()),
                };
                push(&mut package.checksums, Field::Is(Record(checksum)))?;
            }
            "ExternalRefComment" => {
                if let Field::Is(list) = &mut package.external_refs
                    && let Some(reference) = last(list)
                {
                    reference.comment = is(value);
                }
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// `ExternalRef: PACKAGE-MANAGER purl pkg:npm/a@1`
    fn external_ref(&mut self, value: &'a str, mark: Mark) -> Read<bool> {
        let mut words = value.splitn(3, char::is_whitespace).map(str::trim);
        let (Some(category), Some(kind), Some(locator)) = (words.next(), words.next(), words.next()) else {
            let text =
                "an external reference is a category, a type and a locator; this one was not read".to_owned();
            self.remark("broken_reference", mark, text);
            return Ok(true);
        };
        let reference = ExternalRef {
            category: is(category),
            kind: is(kind),
            locator: is(locator),
            comment: Field::Absent,
        };
        if let Some(package) = last(&mut self.packages) {
            push(&mut package.external_refs, Field::Is(Record(reference)))?;
        }
        Ok(true)
    }

    fn license_tag(&mut self, tag: &str, value: &'a str) -> Read<bool> {
        let Some(license) = last(&mut self.extracted) else {
            return Ok(false);
        };
        match tag {
            "ExtractedText" => license.text = is(value),
            "LicenseName" => license.name = is(value),
            "LicenseComment" => license.comment = is(value),
            "LicenseCrossReference" => {
                for url in value.split(',') {
                    push(&mut license.see_also, is(url.trim()))?;
                }
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn finish(mut self) -> Document<'a> {
        self.creation.creators = Field::Is(self.creators);
        self.document.creation = Field::Is(Record(self.creation));
        self.document.packages = Field::Is(self.packages);
        self.document.files = Field::Is(self.files);
        self.document.snippets = Field::Is(self.snippets);
        self.document.relationships = Field::Is(self.relationships);
        self.document.extracted = Field::Is(self.extracted);
        self.document
    }
}

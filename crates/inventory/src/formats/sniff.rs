//! Naming a document's format by its content; names of files lie.

use std::borrow::Cow;
use std::fmt;

use serde::Deserializer;
use serde::de::{self, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::ReadError;
use super::lenient::{Field, Shape, Text};

/// A format of bills of materials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    CycloneDxJson,
    CycloneDxXml,
    CycloneDxProtobuf,
    SpdxJson,
    SpdxTagValue,
    SpdxYaml,
    SpdxRdf,
    SpdxXml,
    Spdx3JsonLd,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CycloneDxJson => "CycloneDX JSON",
            Self::CycloneDxXml => "CycloneDX XML",
            Self::CycloneDxProtobuf => "CycloneDX Protobuf",
            Self::SpdxJson => "SPDX 2 JSON",
            Self::SpdxTagValue => "SPDX 2 tag-value",
            Self::SpdxYaml => "SPDX 2 YAML",
            Self::SpdxRdf => "SPDX RDF/XML",
            Self::SpdxXml => "SPDX 2 XML",
            Self::Spdx3JsonLd => "SPDX 3 JSON-LD",
        })
    }
}

/// How far into a text document the telling line may be.
const HEAD: usize = 64 << 10;

/// Names the format of an inflated document without a byte order mark.
pub fn sniff(bytes: &[u8]) -> Result<Format, ReadError> {
    let text = bytes.trim_ascii_start();
    match text {
        [] => Err(ReadError::not_an_sbom("the document is empty")),
        [b'{', ..] => sniff_json(text).map_err(|error| relocate(error, bytes, text)),
        [b'[', ..] => Err(ReadError::not_an_sbom(
            "the document is a JSON array; an SBOM is an object (upload one document at a time)",
        )),
        [b'<', ..] => sniff_markup(text),
        _ if is_protobuf(bytes) => Ok(Format::CycloneDxProtobuf),
        _ => sniff_lines(text),
    }
}

/// The message's first field is the specification version: tag 0x0a, which is white space to a text.
fn is_protobuf(bytes: &[u8]) -> bool {
    matches!(bytes, [0x0a, 3..=9, b'1', b'.', ..])
}

fn relocate(error: ReadError, bytes: &[u8], text: &[u8]) -> ReadError {
    // The parser counted from the first brace.
    if text.len() == bytes.len() || error.place.is_empty() {
        return error;
    }
    match serde_json::from_slice::<IgnoredAny>(bytes) {
        Err(error) => ReadError::json(&error),
        Ok(_) => error,
    }
}

fn sniff_json(text: &[u8]) -> Result<Format, ReadError> {
    let mut keys = Keys::default();
    let outcome = serde_json::Deserializer::from_slice(text).deserialize_map(&mut keys);
    match (keys.format, outcome) {
        (Some(format), _) => Ok(format),
        (None, Err(error)) => Err(ReadError::json(&error)),
        (None, Ok(())) => Err(ReadError::not_an_sbom(keys.what_it_is())),
    }
}

/// Looks at the keys of a JSON object until one tells.
#[derive(Default)]
struct Keys {
    format: Option<Format>,
    telling_other: Option<&'static str>,
}

/// Keys of other documents that people upload by mistake, and what these are.
const OTHERS: &[(&str, &str)] = &[
    ("lockfileVersion", "an npm lockfile; upload it as a lockfile"),
    ("_meta", "a Pipfile.lock; upload it as a lockfile"),
    (
        "SchemaVersion",
        "a Trivy report; write it with `--format cyclonedx`",
    ),
    (
        "artifacts",
        "Syft's own format; write it with `-o cyclonedx-json`",
    ),
    ("matches", "a Grype report; upload the SBOM that it was made from"),
    ("predicateType", "an attestation of something else than an SBOM"),
    ("runs", "a SARIF report"),
];

impl Keys {
    fn take<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "bomFormat" => {
                self.format = tells(&map.next_value()?, "CycloneDX", Format::CycloneDxJson);
            }
            "$schema" => {
                self.format = tells(&map.next_value()?, "cyclonedx.org/schema", Format::CycloneDxJson);
            }
            "spdxVersion" => {
                self.format = tells(&map.next_value()?, "SPDX-", Format::SpdxJson);
            }
            "@context" => {
                let context = map.next_value::<Field<Context>>()?;
                self.format =
                    matches!(context, Field::Is(Context { spdx3: true })).then_some(Format::Spdx3JsonLd);
            }
            _ => {
                map.next_value::<IgnoredAny>()?;
                let other = OTHERS.iter().find(|(other, _)| *other == key);
                self.telling_other = self.telling_other.or(other.map(|(_, what)| *what));
            }
        }
        Ok(())
    }

    fn what_it_is(&self) -> String {
        match self.telling_other {
            Some(other) => format!("this looks like {other}"),
            None => {
                "this is JSON but no SBOM: neither `bomFormat` nor `spdxVersion` nor an SPDX 3 `@context`"
                    .into()
            }
        }
    }
}

fn tells(value: &Text<'_>, telling: &str, format: Format) -> Option<Format> {
    matches!(value, Field::Is(text) if text.contains(telling)).then_some(format)
}

/// A JSON-LD context: one address, or a list of them.
struct Context {
    spdx3: bool,
}

impl<'de> Shape<'de> for Context {
    fn from_text(text: Cow<'de, str>) -> Field<Self> {
        Field::Is(Self {
            spdx3: text.contains("spdx.org/rdf/3"),
        })
    }

    fn from_seq<A: SeqAccess<'de>>(mut seq: A) -> Result<Field<Self>, A::Error> {
        let mut spdx3 = false;
        while let Some(element) = seq.next_element::<Field<Self>>()? {
            spdx3 |= matches!(element, Field::Is(Self { spdx3: true }));
        }
        Ok(Field::Is(Self { spdx3 }))
    }
}

impl<'de> Visitor<'de> for &mut Keys {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    /// Stops at the telling key with an error, so that naming a format does not cost reading the document.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            self.take(&key, &mut map)?;
            if self.format.is_some() {
                return Err(de::Error::custom("the format is known"));
            }
        }
        Ok(())
    }
}

fn sniff_markup(text: &[u8]) -> Result<Format, ReadError> {
    let head = head(text);
    let root = root_element(&head);
    let name = root
        .split([' ', '\t', '\r', '\n', '>', '/'])
        .next()
        .unwrap_or_default();
    let local = name.rsplit(':').next().unwrap_or_default();
    match local {
        "bom" if root.contains("cyclonedx.org/schema/bom") => Ok(Format::CycloneDxXml),
        "RDF" if head.contains("spdx.org/rdf") => Ok(Format::SpdxRdf),
        "Document" if head.contains("<SPDXID>") || head.contains("<spdxVersion>") => Ok(Format::SpdxXml),
        _ if local.eq_ignore_ascii_case("html") || head.to_ascii_lowercase().contains("<!doctype html") => {
            Err(ReadError::not_an_sbom(
                "this is an HTML page; was a login or error page saved instead of the SBOM?",
            ))
        }
        "" => Err(ReadError::not_an_sbom(
            "this begins like XML but has no element in its first 64 KiB",
        )),
        _ => Err(ReadError::not_an_sbom(format!(
            "this is XML but no SBOM: its root element is `{name}`"
        ))),
    }
}

/// The text from the name of the first element on, past declarations and comments.
fn root_element(head: &str) -> &str {
    let mut rest = head;
    while let Some((_, after)) = rest.split_once('<') {
        let skipped = match after {
            comment if comment.starts_with("!--") => comment.split_once("-->"),
            other if other.starts_with(['!', '?']) => other.split_once('>'),
            element => return element,
        };
        rest = skipped.map_or("", |(_, rest)| rest);
    }
    ""
}

/// Formats of lines: tag-value and YAML differ in the case of their first letters. YAML may have its keys in any order.
fn sniff_lines(text: &[u8]) -> Result<Format, ReadError> {
    for line in text.split(|byte| *byte == b'\n') {
        if line.starts_with(b"SPDXVersion:") {
            return Ok(Format::SpdxTagValue);
        }
        let key = line
            .strip_prefix(b"\"")
            .or_else(|| line.strip_prefix(b"'"))
            .unwrap_or(line);
        if key.starts_with(b"spdxVersion") && line.contains(&b':') {
            return Ok(Format::SpdxYaml);
        }
    }
    Err(ReadError::not_an_sbom(
        "this is no SBOM: it is neither JSON, XML, SPDX tag-value, SPDX YAML nor CycloneDX Protobuf",
    ))
}

fn head(text: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(text.get(..HEAD).unwrap_or(text))
}

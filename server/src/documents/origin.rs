//! What was sent: a list of components, or a source that a worker finds them in.

use std::io::Cursor;

use bytes::Bytes;
use inventory::Inventory;
use inventory::formats::Limits;
use serde::Deserialize;
use sources::archive::{self, Kind};
use sources::{Collection, Limits as SourceLimits};
use store::sources::Origin;

use super::{NamedFile, ReadDocument, SentDocument, read_now};
use crate::names;
use crate::problem::{Fault, Problem};

/// A request for a repository is short.
const LONGEST_REQUEST: usize = 64 << 10;
/// What the format of a build is called until its source was read.
const NOT_READ: &str = "source, not read yet";

/// Reads a document that lists components, or tells what else it is; answers with the bytes that are kept.
pub(super) fn read_or_tell_apart(
    document: SentDocument,
    limits: &Limits,
) -> Result<(ReadDocument, Bytes), Problem> {
    if !document.more.is_empty() {
        let bytes = bundle(document)?;
        return Ok((source(&bytes, Origin::Archive { name: None }, None), bytes));
    }
    if let Some(asked) = RepositoryRequest::of(&document.bytes)? {
        let (origin, token, bytes) = asked.checked()?;
        return Ok((source(&bytes, origin, token), bytes));
    }
    match origin_of(document.name.as_deref(), &document.bytes) {
        Some(origin) => Ok((source(&document.bytes, origin, None), document.bytes)),
        None => Ok((read_now(&document.bytes, limits)?, document.bytes)),
    }
}

/// Reads whatever was sent here and now, for who wants nothing kept. A repository is not fetched on a request.
pub(super) fn read_at_once(document: SentDocument, limits: &Limits) -> Result<ReadDocument, Problem> {
    let name = document.name.clone();
    let (read, bytes) = read_or_tell_apart(document, limits)?;
    let collection = match &read.origin {
        None => return Ok(read),
        Some(Origin::File { name }) => Collection::single(name, bytes.to_vec()),
        Some(Origin::Archive { .. }) => archive::read(Cursor::new(&bytes), &SourceLimits::default())
            .map_err(|error| not_an_archive(&error))?,
        Some(Origin::Repository { .. }) => {
            return Err(Problem::invalid(
                "A repository is read by a worker: upload it as a build of a project.",
                Vec::new(),
            ));
        }
    };
    let (inventory, notices) = sources::inventory(&collection, name.as_deref().unwrap_or("source"));
    Ok(ReadDocument {
        inventory,
        notices,
        ..read
    })
}

fn source(bytes: &[u8], origin: Origin, token: Option<String>) -> ReadDocument {
    ReadDocument {
        digest: store::documents::digest(bytes),
        size: i64::try_from(bytes.len()).unwrap_or(i64::MAX),
        inventory: Inventory {
            format: NOT_READ.to_owned(),
            ..Inventory::default()
        },
        notices: Vec::new(),
        origin: Some(origin),
        token,
    }
}

/// A file is known by its name, or else by how it begins; an archive by how it begins.
fn origin_of(name: Option<&str>, bytes: &[u8]) -> Option<Origin> {
    if let Some(name) = name.and_then(sources::file_name) {
        return Some(Origin::File { name });
    }
    if Kind::of(bytes.get(..64 << 10).unwrap_or(bytes)).is_some() {
        let name = name.map(str::to_owned);
        return Some(Origin::Archive { name });
    }
    let name = sources::sniff(bytes)?.to_owned();
    Some(Origin::File { name })
}

/// Several files become one archive with their names, which is kept as the build's document.
fn bundle(document: SentDocument) -> Result<Bytes, Problem> {
    let first = NamedFile {
        name: document.name,
        bytes: document.bytes,
    };
    let files: Vec<NamedFile> = std::iter::once(first).chain(document.more).collect();
    let named: Vec<(&str, &[u8])> = files
        .iter()
        .map(|file| (file.name.as_deref().unwrap_or_default(), file.bytes.as_ref()))
        .collect();
    if let Some(position) = named.iter().position(|(name, _)| sources::clean(name).is_none()) {
        let fault = Fault::at(&format!("/file/{position}"), "the part has no usable file name");
        return Err(Problem::invalid(
            "Each of several files needs a file name, by which its format is known.",
            vec![fault],
        ));
    }
    let packed = archive::pack(&named).map_err(|error| not_an_archive(&error))?;
    Ok(packed.into())
}

fn not_an_archive(error: &archive::Error) -> Problem {
    Problem::unreadable(
        "malformed-document",
        "The archive is broken",
        Fault::at("", error.to_string()),
    )
}

/// `{"repository":{"url":"https://…","ref":"main"}}`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RepositoryRequest {
    repository: Wanted,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    url: String,
    #[serde(default, rename = "ref")]
    reference: Option<String>,
    #[serde(default)]
    token: Option<String>,
}

impl RepositoryRequest {
    /// The request, when the document is one; a document that begins as one and is wrong is an error.
    fn of(bytes: &[u8]) -> Result<Option<Self>, Problem> {
        if bytes.len() > LONGEST_REQUEST {
            return Ok(None);
        }
        let Ok(value) = serde_json::from_slice::<serde_json::Value>(bytes) else {
            return Ok(None);
        };
        if value.get("repository").is_none_or(|wanted| !wanted.is_object()) || value.get("name").is_some() {
            return Ok(None);
        }
        serde_json::from_value(value).map(Some).map_err(|error| {
            let fault = Fault::at("/repository", error.to_string());
            Problem::invalid(
                "The request for a repository is not as it should be.",
                vec![fault],
            )
        })
    }

    /// What is to be read, what with, and what is kept of the request: all but the token.
    fn checked(self) -> Result<(Origin, Option<String>, Bytes), Problem> {
        let wrong = |place: &str, why: &str| {
            Problem::invalid("The repository cannot be fetched.", vec![Fault::at(place, why)])
        };
        let Wanted {
            url,
            reference,
            token,
        } = self.repository;
        let address = url
            .strip_prefix("https://")
            .or_else(|| url.strip_prefix("http://"));
        let host = address
            .and_then(|rest| rest.split('/').next())
            .unwrap_or_default();
        if host.is_empty() || url.len() > 2_000 || url.chars().any(|c| c.is_control() || c == ' ') {
            return Err(wrong(
                "/repository/url",
                "the address must be https, as for git clone",
            ));
        }
        if host.contains('@') {
            return Err(wrong(
                "/repository/url",
                "credentials do not belong into the address; send a token",
            ));
        }
        if let Some(reference) = &reference {
            names::word(reference).map_err(|why| wrong("/repository/ref", &why))?;
        }
        let is_token =
            |text: &String| text.len() <= 4_000 && text.bytes().all(|byte| byte.is_ascii_graphic());
        if token.as_ref().is_some_and(|token| !is_token(token)) {
            return Err(wrong(
                "/repository/token",
                "the token has characters that none has",
            ));
        }
        let kept = serde_json::json!({ "repository": { "url": url, "ref": reference } });
        Ok((
            Origin::Repository { url, reference },
            token,
            kept.to_string().into(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(name: Option<&str>, bytes: &[u8]) -> Option<Origin> {
        let document = SentDocument {
            name: name.map(str::to_owned),
            ..SentDocument::from(Bytes::copy_from_slice(bytes))
        };
        read_or_tell_apart(document, &Limits::default()).ok()?.0.origin
    }

    #[test]
    fn a_source_is_known_by_its_name_or_by_how_it_begins() {
        let file = |name: &str| {
            Some(Origin::File {
                name: name.to_owned(),
            })
        };
        assert_eq!(
            told(Some("web/yarn.lock"), b"# yarn lockfile v1\n"),
            file("yarn.lock")
        );
        assert_eq!(
            told(Some("upload"), b"{\"lockfileVersion\": 3, \"packages\": {}}"),
            file("package-lock.json")
        );
        assert_eq!(
            told(None, b"{\"bomFormat\": \"CycloneDX\", \"specVersion\": \"1.6\"}"),
            None
        );
        let packed = archive::pack(&[("Cargo.lock", b"version = 4\n")]).unwrap();
        assert_eq!(told(None, &packed), Some(Origin::Archive { name: None }));
    }

    #[test]
    fn a_request_for_a_repository_is_kept_without_its_token() {
        let text = br#"{"repository":{"url":"https://example.org/a.git","ref":"main","token":"secret"}}"#;
        let (read, bytes) =
            read_or_tell_apart(SentDocument::from(Bytes::from_static(text)), &Limits::default()).unwrap();
        assert_eq!(read.token.as_deref(), Some("secret"));
        assert!(!String::from_utf8_lossy(&bytes).contains("secret"));
        for wrong in [
            r#"{"repository":{"url":"ssh://example.org/a.git"}}"#,
            r#"{"repository":{"url":"https://"}}"#,
            r#"{"repository":{"url":"https://u:p@example.org/a"}}"#,
            r#"{"repository":{"url":"https://example.org/a","branch":"x"}}"#,
            r#"{"repository":{"url":"https://example.org/a","token":"a b"}}"#,
        ] {
            let sent = SentDocument::from(Bytes::from_static(wrong.as_bytes()));
            assert!(read_or_tell_apart(sent, &Limits::default()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn several_files_need_names() {
        let file = |name: Option<&str>| NamedFile {
            name: name.map(str::to_owned),
            bytes: Bytes::from_static(b"x"),
        };
        let sent = |first: Option<&str>, second: Option<&str>| SentDocument {
            name: first.map(str::to_owned),
            more: vec![file(second)],
            ..SentDocument::from(Bytes::from_static(b"{}"))
        };
        assert!(bundle(sent(Some("package.json"), Some("yarn.lock"))).is_ok());
        assert!(bundle(sent(Some("package.json"), None)).is_err());
        assert!(bundle(sent(Some("../x"), Some("yarn.lock"))).is_err());
    }
}

//! Where a feed's files are: below a URL, or below a directory. Both answer the same questions.

use std::fmt;
use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use tokio::io::AsyncReadExt;
use url::Url;

use crate::error::shown;
use crate::{Client, Error, Fetched, Result, Validator};

#[derive(Clone, Debug)]
pub(super) enum Place {
    Web { url: Url, client: Client },
    Disk(PathBuf),
}

impl Place {
    /// Reads `http(s)://…`, `file://…` or a path. The host of a URL may be private: the operator named it.
    pub(super) fn parse(text: &str, client: &Client) -> Result<Self> {
        let invalid = |what: &str| Error::Invalid {
            target: text.to_owned(),
            what: what.to_owned(),
        };
        let Some((scheme, _)) = text.split_once("://") else {
            if text.trim().is_empty() {
                return Err(invalid("a source is a URL or a directory, not nothing"));
            }
            return Ok(Self::Disk(PathBuf::from(text)));
        };
        let url = Url::parse(text).map_err(|error| invalid(&format!("is not a URL: {error}")))?;
        match scheme.to_ascii_lowercase().as_str() {
            "http" | "https" => Ok(Self::Web {
                client: client.allowing(&url),
                url,
            }),
            "file" => {
                let path = url
                    .to_file_path()
                    .map_err(|()| invalid("is not the path of a local file"))?;
                Ok(Self::Disk(path))
            }
            _ => Err(invalid("a source is an http or https URL or a directory")),
        }
    }

    /// The place of something below this one. Segments are names, never paths.
    pub(super) fn join(&self, segments: &[&str]) -> Self {
        match self {
            Self::Disk(path) => Self::Disk(segments.iter().fold(path.clone(), |path, name| path.join(name))),
            Self::Web { url, client } => {
                let mut url = url.clone();
                // It fails for URLs like `data:` only, which `parse` refuses.
                if let Ok(mut path) = url.path_segments_mut() {
                    path.pop_if_empty().extend(segments);
                }
                Self::Web {
                    url,
                    client: client.clone(),
                }
            }
        }
    }

    /// The whole file in memory, at most `limit` bytes.
    pub(super) async fn bytes(&self, limit: u64, known: &Validator) -> Result<Fetched<Vec<u8>>> {
        let path = match self {
            Self::Web { url, client } => return client.bytes(url, limit, known).await,
            Self::Disk(path) => path,
        };
        let Fetched::Changed {
            value: file,
            validator,
        } = open(path, limit, known).await?
        else {
            return Ok(Fetched::Unchanged);
        };
        let mut value = Vec::new();
        // The file may have grown since its length was looked at.
        let read = file.take(limit.saturating_add(1)).read_to_end(&mut value).await;
        let length = read.map_err(|source| file_error(path, source))?;
        if length as u64 > limit {
            return Err(too_large(path, limit));
        }
        Ok(Fetched::Changed { value, validator })
    }

    /// The file, opened for reading from its start.
    pub(super) async fn file(&self, limit: u64, known: &Validator) -> Result<Fetched<std::fs::File>> {
        let path = match self {
            Self::Web { url, client } => return client.file(url, limit, known).await,
            Self::Disk(path) => path,
        };
        match open(path, limit, known).await? {
            Fetched::Unchanged => Ok(Fetched::Unchanged),
            Fetched::Changed { value, validator } => Ok(Fetched::Changed {
                value: value.into_std().await,
                validator,
            }),
        }
    }

    /// Whether this is a directory, or a URL that is written as one.
    pub(super) async fn is_directory(&self) -> bool {
        match self {
            Self::Web { url, .. } => url.path().ends_with('/'),
            Self::Disk(path) => tokio::fs::metadata(path).await.is_ok_and(|found| found.is_dir()),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Web { url, .. } => f.write_str(&shown(url)),
            Self::Disk(path) => path.display().fmt(f),
        }
    }
}

async fn open(path: &Path, limit: u64, known: &Validator) -> Result<Fetched<tokio::fs::File>> {
    let value = tokio::fs::File::open(path)
        .await
        .map_err(|source| file_error(path, source))?;
    let found = value
        .metadata()
        .await
        .map_err(|source| file_error(path, source))?;
    if found.is_dir() {
        return Err(Error::Invalid {
            target: path.display().to_string(),
            what: "is a directory".to_owned(),
        });
    }
    if found.len() > limit {
        return Err(too_large(path, limit));
    }
    let validator = Validator {
        etag: state(&found),
        last_modified: None,
    };
    if !validator.is_empty() && validator == *known {
        return Ok(Fetched::Unchanged);
    }
    Ok(Fetched::Changed { value, validator })
}

/// An entity tag for a file; `None` where the file system keeps no modification time.
fn state(found: &Metadata) -> Option<String> {
    let modified = found.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(format!("\"{}-{}\"", found.len(), modified.as_nanos()))
}

fn file_error(path: &Path, source: std::io::Error) -> Error {
    Error::File {
        target: path.display().to_string(),
        source,
    }
}

fn too_large(path: &Path, limit: u64) -> Error {
    Error::TooLarge {
        target: path.display().to_string(),
        limit,
    }
}

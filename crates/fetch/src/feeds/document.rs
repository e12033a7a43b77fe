//! A feed that is one file: the catalogue of known exploited vulnerabilities, exploit scores.

use std::fmt;

use super::place::Place;
use crate::{Client, Fetched, Result, Validator};

/// One file at a URL or path.
#[derive(Clone, Debug)]
pub struct Document {
    place: Place,
    name: String,
}

impl Document {
    /// `text` names the file, or the directory (a URL ending in `/`) in which it is called `name`.
    ///
    /// # Errors
    /// [`crate::Error::Invalid`] for schemes other than `http`, `https` and `file`.
    pub fn parse(text: &str, name: &str, client: &Client) -> Result<Self> {
        Ok(Self {
            place: Place::parse(text, client)?,
            name: name.to_owned(),
        })
    }

    /// The file, at most `limit` bytes after decompression.
    ///
    /// # Errors
    /// What reading the file gives, see [`crate::Error`].
    pub async fn fetch(&self, limit: u64, known: &Validator) -> Result<Fetched<Vec<u8>>> {
        if self.place.is_directory().await {
            return self.place.join(&[&self.name]).bytes(limit, known).await;
        }
        self.place.bytes(limit, known).await
    }
}

impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.place.fmt(f)
    }
}

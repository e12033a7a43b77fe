//! A feed that is one file: the catalogue of known exploited vulnerabilities, exploit scores.

use std::fmt;
use std::io::Read;

use flate2::read::MultiGzDecoder;

use super::place::Place;
use crate::{Client, Error, Fetched, Result, Validator};

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

    /// The file, at most `limit` bytes after decompression; one that is gzip is unpacked.
    ///
    /// # Errors
    /// What reading the file gives, see [`crate::Error`].
    pub async fn fetch(&self, limit: u64, known: &Validator) -> Result<Fetched<Vec<u8>>> {
        let place = if self.place.is_directory().await {
            self.place.join(&[&self.name])
        } else {
            self.place.clone()
        };
        let fetched = place.bytes(limit, known).await?;
        fetched.try_map(|bytes| unpacked(&place, bytes, limit))
    }
}

fn unpacked(place: &Place, bytes: Vec<u8>, limit: u64) -> Result<Vec<u8>> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes);
    }
    let mut plain = Vec::new();
    let decoder = MultiGzDecoder::new(bytes.as_slice());
    let read = decoder.take(limit.saturating_add(1)).read_to_end(&mut plain);
    let target = || place.to_string();
    read.map_err(|error| Error::Invalid {
        target: target(),
        what: format!("is damaged gzip: {error}"),
    })?;
    if plain.len() as u64 > limit {
        return Err(Error::TooLarge {
            target: target(),
            limit,
        });
    }
    Ok(plain)
}

impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.place.fmt(f)
    }
}

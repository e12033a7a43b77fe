//! Taking over what a verified bundle holds.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Take};

use advisories::epss::Scores;
use advisories::kev::Catalogue;
use clock::Timestamp;

use super::{BundleError, LONGEST_LINE, Part, Verified};
use crate::advisories::{Batch, RawRecord, Whole, apply};
use crate::db::Database;
use crate::feeds::{self, EXPLOITED, SCORES, WRITTEN};
use crate::{exploited, scores};

/// The largest catalogue, unpacked.
const LARGEST_DOCUMENT: u64 = 256 << 20;
/// Bytes of a feed's records, unpacked.
const LARGEST_FEED: u64 = 16 << 30;

/// What became of one feed of a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    pub feed: String,
    pub outcome: Outcome,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Taken over; what it changed.
    Taken {
        added: usize,
        changed: usize,
        dropped: usize,
    },
    /// What is stored is as new or newer.
    NotNewer,
    /// A bundle never replaces what is written here.
    NotForHere,
}

/// Takes over every feed of the bundle that is newer than what is stored; with `force` also older ones, and those
/// that lost suspiciously much.
///
/// # Errors
/// See [`BundleError`]. Each feed is taken over as by any other reading of it: a refused one keeps its last good
/// state.
pub async fn import(
    database: &Database,
    bundle: Verified,
    force: bool,
    now: Timestamp,
) -> Result<Vec<Imported>, BundleError> {
    let mut imported = Vec::with_capacity(bundle.manifest.parts.len());
    for (part, place) in bundle.manifest.parts.iter().zip(&bundle.places) {
        let outcome = take(database, part, &bundle.file, *place, force, now).await?;
        imported.push(Imported {
            feed: part.feed.clone(),
            outcome,
        });
    }
    Ok(imported)
}

async fn take(
    database: &Database,
    part: &Part,
    file: &File,
    place: u64,
    force: bool,
    now: Timestamp,
) -> Result<Outcome, BundleError> {
    if part.feed == WRITTEN {
        return Ok(Outcome::NotForHere);
    }
    let mut tx = database.begin().await?;
    let feed = feeds::adopt(&mut tx, &part.feed, &part.kind, &part.ecosystem).await?;
    tx.commit().await?;
    if feed.synced_at.is_some_and(|at| at >= part.synced_at.millis()) && !force {
        return Ok(Outcome::NotNewer);
    }
    let mut file = file.try_clone()?;
    file.seek(SeekFrom::Start(place))?;
    let packed = file.take(part.bytes);
    match part.feed.as_str() {
        EXPLOITED => catalogue(database, part, packed, now).await,
        SCORES => probabilities(database, part, packed, now).await,
        _ => records(database, part, packed, force, now).await,
    }
}

fn refused(part: &Part, why: impl std::fmt::Display) -> BundleError {
    BundleError::Refused {
        feed: part.feed.clone(),
        why: why.to_string(),
    }
}

async fn records(
    database: &Database,
    part: &Part,
    packed: Take<File>,
    force: bool,
    now: Timestamp,
) -> Result<Outcome, BundleError> {
    // Parts follow one another, so the shared place in the file is this one's until it has been read.
    let decoder = zstd::Decoder::new(packed)?;
    let lines = Lines {
        from: BufReader::new(decoder.take(LARGEST_FEED)),
        number: 0,
        most: part.records,
    };
    let whole = Whole {
        records: Box::new(lines),
        total: part.records,
        force,
        validator: String::new(),
        synced_at: Some(part.synced_at),
    };
    let applied = apply(database, &part.feed, Batch::Whole(whole), now).await;
    let applied = applied.map_err(|error| refused(part, error))?;
    Ok(Outcome::Taken {
        added: applied.added,
        changed: applied.changed,
        dropped: applied.dropped,
    })
}

/// One record a line.
struct Lines<R> {
    from: BufReader<R>,
    number: usize,
    most: usize,
}

impl<R: Read> Iterator for Lines<R> {
    type Item = Result<RawRecord, String>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut bytes = Vec::new();
        let read = self
            .from
            .by_ref()
            .take(LONGEST_LINE)
            .read_until(b'\n', &mut bytes);
        self.number += 1;
        match read {
            Ok(0) if self.number <= self.most => Some(Err(format!(
                "it ends after {} records of {}",
                self.number - 1,
                self.most
            ))),
            Ok(0) => None,
            Ok(_) if self.number > self.most => Some(Err("it has more records than it says".to_owned())),
            Ok(_) if bytes.pop() != Some(b'\n') => Some(Err(format!("record {} is not whole", self.number))),
            Ok(_) => Some(Ok(RawRecord {
                id: format!("record {}", self.number),
                bytes,
            })),
            Err(error) => Some(Err(format!("record {}: {error}", self.number))),
        }
    }
}

fn document(part: &Part, packed: Take<File>) -> Result<Vec<u8>, BundleError> {
    let mut bytes = Vec::new();
    let decoder = zstd::Decoder::new(packed)?;
    decoder.take(LARGEST_DOCUMENT + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST_DOCUMENT {
        return Err(refused(part, "it is too large"));
    }
    Ok(bytes)
}

async fn catalogue(
    database: &Database,
    part: &Part,
    packed: Take<File>,
    now: Timestamp,
) -> Result<Outcome, BundleError> {
    let catalogue = Catalogue::parse(&document(part, packed)?).map_err(|error| refused(part, error))?;
    if catalogue.is_empty() {
        return Err(refused(part, "the catalogue is empty"));
    }
    let mut tx = database.begin().await?;
    let replaced = exploited::replace(&mut tx, &catalogue, "", Some(part.synced_at), now).await?;
    tx.commit().await?;
    Ok(Outcome::Taken {
        added: replaced.added,
        changed: 0,
        dropped: replaced.removed,
    })
}

async fn probabilities(
    database: &Database,
    part: &Part,
    packed: Take<File>,
    now: Timestamp,
) -> Result<Outcome, BundleError> {
    let parsed = Scores::parse(&document(part, packed)?).map_err(|error| refused(part, error))?;
    let replaced = scores::replace(database, &parsed, "", Some(part.synced_at), now).await;
    let replaced = replaced.map_err(|error| refused(part, error))?;
    Ok(Outcome::Taken {
        added: 0,
        changed: replaced.changed,
        dropped: replaced.removed,
    })
}

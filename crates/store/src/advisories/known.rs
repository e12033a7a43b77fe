//! What a feed carried when it was last read, small enough to be held while it is read again.

use std::collections::HashMap;

use ::advisories::ENTRY_FORMAT;
use clock::Timestamp;

use crate::Error;
use crate::db::{Session, statements};

/// Rows read at once.
const PAGE: i64 = 20_000;

statements! {
    CARRIED = "SELECT a.id, a.modified, c.digest
        FROM feed_advisory c JOIN advisory a ON a.id = c.advisory_id
        WHERE c.feed_id = $1 AND c.advisory_id > $2
        ORDER BY c.advisory_id
        LIMIT $3";
    LISTED = "SELECT a.id, a.identifier, a.modified, c.digest
        FROM feed_advisory c JOIN advisory a ON a.id = c.advisory_id
        WHERE c.feed_id = $1 AND c.advisory_id > $2
        ORDER BY c.advisory_id
        LIMIT $3";
}

/// What a feed carries, by the records' ids: for a source that lists what it has.
///
/// The moment is that of the record's own `modified`; none where the record is to be read again whatever the
/// source says: another feed asked for it, or it was compiled in another format.
pub async fn carried(session: &mut Session, feed: i64) -> Result<HashMap<String, Option<Timestamp>>, Error> {
    let format = format!("{ENTRY_FORMAT}:");
    let mut carried = HashMap::new();
    let mut after = 0;
    loop {
        let rows: Vec<(i64, String, i64, String)> = session
            .query(&LISTED)
            .bind(feed)
            .bind(after)
            .bind(PAGE)
            .all()
            .await?;
        let Some((last, ..)) = rows.last() else {
            return Ok(carried);
        };
        after = *last;
        carried.extend(rows.into_iter().map(|(_, identifier, modified, digest)| {
            let current = digest.starts_with(&format);
            (identifier, current.then(|| Timestamp::from_millis(modified)))
        }));
    }
}

/// The first bytes of a digest: enough to tell a million records apart.
type Mark = [u8; 16];

struct Record {
    mark: Mark,
    advisory: i64,
    modified: i64,
    seen: bool,
}

/// The records of a feed by their digest: 40 bytes each.
pub(super) struct Known {
    /// Sorted by mark.
    records: Vec<Record>,
}

impl Known {
    pub(super) async fn load(session: &mut Session, feed: i64) -> Result<Self, Error> {
        let mut records = Vec::new();
        let mut after = 0;
        loop {
            let rows: Vec<(i64, i64, String)> = session
                .query(&CARRIED)
                .bind(feed)
                .bind(after)
                .bind(PAGE)
                .all()
                .await?;
            let Some((last, ..)) = rows.last() else { break };
            after = *last;
            records.extend(rows.into_iter().map(|(advisory, modified, digest)| Record {
                mark: mark(&digest),
                advisory,
                modified,
                seen: false,
            }));
        }
        records.sort_unstable_by_key(|record| record.mark);
        Ok(Self { records })
    }

    pub(super) fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether a record with this digest is stored; it counts as seen then. Answers its `modified`.
    pub(super) fn meet(&mut self, digest: &str) -> Option<i64> {
        let mark = mark(digest);
        let at = self
            .records
            .binary_search_by_key(&mark, |record| record.mark)
            .ok()?;
        let record = self.records.get_mut(at)?;
        record.seen = true;
        Some(record.modified)
    }

    /// The records that were not met.
    pub(super) fn unmet(&self) -> impl Iterator<Item = i64> {
        self.records
            .iter()
            .filter(|record| !record.seen)
            .map(|record| record.advisory)
    }
}

/// The SHA-256 behind the format, shortened; the format is mixed in, so that another format is another mark.
fn mark(digest: &str) -> Mark {
    let (format, hexadecimal) = digest.split_once(':').unwrap_or_default();
    let mut mark = Mark::default();
    let short = hexadecimal.get(..32).unwrap_or_default();
    // A digest that is not hexadecimal was not written by us; it matches nothing and is replaced.
    if hex::decode_to_slice(short, &mut mark).is_err() {
        return Mark::default();
    }
    for (byte, format) in mark.iter_mut().zip(format.bytes()) {
        *byte ^= format;
    }
    mark
}

//! Advisories in the OSV schema from a folder or a file, and RustSec's repository in either of its forms.

use advisories::rustsec;
use fetch::feeds::{Collection, Files, Limits, Record};
use fetch::{Client, Fetched, Validator};
use serde::Deserialize;
use serde::de::IgnoredAny;
use store::advisories::{Batch, RawRecord, Whole, apply};
use store::feeds::{Feed, Kind};

use super::mark::Mark;
use super::{confirm, refused, tell};
use crate::{JobError, Parts};

pub(super) async fn read(parts: &Parts, feed: &Feed, kind: Kind, client: &Client) -> Result<(), JobError> {
    let collection = Collection::parse(&feed.source, client)?;
    let fetched = collection.all(&Mark::known(feed)).await?;
    let Fetched::Changed { value, validator } = fetched else {
        return confirm(parts, feed).await;
    };
    let whole = tokio::task::spawn_blocking(move || open(value, kind, validator)).await??;
    let applied = apply(
        &parts.database,
        &feed.name,
        Batch::Whole(whole),
        parts.clock.now(),
    );
    tell(feed, &applied.await.map_err(refused)?);
    Ok(())
}

/// Opens the files. How many records there are shows only at the end. Blocks.
fn open(files: Files, kind: Kind, validator: Validator) -> Result<Whole, JobError> {
    let select = if kind == Kind::RustSec {
        of_rustsec
    } else {
        is_json
    };
    let records = files.open(Limits::default(), select)?;
    let records = records.filter_map(|record| match record {
        Ok(record) => as_osv(record).map(Ok),
        Err(error) => Some(Err(error.to_string())),
    });
    Ok(Whole {
        records: Box::new(records),
        total: usize::MAX,
        force: false,
        validator: Mark::new(validator).text(),
        synced_at: None,
    })
}

fn is_json(path: &str) -> bool {
    path.ends_with(".json")
}

/// `crates/…/RUSTSEC-….md`, or `crates/RUSTSEC-….json` of the export. What lies in `rust/` is about the toolchain
/// and no crate.
fn of_rustsec(path: &str) -> bool {
    let mut parts = path.rsplit(['/', '\\']);
    let file = parts.next().unwrap_or_default();
    let record = file.starts_with("RUSTSEC-") && (file.ends_with(".md") || file.ends_with(".json"));
    record && !parts.any(|folder| folder == "rust")
}

/// The record in the OSV schema; `None` for JSON that is none, such as a repository's own settings.
fn as_osv(record: Record) -> Option<RawRecord> {
    let Record { id, bytes } = record;
    if bytes.trim_ascii_start().starts_with(b"```") {
        let bytes = match rustsec::to_osv(&bytes) {
            Ok(osv) => osv,
            Err(why) => {
                tracing::warn!(record = id, why = %why, "an advisory of RustSec could not be read");
                bytes
            }
        };
        return Some(RawRecord { id, bytes });
    }
    #[derive(Deserialize)]
    struct Head {
        id: Option<IgnoredAny>,
        modified: Option<IgnoredAny>,
    }
    let head: Result<Head, _> = serde_json::from_slice(&bytes);
    let foreign = head.is_ok_and(|head| head.id.is_none() && head.modified.is_none());
    (!foreign).then_some(RawRecord { id, bytes })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_repository_only_advisories_about_crates_are_read() {
        for (path, is_record) in [
            ("advisory-db-main/crates/time/RUSTSEC-2020-0071.md", true),
            ("advisory-db-osv/crates/RUSTSEC-2020-0071.json", true),
            ("/srv/rust-mirror/crates/time/RUSTSEC-2020-0071.md", true),
            ("advisory-db-main/rust/std/RUSTSEC-2020-0071.md", false),
            ("advisory-db-main/README.md", false),
            ("advisory-db-main/crates/time/EXAMPLE.md", false),
        ] {
            assert_eq!(of_rustsec(path), is_record, "{path}");
        }
    }

    #[test]
    fn json_that_is_no_record_is_left_out_and_a_broken_record_is_not() {
        let read = |text: &str| {
            as_osv(Record {
                id: "x".to_owned(),
                bytes: text.as_bytes().to_vec(),
            })
            .is_some()
        };
        assert!(read(r#"{"id":"A-1","modified":"2024-01-01T00:00:00Z"}"#));
        assert!(read(r#"{"id":"A-1"}"#) && read("{"));
        assert!(!read(r#"{"name":"settings"}"#));
    }
}

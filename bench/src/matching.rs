//! The matching core alone: stored entries read back and versions compared, without a server.

use std::time::{Duration, Instant};

use advisories::match_package;
use inventory::formats;
use store::db::{Database, Location};
use store::packages::{self, Identity};

use crate::Failure;
use crate::arguments::MatchOptions;
use crate::latency::Latencies;
use crate::{catalogue, generate};

/// One component as the matcher is given it.
struct Subject<'a> {
    identity: &'a Identity,
    entries: &'a [advisories::Entry],
}

pub async fn measure(options: &MatchOptions) -> Result<String, Failure> {
    let catalogue = catalogue::shuffled(options.shape.seed)?;
    let packages = generate::slice(&catalogue, 0, options.shape.components)?;
    let document = generate::document(packages, options.shape.seed);
    let (inventory, _) =
        formats::read(&document, &formats::Limits::default()).map_err(|error| error.to_string())?;
    let identities = Identity::all(&inventory);

    let database = Database::open(&Location::Sqlite(options.data.join("plumbline.db"))).await?;
    let mut session = database.read().await?;
    let ids = packages::ids(&mut session, &identities).await?;
    let wanted: Vec<i64> = ids.values().copied().collect();
    let start = Instant::now();
    let entries = store::matches::entries(&mut session, &wanted).await?;
    let reading = start.elapsed();
    let subjects: Vec<Subject<'_>> = identities
        .iter()
        .map(|identity| {
            let id = ids.get(&identity.subject_key());
            Subject {
                identity,
                entries: id.and_then(|id| entries.get(id)).map_or(&[], Vec::as_slice),
            }
        })
        .collect();
    let records: usize = subjects.iter().map(|subject| subject.entries.len()).sum();
    if records == 0 {
        return Err("the store knows no advisory about these packages: sync the feeds first".into());
    }
    let rounds: Vec<(Duration, usize)> = (0..options.rounds.rounds).map(|_| once(&subjects)).collect();
    let affected = rounds.first().map_or(0, |(_, affected)| *affected);
    let durations = rounds.into_iter().map(|(duration, _)| duration).collect();
    Ok(format!(
        "match {} components against {records} records, {affected} affected: {}\n\
         reading and decoding the entries of {} packages: {:.1} ms",
        subjects.len(),
        Latencies::new(durations),
        wanted.len(),
        reading.as_secs_f64() * 1_000.0,
    ))
}

/// Matches everything once: how long it took, and how many components are affected.
fn once(subjects: &[Subject<'_>]) -> (Duration, usize) {
    let start = Instant::now();
    let affected = subjects
        .iter()
        .filter_map(|subject| {
            match_package(
                &subject.identity.ecosystem,
                subject.entries,
                &subject.identity.installed(),
            )
        })
        .filter(|result| !result.affected.is_empty())
        .count();
    (start.elapsed(), affected)
}

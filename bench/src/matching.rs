//! The matching core alone: stored entries read back and versions compared, without a server.

use std::time::{Duration, Instant};

use advisories::match_package;
use ecosystems::VersionKey;
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
    let checks = RangeChecks::of(&subjects);
    Ok(format!(
        "match {} components against {records} records, {affected} affected: {}\n\
         reading and decoding the entries of {} packages: {:.1} ms\n\
         {} range checks on parsed keys: {:.1} ns each",
        subjects.len(),
        Latencies::new(durations),
        wanted.len(),
        reading.as_secs_f64() * 1_000.0,
        checks.pairs.len(),
        checks.nanoseconds(options.rounds.rounds),
    ))
}

/// Every version against every range of its package, parsed before.
struct RangeChecks<'a> {
    pairs: Vec<(VersionKey, &'a advisories::Range)>,
}

impl<'a> RangeChecks<'a> {
    fn of(subjects: &[Subject<'a>]) -> Self {
        let mut pairs = Vec::new();
        for subject in subjects {
            let known = ecosystems::by_name(&subject.identity.ecosystem);
            let key = known.and_then(|known| known.key(&subject.identity.subject_version).ok());
            let Some(key) = key else { continue };
            let claims = subject.entries.iter().flat_map(|entry| &entry.claims);
            pairs.extend(
                claims
                    .flat_map(|claim| &claim.ranges)
                    .map(|range| (key.clone(), range)),
            );
        }
        Self { pairs }
    }

    /// The mean of one check.
    fn nanoseconds(&self, rounds: u32) -> f64 {
        let start = Instant::now();
        let mut inside = 0_usize;
        for _ in 0..rounds {
            let checks = self.pairs.iter();
            inside += checks
                .filter(|(key, range)| range.find(key, key).is_some())
                .count();
        }
        std::hint::black_box(inside);
        let elapsed = start.elapsed();
        let pairs = u32::try_from(self.pairs.len()).unwrap_or(u32::MAX);
        elapsed.as_secs_f64() * 1e9 / f64::from(pairs.max(1)) / f64::from(rounds.max(1))
    }
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

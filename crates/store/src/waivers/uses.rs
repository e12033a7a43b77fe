//! What became of waivers in the last verdict of each ref.

use std::collections::{BTreeMap, HashMap};

use clock::Timestamp;
use policy::{AppliedWaiver, Waivers};

use crate::Error;
use crate::db::{Column, Insert, List, Session, Tx, statements};

statements! {
    IDS = "SELECT uuid, id FROM waiver WHERE uuid IN (SELECT value FROM {elements}($1{json}))";
    FORGET = "DELETE FROM waiver_use WHERE reference_id = $1";
    USES = "SELECT u.waiver_id, u.outcome, u.matters, u.at, p.name AS project, r.name AS reference
        FROM waiver_use u JOIN reference r ON r.id = u.reference_id JOIN project p ON p.id = r.project_id
        WHERE u.waiver_id IN (SELECT CAST(value AS BIGINT) FROM {elements}($1{json}))
        ORDER BY u.matters DESC, u.waiver_id, p.name, r.name LIMIT 2000";
}

static USED: Insert = Insert {
    table: "waiver_use",
    columns: &["reference_id", "waiver_id", "outcome", "matters", "at"],
    suffix: "ON CONFLICT DO NOTHING",
};

/// What became of one waiver on one ref.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Use {
    pub waiver_id: i64,
    /// `applied`, `unused`, `stale`, `expired` or `unapproved`.
    pub outcome: String,
    /// Findings and other matters that it covered.
    pub matters: i64,
    pub at: i64,
    pub project: String,
    pub reference: String,
}

/// What became of one waiver over all refs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UseSummary {
    /// Refs whose last verdict was asked.
    pub references: usize,
    pub matters: i64,
    pub stale: bool,
}

impl UseSummary {
    /// Adds up the uses of one waiver.
    #[must_use]
    pub fn of(uses: &[Use]) -> Self {
        Self {
            references: uses.len(),
            matters: uses.iter().map(|used| used.matters).sum(),
            stale: uses.iter().any(|used| used.outcome == "stale"),
        }
    }

    /// Whether it was asked and covers nothing; what nobody asked yet is not unused.
    #[must_use]
    pub const fn is_unused(&self) -> bool {
        self.references > 0 && self.matters == 0 && !self.stale
    }
}

/// Replaces what is known of a ref by what its newest verdict says.
pub async fn record(tx: &mut Tx, reference: i64, waivers: &Waivers, now: Timestamp) -> Result<(), Error> {
    tx.query(&FORGET).bind(reference).run().await?;
    let mut found: BTreeMap<&str, (&str, i64)> = BTreeMap::new();
    // A waiver may be stale for one matter and hold for another: that something re-opened is what people must see.
    for (outcome, entries) in outcomes(waivers) {
        for entry in entries {
            let covered = i64::from(outcome == "applied");
            let slot = found.entry(entry.id.as_str()).or_insert((outcome, 0));
            *slot = (
                if slot.0 == "stale" { "stale" } else { outcome },
                slot.1 + covered,
            );
        }
    }
    if found.is_empty() {
        return Ok(());
    }
    let uuids: Vec<&str> = found.keys().copied().collect();
    let ids: Vec<(String, i64)> = tx.query(&IDS).bind(List::of(&uuids)).all().await?;
    let rows: Vec<(i64, &str, i64)> = ids
        .iter()
        .filter_map(|(uuid, id)| {
            found
                .get(uuid.as_str())
                .map(|(outcome, matters)| (*id, *outcome, *matters))
        })
        .collect();
    let columns = vec![
        Column::Int(vec![reference; rows.len()]),
        Column::Int(rows.iter().map(|row| row.0).collect()),
        Column::Text(rows.iter().map(|row| row.1.to_owned()).collect()),
        Column::Int(rows.iter().map(|row| row.2).collect()),
        Column::Int(vec![now.millis(); rows.len()]),
    ];
    tx.insert(&USED, columns).await?;
    Ok(())
}

fn outcomes(waivers: &Waivers) -> [(&'static str, &[AppliedWaiver]); 5] {
    [
        ("unused", &waivers.unused),
        ("expired", &waivers.expired),
        ("unapproved", &waivers.unapproved),
        ("stale", &waivers.stale),
        ("applied", &waivers.applied),
    ]
}

/// The uses of waivers, by waiver.
pub async fn uses(session: &mut Session, waivers: &[i64]) -> Result<HashMap<i64, Vec<Use>>, Error> {
    if waivers.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<Use> = session.query(&USES).bind(List::of(waivers)).all().await?;
    let mut uses: HashMap<i64, Vec<Use>> = HashMap::new();
    for row in rows {
        uses.entry(row.waiver_id).or_default().push(row);
    }
    Ok(uses)
}

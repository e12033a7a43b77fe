//! The rows of records: one for itself, one for each alias, one for each package.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::prepare::{PreparedPackage, PreparedRecord};
use crate::db::{Column, Insert, List, Tx, statements};
use crate::{Error, packages};

statements! {
    IDS = "SELECT identifier, id FROM advisory
        WHERE identifier IN (SELECT value FROM {elements}($1{json}))";
}

static ADVISORY: Insert = Insert {
    table: "advisory",
    columns: &[
        "identifier",
        "modified",
        "published",
        "withdrawn",
        "summary",
        "digest",
        "record",
    ],
    suffix: "ON CONFLICT (identifier) DO UPDATE SET
        modified = excluded.modified, published = excluded.published, withdrawn = excluded.withdrawn,
        summary = excluded.summary, digest = excluded.digest, record = excluded.record",
};

static ALIAS: Insert = Insert {
    table: "advisory_alias",
    columns: &["alias", "advisory_id"],
    suffix: "ON CONFLICT DO NOTHING",
};

static ENTRY: Insert = Insert {
    table: "advisory_package",
    columns: &["package_id", "advisory_id", "entry"],
    suffix: "ON CONFLICT (package_id, advisory_id) DO UPDATE SET entry = excluded.entry",
};

/// The stored ids of records; `identifiers` is a list as statements take it.
pub(super) async fn ids(tx: &mut Tx, identifiers: String) -> Result<Vec<(String, i64)>, Error> {
    tx.query(&IDS).bind(identifiers).all().await
}

/// Writes records with their aliases and entries; answers with the packages of which they speak.
pub(super) async fn insert(tx: &mut Tx, records: Vec<PreparedRecord>) -> Result<BTreeSet<i64>, Error> {
    if records.is_empty() {
        return Ok(BTreeSet::new());
    }
    let mut rows = Rows::default();
    let mut parts = Vec::with_capacity(records.len());
    for record in records {
        parts.push(rows.push(record));
    }
    let identifiers = List::of(&rows.identifiers);
    tx.insert(&ADVISORY, rows.columns()).await?;
    let ids: HashMap<String, i64> = ids(tx, identifiers).await?.into_iter().collect();
    insert_aliases(tx, &ids, &parts).await?;
    insert_entries(tx, &ids, parts).await
}

/// What a record has many of.
struct Parts {
    identifier: String,
    aliases: Vec<String>,
    packages: Vec<PreparedPackage>,
}

#[derive(Default)]
struct Rows {
    identifiers: Vec<String>,
    modified: Vec<i64>,
    published: Vec<Option<i64>>,
    withdrawn: Vec<Option<i64>>,
    summaries: Vec<String>,
    digests: Vec<String>,
    records: Vec<Vec<u8>>,
}

impl Rows {
    fn push(&mut self, record: PreparedRecord) -> Parts {
        self.identifiers.push(record.identifier.clone());
        self.modified.push(record.modified);
        self.published.push(record.published);
        self.withdrawn.push(record.withdrawn);
        self.summaries.push(record.summary);
        self.digests.push(record.digest);
        self.records.push(record.record);
        Parts {
            identifier: record.identifier,
            aliases: record.aliases,
            packages: record.packages,
        }
    }

    fn columns(self) -> Vec<Column> {
        vec![
            Column::Text(self.identifiers),
            Column::Int(self.modified),
            Column::MaybeInt(self.published),
            Column::MaybeInt(self.withdrawn),
            Column::Text(self.summaries),
            Column::Text(self.digests),
            Column::Bytes(self.records),
        ]
    }
}

async fn insert_aliases(tx: &mut Tx, ids: &HashMap<String, i64>, parts: &[Parts]) -> Result<(), Error> {
    let mut aliases = Vec::new();
    let mut advisories = Vec::new();
    for part in parts {
        let Some(id) = ids.get(&part.identifier) else {
            continue;
        };
        aliases.extend(part.aliases.iter().cloned());
        advisories.extend(std::iter::repeat_n(*id, part.aliases.len()));
    }
    if !aliases.is_empty() {
        tx.insert(&ALIAS, vec![Column::Text(aliases), Column::Int(advisories)])
            .await?;
    }
    Ok(())
}

async fn insert_entries(
    tx: &mut Tx,
    ids: &HashMap<String, i64>,
    parts: Vec<Parts>,
) -> Result<BTreeSet<i64>, Error> {
    let mut names: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for package in parts.iter().flat_map(|part| &part.packages) {
        names.entry(&package.ecosystem).or_default().insert(&package.name);
    }
    let known = packages::intern_packages(tx, &names).await?;
    let mut entries: BTreeMap<(i64, i64), Vec<u8>> = BTreeMap::new();
    for part in parts {
        let Some(advisory) = ids.get(&part.identifier) else {
            continue;
        };
        for package in part.packages {
            if let Some(id) = known.get(&(package.ecosystem, package.name)) {
                entries.insert((*id, *advisory), package.entry);
            }
        }
    }
    let touched = entries.keys().map(|(package, _)| *package).collect();
    let columns = vec![
        Column::Int(entries.keys().map(|(package, _)| *package).collect()),
        Column::Int(entries.keys().map(|(_, advisory)| *advisory).collect()),
        Column::Bytes(entries.into_values().collect()),
    ];
    tx.insert(&ENTRY, columns).await?;
    Ok(touched)
}

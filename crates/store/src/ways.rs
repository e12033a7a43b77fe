//! Ways to green that were found by resolving again: one for each affected component of an inventory.

use std::collections::HashMap;

use audit::Way;
use clock::Timestamp;

use crate::Error;
use crate::db::{Session, Tx, statements};

statements! {
    OF_INVENTORY = "SELECT purl, findings, way FROM way_to_green WHERE inventory_id = $1";
    PUT = "INSERT INTO way_to_green (inventory_id, purl, findings, found_at, way)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (inventory_id, purl) DO UPDATE SET
            findings = excluded.findings,
            found_at = excluded.found_at,
            way = excluded.way";
}

/// What was found about one component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundWay {
    /// The canonical ids of what was known against it then, sorted, with a space between them.
    pub findings: String,
    pub way: Way,
}

/// Everything that was found for an inventory, by package URL.
pub async fn of_inventory(session: &mut Session, inventory: i64) -> Result<HashMap<String, FoundWay>, Error> {
    let rows: Vec<(String, String, String)> = session.query(&OF_INVENTORY).bind(inventory).all().await?;
    rows.into_iter()
        .map(|(purl, findings, way)| {
            let way = serde_json::from_str(&way).map_err(|error| Error::corrupt("way to green", &error))?;
            Ok((purl, FoundWay { findings, way }))
        })
        .collect()
}

/// Keeps what was found about a component, in place of what was found before.
pub async fn put(
    tx: &mut Tx,
    inventory: i64,
    purl: &str,
    found: &FoundWay,
    now: Timestamp,
) -> Result<(), Error> {
    let way = serde_json::to_string(&found.way).map_err(|error| Error::corrupt("way to green", &error))?;
    tx.query(&PUT)
        .bind(inventory)
        .bind(purl)
        .bind(found.findings.as_str())
        .bind(now.millis())
        .bind(way.as_str())
        .run()
        .await?;
    Ok(())
}

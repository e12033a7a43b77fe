//! Ways to green, found by resolving again where advisories and registries are at hand.

use std::collections::HashMap;
use std::time::Duration;

use audit::{Report, Way};
use inventory::Purl;
use worker::resolving::{self, Affected, Grown};

use super::super::{Failure, progress};
use super::source::registries;
use crate::configuration::Configuration;
use crate::state::State;

/// A person waits for it.
const PATIENCE: Duration = Duration::from_secs(30);

/// Looks for ways out of what blocks and comes with others; none where there is no project of npm or no store to ask.
///
/// # Errors
/// When the store fails.
pub(super) async fn ways(
    configuration: &Configuration,
    npm: Vec<Grown>,
    report: &Report,
) -> Result<HashMap<String, Way>, Failure> {
    let open = report.upgrades.iter().filter(|step| step.direct == Some(false));
    let affected: Vec<Affected> = open
        .filter_map(|step| {
            let purl: Purl = step.purl.parse().ok()?;
            (purl.kind() == "npm").then(|| {
                Some(Affected {
                    name: purl.package_name(),
                    version: purl.version()?.to_owned(),
                    purl: step.purl.clone(),
                })
            })?
        })
        .collect();
    if affected.is_empty() || npm.is_empty() {
        return Ok(HashMap::new());
    }
    let spinner = progress::spinner("Looking for the way to green".to_owned());
    let database = State::open_existing(configuration).await?.database;
    let registries = registries(configuration).await?;
    let ways = resolving::ways(npm, affected, registries, database, PATIENCE).await;
    spinner.finish_and_clear();
    Ok(ways?)
}

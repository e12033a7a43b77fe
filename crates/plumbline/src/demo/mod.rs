//! The demo: the real history of fifteen public projects, replayed through the very path of an upload.
//!
//! Nothing in it is a stored result. The clock is stepped from the first build to the last; advisories come in
//! when they became known, builds when they were made, and every finding, verdict and number is computed on the
//! way. Then the clock runs on from there. `demo/README.md` says where the data is from.

mod clock;
mod marker;
mod replay;
mod steps;
mod timeline;

use ::clock::{Clock, Timestamp};
use store::db::Database;
use store::{audit_log, feeds};

use crate::commands::{Failure, admin};
use crate::configuration::Configuration;
use crate::house::House;

pub(crate) use self::clock::ReplayClock;
use marker::Marker;

/// The ecosystems that the demo has advisories of.
const ECOSYSTEMS: [&str; 3] = ["crates.io", "npm", "PyPI"];
/// Who the demo's uploads come from.
const ACTOR: &str = "demo";
/// What the pages call the source of the demo's feeds.
const SOURCE: &str = "snapshot that comes with the demo";
/// How long before the demo's present its history ends.
const PAUSE_MS: i64 = 2 * 3_600_000;
/// Entries of the audit log in which the demo's own time is looked for.
const LOOK_BACK: i64 = 200;

/// Makes the data folder ready: empty, or with a demo that was loaded to its end.
///
/// # Errors
/// When the folder holds the data of a real service, or a database elsewhere was asked for.
pub(crate) fn prepare(configuration: &Configuration) -> Result<(), Failure> {
    marker::prepare(configuration)
}

/// The clock of the demo: at the beginning of its history, or where it was when the demo last ran.
///
/// # Errors
/// When the database refuses.
pub(crate) async fn start(database: &Database) -> Result<ReplayClock, Failure> {
    let newest = audit_log::page(&mut database.read().await?, None, LOOK_BACK).await?;
    // What was done on the command line was done by the machine's clock.
    let own = newest.iter().find(|entry| entry.actor != admin::ACTOR);
    let last = own.map(|entry| Timestamp::from_millis(entry.at));
    Ok(ReplayClock::at(last.unwrap_or_default()))
}

/// Replays the history unless that was done before, and says that the feeds are fresh.
///
/// # Errors
/// When the database refuses or a job of the replay fails.
pub(crate) async fn load(house: &House, clock: &ReplayClock) -> Result<(), Failure> {
    let marker = Marker::of(&house.configuration);
    if !marker.is_loaded() {
        replay::replay(house, clock).await?;
        clock.set(clock.now().plus_millis(PAUSE_MS));
        marker.set_loaded()?;
    }
    confirm_feeds(&house.state.database, clock.now()).await
}

/// The demo's feeds hold what is known at its own time, so they are never behind.
async fn confirm_feeds(database: &Database, now: Timestamp) -> Result<(), Failure> {
    let mut tx = database.begin().await?;
    for ecosystem in ECOSYSTEMS {
        feeds::confirmed(&mut tx, &feeds::name_of(ecosystem), now).await?;
    }
    Ok(tx.commit().await?)
}

//! How good the documents of builds are, as it was told when they came.

use audit::quality::Quality;

use crate::Error;
use crate::db::{Session, Tx, statements};

statements! {
    /// Said once: another audit of the build does not change its document.
    RECORD = "INSERT INTO quality (build_id, score, report) VALUES ($1, $2, $3) ON CONFLICT (build_id) DO NOTHING";
    REPORT = "SELECT report FROM quality WHERE build_id = $1";
}

/// Keeps the quality of a build's document.
pub async fn record(tx: &mut Tx, build: i64, quality: &Quality) -> Result<(), Error> {
    let report = serde_json::to_string(quality).map_err(|error| Error::corrupt("quality", &error))?;
    tx.query(&RECORD)
        .bind(build)
        .bind(quality.score.map(i64::from))
        .bind(report)
        .run()
        .await?;
    Ok(())
}

/// The quality of a build's document; `None` for builds that came before it was told.
pub async fn of_build(session: &mut Session, build: i64) -> Result<Option<Quality>, Error> {
    let row: Option<(String,)> = session.query(&REPORT).bind(build).optional().await?;
    row.map(|(report,)| serde_json::from_str(&report).map_err(|error| Error::corrupt("quality", &error)))
        .transpose()
}

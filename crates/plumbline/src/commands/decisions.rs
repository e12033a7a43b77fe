//! Decisions from files: waivers and VEX documents for a scan without a server.

use std::path::Path;

use clock::Timestamp;
use inventory::statements;
use policy::{Day, Policy, StatedVex, VexOrigin, Waiver};

use super::{Failure, sandworm};

/// The waivers of a file. One whose last day is over is no mistake: the verdict lists it.
pub(super) fn waivers(path: &Path, policy: &Policy, now: Timestamp) -> Result<Vec<Waiver>, Failure> {
    let failed = |place: String, message: String| Failure::Document {
        path: path.to_owned(),
        place,
        message,
    };
    let text = std::fs::read_to_string(path).map_err(|source| Failure::file(path, source))?;
    if let Some(waivers) = sandworm::waivers(path, &text, policy, now)? {
        return Ok(waivers);
    }
    let mut waivers =
        policy::read_waivers(&text).map_err(|error| failed(error.place.clone(), error.message.clone()))?;
    for (index, waiver) in waivers.iter_mut().enumerate() {
        let over = waiver.expires_on.is_some_and(|last| last < Day::of(now));
        let wrong = waiver
            .check(now, policy.waivers.max_days)
            .into_iter()
            .find(|error| !(over && error.place == "/expires_on"));
        if let Some(error) = wrong {
            return Err(failed(format!("/waivers/{index}{}", error.place), error.message));
        }
        waiver.id = format!("{}#{}", path.display(), index + 1);
    }
    Ok(waivers)
}

/// The statements of a VEX document. What of it cannot be used is said on standard error.
pub(super) fn statements(path: &Path) -> Result<Vec<StatedVex>, Failure> {
    let bytes = std::fs::read(path).map_err(|source| Failure::file(path, source))?;
    let document = statements::read(&bytes).map_err(|error| Failure::Document {
        path: path.to_owned(),
        place: error.place.clone(),
        message: error.message.clone(),
    })?;
    for skipped in &document.skipped {
        eprintln!("{}:{}: {}", path.display(), skipped.place, skipped.why);
    }
    let source = if document.author.is_empty() {
        path.display().to_string()
    } else {
        document.author
    };
    let stated = document.statements.into_iter().map(|statement| StatedVex {
        id: statement.place.clone(),
        source: source.clone(),
        origin: VexOrigin::Document,
        statement,
    });
    Ok(stated.collect())
}

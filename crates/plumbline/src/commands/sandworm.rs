//! Files of Sandworm Audit, where a policy or waivers are asked for.

use std::path::Path;

use clock::Timestamp;
use policy::sandworm::{Config, Origin, read_resolved};
use policy::{Day, Policy, PolicyError, Waiver};

use super::Failure;

/// The configuration, when the text is one.
///
/// # Errors
/// When it says something that Sandworm does not know; with the place.
pub(super) fn config(path: &Path, text: &str) -> Result<Option<Config>, Failure> {
    if !Config::is_one(text) {
        return Ok(None);
    }
    Config::read(text).map(Some).map_err(|error| failed(path, &error))
}

/// The policy of such a file; what differs is said on standard error.
pub(super) fn policy(path: &Path, text: &str) -> Result<Option<Policy>, Failure> {
    let Some(config) = config(path, text)? else {
        return Ok(None);
    };
    for remark in config.remarks() {
        eprintln!("{}: {remark}.", path.display());
    }
    Ok(Some(config.policy().clone()))
}

/// The waivers of `resolved-issues.json`, when the text is a list as that one is. What became none is said on standard
/// error. They hold as long as the policy lets any, because Sandworm knows no end.
///
/// # Errors
/// When it is no such file; with the place.
pub(super) fn waivers(
    path: &Path,
    text: &str,
    policy: &Policy,
    now: Timestamp,
) -> Result<Option<Vec<Waiver>>, Failure> {
    if !text.trim_start().starts_with('[') || serde_json::from_str::<serde_json::Value>(text).is_err() {
        return Ok(None);
    }
    let root = root_name(path);
    let origin = Origin {
        purl_type: "npm",
        root: root.as_deref(),
        expires_on: Day::of(now.plus_days(i64::from(policy.waivers.max_days))),
    };
    let imported = read_resolved(text, origin).map_err(|error| failed(path, &error))?;
    for left in &imported.left_out {
        eprintln!(
            "{}:{}: {} is not taken over: {}.",
            path.display(),
            left.place,
            left.id,
            left.why
        );
    }
    Ok(Some(imported.waivers))
}

/// The product's name in the manifest beside the file.
fn root_name(path: &Path) -> Option<String> {
    let manifest = std::fs::read(path.with_file_name("package.json")).ok()?;
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).ok()?;
    manifest.get("name")?.as_str().map(str::to_owned)
}

fn failed(path: &Path, error: &PolicyError) -> Failure {
    Failure::Document {
        path: path.to_owned(),
        place: error.place.clone(),
        message: error.message.clone(),
    }
}

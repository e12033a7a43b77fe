//! Debian's security tracker: what the distribution has decided about each flaw in each release, as OSV
//! records.
//!
//! The export of OSV leaves out what is not affected and tells neither what Debian put off nor what it has not
//! looked at yet. Read from the tracker's own JSON (source package → id → releases), a record says all of it.

use std::collections::BTreeMap;

use clock::Timestamp;
use ecosystems::Ecosystem;
use serde::Deserialize;
use serde_json::{Value, json};

/// The ecosystem that the records are about.
pub const ECOSYSTEM: &str = "Debian";

/// Source package → id of a flaw → what is known.
type Tracker = BTreeMap<String, BTreeMap<String, Issue>>;

#[derive(Debug, Deserialize)]
struct Issue {
    #[serde(default)]
    description: Option<String>,
    releases: BTreeMap<String, Release>,
}

#[derive(Debug, Deserialize)]
struct Release {
    status: String,
    #[serde(default)]
    fixed_version: Option<String>,
    #[serde(default)]
    urgency: Option<String>,
    #[serde(default)]
    nodsa: Option<String>,
    #[serde(default)]
    nodsa_reason: Option<String>,
}

/// The text is not the tracker's JSON; the message names line and column.
#[derive(Debug, thiserror::Error)]
#[error("this is not the JSON of Debian's security tracker: {0}")]
pub struct NotTheTracker(#[from] serde_json::Error);

/// One record in the OSV schema for each flaw, in the order of their ids.
///
/// `now` stands for the time of their last change, which the tracker does not tell. A release whose name is
/// not known, and a status that is not, is left out with a remark.
///
/// # Errors
/// When the bytes are not the tracker's JSON.
pub fn records(json: &[u8], now: Timestamp) -> Result<(Vec<Value>, Vec<String>), NotTheTracker> {
    let tracker: Tracker = serde_json::from_slice(json)?;
    let mut flaws: BTreeMap<&str, (Vec<Value>, &str)> = BTreeMap::new();
    let mut remarks = Vec::new();
    for (source, issues) in &tracker {
        for (id, issue) in issues {
            let (affected, details) = flaws.entry(id).or_default();
            if details.is_empty() {
                *details = issue.description.as_deref().unwrap_or_default();
            }
            for (name, release) in &issue.releases {
                match affected_of(source, name, release) {
                    Ok(claim) => affected.push(claim),
                    Err(why) => remarks.push(format!("{source}, {id}, {name}: {why}")),
                }
            }
        }
    }
    let records = flaws
        .into_iter()
        .filter(|(_, (affected, _))| !affected.is_empty());
    let records = records.map(|(id, (affected, details))| {
        json!({
            "schema_version": "1.7.0",
            "id": format!("DEBIAN-{id}"),
            "modified": now.to_string(),
            "upstream": if id.starts_with("CVE-") { vec![id] } else { Vec::new() },
            "details": details,
            "affected": affected,
        })
    });
    Ok((records.collect(), remarks))
}

/// The claim about one release: fixed, open, or not affected, which is a range that nothing lies in.
fn affected_of(source: &str, name: &str, release: &Release) -> Result<Value, &'static str> {
    let distribution = ecosystems::debian::DEBIAN.distribution();
    let number = distribution.and_then(|debian| debian.release(name));
    let number = number.ok_or("the release is not known")?;
    let events = match (release.status.as_str(), release.fixed_version.as_deref()) {
        ("resolved", Some(fixed)) => json!([{"introduced": "0"}, {"fixed": fixed}]),
        ("open" | "undetermined", _) => json!([{"introduced": "0"}]),
        ("resolved", None) => return Err("it is resolved, but in no version"),
        _ => return Err("the status is not known"),
    };
    let reason = release
        .nodsa_reason
        .as_deref()
        .filter(|reason| !reason.is_empty());
    let reason = reason.or_else(|| release.nodsa.is_some().then_some("postponed"));
    let mut specific = json!({"status": release.status});
    let more = [("urgency", release.urgency.as_deref()), ("nodsa_reason", reason)];
    for (key, value) in more.into_iter().filter_map(|(key, value)| Some((key, value?))) {
        specific[key] = json!(value);
    }
    Ok(json!({
        "package": {"ecosystem": format!("{ECOSYSTEM}:{number}"), "name": source},
        "ranges": [{"type": "ECOSYSTEM", "events": events}],
        "ecosystem_specific": specific,
    }))
}

//! The embedded data of the demo, read.

use bytes::Bytes;
use clock::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;
use store::advisories::PreparedRecord;

use crate::commands::Failure;

const PLAN: &str = include_str!("../../demo/demo.toml");
const DOCUMENTS: &[u8] = include_bytes!("../../demo/builds.jsonl.zst");
const ADVISORIES: &[u8] = include_bytes!("../../demo/advisories.jsonl.zst");

/// `demo.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Plan {
    #[serde(rename = "project")]
    pub(super) projects: Vec<Project>,
    /// Sorted by time.
    #[serde(rename = "build")]
    pub(super) builds: Vec<Build>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Project {
    pub(super) name: String,
    pub(super) team: String,
    pub(super) tags: Vec<String>,
    pub(super) default_ref: String,
}

impl Project {
    /// The name as everything but the plan has it.
    pub(super) fn whole_name(&self) -> String {
        format!("{}/{}", self.team, self.name)
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Build {
    /// The name of a project, without its team.
    pub(super) project: String,
    #[serde(rename = "ref")]
    pub(super) reference: String,
    pub(super) channel: String,
    pub(super) commit: String,
    pub(super) time: Timestamp,
    /// A position in the documents.
    pub(super) document: usize,
}

/// A record and when it became known.
pub(super) struct Advisory {
    pub(super) known: Timestamp,
    /// The OSV ecosystems that it speaks of.
    pub(super) ecosystems: Vec<String>,
    pub(super) record: PreparedRecord,
}

#[derive(Deserialize)]
struct Line<'a> {
    known: Timestamp,
    #[serde(borrow)]
    record: &'a RawValue,
}

/// As much of a record as says which feeds carry it.
#[derive(Deserialize)]
struct Outline {
    #[serde(default)]
    affected: Vec<Affected>,
}

#[derive(Deserialize)]
struct Affected {
    package: Option<Package>,
}

#[derive(Deserialize)]
struct Package {
    ecosystem: String,
}

/// The projects and the builds.
pub(super) fn plan() -> Result<Plan, Failure> {
    toml::from_str(PLAN).map_err(|error| damaged(&error))
}

/// The documents that were uploaded, byte for byte.
pub(super) fn documents() -> Result<Vec<Bytes>, Failure> {
    let text = Bytes::from(unpacked(DOCUMENTS)?);
    Ok(lines(&text).map(|line| text.slice_ref(line)).collect())
}

/// The advisories, by the time when they became known. It is the longest part of reading, so every core takes part.
pub(super) fn advisories() -> Result<Vec<Advisory>, Failure> {
    let text = unpacked(ADVISORIES)?;
    let lines: Vec<&[u8]> = lines(&text).collect();
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let share = lines.len().div_ceil(cores).max(1);
    std::thread::scope(|scope| {
        let parts: Vec<_> = lines
            .chunks(share)
            .map(|part| {
                scope.spawn(|| {
                    part.iter()
                        .map(|line| advisory(line))
                        .collect::<Result<Vec<_>, _>>()
                })
            })
            .collect();
        let mut advisories = Vec::with_capacity(lines.len());
        for part in parts {
            advisories.extend(part.join().map_err(|_| Failure::Interrupted)??);
        }
        Ok(advisories)
    })
}

fn advisory(line: &[u8]) -> Result<Advisory, Failure> {
    let line: Line<'_> = serde_json::from_slice(line).map_err(|error| damaged(&error))?;
    let outline: Outline = serde_json::from_str(line.record.get()).map_err(|error| damaged(&error))?;
    let mut ecosystems: Vec<String> = outline
        .affected
        .into_iter()
        .filter_map(|affected| Some(affected.package?.ecosystem))
        .collect();
    ecosystems.sort();
    ecosystems.dedup();
    Ok(Advisory {
        known: line.known,
        ecosystems,
        record: PreparedRecord::new(line.record.get().as_bytes()).map_err(|error| damaged(&error))?,
    })
}

fn unpacked(packed: &[u8]) -> Result<Vec<u8>, Failure> {
    zstd::decode_all(packed).map_err(|error| damaged(&error))
}

fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty())
}

/// Cannot happen to a binary whose tests passed.
pub(super) fn damaged(error: &dyn std::fmt::Display) -> Failure {
    Failure::Demo(format!("its embedded data is damaged: {error}"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_embedded_data_is_whole() {
        let plan = plan().unwrap();
        let documents = documents().unwrap();
        let names: BTreeSet<&str> = plan
            .projects
            .iter()
            .map(|project| project.name.as_str())
            .collect();
        assert!(names.len() >= 15 && plan.builds.len() >= 60 && documents.len() >= 50);
        assert!(plan.builds.is_sorted_by(|one, next| one.time < next.time));
        for build in &plan.builds {
            assert!(names.contains(build.project.as_str()), "{}", build.project);
            assert!(build.document < documents.len(), "{}", build.document);
        }
        for document in &documents {
            let (inventory, _) =
                inventory::formats::read(document, &inventory::formats::Limits::default()).unwrap();
            assert!(inventory.component_count() > 0);
        }
    }

    #[test]
    fn every_advisory_can_be_read_and_is_about_a_feed_of_the_demo() {
        let advisories = advisories().unwrap();
        assert!(advisories.len() > 13_000, "{}", advisories.len());
        assert!(advisories.is_sorted_by_key(|advisory| advisory.known));
        for advisory in &advisories {
            let feeds = super::super::ECOSYSTEMS;
            let covered = advisory
                .ecosystems
                .iter()
                .any(|name| feeds.contains(&name.as_str()));
            assert!(covered, "{}", advisory.record.identifier());
        }
    }
}

//! Which findings an audit opens, keeps and closes, and why. Pure.

use std::collections::{HashMap, HashSet};

use audit::{Report, Seen, finding_key, package_purl};
use clock::Timestamp;
use policy::{Cause, Finding};
use store::findings::{
    Change, CloseReason, Current, Gone, Known, Rescored, body_text, cause_of, is_counted, severity_code,
};
use store::matches::KnownMatch;
use store::packages::Version;

use super::inputs::{Before, Inputs};

/// Records that a cause names.
const SPEAKERS: usize = 3;

/// A package version and a vulnerability, by their rows.
type Pair = (i64, i64);

/// What is known of a finding before the audit looks at it.
#[derive(Clone, Debug)]
struct Sighting {
    uuid: String,
    opened_at: Timestamp,
    cause: Cause,
    detail: String,
}

/// The sightings of every finding of one build.
#[derive(Debug, Default)]
pub(super) struct Plan {
    sightings: HashMap<Pair, Sighting>,
    by_uuid: HashMap<String, Pair>,
}

/// The versions whose findings open or close: those whose packages must be looked at more closely.
pub(super) fn touched_versions(inputs: &Inputs) -> Vec<i64> {
    let open: HashSet<Pair> = inputs
        .known
        .iter()
        .filter(|known| is_open(known))
        .map(pair)
        .collect();
    let now: HashSet<Pair> = pairs(inputs).map(|(pair, _)| pair).collect();
    let mut versions: Vec<i64> = open
        .symmetric_difference(&now)
        .map(|(version, _)| *version)
        .collect();
    versions.sort_unstable();
    versions.dedup();
    versions
}

fn pair(known: &Known) -> Pair {
    (known.package_version_id, known.vulnerability_id)
}

fn is_open(known: &Known) -> bool {
    known.closed_at.is_none()
}

/// Every match of every version in the build.
fn pairs(inputs: &Inputs) -> impl Iterator<Item = (Pair, &KnownMatch)> {
    let members: HashSet<i64> = inputs.stored.members.iter().copied().collect();
    members.into_iter().flat_map(|version| {
        let matches = inputs
            .matches
            .get(&version)
            .map_or(&[][..], |known| known.matches.as_slice());
        matches
            .iter()
            .map(move |found| ((version, found.vulnerability), found))
    })
}

impl Plan {
    pub(super) fn new(inputs: &Inputs) -> Self {
        let mut plan = Self::default();
        if !inputs.is_state {
            return plan;
        }
        let known: HashMap<Pair, &Known> = inputs.known.iter().map(|known| (pair(known), known)).collect();
        for (pair, found) in pairs(inputs) {
            let sighting = match known.get(&pair) {
                Some(known) if is_open(known) => keep(known),
                Some(known) => reopen(known, pair, found, inputs),
                None => open(pair, found, inputs),
            };
            plan.by_uuid.insert(sighting.uuid.clone(), pair);
            plan.sightings.insert(pair, sighting);
        }
        plan
    }

    /// The sightings as the audit wants them.
    pub(super) fn seen(&self, inputs: &Inputs) -> HashMap<String, Seen> {
        let mut seen = HashMap::with_capacity(self.sightings.len());
        for (component, version) in inputs
            .stored
            .inventory
            .components
            .iter()
            .zip(&inputs.stored.members)
        {
            let Some(known) = inputs.matches.get(version) else {
                continue;
            };
            let package = component
                .purl
                .as_ref()
                .map_or_else(|| audit::package_name(component), package_purl);
            let number = audit::version(component).unwrap_or_default();
            for found in &known.matches {
                let Some(sighting) = self.sightings.get(&(*version, found.vulnerability)) else {
                    continue;
                };
                seen.insert(
                    finding_key(&package, number, &found.evidence.canonical),
                    Seen {
                        id: sighting.uuid.clone(),
                        first_seen: sighting.opened_at,
                        cause: sighting.cause,
                    },
                );
            }
        }
        seen
    }

    /// What the report changes about the stored findings of the ref.
    pub(super) fn change(&self, inputs: &Inputs, report: &Report) -> Change {
        let known: HashMap<Pair, &Known> = inputs
            .known
            .iter()
            .filter(|known| is_open(known))
            .map(|known| (pair(known), known))
            .collect();
        let mut change = Change::default();
        let mut still: HashSet<Pair> = HashSet::new();
        let mut cleared: HashMap<Pair, (Current, CloseReason)> = HashMap::new();
        for finding in &report.findings {
            let Some((pair, current)) = self.current(finding) else {
                continue;
            };
            let decided = finding
                .decision
                .as_ref()
                .and_then(|decision| CloseReason::decided(decision.state));
            if let Some(reason) = decided {
                cleared.insert(pair, (current, reason));
            } else if still.insert(pair) {
                sort_in(&mut change, known.get(&pair).copied(), current);
            }
        }
        let gone = known.iter().filter(|(pair, _)| !still.contains(*pair));
        change.closed = gone
            .map(|(pair, known)| match cleared.get(pair) {
                Some((_, reason)) => decided_away(known, *reason),
                None => gone_from(known, inputs, &still),
            })
            .collect();
        change.cleared = newly_cleared(cleared, inputs);
        change.closed.sort_by_key(|gone| gone.id);
        change
    }

    fn current(&self, finding: &Finding) -> Option<(Pair, Current)> {
        let pair = *self.by_uuid.get(&finding.id)?;
        let sighting = self.sightings.get(&pair)?;
        let current = Current {
            package_version: pair.0,
            vulnerability: pair.1,
            finding: finding.clone(),
            opened_at: sighting.opened_at,
            cause: sighting.cause,
            cause_detail: sighting.detail.clone(),
        };
        Some((pair, current))
    }
}

fn sort_in(change: &mut Change, known: Option<&Known>, current: Current) {
    match known {
        None => change.opened.push(current),
        Some(known) if says_the_same(&known.body, &current.finding) => {}
        Some(known) if is_counted_alike(known, &current.finding) => change.updated.push(current),
        Some(known) => change.rescored.push(Rescored {
            id: known.id,
            detail: rater(&current.finding),
            severity: known.severity,
            counted: was_counted(known),
            current,
        }),
    }
}

/// Who rates a finding as it is rated now.
fn rater(finding: &Finding) -> String {
    let source = finding.severity.source.as_ref();
    source.unwrap_or(&finding.canonical).clone()
}

/// Whether a row would be written for nothing: a probability that moved within its step changes no order, and who
/// reads a finding is told the probability of today.
fn says_the_same(stored: &str, finding: &Finding) -> bool {
    let now = body_text(finding);
    if stored == now {
        return true;
    }
    let Ok(mut before) = serde_json::from_str::<Finding>(stored) else {
        return false;
    };
    let step = |share: Option<f64>| share.map(advisories::epss::step);
    if before.epss == finding.epss || step(before.epss) != step(finding.epss) {
        return false;
    }
    before.epss = finding.epss;
    body_text(&before) == now
}

/// Whether trends count a finding now where they counted it until now.
fn is_counted_alike(known: &Known, finding: &Finding) -> bool {
    known.severity == severity_code(finding.severity.level) && was_counted(known) == is_counted(finding)
}

fn was_counted(known: &Known) -> bool {
    let finding: Option<Finding> = serde_json::from_str(&known.body).ok();
    finding.as_ref().is_some_and(is_counted)
}

fn keep(known: &Known) -> Sighting {
    Sighting {
        uuid: known.uuid.clone(),
        opened_at: Timestamp::from_millis(known.opened_at),
        cause: cause_of(&known.cause).unwrap_or(Cause::FirstScan),
        detail: known.cause_detail.clone(),
    }
}

fn reopen(known: &Known, pair: Pair, found: &KnownMatch, inputs: &Inputs) -> Sighting {
    let decided = known
        .close_reason
        .as_deref()
        .is_some_and(CloseReason::is_decision);
    let there = inputs
        .before
        .as_ref()
        .is_some_and(|before| before.members.contains(&pair.0));
    let (cause, detail) = if decided && there {
        (Cause::DecisionEnded, String::new())
    } else {
        why_open(pair, found, inputs)
    };
    Sighting {
        cause,
        detail,
        ..keep(known)
    }
}

fn open(pair: Pair, found: &KnownMatch, inputs: &Inputs) -> Sighting {
    let (cause, detail) = why_open(pair, found, inputs);
    Sighting {
        uuid: store::new_uuid(),
        opened_at: carried(pair, inputs).unwrap_or(inputs.now),
        cause,
        detail,
    }
}

/// When the same vulnerability opened in another version of the package, which this one replaces.
fn carried((version, vulnerability): Pair, inputs: &Inputs) -> Option<Timestamp> {
    let replaced = replaced(version, inputs.before.as_ref()?, inputs);
    let opened = inputs
        .known
        .iter()
        .filter(|known| is_open(known) && known.vulnerability_id == vulnerability)
        .filter(|known| replaced.iter().any(|old| old.id == known.package_version_id))
        .map(|known| known.opened_at)
        .min()?;
    Some(Timestamp::from_millis(opened))
}

/// Versions of the same package that the state before held and this build does not.
fn replaced<'a>(version: i64, before: &'a Before, inputs: &Inputs) -> Vec<&'a Version> {
    let Some(package) = package_of(version, inputs) else {
        return Vec::new();
    };
    before
        .siblings
        .iter()
        .filter(|old| old.package_id == package && !inputs.siblings.iter().any(|new| new.id == old.id))
        .collect()
}

fn package_of(version: i64, inputs: &Inputs) -> Option<i64> {
    let before = inputs.before.iter().flat_map(|before| &before.siblings);
    inputs
        .siblings
        .iter()
        .chain(before)
        .find(|sibling| sibling.id == version)
        .map(|sibling| sibling.package_id)
}

/// Why a finding opens, and the record, version or build that tells.
fn why_open((version, _): Pair, found: &KnownMatch, inputs: &Inputs) -> (Cause, String) {
    let build = inputs.build.number.to_string();
    let Some(before) = &inputs.before else {
        return (Cause::FirstScan, build);
    };
    if before.members.contains(&version) {
        return match horizon(version, before, inputs) {
            None => (Cause::FirstScan, build),
            Some(horizon) if found.evidence.published.is_some_and(|at| at <= horizon) => {
                (Cause::AdvisoryChanged, speakers(found, Some(horizon)))
            }
            Some(_) => (Cause::AdvisoryPublished, speakers(found, None)),
        };
    }
    let old: Vec<&str> = replaced(version, before, inputs)
        .iter()
        .map(|old| old.version.as_str())
        .collect();
    if old.is_empty() {
        (Cause::ComponentAdded, build)
    } else {
        (Cause::VersionChanged, old.join(", "))
    }
}

/// The records that say *affected*, those that changed since a moment before all others.
fn speakers(found: &KnownMatch, since: Option<Timestamp>) -> String {
    let affecting = || {
        found
            .evidence
            .evidence
            .records
            .iter()
            .filter(|record| record.affected)
    };
    let ids = |late: bool| -> Vec<&str> {
        affecting()
            .filter(|record| !late || since.is_some_and(|since| record.modified > since))
            .map(|record| record.id.as_str())
            .take(SPEAKERS)
            .collect()
    };
    let late = ids(true);
    let named = if late.is_empty() { ids(false) } else { late };
    if named.is_empty() {
        return found.evidence.canonical.clone();
    }
    named.join(", ")
}

/// Up to when advisories of the version's ecosystem were known at the last audit; `None` when none were.
fn horizon(version: i64, before: &Before, inputs: &Inputs) -> Option<Timestamp> {
    let ecosystem = &inputs
        .siblings
        .iter()
        .find(|sibling| sibling.id == version)?
        .ecosystem;
    let names: HashSet<&str> = inputs
        .feeds
        .iter()
        .filter(|feed| feed.ecosystem == *ecosystem)
        .map(|feed| feed.name.as_str())
        .collect();
    before
        .verdict
        .feeds
        .iter()
        .filter(|state| names.contains(state.name.as_str()))
        .filter_map(|state| state.revision.parse().ok().or(state.fetched_at))
        .max()
}

fn gone_from(known: &Known, inputs: &Inputs, still: &HashSet<Pair>) -> Gone {
    let finding: Option<Finding> = serde_json::from_str(&known.body).ok();
    let (reason, detail) = why_closed(known, finding.as_ref(), inputs, still);
    Gone {
        id: known.id,
        severity: known.severity,
        counted: finding.as_ref().is_some_and(is_counted),
        reason,
        detail,
    }
}

/// Open until now, and decided not to matter.
fn decided_away(known: &Known, reason: CloseReason) -> Gone {
    Gone {
        id: known.id,
        severity: known.severity,
        counted: was_counted(known),
        reason,
        detail: String::new(),
    }
}

/// What was decided not to matter and is not kept as such already.
fn newly_cleared(
    cleared: HashMap<Pair, (Current, CloseReason)>,
    inputs: &Inputs,
) -> Vec<(Current, CloseReason)> {
    let kept: HashMap<Pair, &Known> = inputs.known.iter().map(|known| (pair(known), known)).collect();
    let mut new: Vec<(Pair, (Current, CloseReason))> = cleared
        .into_iter()
        .filter(|(pair, (_, reason))| match kept.get(pair) {
            None => true,
            // An open one is closed as such; its row is written, too, so that it shows what was decided.
            Some(known) if is_open(known) => true,
            Some(known) => known.close_reason.as_deref() != Some(reason.word()),
        })
        .collect();
    new.sort_by_key(|(pair, _)| *pair);
    new.into_iter().map(|(_, cleared)| cleared).collect()
}

fn why_closed(
    known: &Known,
    finding: Option<&Finding>,
    inputs: &Inputs,
    still: &HashSet<Pair>,
) -> (CloseReason, String) {
    let version = known.package_version_id;
    if inputs.stored.members.contains(&version) {
        return match inputs.matches.get(&version) {
            Some(knowledge) if knowledge.undetermined.is_empty() => {
                let told = finding.map(|finding| retraction(finding, inputs));
                (CloseReason::Retracted, told.unwrap_or_default())
            }
            _ => (CloseReason::Unchecked, String::new()),
        };
    }
    let package = package_of(version, inputs);
    let siblings = || {
        inputs
            .siblings
            .iter()
            .filter(|sibling| Some(sibling.package_id) == package)
    };
    if let Some(heir) = siblings().find(|sibling| still.contains(&(sibling.id, known.vulnerability_id))) {
        return (CloseReason::Moved, heir.version.clone());
    }
    match siblings().next() {
        None => (CloseReason::Removed, String::new()),
        Some(now) if is_decided(now, inputs) => (CloseReason::Fixed, now.version.clone()),
        Some(now) => (CloseReason::Unchecked, now.version.clone()),
    }
}

/// What became of the records that a finding rested on: `GHSA-… withdrawn`.
fn retraction(finding: &Finding, inputs: &Inputs) -> String {
    let records = finding.evidence.records.iter().take(SPEAKERS);
    let told: Vec<String> = records
        .map(|id| match inputs.records.get(id) {
            None => format!("{id} is gone"),
            Some(Some(withdrawn)) => format!("{id} was withdrawn on {}", withdrawn.date()),
            Some(None) => format!("{id} no longer says so"),
        })
        .collect();
    if told.is_empty() {
        return finding.canonical.clone();
    }
    told.join(", ")
}

/// The records that findings rest on which are open and have no match any more.
pub(super) fn doubtful_records(inputs: &Inputs) -> Vec<String> {
    let now: HashSet<Pair> = pairs(inputs).map(|(pair, _)| pair).collect();
    let gone = inputs
        .known
        .iter()
        .filter(|known| is_open(known) && !now.contains(&pair(known)))
        .filter(|known| inputs.stored.members.contains(&known.package_version_id));
    let mut records: Vec<String> = gone
        .filter_map(|known| serde_json::from_str::<Finding>(&known.body).ok())
        .flat_map(|finding| finding.evidence.records)
        .collect();
    records.sort_unstable();
    records.dedup();
    records
}

fn is_decided(version: &Version, inputs: &Inputs) -> bool {
    inputs
        .matches
        .get(&version.id)
        .is_some_and(|knowledge| knowledge.undetermined.is_empty())
}

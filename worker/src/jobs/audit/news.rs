//! What an audit has to tell people: that the gate turned red, that something is exploited, that something was found
//! in a watched component.
//!
//! The first audit of a branch tells nothing, and neither does what the first load of a feed brings: nobody wants to be
//! told of everything that they have.

use std::collections::{BTreeSet, HashMap};

use audit::Report;
use policy::{Action, Cause, Finding, Outcome};
use store::db::Tx;
use store::findings::{Change, Current};
use store::news::{self, Kind, News, Told, Topic};
use store::watches;

use super::inputs::{Before, Inputs};
use crate::JobError;

/// Lines of detail; the rest is counted.
const MOST_LINES: usize = 5;

/// Writes down what is to be told.
pub(super) async fn tell(
    tx: &mut Tx,
    inputs: &Inputs,
    change: &Change,
    report: &Report,
) -> Result<(), JobError> {
    let Some(before) = &inputs.before else {
        return Ok(());
    };
    if !inputs.reference.tracked || !news::is_listened_to(tx).await? {
        return Ok(());
    }
    let opened: Vec<&Current> = change.opened.iter().filter(|current| is_new(current)).collect();
    let versions: BTreeSet<i64> = opened.iter().map(|current| current.package_version).collect();
    let versions: Vec<i64> = versions.into_iter().collect();
    let watchers = watchers(tx, &versions).await?;
    let exploited = exploited(inputs, change);
    let found = [
        gate(inputs, before, change, report),
        known_exploited(inputs, &exploited),
        watched(inputs, &opened, &watchers),
    ];
    let topic = topic(inputs, &exploited, &opened);
    let told: Vec<Told> = found
        .into_iter()
        .flatten()
        .map(|news| Told {
            topic: topic.clone(),
            project_id: Some(inputs.project.id),
            news,
        })
        .collect();
    news::add(tx, &told, inputs.now).await?;
    Ok(())
}

/// Whether it is news that a finding is open, not only news to us.
fn is_new(current: &Current) -> bool {
    !matches!(current.cause, Cause::FirstScan | Cause::DecisionEnded)
}

async fn watchers(tx: &mut Tx, versions: &[i64]) -> Result<HashMap<i64, Vec<String>>, JobError> {
    let mut by_version: HashMap<i64, Vec<String>> = HashMap::new();
    for (version, actor) in watches::watchers(tx, versions).await? {
        by_version.entry(version).or_default().push(actor);
    }
    Ok(by_version)
}

/// What one upload brought is one message. What happened to builds that were judged before is a wave, named after
/// what moved it.
fn topic(inputs: &Inputs, exploited: &[&Finding], opened: &[&Current]) -> Topic {
    if !inputs.build.is_finished() {
        return Topic::Build(inputs.build.uuid.clone());
    }
    let named = exploited.first().map(|finding| finding.canonical.as_str());
    let worst = opened.iter().max_by_key(|current| audit::rank(&current.finding));
    let named = named.or(worst.map(|current| current.finding.canonical.as_str()));
    Topic::Wave(named.unwrap_or("rules").to_owned())
}

fn news(inputs: &Inputs, event: Kind, title: String, details: Vec<String>) -> News {
    News {
        event,
        at: inputs.now,
        project: Some(inputs.project.name.clone()),
        reference: Some(inputs.reference.name.clone()),
        build: Some(inputs.build.number),
        title,
        details,
        path: format!("/projects/{}/builds/{}", inputs.project.name, inputs.build.number),
    }
}

/// At most so many lines, and how many more there are.
fn bounded(lines: Vec<String>) -> Vec<String> {
    let more = lines.len().saturating_sub(MOST_LINES);
    let mut shown: Vec<String> = lines.into_iter().take(MOST_LINES).collect();
    if more > 0 {
        shown.push(format!("and {more} more"));
    }
    shown
}

fn gate(inputs: &Inputs, before: &Before, change: &Change, report: &Report) -> Option<News> {
    let (was, is) = (before.verdict.verdict, report.verdict.verdict);
    if is != Outcome::Fail || was == Outcome::Fail {
        return None;
    }
    let opened = &change.opened;
    let only_first = !opened.is_empty() && opened.iter().all(|current| current.cause == Cause::FirstScan);
    if was == Outcome::Indeterminate && only_first {
        return None;
    }
    let reasons = report.verdict.violations.iter();
    let reasons: Vec<String> = reasons
        .filter(|violation| violation.action == Action::Fail)
        .map(|violation| violation.reason.clone())
        .collect();
    let title = format!(
        "The gate of {} turned red on {}",
        inputs.project.name, inputs.reference.name
    );
    Some(news(inputs, Kind::GateFailed, title, bounded(reasons)))
}

/// Findings that are known to be exploited and were not there, or not known to be, at the last audit.
fn exploited<'a>(inputs: &Inputs, change: &'a Change) -> Vec<&'a Finding> {
    let opened = change.opened.iter().filter(|current| is_new(current));
    let rescored = change.rescored.iter().map(|rescored| &rescored.current);
    let changed = change.updated.iter().chain(rescored);
    let newly = changed.filter(|current| !was_exploited(inputs, &current.finding.id));
    opened
        .chain(newly)
        .map(|current| &current.finding)
        .filter(|finding| finding.kev == Some(true))
        .collect()
}

fn was_exploited(inputs: &Inputs, uuid: &str) -> bool {
    let known = inputs.known.iter().find(|known| known.uuid == uuid);
    let before: Option<Finding> = known.and_then(|known| serde_json::from_str(&known.body).ok());
    // What cannot be read is not told twice.
    before.is_none_or(|finding| finding.kev == Some(true))
}

fn known_exploited(inputs: &Inputs, exploited: &[&Finding]) -> Option<News> {
    let first = exploited.first()?;
    let lines = exploited.iter().map(|finding| line(finding)).collect();
    let title = match exploited.len() {
        1 => format!(
            "{} in {}, known to be exploited, is in {}",
            first.canonical, first.component.name, inputs.project.name
        ),
        more => format!(
            "{more} findings in {} are known to be exploited, {} among them",
            inputs.project.name, first.canonical
        ),
    };
    let mut news = news(inputs, Kind::KnownExploited, title, bounded(lines));
    if let [only] = exploited {
        news.path = format!("/findings/{}", only.id);
    }
    Some(news)
}

fn line(finding: &Finding) -> String {
    let component = &finding.component;
    let fix = finding.fix.version.as_ref();
    let fix = fix.map_or_else(
        || "no fix known".to_owned(),
        |version| format!("fixed in {version}"),
    );
    format!(
        "{}: {} {}, {fix}",
        finding.canonical, component.name, component.version
    )
}

fn watched(inputs: &Inputs, opened: &[&Current], watchers: &HashMap<i64, Vec<String>>) -> Option<News> {
    let hit: Vec<&&Current> = opened
        .iter()
        .filter(|current| watchers.contains_key(&current.package_version))
        .collect();
    let names: BTreeSet<&str> = hit
        .iter()
        .map(|current| current.finding.component.name.as_str())
        .collect();
    let who: BTreeSet<&str> = hit
        .iter()
        .filter_map(|current| watchers.get(&current.package_version))
        .flatten()
        .map(|actor| actor.rsplit(':').next().unwrap_or(actor))
        .collect();
    if hit.is_empty() {
        return None;
    }
    let names: Vec<&str> = names.into_iter().take(MOST_LINES).collect();
    let who: Vec<&str> = who.into_iter().take(MOST_LINES).collect();
    let title = format!(
        "New findings in {}, which {} watches, in {}",
        names.join(", "),
        who.join(", "),
        inputs.project.name
    );
    let lines = hit.iter().map(|current| line(&current.finding)).collect();
    Some(news(inputs, Kind::Watched, title, bounded(lines)))
}

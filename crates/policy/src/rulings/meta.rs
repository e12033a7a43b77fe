//! Whether enough is known for a verdict at all.

use std::collections::BTreeMap;

use super::{Ruling, counted};
use crate::{Action, Check, FeedState, Policy, Subject};

/// Everything that keeps the verdict from resting on firm ground.
pub(crate) fn rules(policy: &Policy, subject: &Subject<'_>) -> Vec<Ruling> {
    let feeds = subject
        .feeds
        .iter()
        .filter_map(|feed| feed_age(policy, subject, feed));
    [
        empty(policy, subject),
        incomplete(policy, subject),
        undetermined(policy, subject),
        not_loaded(subject),
    ]
    .into_iter()
    .flatten()
    .chain(feeds)
    .collect()
}

/// Known exploitation could not be looked up for findings that it could have made worse.
pub(crate) fn kev_missing(open: usize) -> Ruling {
    let verb = if open == 1 { "was" } else { "were" };
    let reason = format!(
        "{} {verb} not compared with the catalogue of known exploited vulnerabilities, which is not loaded.",
        counted(open, "finding")
    );
    meta("meta.kev_missing", Action::Warn, reason)
}

fn meta(rule: &'static str, action: Action, reason: String) -> Ruling {
    Ruling::new(rule, Check::Meta, action, reason)
}

fn empty(policy: &Policy, subject: &Subject<'_>) -> Option<Ruling> {
    if subject.component_total > 0 {
        return None;
    }
    let reason = "The document names 0 components, so nothing was checked.".to_owned();
    meta("meta.empty_sbom", policy.meta.empty_sbom, reason).unless_ignored()
}

fn incomplete(policy: &Policy, subject: &Subject<'_>) -> Option<Ruling> {
    if subject.complete != Some(false) {
        return None;
    }
    let reason = format!(
        "More is inside than the {} that are named: the document says of itself that it is not complete, or not all of the source could be read.",
        counted(subject.component_total, "component")
    );
    meta("meta.incomplete_sbom", policy.meta.incomplete_sbom, reason).unless_ignored()
}

fn undetermined(policy: &Policy, subject: &Subject<'_>) -> Option<Ruling> {
    let accepted = usize::try_from(policy.meta.max_undetermined).unwrap_or(usize::MAX);
    if subject.undetermined <= accepted {
        return None;
    }
    let reason = format!(
        "{} of {} could not be fully checked{}; at most {accepted} may be left unchecked.",
        subject.undetermined,
        counted(subject.component_total, "component"),
        reasons(subject)
    );
    Some(meta("meta.max_undetermined", Action::Indeterminate, reason))
}

/// ` (2 unsupported_ecosystem, 1 no_version)` in plain words, most frequent first.
fn reasons(subject: &Subject<'_>) -> String {
    let mut tally: BTreeMap<&str, usize> = BTreeMap::new();
    for why in subject
        .components
        .iter()
        .filter(|c| !c.checked)
        .filter_map(|c| c.why_not)
    {
        *tally.entry(why).or_default() += 1;
    }
    let mut tally: Vec<(&str, usize)> = tally.into_iter().collect();
    tally.sort_by_key(|(why, count)| (std::cmp::Reverse(*count), *why));
    let parts: Vec<String> = tally
        .iter()
        .map(|(why, count)| format!("{count} {}", in_words(why)))
        .collect();
    if parts.is_empty() {
        String::new()
    } else {
        format!(" ({})", parts.join(", "))
    }
}

fn in_words(why: &str) -> String {
    match why {
        "no_purl" => "without a package URL".to_owned(),
        "no_version" => "without a version".to_owned(),
        "unsupported_ecosystem" => "of an ecosystem that is not supported".to_owned(),
        "feed_not_loaded" => "whose advisory feed is not loaded".to_owned(),
        "release_unknown" => "of a distribution whose release is not known".to_owned(),
        "not_from_default_registry" => "from elsewhere than the default registry".to_owned(),
        "undetermined" => "about which a record could not be decided".to_owned(),
        other => other.replace('_', " "),
    }
}

/// Tolerated single components do not excuse a whole ecosystem that nobody could look at.
fn not_loaded(subject: &Subject<'_>) -> Option<Ruling> {
    let without = subject
        .components
        .iter()
        .filter(|c| c.why_not == Some("feed_not_loaded"))
        .count();
    let reason = match (without, subject.feeds.is_empty(), subject.component_total) {
        (_, _, 0) | (0, false, _) => return None,
        (0, true, _) => "No advisory feed is loaded, so nothing could be checked.".to_owned(),
        (count, ..) => format!(
            "No advisory feed is loaded for the ecosystem of {}.",
            counted(count, "component")
        ),
    };
    Some(meta("meta.feed_missing", Action::Indeterminate, reason))
}

fn feed_age(policy: &Policy, subject: &Subject<'_>, feed: &FeedState) -> Option<Ruling> {
    let Some(age) = age_hours(subject, feed) else {
        let reason = format!("The feed {} was never fetched.", feed.name);
        return Some(meta("meta.feed_missing", Action::Indeterminate, reason).with_fact("feed", &feed.name));
    };
    let (rule, action, limit) = if age > f64::from(policy.meta.feed_expiry_hours) {
        (
            "meta.feed_expiry_hours",
            Action::Indeterminate,
            policy.meta.feed_expiry_hours,
        )
    } else if age > f64::from(policy.meta.max_feed_age_hours) {
        (
            "meta.max_feed_age_hours",
            Action::Warn,
            policy.meta.max_feed_age_hours,
        )
    } else {
        return None;
    };
    let reason = format!("The feed {} is {age:.0} hours old, more than {limit}.", feed.name);
    Some(meta(rule, action, reason).with_fact("feed", &feed.name))
}

/// Hours since the last successful fetch; `None` when there was none.
fn age_hours(subject: &Subject<'_>, feed: &FeedState) -> Option<f64> {
    let seconds = feed
        .age_s
        .or_else(|| Some(subject.now.since(feed.fetched_at?) / 1000))?;
    // Exact up to 285 million years.
    #[expect(
        clippy::cast_precision_loss,
        reason = "ages of feeds are far below 2^53 seconds"
    )]
    let seconds = seconds as f64;
    Some(seconds / 3600.0)
}

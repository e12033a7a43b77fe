//! All that the records of a package say about one of its versions (`matching.md` §2.3 to §2.10).

use std::cmp::Ordering;
use std::collections::BTreeSet;

use ecosystems::Ecosystem;

use crate::advisory::malicious;
use crate::aliases::{Group, group};
use crate::entry::{Claim, Entry, Stance, ceiling_note};
use crate::evaluate::{Because, Options, Outcome, evaluate};
use crate::fix::Fixes;
use crate::identity::canonical;
use crate::{
    Class, Doubt, Evidence, Installed, MatchResult, RecordRef, Severity, SeverityRating, Subject,
    Undetermined, UndeterminedReason, VulnerabilityMatch,
};

/// Functions of a record that are named in the evidence.
const FUNCTIONS_SHOWN: usize = 8;

/// Matches a version against all entries of its package, withdrawn ones included.
///
/// The answer is deterministic and independent of the order of `entries`. `version` is what the inventory
/// says; none, an empty one or one that does not parse gives *undetermined*, never nothing.
#[must_use]
pub fn match_version(ecosystem: &dyn Ecosystem, entries: &[Entry], version: Option<&str>) -> MatchResult {
    let subject = Subject::new(ecosystem, version);
    match_subject(ecosystem, entries, &subject, &Options::default())
}

/// As [`match_version`], for an ecosystem that is known by its name only and a version in its surroundings.
///
/// `None` when its versions cannot be compared, or when it is a package of a distribution whose release is not
/// known: the version is not checked then.
#[must_use]
pub fn match_package(ecosystem: &str, entries: &[Entry], installed: &Installed<'_>) -> Option<MatchResult> {
    let ecosystem = ecosystems::by_name(ecosystem)?;
    if ecosystem.distribution().is_some() && installed.release.is_none() {
        return None;
    }
    let subject = Subject::of(ecosystem, installed);
    Some(match_subject(ecosystem, entries, &subject, &Options::default()))
}

/// As [`match_version`], in a release of a distribution. Without one, records of every release count, as far as
/// the distribution does not mend each by itself (`matching.md` §2.2).
#[must_use]
pub fn match_in_release(
    ecosystem: &dyn Ecosystem,
    entries: &[Entry],
    installed: &Installed<'_>,
) -> MatchResult {
    let distribution = ecosystem.distribution();
    let options = Options {
        needs_release: distribution.is_some_and(ecosystems::Distribution::needs_release),
        ..Options::default()
    };
    match_subject(ecosystem, entries, &Subject::of(ecosystem, installed), &options)
}

/// As [`match_version`], for a version that was parsed before and with choices.
#[must_use]
pub fn match_subject(
    ecosystem: &dyn Ecosystem,
    entries: &[Entry],
    subject: &Subject<'_>,
    options: &Options<'_>,
) -> MatchResult {
    let outcomes: Vec<Outcome<'_>> = entries.iter().map(|e| evaluate(e, subject, options)).collect();
    let says_something = |o: &Outcome<'_>| matches!(o, Outcome::Affected(..) | Outcome::Undetermined(..));
    // Most versions of most packages end here, before any grouping.
    if !outcomes.iter().any(says_something) {
        return MatchResult::default();
    }
    let groups = group(ecosystem.name(), entries);
    let case = Case {
        ecosystem,
        entries,
        subject,
        options,
        outcomes,
    };
    case.conclude(&groups)
}

/// One version before the bench.
struct Case<'a> {
    ecosystem: &'a dyn Ecosystem,
    entries: &'a [Entry],
    subject: &'a Subject<'a>,
    options: &'a Options<'a>,
    /// One for each entry.
    outcomes: Vec<Outcome<'a>>,
}

impl<'a> Case<'a> {
    fn conclude(&self, groups: &[Group]) -> MatchResult {
        let (affecting, others): (Vec<&Group>, Vec<&Group>) =
            groups.iter().partition(|group| self.affects(group));
        let (bundles, affecting): (Vec<&Group>, Vec<&Group>) = affecting
            .iter()
            .partition(|group| self.is_told_apart(group, &affecting));
        let fixes = Fixes::new(self.ecosystem, self.entries, self.subject, self.options, groups);
        let accuse = |group: &&Group| self.accuse(group, &bundles, &fixes);
        let mut affected: Vec<VulnerabilityMatch> = affecting.iter().map(accuse).collect();
        affected.sort_by(VulnerabilityMatch::cmp_urgency);
        let mut undetermined: Vec<Undetermined> =
            others.iter().filter_map(|group| self.doubt(group)).collect();
        undetermined.sort_by(|a, b| a.canonical.cmp(&b.canonical));
        MatchResult {
            affected,
            undetermined,
        }
    }

    /// The members with their outcomes, by id.
    fn hear(&self, group: &Group) -> Vec<(&'a Entry, Outcome<'a>)> {
        let hear = |index: &usize| Some((self.entries.get(*index)?, *self.outcomes.get(*index)?));
        let mut heard: Vec<_> = group.members.iter().filter_map(hear).collect();
        heard.sort_by(|(a, _), (b, _)| a.id.cmp(&b.id));
        heard
    }

    fn affects(&self, group: &Group) -> bool {
        let outcomes = group.members.iter().filter_map(|index| self.outcomes.get(*index));
        outcomes.into_iter().any(Outcome::is_affected)
    }

    /// Whether a distribution's notice is about several flaws of which other groups speak one by one: then it
    /// is evidence for those, and no flaw of its own (`matching.md` §2.8).
    fn is_told_apart(&self, group: &Group, affecting: &[&Group]) -> bool {
        let members = group.members.iter().filter_map(|index| self.entries.get(*index));
        let apart = |id: &String| {
            let others = affecting.iter().filter(|other| other.members != group.members);
            others
                .into_iter()
                .any(|other| other.ids.binary_search(id).is_ok())
        };
        self.ecosystem.distribution().is_some()
            && members
                .into_iter()
                .all(|entry| entry.upstream.len() > 1 && entry.upstream.iter().all(apart))
    }

    fn accuse(&self, group: &Group, bundles: &[&Group], fixes: &Fixes<'_>) -> VulnerabilityMatch {
        let mut heard = self.hear(group);
        let upstream = upstream(group, &heard);
        let speaks_of_it = |entry: &Entry| entry.upstream.iter().any(|id| group.ids.contains(id));
        for bundle in bundles {
            let told = self.hear(bundle).into_iter();
            heard.extend(told.filter(|(entry, _)| speaks_of_it(entry)));
        }
        let accusers: Vec<&Entry> = heard
            .iter()
            .filter(|(_, outcome)| outcome.is_affected())
            .map(|(entry, _)| *entry)
            .collect();
        let class = class(&heard);
        let vectors = heard.iter().flat_map(|(entry, _)| {
            let vectors = entry.vectors.iter();
            vectors.map(|vector| (entry.id.clone(), vector.clone()))
        });
        VulnerabilityMatch {
            canonical: canonical(self.ecosystem.name(), &group.ids).to_owned(),
            ids: group.ids.clone(),
            upstream,
            class,
            summary: summary(&heard),
            severity: severity(&heard, class),
            vectors: vectors.collect(),
            published: accusers.iter().filter_map(|entry| entry.published).min(),
            evidence: self.evidence(group, &heard),
            fix: fixes.suggest(group),
        }
    }

    fn evidence(&self, group: &Group, heard: &[(&Entry, Outcome<'_>)]) -> Evidence {
        let mut records: Vec<RecordRef> = heard
            .iter()
            .filter(|(entry, _)| entry.makes_a_claim())
            .map(|(entry, outcome)| testimony(entry, outcome, self.subject))
            .collect();
        // Stable: within each half by id.
        records.sort_by_key(|record| !record.affected);
        let decisive = heard.iter().filter(|(_, outcome)| outcome.is_affected());
        let decisive = decisive.min_by_key(|(entry, _)| !entry.native);
        Evidence {
            range: decisive.map_or_else(String::new, |(entry, outcome)| {
                statement(entry, outcome, self.subject)
            }),
            disputed: heard.iter().any(|(_, outcome)| outcome.is_denial()),
            partially_withdrawn: self.is_partially_withdrawn(group, heard),
            notes: remarks(group, heard, self.subject),
            records,
        }
    }

    /// The native database has only withdrawn records of this group, but a mirror is live.
    fn is_partially_withdrawn(&self, group: &Group, heard: &[(&Entry, Outcome<'_>)]) -> bool {
        let named = |id: &String| group.ids.binary_search(id).is_ok();
        let withdrawn = |entry: &Entry| {
            entry.native && entry.withdrawn && (named(&entry.id) || entry.aliases.iter().any(named))
        };
        !heard.iter().any(|(entry, _)| entry.native) && self.entries.iter().any(withdrawn)
    }

    fn doubt(&self, group: &Group) -> Option<Undetermined> {
        let heard = self.hear(group);
        let (reason, detail) = heard.iter().find_map(|(_, outcome)| outcome.doubt())?;
        let by_version = matches!(
            reason,
            UndeterminedReason::NoVersion | UndeterminedReason::UnparseableVersion
        );
        let detail = if by_version { self.subject.text() } else { detail };
        Some(Undetermined {
            canonical: canonical(self.ecosystem.name(), &group.ids).to_owned(),
            ids: group.ids.clone(),
            reason,
            detail: detail.to_owned(),
        })
    }
}

impl<'e> Outcome<'e> {
    pub(crate) fn is_affected(&self) -> bool {
        matches!(self, Self::Affected(..))
    }

    fn is_denial(&self) -> bool {
        matches!(self, Self::Unaffected | Self::AboveCeiling)
    }

    fn doubt(&self) -> Option<(UndeterminedReason, &'e str)> {
        match self {
            Self::Undetermined(reason, detail) => Some((*reason, detail)),
            _ => None,
        }
    }
}

impl VulnerabilityMatch {
    /// Orders worst first: malware, then by severity and score, then by class; the ids make it total.
    #[must_use]
    pub fn cmp_urgency(&self, other: &Self) -> Ordering {
        let benign = |m: &Self| m.class != Class::Malicious;
        benign(self)
            .cmp(&benign(other))
            .then_with(|| other.severity.cmp_urgency(&self.severity))
            .then_with(|| {
                let place = (self.class, &self.canonical, &self.ids);
                place.cmp(&(other.class, &other.canonical, &other.ids))
            })
    }
}

/// What a record says, and why, as evidence.
fn testimony(entry: &Entry, outcome: &Outcome<'_>, subject: &Subject<'_>) -> RecordRef {
    RecordRef {
        id: entry.id.clone(),
        modified: entry.modified,
        affected: outcome.is_affected(),
        range: statement(entry, outcome, subject),
        doubt: outcome.doubt().map(|(reason, detail)| Doubt {
            reason,
            detail: detail.to_owned(),
        }),
    }
}

fn statement(entry: &Entry, outcome: &Outcome<'_>, subject: &Subject<'_>) -> String {
    match outcome {
        Outcome::Affected(_, Because::Within(interval)) => interval.to_string(),
        Outcome::Affected(_, Because::Listed(text)) => format!("listed version {text}"),
        Outcome::AboveCeiling => format!("{} (by its events alone: affected)", entry.describe(subject)),
        Outcome::Unaffected | Outcome::Undetermined(..) | Outcome::Silent => entry.describe(subject),
    }
}

/// The worst of what the accusing records are, unless the distribution itself accuses nobody.
fn class(heard: &[(&Entry, Outcome<'_>)]) -> Class {
    let accused = heard.iter().filter_map(|(entry, outcome)| match outcome {
        Outcome::Affected(claim, _) => {
            let excused = claim.stance.is_some_and(Stance::is_no_accusation);
            Some(if excused {
                entry.class.max(Class::Notice)
            } else {
                entry.class
            })
        }
        _ => None,
    });
    accused.min().unwrap_or(Class::Vulnerability)
}

/// What the accusing records of the group are about, beyond its names.
fn upstream(group: &Group, members: &[(&Entry, Outcome<'_>)]) -> Vec<String> {
    let accusers = members.iter().filter(|(_, outcome)| outcome.is_affected());
    let named = accusers.flat_map(|(entry, _)| entry.upstream.iter().chain(&entry.concerns));
    let others = named.filter(|id| group.ids.binary_search(id).is_err());
    let others: BTreeSet<String> = others.cloned().collect();
    others.into_iter().collect()
}

fn remarks(group: &Group, heard: &[(&Entry, Outcome<'_>)], subject: &Subject<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(source) = subject.source() {
        notes.push(format!("via source {source} {}", subject.text()));
    }
    for (_, outcome) in heard {
        let Outcome::Affected(claim, _) = outcome else {
            continue;
        };
        if let Some((ending, bound)) = &claim.ceiling {
            notes.push(ceiling_note(*ending, bound));
        }
        notes.extend(claim.stance.map(|stance| stance.words().to_owned()));
        if claim.restricted {
            notes.push(restricted(claim));
        }
        if claim.module.as_deref() == Some("") {
            notes.push("the record does not say which stream of the module it means".to_owned());
        }
        let shown: Vec<&str> = claim
            .functions
            .iter()
            .take(FUNCTIONS_SHOWN)
            .map(String::as_str)
            .collect();
        let more = claim.functions.len().saturating_sub(shown.len());
        match (shown.is_empty(), more) {
            (true, _) => {}
            (false, 0) => notes.push(format!("functions: {}", shown.join(", "))),
            (false, more) => notes.push(format!("functions: {} and {more} more", shown.join(", "))),
        }
        for (what, targets) in [("architectures", &claim.arch), ("systems", &claim.os)] {
            if !targets.is_empty() {
                notes.push(format!("only on {what}: {}", targets.join(", ")));
            }
        }
    }
    if let Some(ids) = group.split_from {
        notes.push(format!(
            "aliases joined {ids} ids, which is implausible; shown by itself"
        ));
    }
    notes.dedup();
    notes
}

fn restricted(claim: &Claim) -> String {
    let fixed: Vec<&str> = claim.fixed.iter().map(|fixed| fixed.text.as_str()).collect();
    format!("mended for subscribers only: {}", fixed.join(", "))
}

/// The native record's words, else those of the first record that has any; accusers speak first.
fn summary(heard: &[(&Entry, Outcome<'_>)]) -> String {
    let spoken = heard.iter().filter(|(entry, _)| !entry.summary.is_empty());
    let first = spoken.min_by_key(|(entry, outcome)| (!outcome.is_affected(), !entry.native));
    first.map(|(entry, _)| entry.summary.clone()).unwrap_or_default()
}

/// The worst rating of the records that say *affected*; where none of them has one, of the others (§2.9).
fn severity(heard: &[(&Entry, Outcome<'_>)], class: Class) -> SeverityRating {
    let accusing = heard.iter().filter_map(|(entry, outcome)| match outcome {
        Outcome::Affected(claim, _) => Some(entry.rating_of(claim)),
        _ => None,
    });
    let others = heard
        .iter()
        .filter(|(_, outcome)| !outcome.is_affected())
        .map(|(entry, _)| SeverityRating {
            source: Some(entry.id.clone()),
            ..entry.rating.clone()
        });
    let worst = worst_of(accusing)
        .or_else(|| worst_of(others))
        .unwrap_or_default();
    if class == Class::Malicious && worst.level != Severity::Critical {
        let accuser = heard.iter().find(|(entry, _)| entry.class == Class::Malicious);
        return SeverityRating {
            source: accuser.map(|(entry, _)| entry.id.clone()),
            ..malicious()
        };
    }
    worst
}

/// The most urgent known rating; among equals the first.
fn worst_of(ratings: impl Iterator<Item = SeverityRating>) -> Option<SeverityRating> {
    ratings
        .filter(|rating| rating.level != Severity::Unknown)
        .reduce(|worst, rating| match rating.cmp_urgency(&worst) {
            Ordering::Greater => rating,
            Ordering::Less | Ordering::Equal => worst,
        })
}

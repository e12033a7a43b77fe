//! Requirements that name what is *not* affected, turned into the events of what is.

use semver::{BuildMetadata, Comparator, Op, Prerelease, Version, VersionReq};
use serde_json::{Value, json};

use super::NotAnAdvisory;

/// Half open; no start is below everything, no end above everything.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Interval {
    start: Option<Version>,
    end: Option<Version>,
}

/// The events of the versions that no requirement covers.
pub(super) fn affected<'a>(unaffected: impl Iterator<Item = &'a str>) -> Result<Vec<Value>, NotAnAdvisory> {
    let mut intervals = unaffected.map(read).collect::<Result<Vec<_>, _>>()?;
    // `None` sorts first, which is where a start below everything belongs.
    intervals.sort();
    let mut events = Vec::new();
    // The least version that may be affected; `None` is below everything.
    let mut from: Option<Version> = None;
    for interval in intervals {
        if let Some(start) = &interval.start
            && from.as_ref().is_none_or(|from| from < start)
        {
            events.push(introduced(from.as_ref()));
            events.push(json!({"fixed": start.to_string()}));
        }
        match interval.end {
            // Everything above is unaffected.
            None => return Ok(events),
            Some(end) => from = from.max(Some(end)),
        }
    }
    events.push(introduced(from.as_ref()));
    Ok(events)
}

fn introduced(from: Option<&Version>) -> Value {
    // The least version of all.
    let from = from.map_or_else(|| "0.0.0-0".to_owned(), Version::to_string);
    json!({"introduced": from})
}

fn read(requirement: &str) -> Result<Interval, NotAnAdvisory> {
    let refuse = |why: &str| NotAnAdvisory::Requirement {
        requirement: requirement.chars().take(80).collect(),
        why: why.to_owned(),
    };
    let parsed = VersionReq::parse(requirement).map_err(|error| refuse(&error.to_string()))?;
    let mut interval = Interval {
        start: None,
        end: None,
    };
    for comparator in &parsed.comparators {
        let one = bounds(comparator).ok_or_else(|| refuse("the operator is not one that RustSec uses"))?;
        for (bound, new) in [(&mut interval.start, one.start), (&mut interval.end, one.end)] {
            if bound.is_some() && new.is_some() {
                return Err(refuse("it has two bounds on one side"));
            }
            *bound = bound.take().or(new);
        }
    }
    match (&interval.start, &interval.end) {
        (Some(start), Some(end)) if start >= end => Err(refuse("it ends before it begins")),
        _ => Ok(interval),
    }
}

/// What one comparator admits, by precedence alone.
fn bounds(comparator: &Comparator) -> Option<Interval> {
    let version = padded(comparator);
    let (start, end) = match comparator.op {
        Op::Greater => (Some(next(&version)), None),
        Op::GreaterEq => (Some(version), None),
        Op::Less => (None, Some(version)),
        Op::LessEq => (None, Some(next(&version))),
        Op::Exact => (Some(version.clone()), Some(next(&version))),
        Op::Caret => (Some(version), Some(caret_end(comparator))),
        Op::Tilde => (Some(version), Some(tilde_end(comparator))),
        _ => return None,
    };
    Some(Interval { start, end })
}

fn padded(comparator: &Comparator) -> Version {
    Version {
        major: comparator.major,
        minor: comparator.minor.unwrap_or(0),
        patch: comparator.patch.unwrap_or(0),
        pre: comparator.pre.clone(),
        build: BuildMetadata::EMPTY,
    }
}

/// The least version of `major.minor.patch`: before every pre-release of it.
fn least(major: u64, minor: u64, patch: u64) -> Version {
    Version {
        pre: zero(),
        ..Version::new(major, minor, patch)
    }
}

fn zero() -> Prerelease {
    Prerelease::new("0").unwrap_or_default()
}

fn caret_end(comparator: &Comparator) -> Version {
    match (comparator.major, comparator.minor, comparator.patch) {
        (0, Some(0), Some(patch)) => least(0, 0, patch.saturating_add(1)),
        (0, Some(minor), _) => least(0, minor.saturating_add(1), 0),
        (major, ..) => least(major.saturating_add(1), 0, 0),
    }
}

fn tilde_end(comparator: &Comparator) -> Version {
    match comparator.minor {
        Some(minor) => least(comparator.major, minor.saturating_add(1), 0),
        None => least(comparator.major.saturating_add(1), 0, 0),
    }
}

/// The least version above this one.
fn next(version: &Version) -> Version {
    if version.pre.is_empty() {
        return least(version.major, version.minor, version.patch.saturating_add(1));
    }
    let pre = Prerelease::new(&format!("{}.0", version.pre));
    Version {
        pre: pre.unwrap_or_else(|_| version.pre.clone()),
        ..version.clone()
    }
}

//! Version ranges, compiled from events into disjoint intervals of keys (`matching.md` §2.4, §2.11).

use std::fmt;

use ecosystems::{Ecosystem, VersionKey};
use serde::{Deserialize, Serialize};

use crate::osv;
use crate::{Subject, UndeterminedReason};

/// A version of an event: as written, and parsed. Stored as `[text, key in hexadecimal]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(into = "(String, String)", try_from = "(String, String)")]
pub struct Bound {
    pub text: String,
    pub key: VersionKey,
}

/// Which event ends an interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ending {
    #[serde(rename = "f")]
    Fixed,
    /// The only one that belongs to the interval itself.
    #[serde(rename = "l")]
    LastAffected,
    #[serde(rename = "m")]
    Limit,
}

/// One run of affected versions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The first affected version; absent when the run begins below every version.
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Bound>,
    /// Where it ends; absent when it does not.
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    pub end: Option<(Ending, Bound)>,
}

/// One range of a record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Range {
    /// Ascending, disjoint intervals; none at all when the events affect nothing.
    #[serde(rename = "k")]
    Known(Vec<Interval>),
    /// The range cannot be evaluated: for every version the answer is *undetermined*.
    #[serde(rename = "u")]
    Unknown(UndeterminedReason, String),
}

impl Interval {
    /// Whether the version lies in the interval.
    ///
    /// A last affected version without a local label covers all its local builds: `2.0.0+cu118` is
    /// `2.0.0`. Only such a bound can equal a public key.
    #[must_use]
    pub fn contains(&self, key: &VersionKey, public: &VersionKey) -> bool {
        let begun = self.start.as_ref().is_none_or(|start| start.key <= *key);
        begun && self.end.as_ref().is_none_or(|end| reaches(end, key, public))
    }
}

/// Whether a run with this end still covers the version.
pub(crate) fn reaches((ending, bound): &(Ending, Bound), key: &VersionKey, public: &VersionKey) -> bool {
    match ending {
        Ending::LastAffected => *key <= bound.key || *public == bound.key,
        Ending::Fixed | Ending::Limit => *key < bound.key,
    }
}

impl Range {
    /// The interval that holds the version, when the range is known and one does.
    #[must_use]
    pub fn find(&self, key: &VersionKey, public: &VersionKey) -> Option<&Interval> {
        let Self::Known(intervals) = self else { return None };
        let begun = intervals.partition_point(|interval| {
            let start = interval.start.as_ref();
            start.is_none_or(|start| start.key <= *key)
        });
        // The last but one too: its closed end may cover local builds above the next start.
        let candidates = intervals.iter().take(begun).rev().take(2);
        candidates.into_iter().find(|run| run.contains(key, public))
    }

    /// As [`Range::find`], for a version that is known to parse.
    pub(crate) fn find_subject(&self, subject: &Subject<'_>) -> Option<&Interval> {
        let (key, public) = subject.keys()?;
        self.find(key, public)
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let start = self.start.as_ref().map_or("0", |start| start.text.as_str());
        write!(f, "introduced {start}")?;
        match &self.end {
            None => Ok(()),
            Some((ending, bound)) => write!(f, ", {ending} {}", bound.text),
        }
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fixed => "fixed",
            Self::LastAffected => "last affected",
            Self::Limit => "limit",
        })
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(_, detail) => write!(f, "not readable: {detail}"),
            Self::Known(intervals) if intervals.is_empty() => f.write_str("no versions"),
            Self::Known(intervals) => intervals.iter().enumerate().try_for_each(|(i, interval)| {
                let separator = if i == 0 { "" } else { "; " };
                write!(f, "{separator}{interval}")
            }),
        }
    }
}

impl Bound {
    /// Parses one event's version.
    pub(crate) fn parse(ecosystem: &dyn Ecosystem, text: &str) -> Option<Self> {
        let key = ecosystem.key(text).ok()?;
        Some(Self {
            text: text.to_owned(),
            key,
        })
    }
}

impl From<Bound> for (String, String) {
    fn from(bound: Bound) -> Self {
        (bound.text, hex_of(bound.key.as_bytes()))
    }
}

impl TryFrom<(String, String)> for Bound {
    type Error = &'static str;

    fn try_from((text, hex): (String, String)) -> Result<Self, Self::Error> {
        let bytes = bytes_of(&hex).ok_or("a version key is not hexadecimal")?;
        Ok(Self {
            text,
            key: VersionKey::from_bytes(bytes),
        })
    }
}

fn hex_of(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(digit(byte >> 4));
        text.push(digit(byte & 15));
    }
    text
}

fn bytes_of(hex: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let (pairs, rest) = hex.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs
        .iter()
        .map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?))
        .collect()
}

/// The order is the order at a tie while no interval is open; it is reversed while one is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Introduced,
    LastAffected,
    Fixed,
}

/// One event in the sweep; `None` stands below every version.
struct Point {
    at: Option<Bound>,
    kind: Kind,
}

impl Point {
    fn key(&self) -> Option<&VersionKey> {
        self.at.as_ref().map(|at| &at.key)
    }
}

/// What reading one range gives.
pub(crate) struct Compiled {
    pub range: Range,
    /// The `fixed` events that parse, as written.
    pub fixed: Vec<Bound>,
    /// Whether a `fixed` or `last_affected` event stands in it.
    pub has_end: bool,
    /// What is wrong with it by the schema.
    pub remarks: Vec<String>,
}

/// Compiles the events of one range that is not `GIT`.
pub(crate) fn compile(ecosystem: &dyn Ecosystem, range: &osv::Range) -> Compiled {
    let mut remarks = schema_remarks(&range.events);
    let has_end = range
        .events
        .iter()
        .any(|event| event.fixed.is_some() || event.last_affected.is_some());
    let fixed = range.events.iter().filter_map(|event| event.fixed.as_deref());
    let fixed = fixed.filter_map(|text| Bound::parse(ecosystem, text)).collect();
    let range = match read_events(ecosystem, &range.events) {
        Ok((points, limit)) => Range::Known(clip(sweep(points), limit)),
        Err(unreadable) => {
            remarks.push(format!("the event {unreadable} cannot be read"));
            Range::Unknown(UndeterminedReason::UnparseableEvent, unreadable)
        }
    };
    Compiled {
        range,
        fixed,
        has_end,
        remarks,
    }
}

fn schema_remarks(events: &[osv::Event]) -> Vec<String> {
    let any = |has: fn(&osv::Event) -> bool| events.iter().any(has);
    let mut remarks = Vec::new();
    if !any(|event| event.introduced.is_some()) {
        remarks.push("the range has no `introduced` event".to_owned());
    }
    if any(|event| event.fixed.is_some()) && any(|event| event.last_affected.is_some()) {
        remarks.push("the range mixes `fixed` and `last_affected`".to_owned());
    }
    remarks
}

/// The sweep's points and the highest finite limit, or the event that does not parse.
fn read_events(
    ecosystem: &dyn Ecosystem,
    events: &[osv::Event],
) -> Result<(Vec<Point>, Option<Bound>), String> {
    let read = |name: &str, text: &str| {
        Bound::parse(ecosystem, text).ok_or_else(|| format!("{name} `{}`", shorten(text)))
    };
    let mut points = Vec::with_capacity(events.len());
    let mut limits = Vec::new();
    let mut unlimited = false;
    for event in events {
        for (name, kind, text) in [
            ("introduced", Kind::Introduced, &event.introduced),
            ("fixed", Kind::Fixed, &event.fixed),
            ("last_affected", Kind::LastAffected, &event.last_affected),
        ] {
            let Some(text) = text else { continue };
            // `0` is no version there but the point below all of them (OSV, "Special values").
            let at = match text.as_str() {
                "0" if kind != Kind::LastAffected => None,
                text => Some(read(name, text)?),
            };
            points.push(Point { at, kind });
        }
        match &event.limit {
            Some(text) if text.contains('*') => unlimited = true,
            Some(text) => limits.push(read("limit", text)?),
            None => {}
        }
    }
    // A version must be below one of the limits, that is, below the highest.
    let highest = limits.into_iter().max_by(|a, b| a.key.cmp(&b.key));
    Ok((points, highest.filter(|_| !unlimited)))
}

fn shorten(text: &str) -> String {
    text.chars().take(80).collect()
}

/// Walks the events upwards; ties are resolved by state, so that `[a,x) [x,b)` join and `[x,x)` is empty.
fn sweep(mut points: Vec<Point>) -> Vec<Interval> {
    points.sort_by(|a, b| (a.key(), a.kind).cmp(&(b.key(), b.kind)));
    let mut runs = Runs::default();
    for tie in points.chunk_by_mut(|a, b| a.key() == b.key()) {
        if runs.open.is_some() {
            tie.reverse();
        }
        for point in tie.iter() {
            runs.apply(point);
        }
    }
    runs.finish()
}

/// The intervals closed so far, and the start of the open one.
#[derive(Default)]
struct Runs {
    closed: Vec<Interval>,
    open: Option<Option<Bound>>,
}

impl Runs {
    fn apply(&mut self, point: &Point) {
        match point.kind {
            Kind::Introduced if self.open.is_none() => self.open(point.at.clone()),
            Kind::Introduced => {}
            Kind::Fixed => self.close(Ending::Fixed, point.at.clone()),
            Kind::LastAffected => self.close(Ending::LastAffected, point.at.clone()),
        }
    }

    /// Begins a run, or goes on with the last one when it ended exactly here.
    fn open(&mut self, at: Option<Bound>) {
        let touches = |run: &mut Interval| {
            let end = run.end.as_ref().map(|(_, bound)| &bound.key);
            end.is_some() && end == at.as_ref().map(|at| &at.key)
        };
        self.open = Some(match self.closed.pop_if(touches) {
            Some(run) => run.start,
            None => at,
        });
    }

    fn close(&mut self, ending: Ending, at: Option<Bound>) {
        // An end below every version closes nothing but a run that began there, which is empty.
        let (Some(start), Some(end)) = (self.open.take(), at) else {
            return;
        };
        let begins_here = start.as_ref().is_some_and(|start| start.key == end.key);
        if ending == Ending::LastAffected || !begins_here {
            self.closed.push(Interval {
                start,
                end: Some((ending, end)),
            });
        }
    }

    fn finish(mut self) -> Vec<Interval> {
        if let Some(start) = self.open.take() {
            self.closed.push(Interval { start, end: None });
        }
        self.closed
    }
}

/// Cuts the intervals off at the limit.
fn clip(intervals: Vec<Interval>, limit: Option<Bound>) -> Vec<Interval> {
    let Some(limit) = limit else { return intervals };
    intervals
        .into_iter()
        .filter(|run| run.start.as_ref().is_none_or(|start| start.key < limit.key))
        .map(|mut run| {
            if run.end.as_ref().is_none_or(|(_, end)| end.key >= limit.key) {
                run.end = Some((Ending::Limit, limit.clone()));
            }
            run
        })
        .collect()
}

/// An end such as `< 0.20.2` or `<= 1.4.2`, as GHSA writes it outside the events (`matching.md` §2.6).
pub(crate) fn parse_end(ecosystem: &dyn Ecosystem, text: &str) -> Option<(Ending, Bound)> {
    let text = text.trim();
    let (ending, version) = match text.strip_prefix("<=") {
        Some(version) => (Ending::LastAffected, version),
        None => (Ending::Fixed, text.strip_prefix('<')?),
    };
    Some((ending, Bound::parse(ecosystem, version.trim())?))
}

//! Sets of versions as intervals between cuts in the byte order of keys.

use super::version::{Phase, Version};
use crate::VersionKey;
use crate::number::Number;

/// A place between two versions; what lies below and above is decided by bytes alone.
#[derive(Clone, Debug)]
pub struct Cut {
    place: Place,
    bytes: Vec<u8>,
}

#[derive(Clone, Debug)]
enum Place {
    /// Below every version.
    Start,
    /// Just below the version.
    Below(Version),
    /// Between the version and the same with further parts in its local label.
    Above,
    /// Above the version with any local label.
    BeyondLocals(Version),
    /// Above the version and all its post-releases.
    BeyondPosts(Version),
}

impl Cut {
    pub fn start() -> Self {
        Self {
            place: Place::Start,
            bytes: Vec::new(),
        }
    }

    pub fn below(version: Version) -> Self {
        Self {
            bytes: version.key().as_bytes().into(),
            place: Place::Below(version),
        }
    }

    pub fn above(version: &Version) -> Self {
        let mut bytes: Vec<u8> = version.key().as_bytes().into();
        bytes.push(0);
        Self {
            place: Place::Above,
            bytes,
        }
    }

    pub fn beyond_locals(version: Version) -> Self {
        Self {
            bytes: version.beyond_locals(),
            place: Place::BeyondLocals(version),
        }
    }

    pub fn beyond_posts(version: Version) -> Self {
        Self {
            bytes: version.beyond_posts(),
            place: Place::BeyondPosts(version),
        }
    }

    /// The least version above the cut, where there is one: between a release and the next there is always
    /// another (`1.0.0.1`), and so there is between two local labels.
    fn least_above(&self) -> Option<Version> {
        match &self.place {
            Place::Start => Some(first()),
            Place::Below(version) => Some(version.clone()),
            Place::Above => None,
            Place::BeyondLocals(version) => Some(next_public(version.clone())),
            Place::BeyondPosts(version) => next_prerelease(version.clone()),
        }
    }
}

/// `0.dev0`, which nothing precedes.
fn first() -> Version {
    dev_zero(Number::ZERO, vec![Number::ZERO])
}

/// The first version of a release, before its pre-releases.
pub fn dev_zero(epoch: Number, release: Vec<Number>) -> Version {
    Version {
        epoch,
        release,
        pre: None,
        post: None,
        dev: Some(Number::ZERO),
        local: Vec::new(),
    }
}

/// The version after this one among the public ones: `1.0.post0.dev0` after `1.0`.
pub fn next_public(version: Version) -> Version {
    let mut version = version.public();
    match &version.dev {
        Some(dev) => version.dev = Some(dev.successor()),
        None => {
            version.post = Some(version.post.as_ref().map_or(Number::ZERO, Number::successor));
            version.dev = Some(Number::ZERO);
        }
    }
    version
}

/// `1.0a2.dev0` after `1.0a1` and its post-releases; a final release has no such neighbour.
fn next_prerelease(mut version: Version) -> Option<Version> {
    let (phase, number): (Phase, Number) = version.pre.take()?;
    version.pre = Some((phase, number.successor()));
    version.post = None;
    version.dev = Some(Number::ZERO);
    Some(version.public())
}

/// The versions from one cut to another; without an upper cut, all above the lower.
#[derive(Clone, Debug)]
pub struct Interval {
    low: Cut,
    high: Option<Cut>,
}

impl Interval {
    pub fn all() -> Self {
        Self::from(Cut::start())
    }

    pub fn from(low: Cut) -> Self {
        Self { low, high: None }
    }

    pub fn until(high: Cut) -> Self {
        Self::between(Cut::start(), high)
    }

    pub fn between(low: Cut, high: Cut) -> Self {
        Self {
            low,
            high: Some(high),
        }
    }

    pub fn contains(&self, key: &VersionKey) -> bool {
        let key = key.as_bytes();
        self.low.bytes.as_slice() <= key && self.high.as_ref().is_none_or(|high| key < high.bytes.as_slice())
    }

    fn is_empty(&self) -> bool {
        let Some(high) = &self.high else {
            return false;
        };
        match self.low.least_above() {
            Some(least) => least.key().as_bytes() >= high.bytes.as_slice(),
            None => self.low.bytes >= high.bytes,
        }
    }

    fn intersect(&self, other: &Self) -> Self {
        let low = if self.low.bytes >= other.low.bytes {
            &self.low
        } else {
            &other.low
        };
        let high = match (&self.high, &other.high) {
            (Some(a), Some(b)) => Some(if a.bytes <= b.bytes { a } else { b }),
            (a, b) => a.as_ref().or(b.as_ref()),
        };
        Self {
            low: low.clone(),
            high: high.cloned(),
        }
    }
}

/// The intervals in both lists, which are ascending and disjoint, as is the result.
pub fn intersect(left: &[Interval], right: &[Interval]) -> Vec<Interval> {
    left.iter()
        .flat_map(|a| right.iter().map(move |b| a.intersect(b)))
        .filter(|interval| !interval.is_empty())
        .collect()
}

/// Everything outside a list of ascending, disjoint intervals.
pub fn complement(intervals: &[Interval]) -> Vec<Interval> {
    let mut gaps = Vec::with_capacity(intervals.len() + 1);
    let mut low = Some(Cut::start());
    for interval in intervals {
        if let Some(low) = low {
            gaps.push(Interval::between(low, interval.low.clone()));
        }
        low = interval.high.clone();
    }
    gaps.extend(low.map(Interval::from));
    gaps.retain(|gap| !gap.is_empty());
    gaps
}

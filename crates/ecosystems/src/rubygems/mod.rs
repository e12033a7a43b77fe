//! `RubyGems`: exact names, and the versions of `Gem::Version`.

mod version;

use std::borrow::Cow;

use self::version::Segment;
use crate::encode::KeyBytes;
use crate::number::Number;
use crate::{Ecosystem, Step, UnparseableVersion, VersionKey, semver};

/// The registry of Ruby libraries.
pub struct RubyGems;

impl Ecosystem for RubyGems {
    fn name(&self) -> &'static str {
        "RubyGems"
    }

    fn purl_type(&self) -> &'static str {
        "gem"
    }

    fn normalize<'a>(&self, name: &'a str) -> Cow<'a, str> {
        Cow::Borrowed(name)
    }

    fn key(&self, version: &str) -> Result<VersionKey, UnparseableVersion> {
        let key = version::key(version);
        key.map(KeyBytes::finish)
            .ok_or_else(|| UnparseableVersion::new(self.name(), version))
    }

    /// A letter makes a pre-release.
    fn is_prerelease(&self, version: &str) -> bool {
        let segments = version::segments(version).unwrap_or_default();
        segments.iter().any(|segment| matches!(segment, Segment::Word(_)))
    }

    fn step(&self, from: &str, to: &str) -> Option<Step> {
        Some(semver::step_between(&numbers(from)?, &numbers(to)?))
    }
}

fn numbers(version: &str) -> Option<[Number; 3]> {
    let mut numbers = [Number::ZERO, Number::ZERO, Number::ZERO];
    let segments = version::segments(version)?;
    let leading = segments.into_iter().map_while(|segment| match segment {
        Segment::Number(number) => Some(number),
        Segment::Word(_) => None,
    });
    for (slot, number) in numbers.iter_mut().zip(leading) {
        *slot = number;
    }
    Some(numbers)
}

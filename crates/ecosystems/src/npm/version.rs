//! Versions exactly as npm reads them, which its ranges depend on.

use super::Mode;
use crate::number::Number;
use crate::semver::{Identifier, Version};

/// The greatest number in a version, and the last that JavaScript counts to exactly.
pub const MAX_NUMBER: u64 = 9_007_199_254_740_991;
/// The longest text, in bytes, that npm reads as a version.
const MAX_LENGTH: usize = 256;

/// Reads a version as npm does; `None` when npm would refuse it.
///
/// Stricter than [`Version::parse`]: three numbers, none above 2⁵³ − 1. In loose mode a version may follow
/// `=` or `v` and blanks, have leading zeros, and lack the hyphen before its pre-release.
#[must_use]
pub fn parse(text: &str, mode: Mode) -> Option<Version> {
    if text.len() > MAX_LENGTH {
        return None;
    }
    let text = text.trim();
    let text = if mode.loose {
        text.trim_start_matches(|c: char| matches!(c, 'v' | '=') || c.is_whitespace())
    } else {
        text.strip_prefix('v').unwrap_or(text)
    };
    let partial = Partial::parse(without_build(text)?, mode)?;
    partial.version()
}

/// Removes one build metadata label at the end; `None` when it is malformed.
fn without_build(text: &str) -> Option<&str> {
    match text.split_once('+') {
        Some((version, build)) => build.split('.').all(is_build_part).then_some(version),
        None => Some(text),
    }
}

fn is_build_part(part: &str) -> bool {
    !part.is_empty()
        && part
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// A version of a range, any number of which may be left out or be `x`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partial {
    pub major: Part,
    pub minor: Part,
    pub patch: Part,
    /// Only after three parts.
    pub prerelease: Vec<Identifier>,
}

/// One part of a partial version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Absent,
    /// `x`, `X` or `*`.
    Any,
    /// A number; beyond 64 bits the greatest, which [`Partial::version`] refuses.
    Number(u64),
}

impl Part {
    pub fn number(self) -> Option<u64> {
        match self {
            Self::Number(number) => Some(number),
            Self::Absent | Self::Any => None,
        }
    }

    fn parse(text: &str, mode: Mode) -> Option<Self> {
        if matches!(text, "x" | "X" | "*") {
            return Some(Self::Any);
        }
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let is_padded = text.len() > 1 && text.starts_with('0');
        if !is_number || (is_padded && !mode.loose) {
            return None;
        }
        Some(Self::Number(text.parse().unwrap_or(u64::MAX)))
    }
}

impl Partial {
    /// Reads one to three parts and, after three, a pre-release.
    pub fn parse(text: &str, mode: Mode) -> Option<Self> {
        let mut pieces = text.splitn(3, '.');
        let major = Part::parse(pieces.next()?, mode)?;
        let minor = pieces
            .next()
            .map_or(Some(Part::Absent), |text| Part::parse(text, mode))?;
        let (patch, prerelease) = match pieces.next() {
            Some(text) => parse_patch(text, mode)?,
            None => (Part::Absent, Vec::new()),
        };
        Some(Self {
            major,
            minor,
            patch,
            prerelease,
        })
    }

    /// The version, when every part is a number that npm counts to.
    pub fn version(&self) -> Option<Version> {
        let numbers = [self.major.number()?, self.minor.number()?, self.patch.number()?];
        version(numbers, self.prerelease.clone())
    }

    /// Whether a number stands after an `x`, as in `1.x.5`.
    pub fn has_number_after_any(&self) -> bool {
        let is_any = |part: Part| part.number().is_none();
        let any_minor = is_any(self.major) || is_any(self.minor);
        (is_any(self.major) && !is_any(self.minor)) || (any_minor && !is_any(self.patch))
    }
}

/// A version of three numbers; `None` when npm does not count that far.
pub fn version(numbers: [u64; 3], prerelease: Vec<Identifier>) -> Option<Version> {
    let within = numbers.iter().all(|number| *number <= MAX_NUMBER);
    within.then(|| Version::new(numbers.map(Number::from), prerelease))
}

/// Reads the third part and what follows it.
fn parse_patch(text: &str, mode: Mode) -> Option<(Part, Vec<Identifier>)> {
    let end = match text.as_bytes().first()? {
        b'0'..=b'9' => text
            .bytes()
            .position(|byte| !byte.is_ascii_digit())
            .unwrap_or(text.len()),
        b'x' | b'X' | b'*' => 1,
        _ => return None,
    };
    let (patch, rest) = text.split_at_checked(end)?;
    Some((Part::parse(patch, mode)?, parse_prerelease(rest, mode)?))
}

/// Reads the pre-release with its hyphen, which loose mode does without.
fn parse_prerelease(text: &str, mode: Mode) -> Option<Vec<Identifier>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    let after_hyphen = text
        .strip_prefix('-')
        .and_then(|text| parse_identifiers(text, mode));
    if mode.loose {
        return after_hyphen.or_else(|| parse_identifiers(text, mode));
    }
    after_hyphen
}

fn parse_identifiers(text: &str, mode: Mode) -> Option<Vec<Identifier>> {
    let is_padded =
        |part: &str| part.len() > 1 && part.starts_with('0') && part.bytes().all(|b| b.is_ascii_digit());
    if !mode.loose && text.split('.').any(is_padded) {
        return None;
    }
    crate::semver::parse_prerelease(text)
}

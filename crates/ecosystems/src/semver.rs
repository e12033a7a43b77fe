//! Semantic versions, read leniently, shared by the ecosystems that use them.
//!
//! What is tolerated beyond SemVer 2.0.0 is what advisories and lockfiles really hold
//! (`matching.md` §2.5): blanks around, a leading `v`, a missing minor or patch (zero), more than three
//! numbers, leading zeros and integers of any size. Build metadata is read and forgotten. Precedence is
//! SemVer §11; of more than three numbers the further ones decide after the patch, zero where absent.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use crate::encode::KeyBytes;
use crate::number::Number;
use crate::{MAX_VERSION_LENGTH, Step, UnparseableVersion, VersionKey};

/// More numbers than any real version has.
const MAX_NUMBERS: usize = 16;

/// Ends the numbers of a pre-release; before [`RELEASE`], before any further number.
const PRERELEASE: u8 = 0x01;
/// Ends the numbers of a release.
const RELEASE: u8 = 0x02;
/// Ends the identifiers of a pre-release; before any further identifier.
const END: u8 = 0x00;
/// Begins an identifier that is no number; after every number.
const TEXT: u8 = 0xE0;

/// One dot-separated part of a pre-release.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Identifier {
    Numeric(Number),
    /// ASCII letters, digits and hyphens, compared as bytes.
    Text(Box<str>),
}

impl Identifier {
    /// Reads one identifier; `None` when it is empty or holds another character.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(number) = Number::parse(text) {
            return Some(Self::Numeric(number));
        }
        let valid = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        (!text.is_empty() && text.bytes().all(valid)).then(|| Self::Text(text.into()))
    }
}

impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Numeric(number) => number.fmt(f),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// A semantic version without its build metadata; ordered by precedence.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Version {
    /// At least three numbers; no zeros at the end beyond the third.
    release: Vec<Number>,
    /// Empty for a release.
    prerelease: Vec<Identifier>,
}

impl Version {
    /// A version of three numbers.
    #[must_use]
    pub fn new(release: [Number; 3], prerelease: Vec<Identifier>) -> Self {
        Self {
            release: release.into(),
            prerelease,
        }
    }

    /// Reads a version leniently; `None` when the text is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_VERSION_LENGTH {
            return None;
        }
        let text = text.trim();
        let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
        let text = without_build(text)?;
        let (numbers, prerelease) = match split_prerelease(text) {
            Some((numbers, prerelease)) => (numbers, parse_prerelease(prerelease)?),
            None => (text, Vec::new()),
        };
        Some(Self {
            release: parse_release(numbers)?,
            prerelease,
        })
    }

    /// The first three numbers.
    #[must_use]
    pub fn core(&self) -> &[Number] {
        self.release.get(..3).unwrap_or(&self.release)
    }

    #[must_use]
    pub fn prerelease(&self) -> &[Identifier] {
        &self.prerelease
    }

    #[must_use]
    pub fn is_prerelease(&self) -> bool {
        !self.prerelease.is_empty()
    }

    /// The version as bytes of the same order.
    #[must_use]
    pub fn key(&self) -> VersionKey {
        let mut key = KeyBytes::default();
        self.release.iter().for_each(|number| key.number(number));
        if self.prerelease.is_empty() {
            key.tag(RELEASE);
            return key.finish();
        }
        key.tag(PRERELEASE);
        for identifier in &self.prerelease {
            match identifier {
                Identifier::Numeric(number) => key.number(number),
                Identifier::Text(text) => key.text(TEXT, text),
            }
        }
        key.tag(END);
        key.finish()
    }

    /// How far apart two versions are, by the first number that differs.
    #[must_use]
    pub fn step(&self, other: &Self) -> Step {
        let differs = |index: usize| self.release.get(index) != other.release.get(index);
        match () {
            () if differs(0) => Step::Major,
            () if differs(1) => Step::Minor,
            () => Step::Patch,
        }
    }
}

/// How far apart two versions are, by the first of three numbers that differs.
pub(crate) fn step_between(from: &[Number; 3], to: &[Number; 3]) -> Step {
    let [major, minor, _] = from;
    match () {
        () if *major != to[0] => Step::Major,
        () if *minor != to[1] => Step::Minor,
        () => Step::Patch,
    }
}

/// The text in lower case, borrowed where it is already.
pub(crate) fn lower(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Cow::Owned(text.to_ascii_lowercase());
    }
    Cow::Borrowed(text)
}

/// The key of a version, for the ecosystems whose versions are semantic.
pub(crate) fn key(ecosystem: &'static str, version: &str) -> Result<VersionKey, UnparseableVersion> {
    let parsed = Version::parse(version);
    parsed
        .map(|parsed| parsed.key())
        .ok_or_else(|| UnparseableVersion {
            ecosystem,
            text: version.to_owned(),
        })
}

/// The text before the build metadata; `None` when that is malformed.
fn without_build(text: &str) -> Option<&str> {
    let Some((version, build)) = text.split_once('+') else {
        return Some(text);
    };
    let valid = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    (!build.is_empty() && build.bytes().all(valid)).then_some(version)
}

/// The numbers and the pre-release after them. The hyphen may be missing where three numbers are complete
/// (`2.0.0rc2`), as npm reads it in its loose mode.
fn split_prerelease(text: &str) -> Option<(&str, &str)> {
    let (numbers, rest) = text.split_at_checked(text.find(|c: char| !c.is_ascii_digit() && c != '.')?)?;
    if let Some(prerelease) = rest.strip_prefix('-') {
        return Some((numbers, prerelease));
    }
    let complete = numbers.split('.').filter(|number| !number.is_empty()).count() == 3;
    let letter = rest.starts_with(|c: char| c.is_ascii_alphabetic());
    (complete && !numbers.ends_with('.') && letter).then_some((numbers, rest))
}

fn parse_release(text: &str) -> Option<Vec<Number>> {
    let mut numbers = text.split('.').map(Number::parse).collect::<Option<Vec<_>>>()?;
    if numbers.len() > MAX_NUMBERS {
        return None;
    }
    while numbers.len() > 3 && numbers.last() == Some(&Number::ZERO) {
        numbers.pop();
    }
    numbers.resize(numbers.len().max(3), Number::ZERO);
    Some(numbers)
}

/// Reads dot-separated identifiers; `None` when one of them is malformed.
#[must_use]
pub fn parse_prerelease(text: &str) -> Option<Vec<Identifier>> {
    text.split('.').map(Identifier::parse).collect()
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.release
            .cmp(&other.release)
            .then_with(|| self.prerelease.is_empty().cmp(&other.prerelease.is_empty()))
            .then_with(|| self.prerelease.cmp(&other.prerelease))
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_separated(f, "", &self.release)?;
        if self.is_prerelease() {
            write_separated(f, "-", &self.prerelease)?;
        }
        Ok(())
    }
}

fn write_separated<T: fmt::Display>(f: &mut fmt::Formatter<'_>, before: &str, parts: &[T]) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        write!(f, "{}{part}", if index == 0 { before } else { "." })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lenient_spellings_mean_the_same_version() {
        for (a, b) in [
            ("1", "1.0.0"),
            ("v1.2", "1.2.0"),
            ("V1.2.3", " 1.2.3\n"),
            ("1.2.3+build.7", "1.2.3"),
            ("1.2.3.0.0", "1.2.3"),
            ("01.002.3", "1.2.3"),
            ("1.2-rc.1", "1.2.0-rc.01"),
        ] {
            let (a, b) = (Version::parse(a), Version::parse(b));
            assert!(a.is_some());
            assert_eq!(a, b);
            assert_eq!(a.map(|version| version.key()), b.map(|version| version.key()));
        }
    }

    #[test]
    fn garbage_is_no_version() {
        for text in [
            "",
            " ",
            "v",
            "latest",
            "*",
            "x",
            "1.x",
            "^1.0",
            "~1",
            ">=1",
            "=1.0.0",
            "UNKNOWN",
            "unknown",
            "file:../a",
            "git+https://example.test/a.git#v1.0.0",
            "link:a",
            "1.0.0-",
            "1.0.0-a..b",
            "1..0",
            "1.0.",
            ".1",
            "1.0.0+",
            "1.0.0++",
            "1.0.0 - 2.0.0",
            "1.0.0 1.0.1",
            "1.0.0-ä",
            "1.0beta",
            "-1",
            "1.0.0-a_b",
            "vv1",
            "٣.0.0",
        ] {
            assert_eq!(Version::parse(text), None, "{text:?}");
        }
        assert_eq!(Version::parse(&"1.".repeat(600)), None);
        assert_eq!(
            Version::parse(&format!("1.0.0-{}", "a".repeat(MAX_VERSION_LENGTH))),
            None
        );
    }

    #[test]
    fn the_hyphen_may_be_missing_after_three_numbers() {
        let written = Version::parse("2.0.0rc2");
        assert!(written.is_some());
        assert_eq!(written, Version::parse("2.0.0-rc2"));
        assert!(written < Version::parse("2.0.0"));
    }

    #[test]
    fn further_numbers_decide_after_the_patch() {
        let versions = [
            "1.2.3-rc.1",
            "1.2.3",
            "1.2.3.1-rc.1",
            "1.2.3.1",
            "1.2.3.2",
            "1.2.4-0",
            "1.2.4",
        ];
        let keys: Vec<_> = versions
            .iter()
            .map(|text| Version::parse(text).expect("a version").key())
            .collect();
        assert!(keys.is_sorted_by(|a, b| a < b), "{keys:?}");
    }

    #[test]
    fn a_common_version_is_four_bytes() {
        assert_eq!(
            Version::parse("1.2.3").expect("a version").key().as_bytes().len(),
            4
        );
    }

    fn versions() -> impl Strategy<Value = String> {
        let pre = "(-([0-3]|1[0-9]{20}|[a-b-]{1,3}|0a)(\\.([0-3]|[a-b]{1,2})){0,2})?";
        (("[0-2](\\.([0-2]|2[0-9]{2}|2[0-9]{19,21})){0,3}"), pre).prop_map(|(core, pre)| core + &pre)
    }

    proptest! {
        #[test]
        fn keys_order_as_precedence_and_none_begins_another(a in versions(), b in versions()) {
            let (a, b) = (Version::parse(&a).expect("a version"), Version::parse(&b).expect("a version"));
            prop_assert_eq!(a.key().cmp(&b.key()), a.cmp(&b));
            prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
            prop_assert!(a == b || !a.key().as_bytes().starts_with(b.key().as_bytes()));
        }

        #[test]
        fn order_is_transitive(a in versions(), b in versions(), c in versions()) {
            let mut sorted = [a, b, c].map(|text| Version::parse(&text).expect("a version"));
            sorted.sort();
            prop_assert!(sorted[0] <= sorted[1] && sorted[1] <= sorted[2] && sorted[0] <= sorted[2]);
        }

        #[test]
        fn the_order_of_strict_versions_is_that_of_the_semver_crate(
            a in "[0-2]\\.[0-2]\\.[0-2](-(0|1|2|10|a|b|-)(\\.(0|1|10|a)){0,2})?",
            b in "[0-2]\\.[0-2]\\.[0-2](-(0|1|2|10|a|b|-)(\\.(0|1|10|a)){0,2})?",
        ) {
            let oracle = |text: &str| ::semver::Version::parse(text).expect("strict");
            let key = |text: &str| Version::parse(text).expect("a version").key();
            prop_assert_eq!(key(&a).cmp(&key(&b)), oracle(&a).cmp_precedence(&oracle(&b)));
        }

        #[test]
        fn any_text_is_answered(text in "\\PC*|[v0-9.+a-z -]*") {
            if let Some(version) = Version::parse(&text) {
                prop_assert_eq!(Version::parse(&version.to_string()), Some(version));
            }
        }
    }
}

//! Versions as PEP 440 defines them.

use std::cmp::Ordering;
use std::fmt;

use crate::encode::KeyBytes;
use crate::number::Number;
use crate::{MAX_VERSION_LENGTH, Step, VersionKey};

/// After the release: a development release of the final one, before its first alpha.
const DEV_ONLY: u8 = 0x01;
/// After the release: no pre-release; above `a`, `b` and `rc`, below any further number.
const FINAL: u8 = 0x05;
/// In place of the post-release number: none.
const NO_POST: u8 = 0x01;
/// In place of the development release number: none, which is later than any.
const NO_DEV: u8 = 0xFF;
/// Ends a local label, and stands alone where there is none.
const END: u8 = 0x00;
/// Begins a part of a local label that is no number; before every number.
const TEXT: u8 = 0x02;
/// After a prefix of a key: beyond everything that begins with the prefix.
const BEYOND: u8 = 0xFF;

/// The kind of a pre-release, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    Alpha,
    Beta,
    Candidate,
}

impl Phase {
    fn tag(self) -> u8 {
        match self {
            Self::Alpha => 0x02,
            Self::Beta => 0x03,
            Self::Candidate => 0x04,
        }
    }

    fn letters(self) -> &'static str {
        match self {
            Self::Alpha => "a",
            Self::Beta => "b",
            Self::Candidate => "rc",
        }
    }
}

/// One part of a local label; words come before numbers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LocalPart {
    /// Lower-case letters and digits, not digits alone.
    Word(Box<str>),
    Number(Number),
}

/// A version; equality and order ignore how it was spelled and zeros at the end of the release.
#[derive(Clone, Debug)]
pub struct Version {
    pub(super) epoch: Number,
    /// At least one number.
    pub(super) release: Vec<Number>,
    pub(super) pre: Option<(Phase, Number)>,
    pub(super) post: Option<Number>,
    pub(super) dev: Option<Number>,
    /// Empty for a public version.
    pub(super) local: Vec<LocalPart>,
}

impl Version {
    /// Reads a version; `None` when PEP 440 does not know the spelling, as with versions older than it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_VERSION_LENGTH {
            return None;
        }
        super::parse::version(text.trim())
    }

    #[must_use]
    pub fn is_prerelease(&self) -> bool {
        self.pre.is_some() || self.dev.is_some()
    }

    /// The version without its local label.
    #[must_use]
    pub fn public(mut self) -> Self {
        self.local.clear();
        self
    }

    /// The version as bytes of the same order.
    #[must_use]
    pub fn key(&self) -> VersionKey {
        let mut key = self.public_part();
        for part in &self.local {
            match part {
                LocalPart::Word(word) => key.text(TEXT, word),
                LocalPart::Number(number) => key.number(number),
            }
        }
        key.tag(END);
        key.finish()
    }

    /// Bytes above this version with any local label and below the next public version.
    pub(super) fn beyond_locals(&self) -> Vec<u8> {
        let mut key = self.public_part();
        key.tag(BEYOND);
        key.into_bytes()
    }

    /// Bytes above every post-release of this version and below the next pre-release or release.
    pub(super) fn beyond_posts(&self) -> Vec<u8> {
        let mut key = self.release_part();
        key.tag(BEYOND);
        key.into_bytes()
    }

    /// Epoch, release and pre-release: the part that all post-releases of a version share.
    fn release_part(&self) -> KeyBytes {
        let mut key = KeyBytes::default();
        key.number(&self.epoch);
        self.significant_release()
            .iter()
            .for_each(|number| key.number(number));
        match &self.pre {
            Some((phase, number)) => {
                key.tag(phase.tag());
                key.number(number);
            }
            None if self.sorts_before_alphas() => key.tag(DEV_ONLY),
            None => key.tag(FINAL),
        }
        key
    }

    fn public_part(&self) -> KeyBytes {
        let mut key = self.release_part();
        match &self.post {
            Some(number) => key.number(number),
            None => key.tag(NO_POST),
        }
        match &self.dev {
            Some(number) => key.number(number),
            None => key.tag(NO_DEV),
        }
        key
    }

    /// `1.0.dev1` precedes `1.0a1`, while `1.0.post1.dev1` follows `1.0`.
    fn sorts_before_alphas(&self) -> bool {
        self.pre.is_none() && self.post.is_none() && self.dev.is_some()
    }

    /// The release without the zeros at its end.
    fn significant_release(&self) -> &[Number] {
        let zeros = self
            .release
            .iter()
            .rev()
            .take_while(|number| **number == Number::ZERO)
            .count();
        self.release.get(..self.release.len() - zeros).unwrap_or_default()
    }

    /// How far apart two versions are, by the first number of the release that differs.
    #[must_use]
    pub fn step(&self, other: &Self) -> Step {
        let number =
            |version: &Self, index: usize| version.release.get(index).cloned().unwrap_or(Number::ZERO);
        let differs = |index: usize| number(self, index) != number(other, index);
        match () {
            () if self.epoch != other.epoch || differs(0) => Step::Major,
            () if differs(1) => Step::Minor,
            () => Step::Patch,
        }
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let absent_last = |a: &Option<Number>, b: &Option<Number>| match (a, b) {
            (Some(a), Some(b)) => a.cmp(b),
            (a, b) => a.is_none().cmp(&b.is_none()),
        };
        let pre = |version: &Self| match &version.pre {
            Some(pre) => (1, Some(pre.clone())),
            None if version.sorts_before_alphas() => (0, None),
            None => (2, None),
        };
        self.epoch
            .cmp(&other.epoch)
            .then_with(|| self.significant_release().cmp(other.significant_release()))
            .then_with(|| pre(self).cmp(&pre(other)))
            .then_with(|| self.post.cmp(&other.post))
            .then_with(|| absent_last(&self.dev, &other.dev))
            .then_with(|| self.local.cmp(&other.local))
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Version {}

/// The normal form of PEP 440, which keeps the zeros at the end of the release.
impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.epoch != Number::ZERO {
            write!(f, "{}!", self.epoch)?;
        }
        for (index, number) in self.release.iter().enumerate() {
            write!(f, "{}{number}", if index == 0 { "" } else { "." })?;
        }
        if let Some((phase, number)) = &self.pre {
            write!(f, "{}{number}", phase.letters())?;
        }
        if let Some(number) = &self.post {
            write!(f, ".post{number}")?;
        }
        if let Some(number) = &self.dev {
            write!(f, ".dev{number}")?;
        }
        for (index, part) in self.local.iter().enumerate() {
            f.write_str(if index == 0 { "+" } else { "." })?;
            match part {
                LocalPart::Word(word) => f.write_str(word)?,
                LocalPart::Number(number) => number.fmt(f)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn versions() -> impl Strategy<Value = String> {
        let release = "([01]!)?[0-2](\\.(0|1|2[0-9]{2}|2[0-9]{19,20})){0,3}";
        let suffix =
            "((a|b|rc)[0-2])?(\\.post[0-2])?(\\.dev[0-2])?(\\+([0-2]|[ab]{1,2}|1a)(\\.([0-2]|a)){0,2})?";
        (release, suffix).prop_map(|(release, suffix)| release + &suffix)
    }

    proptest! {
        #[test]
        fn keys_order_as_versions_and_none_begins_another(a in versions(), b in versions()) {
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
        fn any_text_is_answered(text in "\\PC*|[v0-9!.+a-d_ -]*|[0-9](\\.|-|_)?[postrevdcab]{0,5}[-._]?[0-9]?") {
            if let Some(version) = Version::parse(&text) {
                prop_assert_eq!(Version::parse(&version.to_string()), Some(version));
            }
        }
    }
}

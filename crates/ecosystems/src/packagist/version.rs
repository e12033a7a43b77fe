//! The order of Composer: its normal form, compared by PHP's `version_compare`.
//!
//! Four numbers, then a stability with a number. Below the release stand `dev`, `alpha`, `beta` and `RC`,
//! above it patches. A branch (`dev-master`) has no place in the order and is no version here.

use crate::MAX_VERSION_LENGTH;
use crate::encode::KeyBytes;
use crate::number::Number;

/// What Composer writes for the wildcard of a branch such as `1.x-dev`.
const BRANCH: u64 = 9_999_999;
/// More numbers than any real version has.
const MAX_NUMBERS: usize = 16;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stability {
    Dev,
    Alpha,
    Beta,
    Candidate,
    Stable,
    Patch,
}

pub(super) struct Version {
    /// Without zeros at the end.
    pub numbers: Vec<Number>,
    pub stability: Stability,
    step: Vec<Number>,
    /// `-dev` after another stability.
    dev: bool,
}

impl Version {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() > MAX_VERSION_LENGTH {
            return None;
        }
        let text = without_build(text)?;
        let text = text.strip_prefix(['v', 'V']).unwrap_or(text).to_ascii_lowercase();
        let (text, dev) = match text.strip_suffix("dev") {
            Some(rest) => (rest.trim_end_matches(['.', '-']), true),
            None => (text.as_str(), false),
        };
        let split = text
            .find(|c: char| c.is_ascii_alphabetic() && c != 'x')
            .unwrap_or(text.len());
        let (numbers, rest) = text.split_at(split);
        let numbers = numbers.trim_end_matches(['.', '-', '_']);
        let (stability, step) = read_stability(rest)?;
        let only_dev = dev && stability == Stability::Stable;
        Some(Self {
            numbers: read_numbers(numbers, dev)?,
            stability: if only_dev { Stability::Dev } else { stability },
            step,
            dev: dev && !only_dev,
        })
    }

    pub(super) fn key(&self) -> KeyBytes {
        // Tags of stabilities stand below every number, so that a missing number is a zero.
        let mut key = KeyBytes::default();
        self.numbers.iter().for_each(|number| key.number(number));
        key.tag(self.stability as u8);
        self.step.iter().for_each(|number| key.number(number));
        // After the step `-dev` comes before the end.
        key.tag(u8::from(!self.dev));
        key
    }
}

fn without_build(text: &str) -> Option<&str> {
    match text.split_once('+') {
        Some((version, build)) => {
            (!build.is_empty() && !build.contains(char::is_whitespace)).then_some(version)
        }
        None => Some(text),
    }
}

/// Dates may be written with hyphens; elsewhere a dot separates.
fn read_numbers(text: &str, dev: bool) -> Option<Vec<Number>> {
    let is_date = text.len() >= 6 && text.bytes().take(4).all(|byte| byte.is_ascii_digit());
    let separators: &[char] = if is_date { &['.', '-', ':'] } else { &['.'] };
    let mut numbers = Vec::new();
    for part in text.split(separators) {
        numbers.push(match part {
            "x" if dev && !numbers.is_empty() => Number::Small(BRANCH),
            part => Number::parse(part)?,
        });
    }
    let wild = numbers.contains(&Number::Small(BRANCH)) && dev;
    if wild {
        numbers.resize(numbers.len().max(4), Number::Small(BRANCH));
    }
    if numbers.len() > MAX_NUMBERS {
        return None;
    }
    while numbers.pop_if(|number| *number == Number::ZERO).is_some() {}
    Some(numbers)
}

fn read_stability(text: &str) -> Option<(Stability, Vec<Number>)> {
    let end = text
        .find(|c: char| !c.is_ascii_alphabetic())
        .unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    let stability = match word {
        "" | "stable" => Stability::Stable,
        "a" | "alpha" => Stability::Alpha,
        "b" | "beta" => Stability::Beta,
        "rc" => Stability::Candidate,
        "p" | "pl" | "patch" => Stability::Patch,
        _ => return None,
    };
    let rest = rest.trim_start_matches(['.', '-']);
    let numbers = rest.split(['.', '-']).filter(|part| !part.is_empty());
    let step = numbers.map(Number::parse).collect::<Option<Vec<_>>>()?;
    (step.len() <= MAX_NUMBERS).then_some((stability, step))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bytes(text: &str) -> Option<Vec<u8>> {
        Version::parse(text).map(|version| version.key().into_bytes())
    }

    /// Rows of the tests of composer/semver, as facts.
    #[test]
    fn versions_are_ordered_as_composer_orders_them() {
        let ascending = [
            "1.0.0-dev",
            "1.0.0-alpha",
            "1.0.0-alpha1",
            "1.0.0alpha10",
            "1.0.0-beta.5-dev",
            "1.0.0-beta.5",
            "1.0-RC1",
            "1.0.0",
            "1.0.0-patch1",
            "1.0.0.1",
            "1.0.1",
            "1.2",
            "1.x-dev",
            "2.0.0-dev",
            "2.0",
            "20100102",
        ];
        let keys: Vec<_> = ascending.iter().map(|text| bytes(text).expect(text)).collect();
        assert!(keys.is_sorted_by(|a, b| a < b), "{keys:02x?}");
    }

    #[test]
    fn spellings_of_one_version_are_equal() {
        for (a, b) in [
            ("1.0", "1.0.0.0"),
            ("v1.2", "1.2.0"),
            ("1.0.0-beta5", "1.0.0b5"),
            ("1.0.0RC1", "1.0.0-rc.1"),
            ("1.0.0+build", "1.0.0"),
            ("2010-01-02", "2010.01.02"),
            ("1.0.0-stable", "1.0.0"),
            ("1.0pl3", "1.0-patch.3"),
        ] {
            assert!(bytes(a).is_some(), "{a}");
            assert_eq!(bytes(a), bytes(b), "{a} and {b}");
        }
    }

    #[test]
    fn a_branch_is_no_version() {
        for text in [
            "dev-master",
            "master",
            "1.0.0-meh",
            "1.0.0.x",
            "dev-feature/x",
            "",
            "1.0.0 beta",
            "x",
        ] {
            assert_eq!(bytes(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_key_begins_another(
            a in "[0-2](\\.[0-2]){0,3}(-?(alpha|b|RC|p|dev)[0-2]?)?", b in "[0-2](\\.[0-2]){0,3}(-?(alpha|b|RC|p|dev)[0-2]?)?",
        ) {
            if let (Some(first), Some(second)) = (bytes(&a), bytes(&b)) {
                prop_assert!(first == second || !first.starts_with(&second));
            }
        }

        #[test]
        fn any_text_is_answered(text in "\\PC*|[0-9a-z.+-]*") {
            let _answered = bytes(&text);
        }
    }
}

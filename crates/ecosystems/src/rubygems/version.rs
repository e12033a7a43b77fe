//! The order of `Gem::Version`: numbers and words, each missing one a zero, words below numbers.

use crate::MAX_VERSION_LENGTH;
use crate::encode::KeyBytes;
use crate::number::Number;

const WORD: u8 = 0x01;
/// A zero after which the version falls below the end, which is zeros without end.
const ZERO_BELOW: u8 = 0x02;
const END: u8 = 0x03;
/// A zero after which it rises above it.
const ZERO_ABOVE: u8 = 0x04;

/// Platforms begin like this; what follows the hyphen before one is no part of the version.
const PLATFORMS: [&str; 16] = [
    "java",
    "jruby",
    "x86_64",
    "x86",
    "x64",
    "arm64",
    "aarch64",
    "arm",
    "universal",
    "i386",
    "i486",
    "i586",
    "i686",
    "mswin",
    "mingw",
    "ppc",
];

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Segment {
    Word(String),
    Number(Number),
}

impl Segment {
    fn is_zero(&self) -> bool {
        *self == Self::Number(Number::ZERO)
    }
}

pub(super) fn key(text: &str) -> Option<KeyBytes> {
    let segments = canonical(segments(text)?);
    let mut key = KeyBytes::default();
    for (at, segment) in segments.iter().enumerate() {
        let rest = segments.get(at + 1..).unwrap_or_default();
        match segment {
            Segment::Word(word) => key.text(WORD, word),
            Segment::Number(Number::ZERO) => key.tag(if falls(rest) { ZERO_BELOW } else { ZERO_ABOVE }),
            Segment::Number(number) => key.number(number),
        }
    }
    key.tag(END);
    Some(key)
}

/// Whether the next segment that is no zero is a word.
fn falls(rest: &[Segment]) -> bool {
    let next = rest.iter().find(|segment| !segment.is_zero());
    matches!(next, Some(Segment::Word(_)))
}

/// The segments of a version without its platform; `None` when it is none by the pattern of `RubyGems`.
pub(super) fn segments(text: &str) -> Option<Vec<Segment>> {
    let text = without_platform(text.trim());
    if text.len() > MAX_VERSION_LENGTH || !is_version(text) {
        return None;
    }
    let mut segments = Vec::new();
    for (position, part) in text.split('-').enumerate() {
        if position > 0 {
            segments.push(Segment::Word("pre".to_owned()));
        }
        part.split('.').for_each(|part| split(part, &mut segments));
    }
    Some(segments)
}

fn without_platform(text: &str) -> &str {
    let platform = text.match_indices('-').find(|(at, _)| {
        let rest = text.get(at + 1..).unwrap_or_default();
        PLATFORMS.iter().any(|platform| {
            let after = rest.strip_prefix(platform);
            after.is_some_and(|after| after.is_empty() || after.starts_with(['-', '3', '6']))
        })
    });
    platform.map_or(text, |(at, _)| text.get(..at).unwrap_or(text))
}

/// `[0-9]+(\.[0-9a-zA-Z]+)*(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?`
fn is_version(text: &str) -> bool {
    let (numbers, rest) = text.split_once('-').map_or((text, None), |(n, r)| (n, Some(r)));
    let words = |text: &str, also: &[u8]| {
        text.split('.').all(|part| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || also.contains(&byte))
        })
    };
    let begins = numbers.split('.').next().unwrap_or_default();
    let begins_well = begins.starts_with(|c: char| c.is_ascii_digit());
    begins_well && words(numbers, b"") && rest.is_none_or(|rest| words(rest, b"-"))
}

fn split(mut text: &str, segments: &mut Vec<Segment>) {
    while let Some(first) = text.chars().next() {
        let digits = first.is_ascii_digit();
        let end = text
            .find(|c: char| c.is_ascii_digit() != digits)
            .unwrap_or(text.len());
        let (run, rest) = text.split_at(end);
        segments.push(match Number::parse(run) {
            Some(number) => Segment::Number(number),
            None => Segment::Word(run.to_owned()),
        });
        text = rest;
    }
}

/// Zeros mean nothing before the first word and at the end.
fn canonical(mut segments: Vec<Segment>) -> Vec<Segment> {
    let is_word = |segment: &Segment| matches!(segment, Segment::Word(_));
    let first_word = segments.iter().position(is_word).unwrap_or(segments.len());
    let mut words = segments.split_off(first_word);
    for part in [&mut segments, &mut words] {
        while part.pop_if(|segment| segment.is_zero()).is_some() {}
    }
    segments.append(&mut words);
    segments
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use proptest::prelude::*;

    use super::*;

    fn bytes(text: &str) -> Vec<u8> {
        key(text).expect(text).into_bytes()
    }

    /// As `Gem::Version#<=>` walks over two versions.
    fn compare(a: &str, b: &str) -> Ordering {
        let zero = Segment::Number(Number::ZERO);
        let (a, b) = (
            canonical(segments(a).expect("a version")),
            canonical(segments(b).expect("a version")),
        );
        for at in 0..a.len().max(b.len()) {
            let order = match (a.get(at).unwrap_or(&zero), b.get(at).unwrap_or(&zero)) {
                (Segment::Word(_), Segment::Number(_)) => Ordering::Less,
                (Segment::Number(_), Segment::Word(_)) => Ordering::Greater,
                (Segment::Word(x), Segment::Word(y)) => x.cmp(y),
                (Segment::Number(x), Segment::Number(y)) => x.cmp(y),
            };
            if order.is_ne() {
                return order;
            }
        }
        Ordering::Equal
    }

    proptest! {
        #[test]
        fn keys_order_as_rubygems_compares(
            a in "[0-2](\\.(0|1|10|a|b1|0a)){0,4}(-[01a])?", b in "[0-2](\\.(0|1|10|a|b1|0a)){0,4}(-[01a])?",
        ) {
            let (first, second) = (bytes(&a), bytes(&b));
            prop_assert_eq!(first.cmp(&second), compare(&a, &b), "{} and {}", a, b);
            prop_assert!(first == second || !first.starts_with(&second));
        }

        #[test]
        fn any_text_is_answered(text in "\\PC*|[0-9a-z.-]*") {
            let _answered = key(&text);
        }
    }

    #[test]
    fn a_platform_is_no_part_of_the_version() {
        for text in [
            "1.15.4-x86_64-linux",
            "1.15.4-java",
            "1.15.4-x64-mingw32",
            "1.15.4-arm64-darwin",
        ] {
            assert_eq!(bytes(text), bytes("1.15.4"), "{text}");
        }
        assert!(
            bytes("1.15.4-armada") < bytes("1.15.4"),
            "a word of its own is a pre-release"
        );
    }
}

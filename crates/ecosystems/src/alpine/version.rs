//! The order of apk: numbers, a letter, suffixes, a commit, a revision.
//!
//! Where two versions go on differently, the kind of what follows decides: a suffix of something unfinished
//! (`_rc1`) comes before the end, everything else after it, further numbers last.

use crate::MAX_VERSION_LENGTH;
use crate::encode::KeyBytes;
use crate::number::Number;

const UNFINISHED: u8 = 0x01;
const END: u8 = 0x02;
const REVISION: u8 = 0x03;
const COMMIT: u8 = 0x04;
const SUFFIX_NUMBER: u8 = 0x05;
const PATCHED: u8 = 0x06;
const LETTER: u8 = 0x07;
/// A further number with a leading zero, which is compared as a text; below every other number.
const ZERO_LED: u8 = 0x08;

/// Suffixes in their order; those of the first group come before the version itself.
const SUFFIXES: [(&str, u8); 9] = [
    ("alpha", UNFINISHED),
    ("beta", UNFINISHED),
    ("pre", UNFINISHED),
    ("rc", UNFINISHED),
    ("cvs", PATCHED),
    ("svn", PATCHED),
    ("git", PATCHED),
    ("hg", PATCHED),
    ("p", PATCHED),
];

/// The key's bytes; `None` when the text is no version.
pub(super) fn key(text: &str) -> Option<KeyBytes> {
    if text.len() > MAX_VERSION_LENGTH {
        return None;
    }
    let mut key = KeyBytes::default();
    let (first, rest) = digits(text.trim())?;
    key.number(&Number::parse(first)?);
    let rest = further_numbers(&mut key, rest)?;
    let rest = letter(&mut key, rest)?;
    let rest = suffixes(&mut key, rest)?;
    let rest = commit(&mut key, rest)?;
    let rest = revision(&mut key, rest)?;
    key.tag(END);
    rest.is_empty().then_some(key)
}

/// The digits that the text begins with, at least one, and the rest.
fn digits(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

fn further_numbers<'t>(key: &mut KeyBytes, mut text: &'t str) -> Option<&'t str> {
    while let Some(after) = text.strip_prefix('.') {
        let (number, rest) = digits(after)?;
        if number.starts_with('0') {
            key.text(ZERO_LED, number);
        } else {
            key.number(&Number::parse(number)?);
        }
        text = rest;
    }
    Some(text)
}

/// One letter; a number may follow `p` only, as `OpenSMTPD` and sudo write their patch levels.
fn letter<'t>(key: &mut KeyBytes, text: &'t str) -> Option<&'t str> {
    let Some(byte) = text.bytes().next().filter(u8::is_ascii_lowercase) else {
        return Some(text);
    };
    key.tag(LETTER);
    key.byte(byte);
    let rest = text.get(1..).unwrap_or_default();
    match digits(rest) {
        Some((level, rest)) if byte == b'p' => {
            key.number(&Number::parse(level)?);
            Some(rest)
        }
        _ => Some(rest),
    }
}

fn suffixes<'t>(key: &mut KeyBytes, mut text: &'t str) -> Option<&'t str> {
    while let Some(after) = text.strip_prefix('_') {
        let end = after
            .find(|c: char| !c.is_ascii_lowercase())
            .unwrap_or(after.len());
        let (name, rest) = after.split_at(end);
        let rank = SUFFIXES.iter().position(|(suffix, _)| *suffix == name)?;
        let (_, group) = SUFFIXES.get(rank)?;
        key.tag(*group);
        key.byte(u8::try_from(rank).ok()?);
        text = match digits(rest) {
            Some((number, rest)) => {
                key.tag(SUFFIX_NUMBER);
                key.number(&Number::parse(number)?);
                rest
            }
            None => rest,
        };
    }
    Some(text)
}

fn commit<'t>(key: &mut KeyBytes, text: &'t str) -> Option<&'t str> {
    let Some(after) = text.strip_prefix('~') else {
        return Some(text);
    };
    let hexadecimal = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    let end = after.find(|c: char| !hexadecimal(c)).unwrap_or(after.len());
    let (hash, rest) = after.split_at(end);
    key.text(COMMIT, hash);
    (!hash.is_empty()).then_some(rest)
}

fn revision<'t>(key: &mut KeyBytes, text: &'t str) -> Option<&'t str> {
    let Some(after) = text.strip_prefix("-r") else {
        return Some(text);
    };
    let (number, rest) = digits(after)?;
    key.tag(REVISION);
    key.number(&Number::parse(number)?);
    Some(rest)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bytes(text: &str) -> Option<Vec<u8>> {
        key(text).map(KeyBytes::into_bytes)
    }

    #[test]
    fn what_follows_decides() {
        let ascending = [
            "1.0_alpha",
            "1.0_alpha1",
            "1.0_rc1",
            "1.0",
            "1.0-r0",
            "1.0-r1",
            "1.0~ab",
            "1.0_git1",
            "1.0_p1",
            "1.0_p2",
            "1.0a",
            "1.0.0",
            "1.0.01",
            "1.0.1",
            "1.0.10",
            "1.1",
            "10",
        ];
        let keys: Vec<_> = ascending.iter().map(|text| bytes(text).expect(text)).collect();
        assert!(keys.is_sorted_by(|a, b| a < b), "{keys:02x?}");
    }

    proptest! {
        #[test]
        fn no_key_begins_another(
            a in "[0-2](\\.(0|1|01|10)){0,2}[ab]?(_(alpha|rc|p|git)[0-2]?){0,2}(~ab)?(-r[0-2])?",
            b in "[0-2](\\.(0|1|01|10)){0,2}[ab]?(_(alpha|rc|p|git)[0-2]?){0,2}(~ab)?(-r[0-2])?",
        ) {
            let (first, second) = (bytes(&a).expect("a version"), bytes(&b).expect("a version"));
            prop_assert!(first == second || !first.starts_with(&second));
            prop_assert!((first == second) == (a == b), "{} and {}", a, b);
        }

        #[test]
        fn any_text_is_answered(text in "\\PC*|[0-9a-z._~r-]*") {
            let _answered = key(&text);
        }
    }
}

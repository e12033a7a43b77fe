//! The order of rpm: epoch, version, release, each of the latter as `rpmvercmp` orders it.
//!
//! A text is read as numbers and words; what stands between them only separates. A number is greater than
//! a word, a word greater than the end; `~` sorts before the end and `^` after it, but before all else.

use crate::MAX_VERSION_LENGTH;
use crate::encode::KeyBytes;
use crate::number::Number;

const NO_RELEASE: u8 = 0x00;
const TILDE: u8 = 0x01;
const END: u8 = 0x02;
const CARET: u8 = 0x03;
const WORD: u8 = 0x04;

/// A version taken apart.
pub(super) struct Evr<'t> {
    pub epoch: Number,
    pub version: &'t str,
    pub release: Option<&'t str>,
}

impl<'t> Evr<'t> {
    /// `EPOCH:VERSION-RELEASE`; a colon after anything but digits is part of the version.
    pub(super) fn parse(text: &'t str) -> Option<Self> {
        let text = text.trim();
        if text.len() > MAX_VERSION_LENGTH || !is_plausible(text) {
            return None;
        }
        let epoch = text.split_once(':');
        let epoch = epoch.and_then(|(epoch, rest)| Some((Number::parse(epoch)?, rest)));
        let (epoch, rest) = epoch.unwrap_or((Number::ZERO, text));
        let (version, release) = match rest.rsplit_once('-') {
            Some((version, release)) => (version, Some(release)),
            None => (rest, None),
        };
        (!version.is_empty()).then_some(Self {
            epoch,
            version,
            release,
        })
    }

    pub(super) fn key(&self, with_epoch: bool) -> KeyBytes {
        let mut key = KeyBytes::default();
        let epoch = if with_epoch { &self.epoch } else { &Number::ZERO };
        key.number(epoch);
        part(&mut key, self.version);
        match self.release {
            Some(release) => part(&mut key, release),
            None => key.tag(NO_RELEASE),
        }
        key
    }
}

/// rpm itself orders any text. One without digits, with blanks or with what begins a range is a word that
/// somebody wrote in place of a version.
fn is_plausible(text: &str) -> bool {
    let begins_range = text.starts_with(['^', '~', '<', '>', '=', '*', '!']);
    let strange = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '/' | '|' | '*' | '<' | '>');
    !begins_range && text.contains(|c: char| c.is_ascii_digit()) && !text.contains(strange)
}

fn part(key: &mut KeyBytes, mut text: &str) {
    let counts = |c: char| c.is_ascii_alphanumeric() || matches!(c, '~' | '^');
    while let Some(start) = text.find(counts) {
        text = token(key, text.get(start..).unwrap_or_default());
    }
    key.tag(END);
}

/// Writes the token that the text begins with; answers with what follows it.
fn token<'t>(key: &mut KeyBytes, text: &'t str) -> &'t str {
    let first = text.as_bytes().first().copied().unwrap_or_default();
    let end_of = |kind: fn(&char) -> bool| text.find(|c| !kind(&c)).unwrap_or(text.len());
    let end = match first {
        b'~' | b'^' => 1,
        first if first.is_ascii_digit() => end_of(char::is_ascii_digit),
        _ => end_of(char::is_ascii_alphabetic),
    };
    let (token, rest) = text.split_at(end);
    match first {
        b'~' => key.tag(TILDE),
        b'^' => key.tag(CARET),
        _ => match Number::parse(token) {
            Some(number) => key.number(&number),
            None => key.text(WORD, token),
        },
    }
    rest
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use proptest::prelude::*;

    use super::*;

    fn bytes(text: &str) -> Option<Vec<u8>> {
        Evr::parse(text).map(|evr| evr.key(true).into_bytes())
    }

    fn segment(text: &str) -> (&str, &str) {
        let digits = text.starts_with(|c: char| c.is_ascii_digit());
        let end = text.find(|c: char| {
            if digits {
                !c.is_ascii_digit()
            } else {
                !c.is_ascii_alphabetic()
            }
        });
        text.split_at(end.unwrap_or(text.len()))
    }

    /// As `rpmvercmp` walks over two texts.
    fn compare_parts(mut a: &str, mut b: &str) -> Ordering {
        let counts = |c: char| c.is_ascii_alphanumeric() || matches!(c, '~' | '^');
        loop {
            a = a.trim_start_matches(|c| !counts(c));
            b = b.trim_start_matches(|c| !counts(c));
            match (a.strip_prefix('~'), b.strip_prefix('~')) {
                (Some(x), Some(y)) => {
                    (a, b) = (x, y);
                    continue;
                }
                (Some(_), None) => return Ordering::Less,
                (None, Some(_)) => return Ordering::Greater,
                (None, None) => {}
            }
            match (a.strip_prefix('^'), b.strip_prefix('^')) {
                (Some(x), Some(y)) => {
                    (a, b) = (x, y);
                    continue;
                }
                (Some(_), None) if b.is_empty() => return Ordering::Greater,
                (None, Some(_)) if a.is_empty() => return Ordering::Less,
                (Some(_), None) => return Ordering::Less,
                (None, Some(_)) => return Ordering::Greater,
                (None, None) => {}
            }
            if a.is_empty() || b.is_empty() {
                return a.len().min(1).cmp(&b.len().min(1));
            }
            let ((x, after_a), (y, after_b)) = (segment(a), segment(b));
            let order = match (Number::parse(x), Number::parse(y)) {
                (Some(x), Some(y)) => x.cmp(&y),
                (Some(_), None) => Ordering::Greater,
                (None, Some(_)) => Ordering::Less,
                (None, None) => x.cmp(y),
            };
            if order.is_ne() {
                return order;
            }
            (a, b) = (after_a, after_b);
        }
    }

    proptest! {
        #[test]
        fn keys_order_as_rpmvercmp(
            a in "[0-1]([.+~^_ab]{0,2}[0-2]{0,2}){0,3}", b in "[0-1]([.+~^_ab]{0,2}[0-2]{0,2}){0,3}",
            tail in "(-[0-1a.]{1,3})?",
        ) {
            let (first, second) = (bytes(&a).expect("a version"), bytes(&b).expect("a version"));
            prop_assert_eq!(first.cmp(&second), compare_parts(&a, &b));
            prop_assert!(first == second || !first.starts_with(&second));
            let released = |version: &str| bytes(&format!("{version}{tail}"));
            if first != second {
                prop_assert_eq!(released(&a).cmp(&released(&b)), first.cmp(&second));
            }
        }

        #[test]
        fn any_text_is_answered(text in "\\PC*|[0-9a-z.:~^+-]*") {
            let _answered = bytes(&text);
        }
    }

    #[test]
    fn the_epoch_counts_first() {
        assert!(bytes("1:1.0-1") > bytes("2.0-1"));
        assert_eq!(bytes("0:1.0-1"), bytes("1.0-1"));
        assert!(bytes("1.0") < bytes("1.0-1"));
    }
}

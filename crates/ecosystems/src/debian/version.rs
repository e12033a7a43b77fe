//! The order of dpkg: epoch, upstream version, revision.
//!
//! A part is read as pairs of a run of other characters and a number, either of which may be empty. Where
//! one part is at its end and the other is not, dpkg goes on comparing with an empty run and zero, so a
//! tilde sorts before the end and everything else after it; the bytes below say just that.

use crate::MAX_VERSION_LENGTH;
use crate::encode::KeyBytes;
use crate::number::Number;

/// A tilde, which sorts before the end of a part.
const TILDE: u8 = 0x01;
/// The end of a run, and of a part.
const END: u8 = 0x02;
/// Added to a character that is no letter: letters come first.
const OTHERS: u8 = 0x80;

/// The key's bytes; `None` when the text is no version.
pub(super) fn key(text: &str) -> Option<KeyBytes> {
    if text.len() > MAX_VERSION_LENGTH {
        return None;
    }
    let (epoch, upstream, revision) = split(text.trim())?;
    let mut key = KeyBytes::default();
    key.number(&epoch);
    part(&mut key, upstream);
    part(&mut key, revision);
    Some(key)
}

/// The text as one part without epoch and revision, as opam orders its versions.
pub(crate) fn plain_key(text: &str) -> Option<KeyBytes> {
    let text = text.trim();
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b".-+~_".contains(&byte);
    let valid = text.len() <= MAX_VERSION_LENGTH && text.bytes().all(known);
    let has_digit = text.bytes().any(|byte| byte.is_ascii_digit());
    (valid && has_digit).then(|| {
        let mut key = KeyBytes::default();
        part(&mut key, text);
        key
    })
}

/// Splits a version as Debian Policy 5.6.12 lays it down. An absent revision is `0`.
pub(super) fn split(text: &str) -> Option<(Number, &str, &str)> {
    let (epoch, rest) = match text.split_once(':') {
        Some((epoch, rest)) => (Number::parse(epoch)?, rest),
        None => (Number::ZERO, text),
    };
    let (upstream, revision) = match rest.rsplit_once('-') {
        Some((_, "")) => return None,
        Some(parts) => parts,
        None => (rest, ""),
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".+~".contains(&byte);
    let valid_upstream = |byte: u8| plain(byte) || b"-:".contains(&byte);
    let valid = upstream.starts_with(|first: char| first.is_ascii_digit())
        && upstream.bytes().all(valid_upstream)
        && revision.bytes().all(plain);
    valid.then_some((epoch, upstream, revision))
}

fn part(key: &mut KeyBytes, mut text: &str) {
    loop {
        text = run(key, text);
        text = number(key, text);
        if text.is_empty() {
            return key.byte(END);
        }
    }
}

/// Writes the characters before the next digit; answers with what follows them.
fn run<'t>(key: &mut KeyBytes, text: &'t str) -> &'t str {
    let end = text.find(|c: char| c.is_ascii_digit()).unwrap_or(text.len());
    let (run, rest) = text.split_at(end);
    for byte in run.bytes() {
        key.byte(match byte {
            b'~' => TILDE,
            byte if byte.is_ascii_alphabetic() => byte,
            byte => byte | OTHERS,
        });
    }
    key.byte(END);
    rest
}

/// Writes the digits that the text begins with, none being zero.
fn number<'t>(key: &mut KeyBytes, text: &'t str) -> &'t str {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    key.number(&Number::parse(digits).unwrap_or(Number::ZERO));
    rest
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use proptest::prelude::*;

    use super::*;

    fn bytes(text: &str) -> Option<Vec<u8>> {
        key(text).map(KeyBytes::into_bytes)
    }

    /// As dpkg compares two parts, character by character.
    fn compare_parts(mut a: &[u8], mut b: &[u8]) -> Ordering {
        let weight = |text: &[u8]| match text.first() {
            None => 0_i32,
            Some(byte) if byte.is_ascii_digit() => 0,
            Some(b'~') => -1,
            Some(byte) if byte.is_ascii_alphabetic() => i32::from(*byte),
            Some(byte) => i32::from(*byte) + 256,
        };
        let leading = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
        while !a.is_empty() || !b.is_empty() {
            let other = |text: &[u8]| text.first().is_some_and(|byte| !byte.is_ascii_digit());
            while other(a) || other(b) {
                match weight(a).cmp(&weight(b)) {
                    Ordering::Equal => (a, b) = (&a[1..], &b[1..]),
                    order => return order,
                }
            }
            let (first, second) = (a.split_at(leading(a)), b.split_at(leading(b)));
            let number = |digits: &[u8]| {
                let text = String::from_utf8_lossy(digits).into_owned();
                Number::parse(&text).unwrap_or(Number::ZERO)
            };
            match number(first.0).cmp(&number(second.0)) {
                Ordering::Equal => (a, b) = (first.1, second.1),
                order => return order,
            }
        }
        Ordering::Equal
    }

    fn compare(a: &str, b: &str) -> Ordering {
        let (a, b) = (split(a).expect("a version"), split(b).expect("a version"));
        a.0.cmp(&b.0)
            .then_with(|| compare_parts(a.1.as_bytes(), b.1.as_bytes()))
            .then_with(|| compare_parts(a.2.as_bytes(), b.2.as_bytes()))
    }

    fn versions() -> impl Strategy<Value = String> {
        "(0:|1:)?[0-2]([.+~ab]{0,2}[0-9]{0,2}){0,3}(-[0-1~+a.]{1,4})?|[0-9]{1,25}"
    }

    proptest! {
        #[test]
        fn keys_order_as_dpkg_compares(a in versions(), b in versions()) {
            let (first, second) = (bytes(&a).expect("a version"), bytes(&b).expect("a version"));
            prop_assert_eq!(first.cmp(&second), compare(&a, &b));
            prop_assert!(first == second || !first.starts_with(&second));
        }

        #[test]
        fn any_text_is_answered(text in "\\PC*|[0-9a-z.:~+-]*") {
            let _answered = (key(&text), plain_key(&text));
        }
    }

    #[test]
    fn a_common_version_is_short() {
        let length = bytes("2.38.1-5+deb12u3").map(|bytes| bytes.len());
        assert!(length.is_some_and(|length| length <= 28), "{length:?}");
    }
}

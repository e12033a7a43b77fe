//! Maven's order of versions (POM reference, "Version Order Specification").
//!
//! A version is a sequence of numbers and words. Dots, hyphens and changes between digits and letters
//! separate; the latter two begin a part. Zeros and words that mean the release itself carry no meaning at
//! the end of a part. The order at one place is: words of something unfinished, the end, other words by the
//! alphabet, numbers after a hyphen, numbers after a dot; a word after a dot before one after a hyphen.
//!
//! Maven's own comparison runs in circles at one point: `1.0.0-1` is below `1.0.0.RC1`, which is below
//! `1.0.0`, which is below `1.0.0-1`. Here what is unfinished is always below the release.

use crate::MAX_VERSION_LENGTH;
use crate::encode::KeyBytes;
use crate::number::Number;

const DOTTED_UNFINISHED: u8 = 0x01;
const HYPHENED_UNFINISHED: u8 = 0x02;
/// A zero after which the version falls below the end.
const ZERO_BELOW: u8 = 0x03;
const END: u8 = 0x04;
/// A word that means the release, where a number after a dot keeps it from being dropped.
const RELEASE: u8 = 0x05;
const DOTTED_SERVICE_PACK: u8 = 0x06;
const DOTTED_WORD: u8 = 0x07;
const HYPHENED_SERVICE_PACK: u8 = 0x08;
const HYPHENED_WORD: u8 = 0x09;
const HYPHENED_NUMBER: u8 = 0x0A;

/// Words before the release, in their order from one.
const UNFINISHED: [&str; 5] = ["alpha", "beta", "milestone", "rc", "snapshot"];

#[derive(Clone, Debug, PartialEq, Eq)]
struct Token {
    /// Whether a new part begins here.
    hyphened: bool,
    value: Value,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Value {
    Number(Number),
    /// Lower case; empty when it means the release.
    Word(String),
}

impl Token {
    fn is_null(&self) -> bool {
        match &self.value {
            Value::Number(value) => *value == Number::ZERO,
            Value::Word(word) => word.is_empty(),
        }
    }

    /// The rank of a word of something unfinished.
    fn unfinished(&self) -> Option<u8> {
        match &self.value {
            Value::Number(_) => None,
            Value::Word(word) => {
                let rank = UNFINISHED.iter().position(|known| known == word)?;
                u8::try_from(rank).ok()
            }
        }
    }

    /// `rest` follows the token.
    fn write(&self, rest: &[Self], key: &mut KeyBytes) {
        let tag = |dotted, hyphened| if self.hyphened { hyphened } else { dotted };
        match &self.value {
            Value::Number(Number::ZERO) if !self.hyphened && falls(rest) => key.tag(ZERO_BELOW),
            Value::Number(number) => {
                if self.hyphened {
                    key.tag(HYPHENED_NUMBER);
                }
                key.number(number);
            }
            Value::Word(word) => match (word.as_str(), self.unfinished()) {
                (_, Some(rank)) => {
                    key.tag(tag(DOTTED_UNFINISHED, HYPHENED_UNFINISHED));
                    key.byte(rank);
                }
                ("", None) => key.tag(RELEASE),
                ("sp", None) => key.tag(tag(DOTTED_SERVICE_PACK, HYPHENED_SERVICE_PACK)),
                (word, None) => key.text(tag(DOTTED_WORD, HYPHENED_WORD), word),
            },
        }
    }
}

/// Whether the next token that means something is unfinished.
fn falls(rest: &[Token]) -> bool {
    let next = rest.iter().find(|token| !token.is_null());
    next.is_some_and(|token| token.unfinished().is_some())
}

/// The key's bytes; `None` when the text is no version.
pub(super) fn key(text: &str) -> Option<KeyBytes> {
    let tokens = tokens(text)?;
    let mut key = KeyBytes::default();
    for (at, token) in tokens.iter().enumerate() {
        token.write(tokens.get(at + 1..).unwrap_or_default(), &mut key);
    }
    key.tag(END);
    Some(key)
}

/// Whether a word of something unfinished stands in the version.
pub(super) fn is_unfinished(text: &str) -> bool {
    tokens(text).is_some_and(|tokens| tokens.iter().any(|token| token.unfinished().is_some()))
}

/// The first three numbers, zero where absent.
pub(super) fn numbers(text: &str) -> Option<[Number; 3]> {
    let mut numbers = [Number::ZERO, Number::ZERO, Number::ZERO];
    let tokens = tokens(text)?;
    let leading = tokens.into_iter().map_while(|token| match token.value {
        Value::Number(number) if !token.hyphened => Some(number),
        _ => None,
    });
    for (slot, value) in numbers.iter_mut().zip(leading) {
        *slot = value;
    }
    Some(numbers)
}

/// Maven itself orders any text; one without digits, or with characters that no repository takes in a
/// version, is none to us.
fn is_plausible(text: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b"._-+~:@$".contains(&byte);
    let has_digit = text.bytes().any(|byte| byte.is_ascii_digit());
    text.len() <= MAX_VERSION_LENGTH
        && has_digit
        && text.bytes().all(known)
        && text.starts_with(|first: char| first.is_ascii_alphanumeric())
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    let text = text.trim();
    if !is_plausible(text) {
        return None;
    }
    let mut tokens = Vec::new();
    let mut hyphened = false;
    for part in text.split_inclusive(['.', '-']) {
        let words = part.trim_end_matches(['.', '-']);
        split_words(words, hyphened, &mut tokens);
        hyphened = part.ends_with('-');
    }
    if text.ends_with(['.', '-']) {
        split_words("", hyphened, &mut tokens);
    }
    Some(trim(tokens))
}

/// Splits what stands between two separators where digits and other characters meet.
fn split_words(text: &str, hyphened: bool, tokens: &mut Vec<Token>) {
    let is_digit = |c: char| c.is_ascii_digit();
    let mut rest = text;
    let mut hyphened = hyphened;
    if rest.is_empty() {
        let value = Value::Number(Number::ZERO);
        tokens.push(Token { hyphened, value });
    }
    while let Some(first) = rest.chars().next() {
        let digits = is_digit(first);
        let end = rest.find(|c| is_digit(c) != digits).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        let value = match Number::parse(run) {
            Some(number) => Value::Number(number),
            None => Value::Word(meaning(run, !after.is_empty())),
        };
        tokens.push(Token { hyphened, value });
        rest = after;
        // A change between digits and letters is a hyphen.
        hyphened = true;
    }
}

/// Words have short forms before a number, and several say that this is the release.
fn meaning(word: &str, before_number: bool) -> String {
    let word = word.to_ascii_lowercase();
    match word.as_str() {
        "a" if before_number => "alpha".to_owned(),
        "b" if before_number => "beta".to_owned(),
        "m" if before_number => "milestone".to_owned(),
        "cr" => "rc".to_owned(),
        "ga" | "final" | "release" => String::new(),
        _ => word,
    }
}

/// Drops what carries no meaning at the end of each part.
fn trim(tokens: Vec<Token>) -> Vec<Token> {
    let mut kept: Vec<Token> = Vec::with_capacity(tokens.len());
    for token in tokens {
        if token.hyphened {
            drop_nulls(&mut kept);
        }
        kept.push(token);
    }
    drop_nulls(&mut kept);
    kept
}

fn drop_nulls(tokens: &mut Vec<Token>) {
    while tokens.pop_if(|token| token.is_null()).is_some() {}
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bytes(text: &str) -> Vec<u8> {
        key(text).expect(text).into_bytes()
    }

    #[test]
    fn what_is_unfinished_is_below_the_release() {
        let ascending = [
            "1.0.0.Alpha1",
            "1.0.0.Beta2",
            "1.0.0.M1",
            "1.0.0.RC1",
            "1.0.0",
            "1.0.0-1",
            "1.0.0.BUILD-SNAPSHOT",
            "1.0.1-SNAPSHOT",
            "1.0.1",
            "1.0.1.sec1",
            "1.0.1-1",
            "1.0.2",
        ];
        let sorted: Vec<_> = ascending.iter().map(|text| bytes(text)).collect();
        assert!(sorted.is_sorted_by(|a, b| a < b), "{sorted:02x?}");
        assert_eq!(bytes("4.1.0.Final"), bytes("4.1"));
        assert!(key("r03").is_some() && key("latest").is_none() && key("1.0 beta").is_none());
    }

    #[test]
    fn numbers_are_those_before_anything_else() {
        let three = |a: u64, b: u64, c: u64| Some([a.into(), b.into(), c.into()]);
        assert_eq!(numbers("1.2.3-4"), three(1, 2, 3));
        assert_eq!(numbers("2.0-rc1"), three(2, 0, 0));
        assert!(is_unfinished("1.0-rc1") && !is_unfinished("1.0.Final"));
    }

    proptest! {
        #[test]
        fn no_key_begins_another(
            a in "[0-2]([.-]?(0|1|2|a|rc|final|sp|x|alpha)){0,4}", b in "[0-2]([.-]?(0|1|2|a|rc|final|sp|x|alpha)){0,4}",
        ) {
            let (first, second) = (bytes(&a), bytes(&b));
            prop_assert!(first == second || !first.starts_with(&second));
        }

        #[test]
        fn any_text_is_answered(text in "\\PC*|[0-9a-z.-]*") {
            let _answered = (key(&text), numbers(&text), is_unfinished(&text));
        }
    }
}

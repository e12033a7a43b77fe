//! Maven's order of versions (POM reference, "Version Order Specification").
//!
//! A version is a sequence of numbers and words. Dots, hyphens and changes between digits and letters
//! separate; a word always begins a part of its own, as after a hyphen. Zeros and words that mean the
//! release itself carry no meaning at the end of a part. The order at one place is: words of something
//! unfinished, the end, `sp`, other words by the alphabet, numbers after a hyphen, numbers after a dot.

use crate::MAX_VERSION_LENGTH;
use crate::encode::KeyBytes;
use crate::number::Number;

const END: u8 = 0x06;
/// A word that means the release, where a number after a dot keeps it from being dropped.
const RELEASE: u8 = 0x07;
const SERVICE_PACK: u8 = 0x08;
const WORD: u8 = 0x09;
const HYPHENED: u8 = 0x0A;

/// Words before the release, in their order from one.
const UNFINISHED: [&str; 5] = ["alpha", "beta", "milestone", "rc", "snapshot"];

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Number {
        value: Number,
        hyphened: bool,
    },
    /// Lower case; empty when it means the release.
    Word(String),
}

impl Token {
    fn is_null(&self) -> bool {
        match self {
            Self::Number { value, .. } => *value == Number::ZERO,
            Self::Word(word) => word.is_empty(),
        }
    }

    /// Whether a new part begins here.
    fn begins_part(&self) -> bool {
        match self {
            Self::Number { hyphened, .. } => *hyphened,
            Self::Word(_) => true,
        }
    }

    fn write(&self, key: &mut KeyBytes) {
        match self {
            Self::Number { value, hyphened } => {
                if *hyphened {
                    key.tag(HYPHENED);
                }
                key.number(value);
            }
            Self::Word(word) if word.is_empty() => key.tag(RELEASE),
            Self::Word(word) if word == "sp" => key.tag(SERVICE_PACK),
            Self::Word(word) => match UNFINISHED.iter().position(|known| known == word) {
                Some(rank) => key.tag(u8::try_from(rank + 1).unwrap_or(END)),
                None => key.text(WORD, word),
            },
        }
    }
}

/// The key's bytes; `None` when the text is no version.
pub(super) fn key(text: &str) -> Option<KeyBytes> {
    let tokens = tokens(text)?;
    let mut key = KeyBytes::default();
    tokens.iter().for_each(|token| token.write(&mut key));
    key.tag(END);
    Some(key)
}

/// Whether a word of something unfinished stands in the version.
pub(super) fn is_unfinished(text: &str) -> bool {
    let unfinished =
        |token: &Token| matches!(token, Token::Word(word) if UNFINISHED.contains(&word.as_str()));
    tokens(text).is_some_and(|tokens| tokens.iter().any(unfinished))
}

/// The first three numbers, zero where absent.
pub(super) fn numbers(text: &str) -> Option<[Number; 3]> {
    let mut numbers = [Number::ZERO, Number::ZERO, Number::ZERO];
    let tokens = tokens(text)?;
    let leading = tokens.into_iter().map_while(|token| match token {
        Token::Number {
            value,
            hyphened: false,
        } => Some(value),
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
        tokens.push(Token::Number {
            value: Number::ZERO,
            hyphened,
        });
    }
    while let Some(first) = rest.chars().next() {
        let digits = is_digit(first);
        let end = rest.find(|c| is_digit(c) != digits).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        tokens.push(match Number::parse(run) {
            Some(value) => Token::Number { value, hyphened },
            None => Token::Word(meaning(run, !after.is_empty())),
        });
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
        if token.begins_part() {
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
    fn words_after_a_dot_are_words_after_a_hyphen() {
        assert_eq!(bytes("1.0.0.RC1"), bytes("1-rc-1"));
        assert_eq!(bytes("4.1.0.Final"), bytes("4.1"));
        let ascending = [
            "1.0.0.Alpha1",
            "1.0.0.Beta2",
            "1.0.0.M1",
            "1.0.0.RC1",
            "1.0.0.BUILD-SNAPSHOT",
            "1.0.1-SNAPSHOT",
            "1.0.1",
            "1.0.1-1",
            "1.0.2",
            "r03",
        ];
        // Other words come after the release: `BUILD` does.
        assert!(bytes("1.0.0.BUILD-SNAPSHOT") > bytes("1.0.0"));
        let sorted: Vec<_> = ascending[..9].iter().map(|text| bytes(text)).collect();
        assert!(sorted.is_sorted_by(|a, b| a < b), "{sorted:02x?}");
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

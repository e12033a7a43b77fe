//! Reading the spellings of a version that PEP 440 permits.

use super::version::{LocalPart, Phase, Version};
use crate::number::Number;

/// The spellings of each pre-release phase; a longer one stands before its own beginning.
const PHASES: [(&str, Phase); 8] = [
    ("alpha", Phase::Alpha),
    ("a", Phase::Alpha),
    ("beta", Phase::Beta),
    ("b", Phase::Beta),
    ("preview", Phase::Candidate),
    ("pre", Phase::Candidate),
    ("c", Phase::Candidate),
    ("rc", Phase::Candidate),
];
/// The spellings of a post-release; a longer one stands before its own beginning.
const POSTS: [(&str, ()); 3] = [("post", ()), ("rev", ()), ("r", ())];
const DEVS: [(&str, ()); 1] = [("dev", ())];
const SEPARATORS: [char; 3] = ['.', '-', '_'];

/// Reads a version without blanks around it.
pub fn version(text: &str) -> Option<Version> {
    let text = text.to_ascii_lowercase();
    let (text, local) = match text.split_once('+') {
        Some((public, local)) => (public, parse_local(local)?),
        None => (text.as_str(), Vec::new()),
    };
    let mut rest = Rest(text.strip_prefix('v').unwrap_or(text));
    let (epoch, release) = rest.epoch_and_release()?;
    let pre = rest.labelled(&PHASES);
    let post = rest.post();
    let dev = rest.labelled(&DEVS).map(|((), number)| number);
    rest.0.is_empty().then_some(Version {
        epoch,
        release,
        pre,
        post,
        dev,
        local,
    })
}

/// What of the text has not been read.
struct Rest<'a>(&'a str);

impl Rest<'_> {
    fn number(&mut self) -> Option<Number> {
        let end = self
            .0
            .bytes()
            .position(|byte| !byte.is_ascii_digit())
            .unwrap_or(self.0.len());
        let (digits, rest) = self.0.split_at(end);
        let number = Number::parse(digits)?;
        self.0 = rest;
        Some(number)
    }

    fn epoch_and_release(&mut self) -> Option<(Number, Vec<Number>)> {
        let mut epoch = Number::ZERO;
        let mut first = self.number()?;
        if let Some(rest) = self.0.strip_prefix('!') {
            self.0 = rest;
            epoch = std::mem::replace(&mut first, self.number()?);
        }
        let mut release = vec![first];
        while let Some(number) = self.further_number() {
            release.push(number);
        }
        Some((epoch, release))
    }

    /// A dot and a number, or nothing is read.
    fn further_number(&mut self) -> Option<Number> {
        let mut rest = Rest(self.0.strip_prefix('.')?);
        let number = rest.number()?;
        self.0 = rest.0;
        Some(number)
    }

    /// One of the labels with its number, each after an optional separator; an absent number is zero.
    fn labelled<T: Copy>(&mut self, labels: &[(&str, T)]) -> Option<(T, Number)> {
        let rest = self.0.strip_prefix(SEPARATORS).unwrap_or(self.0);
        let (rest, label) = labels
            .iter()
            .find_map(|(text, label)| Some((rest.strip_prefix(text)?, *label)))?;
        self.0 = rest.strip_prefix(SEPARATORS).unwrap_or(rest);
        Some((label, self.number().unwrap_or(Number::ZERO)))
    }

    /// `.post1` and its spellings, or `-1`.
    fn post(&mut self) -> Option<Number> {
        if let Some(rest) = self.0.strip_prefix('-') {
            let mut rest = Rest(rest);
            if let Some(number) = rest.number() {
                self.0 = rest.0;
                return Some(number);
            }
        }
        self.labelled(&POSTS).map(|((), number)| number)
    }
}

fn parse_local(text: &str) -> Option<Vec<LocalPart>> {
    text.split(SEPARATORS).map(parse_local_part).collect()
}

fn parse_local_part(text: &str) -> Option<LocalPart> {
    if let Some(number) = Number::parse(text) {
        return Some(LocalPart::Number(number));
    }
    let is_word = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_word.then(|| LocalPart::Word(text.into()))
}

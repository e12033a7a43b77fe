//! The version ranges of `package.json`, evaluated as npm does.

use std::fmt;

use super::comparator::{Comparator, Operator, admit};
use super::version::Partial;
use super::{desugar, parse_version};
use crate::semver::Version;

/// The longest range, in bytes, that is read.
const MAX_LENGTH: usize = 16 * 1024;

/// Longer signs stand before their beginnings.
const SIGNS: [(&str, Sign); 8] = [
    ("~>", Sign::Tilde),
    ("~", Sign::Tilde),
    ("^", Sign::Caret),
    (">=", Sign::Comparison(Operator::AtLeast)),
    ("<=", Sign::Comparison(Operator::AtMost)),
    (">", Sign::Comparison(Operator::Greater)),
    ("<", Sign::Comparison(Operator::Less)),
    ("=", Sign::Comparison(Operator::Equal)),
];

#[derive(Clone, Copy)]
enum Sign {
    Tilde,
    Caret,
    Comparison(Operator),
}

/// How texts are read; the names are those of npm's options.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mode {
    /// Tolerate spellings such as `=v1.2.3beta`, and skip what is not understood at all.
    pub loose: bool,
    /// Let pre-releases satisfy a range that names none.
    pub include_prerelease: bool,
}

/// The text is no version range.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an npm version range")]
pub struct InvalidRange {
    pub text: String,
}

/// A range such as `^1.2.3 || >=2.1 <3`.
///
/// Displayed in npm's canonical form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    /// Any of these lists must be satisfied whole; an empty list is satisfied by every version.
    pub(super) alternatives: Vec<Vec<Comparator>>,
    pub(super) mode: Mode,
}

impl Range {
    /// Reads a range.
    ///
    /// # Errors
    /// When npm would refuse it. What names no range at all (a tag, a path, an address) is refused too.
    pub fn parse(text: &str, mode: Mode) -> Result<Self, InvalidRange> {
        read(text, mode)
            .map(|alternatives| Self { alternatives, mode })
            .ok_or_else(|| InvalidRange {
                text: text.to_owned(),
            })
    }

    /// Whether a version satisfies the range; a text that npm does not read as a version does not.
    #[must_use]
    pub fn satisfied_by(&self, version: &str) -> bool {
        parse_version(version, self.mode).is_some_and(|version| self.admits(&version))
    }

    /// Whether a version that has been parsed satisfies the range.
    #[must_use]
    pub fn admits(&self, version: &Version) -> bool {
        let admit = |comparators: &Vec<Comparator>| admit(comparators, version, self.mode);
        self.alternatives.iter().any(admit)
    }

    /// Whether a version can satisfy both ranges.
    #[must_use]
    pub fn intersects(&self, other: &Self) -> bool {
        let (mine, theirs) = (self.satisfiable(), other.satisfiable());
        let meet = |a: &[Comparator], b: &[Comparator]| {
            a.iter().all(|a| b.iter().all(|b| a.intersects(b, self.mode)))
        };
        mine.iter().any(|a| theirs.iter().any(|b| meet(a, b)))
    }

    /// The alternatives that do not contradict themselves.
    fn satisfiable(&self) -> Vec<&[Comparator]> {
        let contradicts = |list: &[Comparator]| {
            let mut rest = list;
            while let Some((first, others)) = rest.split_first() {
                if !others.iter().all(|other| first.intersects(other, self.mode)) {
                    return true;
                }
                rest = others;
            }
            false
        };
        self.alternatives
            .iter()
            .map(Vec::as_slice)
            .filter(|list| !contradicts(list))
            .collect()
    }
}

fn read(text: &str, mode: Mode) -> Option<Vec<Vec<Comparator>>> {
    if text.len() > MAX_LENGTH {
        return None;
    }
    let mut alternatives = Vec::new();
    for text in text.split("||") {
        alternatives.extend(read_alternative(text, mode)?);
    }
    simplify(alternatives)
}

/// Leaves out what cannot be satisfied, and everything else beside `*`; `None` when nothing was read.
fn simplify(mut alternatives: Vec<Vec<Comparator>>) -> Option<Vec<Vec<Comparator>>> {
    let first = alternatives.first()?.clone();
    alternatives.retain(|list| !list.first().is_some_and(Comparator::is_nothing));
    if alternatives.is_empty() {
        return Some(vec![first]);
    }
    if alternatives.iter().any(Vec::is_empty) {
        return Some(vec![Vec::new()]);
    }
    Some(alternatives)
}

/// The comparators of one alternative: inner `None` when loose mode skipped all of it.
fn read_alternative(text: &str, mode: Mode) -> Option<Option<Vec<Comparator>>> {
    let text = without_blanks_after_signs(&without_builds(text));
    let words: Vec<_> = text.split_whitespace().collect();
    if let [from, "-", to] = words.as_slice()
        && let (Some(from), Some(to)) = (comparand(from, mode), comparand(to, mode))
    {
        return Some(Some(read_list([desugar::hyphen(&from, &to, mode)?], mode)));
    }
    if words.is_empty() {
        return Some(Some(Vec::new()));
    }
    let mut lists = Vec::new();
    for word in words {
        let (sign, rest) = split_sign(word);
        match read_comparators(sign, rest, mode) {
            Some(list) => lists.push(list),
            None if mode.loose => {}
            None => return None,
        }
    }
    Some((!lists.is_empty()).then(|| read_list(lists, mode)))
}

/// Joins lists, without repetitions and without comparators that say nothing.
fn read_list(lists: impl IntoIterator<Item = Vec<Comparator>>, mode: Mode) -> Vec<Comparator> {
    let mut joined: Vec<Comparator> = Vec::new();
    for comparator in lists.into_iter().flatten() {
        if comparator.is_nothing() {
            return vec![comparator];
        }
        if !comparator.is_trivial(mode) && !joined.contains(&comparator) {
            joined.push(comparator);
        }
    }
    joined
}

fn split_sign(word: &str) -> (Option<Sign>, &str) {
    let found = SIGNS
        .iter()
        .find_map(|(text, sign)| Some((*sign, word.strip_prefix(text)?)));
    found.map_or((None, word), |(sign, rest)| (Some(sign), rest))
}

fn read_comparators(sign: Option<Sign>, text: &str, mode: Mode) -> Option<Vec<Comparator>> {
    match sign {
        Some(Sign::Caret) => desugar::caret(&operand(text, mode)?, mode),
        Some(Sign::Tilde) => desugar::tilde(&operand(text, mode)?, mode),
        Some(Sign::Comparison(operator)) => desugar::comparison(operator, &comparand(text, mode)?, mode),
        None => desugar::comparison(Operator::Equal, &comparand(text, mode)?, mode),
    }
}

/// Reads a partial version behind any number of `v` and `=`.
fn operand(text: &str, mode: Mode) -> Option<Partial> {
    Partial::parse(text.trim_start_matches(['v', '=']), mode)
}

/// Reads what a plain comparison is with: in strict mode at most one `v` precedes a complete version.
fn comparand(text: &str, mode: Mode) -> Option<Partial> {
    let partial = operand(text, mode)?;
    let is_plain = !text.strip_prefix('v').unwrap_or(text).starts_with(['v', '=']);
    (mode.loose || is_plain || partial.version().is_none()).then_some(partial)
}

/// Joins a sign, which may have been written in pieces, to what it belongs to.
fn without_blanks_after_signs(text: &str) -> String {
    let mut joined = String::with_capacity(text.len());
    for letter in text.chars() {
        if !(letter.is_whitespace() && joined.ends_with(['<', '>', '=', '~', '^'])) {
            joined.push(letter);
        }
    }
    joined
}

/// Removes build metadata wherever it stands; it has no part in ranges.
fn without_builds(text: &str) -> String {
    let mut pieces = text.split('+');
    let mut kept = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let rest = after_build(piece);
        if rest.len() == piece.len() {
            kept.push('+');
        }
        kept.push_str(rest);
    }
    kept
}

/// What follows the dot-separated identifiers at the beginning.
fn after_build(text: &str) -> &str {
    let mut rest = text.trim_start_matches(is_identifier_letter);
    while let Some(next) = rest
        .strip_prefix('.')
        .filter(|next| next.starts_with(is_identifier_letter))
    {
        rest = next.trim_start_matches(is_identifier_letter);
    }
    if text.starts_with('.') { text } else { rest }
}

fn is_identifier_letter(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-'
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, comparators) in self.alternatives.iter().enumerate() {
            f.write_str(if index == 0 { "" } else { "||" })?;
            if comparators.is_empty() {
                f.write_str("*")?;
            }
            for (index, comparator) in comparators.iter().enumerate() {
                write!(f, "{}{comparator}", if index == 0 { "" } else { " " })?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn mode() -> impl Strategy<Value = Mode> {
        (any::<bool>(), any::<bool>()).prop_map(|(loose, include_prerelease)| Mode {
            loose,
            include_prerelease,
        })
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for text in [
            "latest",
            "file:../a",
            "git+ssh://host/a.git",
            "npm:a@1",
            "workspace:*",
            "1.2.3.4",
            ">",
            "~",
        ] {
            assert!(Range::parse(text, Mode::default()).is_err(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in "\\PC*|[~^<>=|x*v.0-3 a+-]*", version in "\\PC*", mode in mode()) {
            if let Ok(range) = Range::parse(&text, mode) {
                let _ = (range.satisfied_by(&version), range.intersects(&range));
            }
        }

        #[test]
        fn the_canonical_form_means_the_same(
            text in "[~^<>]?=?[0-2](\\.[0-2x]){0,2}( \\|\\| [~^]?[0-2](\\.[0-2]){2}(-a)?)?",
            version in "[0-3]\\.[0-3]\\.[0-3](-a)?", mode in mode(),
        ) {
            if let Ok(range) = Range::parse(&text, mode) {
                let canonical = Range::parse(&range.to_string(), mode).expect("canonical");
                prop_assert_eq!(range.satisfied_by(&version), canonical.satisfied_by(&version));
            }
        }
    }
}

//! Texts of licenses: the wording of an id, and the id of a wording.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::OnceLock;

use spdx::identifiers::LICENSES;
use spdx::{LicenseId, flags};

use crate::{Expression, License, catalogue};

/// Words that stand together: fewer say little, more break at every changed word.
const SHINGLE: usize = 3;

/// The least share of common wording at which a text is a license: above what tells the licenses from each other.
const LEAST_SHARE: f64 = 0.92;

/// Two licenses whose shares are nearer than this cannot be told apart by the wording.
const TELLING: f64 = 0.01;

/// Shingles below which a license is too short to be found within other words.
const LEAST_WORDING: usize = 20;

/// Bytes of a text that are looked at; the longest license on the list has fewer.
const LONGEST: usize = 256 << 10;

/// What a text is.
#[derive(Clone, Debug, PartialEq)]
pub struct Detection {
    /// The id on the SPDX list. Where the text is that of several (`GPL-2.0-only` and `GPL-2.0-or-later` have one text), the
    /// one that grants less.
    pub license: &'static str,
    /// The share of common wording, 0 to 1.
    pub share: f64,
}

/// The license whose text this is; `None` when it is none, several, or one that was changed.
///
/// Copyright lines, case, punctuation and line breaks say nothing.
#[must_use]
pub fn detect(text: &str) -> Option<Detection> {
    let end = (0..=LONGEST.min(text.len()))
        .rev()
        .find(|end| text.is_char_boundary(*end))?;
    let shingles = shingles(text.get(..end)?);
    if shingles.is_empty() {
        return None;
    }
    let mut shares: Vec<Detection> = known()
        .iter()
        .filter(|known| is_near(known.shingles.len(), shingles.len()))
        .map(|known| Detection {
            license: known.license,
            share: share(&known.shingles, &shingles),
        })
        .filter(|detection| detection.share >= LEAST_SHARE)
        .collect();
    shares.sort_by(|a, b| b.share.total_cmp(&a.share).then(a.license.cmp(b.license)));
    let mut shares = shares.into_iter();
    let best = shares.next()?;
    match shares.next() {
        Some(second) if best.share < 1.0 && best.share - second.share < TELLING => None,
        _ if holds_another(&shingles, best.license) => None,
        _ => Some(best),
    }
}

/// Whether what is left of a text without the license holds another one: a long text hides a short one well.
fn holds_another(shingles: &[u64], license: &str) -> bool {
    let Some(own) = known().iter().find(|known| known.license == license) else {
        return false;
    };
    let rest: Vec<u64> = shingles
        .iter()
        .filter(|hash| own.shingles.binary_search(hash).is_err())
        .copied()
        .collect();
    known().iter().any(|other| {
        let enough = other.shingles.len().saturating_mul(8) / 10;
        enough >= LEAST_WORDING && rest.len() >= enough && common(&other.shingles, &rest) >= enough
    })
}

/// The wording of a license on the SPDX list.
#[must_use]
pub fn text_of(id: &str) -> Option<&'static str> {
    let license = catalogue::license(id)?;
    Some(license.text()).filter(|text| !text.trim().is_empty())
}

/// The ids of an expression's licenses that are on the list, each once, in order of appearance.
#[must_use]
pub fn listed_ids(expression: &Expression) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    for term in expression.terms() {
        if let License::Listed(id) = &term.license
            && !ids.iter().any(|known| known == id.name)
        {
            ids.push(id.name.to_owned());
        }
    }
    ids
}

struct Known {
    license: &'static str,
    shingles: Vec<u64>,
}

fn known() -> &'static [Known] {
    static KNOWN: OnceLock<Vec<Known>> = OnceLock::new();
    KNOWN.get_or_init(|| {
        let mut seen = HashSet::new();
        let mut candidates: Vec<LicenseId> = LICENSES
            .iter()
            .filter(|license| license.name != "NOASSERTION" && license.flags & flags::IS_DEPRECATED == 0)
            .filter_map(|license| spdx::license_id(license.name))
            .collect();
        // The one that grants less comes first, and its twin is left out.
        candidates.sort_by_key(|id| (id.name.ends_with("-or-later"), id.name));
        let texts = candidates.into_iter().map(|id| Known {
            license: id.name,
            shingles: shingles(id.text()),
        });
        texts
            .filter(|known| !known.shingles.is_empty() && seen.insert(known.shingles.clone()))
            .collect()
    })
}

/// The distinct hashes of every few words that stand together, sorted.
fn shingles(text: &str) -> Vec<u64> {
    let lines = text.lines().filter(|line| !is_copyright(line));
    let words: Vec<String> = lines
        .flat_map(|line| line.split(|c: char| !c.is_alphanumeric()))
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let mut hashes: Vec<u64> = words
        .windows(SHINGLE)
        .map(|words| {
            let mut hasher = DefaultHasher::new();
            words.hash(&mut hasher);
            hasher.finish()
        })
        .collect();
    hashes.sort_unstable();
    hashes.dedup();
    hashes
}

fn is_copyright(line: &str) -> bool {
    let line = line.trim_start_matches(|c: char| !c.is_alphanumeric());
    line.get(..9)
        .is_some_and(|start| start.eq_ignore_ascii_case("copyright"))
}

/// Whether sets of these sizes can share enough at all.
fn is_near(a: usize, b: usize) -> bool {
    let (least, most) = (a.min(b), a.max(b));
    least * 100 >= most * 80
}

/// Sørensen and Dice: twice what is common over what there is.
fn share(a: &[u64], b: &[u64]) -> f64 {
    let number = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    2.0 * number(common(a, b)) / number(a.len() + b.len())
}

/// How many hashes two sorted sets share.
fn common(a: &[u64], b: &[u64]) -> usize {
    let (mut i, mut j, mut common) = (0, 0, 0);
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        match x.cmp(y) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                common += 1;
                i += 1;
                j += 1;
            }
        }
    }
    common
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_on_the_list_is_its_own_license_or_that_of_a_twin() {
        let mut wrong = Vec::new();
        for known in known() {
            let text = text_of(known.license).unwrap_or_default();
            match detect(text) {
                Some(found) if found.license == known.license => {}
                other => wrong.push(format!("{}: {other:?}", known.license)),
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert!(known().len() > 500, "{}", known().len());
    }

    #[test]
    fn wrapping_case_and_owners_say_nothing_and_a_changed_condition_does() {
        let mit = text_of("MIT").unwrap();
        let owned = format!(
            "The MIT License\n\nCopyright (c) 2020 Somebody, and others\n{}",
            mit.to_uppercase().replace('\n', "\n * ")
        );
        assert_eq!(detect(&owned).map(|found| found.license), Some("MIT"));
        assert_eq!(
            detect(&format!("{mit}\n{}", text_of("Apache-2.0").unwrap())),
            None,
            "two licenses"
        );
        assert_eq!(detect("All rights reserved."), None);
        assert_eq!(detect(""), None);
    }

    #[test]
    fn ids_of_an_expression() {
        let expression = Expression::parse(
            "(MIT OR Apache-2.0) AND LicenseRef-x AND GPL-2.0-only WITH Classpath-exception-2.0 AND MIT",
        )
        .unwrap();
        assert_eq!(listed_ids(&expression), ["MIT", "Apache-2.0", "GPL-2.0-only"]);
    }
}

//! The members that `workspaces` patterns name.

/// The folders that the patterns name, of those that are there, in the patterns' order and in that of the folders.
///
/// A pattern after `!` takes away what earlier and later patterns name, unless a later one names it exactly.
pub fn members<'a>(patterns: &[String], folders: &[&'a str]) -> Vec<&'a str> {
    let (wanted, unwanted) = divide(patterns);
    let mut members: Vec<&str> = Vec::new();
    for pattern in &wanted {
        for folder in folders {
            let inside_modules = folder.split('/').any(|part| part == "node_modules");
            let excluded = unwanted.iter().any(|pattern| matches(pattern, folder));
            if !inside_modules
                && !excluded
                && !folder.is_empty()
                && !members.contains(folder)
                && matches(pattern, folder)
            {
                members.push(folder);
            }
        }
    }
    members
}

fn divide(patterns: &[String]) -> (Vec<&str>, Vec<&str>) {
    let (mut wanted, mut unwanted) = (Vec::new(), Vec::<&str>::new());
    for pattern in patterns {
        let plain = pattern.trim_start_matches('!');
        let negations = pattern.len() - plain.len();
        let plain = plain
            .strip_prefix('.')
            .filter(|rest| rest.starts_with('/'))
            .unwrap_or(plain);
        let plain = plain.trim_start_matches('/').trim_end_matches('/');
        if negations % 2 == 1 {
            unwanted.push(plain);
        } else {
            unwanted.retain(|negated| !matches(negated, plain));
            wanted.push(plain);
        }
    }
    (wanted, unwanted)
}

/// The most alternatives that braces may stand for.
const MAX_ALTERNATIVES: usize = 256;

/// Whether a path matches a pattern with `*`, `?`, `**`, `[…]` and `{…,…}`.
pub fn matches(pattern: &str, path: &str) -> bool {
    let path: Vec<&str> = path.split('/').collect();
    alternatives(pattern).iter().any(|pattern| {
        let parts: Vec<&str> = pattern
            .split('/')
            .filter(|part| !part.is_empty() && *part != ".")
            .collect();
        parts_match(&parts, &path)
    })
}

/// The pattern without braces, once for each choice.
fn alternatives(pattern: &str) -> Vec<String> {
    let mut pending = vec![pattern.to_owned()];
    let mut plain = Vec::new();
    while let Some(pattern) = pending.pop() {
        let braces = pattern
            .rfind('{')
            .and_then(|open| Some((open, open + pattern[open..].find('}')?)));
        match braces {
            Some((open, close)) if pending.len() + plain.len() < MAX_ALTERNATIVES => {
                for choice in pattern[open + 1..close].split(',') {
                    pending.push(format!("{}{choice}{}", &pattern[..open], &pattern[close + 1..]));
                }
            }
            _ => plain.push(pattern),
        }
    }
    plain
}

/// Matches part by part; which parts of the path the pattern can have used up is tracked, so that time is bounded.
fn parts_match(pattern: &[&str], path: &[&str]) -> bool {
    let mut reached = vec![false; path.len() + 1];
    reached[0] = true;
    for part in pattern {
        let mut next = vec![false; path.len() + 1];
        for (at, _) in reached.iter().enumerate().filter(|(_, reached)| **reached) {
            if *part == "**" {
                let end = path[at..]
                    .iter()
                    .position(|part| part.starts_with('.'))
                    .map_or(path.len(), |hidden| at + hidden);
                next[at..=end].fill(true);
            } else if path.get(at).is_some_and(|text| part_matches(part, text)) {
                next[at + 1] = true;
            }
        }
        reached = next;
    }
    reached[path.len()]
}

fn part_matches(pattern: &str, text: &str) -> bool {
    let hidden = text.starts_with('.') && !pattern.starts_with('.');
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    !hidden && letters_match(&pattern, &text)
}

/// The usual matching of `*` with going back to the last one only.
fn letters_match(pattern: &[char], text: &[char]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        let step = one_matches(&pattern[p..], text[t]);
        if let Some(used) = step {
            (p, t) = (p + used, t + 1);
        } else if pattern.get(p) == Some(&'*') {
            star = Some((p + 1, t));
            p += 1;
        } else if let Some((after, from)) = star {
            star = Some((after, from + 1));
            (p, t) = (after, from + 1);
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|letter| *letter == '*')
}

/// How much of the pattern matches one letter: `?`, `[…]` or the letter itself.
fn one_matches(pattern: &[char], letter: char) -> Option<usize> {
    match pattern.first()? {
        '*' => None,
        '?' => Some(1),
        '[' => {
            let close = pattern.iter().skip(2).position(|c| *c == ']')? + 2;
            let inner = &pattern[1..close];
            let (negated, inner) = match inner.first() {
                Some('!' | '^') => (true, &inner[1..]),
                _ => (false, inner),
            };
            (class_holds(inner, letter) != negated).then_some(close + 1)
        }
        own => (*own == letter).then_some(1),
    }
}

fn class_holds(class: &[char], letter: char) -> bool {
    let ranges = class
        .windows(3)
        .any(|range| range[1] == '-' && (range[0]..=range[2]).contains(&letter));
    ranges || class.contains(&letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_name_folders() {
        for (pattern, path, expect) in [
            ("packages/*", "packages/a", true),
            ("packages/*", "packages/a/b", false),
            ("packages/*", "packages", false),
            ("packages/**", "packages/a/b", true),
            ("packages/**", "packages", true),
            ("**/x", "a/b/x", true),
            ("a/**/x", "a/x", true),
            ("docs", "docs", true),
            ("{a,b}/*", "b/c", true),
            ("{a,b}/*", "c/c", false),
            ("a?c", "abc", true),
            ("[a-c]x", "bx", true),
            ("[!a-c]x", "bx", false),
            ("*", ".git", false),
            ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "aXbYbZ", false),
        ] {
            assert_eq!(matches(pattern, path), expect, "{pattern} {path}");
        }
    }

    #[test]
    fn a_negation_takes_away_until_a_later_pattern_names_it() {
        let folders = [
            "packages/a",
            "packages/b",
            "packages/b/c",
            "node_modules/packages/d",
        ];
        let patterns = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        assert_eq!(
            members(&patterns(&["packages/*", "!packages/b"]), &folders),
            ["packages/a"]
        );
        assert_eq!(
            members(&patterns(&["./packages/**"]), &folders),
            ["packages/a", "packages/b", "packages/b/c"]
        );
        let again = patterns(&["packages/**", "!packages/b/**", "packages/b/c"]);
        assert_eq!(
            members(&again, &folders),
            ["packages/a", "packages/b", "packages/b/c"]
        );
    }

    proptest::proptest! {
        #[test]
        fn any_pattern_is_answered(pattern in "\\PC*|[a*?{},\\[\\]!/-]*", path in "[a-c/.]*") {
            let _ = matches(&pattern, &path);
        }
    }
}

//! Folders inside the project, as texts with `/`, the root being the empty one.

/// `relative` seen from `folder`, without `.` and `..`; `None` when it leads outside or is absolute.
pub(super) fn join(folder: &str, relative: &str) -> Option<String> {
    let relative = relative.replace('\\', "/");
    if relative.starts_with('/') || relative.contains(':') {
        return None;
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// Whether `path` is `folder` or lies below it.
pub(super) fn is_within(path: &str, folder: &str) -> bool {
    folder.is_empty()
        || path
            .strip_prefix(folder)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The manifest of a folder.
pub(super) fn manifest(folder: &str) -> String {
    if folder.is_empty() {
        return "Cargo.toml".to_owned();
    }
    format!("{folder}/Cargo.toml")
}

/// The folder of a file.
pub(super) fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Whether a pattern has to be expanded.
pub(super) fn is_pattern(pattern: &str) -> bool {
    pattern.contains(['*', '?', '['])
}

/// Whether a folder matches a pattern of `*`, `?`, `[…]` and `**`.
pub(super) fn matches(pattern: &str, folder: &str) -> bool {
    let pattern: Vec<&str> = pattern.split('/').filter(|part| !part.is_empty()).collect();
    let folder: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    // `reach[n]`: the pattern so far covers the first n parts of the folder.
    let mut reach = vec![false; folder.len() + 1];
    reach[0] = true;
    for part in pattern {
        let mut next = vec![false; reach.len()];
        for (at, reached) in reach.iter().enumerate() {
            match folder.get(at) {
                _ if !reached => {}
                _ if part == "**" => next[at..].fill(true),
                Some(name) if part_matches(part, name) => next[at + 1] = true,
                _ => {}
            }
        }
        reach = next;
    }
    reach.last() == Some(&true)
}

/// One part of a path against one part of a pattern; the same table of reach, by characters.
fn part_matches(pattern: &str, name: &str) -> bool {
    let name: Vec<char> = name.chars().collect();
    let mut reach = vec![false; name.len() + 1];
    reach[0] = true;
    let mut pattern = pattern.chars();
    while let Some(sign) = pattern.next() {
        let mut next = vec![false; reach.len()];
        let class = (sign == '[').then(|| class(&mut pattern));
        for at in (0..reach.len()).filter(|at| reach[*at]) {
            match (sign, name.get(at)) {
                ('*', _) => next[at..].fill(true),
                (_, None) => {}
                ('?', Some(_)) => next[at + 1] = true,
                ('[', Some(letter)) => next[at + 1] |= class.as_ref().is_some_and(|class| class(*letter)),
                (sign, Some(letter)) => next[at + 1] |= sign == *letter,
            }
        }
        reach = next;
    }
    reach.last() == Some(&true)
}

/// Reads `a-z]` or `!abc]` up to the bracket.
fn class(pattern: &mut std::str::Chars<'_>) -> impl Fn(char) -> bool + use<> {
    let mut inside: Vec<char> = pattern.by_ref().take_while(|letter| *letter != ']').collect();
    let negated = inside.first() == Some(&'!');
    if negated {
        inside.remove(0);
    }
    move |letter| {
        let single = inside.contains(&letter);
        let ranged = inside
            .windows(3)
            .any(|range| range[1] == '-' && range[0] <= letter && letter <= range[2]);
        (single || ranged) != negated
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_inside_the_project() {
        assert_eq!(join("a/b", "../c").as_deref(), Some("a/c"));
        assert_eq!(join("", "./x/").as_deref(), Some("x"));
        assert_eq!(join("a", "../.."), None);
        assert_eq!(join("a", "/etc"), None);
        assert_eq!(join("a", "C:/x"), None);
    }

    #[test]
    fn patterns_are_those_of_a_shell() {
        for (pattern, folder, expected) in [
            ("crates/*", "crates/a", true),
            ("crates/*", "crates/a/b", false),
            ("crates/**", "crates/a/b", true),
            ("a-?", "a-b", true),
            ("x[0-9]", "x7", true),
            ("x[!0-9]", "x7", false),
            ("*", "", false),
            ("a*b*c", "aXbYc", true),
        ] {
            assert_eq!(matches(pattern, folder), expected, "{pattern} {folder}");
        }
    }
}

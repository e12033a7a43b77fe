//! Globs of member folders, as workspaces write them: `packages/*`, `apps/**`, `{a,b}/x`, `!packages/old`.

/// Alternatives that one glob may have; further ones are not looked at.
const MOST_ALTERNATIVES: usize = 256;

/// Whether the folder is named by some glob and by none that begins with `!`; the last one that speaks of it wins.
pub(crate) fn is_member<S: AsRef<str>>(globs: &[S], folder: &str) -> bool {
    globs.iter().fold(false, |member, glob| {
        let glob = glob.as_ref();
        match glob.strip_prefix('!') {
            Some(glob) => member && !matches(glob, folder),
            None => member || matches(glob, folder),
        }
    })
}

/// Whether a path is named by a glob.
pub(crate) fn matches(glob: &str, path: &str) -> bool {
    let mut alternatives = Vec::new();
    expand(glob, &mut alternatives);
    alternatives.iter().any(|glob| {
        let glob: Vec<&str> = parts(glob).collect();
        let path: Vec<&str> = parts(path).collect();
        matches_parts(&glob, &path)
    })
}

fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|part| !part.is_empty() && *part != ".")
}

/// `a{b,c}d` becomes `abd` and `acd`.
fn expand(glob: &str, into: &mut Vec<String>) {
    if into.len() >= MOST_ALTERNATIVES {
        return;
    }
    let inner = glob.find('{').and_then(|open| {
        let close = open + glob[open..].find('}')?;
        Some((&glob[..open], &glob[open + 1..close], &glob[close + 1..]))
    });
    match inner {
        Some((before, choices, behind)) => {
            for choice in choices.split(',') {
                expand(&format!("{before}{choice}{behind}"), into);
            }
        }
        None => into.push(glob.to_owned()),
    }
}

/// Each `**` stands for any number of folders. Kept as a row of reachable positions, so that no glob is slow.
fn matches_parts(glob: &[&str], path: &[&str]) -> bool {
    let mut reached = vec![false; path.len() + 1];
    reached[0] = true;
    for part in glob {
        let mut next = vec![false; path.len() + 1];
        let mut any = false;
        for (at, from) in reached.iter().enumerate() {
            if *part == "**" {
                any |= *from;
                next[at] = any;
            } else if *from
                && path
                    .get(at)
                    .is_some_and(|name| matches_name(part.as_bytes(), name.as_bytes()))
            {
                next[at + 1] = true;
            }
        }
        reached = next;
    }
    reached.last().copied().unwrap_or_default()
}

/// `*` and `?` within one name; a name that begins with a dot is only named by such a glob.
fn matches_name(glob: &[u8], name: &[u8]) -> bool {
    if name.starts_with(b".") && !glob.starts_with(b".") {
        return false;
    }
    let mut reached = vec![false; name.len() + 1];
    reached[0] = true;
    for byte in glob {
        let mut next = vec![false; name.len() + 1];
        let mut any = false;
        for at in 0..=name.len() {
            match byte {
                b'*' => {
                    any |= reached[at];
                    next[at] = any;
                }
                _ if reached[at] && name.get(at).is_some_and(|c| *byte == b'?' || c == byte) => {
                    next[at + 1] = true;
                }
                _ => {}
            }
        }
        reached = next;
    }
    reached.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_name_folders() {
        for (glob, folder) in [
            ("packages/*", "packages/a"),
            ("./packages/*/", "packages/a"),
            ("**", "a/b/c"),
            ("apps/**/web", "apps/web"),
            ("apps/**/web", "apps/x/y/web"),
            ("{a,b}/c-*", "b/c-1"),
            ("docs", "docs"),
            ("a?c", "abc"),
        ] {
            assert!(matches(glob, folder), "{glob} {folder}");
        }
        for (glob, folder) in [
            ("packages/*", "packages/a/b"),
            ("packages/*", "packages/.hidden"),
            ("packages/*", "packages"),
            ("docs", "docs2"),
            ("a?c", "ac"),
        ] {
            assert!(!matches(glob, folder), "{glob} {folder}");
        }
        assert!(!is_member(&["packages/*", "!packages/old"], "packages/old"));
    }

    #[test]
    fn no_glob_takes_long() {
        let glob = "*a".repeat(200) + &"{b,c}".repeat(30) + &"/**".repeat(200);
        assert!(!matches(&glob, &"a".repeat(2_000)));
    }
}

//! Paths relative to a project's root, without touching a file system.

/// The path that `text`, written in the folder `base`, means. The root is the empty text; what lies outside begins
/// with `../`, or with `/` when it is written so.
pub fn join(base: &str, text: &str) -> String {
    let text = text.strip_prefix("file:").unwrap_or(text);
    let mut parts: Vec<&str> = Vec::new();
    let absolute = text.starts_with('/');
    let whole = if absolute { [text, ""] } else { [base, text] };
    for part in whole.iter().flat_map(|path| path.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if absolute => {}
            _ => parts.push(part),
        }
    }
    let joined = parts.join("/");
    if absolute { format!("/{joined}") } else { joined }
}

/// Whether a path leads out of the project.
pub fn is_outside(path: &str) -> bool {
    path == ".." || path.starts_with("../") || path.starts_with('/') || path.starts_with('~')
}

/// The folders around a path, inside out, down to the root.
pub fn around(path: &str) -> impl Iterator<Item = &str> {
    let parent = |path: &str| -> usize { path.rfind('/').unwrap_or(0) };
    let first = (!path.is_empty()).then(|| &path[..parent(path)]);
    std::iter::successors(first, move |path| {
        (!path.is_empty()).then(|| &path[..parent(path)])
    })
}

/// What a package without a name is called after its folder: the scope, when the folder lies in one, and the folder.
pub fn folder_name(path: &str) -> &str {
    let name = path.rfind('/').map_or(0, |at| at + 1);
    let scope = path[..name].trim_end_matches('/');
    let scope_at = scope.rfind('/').map_or(0, |at| at + 1);
    if scope[scope_at..].starts_with('@') {
        &path[scope_at..]
    } else {
        &path[name..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined_without_a_file_system() {
        for (base, text, expect) in [
            ("", "./a", "a"),
            ("", ".", ""),
            ("packages/a", "../b", "packages/b"),
            ("packages/a", "../../../x", "../x"),
            ("..", "../x", "../../x"),
            ("a", "/x/../y", "/y"),
            ("a", "/../../y", "/y"),
            ("", "a//b/./c/", "a/b/c"),
        ] {
            assert_eq!(join(base, text), expect, "{base} {text}");
        }
    }

    #[test]
    fn folders_around_a_path_end_with_the_root() {
        assert_eq!(around("a/b/c").collect::<Vec<_>>(), ["a/b", "a", ""]);
        assert_eq!(around("a").collect::<Vec<_>>(), [""]);
        assert_eq!(around("").count(), 0);
    }

    #[test]
    fn a_folder_names_what_has_no_name() {
        for (path, expect) in [
            ("packages/a", "a"),
            ("a", "a"),
            ("x/@s/a", "@s/a"),
            ("@s/a", "@s/a"),
            ("", ""),
        ] {
            assert_eq!(folder_name(path), expect);
        }
    }
}

//! Paths inside a source: relative, with `/`, without `.` and `..`.

/// The longest path that is looked at, in bytes.
const LONGEST: usize = 4_096;

/// The path in its one spelling; `None` when it is absolute, leaves the source or is no path at all.
///
/// Both separators count, so that an archive from Windows cannot say on one system what it does not on another.
#[must_use]
pub fn clean(path: &str) -> Option<String> {
    if path.len() > LONGEST || path.contains('\0') {
        return None;
    }
    let path = path.replace('\\', "/");
    // `C:` and the like: a drive.
    let has_drive =
        path.as_bytes().get(1) == Some(&b':') && path.starts_with(|c: char| c.is_ascii_alphabetic());
    if path.starts_with('/') || has_drive {
        return None;
    }
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => return None,
            part => parts.push(part),
        }
    }
    (!parts.is_empty()).then(|| parts.join("/"))
}

/// The folder of a file; empty at the top.
pub(crate) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The name of a file.
pub(crate) fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// A path below a folder.
pub(crate) fn join(folder: &str, path: &str) -> String {
    match (folder.is_empty(), path.is_empty()) {
        (true, _) => path.to_owned(),
        (_, true) => folder.to_owned(),
        _ => format!("{folder}/{path}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_one_spelling_and_stays_inside() {
        assert_eq!(clean("./a//b/./c").as_deref(), Some("a/b/c"));
        assert_eq!(clean("a\\b").as_deref(), Some("a/b"));
        for path in [
            "",
            ".",
            "/etc/passwd",
            "../a",
            "a/../../b",
            "a/..",
            "C:\\x",
            "c:x",
            "a\0b",
            "\\\\host\\share",
            "..\\x",
        ] {
            assert_eq!(clean(path), None, "{path}");
        }
        assert_eq!(clean(&"a/".repeat(3_000)), None);
    }
}

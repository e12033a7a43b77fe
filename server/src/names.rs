//! Names that callers choose: what they may look like.

/// Longest ref, version, commit.
const LONGEST_WORD: usize = 200;
const LONGEST_SEGMENT: usize = 100;
/// A project of this name would stand where a page of its team's project stands.
const RESERVED: [&str; 13] = [
    "badge",
    "builds",
    "compare",
    "components",
    "diff",
    "findings",
    "gate",
    "licenses",
    "tree",
    "trend",
    "vex",
    "violations",
    "waivers",
];

/// A project's name: `name` or `team/name`.
pub(crate) fn project(name: &str) -> Result<(), String> {
    let segments: Vec<&str> = name.split('/').collect();
    if segments.len() > 2 {
        return Err("a project's name is `name` or `team/name`".to_owned());
    }
    if !segments.iter().all(|segment| is_segment(segment)) {
        return Err(
            "a project's name has letters, digits, dots, dashes and underscores, and begins with a letter or digit"
                .to_owned(),
        );
    }
    if segments.last().is_some_and(|last| RESERVED.contains(last)) {
        return Err(format!(
            "a project cannot be named after a page: {}",
            RESERVED.join(", ")
        ));
    }
    if uuid::Uuid::try_parse(name).is_ok() {
        return Err("a project cannot be named like an id".to_owned());
    }
    Ok(())
}

/// A policy's or token's name.
pub(crate) fn plain(name: &str) -> Result<(), String> {
    if is_segment(name) {
        return Ok(());
    }
    Err("a name has at most 100 letters, digits, dots, dashes and underscores, and begins with a letter or digit".to_owned())
}

fn is_segment(text: &str) -> bool {
    let inside = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    text.len() <= LONGEST_SEGMENT
        && text
            .bytes()
            .next()
            .is_some_and(|first| first.is_ascii_alphanumeric())
        && text.bytes().all(inside)
}

/// A ref, version, commit or key: any text in one line.
pub(crate) fn word(text: &str) -> Result<(), String> {
    if text.is_empty() || text.len() > LONGEST_WORD {
        return Err(format!("must have 1 to {LONGEST_WORD} bytes"));
    }
    if text.chars().any(char::is_control) {
        return Err("must not have control characters".to_owned());
    }
    Ok(())
}

/// What a build may be compared with (`gate.md` §7).
pub(crate) fn baseline(text: &str) -> Result<(), String> {
    word(text)?;
    let known = match text.split_once(':') {
        None => matches!(text, "previous" | "default" | "release"),
        Some(("branch", name)) => !name.is_empty(),
        Some(("release", which)) => which == "last",
        Some(("build", id)) => uuid::Uuid::try_parse(id).is_ok(),
        Some(_) => false,
    };
    if known {
        return Ok(());
    }
    Err("is one of previous, default, release:last, branch:NAME, build:ID".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_projects() {
        for good in ["shop", "platform/payments-api", "a.b_c-9", "9lives"] {
            assert_eq!(project(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "/",
            "a/",
            "/a",
            "a/b/c",
            "a b",
            "é",
            "-a",
            "..",
            "a/builds",
            "findings",
            "0192d1a4-7c1e-7000-8000-000000000000",
            "a?b",
            &"a".repeat(101),
        ] {
            assert!(project(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn baselines() {
        for good in [
            "previous",
            "default",
            "release",
            "release:last",
            "branch:feature/x",
            "build:0192d1a4-7c1e-7000-8000-000000000000",
        ] {
            assert_eq!(baseline(good), Ok(()), "{good}");
        }
        for bad in ["", "last", "branch:", "build:7", "release:first", "tag:x", "a\nb"] {
            assert!(baseline(bad).is_err(), "{bad}");
        }
    }
}

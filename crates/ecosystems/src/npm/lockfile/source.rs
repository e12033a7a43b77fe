//! Where a package of npm's world comes from, by what the lockfile resolved it to.

use inventory::Source;

/// Hosts of git repositories that have shorthands and archives of their own.
const GIT_HOSTS: [&str; 3] = ["github.com", "gitlab.com", "bitbucket.org"];
const GIT_PREFIXES: [&str; 9] = [
    "git+",
    "git://",
    "git@",
    "ssh://",
    "github:",
    "gitlab:",
    "bitbucket:",
    "gist:",
    "codeload.github.com/",
];
const PATH_PREFIXES: [&str; 5] = ["file:", "link:", "portal:", "workspace:", "."];

/// The source that `resolved` (an address) or else `reference` (a version or specifier) proves.
///
/// An archive below `/-/` is served by a registry. Which host serves it proves nothing: companies mirror the
/// public registry, and advisories hold for what is mirrored.
pub(super) fn source(resolved: Option<&str>, reference: &str) -> Source {
    resolved
        .and_then(special)
        .or_else(|| special(reference))
        .unwrap_or_default()
}

/// The source, when the text is not a version, a range, or an address of a registry.
pub(super) fn special(text: &str) -> Option<Source> {
    let owned = || text.to_owned();
    if GIT_PREFIXES.iter().any(|prefix| text.starts_with(prefix)) {
        return Some(Source::Git(owned()));
    }
    if PATH_PREFIXES.iter().any(|prefix| text.starts_with(prefix)) {
        return Some(Source::Path(owned()));
    }
    let Some(rest) = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))
    else {
        return is_shorthand(text).then(|| Source::Git(owned()));
    };
    let host = rest.split(['/', ':']).next().unwrap_or_default();
    let path = rest.split(['?', '#']).next().unwrap_or_default();
    let is_git = path.ends_with(".git")
        || host == "codeload.github.com"
        || (GIT_HOSTS.contains(&host) && !path.ends_with(".tgz"));
    if is_git {
        Some(Source::Git(owned()))
    } else if is_registry_archive(path) {
        None
    } else {
        Some(Source::Url(owned()))
    }
}

/// `…/NAME/-/NAME-VERSION.tgz`, as every registry lays it out; some proxies write `/download/` instead.
fn is_registry_archive(path: &str) -> bool {
    path.contains("/-/") || path.contains("/download/")
}

/// `user/repository`, with or without `#ref`.
fn is_shorthand(text: &str) -> bool {
    let repository = text.split('#').next().unwrap_or_default();
    let mut parts = repository.split('/');
    let is_word = |part: Option<&str>| {
        part.is_some_and(|part| {
            !part.is_empty()
                && !part.starts_with(['@', '.', '~', '^', '>', '<', '='])
                && part
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
        })
    };
    is_word(parts.next()) && is_word(parts.next()) && parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> &'static str {
        match special(text) {
            None => "registry",
            Some(Source::Git(_)) => "git",
            Some(Source::Path(_)) => "path",
            Some(Source::Url(_)) => "url",
            Some(_) => "other",
        }
    }

    #[test]
    fn what_is_resolved_says_where_it_comes_from() {
        for text in [
            "^1.2.3",
            "1.x || >=2",
            "latest",
            "npm:lodash@3",
            "https://registry.npmjs.org/a/-/a-1.0.0.tgz",
            "https://npm.corp.example/repo/@s/a/-/a-1.0.0.tgz",
            "",
            "*",
        ] {
            assert_eq!(kind(text), "registry", "{text}");
        }
        for text in [
            "git+ssh://git@github.com/a/b.git#1",
            "github:a/b",
            "a/b",
            "a/b#v1",
            "git@github.com:a/b.git",
            "https://codeload.github.com/a/b/tar.gz/1",
            "https://github.com/a/b",
            "https://x.example/a/b.git#c",
        ] {
            assert_eq!(kind(text), "git", "{text}");
        }
        for text in [
            "file:../a",
            "link:./b",
            "workspace:*",
            "portal:x",
            "./a",
            "../a.tgz",
        ] {
            assert_eq!(kind(text), "path", "{text}");
        }
        assert_eq!(kind("https://example.org/a-1.0.0.tgz"), "url");
    }
}

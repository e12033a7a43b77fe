//! What a dependency of `package.json` asks for: a version, a range, a tag, or something outside the registry.

use crate::npm::{Mode, Range, parse_version};
use crate::semver::Version;

/// How npm reads versions and ranges here.
pub const LOOSE: Mode = Mode {
    loose: true,
    include_prerelease: false,
};

/// The longest specification, in bytes, that is read.
const MAX_LENGTH: usize = 8 * 1024;

/// Hosts whose addresses of two parts are repositories, not files.
const GIT_HOSTS: [&str; 4] = ["github.com", "gitlab.com", "bitbucket.org", "gist.github.com"];

/// Names by which those hosts are written before a colon.
const GIT_SHORTCUTS: [&str; 5] = ["github:", "gitlab:", "bitbucket:", "gist:", "sourcehut:"];

/// A specification, read as npm's own reader does.
#[derive(Clone, Debug, PartialEq)]
pub enum Spec {
    /// A range; `any` when it is written `*` or not at all, which every version satisfies, pre-releases too.
    Range { range: Range, any: bool },
    /// One version.
    Version(Box<str>, Version),
    /// A name that the registry has given to a version.
    Tag(Box<str>),
    /// A package of another name: `npm:other@^1`.
    Alias { name: Box<str>, spec: Box<Self> },
    /// A folder beside the project, as it is written.
    Directory(Box<str>),
    /// An archive beside the project, as it is written.
    File(Box<str>),
    /// A repository, as it is written; `range` when a tag of it is chosen by version.
    Git { address: Box<str>, range: Option<Range> },
    /// An archive on the web.
    Remote(Box<str>),
    /// What npm refuses, and why.
    Invalid(&'static str),
}

impl Spec {
    /// Reads the text after a dependency's name. Every text is answered.
    pub fn parse(text: &str) -> Self {
        if text.len() > MAX_LENGTH {
            return Self::Invalid("it is too long");
        }
        if is_file(text) {
            return path(text);
        }
        if has_prefix(text, "npm:") {
            return alias(text.get(4..).unwrap_or_default());
        }
        if is_repository(text) {
            return git(text);
        }
        if is_address(text) {
            return address(text);
        }
        if text.contains('/') || is_archive(text) {
            return path(text);
        }
        registry(text.trim())
    }

    /// What a registry is asked for: the name, unless another is named, and the specification of its version.
    pub fn in_registry<'a>(&'a self, name: &'a str) -> Option<(&'a str, &'a Self)> {
        match self {
            Self::Alias { name, spec } => Some((name, spec)),
            Self::Range { .. } | Self::Version(..) | Self::Tag(_) => Some((name, self)),
            _ => None,
        }
    }

    /// The range that this and a key of `overrides` can be compared by.
    pub fn range(&self) -> Option<Range> {
        match self {
            Self::Alias { spec, .. } => spec.range(),
            Self::Range { range, .. } => Some(range.clone()),
            Self::Git { range, .. } => range.clone(),
            Self::Version(text, _) => Range::parse(text, LOOSE).ok(),
            _ => None,
        }
    }
}

/// Splits `name@spec`, in which the name may have a scope; the spec is empty when there is none.
pub fn split(text: &str) -> (&str, &str) {
    let from = text.char_indices().nth(1).map_or(text.len(), |(at, _)| at);
    let at = text
        .get(from..)
        .and_then(|rest| rest.find('@'))
        .map(|at| at + from);
    at.map_or((text, ""), |at| (&text[..at], &text[at + 1..]))
}

fn registry(text: &str) -> Spec {
    if let Some(version) = parse_version(text, LOOSE) {
        let clean = text.trim_start_matches(|c: char| matches!(c, 'v' | '=') || c.is_whitespace());
        let clean = clean.split('+').next().unwrap_or(clean);
        return Spec::Version(clean.into(), version);
    }
    if let Ok(range) = Range::parse(text, LOOSE) {
        return Spec::Range {
            range,
            any: matches!(text, "" | "*"),
        };
    }
    let needs_encoding = |c: char| !(c.is_ascii_alphanumeric() || "-_.!~*'()".contains(c));
    if text.contains(needs_encoding) {
        return Spec::Invalid("it is neither a version, a range nor a tag");
    }
    Spec::Tag(text.into())
}

fn alias(text: &str) -> Spec {
    let (name, rest) = split(text);
    if name.is_empty() || is_file(name) || is_address(text) || (name.contains('/') && !name.starts_with('@'))
    {
        return Spec::Invalid("an alias stands for no package of a registry");
    }
    let spec = Spec::parse(if rest.is_empty() { "*" } else { rest });
    match spec {
        Spec::Range { .. } | Spec::Version(..) | Spec::Tag(_) => Spec::Alias {
            name: name.into(),
            spec: Box::new(spec),
        },
        _ => Spec::Invalid("an alias stands for no package of a registry"),
    }
}

fn path(text: &str) -> Spec {
    let plain = if has_prefix(text, "file:") {
        text.get(5..).unwrap_or_default()
    } else {
        text
    };
    let plain = match plain.strip_prefix("//") {
        Some(rest) if !rest.starts_with('/') || has_prefix(text, "file:") => {
            if rest.starts_with('/') {
                rest
            } else {
                plain.trim_start_matches('/')
            }
        }
        _ => plain,
    };
    if is_archive(plain) {
        Spec::File(plain.into())
    } else {
        Spec::Directory(plain.into())
    }
}

fn git(text: &str) -> Spec {
    let fragment = text.split_once('#').map_or("", |(_, fragment)| fragment);
    let range = fragment
        .split("::")
        .find_map(|part| part.strip_prefix("semver:"))
        .and_then(|text| Range::parse(&text.replace("%20", " ").replace("%5E", "^"), LOOSE).ok());
    Spec::Git {
        address: text.into(),
        range,
    }
}

fn address(text: &str) -> Spec {
    let scheme = text.split(':').next().unwrap_or_default().to_ascii_lowercase();
    match scheme.as_str() {
        "http" | "https" => Spec::Remote(text.into()),
        "git" | "git+http" | "git+https" | "git+rsync" | "git+ftp" | "git+file" | "git+ssh" => git(text),
        "workspace" => Spec::Invalid("npm does not know the protocol `workspace:`"),
        "link" | "portal" | "patch" | "catalog" | "jsr" => Spec::Invalid("npm does not know its protocol"),
        _ => Spec::Invalid("it is an address of an unknown protocol"),
    }
}

fn is_file(text: &str) -> bool {
    let mut letters = text.chars();
    let drive = letters.next().is_some_and(|c| c.is_ascii_alphabetic()) && letters.next() == Some(':');
    has_prefix(text, "file:") || text.starts_with(['.', '/']) || text.starts_with("~/") || drive
}

fn is_archive(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    [".tgz", ".tar.gz", ".tar"].iter().any(|end| lower.ends_with(end))
}

fn is_address(text: &str) -> bool {
    let rest = if has_prefix(text, "git+") {
        text.get(4..).unwrap_or_default()
    } else {
        text
    };
    rest.find(|c: char| !c.is_ascii_alphabetic())
        .is_some_and(|at| at > 0 && rest[at..].starts_with(':'))
}

fn is_repository(text: &str) -> bool {
    let text = text.split('#').next().unwrap_or(text);
    if GIT_SHORTCUTS.iter().any(|shortcut| has_prefix(text, shortcut)) {
        return true;
    }
    let is_login = |text: &str| {
        text.split_once('@')
            .is_some_and(|(user, rest)| !user.contains(['/', ':']) && rest.contains(':'))
    };
    if let Some((_, rest)) = text.split_once("://") {
        let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest);
        return is_hosted(rest);
    }
    if is_login(text) && !text.starts_with('@') {
        return true;
    }
    let is_shorthand = |owner: &str, name: &str| {
        !owner.is_empty() && !name.is_empty() && !name.contains('/') && !owner.contains(['@', ':'])
    };
    !text.contains([':', ' '])
        && !text.starts_with('.')
        && text
            .split_once('/')
            .is_some_and(|(owner, name)| is_shorthand(owner, name))
}

/// Whether `host/owner/name` names a repository at one of the hosts that npm knows.
fn is_hosted(text: &str) -> bool {
    let mut parts = text.trim_end_matches('/').split('/');
    let host = parts.next().unwrap_or_default().to_ascii_lowercase();
    let host = host.strip_prefix("www.").unwrap_or(&host);
    let count = parts.filter(|part| !part.is_empty()).count();
    GIT_HOSTS.contains(&host) && (count == 2 || (count == 1 && host.starts_with("gist.")))
}

fn has_prefix(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> &'static str {
        match Spec::parse(text) {
            Spec::Range { any: true, .. } => "any",
            Spec::Range { .. } => "range",
            Spec::Version(..) => "version",
            Spec::Tag(_) => "tag",
            Spec::Alias { .. } => "alias",
            Spec::Directory(_) => "directory",
            Spec::File(_) => "file",
            Spec::Git { .. } => "git",
            Spec::Remote(_) => "remote",
            Spec::Invalid(_) => "invalid",
        }
    }

    #[test]
    fn specifications_are_of_the_kinds_that_npm_says() {
        for (text, expect) in [
            ("^1.2.3", "range"),
            ("", "any"),
            ("*", "any"),
            ("x", "range"),
            ("1.x || >=2.5.0 || 5.0.0 - 7.2.3", "range"),
            (" =v1.2.3 ", "version"),
            ("1.2.3", "version"),
            ("latest", "tag"),
            ("next-11", "tag"),
            ("npm:lodash@^3.10.0", "alias"),
            ("npm:@scope/a@1", "alias"),
            ("npm:lodash", "alias"),
            ("npm:file:../a", "invalid"),
            ("npm:npm:a@1", "invalid"),
            ("file:../a", "directory"),
            ("./a", "directory"),
            ("../a.tgz", "file"),
            ("file:a.tar.gz", "file"),
            ("~/a", "directory"),
            ("a.tgz", "file"),
            ("user/repo", "git"),
            ("user/repo#v1.0", "git"),
            ("github:user/repo", "git"),
            ("gist:11081aaa281", "git"),
            ("git@example.org:user/repo.git", "git"),
            ("git+ssh://git@example.org/user/repo.git#semver:^1.0.0", "git"),
            ("git://example.org/a.git", "git"),
            ("https://github.com/user/repo", "git"),
            ("https://github.com/user/repo.git#abc", "git"),
            ("https://github.com/user/repo/archive/1.tar.gz", "remote"),
            ("https://example.org/a/-/a-1.0.0.tgz", "remote"),
            ("workspace:*", "invalid"),
            ("link:../a", "invalid"),
            ("a b", "invalid"),
            ("a/b/c", "directory"),
        ] {
            assert_eq!(kind(text), expect, "{text:?}");
        }
    }

    #[test]
    fn names_are_split_from_specifications() {
        for (text, expect) in [
            ("a@1", ("a", "1")),
            ("@s/a@^1", ("@s/a", "^1")),
            ("@s/a", ("@s/a", "")),
            ("a", ("a", "")),
            ("", ("", "")),
            ("a@", ("a", "")),
            ("é@1", ("é", "1")),
        ] {
            assert_eq!(split(text), expect);
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_answered(text in "\\PC*|[a-z@:/.#+~^0-9 -]*") {
            let _ = (Spec::parse(&text), split(&text));
        }
    }
}

//! How pnpm keys a package.
//!
//! | version | registry | with peers |
//! | --- | --- | --- |
//! | 5 | `/name/1.0.0` | `/name/1.0.0_peer@2.0.0` (`/name/1.0.0/peer@2.0.0` before 5.1) |
//! | 6 | `/name@1.0.0` | `/name@1.0.0(peer@2.0.0)` |
//! | 9 | `name@1.0.0` | `name@1.0.0(peer@2.0.0)` |
//!
//! A registry that is not the default one stands before the first slash; git, archives and folders have their address
//! as their key.

/// Which of the three ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Slashes,
    At,
    Snapshots,
}

/// A key in its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key<'a> {
    pub name: Option<&'a str>,
    pub version: Option<&'a str>,
    /// What is in no registry.
    pub address: Option<&'a str>,
    pub without_peers: &'a str,
}

impl Style {
    /// The style of a `lockfileVersion`.
    pub(super) fn of(version: &str) -> Option<Self> {
        let major: u32 = version.split(['.', '-']).next()?.parse().ok()?;
        match major {
            3..=5 => Some(Self::Slashes),
            6..=8 => Some(Self::At),
            9 => Some(Self::Snapshots),
            _ => None,
        }
    }

    /// The key of a dependency that is given by name and version.
    pub(super) fn key(self, name: &str, version: &str) -> String {
        match self {
            Self::Slashes => format!("/{name}/{version}"),
            Self::At => format!("/{name}@{version}"),
            Self::Snapshots => format!("{name}@{version}"),
        }
    }
}

impl<'a> Key<'a> {
    pub(super) fn parse(text: &'a str, style: Style) -> Self {
        let without_peers = match style {
            Style::Slashes => text,
            _ => text.split('(').next().unwrap_or(text),
        };
        let parts = match style {
            Style::Slashes => by_slashes(text),
            Style::At => without_peers
                .strip_prefix('/')
                .or_else(|| behind_host(without_peers))
                .and_then(by_at),
            Style::Snapshots => by_at(without_peers),
        };
        let (name, version) = parts.unzip();
        // What follows the name may be an address instead of a version.
        let address = match version {
            Some(version) => Some(version).filter(|version| version.contains(':')),
            None => Some(without_peers),
        };
        Self {
            name,
            version: version.filter(|_| address.is_none()),
            address,
            without_peers,
        }
    }
}

/// `name@version`; a scope has an `@` of its own.
fn by_at(text: &str) -> Option<(&str, &str)> {
    let at = text.get(1..)?.find('@')? + 1;
    Some((&text[..at], &text[at + 1..]))
}

/// What stands behind the host name of a registry.
fn behind_host(text: &str) -> Option<&str> {
    let (host, rest) = text.split_once('/')?;
    (host.contains('.') && !host.contains([':', '@'])).then_some(rest)
}

/// `/name/version`, with the peers cut off.
fn by_slashes(text: &str) -> Option<(&str, &str)> {
    let path = text.strip_prefix('/').or_else(|| behind_host(text))?;
    let scope = if path.starts_with('@') {
        path.find('/')? + 1
    } else {
        0
    };
    let end = scope + path.get(scope..)?.find('/')?;
    let rest = &path[end + 1..];
    let version = rest.split(['/', '_']).next().unwrap_or(rest);
    // Hosts of git repositories look like registries: `github.com/user/repository/COMMIT`.
    let is_version = version.starts_with(|c: char| c.is_ascii_digit()) && version.contains('.');
    is_version.then_some((&path[..end], version))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(style: Style, text: &str, expected: &str) {
        let key = Key::parse(text, style);
        let or_dash = |text: Option<&str>| text.unwrap_or("-").to_owned();
        let shown = format!(
            "{} {} {}",
            or_dash(key.name),
            or_dash(key.version),
            or_dash(key.address)
        );
        assert_eq!(shown, expected, "{text}");
    }

    #[test]
    fn keys_of_version_5() {
        let check = |text, expected| check(Style::Slashes, text, expected);
        check("/foo/1.0.0", "foo 1.0.0 -");
        check("/@foo/bar/1.0.0", "@foo/bar 1.0.0 -");
        check("registry.npmjs.org/@foo/bar/1.1.0", "@foo/bar 1.1.0 -");
        check("example.com/foo/1.3.0_bar@2.0.0", "foo 1.3.0 -");
        check("/foo/1.4.0_@types+babel__core@7.1.14", "foo 1.4.0 -");
        check("/foo/1.4.0/bar@2.0.0", "foo 1.4.0 -");
        check("/foo/bar", "- - /foo/bar");
        check("github.com/kevva/is-positive", "- - github.com/kevva/is-positive");
        check("github.com/a/b/590f321b4eb3", "- - github.com/a/b/590f321b4eb3");
        check("file:../a", "- - file:../a");
    }

    #[test]
    fn keys_of_versions_6_and_9() {
        check(Style::At, "/react-dom@18.2.0(react@18.2.0)", "react-dom 18.2.0 -");
        check(Style::At, "/@a/b@1.0.0(x@1.0.0)(@y/z@2.0.0)", "@a/b 1.0.0 -");
        check(Style::At, "file:projects/a.tgz", "- - file:projects/a.tgz");
        check(Style::Snapshots, "@a/b@1.0.0", "@a/b 1.0.0 -");
        check(
            Style::Snapshots,
            "a@https://e.test/tar.gz/1",
            "a - https://e.test/tar.gz/1",
        );
        check(Style::Snapshots, "", "- - ");
    }
}

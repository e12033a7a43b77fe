//! Where components come from.

use inventory::Source;

use super::Ruling;
use super::license::label;
use super::registry::is_any;
use crate::{Check, GitSpec, Policy, SubjectComponent};

/// What the policy says of a component's source; the strictest rule that matches.
pub(crate) fn rule(policy: &Policy, component: &SubjectComponent<'_>) -> Option<Ruling> {
    [
        confusable(policy, component),
        unencrypted(policy, component),
        unlisted(policy, component),
        unpinned(policy, component),
        unusual(policy, component),
    ]
    .into_iter()
    .flatten()
    .reduce(|strictest, ruling| {
        if ruling.action > strictest.action {
            ruling
        } else {
            strictest
        }
    })
}

/// A name of one's own that does not come from one's own registry.
fn confusable(policy: &Policy, component: &SubjectComponent<'_>) -> Option<Ruling> {
    let section = &policy.source;
    if section.internal.is_empty() || !is_any(&section.internal, component) {
        return None;
    }
    let from = match component.source {
        Source::Path(_) => return None,
        Source::OtherRegistry(url) if is_listed(&section.internal_registries, url, true) => return None,
        // Nothing says that it does, which is what an attacker's package looks like, too.
        Source::Registry => "nothing says that it comes from a registry of your own".to_owned(),
        Source::OtherRegistry(url) | Source::Git(url) | Source::Url(url) => {
            format!("it comes from {}", shown(url))
        }
    };
    let reason = format!("{} is a name of your own, and {from}.", label(component));
    Ruling::new(
        "source.dependency_confusion",
        Check::Source,
        section.dependency_confusion,
        reason,
    )
    .unless_ignored()
}

/// A package from a registry that is not among those of its type.
fn unlisted(policy: &Policy, component: &SubjectComponent<'_>) -> Option<Ruling> {
    let kind = component.purl?.strip_prefix("pkg:")?.split('/').next()?;
    let listed = policy.source.registries.get(kind)?;
    let from = match component.source {
        Source::Registry if listed.iter().any(|address| address == "default") => return None,
        Source::Registry => "the default registry",
        Source::OtherRegistry(url) if is_listed(listed, url, false) => return None,
        Source::OtherRegistry(url) => url,
        Source::Git(_) | Source::Url(_) | Source::Path(_) => return None,
    };
    let reason = format!(
        "{} comes from {}, which is not among the registries for {kind}.",
        label(component),
        shown(from)
    );
    ruling("source.registries", policy.source.unlisted_registry, reason, from)
}

/// Whether an address begins as a listed one does, up to a slash; an empty list holds what `any` says.
fn is_listed(listed: &[String], url: &str, any: bool) -> bool {
    let plain = |url: &str| {
        let url = url
            .strip_prefix("sparse+")
            .or_else(|| url.strip_prefix("registry+"))
            .unwrap_or(url);
        url.trim_end_matches('/').to_ascii_lowercase()
    };
    let url = plain(url);
    let begins = |address: &String| {
        let address = plain(address);
        url == address
            || url
                .strip_prefix(&address)
                .is_some_and(|rest| rest.starts_with('/'))
    };
    listed.iter().any(begins) || (any && listed.is_empty())
}

/// A git dependency that is pinned less exactly than the policy wants.
fn unpinned(policy: &Policy, component: &SubjectComponent<'_>) -> Option<Ruling> {
    let wanted = policy.source.required_git_spec;
    let Source::Git(url) = component.source else {
        return None;
    };
    let given = git_spec(url);
    if given >= wanted {
        return None;
    }
    let reason = format!(
        "{} comes from git and is pinned to `{}`, less exactly than `{}`: {}.",
        label(component),
        given.name(),
        wanted.name(),
        shown(url)
    );
    ruling("source.required_git_spec", crate::Action::Fail, reason, url)
}

/// How exactly an address pins what is fetched. Cargo says what was asked for in the query; the fragment of its lockfile
/// is what came of it. Others carry only the commit.
fn git_spec(url: &str) -> GitSpec {
    let (address, fragment) = url.split_once('#').unwrap_or((url, ""));
    let query = address.split_once('?').map_or("", |(_, query)| query);
    for pair in query.split('&') {
        match pair.split_once('=').map_or(pair, |(key, _)| key) {
            "rev" => return GitSpec::Rev,
            "tag" => return GitSpec::Tag,
            "branch" => return GitSpec::Branch,
            _ => {}
        }
    }
    let path = address.rsplit('/').next().unwrap_or_default();
    let pinned = path.rsplit_once('@').map_or(fragment, |(_, pinned)| pinned);
    let fragment = fragment.strip_prefix("semver:").map_or(pinned, |_| "");
    match fragment.split(['&', ':']).next().unwrap_or_default() {
        "" => GitSpec::Any,
        commit if (7..=64).contains(&commit.len()) && commit.bytes().all(|b| b.is_ascii_hexdigit()) => {
            GitSpec::Rev
        }
        // A name, of which nobody can tell whether it is a tag or a branch.
        _ => GitSpec::Branch,
    }
}

fn unencrypted(policy: &Policy, component: &SubjectComponent<'_>) -> Option<Ruling> {
    let url = url(component.source).filter(|url| is_unencrypted(url))?;
    let reason = format!(
        "{} is fetched without encryption, from {}.",
        label(component),
        shown(url)
    );
    ruling("source.http", policy.source.http, reason, url)
}

fn unusual(policy: &Policy, component: &SubjectComponent<'_>) -> Option<Ruling> {
    let section = &policy.source;
    if is_listed_registry(policy, component) {
        return None;
    }
    let (rule, action, what, url) = match component.source {
        Source::Registry => return None,
        Source::Git(url) => ("source.git", section.git, "a git repository", url),
        Source::Url(url) => ("source.url", section.url, "a plain address", url),
        Source::Path(path) => ("source.file", section.file, "a folder", path),
        Source::OtherRegistry(url) => (
            "source.other_registry",
            section.other_registry,
            "a registry that is not the default",
            url,
        ),
    };
    if host(url).is_some_and(|host| {
        section
            .allowed_hosts
            .iter()
            .any(|allowed| allowed.eq_ignore_ascii_case(host))
    }) {
        return None;
    }
    let reason = format!("{} comes from {what}, {}.", label(component), shown(url));
    ruling(rule, action, reason, url)
}

/// A registry that is listed for its type is as good as the default one.
fn is_listed_registry(policy: &Policy, component: &SubjectComponent<'_>) -> bool {
    let kind = component
        .purl
        .and_then(|purl| purl.strip_prefix("pkg:")?.split('/').next());
    let listed = kind.and_then(|kind| policy.source.registries.get(kind));
    match (component.source, listed) {
        (Source::OtherRegistry(url), Some(listed)) => is_listed(listed, url, false),
        _ => false,
    }
}

fn ruling(rule: &'static str, action: crate::Action, reason: String, url: &str) -> Option<Ruling> {
    Ruling::new(rule, Check::Source, action, reason)
        .with_fact("source", shown(url))
        .unless_ignored()
}

fn url(source: &Source) -> Option<&str> {
    match source {
        Source::Registry | Source::Path(_) => None,
        Source::Git(url) | Source::Url(url) | Source::OtherRegistry(url) => Some(url),
    }
}

fn is_unencrypted(url: &str) -> bool {
    let url = url.to_ascii_lowercase();
    let url = url
        .split_once('+')
        .filter(|(kind, _)| !kind.contains(':'))
        .map_or(url.as_str(), |(_, url)| url);
    ["http://", "git://", "ftp://", "svn://"]
        .iter()
        .any(|scheme| url.starts_with(scheme))
}

/// The host of `scheme://user@host:port/path` or `user@host:path`, without user and port.
fn host(url: &str) -> Option<&str> {
    let authority = match url.split_once("://") {
        Some((_, rest)) => rest.split(['/', '?', '#']).next()?,
        None => url.split_once(':').filter(|(host, _)| host.contains('@'))?.0,
    };
    let host = authority.rsplit('@').next()?;
    Some(host.split(':').next().unwrap_or(host))
}

/// The address without the credentials that some lockfiles carry.
fn shown(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let host = authority.rsplit('@').next().unwrap_or(authority);
    format!("{scheme}://{host}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pins_of_git_addresses() {
        for (url, expected) in [
            (
                "git+https://example.org/x?rev=abc#0123456789abcdef0123456789abcdef01234567",
                GitSpec::Rev,
            ),
            (
                "git+https://example.org/x?tag=v1#0123456789abcdef0123456789abcdef01234567",
                GitSpec::Tag,
            ),
            ("git+https://example.org/x?branch=main#0123456", GitSpec::Branch),
            (
                "git+ssh://git@example.org/x.git#0123456789abcdef0123456789abcdef01234567",
                GitSpec::Rev,
            ),
            ("git+ssh://git@example.org/x.git#main", GitSpec::Branch),
            ("git+ssh://git@example.org/x.git#semver:^1", GitSpec::Any),
            ("git+https://example.org/x@0123456789abcdef", GitSpec::Rev),
            ("git+https://user@example.org/x", GitSpec::Any),
            ("https://example.org/x.git", GitSpec::Any),
        ] {
            assert_eq!(git_spec(url), expected, "{url}");
        }
    }

    #[test]
    fn hosts_and_credentials_of_addresses() {
        for (url, expected_host, expected_shown, unencrypted) in [
            (
                "https://example.org/x",
                Some("example.org"),
                "https://example.org/x",
                false,
            ),
            (
                "git+https://u:p@example.org:8443/x",
                Some("example.org"),
                "git+https://example.org:8443/x",
                false,
            ),
            (
                "git+http://example.org/x",
                Some("example.org"),
                "git+http://example.org/x",
                true,
            ),
            (
                "HTTP://example.org",
                Some("example.org"),
                "HTTP://example.org",
                true,
            ),
            (
                "https://example.org/a+http://b",
                Some("example.org"),
                "https://example.org/a+http://b",
                false,
            ),
            (
                "git://example.org/x",
                Some("example.org"),
                "git://example.org/x",
                true,
            ),
            (
                "git@example.org:team/x",
                Some("example.org"),
                "git@example.org:team/x",
                false,
            ),
            ("../x", None, "../x", false),
        ] {
            assert_eq!(host(url), expected_host, "{url}");
            assert_eq!(shown(url), expected_shown, "{url}");
            assert_eq!(is_unencrypted(url), unencrypted, "{url}");
        }
    }
}

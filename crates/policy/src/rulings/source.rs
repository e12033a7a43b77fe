//! Where components come from.

use inventory::Source;

use super::Ruling;
use super::license::label;
use crate::{Check, Policy, SubjectComponent};

/// What the policy says of a component's source; the strictest rule that matches.
pub(crate) fn rule(policy: &Policy, component: &SubjectComponent<'_>) -> Option<Ruling> {
    [unencrypted(policy, component), unusual(policy, component)]
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

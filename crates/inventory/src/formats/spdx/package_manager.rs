//! Package URLs from the reference types that SPDX had before them: `npm`, `maven-central`, `nuget`.

use crate::{Purl, PurlParts};

pub(super) fn purl(kind: &str, locator: &str) -> Option<Purl> {
    let (kind, namespace, name, version) = match kind {
        "npm" => npm(locator)?,
        "maven-central" => {
            let mut parts = locator.splitn(3, ':');
            (
                "maven",
                parts.next()?,
                parts.next()?,
                parts.next().unwrap_or_default(),
            )
        }
        "nuget" => {
            let (name, version) = locator.split_once('/').unwrap_or((locator, ""));
            ("nuget", "", name, version)
        }
        // The specification has these for identities of nothing that is published as a package.
        _ => return None,
    };
    let parts = PurlParts {
        kind,
        namespace: Some(namespace),
        name,
        version: Some(version),
        ..PurlParts::default()
    };
    Purl::from_parts(&parts).ok()
}

/// `http-server@0.3.0`, `@scope/name@1.0.0`, and with a prefix that some tools add, `npm:`.
fn npm(locator: &str) -> Option<(&str, &str, &str, &str)> {
    let locator = locator.strip_prefix("npm:").unwrap_or(locator);
    let (path, version) = locator.rsplit_once('@').filter(|(path, _)| !path.is_empty())?;
    let (scope, name) = path.rsplit_once('/').unwrap_or(("", path));
    Some(("npm", scope, name, version))
}

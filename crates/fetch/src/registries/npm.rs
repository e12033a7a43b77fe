//! npm: one packument a package, by scope from the registry that the operator gave it.

use ecosystems::resolve::Answer;

use super::{Registries, Wanted};

pub(super) async fn package(registries: &Registries, name: &str) -> Answer {
    let scope = name.split_once('/').map_or("", |(scope, _)| scope);
    let places = &registries.settings.npm;
    let Some(place) = places.get(scope).or_else(|| places.get("")) else {
        return Answer::Failed("no npm registry is configured".to_owned());
    };
    if !is_name(name) {
        return Answer::Absent;
    }
    // A scoped name is one segment of the path.
    let mut url = place.base.clone();
    let segment = name.replace('/', "%2F");
    url.set_path(&format!("{}{segment}", place.base.path()));
    let wanted = Wanted {
        key: format!("npm {url}"),
        url,
        place,
        accept: "application/vnd.npm.install-v1+json; q=0.1, application/json",
        reduce: registries.reduce_packument,
    };
    registries.document(wanted).await
}

/// Whether a package can have this name: what it becomes a part of is a path.
fn is_name(name: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~!*'()".contains(&byte);
    let is_part = |part: &str| !part.is_empty() && !part.starts_with('.') && part.bytes().all(is_letter);
    let (scope, name) = match name.strip_prefix('@').map(|scoped| scoped.split_once('/')) {
        Some(Some((scope, name))) => (Some(scope), name),
        Some(None) => return false,
        None => (None, name),
    };
    name.len() <= 214 && is_part(name) && scope.is_none_or(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_lead_elsewhere() {
        for name in ["express", "@acme/ui", "JSONStream", "lodash.merge", "a~b"] {
            assert!(is_name(name), "{name}");
        }
        for name in [
            "", "..", "@acme", "@acme/", "@../x", "a/b", "a?b", "a#b", "a%2Fb", "@a/b/c",
        ] {
            assert!(!is_name(name), "{name}");
        }
    }
}

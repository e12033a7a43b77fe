//! What tools write about a package version beyond its identity: cdxgen's properties, and our own.

use clock::Timestamp;

use super::write::carried::Fact;
use crate::PackageFacts;

const DEPRECATED: &str = "plumbline:deprecated";
const YANKED: &str = "plumbline:yanked";
const INSTALL_SCRIPT: &str = "plumbline:install_script";
const REPOSITORY: &str = "plumbline:repository";
const PUBLISHED: &str = "plumbline:published";

/// Reads the facts from a component's properties. Ours come first: they are what the model held when it was written.
pub(super) fn of_properties<'a>(property: impl Fn(&str) -> Option<&'a str>) -> PackageFacts {
    let flag = |keys: &[&str]| keys.iter().find_map(|key| property(key)).and_then(flag);
    PackageFacts {
        // cdxgen writes the maintainers' notice as the value.
        deprecated: [DEPRECATED, "cdx:npm:deprecation_notice", "cdx:npm:deprecated"]
            .iter()
            .find_map(|key| property(key))
            .map(flag_or_text),
        yanked: flag(&[YANKED]),
        install_script: flag(&[INSTALL_SCRIPT, "cdx:npm:hasInstallScript"]),
        repository: flag(&[REPOSITORY]),
        published: property(PUBLISHED).and_then(moment),
    }
}

/// The facts as properties of ours, without those that a reader sees in the others.
pub(super) fn to_properties<'a>(
    facts: &PackageFacts,
    property: impl Fn(&str) -> Option<&'a str>,
) -> Vec<Fact> {
    let seen = of_properties(property);
    let flags = [
        (DEPRECATED, facts.deprecated, seen.deprecated),
        (YANKED, facts.yanked, seen.yanked),
        (INSTALL_SCRIPT, facts.install_script, seen.install_script),
        (REPOSITORY, facts.repository, seen.repository),
    ];
    let flags = flags.into_iter().filter(|(_, told, seen)| told != seen);
    let published = facts.published.as_ref();
    flags
        .filter_map(|(name, told, _)| Some((name, told?.to_string())))
        .chain(published.map(|moment| (PUBLISHED, moment.clone())))
        .collect()
}

/// What is no time is nothing.
fn moment(value: &str) -> Option<String> {
    let value = value.trim();
    value.parse::<Timestamp>().is_ok().then(|| value.to_owned())
}

fn flag(value: &str) -> Option<bool> {
    match value.trim() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// A notice in words is a yes.
fn flag_or_text(value: &str) -> bool {
    let value = value.trim();
    flag(value).unwrap_or(!value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_absent_is_not_known() {
        let none = of_properties(|_| None);
        assert!(none.is_empty());
        let some = of_properties(|key| match key {
            "cdx:npm:deprecated" => Some("use another one"),
            "cdx:npm:hasInstallScript" => Some("true"),
            "plumbline:yanked" => Some("maybe"),
            "plumbline:repository" => Some("true"),
            "plumbline:published" => Some("yesterday"),
            _ => None,
        });
        assert_eq!(some.deprecated, Some(true));
        assert_eq!(some.install_script, Some(true));
        assert_eq!(some.yanked, None);
        assert_eq!(some.repository, Some(true));
        assert_eq!(some.published, None);
    }

    #[test]
    fn what_others_say_already_is_not_said_again() {
        let facts = PackageFacts {
            deprecated: Some(true),
            install_script: Some(false),
            yanked: Some(false),
            ..PackageFacts::default()
        };
        let cdxgen = |key: &str| match key {
            "cdx:npm:deprecated" | "cdx:npm:hasInstallScript" => Some("true"),
            _ => None,
        };
        let ours = to_properties(&facts, cdxgen);
        assert_eq!(
            ours,
            [(YANKED, "false".to_owned()), (INSTALL_SCRIPT, "false".to_owned())]
        );
        let both = |key: &str| {
            let own = ours.iter().find(|(name, _)| *name == key);
            own.map(|(_, value)| value.as_str()).or_else(|| cdxgen(key))
        };
        assert_eq!(of_properties(both), facts);
    }
}

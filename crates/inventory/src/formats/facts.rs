//! What tools write about a package version beyond its identity: cdxgen's properties, and our own.

use crate::PackageFacts;

/// Reads the facts from a component's properties.
pub(super) fn of_properties<'a>(property: impl Fn(&str) -> Option<&'a str>) -> PackageFacts {
    let flag = |keys: &[&str]| keys.iter().find_map(|key| property(key)).and_then(flag);
    PackageFacts {
        // cdxgen writes the maintainers' notice as the value.
        deprecated: [
            "cdx:npm:deprecation_notice",
            "cdx:npm:deprecated",
            "plumbline:deprecated",
        ]
        .iter()
        .find_map(|key| property(key))
        .map(|value| flag_or_text(value)),
        yanked: flag(&["plumbline:yanked"]),
        install_script: flag(&["cdx:npm:hasInstallScript", "plumbline:install_script"]),
        repository: flag(&["plumbline:repository"]),
        published: property("plumbline:published").map(str::to_owned),
    }
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
            _ => None,
        });
        assert_eq!(some.deprecated, Some(true));
        assert_eq!(some.install_script, Some(true));
        assert_eq!(some.yanked, None);
        assert_eq!(some.repository, Some(true));
    }
}

//! Which package of the operating system installed a package of a language.
//!
//! SPDX documents of Syft say it in a relationship. CycloneDX has no word for it; there the place tells: what
//! lies among Debian's own Python modules belongs to the package `python3-NAME` of the same upstream version.

use std::collections::HashMap;

use crate::{Component, ComponentId};

/// Where packages of Debian and Ubuntu install Python modules; `pip` never writes there.
const DEBIAN_PYTHON: &str = "usr/lib/python3/dist-packages/";

/// How Syft begins the comment of the relationship between owner and owned.
pub(super) const SYFT_OWNERSHIP: &str = "ownership-by-file-overlap";

/// The whole comment, as it is written again.
pub(super) const OWNERSHIP_COMMENT: &str =
    "ownership-by-file-overlap: the first package installed files of the second";

/// Whether the properties of a component say that it lies among the modules of the system.
pub(super) fn lies_in_system(properties: &[(&str, Option<&str>)]) -> bool {
    let is_place = |name: &str| {
        let syft = name.starts_with("syft:location:") && name.ends_with(":path");
        syft || name == "aquasecurity:trivy:FilePath"
    };
    let is_in = |value: &str| value.trim_start_matches('/').starts_with(DEBIAN_PYTHON);
    properties
        .iter()
        .any(|(name, value)| is_place(name) && value.is_some_and(is_in))
}

/// Finds the owners of Python packages that lie among the modules of the system.
pub(super) fn find_owners(components: &mut [Component], in_system: &[ComponentId]) {
    if in_system.is_empty() {
        return;
    }
    let owners: HashMap<String, (ComponentId, String)> = (0..)
        .zip(components.iter())
        .filter_map(|(id, component)| {
            let purl = component.purl.as_ref().filter(|purl| purl.kind() == "deb")?;
            let module = purl.name().strip_prefix("python3-")?;
            Some((module.to_owned(), (id, upstream(purl.version()?).to_owned())))
        })
        .collect();
    for id in in_system {
        let Some(component) = usize::try_from(*id).ok().and_then(|id| components.get_mut(id)) else {
            continue;
        };
        let Some(purl) = component.purl.as_ref().filter(|purl| purl.kind() == "pypi") else {
            continue;
        };
        let owner = owners.get(purl.name());
        let owner = owner.filter(|(_, version)| purl.version() == Some(version.as_str()));
        component.owned_by = component.owned_by.or(owner.map(|(owner, _)| *owner));
    }
}

/// `1.26.12` of `1:1.26.12+dfsg-1`.
fn upstream(version: &str) -> &str {
    let version = version.split_once(':').map_or(version, |(_, rest)| rest);
    let version = version.rsplit_once('-').map_or(version, |(upstream, _)| upstream);
    version.split(['+', '~']).next().unwrap_or(version)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Purl;

    fn component(purl: &str) -> Component {
        Component {
            purl: Purl::lenient(purl).ok(),
            ..Component::default()
        }
    }

    #[test]
    fn the_place_and_the_version_tell_the_owner() {
        let mut components = [
            component("pkg:deb/debian/python3-urllib3@1.26.12-1%2Bdeb12u1"),
            component("pkg:pypi/urllib3@1.26.12"),
            component("pkg:pypi/urllib3@2.0.0"),
            component("pkg:pypi/requests@2.0.0"),
        ];
        find_owners(&mut components, &[1, 2, 3]);
        let owners: Vec<_> = components.iter().map(|component| component.owned_by).collect();
        assert_eq!(owners, [None, Some(0), None, None]);
    }

    #[test]
    fn only_the_modules_of_the_system_count() {
        assert!(lies_in_system(&[(
            "syft:location:0:path",
            Some("/usr/lib/python3/dist-packages/urllib3-1.26.12.egg-info")
        )]));
        assert!(lies_in_system(&[(
            "aquasecurity:trivy:FilePath",
            Some("usr/lib/python3/dist-packages/x/METADATA")
        )]));
        assert!(!lies_in_system(&[(
            "syft:location:0:path",
            Some("/usr/local/lib/python3.11/dist-packages/x")
        )]));
        assert!(!lies_in_system(&[(
            "x",
            Some("/usr/lib/python3/dist-packages/x")
        )]));
    }
}

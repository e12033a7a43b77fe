//! Which licenses "or any later version" lets one choose.

use spdx::LicenseId;
use spdx::identifiers::LICENSES;

/// The same license in this (when `plus`, which stands outside the id) and later versions, except the id itself;
/// nothing for an id that does not say "or later".
pub(crate) fn later_versions(id: LicenseId, plus: bool) -> Vec<LicenseId> {
    let Some(own) = Parts::of(id.name).filter(|parts| plus || parts.suffix == "-or-later") else {
        return Vec::new();
    };
    LICENSES
        .iter()
        .filter(|license| license.flags & spdx::flags::IS_DEPRECATED == 0 && license.name != id.name)
        .filter(|license| Parts::of(license.name).is_some_and(|parts| own.may_become(&parts)))
        .filter_map(|license| spdx::license_id(license.name))
        .collect()
}

/// `GPL-2.0-or-later` as family `GPL`, version `[2, 0]` and suffix `-or-later`.
struct Parts<'a> {
    family: &'a str,
    version: Vec<u32>,
    suffix: &'a str,
}

impl<'a> Parts<'a> {
    fn of(name: &'a str) -> Option<Self> {
        let dash = name.match_indices('-').map(|(at, _)| at).find(|at| {
            name.get(at + 1..)
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        })?;
        let (family, rest) = (name.get(..dash)?, name.get(dash + 1..)?);
        let end = rest
            .find(|c: char| c != '.' && !c.is_ascii_digit())
            .unwrap_or(rest.len());
        let (digits, suffix) = rest.split_at(end);
        let version = digits.split('.').map(str::parse).collect::<Result<_, _>>().ok()?;
        Some(Self {
            family,
            version,
            suffix,
        })
    }

    fn may_become(&self, other: &Self) -> bool {
        let suffix = other.suffix == self.suffix || other.suffix == "-only" && self.suffix == "-or-later";
        self.family == other.family && suffix && other.version >= self.version
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_versions_are_of_the_same_family_and_never_earlier() {
        for (id, plus, expect) in [
            (
                "GPL-2.0-or-later",
                false,
                &["GPL-2.0-only", "GPL-3.0-only", "GPL-3.0-or-later"][..],
            ),
            ("GPL-3.0-only", false, &[]),
            ("EPL-1.0", true, &["EPL-2.0"]),
            ("EPL-1.0", false, &[]),
            ("Apache-2.0", true, &[]),
            ("MIT", true, &[]),
        ] {
            let names: Vec<&str> = later_versions(spdx::license_id(id).unwrap(), plus)
                .iter()
                .map(|l| l.name)
                .collect();
            assert_eq!(names, expect, "{id} plus={plus}");
        }
    }
}

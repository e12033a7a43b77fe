//! The SPDX License List: ids in any case, and what became of deprecated ones.

use std::collections::HashMap;
use std::sync::OnceLock;

use spdx::identifiers::{EXCEPTIONS, LICENSES};
use spdx::{ExceptionId, LicenseId};

/// Deprecated ids that are not simply `…-only`, with the expression that SPDX gives instead.
const REPLACED: &[(&str, &str, Option<&str>)] = &[
    ("BSD-2-Clause-FreeBSD", "BSD-2-Clause", None),
    ("BSD-2-Clause-NetBSD", "BSD-2-Clause", None),
    ("bzip2-1.0.5", "bzip2-1.0.6", None),
    ("eCos-2.0", "GPL-2.0-or-later", Some("eCos-exception-2.0")),
    (
        "GPL-2.0-with-autoconf-exception",
        "GPL-2.0-only",
        Some("Autoconf-exception-2.0"),
    ),
    (
        "GPL-2.0-with-bison-exception",
        "GPL-2.0-only",
        Some("Bison-exception-2.2"),
    ),
    (
        "GPL-2.0-with-classpath-exception",
        "GPL-2.0-only",
        Some("Classpath-exception-2.0"),
    ),
    (
        "GPL-2.0-with-font-exception",
        "GPL-2.0-only",
        Some("Font-exception-2.0"),
    ),
    (
        "GPL-2.0-with-GCC-exception",
        "GPL-2.0-only",
        Some("GCC-exception-2.0"),
    ),
    (
        "GPL-3.0-with-autoconf-exception",
        "GPL-3.0-only",
        Some("Autoconf-exception-3.0"),
    ),
    (
        "GPL-3.0-with-GCC-exception",
        "GPL-3.0-only",
        Some("GCC-exception-3.1"),
    ),
    ("StandardML-NJ", "SMLNJ", None),
    ("wxWindows", "LGPL-2.0-or-later", Some("WxWindows-exception-3.1")),
];

/// The license with this id, whatever its case. `NOASSERTION` and `NONE` are no licenses.
pub(crate) fn license(id: &str) -> Option<LicenseId> {
    static BY_ID: OnceLock<HashMap<String, LicenseId>> = OnceLock::new();
    BY_ID
        .get_or_init(|| {
            LICENSES
                .iter()
                .filter(|license| license.name != "NOASSERTION")
                .filter_map(|license| {
                    Some((license.name.to_ascii_lowercase(), spdx::license_id(license.name)?))
                })
                .collect()
        })
        .get(&id.to_ascii_lowercase())
        .copied()
}

/// The exception with this id, whatever its case.
pub(crate) fn exception(id: &str) -> Option<ExceptionId> {
    static BY_ID: OnceLock<HashMap<String, ExceptionId>> = OnceLock::new();
    BY_ID
        .get_or_init(|| {
            EXCEPTIONS
                .iter()
                .filter_map(|e| Some((e.name.to_ascii_lowercase(), spdx::exception_id(e.name)?)))
                .collect()
        })
        .get(&id.to_ascii_lowercase())
        .copied()
}

/// The license whose full name, folded as [`crate::names`] folds, is this; names of two licenses name none.
pub(crate) fn by_full_name(folded: &str) -> Option<LicenseId> {
    static BY_NAME: OnceLock<HashMap<String, Option<LicenseId>>> = OnceLock::new();
    let by_name = BY_NAME.get_or_init(|| {
        let mut names: HashMap<String, Option<LicenseId>> = HashMap::new();
        for license in LICENSES
            .iter()
            .filter(|l| l.flags & spdx::flags::IS_DEPRECATED == 0)
        {
            names
                .entry(crate::names::fold(license.full_name))
                .and_modify(|id| *id = None)
                .or_insert_with(|| spdx::license_id(license.name));
        }
        names
    });
    by_name.get(folded).copied().flatten()
}

/// The current id (and exception) for a deprecated one; `or_later` is whether a `+` followed.
pub(crate) fn current(id: LicenseId, or_later: bool) -> (LicenseId, Option<ExceptionId>) {
    if let Some((_, license, exception)) = REPLACED.iter().find(|(old, ..)| *old == id.name) {
        let exception = exception.and_then(spdx::exception_id);
        return (spdx::license_id(license).unwrap_or(id), exception);
    }
    (gnu(id, or_later).unwrap_or(id), None)
}

/// The `-only` or `-or-later` id for a GNU license: its suffix says what `+` says elsewhere.
fn gnu(id: LicenseId, or_later: bool) -> Option<LicenseId> {
    let name = id.name.trim_end_matches('+');
    let later = or_later || id.name.ends_with('+') || name.ends_with("-or-later");
    let base = name.trim_end_matches("-only").trim_end_matches("-or-later");
    spdx::license_id(&format!("{base}-{}", if later { "or-later" } else { "only" }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_replacement_is_on_the_list_and_not_deprecated() {
        for (old, new, addition) in REPLACED {
            assert!(license(old).is_some_and(LicenseId::is_deprecated), "{old}");
            assert!(license(new).is_some_and(|id| !id.is_deprecated()), "{new}");
            assert!(addition.is_none_or(|id| exception(id).is_some()), "{addition:?}");
        }
    }

    #[test]
    fn every_deprecated_gnu_id_has_a_current_one() {
        let gnu = LICENSES.iter().filter(|l| {
            ["GPL-", "LGPL-", "AGPL-", "GFDL-"]
                .iter()
                .any(|p| l.name.starts_with(p))
        });
        let mut seen = 0;
        for id in gnu.filter_map(|l| spdx::license_id(l.name)) {
            assert!(!current(id, false).0.is_deprecated(), "{}", id.name);
            seen += 1;
        }
        assert!(seen > 30, "only {seen} GNU ids on the list");
    }
}

//! Which database speaks for which ecosystem, and how an OSV ecosystem name is read.

use crate::Class;

/// An OSV ecosystem name split at its first colon: `Debian:12` → (`Debian`, `12`).
#[must_use]
pub(crate) fn split_ecosystem(name: &str) -> (&str, Option<&str>) {
    match name.split_once(':') {
        Some((base, release)) if !release.is_empty() => (base, Some(release)),
        Some((base, _)) => (base, None),
        None => (name, None),
    }
}

/// The id prefixes of the database that an ecosystem itself keeps.
fn native_prefixes(base: &str) -> &'static [&'static str] {
    match base {
        "crates.io" => &["RUSTSEC-"],
        "PyPI" => &["PYSEC-"],
        "npm" => &["GHSA-"],
        "Go" => &["GO-"],
        "RubyGems" => &["RUBYSEC-"],
        "Hackage" | "GHC" => &["HSEC-"],
        "CRAN" => &["RSEC-"],
        "Julia" => &["JLSEC-"],
        "Hex" => &["EEF-"],
        "opam" => &["OSEC-"],
        "Bitnami" => &["BIT-"],
        "Debian" => &["DSA-", "DLA-", "DTSA-", "DEBIAN-"],
        "Ubuntu" => &["USN-", "LSN-", "UBUNTU-"],
        "Alpine" => &["ALPINE-"],
        "Alpaquita" | "BellSoft Hardened Containers" => &["BELL-"],
        "Chainguard" | "Wolfi" => &["CGA-"],
        "CleanStart" => &["CLEANSTART-"],
        "MinimOS" => &["MINI-"],
        "Echo" => &["ECHO-"],
        "AlmaLinux" => &["ALSA-", "ALBA-", "ALEA-"],
        "Rocky Linux" => &["RLSA-", "RXSA-", "RLBA-", "RLEA-"],
        "Red Hat" => &["RHSA-", "RHBA-", "RHEA-"],
        "SUSE" => &["SUSE-"],
        "openSUSE" => &["openSUSE-", "SUSE-"],
        "openEuler" => &["OESA-"],
        "Mageia" => &["MGASA-"],
        "Azure Linux" => &["AZL-"],
        "Photon OS" => &["PHSA-"],
        _ => &[],
    }
}

pub(crate) fn is_native(base: &str, id: &str) -> bool {
    native_prefixes(base).iter().any(|prefix| id.starts_with(prefix))
}

/// Distributions rate and number what they ship themselves.
pub(crate) fn is_distribution(base: &str) -> bool {
    ecosystems::by_name(base).is_some_and(|ecosystem| ecosystem.distribution().is_some())
}

/// Ranges without a release say nothing there: every release patches its own branch.
pub(crate) fn needs_release(base: &str) -> bool {
    let distribution = ecosystems::by_name(base).and_then(ecosystems::Ecosystem::distribution);
    distribution.is_some_and(ecosystems::Distribution::needs_release)
}

/// Ecosystems whose own order is that of Semantic Versioning, where a `SEMVER` range is a native one.
pub(crate) fn orders_as_semver(base: &str) -> bool {
    matches!(
        base,
        "npm"
            | "crates.io"
            | "Go"
            | "Hex"
            | "Pub"
            | "NuGet"
            | "SwiftURL"
            | "GitHub Actions"
            | "ConanCenter"
            | "Bitnami"
            | "Julia"
            | "VSCode"
            | "GHC"
    )
}

/// Ids of errata that mend no vulnerability.
const ERRATA: [&str; 6] = ["ALBA-", "ALEA-", "RLBA-", "RLEA-", "RHBA-", "RHEA-"];

/// The class that an id and RustSec's `informational` give.
pub(crate) fn class(id: &str, informational: Option<&str>) -> Class {
    match informational {
        _ if id.starts_with("MAL-") => Class::Malicious,
        Some("unmaintained") => Class::Unmaintained,
        Some("unsound") => Class::Unsound,
        Some("notice") => Class::Notice,
        // Errata that mend bugs or add features.
        None if ERRATA.iter().any(|prefix| id.starts_with(prefix)) => Class::Notice,
        _ => Class::Vulnerability,
    }
}

/// The id to show for a group (`matching.md` §2.8). `ids` is sorted and not empty.
pub(crate) fn canonical<'a>(base: &str, ids: &'a [String]) -> &'a str {
    let first = |prefix: &str| ids.iter().find(|id| id.starts_with(prefix));
    let only_cve = || {
        let mut cves = ids.iter().filter(|id| id.starts_with("CVE-"));
        cves.next().filter(|_| cves.next().is_none())
    };
    let notice = || ["DSA-", "DLA-", "USN-"].into_iter().find_map(first);
    let native = || native_prefixes(base).iter().find_map(|prefix| first(prefix));
    let chosen = if is_distribution(base) { notice() } else { None };
    chosen
        .or_else(only_cve)
        .or_else(|| first("MAL-"))
        .or_else(native)
        .or_else(|| first("GHSA-"))
        .or(ids.first())
        .map_or("", String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_to_show_follows_the_ladder() {
        for (base, ids, shown) in [
            ("npm", &["CVE-2024-1", "GHSA-a"][..], "CVE-2024-1"),
            ("npm", &["CVE-2024-1", "CVE-2024-2", "GHSA-a"], "GHSA-a"),
            (
                "crates.io",
                &["CVE-2024-1", "CVE-2024-2", "GHSA-a", "RUSTSEC-1"],
                "RUSTSEC-1",
            ),
            ("PyPI", &["GHSA-a", "PYSEC-1"], "PYSEC-1"),
            ("PyPI", &["GHSA-a", "RUSTSEC-1"], "GHSA-a"),
            ("npm", &["GHSA-a", "MAL-1"], "MAL-1"),
            ("npm", &["A-1", "B-1"], "A-1"),
            ("Debian", &["CVE-2024-1", "DSA-1"], "DSA-1"),
            ("Debian", &["CVE-2024-1", "DEBIAN-CVE-2024-1"], "CVE-2024-1"),
        ] {
            let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
            assert_eq!(canonical(base, &ids), shown, "{base} {ids:?}");
        }
    }

    #[test]
    fn ecosystem_names_split_at_the_first_colon() {
        assert_eq!(split_ecosystem("npm"), ("npm", None));
        assert_eq!(split_ecosystem("Debian:12"), ("Debian", Some("12")));
        assert_eq!(split_ecosystem("Ubuntu:22.04:LTS"), ("Ubuntu", Some("22.04:LTS")));
        assert_eq!(split_ecosystem("Alpine:"), ("Alpine", None));
        assert!(is_distribution("Debian") && !is_distribution("npm"));
        assert!(needs_release("Alpine") && needs_release("Ubuntu") && !needs_release("Debian"));
    }
}

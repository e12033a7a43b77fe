//! The names under which documents speak of distributions.

use ecosystems::Ecosystem;
use inventory::Purl;

/// Whether packages of this purl type are those of operating systems.
pub(super) fn is_packaged(kind: &str) -> bool {
    matches!(kind, "deb" | "apk" | "alpine" | "rpm")
}

/// The distribution that a `distro` qualifier names: `debian-12`, `opensuse-leap-15.5`, `bookworm`.
pub(super) fn vendor(kind: &str, distro: &str) -> Option<&'static dyn Ecosystem> {
    let name = distro.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '_'));
    let by_name = ecosystems::by_purl(kind, Some(name)).filter(|_| !name.is_empty());
    by_name.or_else(|| by_code_name(kind, distro))
}

/// Code names belong to one distribution each; a bare number belongs to all.
fn by_code_name(kind: &str, distro: &str) -> Option<&'static dyn Ecosystem> {
    if distro.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let packaged = ecosystems::ALL
        .iter()
        .copied()
        .filter(|ecosystem| ecosystem.purl_type() == kind);
    packaged.into_iter().find(|ecosystem| {
        let release = ecosystem
            .distribution()
            .and_then(|distribution| distribution.release(distro));
        release.is_some_and(|release| !release.is_empty())
    })
}

/// What operating systems call themselves (`ID` and `NAME` of os-release, and what Trivy calls families), where
/// that is no namespace of a purl.
const SYSTEMS: [(&str, &str); 12] = [
    ("debian gnu/linux", "debian"),
    ("alpine linux", "alpine"),
    ("red hat enterprise linux", "redhat"),
    ("rocky linux", "rocky"),
    ("suse linux enterprise server", "sles"),
    ("sles for sap applications", "sles"),
    ("opensuse leap", "opensuse-leap"),
    ("opensuse tumbleweed", "opensuse-tumbleweed"),
    ("vmware photon os", "photon"),
    ("microsoft azure linux", "azurelinux"),
    ("common base linux mariner", "mariner"),
    ("bellsoft alpaquita linux", "alpaquita"),
];

/// The distribution that the name of an operating system's component is of.
pub(super) fn of_system(name: &str) -> Option<&'static dyn Ecosystem> {
    let lower = name.trim().to_ascii_lowercase();
    let known = SYSTEMS.iter().find(|(system, _)| lower.starts_with(system));
    let name = known.map_or(lower.as_str(), |(_, namespace)| namespace);
    let of = |name: &str| {
        let mut distributions = ecosystems::ALL.iter().copied();
        distributions.find(|ecosystem| ecosystem.purl_namespaces().contains(&name))
    };
    of(name).or_else(|| of(name.split([' ', '-']).next()?))
}

/// The module and stream in a modularity label, `nodejs:14:8040020210817133458:522a0ee4`.
pub(super) fn module(purl: &Purl) -> Option<String> {
    let label = ["modularitylabel", "rpmmod"]
        .into_iter()
        .find_map(|key| purl.qualifier(key))?;
    let mut parts = label.split(':');
    let (module, stream) = (parts.next()?, parts.next()?);
    (!module.is_empty() && !stream.is_empty()).then(|| format!("{module}:{stream}"))
}

//! Where a package's bytes come from, as far as a document proves it.
//!
//! Saying that a package is not the public one takes it out of the reach of advisories, so a hint is not enough:
//! a proxy's address or the home page of a repository prove nothing.

use crate::{Purl, Source};

/// Types with one default registry, and the hosts that serve it.
const REGISTRIES: &[(&str, &[&str])] = &[
    (
        "npm",
        &[
            "registry.npmjs.org",
            "registry.yarnpkg.com",
            "www.npmjs.com",
            "npmjs.com",
        ],
    ),
    ("cargo", &["crates.io", "static.crates.io", "index.crates.io"]),
    ("pypi", &["pypi.org", "pypi.python.org", "files.pythonhosted.org"]),
    ("gem", &["rubygems.org", "index.rubygems.org"]),
    ("nuget", &["nuget.org", "www.nuget.org", "api.nuget.org"]),
    ("composer", &["packagist.org", "repo.packagist.org"]),
    ("hex", &["hex.pm", "repo.hex.pm"]),
    ("pub", &["pub.dev", "pub.dartlang.org"]),
];
/// The git repository that is the older index of crates.io.
const CRATES_IO_INDEX: &str = "github.com/rust-lang/crates.io-index";

/// The property in which `npm sbom` says where in its project a package lies.
pub(super) const FOLDER: &str = "cdx:npm:package:path";

/// The source that a package URL's qualifiers prove, or else one of the locations that the document gives.
///
/// `folder` is where the document says that the package lies in its project.
pub(super) fn source<'a>(
    purl: Option<&Purl>,
    locations: impl IntoIterator<Item = &'a str>,
    folder: Option<&str>,
) -> Source {
    let kind = purl.map_or("", Purl::kind);
    let proven = |location: &'a str| {
        by_location(kind, location)
            .or_else(|| is_folder(kind, location, folder).then(|| Source::Path(location.to_owned())))
    };
    purl.and_then(by_qualifiers)
        .or_else(|| locations.into_iter().find_map(proven))
        .unwrap_or_default()
}

/// Whether a location is a folder of the project. `npm sbom` writes a workspace's folder where others have their
/// address; other tools write the `owner/name` of a repository there, so the folder must be where the package lies.
fn is_folder(kind: &str, location: &str, folder: Option<&str>) -> bool {
    kind == "npm"
        && !location.is_empty()
        && (location.starts_with("./") || location.starts_with("../") || folder == Some(location))
}

fn by_qualifiers(purl: &Purl) -> Option<Source> {
    let hosts = default_hosts(purl.kind())?;
    if let Some(url) = purl.qualifier("vcs_url") {
        return Some(Source::Git(url.to_owned()));
    }
    if let Some(url) = purl.qualifier("download_url") {
        return Some(match by_location(purl.kind(), url) {
            Some(source) => source,
            None if is_hosted_by(url, hosts) => Source::Registry,
            None => Source::Url(url.to_owned()),
        });
    }
    purl.qualifier("repository_url").map(|url| registry(url, hosts))
}

/// The spellings of locations that prove something by themselves.
fn by_location(kind: &str, location: &str) -> Option<Source> {
    let owned = || location.to_owned();
    if let Some(url) = location
        .strip_prefix("registry+")
        .or_else(|| location.strip_prefix("sparse+"))
    {
        return Some(registry(url, default_hosts(kind).unwrap_or_default()));
    }
    if ["git+", "git://", "git@", "ssh://git@"]
        .iter()
        .any(|prefix| location.starts_with(prefix))
    {
        return Some(Source::Git(owned()));
    }
    if location.starts_with("file:") || location.starts_with("path+file:") {
        return Some(Source::Path(owned()));
    }
    None
}

fn registry(url: &str, hosts: &[&str]) -> Source {
    if is_hosted_by(url, hosts) || url.contains(CRATES_IO_INDEX) {
        Source::Registry
    } else {
        Source::OtherRegistry(url.to_owned())
    }
}

fn default_hosts(kind: &str) -> Option<&'static [&'static str]> {
    REGISTRIES
        .iter()
        .find(|(known, _)| *known == kind)
        .map(|(_, hosts)| *hosts)
}

fn is_hosted_by(url: &str, hosts: &[&str]) -> bool {
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = after_scheme.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default();
    hosts.iter().any(|known| known.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_proof_takes_a_package_out_of_its_registry() {
        let git = |url: &str| Source::Git(url.to_owned());
        let other = |url: &str| Source::OtherRegistry(url.to_owned());
        for (purl, location, expect) in [
            (
                "pkg:npm/a@1",
                "https://registry.npmjs.org/a/-/a-1.tgz",
                Source::Registry,
            ),
            (
                "pkg:npm/a@1",
                "https://mirror.example.org/a/-/a-1.tgz",
                Source::Registry,
            ),
            (
                "pkg:npm/a@1",
                "git+ssh://git@example.org/a.git#1",
                git("git+ssh://git@example.org/a.git#1"),
            ),
            ("pkg:npm/a@1", "jshttp/accepts", Source::Registry),
            ("pkg:npm/a@1", "../a", Source::Path("../a".to_owned())),
            (
                "pkg:npm/a@1?vcs_url=git%2Bhttps://example.org/a",
                "",
                git("git+https://example.org/a"),
            ),
            (
                "pkg:npm/a@1?repository_url=https://registry.npmjs.org",
                "",
                Source::Registry,
            ),
            (
                "pkg:npm/a@1?repository_url=https://npm.example.org",
                "",
                other("https://npm.example.org"),
            ),
            (
                "pkg:cargo/a@1",
                "registry+https://github.com/rust-lang/crates.io-index",
                Source::Registry,
            ),
            (
                "pkg:cargo/a@1",
                "sparse+https://index.crates.io/",
                Source::Registry,
            ),
            (
                "pkg:cargo/a@1",
                "sparse+https://cargo.example.org/index/",
                other("https://cargo.example.org/index/"),
            ),
            (
                "pkg:cargo/a@1?download_url=file://.",
                "",
                Source::Path("file://.".to_owned()),
            ),
            (
                "pkg:pypi/a@1?download_url=https://files.pythonhosted.org/a.whl",
                "",
                Source::Registry,
            ),
            (
                "pkg:pypi/a@1?download_url=https://example.org/a.whl",
                "",
                Source::Url("https://example.org/a.whl".into()),
            ),
            (
                "pkg:maven/g/a@1?repository_url=https://maven.example.org",
                "",
                Source::Registry,
            ),
            ("pkg:oci/a@1?repository_url=ghcr.io/a", "", Source::Registry),
        ] {
            let read = Purl::lenient(purl).unwrap();
            assert_eq!(source(Some(&read), [location], None), expect, "{purl} {location}");
        }
    }

    #[test]
    fn a_folder_is_a_source_where_the_package_lies_in_it() {
        let purl = Purl::lenient("pkg:npm/a@1").unwrap();
        let source = |folder| source(Some(&purl), ["workspaces/a"], folder);
        assert_eq!(
            source(Some("workspaces/a")),
            Source::Path("workspaces/a".to_owned())
        );
        assert_eq!(source(Some("node_modules/a")), Source::Registry);
        assert_eq!(source(None), Source::Registry);
    }
}

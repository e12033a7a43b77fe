//! The source package of an operating system's package, in the dialects of the tools that write them.

use crate::{Purl, SourcePackage};

/// Looks into the package URL (`upstream` is Syft's, `source` and `origin` are scalibr's), then asks `property`
/// for what Syft and Trivy write as properties.
pub(super) fn source_package<'a>(
    purl: &Purl,
    property: impl Fn(&str) -> Option<&'a str>,
) -> Option<SourcePackage> {
    if !matches!(purl.kind(), "deb" | "apk" | "alpine" | "rpm") {
        return None;
    }
    by_upstream(purl)
        .or_else(|| named(purl.qualifier("source"), purl.qualifier("sourceversion")))
        .or_else(|| named(purl.qualifier("origin"), None))
        .or_else(|| trivy(&property))
        .or_else(|| {
            named(
                property("syft:metadata:source"),
                property("syft:metadata:sourceVersion"),
            )
        })
        .or_else(|| named(property("syft:metadata:originPackage"), None))
}

/// `util-linux@2.38.1-5`, `glibc`, or for RPM the file name `bash-5.1-1.el9.src.rpm`.
fn by_upstream(purl: &Purl) -> Option<SourcePackage> {
    let upstream = purl.qualifier("upstream")?;
    if let Some(stem) = upstream.strip_suffix(".src.rpm") {
        let (rest, release) = stem.rsplit_once('-')?;
        let (name, version) = rest.rsplit_once('-')?;
        return named(Some(name), Some(&format!("{version}-{release}")));
    }
    match upstream.split_once('@') {
        Some((name, version)) => named(Some(name), Some(version)),
        None => named(Some(upstream), None),
    }
}

fn trivy<'a>(property: &impl Fn(&str) -> Option<&'a str>) -> Option<SourcePackage> {
    let part = |key: &str| property(&format!("aquasecurity:trivy:{key}"));
    let version = part("SrcVersion").map(|version| {
        let epoch = part("SrcEpoch").filter(|epoch| *epoch != "0");
        let epoch = epoch.map_or(String::new(), |epoch| format!("{epoch}:"));
        let release = part("SrcRelease").map_or(String::new(), |release| format!("-{release}"));
        format!("{epoch}{version}{release}")
    });
    named(part("SrcName"), version.as_deref())
}

/// What Trivy writes into SPDX documents: `built package from: util-linux 2.38.1-5+deb12u3`.
pub(super) fn by_source_info(text: &str) -> Option<SourcePackage> {
    let mut words = text.strip_prefix("built package from: ")?.split_whitespace();
    named(words.next(), words.next())
}

fn named(name: Option<&str>, version: Option<&str>) -> Option<SourcePackage> {
    let given = |text: &&str| !text.is_empty();
    Some(SourcePackage {
        name: name.filter(given)?.to_owned(),
        version: version.filter(given).map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dialect_names_the_same_source() {
        let trivy: &[(&str, &str)] = &[
            ("aquasecurity:trivy:SrcName", "util-linux"),
            ("aquasecurity:trivy:SrcVersion", "2.38.1"),
            ("aquasecurity:trivy:SrcRelease", "5+deb12u3"),
            ("aquasecurity:trivy:SrcEpoch", "0"),
        ];
        let syft: &[(&str, &str)] = &[
            ("syft:metadata:source", "util-linux"),
            ("syft:metadata:sourceVersion", "2.38.1-5+deb12u3"),
        ];
        for (purl, properties) in [
            (
                "pkg:deb/debian/bsdutils@1:2.38.1-5?upstream=util-linux%402.38.1-5%2Bdeb12u3",
                &[][..],
            ),
            (
                "pkg:deb/debian/bsdutils@1?source=util-linux&sourceversion=2.38.1-5%2Bdeb12u3",
                &[],
            ),
            ("pkg:deb/debian/bsdutils@1", trivy),
            ("pkg:deb/debian/bsdutils@1", syft),
            (
                "pkg:rpm/redhat/bsdutils@1?upstream=util-linux-2.38.1-5%2Bdeb12u3.src.rpm",
                &[],
            ),
        ] {
            let property = |key: &str| {
                properties
                    .iter()
                    .find(|(name, _)| *name == key)
                    .map(|(_, value)| *value)
            };
            let found = source_package(&Purl::lenient(purl).unwrap(), property).unwrap();
            assert_eq!(
                (found.name.as_str(), found.version.as_deref()),
                ("util-linux", Some("2.38.1-5+deb12u3")),
                "{purl}"
            );
        }
        let none = source_package(&Purl::lenient("pkg:npm/a@1?upstream=b").unwrap(), |_| None);
        assert_eq!(none, None, "languages have no source packages");
        assert_eq!(
            by_source_info("built package from: glibc 2.36").unwrap().name,
            "glibc"
        );
    }
}

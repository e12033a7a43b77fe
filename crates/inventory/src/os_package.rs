//! What a package of an operating system is to its distribution's advisories, whichever tool wrote it down.
//!
//! Tools spell the same package differently: Syft writes the release as `distro=debian-12` and the epoch into the
//! version, Trivy writes `distro=debian-12.15` and the epoch as a qualifier, scalibr writes `distro=bookworm`. All of
//! them must come to one key, because advisories speak of source packages of a release. The package URL itself stays
//! as it was written.

use crate::{Component, Purl};

/// A package of an operating system, as advisories look for it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OsPackage {
    /// `debian`, `ubuntu`, `alpine`, `redhat` …: the vendor in the package URL, lower case.
    pub distribution: String,
    /// As advisories count it: `12` for Debian, `24.04` for Ubuntu, `3.19` for Alpine, `9` for RPM distributions.
    /// `None` when nothing tells: then it is not known which advisories apply, and none may be taken.
    pub release: Option<String>,
    /// The binary package.
    pub name: String,
    /// Of the binary package, with the epoch unless it is 0.
    pub version: String,
    /// What it was built from; the binary package's own name where the document names no other.
    pub source: String,
    /// With the epoch unless it is 0.
    pub source_version: String,
    pub architecture: Option<String>,
}

impl OsPackage {
    /// What `component` is, if it is a package of an operating system with a version. `system` is the operating
    /// system that the same document lists; it tells the release where the package does not.
    #[must_use]
    pub fn of(component: &Component, system: Option<&Component>) -> Option<Self> {
        let purl = component.purl.as_ref()?;
        let distribution = distribution(purl)?;
        let written = purl.version().or(component.version.as_deref())?;
        let version = with_epoch(written, purl.qualifier("epoch"));
        let source = component.source_package.as_ref();
        let source_version = source.and_then(|source| source.version.as_deref());
        Some(Self {
            release: release(&distribution, purl, system),
            source: source.map_or_else(|| purl.name().to_owned(), |source| source.name.clone()),
            source_version: source_version
                .map_or_else(|| version.clone(), |version| with_epoch(version, None)),
            distribution,
            name: purl.name().to_owned(),
            version,
            architecture: purl.qualifier("arch").map(str::to_owned),
        })
    }
}

/// The vendor; Alpine's packages may come under their own type, without one.
fn distribution(purl: &Purl) -> Option<String> {
    match (purl.kind(), purl.namespace()) {
        ("deb" | "apk" | "rpm", Some(vendor)) => Some(vendor.to_ascii_lowercase()),
        ("alpine", _) | ("apk", None) => Some("alpine".to_owned()),
        ("deb", None) => Some("debian".to_owned()),
        _ => None,
    }
}

fn with_epoch(version: &str, qualifier: Option<&str>) -> String {
    let (epoch, rest) = version
        .split_once(':')
        .filter(|(epoch, _)| epoch.bytes().all(|byte| byte.is_ascii_digit()))
        .map_or((qualifier, version), |(epoch, rest)| (Some(epoch), rest));
    match epoch.map(|epoch| epoch.trim_start_matches('0')) {
        None | Some("") => rest.to_owned(),
        Some(epoch) => format!("{epoch}:{rest}"),
    }
}

fn release(distribution: &str, purl: &Purl, system: Option<&Component>) -> Option<String> {
    let by_purl = purl
        .qualifier("distro")
        .and_then(|distro| numbered(distribution, distro));
    by_purl.or_else(|| {
        let system = system.filter(|system| system.name.to_ascii_lowercase().contains(distribution))?;
        numbered(distribution, system.version.as_deref()?)
    })
}

/// `debian-12.15`, `bookworm`, `3.19.1`: the number of the release, as precise as advisories are.
fn numbered(distribution: &str, distro: &str) -> Option<String> {
    let distro = distro.to_ascii_lowercase();
    let word = distro
        .rsplit_once('-')
        .map_or(distro.as_str(), |(_, number)| number);
    if let Some((_, number)) = CODENAMES.iter().find(|(name, _)| *name == word) {
        return Some((*number).to_owned());
    }
    let numbers: Vec<&str> = word.trim_start_matches('v').split('.').collect();
    let is_number = |text: &&&str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let precise = if matches!(distribution, "ubuntu" | "alpine" | "opensuse" | "suse") {
        2
    } else {
        1
    };
    let kept: Vec<&str> = numbers
        .iter()
        .take(precise)
        .take_while(|part| is_number(part))
        .copied()
        .collect();
    (!kept.is_empty()).then(|| kept.join("."))
}

const CODENAMES: &[(&str, &str)] = &[
    ("jessie", "8"),
    ("stretch", "9"),
    ("buster", "10"),
    ("bullseye", "11"),
    ("bookworm", "12"),
    ("trixie", "13"),
    ("forky", "14"),
    ("trusty", "14.04"),
    ("xenial", "16.04"),
    ("bionic", "18.04"),
    ("focal", "20.04"),
    ("jammy", "22.04"),
    ("noble", "24.04"),
    ("oracular", "24.10"),
    ("plucky", "25.04"),
    ("questing", "25.10"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ComponentKind, SourcePackage};

    fn component(purl: &str, source: Option<(&str, Option<&str>)>) -> Component {
        Component {
            purl: Some(Purl::lenient(purl).unwrap()),
            source_package: source.map(|(name, version)| SourcePackage {
                name: name.to_owned(),
                version: version.map(str::to_owned),
            }),
            ..Component::default()
        }
    }

    fn key(purl: &str, source: Option<(&str, Option<&str>)>) -> String {
        let package = OsPackage::of(&component(purl, source), None).unwrap();
        let release = package.release.unwrap_or_else(|| "?".to_owned());
        format!(
            "{}:{release} {}@{} from {}@{}",
            package.distribution, package.name, package.version, package.source, package.source_version
        )
    }

    #[test]
    fn every_dialect_comes_to_the_same_key() {
        let source = Some(("util-linux", Some("2.38.1-5+deb12u3")));
        let expect = "debian:12 bsdutils@1:2.38.1-5+deb12u3 from util-linux@2.38.1-5+deb12u3";
        for purl in [
            "pkg:deb/debian/bsdutils@1:2.38.1-5%2Bdeb12u3?arch=amd64&distro=debian-12&upstream=util-linux%402.38.1-5%2Bdeb12u3",
            "pkg:deb/debian/bsdutils@2.38.1-5%2Bdeb12u3?arch=amd64&distro=debian-12.15&epoch=1",
            "pkg:deb/debian/bsdutils@1:2.38.1-5%2Bdeb12u3?distro=bookworm&source=util-linux&sourceversion=2.38.1-5%2Bdeb12u3",
            "pkg:deb/Debian/bsdutils@1%3A2.38.1-5%2Bdeb12u3?distro=12",
        ] {
            assert_eq!(key(purl, source), expect, "{purl}");
        }
        for purl in [
            "pkg:apk/alpine/libcrypto3@3.1.4-r5?distro=alpine-3.19.1&upstream=openssl",
            "pkg:apk/alpine/libcrypto3@3.1.4-r5?distro=3.19.1",
            "pkg:apk/alpine/libcrypto3@3.1.4-r5?distro=v3.19&origin=openssl",
            "pkg:alpine/libcrypto3@3.1.4-r5?distro=3.19.1",
        ] {
            let expect = "alpine:3.19 libcrypto3@3.1.4-r5 from openssl@3.1.4-r5";
            assert_eq!(key(purl, Some(("openssl", None))), expect, "{purl}");
        }
        for (purl, expect) in [
            (
                "pkg:rpm/redhat/bash@5.1.8-6.el9?epoch=1&distro=rhel-9.4",
                "redhat:9 bash@1:5.1.8-6.el9 from bash@1:5.1.8-6.el9",
            ),
            (
                "pkg:rpm/almalinux/bash@0:5.1.8-6.el9?distro=almalinux-9.3",
                "almalinux:9 bash@5.1.8-6.el9 from bash@5.1.8-6.el9",
            ),
            (
                "pkg:rpm/fedora/curl@8.6.0-7.fc40?distro=fedora-40&epoch=0",
                "fedora:40 curl@8.6.0-7.fc40 from curl@8.6.0-7.fc40",
            ),
            (
                "pkg:deb/ubuntu/curl@8.5.0-2ubuntu10?distro=ubuntu-24.04",
                "ubuntu:24.04 curl@8.5.0-2ubuntu10 from curl@8.5.0-2ubuntu10",
            ),
            (
                "pkg:deb/ubuntu/curl@8.5.0-2ubuntu10?distro=noble",
                "ubuntu:24.04 curl@8.5.0-2ubuntu10 from curl@8.5.0-2ubuntu10",
            ),
            (
                "pkg:deb/debian/curl@8.5.0-2",
                "debian:? curl@8.5.0-2 from curl@8.5.0-2",
            ),
            (
                "pkg:deb/debian/curl@8.5.0-2?distro=sid",
                "debian:? curl@8.5.0-2 from curl@8.5.0-2",
            ),
        ] {
            assert_eq!(key(purl, None), expect, "{purl}");
        }
    }

    #[test]
    fn the_system_of_the_document_tells_the_release() {
        let system = |name: &str, version: &str| Component {
            kind: ComponentKind::OperatingSystem,
            name: name.to_owned(),
            version: Some(version.to_owned()),
            ..Component::default()
        };
        let package = component("pkg:deb/debian/curl@8.5.0-2", None);
        for (system, expect) in [
            (system("debian", "12.15"), Some("12")),
            (system("Debian GNU/Linux", "12"), Some("12")),
            (system("ubuntu", "24.04"), None),
        ] {
            let found = OsPackage::of(&package, Some(&system)).unwrap();
            assert_eq!(found.release.as_deref(), expect, "{}", system.name);
        }
        assert_eq!(OsPackage::of(&component("pkg:npm/a@1", None), None), None);
        assert_eq!(
            OsPackage::of(&component("pkg:deb/debian/curl", None), None),
            None,
            "no version, no key"
        );
    }
}

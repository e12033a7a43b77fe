//! Every dialect, one row each: what is written, and what it means.

use inventory::{Component, ComponentKind, Inventory, Purl, SourcePackage};

use super::{Packaged, Surroundings};

fn package(purl: &str, source: Option<(&str, Option<&str>)>) -> Component {
    Component {
        purl: Some(Purl::lenient(purl).expect(purl)),
        source_package: source.map(|(name, version)| SourcePackage {
            name: name.to_owned(),
            version: version.map(str::to_owned),
        }),
        ..Component::default()
    }
}

fn system(name: &str, version: &str) -> Component {
    Component {
        kind: ComponentKind::OperatingSystem,
        name: name.to_owned(),
        version: Some(version.to_owned()),
        ..Component::default()
    }
}

fn around(components: Vec<Component>) -> Surroundings {
    Surroundings::of(&Inventory {
        components,
        ..Inventory::default()
    })
}

/// Ecosystem with release, and the name and version that advisories are asked for.
fn seen(surroundings: &Surroundings, component: &Component) -> Option<(String, String, String)> {
    let ecosystem = surroundings.ecosystem(component)?.name();
    let packaged = surroundings.packaged(component)?;
    let place = match packaged.release.as_deref() {
        None => format!("{ecosystem}:?"),
        Some("") => ecosystem.to_owned(),
        Some(release) => format!("{ecosystem}:{release}"),
    };
    Some((place, packaged.name, packaged.version))
}

#[test]
fn every_dialect_gives_the_same_key() {
    let util_linux = Some(("util-linux", Some("2.38.1-5+deb12u3")));
    for purl in [
        // Syft, Trivy, scalibr, cdxgen, a code name alone, without a namespace
        "pkg:deb/debian/bsdutils@1:2.38.1-5%2Bdeb12u3?arch=amd64&distro=debian-12&upstream=util-linux%402.38.1-5%2Bdeb12u3",
        "pkg:deb/debian/bsdutils@2.38.1-5%2Bdeb12u3?arch=amd64&distro=debian-12.15&epoch=1",
        "pkg:deb/debian/bsdutils@1:2.38.1-5%2Bdeb12u3?distro=bookworm&source=util-linux",
        "pkg:deb/debian/bsdutils@1:2.38.1-5%2Bdeb12u3?distro=debian-12&distro_name=bookworm",
        "pkg:deb/debian/bsdutils@1:2.38.1-5%2Bdeb12u3?distro=debian-bookworm",
        "pkg:deb/bsdutils@1:2.38.1-5%2Bdeb12u3?distro=debian-12",
        "pkg:deb/bsdutils@1:2.38.1-5%2Bdeb12u3?distro=bookworm",
        "pkg:deb/Debian/bsdutils@1:2.38.1-5%2Bdeb12u3?distro=12",
    ] {
        let surroundings = Surroundings::default();
        let component = package(purl, util_linux);
        let expected = ("Debian:12", "util-linux", "2.38.1-5+deb12u3");
        let found = seen(&surroundings, &component).expect(purl);
        assert_eq!(
            (found.0.as_str(), found.1.as_str(), found.2.as_str()),
            expected,
            "{purl}"
        );
        let packaged = surroundings.packaged(&component).expect(purl);
        assert_eq!(
            packaged.own_version, "1:2.38.1-5+deb12u3",
            "{purl}: the epoch is the package's own"
        );
    }
}

#[test]
fn each_distribution_is_found() {
    let none = Surroundings::default();
    for (purl, source, place, name, version) in [
        (
            "pkg:deb/ubuntu/libc6@2.35-0ubuntu3?distro=ubuntu-22.04",
            Some(("glibc", None)),
            "Ubuntu:22.04",
            "glibc",
            "2.35-0ubuntu3",
        ),
        (
            "pkg:deb/ubuntu/libc6@2.35-0ubuntu3?distro=jammy",
            Some(("glibc", None)),
            "Ubuntu:22.04",
            "glibc",
            "2.35-0ubuntu3",
        ),
        (
            "pkg:apk/alpine/libssl3@3.1.4-r5?distro=alpine-3.19.1",
            Some(("openssl", None)),
            "Alpine:v3.19",
            "openssl",
            "3.1.4-r5",
        ),
        (
            "pkg:apk/alpine/libssl3@3.1.4-r5?distro=3.19.1",
            Some(("openssl", Some("3.1.4-r5"))),
            "Alpine:v3.19",
            "openssl",
            "3.1.4-r5",
        ),
        (
            "pkg:alpine/libssl3@3.1.4-r5?distro=3.19.1",
            None,
            "Alpine:v3.19",
            "libssl3",
            "3.1.4-r5",
        ),
        (
            "pkg:apk/alpine/zlib@1.2.13-r1?distro=edge",
            None,
            "Alpine:edge",
            "zlib",
            "1.2.13-r1",
        ),
        (
            "pkg:apk/wolfi/openssl@3.2.0-r0?distro=wolfi-20230201",
            None,
            "Wolfi",
            "openssl",
            "3.2.0-r0",
        ),
        (
            "pkg:apk/chainguard/openssl@3.2.0-r0",
            None,
            "Chainguard",
            "openssl",
            "3.2.0-r0",
        ),
        (
            "pkg:rpm/almalinux/openssl-libs@3.0.7-27.el9?distro=almalinux-9.4&epoch=1",
            Some(("openssl", Some("3.0.7-27.el9"))),
            "AlmaLinux:9",
            "openssl-libs",
            "1:3.0.7-27.el9",
        ),
        (
            "pkg:rpm/redhat/openssl-libs@3.0.7-27.el9?distro=redhat-9.4&epoch=1",
            None,
            "Red Hat:9",
            "openssl-libs",
            "1:3.0.7-27.el9",
        ),
        (
            "pkg:rpm/redhat/bash@5.1.8-6.el9?distro=rhel-9.2",
            None,
            "Red Hat:9",
            "bash",
            "5.1.8-6.el9",
        ),
        (
            "pkg:rpm/rocky/openssl-libs@3.0.7-27.el9?distro=rocky-9.3&epoch=1",
            Some(("openssl", Some("3.0.7-27.el9"))),
            "Rocky Linux:9",
            "openssl",
            "1:3.0.7-27.el9",
        ),
        (
            "pkg:rpm/openeuler/openssl-libs@1.1.1wa-1.oe2403sp1?distro=openeuler-24.03&epoch=1",
            Some(("openssl", None)),
            "openEuler:24.03-LTS-SP1",
            "openssl",
            "1.1.1wa-1.oe2403sp1",
        ),
        (
            "pkg:rpm/sles/libopenssl1_1@1.1.1l-150400.7.1?distro=sles-15.5",
            Some(("openssl-1_1", Some("1.1.1l-150400.7.1"))),
            "SUSE:15.5",
            "openssl-1_1",
            "1.1.1l-150400.7.1",
        ),
        (
            "pkg:rpm/opensuse/curl@8.0.1-1?distro=opensuse-leap-15.5",
            None,
            "openSUSE:Leap 15.5",
            "curl",
            "8.0.1-1",
        ),
        (
            "pkg:rpm/mageia/curl@8.0.1-1.mga9?distro=mageia-9",
            None,
            "Mageia:9",
            "curl",
            "8.0.1-1.mga9",
        ),
        (
            "pkg:rpm/azurelinux/curl@8.8.0-1.azl3?distro=azurelinux-3.0",
            None,
            "Azure Linux:3",
            "curl",
            "8.8.0-1.azl3",
        ),
        (
            "pkg:rpm/curl@8.0.1-1?distro=opensuse-tumbleweed-20240101",
            None,
            "openSUSE:Tumbleweed",
            "curl",
            "8.0.1-1",
        ),
        (
            "pkg:deb/debian/curl@7.88?arch=source&distro=bookworm",
            None,
            "Debian:12",
            "curl",
            "7.88",
        ),
        ("pkg:deb/debian/curl@7.88", None, "Debian:?", "curl", "7.88"),
        (
            "pkg:apk/alpine/curl@8.5.0-r0",
            None,
            "Alpine:?",
            "curl",
            "8.5.0-r0",
        ),
    ] {
        let component = package(purl, source);
        let expected = (place.to_owned(), name.to_owned(), version.to_owned());
        assert_eq!(seen(&none, &component), Some(expected), "{purl}");
    }
    for purl in [
        "pkg:deb/kali/curl@1?distro=kali-2023.1",
        "pkg:rpm/fedora/curl@1?distro=fedora-38",
        "pkg:rpm/curl@1",
        "pkg:npm/a@1",
    ] {
        assert_eq!(none.packaged(&package(purl, None)), None, "{purl}");
    }
}

#[test]
fn the_document_says_what_a_component_does_not() {
    let component = package("pkg:deb/debian/curl@7.88", None);
    for (name, version) in [
        ("debian", "12"),
        ("debian", "12.15"),
        ("Debian GNU/Linux", "12"),
        ("debian", "bookworm"),
    ] {
        let found = seen(&around(vec![system(name, version)]), &component);
        assert_eq!(
            found.map(|found| found.0).as_deref(),
            Some("Debian:12"),
            "{name} {version}"
        );
    }
    let release = |systems: Vec<Component>| {
        around(systems)
            .packaged(&component)
            .and_then(|p: Packaged| p.release)
    };
    assert_eq!(
        release(vec![system("ubuntu", "22.04")]),
        None,
        "another distribution's"
    );
    assert_eq!(
        release(vec![system("debian", "12"), system("debian", "11")]),
        None,
        "which of both?"
    );
    assert_eq!(
        release(vec![system("plan9", "4"), system("debian", "11")]).as_deref(),
        Some("11")
    );
    let bare = package("pkg:rpm/bash@5.1-6.el9", None);
    let alma = around(vec![system("AlmaLinux", "9.4 (Seafoam Ocelot)")]);
    assert_eq!(
        seen(&alma, &bare).map(|found| found.0).as_deref(),
        Some("AlmaLinux:9")
    );
    let rhel = around(vec![system("Red Hat Enterprise Linux", "8.10")]);
    assert_eq!(
        seen(&rhel, &bare).map(|found| found.0).as_deref(),
        Some("Red Hat:8")
    );
}

#[test]
fn the_stream_of_a_module_is_read_from_either_label() {
    for purl in [
        "pkg:rpm/almalinux/nodejs@14.17?modularitylabel=nodejs:14:8040020210817133458:522a0ee4",
        "pkg:rpm/almalinux/nodejs@14.17?rpmmod=nodejs:14:8040020210817133458:522a0ee4",
    ] {
        let packaged = Surroundings::default()
            .packaged(&package(purl, None))
            .expect("an RPM");
        assert_eq!(packaged.module.as_deref(), Some("nodejs:14"));
    }
}

#[test]
fn what_a_distribution_owns_is_its_own() {
    let owner = package("pkg:deb/debian/python3-urllib3@1.26.12-1?distro=debian-12", None);
    let owned = Component {
        owned_by: Some(0),
        ..package("pkg:pypi/urllib3@1.26.12", None)
    };
    assert_eq!(around(vec![owner, owned.clone()]).owner(1), Some(0));
    let stranger = package("pkg:deb/kali/python3-urllib3@1.26.12-1", None);
    assert_eq!(
        around(vec![stranger, owned]).owner(1),
        None,
        "nobody speaks for it"
    );
}

//! Releases of the distributions of RPM packages.

/// `9` for `almalinux-9.4`, `9.4`, `9` and `rocky-9`.
pub(super) fn major(text: &str) -> Option<String> {
    let number = number_in(text)?;
    let major = number.split('.').next()?;
    Some(major.to_owned())
}

/// `5.0` for `photon-5.0`.
pub(super) fn whole(text: &str) -> Option<String> {
    number_in(text).map(str::to_owned)
}

/// Red Hat's records name products by the end of their CPE: `enterprise_linux:9::baseos` is release 9,
/// everything else (`rhel_eus:9.2::baseos`, `openshift:4.14::el8`) a product that no host says it is.
pub(super) fn red_hat(text: &str) -> Option<String> {
    let mut parts = text.trim().split(':');
    match (parts.next()?, parts.next()) {
        ("enterprise_linux", Some(version)) => major(version),
        (product, Some(version)) => Some(format!("{product}:{version}")),
        (host, None) => major(host),
    }
}

/// `15.5` for `sles-15.5`, `15-SP5` and every product of SUSE Linux Enterprise 15 SP5, whose packages are
/// one stream; `micro 5.3` for the other one.
pub(super) fn suse(text: &str) -> Option<String> {
    let lower = text.trim().to_ascii_lowercase();
    let is_product = lower.contains(' ') && !lower.contains("linux enterprise") && !lower.contains("micro");
    if is_product {
        return Some(lower);
    }
    let number = number_in(&lower)?;
    let service_pack = lower.split_once("sp").and_then(|(before, after)| {
        let digits = after.split(|c: char| !c.is_ascii_digit()).next()?;
        // `sp` of `sap` is none, and a pack stands behind the release's number.
        (!digits.is_empty() && before.contains(number)).then_some(digits)
    });
    let release = match service_pack {
        Some(pack) => format!("{number}.{pack}"),
        None => number.to_owned(),
    };
    Some(if lower.contains("micro") {
        format!("micro {release}")
    } else {
        release
    })
}

/// `Leap 15.5` for `opensuse-leap-15.5`, `Tumbleweed` for every snapshot.
pub(super) fn open_suse(text: &str) -> Option<String> {
    let lower = text.trim().to_ascii_lowercase();
    if lower.contains("tumbleweed") {
        return Some("Tumbleweed".to_owned());
    }
    let number = number_in(&lower)?;
    let name = if lower.contains("micro") {
        "Leap Micro"
    } else {
        "Leap"
    };
    Some(format!("{name} {number}"))
}

/// `22.03-LTS-SP1` for `openEuler-22.03-LTS-SP1` and `22.03 (LTS-SP1)`. Releases of March in even years
/// have long-term support whether it is said or not.
pub(super) fn open_euler(text: &str) -> Option<String> {
    let lower = text.trim().to_ascii_lowercase();
    let number = number_in(&lower)?;
    let (year, month) = number.split_once('.')?;
    let supported = month == "03" && year.ends_with(['0', '2', '4', '6', '8']);
    let mut release = number.to_owned();
    if supported || lower.contains("lts") {
        release.push_str("-LTS");
    }
    if let Some((_, pack)) = lower.split_once("sp") {
        let digits: String = pack.chars().take_while(char::is_ascii_digit).collect();
        if !digits.is_empty() {
            release.push_str("-SP");
            release.push_str(&digits);
        }
    }
    Some(release)
}

/// The release that an openEuler package was built for, which os-release does not tell whole:
/// `.oe2203sp1` is `22.03-LTS-SP1`.
pub(super) fn open_euler_build(version: &str) -> Option<String> {
    let tags = version.split(['.', '-', '_']);
    let mut tags = tags.filter_map(|part| part.strip_prefix("oe"));
    let tag = tags.find(|tag| tag.len() >= 4)?;
    let (number, pack) = tag.split_at_checked(4)?;
    let (year, month) = number.split_at_checked(2)?;
    open_euler(&format!("{year}.{month}{pack}"))
}

/// The first run of digits and dots.
fn number_in(text: &str) -> Option<&str> {
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let rest = text.get(start..)?;
    let end = rest
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(rest.len());
    let number = rest.get(..end)?.trim_end_matches('.');
    (number.len() <= 16).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(read: fn(&str) -> Option<String>, cases: &[(&str, Option<&str>)]) {
        for (text, release) in cases {
            assert_eq!(read(text).as_deref(), *release, "{text}");
        }
    }

    #[test]
    fn a_release_has_one_name() {
        check(
            major,
            &[
                ("almalinux-9.4", Some("9")),
                ("8", Some("8")),
                ("rocky-9.3", Some("9")),
                ("10", Some("10")),
                ("alma", None),
                ("", None),
            ],
        );
        check(
            red_hat,
            &[
                ("enterprise_linux:9::baseos", Some("9")),
                ("redhat-9.4", Some("9")),
                ("rhel-8.10", Some("8")),
                ("rhel_eus:9.2::appstream", Some("rhel_eus:9.2")),
                ("openshift:4.14::el8", Some("openshift:4.14")),
            ],
        );
        check(
            suse,
            &[
                ("Linux Enterprise Server 15 SP5", Some("15.5")),
                (
                    "Linux Enterprise Server for SAP Applications 12 SP5",
                    Some("12.5"),
                ),
                ("Linux Enterprise Module for Basesystem 15 SP5", Some("15.5")),
                ("Linux Enterprise Server 15 SP3-LTSS", Some("15.3")),
                ("Linux Enterprise Server 15", Some("15")),
                ("sles-15.5", Some("15.5")),
                ("15-SP5", Some("15.5")),
                ("Linux Enterprise Micro 5.3", Some("micro 5.3")),
                ("sle-micro-5.3", Some("micro 5.3")),
                ("Manager Server 4.3", Some("manager server 4.3")),
            ],
        );
        check(
            open_suse,
            &[
                ("Leap 15.5", Some("Leap 15.5")),
                ("opensuse-leap-15.5", Some("Leap 15.5")),
                ("opensuse.leap-15.5", Some("Leap 15.5")),
                ("opensuse-tumbleweed-20240101", Some("Tumbleweed")),
                ("Leap Micro 5.5", Some("Leap Micro 5.5")),
            ],
        );
        check(
            open_euler,
            &[
                ("22.03-LTS-SP1", Some("22.03-LTS-SP1")),
                ("openEuler-22.03 (LTS-SP1)", Some("22.03-LTS-SP1")),
                ("24.03", Some("24.03-LTS")),
                ("23.09", Some("23.09")),
            ],
        );
        check(
            open_euler_build,
            &[
                ("6.6.0-72.0.0.76.oe2403sp1", Some("24.03-LTS-SP1")),
                ("5.10.0-60.oe2203", Some("22.03-LTS")),
                ("4.19.90-2003.oe1", None),
                ("1.0-1", None),
            ],
        );
    }
}

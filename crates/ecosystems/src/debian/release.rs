//! Releases of Debian and Ubuntu, in every spelling that documents and records have for them.

/// Code names with their numbers; the names of Debian never return.
const DEBIAN: [(&str, &str); 20] = [
    ("woody", "3.0"),
    ("sarge", "3.1"),
    ("etch", "4"),
    ("lenny", "5"),
    ("squeeze", "6"),
    ("wheezy", "7"),
    ("jessie", "8"),
    ("stretch", "9"),
    ("buster", "10"),
    ("bullseye", "11"),
    ("bookworm", "12"),
    ("trixie", "13"),
    ("forky", "14"),
    ("duke", "15"),
    ("sid", "unstable"),
    ("unstable", "unstable"),
    ("testing", "testing"),
    ("stable", "stable"),
    ("oldstable", "oldstable"),
    ("experimental", "experimental"),
];

const UBUNTU: [(&str, &str); 27] = [
    ("precise", "12.04"),
    ("trusty", "14.04"),
    ("utopic", "14.10"),
    ("vivid", "15.04"),
    ("wily", "15.10"),
    ("xenial", "16.04"),
    ("yakkety", "16.10"),
    ("zesty", "17.04"),
    ("artful", "17.10"),
    ("bionic", "18.04"),
    ("cosmic", "18.10"),
    ("disco", "19.04"),
    ("eoan", "19.10"),
    ("focal", "20.04"),
    ("groovy", "20.10"),
    ("hirsute", "21.04"),
    ("impish", "21.10"),
    ("jammy", "22.04"),
    ("kinetic", "22.10"),
    ("lunar", "23.04"),
    ("mantic", "23.10"),
    ("noble", "24.04"),
    ("oracular", "24.10"),
    ("plucky", "25.04"),
    ("questing", "25.10"),
    ("resolute", "26.04"),
    ("devel", "devel"),
];

/// `12` for `debian-12`, `12.4`, `debian-12.15`, `bookworm`, `12 (bookworm)` and `bookworm/sid`.
pub(super) fn debian(text: &str) -> Option<String> {
    let word = word(text, "debian")?;
    if let Some(number) = named(&DEBIAN, word) {
        return Some(number.to_owned());
    }
    let mut numbers = word.split('.');
    let major = numbers.next().filter(|major| is_number(major))?;
    // Before Debian 4 the second number named the release.
    let minor = numbers.next().filter(|minor| is_number(minor));
    match (major, minor) {
        ("1" | "2" | "3", Some(minor)) => Some(format!("{major}.{minor}")),
        _ => Some(major.to_owned()),
    }
}

/// `22.04` for `ubuntu-22.04`, `22.04.3`, `22.04:LTS`, `Pro:22.04:LTS` and `jammy`. What OSV publishes for
/// special builds (`Pro:FIPS:16.04:LTS`) are releases of their own: `16.04:FIPS`.
pub(super) fn ubuntu(text: &str) -> Option<String> {
    let text = text.trim();
    let special = text.split(':').filter(|part| {
        let number = part.starts_with(|c: char| c.is_ascii_digit());
        !number && !matches!(*part, "LTS" | "Pro" | "")
    });
    let special: Vec<&str> = special.collect();
    if text.contains(':') {
        let number = text.split(':').find_map(ubuntu_number)?;
        return Some(match special.is_empty() {
            true => number,
            false => format!("{number}:{}", special.join(":")),
        });
    }
    let word = word(text, "ubuntu")?;
    named(&UBUNTU, word)
        .map(str::to_owned)
        .or_else(|| ubuntu_number(word))
}

fn ubuntu_number(text: &str) -> Option<String> {
    let mut numbers = text.split('.');
    let (year, month) = (numbers.next()?, numbers.next()?);
    (is_number(year) && is_number(month) && month.len() == 2).then(|| format!("{year}.{month}"))
}

/// The first word of a release's name, without the name of the distribution.
fn word<'t>(text: &'t str, distribution: &str) -> Option<&'t str> {
    let text = text.trim();
    let rest = match text.get(..distribution.len()) {
        Some(name) if name.eq_ignore_ascii_case(distribution) => text
            .get(distribution.len()..)
            .unwrap_or_default()
            .trim_start_matches(['-', ':', ' ', '@']),
        _ => text,
    };
    let first = rest.split([' ', '/', '(']).next()?;
    (!first.is_empty()).then_some(first)
}

fn named<'n>(names: &'n [(&str, &str)], word: &str) -> Option<&'n str> {
    let found = names.iter().find(|(name, _)| name.eq_ignore_ascii_case(word));
    found.map(|(_, number)| *number)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_of_debian_has_one_name() {
        for text in [
            "12",
            "12.4",
            "12.15",
            "debian-12",
            "debian-12.4",
            "Debian 12 (bookworm)",
            "bookworm",
            "debian-bookworm",
            "Debian:12",
        ] {
            assert_eq!(debian(text).as_deref(), Some("12"), "{text}");
        }
        assert_eq!(debian("trixie/sid").as_deref(), Some("13"));
        assert_eq!(debian("sid").as_deref(), Some("unstable"));
        assert_eq!(debian("3.1").as_deref(), Some("3.1"));
        for text in ["", "debian", "debian-", "ubuntu-22.04", "jammy", "x"] {
            assert_eq!(debian(text), None, "{text}");
        }
    }

    #[test]
    fn a_release_of_ubuntu_has_one_name() {
        for text in [
            "22.04",
            "22.04.3",
            "ubuntu-22.04",
            "22.04:LTS",
            "Pro:22.04:LTS",
            "jammy",
            "ubuntu-jammy",
        ] {
            assert_eq!(ubuntu(text).as_deref(), Some("22.04"), "{text}");
        }
        assert_eq!(
            ubuntu("Pro:FIPS:16.04:LTS").as_deref(),
            Some("16.04:FIPS"),
            "builds of their own"
        );
        for text in ["", "LTS", "debian-12", "bookworm", "22"] {
            assert_eq!(ubuntu(text), None, "{text}");
        }
    }
}

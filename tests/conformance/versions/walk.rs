//! What every ecosystem must bring, whichever it is.

use ecosystems::{ALL, Ecosystem, by_name, by_purl_type};

use super::ordering;

/// Two spellings of one package and another package, by ecosystem.
const NAMES: [(&str, [&str; 2], &str); 3] = [
    ("npm", ["%40types/node", "@types/node"], "@Types/node"),
    ("crates.io", ["async-trait", "async_trait"], "asynctrait"),
    (
        "PyPI",
        ["Flask_SQLAlchemy", "flask.sqlalchemy"],
        "flasksqlalchemy",
    ),
];

/// No version in any ecosystem.
const GARBAGE: [&str; 12] = [
    "",
    " ",
    "latest",
    "*",
    "UNKNOWN",
    "file:../a",
    "git+https://host/a.git",
    "^1.0",
    "~> 1",
    "1.0.0 || 2",
    ">=1",
    "\0",
];

#[test]
fn every_ecosystem_has_a_name_rule() {
    for ecosystem in ALL {
        let name = ecosystem.name();
        let (_, spellings, other) = NAMES
            .iter()
            .find(|(of, ..)| *of == name)
            .unwrap_or_else(|| panic!("{name} has no name rule"));
        let [first, second] = spellings.map(|spelling| ecosystem.normalize(spelling).into_owned());
        assert_eq!(first, second, "{name}");
        assert_ne!(first, ecosystem.normalize(other), "{name}");
        assert_eq!(ecosystem.normalize(&first), first, "{name}: a normal name stays");
    }
    assert_eq!(ALL.len(), NAMES.len());
}

#[test]
fn every_ecosystem_is_found_by_its_osv_name_and_its_purl_type() {
    assert!(!ALL.is_empty());
    for ecosystem in ALL {
        assert_eq!(
            by_name(ecosystem.name()).map(Ecosystem::name),
            Some(ecosystem.name())
        );
        assert_eq!(
            by_purl_type(ecosystem.purl_type()).map(Ecosystem::name),
            Some(ecosystem.name())
        );
    }
}

#[test]
fn every_ecosystem_has_order_vectors() {
    for ecosystem in ALL {
        let name = ecosystem.name();
        let files = ordering::FILES
            .iter()
            .find(|(of, _)| *of == name)
            .map(|(_, files)| *files);
        let rows: usize = files.unwrap_or_default().iter().map(|(_, rows)| rows).sum();
        assert!(rows > 0, "{name} has no order vectors");
    }
}

#[test]
fn no_ecosystem_takes_garbage_for_a_version() {
    for ecosystem in ALL {
        for text in GARBAGE {
            let name = ecosystem.name();
            assert!(ecosystem.key(text).is_err(), "{name}: {text:?}");
            assert!(ecosystem.public_key(text).is_err(), "{name}: {text:?}");
            assert!(!ecosystem.is_prerelease(text), "{name}: {text:?}");
            assert_eq!(ecosystem.step(text, "1.0.0"), None, "{name}: {text:?}");
            assert_eq!(ecosystem.upgrade_command("name", text), "", "{name}: {text:?}");
        }
    }
}

#[test]
fn every_ecosystem_tells_prereleases_and_gives_a_command() {
    for ecosystem in ALL {
        let name = ecosystem.name();
        let (prerelease, release) = if name == "PyPI" {
            ("1.0rc1", "1.0")
        } else {
            ("1.0.0-rc.1", "1.0.0")
        };
        assert!(
            ecosystem.is_prerelease(prerelease) && !ecosystem.is_prerelease(release),
            "{name}"
        );
        assert!(
            ecosystem.key(prerelease).expect(name) < ecosystem.key(release).expect(name),
            "{name}"
        );
        let command = ecosystem.upgrade_command("name", release);
        assert!(
            command.contains("name") && command.contains(release),
            "{name}: {command}"
        );
    }
}

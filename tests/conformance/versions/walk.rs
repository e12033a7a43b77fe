//! What every ecosystem must bring, whichever it is.

use ecosystems::{ALL, Ecosystem, by_name, by_purl};

use super::ordering;

/// Two spellings of one package and another package, by ecosystem; distributions write names one way.
const NAMES: [(&str, [&str; 2], &str); 21] = [
    ("npm", ["%40types/node", "@types/node"], "@Types/node"),
    ("crates.io", ["async-trait", "async_trait"], "asynctrait"),
    (
        "PyPI",
        ["Flask_SQLAlchemy", "flask.sqlalchemy"],
        "flasksqlalchemy",
    ),
    (
        "Maven",
        ["org.apache/commons", "org.apache:commons"],
        "org.Apache:commons",
    ),
    (
        "Go",
        ["github.com/Masterminds/Semver", "github.com/masterminds/semver"],
        "semver",
    ),
    ("NuGet", ["Newtonsoft.Json", "newtonsoft.json"], "newtonsoftjson"),
    ("RubyGems", ["rails", "rails"], "Rails"),
    (
        "Packagist",
        ["Laravel/Framework", "laravel/framework"],
        "laravel-framework",
    ),
    ("Hex", ["phoenix", "phoenix"], "Phoenix"),
    ("Pub", ["http", "http"], "http2"),
    ("Hackage", ["aeson", "aeson"], "Aeson"),
    ("GHC", ["base", "base"], "ghc"),
    ("CRAN", ["MASS", "MASS"], "mass"),
    ("Bioconductor", ["limma", "limma"], "Limma"),
    ("opam", ["lwt", "lwt"], "lwt_ppx"),
    (
        "SwiftURL",
        [
            "https://github.com/Apple/swift-nio.git",
            "github.com/apple/swift-nio",
        ],
        "github.com/apple/swift",
    ),
    (
        "GitHub Actions",
        ["Actions/Checkout", "actions/checkout"],
        "actions/cache",
    ),
    ("ConanCenter", ["openssl", "openssl"], "OpenSSL"),
    ("Bitnami", ["wordpress", "wordpress"], "WordPress"),
    ("Julia", ["HTTP", "HTTP"], "http"),
    (
        "VSCode",
        ["MS-Python/python", "ms-python/python"],
        "ms-python-python",
    ),
];

/// Orders for which there is no file of vectors; they are tested where they are written.
const UNIT_TESTED: [&str; 5] = ["Packagist", "Hackage", "CRAN", "Bioconductor", "opam"];

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
        if ecosystem.distribution().is_some() {
            assert_eq!(ecosystem.normalize("LibFoo_1.0+x"), "LibFoo_1.0+x", "{name}");
            continue;
        }
        let (_, spellings, other) = NAMES
            .iter()
            .find(|(of, ..)| *of == name)
            .unwrap_or_else(|| panic!("{name} has no name rule"));
        let [first, second] = spellings.map(|spelling| ecosystem.normalize(spelling).into_owned());
        assert_eq!(first, second, "{name}");
        assert_ne!(first, ecosystem.normalize(other), "{name}");
        assert_eq!(ecosystem.normalize(&first), first, "{name}: a normal name stays");
    }
    let languages = ALL.iter().filter(|ecosystem| ecosystem.distribution().is_none());
    assert_eq!(languages.count(), NAMES.len());
}

#[test]
fn every_ecosystem_is_found_by_its_osv_name_and_its_purl_type() {
    assert!(!ALL.is_empty());
    for ecosystem in ALL {
        assert_eq!(
            by_name(ecosystem.name()).map(Ecosystem::name),
            Some(ecosystem.name())
        );
        // What GHC releases has no purl; of distributions the namespace says which.
        let vendors = ecosystem.purl_namespaces().iter().copied().map(Some);
        let vendors: Vec<Option<&str>> = vendors.collect();
        let vendors = if vendors.is_empty() { vec![None] } else { vendors };
        for vendor in vendors {
            let found = by_purl(ecosystem.purl_type(), vendor).map(Ecosystem::name);
            let expected = (!ecosystem.purl_type().is_empty()).then_some(ecosystem.name());
            assert_eq!(found, expected, "{vendor:?}");
        }
        assert_eq!(
            ecosystem.purl_namespaces().is_empty(),
            ecosystem.distribution().is_none(),
            "{}",
            ecosystem.name()
        );
    }
}

#[test]
fn every_distribution_reads_its_releases() {
    for ecosystem in ALL {
        let Some(distribution) = ecosystem.distribution() else {
            continue;
        };
        let name = ecosystem.name();
        let release = distribution
            .release("24.03")
            .unwrap_or_else(|| panic!("{name}: no release"));
        assert_eq!(
            distribution.release(&release).as_deref(),
            Some(release.as_str()),
            "{name}: a release in its one form stays"
        );
    }
}

#[test]
fn every_ecosystem_has_order_vectors() {
    for ecosystem in ALL {
        let name = ecosystem.name();
        if UNIT_TESTED.contains(&name) {
            continue;
        }
        let model = ordering::SAME_ORDER.iter().find(|(of, _)| *of == name);
        let model = model.map_or(name, |(_, model)| *model);
        let files = ordering::FILES
            .iter()
            .find(|(of, _)| *of == model)
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

/// A pre-release and its release, where it is not written as semantic versions are; `None` where there are
/// none.
fn prerelease(ecosystem: &str) -> Option<(&'static str, &'static str)> {
    match ecosystem {
        "PyPI" => Some(("1.0rc1", "1.0")),
        "opam" => Some(("1.0~rc1", "1.0")),
        "Packagist" => Some(("1.0.0-RC1", "1.0.0")),
        "Hackage" | "CRAN" | "Bioconductor" => None,
        _ => Some(("1.0.0-rc.1", "1.0.0")),
    }
}

#[test]
fn every_ecosystem_of_a_language_tells_prereleases() {
    for ecosystem in ALL.iter().filter(|ecosystem| ecosystem.distribution().is_none()) {
        let name = ecosystem.name();
        let Some((prerelease, release)) = prerelease(name) else {
            continue;
        };
        assert!(
            ecosystem.is_prerelease(prerelease) && !ecosystem.is_prerelease(release),
            "{name}"
        );
        assert!(
            ecosystem.key(prerelease).expect(name) < ecosystem.key(release).expect(name),
            "{name}"
        );
    }
}

#[test]
fn a_command_names_the_package_and_the_version() {
    for ecosystem in ALL {
        let name = ecosystem.name();
        let package = if name == "Packagist" {
            "vendor/name"
        } else {
            "name"
        };
        let command = ecosystem.upgrade_command(package, "1.0.0");
        let whole = command.contains(package) && command.contains("1.0.0");
        assert!(command.is_empty() || whole, "{name}: {command}");
        let required = ["npm", "crates.io", "PyPI", "Go", "NuGet", "Packagist", "Pub"].contains(&name);
        assert_eq!(whole, required, "{name}: {command}");
    }
}

//! `cargo-semver.json`: the tests of the crate with which Cargo reads requirements.

use ecosystems::Ecosystem;
use ecosystems::cargo::{Cargo, Requirement};
use serde_json::Value;

use super::{Vectors, expect, holds, text, truth};

/// Advisories order versions by precedence (SemVer §11), where these pairs are equal; Cargo alone orders
/// build metadata too, to choose between two such candidates.
const BUILD_DECIDES: [(&str, &str, &str); 5] = [
    ("1.2.3+23", "<", "1.2.3+42"),
    ("1.2.3+23", "<=", "1.2.3+42"),
    ("1.2.3+23", ">", "1.2.3+42"),
    ("1.2.3+23", ">=", "1.2.3+42"),
    ("1.2.3+23", "!=", "1.2.3+42"),
];

/// Refused by Cargo in a manifest, but versions to a reader of advisories (`matching.md` §2.5).
const READ_LENIENTLY: [&str; 5] = ["1", "1.2", "1.2.3-01", "07", "111111111111111111111.0.0"];

#[test]
fn cargo_versions_and_requirements_are_read_as_cargo_reads_them() {
    let mut vectors = Vectors::read("cargo-semver.json");
    vectors.run("compare", 63, compare);
    vectors.run("req_match", 213, |row| {
        let requirement = Requirement::parse(text(row, "req")).map_err(|error| error.to_string())?;
        expect(
            requirement.matches(text(row, "version")),
            Some(truth(row, "matches")),
        )
    });
    vectors.run("invalid_req", 21, |row| {
        expect(Requirement::parse(row.as_str().expect("a text")).is_err(), true)
    });
    vectors.run("invalid_version", 12, |row| {
        let version = row.as_str().expect("a text");
        let any = Requirement::parse("*").expect("a requirement");
        expect(any.matches(version), None)?;
        expect(Cargo.key(version).is_ok(), READ_LENIENTLY.contains(&version))
    });
    vectors.finish();
}

fn compare(row: &Value) -> Result<(), String> {
    let (a, sign, b) = (text(row, "a"), text(row, "op"), text(row, "b"));
    let key = |version: &str| Cargo.key(version).map_err(|error| error.to_string());
    let (first, second) = (key(a)?, key(b)?);
    if BUILD_DECIDES.contains(&(a, sign, b)) {
        return expect(first, second);
    }
    expect(holds(&first, sign, &second), truth(row, "holds"))
}

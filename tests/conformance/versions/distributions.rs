//! `dpkg.json`, `rpm.json` and `apk.json`: the tests of the tools themselves.

use ecosystems::{Ecosystem, by_name};
use serde_json::Value;

use super::ordering::is_refused;
use super::{Vectors, expect, holds, text};

fn ecosystem(name: &str) -> &'static dyn Ecosystem {
    by_name(name).expect(name)
}

/// `holds` is true where a row does not say.
fn compare(ecosystem: &dyn Ecosystem, row: &Value) -> Result<(), String> {
    let (a, sign, b) = (text(row, "a"), text(row, "op"), text(row, "b"));
    let stated = row["holds"].as_bool().unwrap_or(true);
    match (ecosystem.key(a), ecosystem.key(b)) {
        (Ok(a), Ok(b)) => expect(holds(&a, sign, &b), stated),
        (first, second) => expect(
            (first.is_err(), second.is_err()),
            (is_refused(ecosystem.name(), a), is_refused(ecosystem.name(), b)),
        ),
    }
}

#[test]
fn debian_versions_are_ordered_as_dpkg_orders_them() {
    let debian = ecosystem("Debian");
    let mut vectors = Vectors::read("dpkg.json");
    vectors.run("compare", 80, |row| compare(debian, row));
    vectors.run("generated", 1200, |row| compare(debian, row));
    vectors.run("invalid_pairs", 6, |row| {
        let both = row.as_array().expect("a pair");
        let refused = both
            .iter()
            .filter(|version| debian.key(version.as_str().expect("a text")).is_err());
        expect(refused.count(), 2)
    });
    vectors.finish();
}

#[test]
fn rpm_versions_are_ordered_as_rpm_orders_them() {
    let rpm = ecosystem("Red Hat");
    let mut vectors = Vectors::read("rpm.json");
    vectors.run("compare", 91, |row| compare(rpm, row));
    vectors.run("evr_generated", 465, |row| compare(rpm, row));
    vectors.finish();
}

#[test]
fn alpine_versions_are_ordered_as_apk_orders_them() {
    let alpine = ecosystem("Alpine");
    let mut vectors = Vectors::read("apk.json");
    vectors.run("compare", 754, |row| match text(row, "op") {
        // Matching the beginning of a version is for `apk add`; no advisory asks for it.
        "~" | "<~" | ">~" => Ok(()),
        _ => compare(alpine, row),
    });
    vectors.run("valid", 6, |row| {
        expect(alpine.key(row.as_str().expect("a text")).is_ok(), true)
    });
    vectors.run("invalid", 25, |row| {
        expect(alpine.key(row.as_str().expect("a text")).is_err(), true)
    });
    vectors.finish();
}

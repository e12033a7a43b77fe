//! `pep508-markers.json`: the tests of `packaging` about markers and requirements.

use ecosystems::pypi::environment::Environment;
use ecosystems::pypi::marker::{Marker, Variables};
use ecosystems::pypi::requirement::Requirement;
use serde_json::Value;

use super::{Vectors, expect, text, truth};

#[test]
fn markers_and_requirements_are_read_as_pip_reads_them() {
    let mut vectors = Vectors::read("pep508-markers.json");
    vectors.run("evaluate", 15, evaluate);
    vectors.run("evaluate_pep345", 6, evaluate);
    vectors.run("version_like_equality", 6, evaluate);
    vectors.run("invalid", 6, |row| {
        expect(Marker::parse(row.as_str().expect("a text")).is_err(), true)
    });
    vectors.run("valid_sample", 200, |row| {
        expect(Marker::parse(row.as_str().expect("a text")).is_ok(), true)
    });
    vectors.run("extras_groups", 18, |row| {
        let marker = text(row, "expression").replace("{0}", text(row, "variable"));
        let mut variables = Environment::default().variables();
        variables.set_names(text(row, "variable"), ["foo", "bar"]);
        let marker = Marker::parse(&marker).map_err(|error| error.to_string())?;
        expect(marker.holds(&variables, ""), truth(row, "result"))
    });
    vectors.run("req_equal", 8, |row| expect(same(row)?, true));
    vectors.run("req_not_equal", 7, |row| expect(same(row)?, false));
    vectors.finish();
}

fn evaluate(row: &Value) -> Result<(), String> {
    let mut variables: Variables = Environment::default().variables();
    let mut extra = "";
    for (name, value) in row["environment"].as_object().into_iter().flatten() {
        let value = value.as_str().expect("a text");
        if name == "extra" {
            extra = value;
        } else {
            variables.set(name, value);
        }
    }
    let marker = Marker::parse(text(row, "marker_string")).map_err(|error| error.to_string())?;
    expect(marker.holds(&variables, extra), truth(row, "expected"))
}

/// Whether two requirements ask for the same.
fn same(row: &Value) -> Result<bool, String> {
    let read = |field: &str| Requirement::parse(text(row, field)).map_err(|error| error.to_string());
    let (a, b) = (read("dep1")?, read("dep2")?);
    let specifiers = a.specifier.is_subset(&b.specifier) && b.specifier.is_subset(&a.specifier);
    let marker = |requirement: &Requirement| {
        requirement
            .marker
            .as_ref()
            .map(|marker| marker.to_string().replace('\'', "\"").replace(' ', ""))
    };
    Ok(a.project() == b.project()
        && a.extras == b.extras
        && specifiers
        && a.url == b.url
        && marker(&a) == marker(&b))
}

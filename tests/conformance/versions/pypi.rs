//! `pep440.json`: the tests of `packaging`, the library that pip decides with.

use ecosystems::Ecosystem;
use ecosystems::pypi::{Distribution, Prereleases, PyPi, SpecifierSet, Version};
use serde_json::Value;

use super::{Vectors, expect, holds, text, truth};

#[test]
fn pypi_versions_and_specifiers_are_read_as_pip_reads_them() {
    let mut vectors = Vectors::read("pep440.json");
    run_versions(&mut vectors);
    run_specifiers(&mut vectors);
    vectors.run("canonical_names", 10, |row| {
        expect(PyPi.normalize(text(row, "name")).as_ref(), text(row, "expected"))
    });
    vectors.run("wheel_filenames", 8, distribution);
    vectors.run("sdist_filenames", 2, distribution);
    vectors.run("invalid_wheel_filenames", 14, |row| {
        expect(Distribution::parse(row.as_str().expect("a text")), None)
    });
    vectors.finish();
}

fn run_versions(vectors: &mut Vectors) {
    vectors.run("compare", 193, compare);
    vectors.run("generated_compare", 1500, compare);
    vectors.run("normalized", 102, |row| {
        let version = Version::parse(text(row, "version")).ok_or("refused")?;
        expect(version.to_string().as_str(), text(row, "normalized"))
    });
    vectors.run("invalid_versions", 20, |row| {
        expect(PyPi.key(row.as_str().expect("a text")).is_err(), true)
    });
    let ascending = vectors.table("ordered_strictly_ascending");
    assert_eq!(ascending.len(), 92);
    let keys: Vec<_> = ascending
        .iter()
        .map(|row| PyPi.key(row.as_str().expect("a text")))
        .collect();
    for (a, first) in keys.iter().enumerate() {
        for (b, second) in keys.iter().enumerate() {
            let key = |key: &Result<_, _>| Clone::clone(key).expect("a version");
            assert_eq!(
                key(first).cmp(&key(second)),
                a.cmp(&b),
                "{} and {}",
                ascending[a],
                ascending[b]
            );
        }
    }
}

fn run_specifiers(vectors: &mut Vectors) {
    vectors.run("specifier_contains", 188, |row| {
        contains(row, choice(&row["prereleases"]), truth(row, "expected"))
    });
    vectors.run("specifier_prereleases", 58, |row| {
        let asked = choice(&row["contains_prereleases"]);
        contains(
            row,
            asked.or(choice(&row["spec_prereleases"])),
            truth(row, "expected"),
        )
    });
    vectors.run("arbitrary_equality", 47, |row| {
        contains(row, None, truth(row, "expected"))
    });
    vectors.run("bridges_contains", 101, |row| {
        contains(row, choice(&row["prereleases"]), truth(row, "expected"))
    });
    vectors.run("generated_contains", 2392, |row| {
        contains(row, Some(Prereleases::Admit), truth(row, "pre_true"))?;
        contains(row, None, truth(row, "pre_default"))
    });
    vectors.run("specifier_filter", 69, filter);
    vectors.run("satisfiable", 87, |row| expect(set(row)?.is_satisfiable(), true));
    vectors.run("unsatisfiable", 77, |row| {
        expect(set(row)?.is_satisfiable(), false)
    });
    vectors.run("invalid_specifiers", 31, |row| expect(set(row).is_err(), true));
    vectors.run("is_subset", 8, |row| {
        expect(
            set(&row["left"])?.is_subset(&set(&row["right"])?),
            truth(row, "expected"),
        )
    });
    vectors.run("is_disjoint", 6, |row| {
        expect(
            set(&row["left"])?.is_disjoint(&set(&row["right"])?),
            truth(row, "expected"),
        )
    });
}

fn distribution(row: &Value) -> Result<(), String> {
    let file = Distribution::parse(text(row, "filename")).ok_or("refused")?;
    expect(
        (file.name.as_str(), file.version.to_string().as_str()),
        (text(row, "name"), text(row, "version")),
    )
}

fn compare(row: &Value) -> Result<(), String> {
    let key = |field: &str| PyPi.key(text(row, field)).map_err(|error| error.to_string());
    expect(holds(&key("a")?, text(row, "op"), &key("b")?), true)
}

fn set(row: &Value) -> Result<SpecifierSet, String> {
    SpecifierSet::parse(row.as_str().expect("a text")).map_err(|error| error.to_string())
}

/// The library's three-valued option.
fn choice(value: &Value) -> Option<Prereleases> {
    value.as_bool().map(|admit| {
        if admit {
            Prereleases::Admit
        } else {
            Prereleases::Exclude
        }
    })
}

fn contains(row: &Value, prereleases: Option<Prereleases>, expected: bool) -> Result<(), String> {
    let actual = set(&row["spec"])?.contains(text(row, "version"), prereleases.unwrap_or_default());
    expect(actual, expected)
}

fn filter(row: &Value) -> Result<(), String> {
    let list = |field: &str| {
        row[field]
            .as_array()
            .expect("a list")
            .iter()
            .map(|v| v.as_str().expect("a text"))
    };
    let input: Vec<_> = list("input").collect();
    let prereleases = choice(&row["prereleases"]).or(choice(&row["specifier_prereleases"]));
    expect(
        set(&row["spec"])?.filter(&input, prereleases.unwrap_or_default()),
        list("expected").collect(),
    )
}

//! `node-semver.json`: the fixtures of npm's own library.

use ecosystems::Ecosystem;
use ecosystems::npm::{Mode, Npm, Range, Side, parse_version};
use serde_json::Value;

use super::{Vectors, expect, holds, text, truth};

fn mode(row: &Value) -> Mode {
    let option = |name: &str| row["options"][name].as_bool().unwrap_or(false);
    Mode {
        loose: option("loose"),
        include_prerelease: option("includePrerelease"),
    }
}

fn range(row: &Value, field: &str, mode: Mode) -> Range {
    Range::parse(text(row, field), mode).unwrap_or_else(|error| panic!("{row}: {error}"))
}

#[test]
fn npm_versions_and_ranges_are_read_as_npm_reads_them() {
    let mut vectors = Vectors::read("node-semver.json");
    vectors.run("compare", 68, compare);
    vectors.run("range_include", 126, |row| satisfies(row, true));
    vectors.run("range_exclude", 97, |row| satisfies(row, false));
    vectors.run("range_parse", 133, canonical);
    vectors.run("range_intersection", 54, |row| intersects(row, Mode::default()));
    vectors.run("comparator_intersection", 34, |row| {
        intersects(
            row,
            Mode {
                include_prerelease: truth(row, "includePrerelease"),
                ..Mode::default()
            },
        )
    });
    vectors.run("gtr", 56, |row| leaves(row, Side::Above, true));
    vectors.run("not_gtr", 80, |row| leaves(row, Side::Above, false));
    vectors.run("ltr", 58, |row| leaves(row, Side::Below, true));
    vectors.run("not_ltr", 83, |row| leaves(row, Side::Below, false));
    vectors.run("invalid_versions", 7, |row| {
        expect(parse_version(text(row, "version"), mode(row)), None)
    });
    vectors.run("valid_versions", 22, valid);
    vectors.leave_out(
        "increment",
        133,
        "`npm version` writes versions; nothing here makes one up",
    );
    vectors.leave_out("truncate", 27, "likewise");
    vectors.finish();
}

fn compare(row: &Value) -> Result<(), String> {
    let read = |field: &str| parse_version(text(row, field), mode(row)).ok_or(format!("{field} is refused"));
    let (a, b) = (read("a")?, read("b")?);
    let by_key = holds(&a.key(), text(row, "op"), &b.key());
    expect((holds(&a, text(row, "op"), &b), by_key), (true, true))
}

fn satisfies(row: &Value, expected: bool) -> Result<(), String> {
    expect(
        range(row, "range", mode(row)).satisfied_by(text(row, "version")),
        expected,
    )
}

fn canonical(row: &Value) -> Result<(), String> {
    let read = Range::parse(text(row, "range"), mode(row)).ok();
    expect(
        read.map(|range| range.to_string()).as_deref(),
        row["canonical"].as_str(),
    )
}

fn intersects(row: &Value, mode: Mode) -> Result<(), String> {
    let (a, b) = (range(row, "a", mode), range(row, "b", mode));
    let expected = truth(row, "intersects");
    expect((a.intersects(&b), b.intersects(&a)), (expected, expected))
}

fn leaves(row: &Value, side: Side, expected: bool) -> Result<(), String> {
    expect(
        range(row, "range", mode(row)).leaves(text(row, "version"), side),
        expected,
    )
}

/// The row's parts, put together, are the version, whichever way it is read; its build is forgotten.
fn valid(row: &Value) -> Result<(), String> {
    let part = |part: &Value| part.as_str().map_or_else(|| part.to_string(), str::to_owned);
    let parts = |field: &str| {
        row[field]
            .as_array()
            .expect("parts")
            .iter()
            .map(part)
            .collect::<Vec<_>>()
    };
    let mut whole = ["major", "minor", "patch"]
        .map(|field| row[field].to_string())
        .join(".");
    if !parts("prerelease").is_empty() {
        whole = format!("{whole}-{}", parts("prerelease").join("."));
    }
    let version = text(row, "version");
    expect(
        parse_version(version, Mode::default()).map(|version| version.to_string()),
        Some(whole.clone()),
    )?;
    expect(Npm.key(version), Npm.key(&whole))
}

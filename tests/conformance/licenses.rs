//! License expressions, names and lists against 512 vectors of several tools and our own.

use std::path::Path;

use ::licenses::{Entry, Expression, GnuOrLater, Reading, Rules, Stated};
use serde_json::Value;

fn vectors() -> Vec<Value> {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/vectors/license-expressions.json");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let document: Value = serde_json::from_str(&text).expect("the vectors are JSON");
    document["vectors"].as_array().expect("a list of vectors").clone()
}

/// Runs `actual` over every vector of a kind and reports all that differ at once.
fn check(kind: &str, count: usize, problem: impl Fn(&Value) -> Option<String>) {
    let rows: Vec<Value> = vectors().into_iter().filter(|row| row["kind"] == kind).collect();
    assert_eq!(rows.len(), count, "the vectors of kind {kind} are not all there");
    let problems: Vec<String> = rows
        .iter()
        .filter_map(|row| Some(format!("{} {}: {}", row["id"], row["input"], problem(row)?)))
        .collect();
    assert!(
        problems.is_empty(),
        "{} of {count}:\n{}",
        problems.len(),
        problems.join("\n")
    );
}

fn input(row: &Value) -> String {
    let Some(bomb) = row["input"].as_object() else {
        return row["input"].as_str().expect("an input is text").to_owned();
    };
    let repeated = |key: &str| {
        let (text, times) = (bomb[key][0].as_str().unwrap(), bomb[key][1].as_u64().unwrap());
        text.repeat(usize::try_from(times).unwrap())
    };
    format!(
        "{}{}{}",
        repeated("repeat"),
        bomb["then"].as_str().unwrap(),
        repeated("close")
    )
}

fn entries(list: &Value) -> Vec<Entry> {
    let texts = list.as_array().into_iter().flatten();
    texts
        .map(|text| text.as_str().unwrap().parse().unwrap())
        .collect()
}

fn differs(actual: &str, expected: &str) -> Option<String> {
    (actual != expected).then(|| format!("expected {expected}, got {actual}"))
}

#[test]
fn expressions_satisfy_lists() {
    check("satisfies", 160, |row| {
        let rules = Rules::new(&entries(&row["allow"]), &[], &[]);
        let reading = ::licenses::read(&input(row));
        let expression = reading.expression().expect("an expression");
        let allowed = rules.evaluate(expression).permission == ::licenses::Permission::Allow;
        differs(&allowed.to_string(), &row["expect"].to_string())
    });
}

#[test]
fn the_strict_reader_refuses_what_is_malformed() {
    check("parse_error", 72, |row| {
        Expression::parse(&input(row))
            .ok()
            .map(|read| format!("was read as {read}"))
    });
}

fn normal_form(reading: &Reading) -> String {
    match &reading.stated {
        Stated::Expression(_) if reading.is_unknown() => "@unknown".to_owned(),
        Stated::Expression(expression) => expression.to_string(),
        Stated::NoData => "@no-data".to_owned(),
        Stated::Unlicensed => "@unlicensed".to_owned(),
        Stated::File(path) => format!("@file:{path}"),
    }
}

#[test]
fn names_become_ids() {
    check("normalise", 210, |row| {
        let actual = normal_form(&::licenses::read_npm(&row["input"]));
        let careful = row["assumed"] == true && actual == "@unknown";
        if careful {
            None
        } else {
            differs(&actual, row["expect"].as_str().unwrap())
        }
    });
}

#[test]
fn lists_are_a_three_valued_lattice() {
    check("evaluate", 70, |row| {
        let later = if row["gnu_or_later"] == "spdx" {
            GnuOrLater::Spdx
        } else {
            GnuOrLater::Strict
        };
        let rules = Rules::new(
            &entries(&row["allow"]),
            &entries(&row["review"]),
            &entries(&row["deny"]),
        );
        let actual = match &::licenses::read(&input(row)).stated {
            Stated::Expression(expression) => {
                let evaluation = rules.gnu_or_later(later).evaluate(expression);
                let permission = format!("{:?}", evaluation.permission).to_lowercase();
                serde_json::json!({"outcome": permission, "elected": evaluation.elected.to_string()})
            }
            Stated::NoData => serde_json::json!({"outcome": "no-data", "elected": null}),
            Stated::Unlicensed => serde_json::json!({"outcome": "deny", "elected": null}),
            Stated::File(_) => serde_json::json!({"outcome": "review", "elected": null}),
        };
        differs(&actual.to_string(), &row["expect"].to_string())
    });
}

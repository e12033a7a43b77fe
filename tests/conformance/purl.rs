//! The purl specification's own tests, whole.

#![cfg(test)]

use std::fs;
use std::path::Path;

use inventory::{Purl, PurlParts};
use serde::Deserialize;
use serde_json::{Map, Value};

#[derive(Deserialize)]
struct Suite {
    tests: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    description: String,
    test_type: String,
    input: Value,
    expected_output: Option<Value>,
    #[serde(default)]
    expected_failure: bool,
}

#[test]
fn every_case_of_the_specification() {
    let mut ran = 0;
    let mut failures = Vec::new();
    for folder in ["spec", "types"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../shared/data/vectors/purl")
            .join(folder);
        for entry in fs::read_dir(&folder).expect("the purl vectors are there") {
            let path = entry.unwrap().path();
            let suite: Suite = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
            for case in suite.tests {
                ran += 1;
                if let Err(why) = check(&case) {
                    failures.push(format!(
                        "{}: {} {}: {why}",
                        path.display(),
                        case.description,
                        case.input
                    ));
                }
            }
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {ran} fail:\n{}",
        failures.len(),
        failures.join("\n")
    );
    assert_eq!(ran, 586, "the suite is whole");
}

fn check(case: &Case) -> Result<(), String> {
    let outcome = match case.test_type.as_str() {
        "parse" => text(&case.input).parse().map(|purl| parts(&purl)),
        "build" => build(&case.input).map(|purl| Value::String(purl.to_string())),
        "validate" => Purl::lenient(text(&case.input)).map(|purl| Value::String(purl.to_string())),
        other => return Err(format!("unknown test type {other}")),
    };
    match (outcome, &case.expected_output) {
        (Ok(value), Some(expected)) if !case.expected_failure && value == without_nulls(expected) => Ok(()),
        (Err(_), _) if case.expected_failure => Ok(()),
        (outcome, expected) => Err(format!("got {outcome:?}, expected {expected:?}")),
    }
}

fn text(value: &Value) -> &str {
    value.as_str().expect("an input text")
}

fn build(input: &Value) -> Result<Purl, inventory::InvalidPurl> {
    let qualifiers = input["qualifiers"].as_object().into_iter().flatten();
    Purl::from_parts(&PurlParts {
        kind: input["type"].as_str().unwrap_or_default(),
        namespace: input["namespace"].as_str(),
        name: input["name"].as_str().unwrap_or_default(),
        version: input["version"].as_str(),
        qualifiers: qualifiers
            .map(|(key, value)| (key.as_str(), text(value)))
            .collect(),
        subpath: input["subpath"].as_str(),
    })
}

/// The parts as the suite writes them, absent ones left out.
fn parts(purl: &Purl) -> Value {
    let mut object = Map::new();
    let mut put = |key: &str, value: Option<&str>| {
        value.map(|value| object.insert(key.to_owned(), value.into()));
    };
    put("type", Some(purl.kind()));
    put("namespace", purl.namespace());
    put("name", Some(purl.name()));
    put("version", purl.version());
    put("subpath", purl.subpath());
    if !purl.qualifiers().is_empty() {
        let qualifiers = purl
            .qualifiers()
            .iter()
            .map(|(k, v)| (k.clone(), v.as_str().into()));
        object.insert("qualifiers".to_owned(), Value::Object(qualifiers.collect()));
    }
    Value::Object(object)
}

fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(object) => Value::Object(
            object
                .iter()
                .filter(|(_, value)| {
                    !value.is_null() && value.as_object().is_none_or(|inner| !inner.is_empty())
                })
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect(),
        ),
        other => other.clone(),
    }
}

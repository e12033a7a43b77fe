//! The `license` and `licenses` fields of npm's `package.json`, in all the shapes they had.

use serde_json::Value;

use crate::reading::joined;
use crate::{Operator, Reading, read};

/// Reads npm's field: a string, an object `{type, url}`, or an array of either, which is a choice.
#[must_use]
pub fn read_npm(value: &Value) -> Reading {
    match value {
        Value::String(text) => read(text),
        Value::Array(choices) => joined(Operator::Or, choices.iter().map(read_one)),
        other => read_one(other),
    }
}

/// A string or an object; an array inside an array is no shape that npm ever had.
fn read_one(value: &Value) -> Reading {
    let field = |key: &str| value.get(key).and_then(Value::as_str);
    match value
        .as_str()
        .or_else(|| field("type"))
        .or_else(|| field("name"))
        .or_else(|| field("url"))
    {
        Some(text) => read(text),
        None => Reading::no_data(),
    }
}

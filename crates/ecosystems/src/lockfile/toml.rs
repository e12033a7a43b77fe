//! TOML as the same kind of value as JSON, so that readers look into both alike.

use serde_json::{Map, Value};

use super::ReadError;

/// Parses a text as a TOML document. An empty one is an empty object.
pub(crate) fn document(text: &str) -> Result<Value, ReadError> {
    let table: toml::Table = text.parse().map_err(|error| syntax(text, &error))?;
    Ok(Value::Object(map(table)))
}

fn syntax(text: &str, error: &toml::de::Error) -> ReadError {
    let start = error.span().map_or(0, |span| span.start).min(text.len());
    let before = text.get(..start).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    let message = error.message().lines().next().unwrap_or_default();
    ReadError::new(
        format!("line {line}, column {column}"),
        format!("it is no TOML: {message}"),
    )
}

fn map(table: toml::Table) -> Map<String, Value> {
    table.into_iter().map(|(key, value)| (key, json(value))).collect()
}

fn json(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => number.into(),
        toml::Value::Boolean(flag) => Value::Bool(flag),
        toml::Value::Datetime(when) => Value::String(when.to_string()),
        toml::Value::Array(list) => list.into_iter().map(json).collect(),
        toml::Value::Table(table) => Value::Object(map(table)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_syntax_error_names_its_line() {
        let error = document("a = 1\nb = ?\n").unwrap_err();
        assert!(error.place.starts_with("line 2, column "), "{error}");
    }
}

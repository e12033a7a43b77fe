//! Reading loosely typed JSON.

use clock::Timestamp;
use serde_json::Value;

/// The text of a member; empty when there is none.
pub(super) fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default().trim()
}

/// The first of these members that holds a text.
pub(super) fn first<'a>(value: &'a Value, keys: &[&str]) -> &'a str {
    keys.iter()
        .map(|key| text(value, key))
        .find(|text| !text.is_empty())
        .unwrap_or_default()
}

/// The elements of a member; none when there is no list.
pub(super) fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value
        .get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// The texts of a list; a single text is a list of one.
pub(super) fn texts<'a>(value: &'a Value, key: &str) -> Vec<&'a str> {
    match value.get(key) {
        Some(Value::String(one)) => vec![one.trim()],
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).map(str::trim).collect(),
        _ => Vec::new(),
    }
}

/// A moment in one of these members.
pub(super) fn moment(value: &Value, keys: &[&str]) -> Option<Timestamp> {
    keys.iter().find_map(|key| text(value, key).parse().ok())
}

/// Several texts as sentences, without those that repeat another.
pub(super) fn sentences<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for part in parts {
        let part = part.trim();
        if !part.is_empty() && !kept.contains(&part) {
            kept.push(part);
        }
    }
    kept.join(" ")
}

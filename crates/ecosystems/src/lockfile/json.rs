//! Lenient looks into a JSON value: what has another shape than expected is absent.

use inventory::{Hash, Level, Notice};
use serde_json::{Map, Value};

use super::ReadError;

/// Parses a text that must be one JSON object.
pub(crate) fn object(text: &str) -> Result<Value, ReadError> {
    let value: Value = serde_json::from_str(text).map_err(|error| syntax(&error))?;
    if value.is_object() {
        Ok(value)
    } else {
        Err(ReadError::new("", "it is no JSON object"))
    }
}

fn syntax(error: &serde_json::Error) -> ReadError {
    let text = error.to_string();
    let what = text
        .rsplit_once(" at line ")
        .map_or(text.as_str(), |(what, _)| what);
    ReadError::new(
        format!("line {}, column {}", error.line(), error.column()),
        format!("it is no JSON: {what}"),
    )
}

pub(crate) fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key)?.as_str()
}

/// The text, unless it is empty.
pub(crate) fn some_text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    text(value, key).filter(|text| !text.is_empty())
}

pub(crate) fn flag(value: &Value, key: &str) -> bool {
    value.get(key).and_then(Value::as_bool).unwrap_or_default()
}

pub(crate) fn entries<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = (&'a str, &'a Value)> {
    let map = value.get(key).and_then(Value::as_object);
    map.into_iter()
        .flat_map(Map::iter)
        .map(|(key, value)| (key.as_str(), value))
}

pub(crate) fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value
        .get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// One text or a list of texts.
pub(crate) fn texts<'a>(value: &'a Value, key: &str) -> Vec<&'a str> {
    match value.get(key) {
        Some(Value::String(text)) => vec![text],
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// A JSON pointer.
pub(crate) fn pointer<S: AsRef<str>>(parts: impl IntoIterator<Item = S>) -> String {
    let mut pointer = String::new();
    for part in parts {
        pointer.push('/');
        pointer.push_str(&part.as_ref().replace('~', "~0").replace('/', "~1"));
    }
    pointer
}

/// What was left out because it makes no sense.
pub(crate) fn unreadable(place: impl Into<String>, text: impl Into<String>) -> Notice {
    warning("unreadable_entry", place, text)
}

pub(crate) fn warning(code: &str, place: impl Into<String>, text: impl Into<String>) -> Notice {
    notice(code, Level::Warn, place, text)
}

pub(crate) fn notice(code: &str, level: Level, place: impl Into<String>, text: impl Into<String>) -> Notice {
    Notice {
        code: code.to_owned(),
        level,
        place: place.into(),
        text: text.into(),
    }
}

/// Reads `sha256:HEX`, as Python's lockfiles write it, and bare hexadecimal of the length of SHA-256.
pub(crate) fn hex_hash(text: &str) -> Option<Hash> {
    let (algorithm, value) = text.split_once([':', '=']).unwrap_or(("sha256", text));
    let (algorithm, digits) = match algorithm.to_ascii_lowercase().as_str() {
        "md5" => ("MD5", 32),
        "sha1" => ("SHA-1", 40),
        "sha256" => ("SHA-256", 64),
        "sha384" => ("SHA-384", 96),
        "sha512" => ("SHA-512", 128),
        _ => return None,
    };
    let is_hex = value.len() == digits && value.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then(|| Hash {
        algorithm: algorithm.to_owned(),
        value: value.to_ascii_lowercase(),
    })
}

/// Reads subresource integrity (`sha512-BASE64 sha1-BASE64`); what is no hash is left out.
pub(crate) fn integrity(text: &str) -> Vec<Hash> {
    text.split_ascii_whitespace().filter_map(one_integrity).collect()
}

fn one_integrity(text: &str) -> Option<Hash> {
    let (algorithm, value) = text.split_once('-')?;
    // Options after a question mark are part of the syntax.
    let value = value.split('?').next().unwrap_or(value);
    hex_hash(&format!("{algorithm}:{}", base64_to_hex(value)?))
}

/// Standard base64 as hexadecimal; `None` for anything else.
fn base64_to_hex(text: &str) -> Option<String> {
    let digits = text.trim_end_matches('=');
    let mut hex = String::with_capacity(digits.len() * 3 / 2);
    let (mut bits, mut held) = (0_u32, 0_u32);
    for byte in digits.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(value);
        held += 6;
        while held >= 4 {
            held -= 4;
            hex.push(char::from_digit((bits >> held) & 15, 16)?);
        }
        bits &= (1 << held) - 1;
    }
    // Six bits a digit and eight a byte: what is left over is padding.
    hex.truncate(digits.len() * 6 / 8 * 2);
    Some(hex)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integrity_becomes_hexadecimal() {
        let hashes = integrity(
            "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk= sha512-nonsense sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=?opt",
        );
        let sha1 = Hash {
            algorithm: "SHA-1".to_owned(),
            value: "da39a3ee5e6b4b0d3255bfef95601890afd80709".to_owned(),
        };
        assert_eq!(hashes, [sha1.clone(), sha1]);
    }

    #[test]
    fn a_place_is_a_json_pointer() {
        assert_eq!(
            pointer(["packages", "node_modules/a~b"]),
            "/packages/node_modules~1a~0b"
        );
    }

    #[test]
    fn a_syntax_error_names_its_line() {
        let error = object("{\n  \"a\": ]").unwrap_err();
        assert_eq!(
            error.to_string(),
            "line 2, column 8: it is no JSON: expected value"
        );
        assert!(object("[]").is_err());
    }
}

//! The file name that a request gives.

use axum::http::{HeaderMap, header};

/// The name in `Content-Disposition: attachment; filename="…"`; the encoded form goes before the plain one.
pub(super) fn of_disposition(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::CONTENT_DISPOSITION)?;
    let text = String::from_utf8_lossy(value.as_bytes());
    let mut plain = None;
    for part in text.split(';').skip(1) {
        let Some((key, value)) = part.split_once('=') else {
            continue;
        };
        let value = value.trim().trim_matches('"');
        match key.trim().to_ascii_lowercase().as_str() {
            "filename*" => {
                let coded = value.rsplit('\'').next().unwrap_or(value);
                return Some(decode(coded)).filter(|name| !name.is_empty());
            }
            "filename" => plain = Some(value.to_owned()),
            _ => {}
        }
    }
    plain.filter(|name| !name.is_empty())
}

/// Undoes percent-encoding; what is none stays.
fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let digits = text.get(at + 1..at + 3).filter(|_| byte == b'%');
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(value) => {
                decoded.push(value);
                at += 3;
            }
            None => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(value: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_DISPOSITION, value.parse().unwrap());
        of_disposition(&headers)
    }

    #[test]
    fn a_name_is_read_in_both_spellings() {
        assert_eq!(
            name("attachment; filename=\"Cargo.lock\"").as_deref(),
            Some("Cargo.lock")
        );
        assert_eq!(
            name("attachment; FileName=yarn.lock").as_deref(),
            Some("yarn.lock")
        );
        assert_eq!(
            name("attachment; filename=\"x\"; filename*=UTF-8''a%2Fuv.lock").as_deref(),
            Some("a/uv.lock")
        );
        assert_eq!(name("attachment; filename*=UTF-8''%zz%").as_deref(), Some("%zz%"));
        for nothing in ["attachment", "attachment; filename=\"\"", "attachment; size=3"] {
            assert_eq!(name(nothing), None, "{nothing}");
        }
    }
}

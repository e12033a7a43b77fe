//! JSON with comments and trailing commas, made plain without moving a line or column.

/// The same text with comments and trailing commas blanked.
pub(super) fn plain(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let mut at = 0;
    // Where the last comma outside strings stands, while nothing but space has followed.
    let mut comma = None;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => {
                comma = None;
                at = end_of_string(&bytes, at);
            }
            b'/' if bytes.get(at + 1) == Some(&b'/') => at = blank(&mut bytes, at, end_of_line),
            b'/' if bytes.get(at + 1) == Some(&b'*') => at = blank(&mut bytes, at, end_of_comment),
            b',' => {
                comma = Some(at);
                at += 1;
            }
            b'}' | b']' => {
                if let Some(comma) = comma.take() {
                    bytes[comma] = b' ';
                }
                at += 1;
            }
            byte => {
                if !byte.is_ascii_whitespace() {
                    comma = None;
                }
                at += 1;
            }
        }
    }
    String::from_utf8(bytes).expect("only whole ASCII characters and whole comments are blanked")
}

fn end_of_string(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn end_of_line(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .position(|byte| *byte == b'\n')
        .unwrap_or(bytes.len())
}

fn end_of_comment(bytes: &[u8]) -> usize {
    let inner = bytes.get(2..).unwrap_or_default();
    inner
        .windows(2)
        .position(|pair| pair == b"*/")
        .map_or(bytes.len(), |at| at + 4)
}

/// Blanks what `length` measures from `start` on, keeping line breaks; answers where it ends.
fn blank(bytes: &mut [u8], start: usize, length: fn(&[u8]) -> usize) -> usize {
    let end = start + length(&bytes[start..]);
    for byte in &mut bytes[start..end] {
        if *byte != b'\n' {
            *byte = b' ';
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_trailing_commas_are_blanked() {
        let text = "{ // é\n \"a,}\": [1, 2, /* , */ ],\n}";
        let expected = serde_json::json!({ "a,}": [1, 2] });
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&plain(text)).unwrap(),
            expected
        );
        assert_eq!(plain(text).len(), text.len());
    }

    #[test]
    fn broken_text_stays_broken() {
        for text in ["\"abc", "/*", "/* *", "\\", "\"\\", "[,]", ""] {
            assert_eq!(plain(text).len(), text.len(), "{text}");
        }
    }
}

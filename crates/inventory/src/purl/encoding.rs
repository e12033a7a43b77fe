//! Percent-encoding as the purl specification has it: everything but letters, digits, `.-_~` and the colon.

use std::borrow::Cow;
use std::fmt::{self, Write};

/// Writes `text` so that no character of it can be taken for a separator.
pub(super) fn write(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    let mut rest = text;
    while let Some(place) = rest.find(|c: char| !is_plain(c)) {
        let (plain, from) = rest.split_at(place);
        let mut chars = from.chars();
        let special = chars.next().unwrap_or_default();
        f.write_str(plain)?;
        for byte in special.encode_utf8(&mut [0; 4]).bytes() {
            write!(f, "%{byte:02X}")?;
        }
        rest = chars.as_str();
    }
    f.write_str(rest)
}

fn is_plain(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '.' | '-' | '_' | '~' | ':')
}

/// Writes the segments of a path, encoding all but the slashes between them.
pub(super) fn write_path(f: &mut fmt::Formatter<'_>, path: &str) -> fmt::Result {
    for (position, segment) in path.split('/').enumerate() {
        if position > 0 {
            f.write_char('/')?;
        }
        write(f, segment)?;
    }
    Ok(())
}

/// What to do with a `%` that two hexadecimal digits do not follow.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum StrayPercent {
    Refuse,
    Keep,
}

pub(super) fn decode(text: &str, stray: StrayPercent) -> Result<Cow<'_, str>, &'static str> {
    if !text.contains('%') {
        return Ok(Cow::Borrowed(text));
    }
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let (byte, after) = match (byte, after) {
            (b'%', [high, low, after @ ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                (hex_digit(*high) << 4 | hex_digit(*low), after)
            }
            (b'%', _) if stray == StrayPercent::Refuse => return Err("`%` without two hexadecimal digits"),
            _ => (byte, after),
        };
        decoded.push(byte);
        rest = after;
    }
    String::from_utf8(decoded)
        .map(Cow::Owned)
        .map_err(|_| "percent-encoded bytes that are not UTF-8")
}

fn hex_digit(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => (digit | 0x20) - b'a' + 10,
    }
}

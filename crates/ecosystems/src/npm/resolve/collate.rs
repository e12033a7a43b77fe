//! The order in which npm visits packages: that of the ICU collation for English.
//!
//! Letters of both cases and digits compare first, over the whole text; case decides only between texts that are
//! otherwise equal, lower case first. Punctuation counts and precedes digits, in an order of its own. What is
//! outside ASCII follows by code point, which is not what ICU does; names of packages have not been allowed to
//! hold such characters since 2014.

/// All printable ASCII characters that are not alphanumeric, in their order.
const PUNCTUATION: &[u8] = b" _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$";

/// Bytes whose order is the collation's order of the texts that they were made of.
///
/// The text itself ends the key, so that different texts never have equal keys.
pub fn key(text: &str) -> Box<[u8]> {
    let mut key = Vec::with_capacity(text.len() * 3 + 2);
    text.chars().for_each(|letter| primary(letter, &mut key));
    key.push(0);
    key.extend(
        text.chars()
            .filter(|letter| !letter.is_control())
            .map(|letter| 1 + u8::from(letter.is_ascii_uppercase())),
    );
    key.push(0);
    key.extend_from_slice(text.as_bytes());
    key.into()
}

fn primary(letter: char, key: &mut Vec<u8>) {
    let Ok(byte) = u8::try_from(letter) else {
        return beyond_ascii(letter, key);
    };
    match byte {
        b'0'..=b'9' => key.push(64 + byte - b'0'),
        b'a'..=b'z' | b'A'..=b'Z' => key.push(80 + byte.to_ascii_lowercase() - b'a'),
        _ if !byte.is_ascii() => beyond_ascii(letter, key),
        _ => key.extend(
            PUNCTUATION
                .iter()
                .zip(2_u8..)
                .find_map(|(sign, weight)| (*sign == byte).then_some(weight)),
        ),
    }
}

fn beyond_ascii(letter: char, key: &mut Vec<u8>) {
    key.push(0xFF);
    key.extend_from_slice(&u32::from(letter).to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_sort_as_node_sorts_them() {
        // Made with `localeCompare(…, 'en')` of node 20.
        let sorted = [
            "_", "-", ",", ".", "@", "@a/b", "*", "/", "~", "$", "0", "9", "a", "A", "a_b", "a-b", "a.b",
            "a@b", "a/b", "a10", "a9", "ab", "aB", "Ab", "ac", "b",
        ];
        let keys: Vec<_> = sorted.iter().map(|text| key(text)).collect();
        for (pair, texts) in keys.windows(2).zip(sorted.windows(2)) {
            assert!(pair[0] < pair[1], "{texts:?}");
        }
    }

    #[test]
    fn a_beginning_precedes_what_it_begins() {
        assert!(key("node_modules/a") < key("node_modules/a/node_modules/b"));
        assert!(key("") < key("node_modules"));
        assert!(key("jsonstream") < key("JSONStream") && key("JSONStream") < key("jsonstreams"));
    }
}

//! Writing a version as bytes whose order is the version's order.
//!
//! A number begins with a byte in `0x10..=0xD8`, so an ecosystem has the tags below and above for its
//! structure: a tag under [`FIRST_NUMBER`] sorts before every number, a tag over [`LAST_NUMBER`] after.
//! No encoded item is the beginning of another, hence comparing two keys byte by byte compares them item
//! by item, and no key is the beginning of another key.

use crate::VersionKey;
use crate::number::Number;

/// The least byte that a number begins with.
pub const FIRST_NUMBER: u8 = 0x10;
/// Values below this one are a single byte.
const ONE_BYTE_VALUES: u8 = 0xC0;
/// Begins a value of one byte; its successors begin longer values, up to eight bytes.
const LENGTH_BASE: u8 = FIRST_NUMBER + ONE_BYTE_VALUES;
/// The greatest byte that a number begins with: a value beyond 64 bits, as digit count and digits.
pub const LAST_NUMBER: u8 = LENGTH_BASE + 8;
/// Ends a text; below every byte that a text may hold.
const END_OF_TEXT: u8 = 0x00;

/// A key that is being written.
#[derive(Clone, Default)]
pub struct KeyBytes(Vec<u8>);

impl KeyBytes {
    /// Writes one structural byte.
    pub fn tag(&mut self, tag: u8) {
        debug_assert!(!(FIRST_NUMBER..=LAST_NUMBER).contains(&tag));
        self.0.push(tag);
    }

    /// Writes one byte of an order that an ecosystem lays out itself.
    pub fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    pub fn number(&mut self, number: &Number) {
        match number {
            Number::Small(value) => self.small(*value),
            Number::Big(digits) => {
                self.0.push(LAST_NUMBER);
                self.small(digits.len() as u64);
                self.0.extend_from_slice(digits.as_bytes());
            }
        }
    }

    fn small(&mut self, value: u64) {
        match u8::try_from(value) {
            Ok(byte) if byte < ONE_BYTE_VALUES => self.0.push(FIRST_NUMBER + byte),
            _ => {
                let bytes = value.to_be_bytes();
                let significant = bytes.iter().skip_while(|byte| **byte == 0);
                let length = significant.clone().count();
                self.0
                    .push(LENGTH_BASE + u8::try_from(length.saturating_sub(1)).unwrap_or(7));
                self.0.extend(significant);
            }
        }
    }

    /// Writes a tag and a text without zero bytes.
    pub fn text(&mut self, tag: u8, text: &str) {
        debug_assert!(!text.as_bytes().contains(&END_OF_TEXT));
        self.tag(tag);
        self.0.extend_from_slice(text.as_bytes());
        self.0.push(END_OF_TEXT);
    }

    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    pub fn finish(self) -> VersionKey {
        VersionKey::from_bytes(self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bytes(number: &Number) -> Vec<u8> {
        let mut key = KeyBytes::default();
        key.number(number);
        key.into_bytes()
    }

    proptest! {
        #[test]
        fn bytes_order_as_numbers_and_none_begins_another(
            a in "[0-9]{1,3}|[0-9]{17,24}", b in "[0-9]{1,3}|[0-9]{17,24}",
        ) {
            let (a, b) = (Number::parse(&a).expect("digits"), Number::parse(&b).expect("digits"));
            prop_assert_eq!(bytes(&a).cmp(&bytes(&b)), a.cmp(&b));
            prop_assert!(a == b || !bytes(&a).starts_with(&bytes(&b)));
        }
    }

    #[test]
    fn the_edges_between_lengths_keep_the_order() {
        let edges = [
            0,
            1,
            0xBF,
            0xC0,
            0xFF,
            0x100,
            0xFFFF,
            0x1_0000,
            u64::MAX - 1,
            u64::MAX,
        ];
        let mut keys: Vec<_> = edges.into_iter().map(|value| bytes(&value.into())).collect();
        keys.push(bytes(&Number::from(u64::MAX).successor()));
        assert!(keys.is_sorted_by(|a, b| a < b), "{keys:02x?}");
        assert_eq!(bytes(&Number::from(0xBF)).len(), 1);
    }
}

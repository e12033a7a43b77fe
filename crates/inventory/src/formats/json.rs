//! Parsing JSON into a reader's model within a bound of memory.

use std::cell::Cell;

use serde::Deserialize;

use super::ReadError;

/// Bytes of list elements that a model may hold: several times what a real document of 64 MiB needs. Without a
/// bound, `[{},{},…]` would take two hundred times its own size.
const MOST: usize = 512 << 20;
const OVER: &str = "the lists of the document take too much memory";

thread_local! {
    /// What the document that this thread is parsing may still take. Derived `Deserialize` implementations take
    /// no parameter, so the bound cannot be one.
    static LEFT: Cell<usize> = const { Cell::new(MOST) };
}

pub(super) fn parse<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, ReadError> {
    LEFT.set(MOST);
    serde_json::from_str(text).map_err(|error| {
        if LEFT.get() == 0 {
            ReadError::too_large(OVER)
        } else {
            ReadError::json(&error)
        }
    })
}

/// Takes `bytes` from what the document may hold.
pub(super) fn charge(bytes: usize) -> Result<(), &'static str> {
    let left = LEFT.get().saturating_sub(bytes);
    LEFT.set(left);
    if left == 0 { Err(OVER) } else { Ok(()) }
}

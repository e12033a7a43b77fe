//! A bound on the memory that the model of one document may take.

use std::cell::Cell;

/// Bytes of list elements that a model may hold: several times what a real document of 64 MiB needs. Without a
/// bound, `[{},{},…]` would take two hundred times its own size.
const MOST: usize = 512 << 20;
pub(super) const OVER: &str = "the lists of the document take too much memory";

thread_local! {
    /// What the document that this thread is parsing may still take. Derived `Deserialize` implementations take
    /// no parameter, so the bound cannot be one.
    static LEFT: Cell<usize> = const { Cell::new(MOST) };
}

/// Begins a document of this many bytes; a larger one, which somebody's limits allow, may take more.
pub(super) fn begin(document: usize) {
    LEFT.set(MOST.max(document.saturating_mul(4)));
}

/// Takes `bytes` from what the document may hold.
pub(super) fn charge(bytes: usize) -> Result<(), &'static str> {
    let left = LEFT.get().saturating_sub(bytes);
    LEFT.set(left);
    if left == 0 { Err(OVER) } else { Ok(()) }
}

pub(super) fn is_spent() -> bool {
    LEFT.get() == 0
}

//! What all targets hold readers to: they end, they do not panic, and what they give is consistent.

use inventory::Inventory;
use inventory::formats::{Document, Format, Limits};

/// Small, so that a run finds what grows too fast.
#[must_use]
pub fn limits() -> Limits {
    Limits {
        inflated: 1 << 20,
        components: 10_000,
        edges: 100_000,
        nesting: 200,
    }
}

/// Hands the bytes to the reader of a format.
pub fn read(format: Format, bytes: &[u8]) {
    if let Ok((inventory, _)) = Document::of(format, bytes).read(&limits()) {
        is_consistent(&inventory);
    }
}

/// Relations lead to components that are there, and the inventory can be stored.
pub fn is_consistent(inventory: &Inventory) {
    let count = u32::try_from(inventory.components.len()).expect("bounded by the limits");
    assert!(inventory.edges.iter().all(|(from, to)| *from < count && *to < count));
    assert!(inventory.root.is_none_or(|root| root < count));
    assert!(inventory.components.iter().all(|component| component.parent.is_none_or(|parent| parent < count)));
    let _ = inventory.digest();
}

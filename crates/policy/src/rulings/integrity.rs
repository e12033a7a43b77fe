//! Hashes of components.

use inventory::Source;

use super::license::examples;
use super::{Ruling, counted};
use crate::{Check, Policy, SubjectComponent};

/// Whether the component should carry a hash and does not; a folder of one's own needs none.
pub(crate) fn lacks_hash(component: &SubjectComponent<'_>) -> bool {
    !component.has_integrity && !matches!(component.source, Source::Path(_))
}

/// One ruling for all components without a hash.
pub(crate) fn missing(policy: &Policy, missing: &[&SubjectComponent<'_>], total: usize) -> Option<Ruling> {
    if missing.is_empty() {
        return None;
    }
    let verb = if missing.len() == 1 { "carries" } else { "carry" };
    let reason = format!(
        "{} of {} {verb} no hash of the bytes.",
        missing.len(),
        counted(total, "component")
    );
    Ruling::new(
        "integrity.missing",
        Check::Integrity,
        policy.integrity.missing,
        reason,
    )
    .with_fact("count", missing.len().to_string())
    .with_fact("components", examples(missing))
    .unless_ignored()
}

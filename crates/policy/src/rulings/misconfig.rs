//! Checks of configuration.

use super::Ruling;
use crate::{Check, Misconfiguration, Policy};

pub(crate) fn rule(policy: &Policy, found: &Misconfiguration) -> Option<Ruling> {
    let rule = if policy.misconfig.levels.contains_key(&found.id) {
        "misconfig.levels"
    } else {
        "misconfig.fail_at"
    };
    let action = policy.misconfig.action(&found.id, found.severity);
    let rule = match (rule, action) {
        ("misconfig.fail_at", crate::Action::Warn) => "misconfig.warn_at",
        (rule, _) => rule,
    };
    let reason = format!(
        "{}: {} ({}).",
        found.place,
        found.title.trim_end_matches('.'),
        found.id
    );
    Ruling::new(rule, Check::Misconfig, action, reason)
        .with_fact("id", &found.id)
        .with_fact("place", &found.place)
        .unless_ignored()
}

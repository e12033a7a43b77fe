//! What about a license a policy may want to hear of besides whether it may be used.

use licenses::{Expression, deprecated_ids};

use super::Ruling;
use super::license::label;
use crate::{Action, Check, LicensePolicy, SubjectComponent};

/// The rulings about one component's license, each where the policy asks for it.
pub(crate) fn rules(
    section: &LicensePolicy,
    component: &SubjectComponent<'_>,
    expression: &Expression,
    texts: &[&str],
) -> Vec<Ruling> {
    let mut rulings = Vec::new();
    let mut say = |rule: &'static str, action: Action, what: String| {
        let reason = format!("The license of {}, {expression}, {what}.", label(component));
        let ruling =
            Ruling::new(rule, Check::License, action, reason).with_fact("license", expression.to_string());
        rulings.extend(ruling.unless_ignored());
    };
    // What nobody knows is `license.unknown`, and nothing more is to be said of it.
    if expression.is_unknown() {
        return rulings;
    }
    if !section.not_osi_approved.is_ignore() && !expression.is_osi_approved() {
        let what = "is not approved by the Open Source Initiative".to_owned();
        say("license.not_osi_approved", section.not_osi_approved, what);
    }
    if !section.deprecated_id.is_ignore() {
        let mut ids: Vec<&str> = texts.iter().flat_map(|text| deprecated_ids(text)).collect();
        ids.sort_unstable();
        ids.dedup();
        if !ids.is_empty() {
            let what = format!("is stated by an id that SPDX deprecates: {}", ids.join(", "));
            say("license.deprecated_id", section.deprecated_id, what);
        }
    }
    if !section.uncategorized.is_ignore() && !expression.is_categorized() {
        let what = "is in no category".to_owned();
        say("license.uncategorized", section.uncategorized, what);
    }
    if !section.involved.is_ignore() && expression.is_involved() {
        let what = "is an expression of several parts".to_owned();
        say("license.involved", section.involved, what);
    }
    rulings
}

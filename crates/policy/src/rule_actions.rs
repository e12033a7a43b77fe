//! `rules`: what is done about a single rule, by its name or by an alias.

use std::collections::BTreeMap;

use licenses::Permission;

use crate::codes::Alias;
use crate::{Action, Policy, PolicyError};

/// Rules whose action a document can set by their names, which are also those in verdicts.
pub(crate) const SETTABLE: [&str; 24] = [
    "deprecated",
    "integrity.missing",
    "license.deprecated_id",
    "license.involved",
    "license.missing",
    "license.not_osi_approved",
    "license.uncategorized",
    "license.unknown",
    "license.unlicensed",
    "malicious",
    "meta.empty_sbom",
    "meta.incomplete_sbom",
    "notice",
    "source.dependency_confusion",
    "source.file",
    "source.git",
    "source.http",
    "source.install_scripts",
    "source.no_repository",
    "source.other_registry",
    "source.url",
    "unmaintained",
    "unsound",
    "yanked",
];

/// Writes the actions into the keys that decide, so that one policy has one form and one digest.
pub(crate) fn apply(policy: &mut Policy, actions: &BTreeMap<String, Action>) -> Result<(), PolicyError> {
    for (name, action) in actions {
        let place = format!("/rules/{}", name.replace('~', "~0").replace('/', "~1"));
        let failed = |message: String| PolicyError::new(place.clone(), message);
        match Alias::read(name) {
            None => set(policy, name, *action).map_err(failed)?,
            Some(Err(error)) => return Err(failed(error.to_string())),
            Some(Ok(Alias { package: Some(_), .. })) => {
                return Err(failed(
                    "one issue is no rule; a waiver names it as its `rule`".to_owned(),
                ));
            }
            Some(Ok(Alias { code, package: None })) => {
                for rule in code.rules {
                    set(policy, rule, *action).map_err(failed)?;
                }
            }
        }
    }
    Ok(())
}

/// Sets the action of one rule.
pub(crate) fn set(policy: &mut Policy, rule: &str, action: Action) -> Result<(), String> {
    let (license, source) = (&mut policy.license, &mut policy.source);
    let slot = match rule {
        "license.missing" => return permit(&mut license.missing, rule, action),
        "license.unknown" => return permit(&mut license.unknown, rule, action),
        "license.deny" | "license.review" | "license.allow" => {
            return Err(format!(
                "`{rule}` is decided by the lists; write the licenses into `license.deny` or `license.review`"
            ));
        }
        "license.unlicensed" => &mut license.unlicensed,
        "license.not_osi_approved" => &mut license.not_osi_approved,
        "license.deprecated_id" => &mut license.deprecated_id,
        "license.uncategorized" => &mut license.uncategorized,
        "license.involved" => &mut license.involved,
        "source.git" => &mut source.git,
        "source.url" => &mut source.url,
        "source.http" => &mut source.http,
        "source.file" => &mut source.file,
        "source.other_registry" => &mut source.other_registry,
        "source.install_scripts" => &mut source.install_scripts,
        "source.no_repository" => &mut source.no_repository,
        "source.dependency_confusion" => &mut source.dependency_confusion,
        "deprecated" => &mut policy.deprecated.action,
        "yanked" => &mut policy.yanked.action,
        "unmaintained" => &mut policy.unmaintained.action,
        "unsound" => &mut policy.unsound.action,
        "notice" => &mut policy.notice.action,
        "malicious" => &mut policy.malicious.action,
        "integrity.missing" => &mut policy.integrity.missing,
        "meta.empty_sbom" => &mut policy.meta.empty_sbom,
        "meta.incomplete_sbom" => &mut policy.meta.incomplete_sbom,
        other => {
            return Err(format!(
                "`{other}` is no rule whose action can be set; there are {} and SWRM-100 to SWRM-205",
                SETTABLE.join(", ")
            ));
        }
    };
    *slot = action;
    Ok(())
}

fn permit(permission: &mut Permission, rule: &str, action: Action) -> Result<(), String> {
    *permission = match action {
        Action::Ignore => Permission::Allow,
        Action::Warn => Permission::Review,
        Action::Fail => Permission::Deny,
        Action::Indeterminate => {
            return Err(format!(
                "`{rule}` is ignored, warns or fails; it is never indeterminate"
            ));
        }
    };
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_that_is_told_can_be_set() {
        for rule in SETTABLE {
            assert_eq!(set(&mut Policy::default(), rule, Action::Fail), Ok(()), "{rule}");
        }
    }
}

//! What of a policy nothing has called for: entries of its lists, and rules that never spoke.

use std::collections::BTreeSet;

use inventory::Purl;
use licenses::{Entry, Expression};
use serde::Serialize;

use crate::{Action, Policy, PurlPattern};

/// What some verdicts and the builds behind them have shown.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Effective licenses, as expressions.
    pub licenses: BTreeSet<String>,
    /// Components, as canonical purls.
    pub purls: BTreeSet<String>,
    /// Names of rules that matched.
    pub rules: BTreeSet<String>,
    /// Ids of misconfigurations that matched.
    pub misconfigurations: BTreeSet<String>,
}

/// A part of a policy that nothing called for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unused {
    /// A JSON pointer: `/license/allow/3`, `/source/git`.
    pub place: String,
    /// The entry, or the rule.
    pub entry: String,
}

/// The entries that no component met, and the rules that are switched on and matched nothing, in the order of the
/// document.
///
/// Lists that cannot be told from what was seen (hosts, registries) are not spoken of.
#[must_use]
pub fn unused(policy: &Policy, seen: &Seen) -> Vec<Unused> {
    let purls: Vec<Purl> = seen.purls.iter().filter_map(|purl| purl.parse().ok()).collect();
    let expressions: Vec<Expression> = seen
        .licenses
        .iter()
        .filter_map(|license| Expression::parse(license).ok())
        .collect();
    let mut unused = Vec::new();
    let license = &policy.license;
    for (list, entries) in [
        ("allow", &license.allow),
        ("review", &license.review),
        ("deny", &license.deny),
    ] {
        let is_met = |entry: &Entry| expressions.iter().any(|expression| meets(entry, expression));
        note(&mut unused, &format!("/license/{list}"), entries, is_met);
    }
    let any = |pattern: &PurlPattern| purls.iter().any(|purl| pattern.matches(purl));
    let exceptions: Vec<&PurlPattern> = license
        .exceptions
        .iter()
        .map(|exception| &exception.purl)
        .collect();
    note(&mut unused, "/license/exceptions", &exceptions, |pattern| {
        any(pattern)
    });
    let clarifications: Vec<&PurlPattern> = license.clarifications.iter().map(|known| &known.purl).collect();
    note(
        &mut unused,
        "/license/clarifications",
        &clarifications,
        |pattern| any(pattern),
    );
    for (list, patterns) in [
        ("install_scripts_allow", &policy.source.install_scripts_allow),
        ("internal", &policy.source.internal),
    ] {
        note(&mut unused, &format!("/source/{list}"), patterns, any);
    }
    for id in policy.misconfig.levels.keys() {
        if !seen.misconfigurations.contains(id) {
            unused.push(Unused {
                place: format!("/misconfig/levels/{id}"),
                entry: id.clone(),
            });
        }
    }
    unused.extend(silent(policy, seen));
    unused
}

fn note<T: ToString>(unused: &mut Vec<Unused>, list: &str, entries: &[T], is_met: impl Fn(&T) -> bool) {
    for (index, entry) in entries.iter().enumerate().filter(|(_, entry)| !is_met(entry)) {
        unused.push(Unused {
            place: format!("{list}/{index}"),
            entry: entry.to_string(),
        });
    }
}

/// Whether a component under this license has anything to do with a line of a list.
fn meets(entry: &Entry, expression: &Expression) -> bool {
    match entry {
        Entry::Category(category) => expression.terms().iter().any(|term| term.category() == *category),
        Entry::Expression(wanted) => {
            wanted == expression
                || match wanted {
                    Expression::Term(wanted) => expression.terms().iter().any(|term| {
                        *term == wanted || (wanted.exception.is_none() && term.license == wanted.license)
                    }),
                    Expression::Compound(..) => false,
                }
        }
    }
}

/// Rules that the policy has switched on and that matched nothing.
fn silent<'p>(policy: &'p Policy, seen: &'p Seen) -> impl Iterator<Item = Unused> + use<'p> {
    let source = &policy.source;
    let license = &policy.license;
    let rules: [(&str, &str, Action); 16] = [
        ("/license/unlicensed", "license.unlicensed", license.unlicensed),
        (
            "/license/not_osi_approved",
            "license.not_osi_approved",
            license.not_osi_approved,
        ),
        (
            "/license/deprecated_id",
            "license.deprecated_id",
            license.deprecated_id,
        ),
        (
            "/license/uncategorized",
            "license.uncategorized",
            license.uncategorized,
        ),
        ("/license/involved", "license.involved", license.involved),
        ("/source/git", "source.git", source.git),
        ("/source/url", "source.url", source.url),
        ("/source/http", "source.http", source.http),
        ("/source/file", "source.file", source.file),
        (
            "/source/other_registry",
            "source.other_registry",
            source.other_registry,
        ),
        (
            "/source/install_scripts",
            "source.install_scripts",
            source.install_scripts,
        ),
        (
            "/source/no_repository",
            "source.no_repository",
            source.no_repository,
        ),
        ("/deprecated", "deprecated", policy.deprecated.action),
        ("/yanked", "yanked", policy.yanked.action),
        (
            "/vulnerability/kev",
            "vulnerability.kev",
            policy.vulnerability.kev,
        ),
        ("/malicious/action", "malicious", policy.malicious.action),
    ];
    rules
        .into_iter()
        .filter(|(_, rule, action)| !action.is_ignore() && !seen.rules.contains(*rule))
        .map(|(place, rule, _)| Unused {
            place: place.to_owned(),
            entry: rule.to_owned(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(policy: &str, seen: &Seen) -> Vec<String> {
        let policy = Policy::from_json(policy).unwrap();
        unused(&policy, seen)
            .into_iter()
            .map(|unused| unused.place)
            .collect()
    }

    fn set(texts: &[&str]) -> BTreeSet<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn an_entry_is_used_by_whatever_leg_it_speaks_of() {
        let policy = r#"{"license":{"allow":["MIT","ISC","cat:public-domain","Apache-2.0 WITH LLVM-exception","BSD-2-Clause AND MIT"],
            "review":["cat:weak-copyleft"],"deny":["GPL-3.0-only"]}}"#;
        let seen = Seen {
            licenses: set(&["MIT OR GPL-3.0-only", "Apache-2.0", "CC0-1.0"]),
            ..Seen::default()
        };
        let mut found = places(policy, &seen);
        found.retain(|place| place.starts_with("/license/") && place.matches('/').count() == 3);
        assert_eq!(
            found,
            [
                "/license/allow/1",
                "/license/allow/3",
                "/license/allow/4",
                "/license/review/0"
            ]
        );
    }

    #[test]
    fn patterns_and_rules_are_used_by_what_they_matched() {
        let policy = r#"{"license":{"exceptions":[{"purl":"pkg:npm/a","license":"MIT","reason":"r"},{"purl":"pkg:npm/b@<2","license":"MIT","reason":"r"}]},
            "source":{"git":"fail","install_scripts":"warn","install_scripts_allow":["pkg:npm/a@1.0.0","pkg:npm/c"]}}"#;
        let seen = Seen {
            purls: set(&["pkg:npm/a@1.0.0", "pkg:npm/b@2.0.0"]),
            rules: set(&["source.git"]),
            ..Seen::default()
        };
        let found = places(policy, &seen);
        assert!(found.contains(&"/license/exceptions/1".to_owned()), "{found:?}");
        assert!(found.contains(&"/source/install_scripts_allow/1".to_owned()));
        assert!(found.contains(&"/source/install_scripts".to_owned()));
        assert!(!found.contains(&"/source/git".to_owned()), "it matched");
        assert!(!found.contains(&"/source/file".to_owned()), "it is switched off");
        assert!(!found.contains(&"/license/exceptions/0".to_owned()));
    }
}

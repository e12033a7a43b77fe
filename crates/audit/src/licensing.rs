//! The license claims that are judged: what a person found out outweighs what a document says.

use std::collections::HashMap;

use inventory::{Component, ComponentId, Hash, Inventory, LicenseClaim, LicenseSource};
use policy::{LicenseClarification, Policy, PurlPattern};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What a reviewer concluded about the license of a package.
#[derive(Clone, Debug, PartialEq)]
pub struct Conclusion {
    /// The package, with the versions that were looked at.
    pub purl: PurlPattern,
    /// An SPDX expression.
    pub license: String,
}

/// Where the license of a component is known from, when it is not what the document names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LicenseOrigin {
    /// `license.clarifications` of the policy, bound to bytes.
    Clarification,
    /// A reviewer's conclusion, bound to versions.
    Conclusion,
    /// The text of the license in the document.
    Text,
}

/// The claims of components that are not judged by what the document names.
#[derive(Debug, Default)]
pub(crate) struct Licensing {
    settled: HashMap<ComponentId, (Vec<LicenseClaim>, LicenseOrigin)>,
}

impl Licensing {
    pub(crate) fn new(inventory: &Inventory, policy: &Policy, conclusions: &[Conclusion]) -> Self {
        let mut texts = Texts::default();
        let settled = inventory.iter().filter_map(|(id, component)| {
            let found = clarified(component, &policy.license.clarifications)
                .or_else(|| concluded(component, conclusions))
                .or_else(|| texts.detected(component))?;
            Some((id, found))
        });
        Self {
            settled: settled.collect(),
        }
    }

    pub(crate) fn claims<'a>(&'a self, id: ComponentId, component: &'a Component) -> &'a [LicenseClaim] {
        self.settled
            .get(&id)
            .map_or(component.licenses.as_slice(), |(claims, _)| claims.as_slice())
    }

    pub(crate) fn origin(&self, id: ComponentId) -> Option<LicenseOrigin> {
        self.settled.get(&id).map(|(_, origin)| *origin)
    }
}

type Settled = (Vec<LicenseClaim>, LicenseOrigin);

fn claim(license: &str) -> Vec<LicenseClaim> {
    vec![LicenseClaim {
        source: LicenseSource::Concluded,
        text: license.to_owned(),
        ..LicenseClaim::default()
    }]
}

fn clarified(component: &Component, clarifications: &[LicenseClarification]) -> Option<Settled> {
    if clarifications.is_empty() {
        return None;
    }
    let purl = component.purl.as_ref()?;
    let mut meant = clarifications
        .iter()
        .filter(|clarification| clarification.purl.matches(purl))
        .peekable();
    meant.peek()?;
    let hashes = hashes(component);
    let found = meant.find(|clarification| clarification.covers(&hashes))?;
    Some((claim(&found.license), LicenseOrigin::Clarification))
}

/// The hashes of the package's bytes, and those of its license texts.
fn hashes(component: &Component) -> Vec<Hash> {
    let texts = component.licenses.iter().filter_map(full_text);
    let of_texts = texts.map(|text| Hash {
        algorithm: "SHA-256".to_owned(),
        value: hex::encode(Sha256::digest(text)),
    });
    component.hashes.iter().cloned().chain(of_texts).collect()
}

fn full_text(claim: &LicenseClaim) -> Option<&str> {
    claim.details.as_ref()?.full_text.as_deref()
}

fn concluded(component: &Component, conclusions: &[Conclusion]) -> Option<Settled> {
    if conclusions.is_empty() {
        return None;
    }
    let purl = component.purl.as_ref()?;
    let found = conclusions
        .iter()
        .find(|conclusion| conclusion.purl.matches(purl))?;
    Some((claim(&found.license), LicenseOrigin::Conclusion))
}

/// License texts, each looked at once.
#[derive(Default)]
struct Texts {
    known: HashMap<String, Option<&'static str>>,
}

impl Texts {
    /// The claims with each name that nobody knows replaced by the license whose text stands beside it.
    fn detected(&mut self, component: &Component) -> Option<Settled> {
        let mut found = false;
        let claims = component.licenses.iter().map(|claim| {
            let id = full_text(claim)
                .filter(|_| licenses::read(&claim.text).is_unknown() || claim.text.is_empty())
                .and_then(|text| self.license(text));
            match id {
                Some(id) => {
                    found = true;
                    LicenseClaim {
                        text: id.to_owned(),
                        ..claim.clone()
                    }
                }
                None => claim.clone(),
            }
        });
        let claims: Vec<LicenseClaim> = if component.licenses.iter().any(|claim| full_text(claim).is_some()) {
            claims.collect()
        } else {
            return None;
        };
        found.then_some((claims, LicenseOrigin::Text))
    }

    fn license(&mut self, text: &str) -> Option<&'static str> {
        if let Some(known) = self.known.get(text) {
            return *known;
        }
        let found = licenses::detect(text).map(|found| found.license);
        self.known.insert(text.to_owned(), found);
        found
    }
}

#[cfg(test)]
mod tests {
    use inventory::{LicenseDetails, Purl};

    use super::*;
    use crate::effective_license;

    fn component(text: &str, full_text: Option<&str>) -> Component {
        Component {
            name: "lib".to_owned(),
            purl: Purl::new("npm", None, "lib", Some("1.0.0")).ok(),
            hashes: vec![Hash {
                algorithm: "SHA-256".to_owned(),
                value: "ab".repeat(32),
            }],
            licenses: vec![LicenseClaim {
                text: text.to_owned(),
                details: full_text.map(|full| {
                    Box::new(LicenseDetails {
                        full_text: Some(full.to_owned()),
                        ..LicenseDetails::default()
                    })
                }),
                ..LicenseClaim::default()
            }],
            ..Component::default()
        }
    }

    fn judged(
        component: Component,
        policy: &str,
        conclusions: &[(&str, &str)],
    ) -> (Option<String>, Option<LicenseOrigin>) {
        let inventory = Inventory {
            components: vec![component],
            ..Inventory::default()
        };
        let conclusions: Vec<Conclusion> = conclusions
            .iter()
            .map(|(purl, license)| Conclusion {
                purl: purl.parse().unwrap(),
                license: (*license).to_owned(),
            })
            .collect();
        let licensing = Licensing::new(&inventory, &Policy::from_json(policy).unwrap(), &conclusions);
        let claims = licensing.claims(0, &inventory.components[0]);
        (effective_license(claims), licensing.origin(0))
    }

    #[test]
    fn a_conclusion_holds_for_the_versions_that_were_looked_at() {
        use LicenseOrigin::Conclusion as Concluded;
        let own = Some("Own terms".to_owned());
        for (purl, expected) in [
            ("pkg:npm/lib@<2.0.0", (Some("MIT".to_owned()), Some(Concluded))),
            ("pkg:npm/lib@>=2.0.0", (own.clone(), None)),
            ("pkg:npm/other", (own, None)),
        ] {
            assert_eq!(
                judged(component("Own terms", None), "{}", &[(purl, "MIT")]),
                expected,
                "{purl}"
            );
        }
    }

    #[test]
    fn a_clarification_holds_for_the_bytes_that_were_read() {
        let text = "Somebody's own terms.";
        let digest = hex::encode(Sha256::digest(text));
        for (file, holds) in [
            (format!("sha256:{}", "ab".repeat(32)), true),
            (format!("sha256:{}", "cd".repeat(32)), false),
            (format!("sha256:{digest}"), true),
        ] {
            let policy = format!(
                r#"{{"license":{{"clarifications":[{{"purl":"pkg:npm/lib","license":"ISC","files":["{file}"],"reason":"read"}}]}}}}"#
            );
            let (license, origin) = judged(
                component("Own terms", Some(text)),
                &policy,
                &[("pkg:npm/lib", "MIT")],
            );
            assert_eq!(
                license.as_deref(),
                Some(if holds { "ISC" } else { "MIT" }),
                "{file}"
            );
            assert_eq!(origin == Some(LicenseOrigin::Clarification), holds);
        }
    }

    #[test]
    fn a_text_says_what_a_name_that_nobody_knows_does_not() {
        let mit = licenses::text_of("MIT").unwrap();
        assert_eq!(
            judged(component("LICENSE.txt of lib", Some(mit)), "{}", &[]),
            (Some("MIT".to_owned()), Some(LicenseOrigin::Text))
        );
        assert_eq!(
            judged(component("ISC", Some(mit)), "{}", &[]),
            (Some("ISC".to_owned()), None),
            "a name that is known is believed"
        );
    }
}

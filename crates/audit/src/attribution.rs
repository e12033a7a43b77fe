//! What must go along with a product that holds other people's work: names, notices and texts of licenses.

use std::collections::{BTreeMap, BTreeSet};

use inventory::{Component, Inventory};
use licenses::Expression;
use serde::Serialize;

use crate::ComponentStatus;

/// What is to be said of the components of one build.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Attribution {
    pub project: String,
    /// By name and version.
    pub notices: Vec<Notice>,
    /// The texts of the licenses that are named, by id: those that documents carry first, else those of the SPDX list.
    pub texts: BTreeMap<String, String>,
}

/// What is to be said of one component.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Notice {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purl: Option<String>,
    /// The effective expression; absent when nobody knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supplier: Option<String>,
    pub copyright: Vec<String>,
}

impl Attribution {
    /// Gathers what the inventory and the judgement of its licenses say. Development dependencies do not ship and are left
    /// out unless `with_dev`.
    #[must_use]
    pub fn new(project: &str, inventory: &Inventory, components: &[ComponentStatus], with_dev: bool) -> Self {
        let mut notices = BTreeSet::new();
        let mut texts = BTreeMap::new();
        for status in components {
            let ships = policy::ScopeName::of(status.scope) == policy::ScopeName::Prod;
            let is_package = status.why_not != Some(crate::WhyNotChecked::NotAPackage);
            let component = inventory.components.get(status.component as usize);
            let Some(component) = component.filter(|_| is_package && (ships || with_dev)) else {
                continue;
            };
            own_texts(component, &mut texts);
            listed_texts(status.license.as_deref(), &mut texts);
            notices.insert(notice(component, status));
        }
        Self {
            project: project.to_owned(),
            notices: notices.into_iter().collect(),
            texts,
        }
    }

    /// Components of which nobody knows the license.
    #[must_use]
    pub fn unknown(&self) -> usize {
        self.notices
            .iter()
            .filter(|notice| notice.license.is_none())
            .count()
    }
}

fn notice(component: &Component, status: &ComponentStatus) -> Notice {
    let details = component.details.as_deref();
    let stated = details.and_then(|details| details.copyright.as_deref());
    let found = details
        .and_then(|details| details.evidence.as_ref())
        .map(|evidence| evidence.copyright.as_slice())
        .unwrap_or_default();
    let mut copyright: Vec<String> = stated
        .into_iter()
        .chain(found.iter().map(String::as_str))
        .map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty() && text != "NOASSERTION" && text != "NONE")
        .collect();
    copyright.dedup();
    Notice {
        name: status.name.clone(),
        version: status.version.clone(),
        purl: status.purl.clone(),
        license: status.license.clone(),
        supplier: component.supplier.clone(),
        copyright,
    }
}

/// What the document carries of a license that is on no list.
fn own_texts(component: &Component, texts: &mut BTreeMap<String, String>) {
    for claim in &component.licenses {
        let full = claim
            .details
            .as_ref()
            .and_then(|details| details.full_text.as_ref());
        if let Some(full) = full.filter(|full| !full.trim().is_empty()) {
            let reading = licenses::read(&claim.text);
            let name = reading
                .expression()
                .map_or_else(|| claim.text.clone(), ToString::to_string);
            texts.entry(name).or_insert_with(|| full.clone());
        }
    }
}

fn listed_texts(license: Option<&str>, texts: &mut BTreeMap<String, String>) {
    let Some(Ok(expression)) = license.map(Expression::parse) else {
        return;
    };
    for id in licenses::listed_ids(&expression) {
        if let Some(text) = licenses::text_of(&id) {
            texts.entry(id).or_insert_with(|| text.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use inventory::{Details, LicenseClaim, LicenseDetails, Scope};

    use super::*;

    #[test]
    fn what_ships_is_named_with_its_owners_and_every_text_stands_once() {
        let component = |license: &str, full: Option<&str>, copyright: Option<&str>| Component {
            licenses: vec![LicenseClaim {
                text: license.to_owned(),
                details: full.map(|full| {
                    Box::new(LicenseDetails {
                        full_text: Some(full.to_owned()),
                        ..LicenseDetails::default()
                    })
                }),
                ..LicenseClaim::default()
            }],
            details: copyright.map(|text| {
                Box::new(Details {
                    copyright: Some(text.to_owned()),
                    ..Details::default()
                })
            }),
            ..Component::default()
        };
        let inventory = Inventory {
            components: vec![
                component("MIT", None, Some("Copyright 2020 A")),
                component("LicenseRef-own", Some("Our terms."), None),
                component("MIT", None, None),
                component("", None, None),
            ],
            ..Inventory::default()
        };
        let status = |index: u32, name: &str, license: Option<&str>, scope| ComponentStatus {
            component: index,
            purl: None,
            name: name.to_owned(),
            version: Some("1.0.0".to_owned()),
            ecosystem: None,
            scope,
            direct: None,
            license: license.map(str::to_owned),
            license_origin: None,
            checked: true,
            why_not: None,
        };
        let components = [
            status(0, "b", Some("MIT"), Scope::Required),
            status(1, "a", Some("LicenseRef-own"), Scope::Required),
            status(2, "dev", Some("Apache-2.0"), Scope::Dev),
            status(3, "c", None, Scope::Required),
        ];
        let made = Attribution::new("shop", &inventory, &components, false);
        let names: Vec<&str> = made.notices.iter().map(|notice| notice.name.as_str()).collect();
        assert_eq!(names, ["a", "b", "c"]);
        assert_eq!(made.notices[1].copyright, ["Copyright 2020 A"]);
        let texts: Vec<&str> = made.texts.keys().map(String::as_str).collect();
        assert_eq!(texts, ["LicenseRef-own", "MIT"]);
        assert_eq!(made.unknown(), 1);
        assert_eq!(
            Attribution::new("shop", &inventory, &components, true)
                .notices
                .len(),
            4
        );
    }
}

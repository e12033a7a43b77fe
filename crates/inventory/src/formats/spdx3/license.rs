//! Licenses: elements of their own, which relationships give to packages.

use std::collections::HashMap;

use super::model::Element;
use super::{Elements, str_of, strs_of};
use crate::formats::licenses::Compound;

/// Sets of licenses within sets of licenses.
const DEEPEST: usize = 32;

/// What is declared of and concluded for packages, by their addresses.
#[derive(Default)]
pub(super) struct Licenses<'d> {
    pub(super) declared: HashMap<&'d str, String>,
    pub(super) concluded: HashMap<&'d str, String>,
}

impl<'d> Licenses<'d> {
    pub(super) fn of(elements: &Elements<'d, '_>) -> Self {
        let mut licenses = Self::default();
        for (_, element) in &elements.list {
            let list = match str_of(&element.relationship_type) {
                Some("hasDeclaredLicense") => &mut licenses.declared,
                Some("hasConcludedLicense") => &mut licenses.concluded,
                _ => continue,
            };
            let parts = strs_of(&element.to).filter_map(|id| expression(elements, id, 0));
            if let (Some(package), Some(license)) = (str_of(&element.from), Compound::joined("AND", parts)) {
                add(list, package, license);
            }
        }
        licenses
    }
}

/// Several relationships are several licenses that all hold.
fn add<'d>(list: &mut HashMap<&'d str, String>, package: &'d str, license: Compound) {
    let text = license.into_text();
    match list.get_mut(package) {
        Some(known) if *known == text || known.len() > 16 << 10 => {}
        Some(known) if matches!(text.as_str(), "NOASSERTION" | "NONE") || known.is_empty() => {}
        Some(known) => *known = format!("({known}) AND ({text})"),
        None => {
            list.insert(package, text);
        }
    }
}

fn expression(elements: &Elements<'_, '_>, id: &str, depth: usize) -> Option<Compound> {
    if depth > DEEPEST {
        return None;
    }
    let Some(element) = elements.get(id) else {
        return Some(Compound::word(listed(id)));
    };
    let inner = |id: Option<&str>| id.and_then(|id| expression(elements, id, depth + 1));
    let members = || strs_of(&element.members).filter_map(|id| expression(elements, id, depth + 1));
    match element.kind() {
        "expandedlicensing_ConjunctiveLicenseSet" => Compound::joined("AND", members()),
        "expandedlicensing_DisjunctiveLicenseSet" => Compound::joined("OR", members()),
        "expandedlicensing_OrLaterOperator" => {
            inner(str_of(&element.subject_license)).map(Compound::or_later)
        }
        "expandedlicensing_WithAdditionOperator" => {
            let license = inner(str_of(&element.subject_extendable))?;
            let addition = str_of(&element.subject_addition)?;
            let exception = elements
                .get(addition)
                .and_then(|addition| str_of(&addition.addition_id).or_else(|| str_of(&addition.name)));
            Some(license.with(exception.unwrap_or_else(|| listed(addition))))
        }
        _ => Some(Compound::word(named(element, id))),
    }
}

fn named<'e>(element: &'e Element<'_>, id: &'e str) -> &'e str {
    str_of(&element.expression)
        .or_else(|| str_of(&element.name))
        .or_else(|| Some(listed(id)).filter(|name| !name.is_empty()))
        .or_else(|| str_of(&element.license_text))
        .or_else(|| str_of(&element.custom_license_text))
        .unwrap_or(id)
}

/// `https://spdx.org/licenses/MIT` is `MIT`; the two that say nothing have addresses, too.
fn listed(id: &str) -> &str {
    let last = id.rsplit(['/', '#', ':']).next().unwrap_or(id);
    match last {
        "NoAssertionLicense"
        | "NoAssertion"
        | "NoAssertionElement"
        | "expandedlicensing_NoAssertionLicense" => "NOASSERTION",
        "NoneLicense" | "None" | "NoneElement" | "expandedlicensing_NoneLicense" => "NONE",
        other => other,
    }
}

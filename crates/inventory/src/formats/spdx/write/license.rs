//! Licenses as SPDX expressions; what is on no list is defined in the document.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

use sha2::{Digest, Sha256};

use super::ids::{idstring, is_idstring};
use super::model::{DefinedLicense, NO_ASSERTION};
use crate::{ExtractedLicense, LicenseClaim, LicenseSource};

const PREFIX: &str = "LicenseRef-";
const LONGEST_NAME: usize = 64;

/// Collects the licenses that packages refer to while these are written.
pub(super) struct Licenses<'i> {
    /// What the inventory's own document defined.
    known: HashMap<&'i str, &'i ExtractedLicense>,
    /// Ids by the names that claims use for them.
    by_name: HashMap<&'i str, &'i str>,
    defined: RefCell<BTreeMap<String, DefinedLicense>>,
}

impl<'i> Licenses<'i> {
    pub(super) fn new(extracted: &'i [ExtractedLicense]) -> Self {
        let usable = || {
            extracted
                .iter()
                .filter(|license| license.id.strip_prefix(PREFIX).is_some_and(is_idstring))
        };
        let name = |license: &'i ExtractedLicense| Some((license.name.as_deref()?, license.id.as_str()));
        Self {
            known: usable().map(|license| (license.id.as_str(), license)).collect(),
            by_name: usable().filter_map(name).collect(),
            defined: RefCell::default(),
        }
    }

    /// What was defined so far, by id.
    pub(super) fn defined(&self) -> Vec<DefinedLicense> {
        self.defined.borrow().values().cloned().collect()
    }

    /// The claims of one source as one expression; several of them all hold.
    pub(super) fn expression(&self, claims: &[LicenseClaim], source: LicenseSource) -> String {
        let mut parts: Vec<String> = Vec::new();
        for claim in claims.iter().filter(|claim| claim.source == source) {
            let part = self.claim(claim);
            if !parts.contains(&part) {
                parts.push(part);
            }
        }
        match parts.as_slice() {
            [] => NO_ASSERTION.to_owned(),
            [part] => part.clone(),
            several => several.iter().map(bracketed).collect::<Vec<_>>().join(" AND "),
        }
    }

    fn claim(&self, claim: &LicenseClaim) -> String {
        let written = claim
            .details
            .as_ref()
            .and_then(|details| details.written.as_deref());
        written
            .and_then(|written| self.terms(written, true))
            .or_else(|| self.terms(&claim.text, false))
            .unwrap_or_else(|| self.define_text(claim))
    }

    /// The expression with each word that is on no list replaced; `None` when the text is no expression, or when
    /// `known_only` and a reference in it was not defined in the inventory's document.
    fn terms(&self, text: &str, known_only: bool) -> Option<String> {
        licenses::Expression::parse(text).ok()?;
        let lone = !text.contains([' ', '(', '\t', '\n']);
        if lone && !text.starts_with(PREFIX) && licenses::listed(text.trim_end_matches('+')).is_none() {
            return None;
        }
        let mut written = String::with_capacity(text.len());
        let mut after_with = false;
        for piece in text.split_inclusive(|c: char| c.is_whitespace() || c == '(' || c == ')') {
            let word = piece.trim_end_matches(|c: char| c.is_whitespace() || c == '(' || c == ')');
            let rest = piece.get(word.len()..).unwrap_or_default();
            match word {
                "" | "AND" | "OR" => written.push_str(word),
                "WITH" => written.push_str(word),
                exception if after_with => written.push_str(licenses::listed_exception(exception)?),
                license => written.push_str(&self.term(license, known_only)?),
            }
            after_with = word == "WITH" || (word.is_empty() && after_with);
            written.extend(rest.chars().map(|c| if c.is_whitespace() { ' ' } else { c }));
        }
        Some(written)
    }

    fn term(&self, word: &str, known_only: bool) -> Option<String> {
        if let Some(id) = licenses::listed(word) {
            return Some(id.to_owned());
        }
        if let Some(id) = word.strip_suffix('+').and_then(licenses::listed) {
            return Some(format!("{id}+"));
        }
        if word.strip_prefix(PREFIX).is_some_and(is_idstring) {
            if known_only && !self.known.contains_key(word) {
                return None;
            }
            self.define_known(word);
            return Some(word.to_owned());
        }
        Some(self.define(word, word, &[]))
    }

    /// A license that the inventory's document defined, or at least named.
    fn define_known(&self, id: &str) {
        let mut defined = self.defined.borrow_mut();
        let known = self.known.get(id);
        defined.entry(id.to_owned()).or_insert_with(|| DefinedLicense {
            license_id: id.to_owned(),
            extracted_text: known
                .and_then(|known| known.text.clone())
                .unwrap_or_else(|| NO_ASSERTION.to_owned()),
            name: known.and_then(|known| known.name.clone()),
            see_alsos: known.map(|known| known.see_also.clone()).unwrap_or_default(),
            comment: known.and_then(|known| known.comment.clone()),
        });
    }

    /// A text that is no expression, as a license of its own.
    fn define_text(&self, claim: &LicenseClaim) -> String {
        if let Some(id) = self.by_name.get(claim.text.as_str()) {
            self.define_known(id);
            return (*id).to_owned();
        }
        let details = claim.details.as_deref();
        let full = details.and_then(|details| details.full_text.as_deref());
        let url = details.and_then(|details| details.url.clone());
        self.define(&claim.text, full.unwrap_or(&claim.text), url.as_slice())
    }

    fn define(&self, name: &str, text: &str, see_also: &[String]) -> String {
        let mut defined = self.defined.borrow_mut();
        let mut id = format!("{PREFIX}{}", idstring(name, LONGEST_NAME));
        let is_other = |license: &DefinedLicense| license.name.as_deref() != Some(name);
        if self.known.contains_key(id.as_str()) || defined.get(&id).is_some_and(is_other) {
            let digest = hex::encode(Sha256::digest(name));
            id = format!("{id}-{}", digest.get(..16).unwrap_or(&digest));
        }
        defined.entry(id.clone()).or_insert_with(|| DefinedLicense {
            license_id: id.clone(),
            extracted_text: text.to_owned(),
            name: Some(name.to_owned()),
            see_alsos: see_also.to_vec(),
            comment: None,
        });
        id
    }
}

fn bracketed(part: &String) -> String {
    if part.contains(" OR ") || part.contains(")OR") || part.contains("OR(") {
        format!("({part})")
    } else {
        part.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(texts: &[&str]) -> Vec<LicenseClaim> {
        let claim = |text: &&str| LicenseClaim {
            text: (*text).to_owned(),
            ..LicenseClaim::default()
        };
        texts.iter().map(claim).collect()
    }

    #[test]
    fn every_claim_becomes_a_valid_expression() {
        for (texts, expect) in [
            (&[][..], "NOASSERTION"),
            (&["MIT"], "MIT"),
            (&["mit or apache-2.0"], "LicenseRef-mit-or-apache-2.0"),
            (&["mit OR Apache-2.0+"], "MIT OR Apache-2.0+"),
            (&["MIT OR ISC", "Zlib"], "(MIT OR ISC) AND Zlib"),
            (
                &["GPL-2.0-only WITH classpath-exception-2.0"],
                "GPL-2.0-only WITH Classpath-exception-2.0",
            ),
            (&["MIT WITH my-exception"], "LicenseRef-MIT-WITH-my-exception"),
            (
                &["(MIT OR Foo) AND LicenseRef-x"],
                "(MIT OR LicenseRef-Foo) AND LicenseRef-x",
            ),
            (
                &["The Beerware License", "the beerware license"],
                "LicenseRef-The-Beerware-License AND LicenseRef-the-beerware-license",
            ),
            (
                &["A B", "A-B"],
                "LicenseRef-A-B AND LicenseRef-A-B-77101aaa54e63e73",
            ),
            (
                &["DocumentRef-a:LicenseRef-b"],
                "LicenseRef-DocumentRef-a-LicenseRef-b",
            ),
        ] {
            let licenses = Licenses::new(&[]);
            let expression = licenses.expression(&claims(texts), LicenseSource::Declared);
            assert_eq!(expression, expect, "{texts:?}");
        }
    }

    #[test]
    fn licenses_of_the_document_keep_their_ids_and_texts() {
        let extracted = [ExtractedLicense {
            id: "LicenseRef-1".to_owned(),
            name: Some("Our Terms".to_owned()),
            text: Some("Buy me a beer.".to_owned()),
            ..ExtractedLicense::default()
        }];
        let licenses = Licenses::new(&extracted);
        let expression =
            licenses.expression(&claims(&["Our Terms", "LicenseRef-2"]), LicenseSource::Declared);
        assert_eq!(expression, "LicenseRef-1 AND LicenseRef-2");
        let texts: Vec<_> = licenses
            .defined()
            .into_iter()
            .map(|license| license.extracted_text)
            .collect();
        assert_eq!(texts, ["Buy me a beer.", "NOASSERTION"]);
    }
}

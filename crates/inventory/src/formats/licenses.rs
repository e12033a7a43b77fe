//! License claims as both families of formats make them.

use std::borrow::Cow;
use std::collections::HashMap;

use super::cut;
use crate::{LONGEST_LICENSE_TEXT, LicenseClaim, LicenseForm, LicenseSource};

/// A claim, unless the text only says that nothing is known.
pub(super) fn claim(source: LicenseSource, form: LicenseForm, text: &str) -> Option<LicenseClaim> {
    let text = text.trim();
    let says_something = !text.is_empty() && text != "NOASSERTION" && text != "NONE";
    says_something.then(|| LicenseClaim {
        source,
        text: cut(text, LONGEST_LICENSE_TEXT).to_owned(),
        form: Some(form),
        details: None,
    })
}

/// Names of the licenses that an SPDX document defines itself, by their `LicenseRef-`.
pub(super) type Extracted<'a> = HashMap<&'a str, String>;

/// Replaces references to the document's own licenses by their names: a lone one by any name, one inside an
/// expression only by a name that can stand there.
pub(super) fn resolve<'a>(text: &'a str, extracted: &'a Extracted<'_>) -> Cow<'a, str> {
    if let Some(name) = extracted.get(text) {
        return Cow::Borrowed(name);
    }
    if !text.contains("LicenseRef-") {
        return Cow::Borrowed(text);
    }
    let mut resolved = String::with_capacity(text.len());
    for token in text.split_inclusive([' ', '(', ')']) {
        let word = token.trim_end_matches([' ', '(', ')']);
        let name = extracted
            .get(word)
            .map(String::as_str)
            .filter(|name| is_idstring(name))
            .unwrap_or(word);
        resolved.push_str(name);
        resolved.push_str(token.get(word.len()..).unwrap_or_default());
    }
    Cow::Owned(resolved)
}

fn is_idstring(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-.+".contains(&b))
}

/// Longest expression that is put together: sets of licenses may name each other many times.
const LONGEST_EXPRESSION: usize = 16 << 10;

/// An expression that is put together from the parts that graph formats have.
#[derive(Debug)]
pub(super) struct Compound {
    text: String,
    /// What stands between its parts; empty for a single license.
    operator: &'static str,
}

impl Compound {
    pub(super) fn word(text: &str) -> Self {
        Self {
            text: cut(text, LONGEST_EXPRESSION).to_owned(),
            operator: "",
        }
    }

    /// The members with `AND` or `OR` between them; `None` without any, and when they grow without measure.
    pub(super) fn joined(operator: &'static str, members: impl Iterator<Item = Self>) -> Option<Self> {
        let mut joined: Option<Self> = None;
        for member in members {
            let next = match joined {
                None => member,
                Some(first) => Self {
                    text: format!(
                        "{} {operator} {}",
                        first.beside(operator),
                        member.beside(operator)
                    ),
                    operator,
                },
            };
            if next.text.len() > LONGEST_EXPRESSION {
                return None;
            }
            joined = Some(next);
        }
        joined
    }

    /// In parentheses where another operator would tear it apart.
    fn beside(&self, operator: &str) -> Cow<'_, str> {
        if self.operator.is_empty() || self.operator == operator {
            Cow::Borrowed(&self.text)
        } else {
            Cow::Owned(format!("({})", self.text))
        }
    }

    pub(super) fn with(self, exception: &str) -> Self {
        Self {
            text: format!(
                "{} WITH {}",
                self.beside("WITH"),
                cut(exception, LONGEST_EXPRESSION)
            ),
            operator: "",
        }
    }

    pub(super) fn or_later(mut self) -> Self {
        self.text.push('+');
        self
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_licenses_are_called_by_their_names() {
        let extracted = Extracted::from([
            ("LicenseRef-1", "The Beerware License".to_owned()),
            ("LicenseRef-2", "BSD-like".to_owned()),
        ]);
        for (text, expect) in [
            ("LicenseRef-1", "The Beerware License"),
            ("MIT AND LicenseRef-1", "MIT AND LicenseRef-1"),
            ("(MIT OR LicenseRef-2) AND Zlib", "(MIT OR BSD-like) AND Zlib"),
            ("LicenseRef-3", "LicenseRef-3"),
            ("MIT", "MIT"),
        ] {
            assert_eq!(resolve(text, &extracted), expect, "{text}");
        }
    }

    #[test]
    fn no_data_is_no_claim() {
        for text in ["", "  ", "NOASSERTION", "NONE"] {
            assert_eq!(
                claim(LicenseSource::Declared, LicenseForm::Expression, text),
                None,
                "{text}"
            );
        }
    }
}

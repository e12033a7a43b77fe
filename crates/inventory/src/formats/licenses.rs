//! License claims as both families of formats make them.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::{LicenseClaim, LicenseSource};

/// A claim, unless the text only says that nothing is known.
pub(super) fn claim(source: LicenseSource, text: &str) -> Option<LicenseClaim> {
    let text = text.trim();
    let says_something = !text.is_empty() && text != "NOASSERTION" && text != "NONE";
    says_something.then(|| LicenseClaim {
        source,
        text: text.to_owned(),
        ..LicenseClaim::default()
    })
}

/// Names of the licenses that an SPDX document defines itself, by their `LicenseRef-`.
pub(super) type Extracted<'a> = HashMap<&'a str, &'a str>;

/// Replaces references to the document's own licenses by their names: a lone one by any name, one inside an
/// expression only by a name that can stand there.
pub(super) fn resolve<'a>(text: &'a str, extracted: &Extracted<'a>) -> Cow<'a, str> {
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
            .filter(|name| is_idstring(name))
            .unwrap_or(&word);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_licenses_are_called_by_their_names() {
        let extracted = Extracted::from([
            ("LicenseRef-1", "The Beerware License"),
            ("LicenseRef-2", "BSD-like"),
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
            assert_eq!(claim(LicenseSource::Declared, text), None, "{text}");
        }
    }
}

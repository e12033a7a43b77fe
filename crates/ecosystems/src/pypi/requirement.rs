//! Requirements (PEP 508): `requests[socks] >=2.8.1, ==2.8.* ; python_version < "3.12"`.

use super::marker::Marker;
use super::{PyPi, SpecifierSet};
use crate::Ecosystem;

/// More text than any real requirement has.
const MAX_LENGTH: usize = 16_384;

/// The text is no requirement.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a requirement: {reason}")]
pub struct InvalidRequirement {
    pub text: String,
    pub reason: &'static str,
}

/// What a project needs, under which condition.
#[derive(Clone, Debug)]
pub struct Requirement {
    /// As written.
    pub name: String,
    /// In normal form, sorted, without duplicates.
    pub extras: Vec<String>,
    pub specifier: SpecifierSet,
    /// The version specifiers as written, blanks taken out.
    pub specifier_text: String,
    /// Where it is to be taken from instead of an index.
    pub url: Option<String>,
    pub marker: Option<Marker>,
}

impl Requirement {
    /// Reads a requirement.
    ///
    /// # Errors
    /// When pip would refuse it in metadata.
    pub fn parse(text: &str) -> Result<Self, InvalidRequirement> {
        let invalid = |reason| InvalidRequirement {
            text: text.chars().take(200).collect(),
            reason,
        };
        if text.len() > MAX_LENGTH {
            return Err(invalid("it is too long"));
        }
        let (name, rest) = name(text.trim()).ok_or_else(|| invalid("it has no name"))?;
        let (extras, rest) = extras(rest.trim_start()).ok_or_else(|| invalid("its extras are no names"))?;
        let rest = rest.trim_start();
        let (specifier_text, url, marker) = match rest.strip_prefix('@') {
            Some(rest) => {
                let rest = rest.trim_start();
                let end = rest.find([' ', '\t']).unwrap_or(rest.len());
                let (url, rest) = rest.split_at(end);
                if url.is_empty() {
                    return Err(invalid("it has no URL"));
                }
                (String::new(), Some(url.to_owned()), rest)
            }
            None => {
                let end = rest.find(';').unwrap_or(rest.len());
                let (specifiers, rest) = rest.split_at(end);
                (specifiers_of(specifiers), None, rest)
            }
        };
        let specifier = SpecifierSet::parse(&specifier_text)
            .map_err(|_| invalid("its version specifiers are not those of PEP 440"))?;
        let marker = match marker.trim().strip_prefix(';') {
            None if marker.trim().is_empty() => None,
            None => return Err(invalid("something follows its end")),
            Some(marker) => Some(Marker::parse(marker.trim()).map_err(|_| invalid("its marker is none"))?),
        };
        Ok(Self {
            name: name.to_owned(),
            extras,
            specifier,
            specifier_text,
            url,
            marker,
        })
    }

    /// The project's name in normal form.
    #[must_use]
    pub fn project(&self) -> String {
        PyPi.normalize(&self.name).into_owned()
    }
}

/// Specifiers without blanks and without the parentheses that older metadata puts around them.
fn specifiers_of(text: &str) -> String {
    let text = text.trim();
    let inner = text.strip_prefix('(').and_then(|text| text.strip_suffix(')'));
    let clauses = inner.unwrap_or(text).split(',').map(str::trim);
    let clauses = clauses.filter(|clause| !clause.is_empty()).map(|clause| {
        // `>= 1.0` and `>=1.0` are the same; blanks inside a version stay and make it none.
        let end = clause
            .find(|sign: char| !"<>=!~".contains(sign))
            .unwrap_or(clause.len());
        let (operator, version) = clause.split_at(end);
        format!("{operator}{}", version.trim())
    });
    clauses.collect::<Vec<_>>().join(",")
}

/// Letters, digits and, inside, `-`, `_` and `.`.
fn name(text: &str) -> Option<(&str, &str)> {
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    let end = text.find(|letter| !is_name(letter)).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let is_sound = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_alphanumeric());
    (is_sound(name.chars().next()) && is_sound(name.chars().next_back())).then_some((name, rest))
}

fn extras(text: &str) -> Option<(Vec<String>, &str)> {
    let Some(text) = text.strip_prefix('[') else {
        return Some((Vec::new(), text));
    };
    let (list, rest) = text.split_once(']')?;
    let mut extras = Vec::new();
    for extra in list.split(',').map(str::trim) {
        if extra.is_empty() && list.trim().is_empty() {
            break;
        }
        let (extra, rest) = name(extra)?;
        if !rest.is_empty() {
            return None;
        }
        extras.push(PyPi.normalize(extra).into_owned());
    }
    extras.sort();
    extras.dedup();
    Some((extras, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_requirement_has_its_parts() {
        let parse = |text| Requirement::parse(text).expect("a requirement");
        let full = parse("requests [Security,tests] >= 2.8.1, == 2.8.* ; python_version < '3.12'");
        assert_eq!(
            (full.name.as_str(), full.extras.join(" ")),
            ("requests", "security tests".to_owned())
        );
        assert_eq!(full.specifier_text, ">=2.8.1,==2.8.*");
        assert_eq!(
            full.marker.map(|marker| marker.to_string()).as_deref(),
            Some("python_version < '3.12'")
        );
        let old = parse("backports.zoneinfo (>=0.2.1) ; extra == 'x'");
        assert_eq!(
            (old.project().as_str(), old.specifier_text.as_str()),
            ("backports-zoneinfo", ">=0.2.1")
        );
        let url = parse("pip @ https://example.org/pip.zip#sha1=a ; os_name == 'nt'");
        assert_eq!(url.url.as_deref(), Some("https://example.org/pip.zip#sha1=a"));
        assert!(url.marker.is_some());
        assert!(parse("a[]").extras.is_empty());
        for text in [
            "", "-a", "a b", "a[", "a[b c]", "a >", "a==1;", "a @ ", "a ==1 2", "a; x", "./a",
        ] {
            assert!(Requirement::parse(text).is_err(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in "\\PC*|[a-c\\[\\],;@<>=~! .0-9()]*") {
            let _ = Requirement::parse(&text);
        }
    }
}

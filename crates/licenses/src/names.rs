//! Names of licenses as people write them.

use crate::{Confidence, Term, catalogue};

/// Words that say nothing about which license it is.
const FILLERS: &[&str] = &["the", "license", "licence", "licensed", "licenses", "under"];
/// Words that say nothing between a family and its version.
const VERSION_FILLERS: &[&str] = &[
    "v", "ver", "version", "gnu", "software", "public", "only", "release",
];

/// Folded names that no rule gives, with their ids.
const NAMES: &[(&str, &str)] = &[
    ("2 clause bsd", "BSD-2-Clause"),
    ("3 clause bsd", "BSD-3-Clause"),
    ("apachelicence", "Apache-2.0"),
    ("apachelicense", "Apache-2.0"),
    ("boost", "BSL-1.0"),
    ("boost software", "BSL-1.0"),
    ("bsd 2", "BSD-2-Clause"),
    ("bsd 2 clause", "BSD-2-Clause"),
    ("bsd 3", "BSD-3-Clause"),
    ("bsd 3 clause", "BSD-3-Clause"),
    ("bsd simplified", "BSD-2-Clause"),
    ("bsd two clause", "BSD-2-Clause"),
    ("bsd three clause", "BSD-3-Clause"),
    ("bsd2", "BSD-2-Clause"),
    ("bsd3", "BSD-3-Clause"),
    ("cc0", "CC0-1.0"),
    ("cc0 1.0 universal", "CC0-1.0"),
    ("cc0 1.0 universal cc0 1.0 public domain dedication", "CC0-1.0"),
    ("cc0 1.0 universal public domain dedication", "CC0-1.0"),
    ("creative commons zero", "CC0-1.0"),
    ("expat", "MIT"),
    ("freebsd", "BSD-2-Clause"),
    ("isc iscl", "ISC"),
    ("iscl", "ISC"),
    ("mit expat", "MIT"),
    ("mit mit", "MIT"),
    ("modified bsd", "BSD-3-Clause"),
    ("new bsd", "BSD-3-Clause"),
    ("postgresql", "PostgreSQL"),
    ("psfl", "PSF-2.0"),
    ("python software foundation", "PSF-2.0"),
    ("revised bsd", "BSD-3-Clause"),
    ("simplified bsd", "BSD-2-Clause"),
    ("unlicense unlicense", "Unlicense"),
    ("zlib libpng", "Zlib"),
    ("zope public", "ZPL-2.1"),
];

/// Folded names that stand for a license although something is left open.
const GUESSES: &[(&str, &str)] = &[
    ("apache", "Apache-2.0"),
    ("apache software", "Apache-2.0"),
    ("apachelicence", "Apache-2.0"),
    ("apachelicense", "Apache-2.0"),
    ("psfl", "PSF-2.0"),
    ("python software foundation", "PSF-2.0"),
    ("zope public", "ZPL-2.1"),
];

/// Long names of families, each before any that it contains, with the prefix of their ids.
const FAMILY_NAMES: &[(&str, &str)] = &[
    ("gnu library or lesser general public", "LGPL"),
    ("gnu lesser general public", "LGPL"),
    ("gnu general lesser public", "LGPL"),
    ("gnu library general public", "LGPL"),
    ("lesser general public", "LGPL"),
    ("gnu affero general public", "AGPL"),
    ("affero general public", "AGPL"),
    ("gnu general public", "GPL"),
    ("general public", "GPL"),
    ("gnu free documentation", "GFDL"),
    ("server side public", "SSPL"),
    ("european union public", "EUPL"),
    ("common development and distribution", "CDDL"),
    ("common public", "CPL"),
    ("eclipse public", "EPL"),
    ("mozilla public", "MPL"),
    ("universal permissive", "UPL"),
    ("academic free", "AFL"),
    ("educational community", "ECL"),
    ("open software", "OSL"),
    ("sil open font", "OFL"),
    ("open font", "OFL"),
    ("zope public", "ZPL"),
    ("artistic", "Artistic"),
    ("apache", "Apache"),
];

/// Short names of families.
const FAMILIES: &[(&str, &str)] = &[
    ("afl", "AFL"),
    ("agpl", "AGPL"),
    ("al", "Apache"),
    ("asf", "Apache"),
    ("asl", "Apache"),
    ("cddl", "CDDL"),
    ("cpl", "CPL"),
    ("ecl", "ECL"),
    ("epl", "EPL"),
    ("eupl", "EUPL"),
    ("gfdl", "GFDL"),
    ("gpl", "GPL"),
    ("lgpl", "LGPL"),
    ("mpl", "MPL"),
    ("ofl", "OFL"),
    ("osl", "OSL"),
    ("sspl", "SSPL"),
    ("upl", "UPL"),
    ("zpl", "ZPL"),
];

/// The license that a name means; `None` when it names none or could name several.
pub(crate) fn license(text: &str) -> Option<(Term, Confidence)> {
    if text.len() > 512 {
        return None;
    }
    let name = classifier(text)?;
    let folded = fold(name);
    if let Some((_, id)) = GUESSES.iter().find(|(guess, _)| *guess == folded) {
        return Some((listed(id)?, Confidence::Guessed));
    }
    let known = NAMES.iter().find(|(known, _)| *known == folded);
    known
        .and_then(|(_, id)| listed(id))
        .or_else(|| listed(&folded.replace(' ', "-")))
        .or_else(|| catalogue::by_full_name(&folded).map(|id| Term::listed(id, false)))
        .or_else(|| family(&folded))
        .map(|term| (term, Confidence::Repaired))
}

/// The last part of a PyPI classifier, or the text itself; the parent classifier alone names nothing.
fn classifier(text: &str) -> Option<&str> {
    let Some(path) = text.strip_prefix("License ::") else {
        return Some(text);
    };
    let last = path.rsplit("::").next()?.trim();
    (last != "OSI Approved").then_some(last)
}

fn listed(id: &str) -> Option<Term> {
    catalogue::license(id).map(|id| Term::listed(id, false))
}

/// Lower case, words of letters, digits and dots, one space between, without fillers and URLs;
/// `+` and `≥` are words of their own.
pub(crate) fn fold(text: &str) -> String {
    let mut spaced = String::with_capacity(text.len());
    for word in text.split_whitespace().filter(|word| !word.contains("://")) {
        spaced.push(' ');
        for c in word.replace(">=", "≥").chars().flat_map(char::to_lowercase) {
            match c {
                '+' | '≥' => spaced.push_str(" + "),
                c if c.is_alphanumeric() || c == '.' => spaced.push(c),
                _ => spaced.push(' '),
            }
        }
    }
    let words: Vec<&str> = spaced
        .split_whitespace()
        .map(|word| word.trim_matches('.'))
        .filter(|word| !word.is_empty() && !FILLERS.contains(word))
        .collect();
    words.join(" ")
}

/// Family, version and `or later` in any order, each named any number of times but never two different ones.
fn family(folded: &str) -> Option<Term> {
    let mut text = format!(" {folded} ")
        .replace(" january 2004 ", " ")
        .replace(" or later ", " + ");
    text = text
        .replace(" or any later version ", " + ")
        .replace(" or newer ", " + ");
    for (name, family) in FAMILY_NAMES {
        text = text.replace(&format!(" {name} "), &format!(" {} ", short(family)));
    }
    let mut parts = Parts::default();
    for word in text.split_whitespace() {
        parts.take(word)?;
    }
    parts.term()
}

/// A word that [`FAMILIES`] knows for a prefix.
fn short(prefix: &str) -> String {
    if prefix == "Apache" {
        "asl".to_owned()
    } else {
        prefix.to_ascii_lowercase()
    }
}

#[derive(Default)]
struct Parts {
    family: Option<&'static str>,
    version: Option<String>,
    or_later: bool,
}

impl Parts {
    /// Takes in one word; `None` when it has no meaning here or contradicts an earlier one.
    fn take(&mut self, word: &str) -> Option<()> {
        if word == "+" {
            self.or_later = true;
            return Some(());
        }
        let digit = word.find(|c: char| c.is_ascii_digit()).unwrap_or(word.len());
        let (letters, version) = word.split_at(digit);
        self.take_letters(letters.trim_end_matches('.'))?;
        self.take_version(version)
    }

    fn take_letters(&mut self, letters: &str) -> Option<()> {
        if letters.is_empty() || VERSION_FILLERS.contains(&letters) {
            return Some(());
        }
        let known = |word: &str| {
            FAMILIES
                .iter()
                .find(|(short, _)| *short == word)
                .map(|(_, prefix)| *prefix)
        };
        let family = known(letters)
            .or_else(|| known(letters.strip_suffix('v')?))
            .or_else(|| artistic(letters))?;
        match self.family {
            Some(earlier) if earlier != family => None,
            _ => {
                self.family = Some(family);
                Some(())
            }
        }
    }

    fn take_version(&mut self, version: &str) -> Option<()> {
        if version.is_empty() {
            return Some(());
        }
        if !version.chars().all(|c| c.is_ascii_digit() || c == '.') {
            return None;
        }
        let version = if version.contains('.') {
            version.to_owned()
        } else {
            format!("{version}.0")
        };
        match &self.version {
            Some(earlier) if *earlier != version => None,
            _ => {
                self.version = Some(version);
                Some(())
            }
        }
    }

    fn term(self) -> Option<Term> {
        let id = catalogue::license(&format!("{}-{}", self.family?, self.version?))?;
        Some(Term::listed(id, self.or_later))
    }
}

fn artistic(letters: &str) -> Option<&'static str> {
    (letters == "artistic").then_some("Artistic")
}

//! One leg of an expression: a license, perhaps a later one, perhaps with an exception.

use std::fmt;

use spdx::LicenseId;

use crate::{Category, catalogue};

/// What grants the rights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum License {
    /// On the SPDX License List, in canonical spelling, never a deprecated GNU form.
    Listed(LicenseId),
    /// `LicenseRef-…` or `DocumentRef-…:LicenseRef-…`: its text is elsewhere.
    Reference(String),
    /// Nothing that is known under this word.
    Unknown(String),
}

/// What follows `WITH`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exception {
    /// On the SPDX list of exceptions.
    Listed(String),
    /// `AdditionRef-…`, or an id that is not on the list: it may restrict, so a person must look.
    Unknown(String),
}

/// A license as a unit: id, `+` and exception.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    pub license: License,
    /// A `+` on a license whose id does not say it itself (`Apache-2.0+`).
    pub or_later: bool,
    pub exception: Option<Exception>,
}

impl Term {
    /// Reads one id, with an optional `+`, whatever its case; a word that is on no list is [`License::Unknown`].
    pub(crate) fn from_id(word: &str) -> Self {
        let bare = word.strip_suffix('+').unwrap_or(word);
        if let Some(reference) = reference(word, "LicenseRef-") {
            return Self::plain(License::Reference(reference));
        }
        match catalogue::license(word).or_else(|| catalogue::license(bare)) {
            Some(id) => Self::listed(id, word.ends_with('+')),
            None => Self::plain(License::Unknown(word.to_owned())),
        }
    }

    pub(crate) fn listed(id: LicenseId, plus: bool) -> Self {
        let (current, exception) = catalogue::current(id, plus);
        Self {
            or_later: plus && !current.name.ends_with("-or-later") && !current.name.ends_with('+'),
            license: License::Listed(current),
            exception: exception.map(|id| Exception::Listed(id.name.to_owned())),
        }
    }

    pub(crate) fn plain(license: License) -> Self {
        Self {
            license,
            or_later: false,
            exception: None,
        }
    }

    /// The same license with the exception that this word names.
    pub(crate) fn with(mut self, word: &str) -> Self {
        let addition = reference(word, "AdditionRef-");
        self.exception = Some(match (addition, catalogue::exception(word)) {
            (None, Some(id)) => Exception::Listed(id.name.to_owned()),
            (addition, _) => Exception::Unknown(addition.unwrap_or_else(|| word.to_owned())),
        });
        self
    }

    /// The id on the SPDX list, if it is there.
    #[must_use]
    pub fn id(&self) -> Option<LicenseId> {
        match &self.license {
            License::Listed(id) => Some(*id),
            License::Reference(_) | License::Unknown(_) => None,
        }
    }

    /// Whether both license and exception are on their lists.
    #[must_use]
    pub fn is_listed(&self) -> bool {
        self.id().is_some() && !matches!(self.exception, Some(Exception::Unknown(_)))
    }

    /// Whether somebody defined it: on a list, or a reference to a text. A mere word is not known.
    #[must_use]
    pub fn is_known(&self) -> bool {
        let addition = match &self.exception {
            Some(Exception::Unknown(word)) => word.contains("AdditionRef-"),
            Some(Exception::Listed(_)) | None => true,
        };
        addition && !matches!(self.license, License::Unknown(_))
    }

    /// The category of the license; an exception does not change it.
    #[must_use]
    pub fn category(&self) -> Category {
        self.id().map_or(Category::Uncategorized, Category::of)
    }

    /// The license alone, without `+` and exception.
    #[must_use]
    pub fn license_text(&self) -> &str {
        match &self.license {
            License::Listed(id) => id.name,
            License::Reference(text) | License::Unknown(text) => text,
        }
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}{}",
            self.license_text(),
            if self.or_later { "+" } else { "" }
        )?;
        match &self.exception {
            Some(Exception::Listed(id) | Exception::Unknown(id)) => write!(f, " WITH {id}"),
            None => Ok(()),
        }
    }
}

/// The text itself when it is a reference of this kind, in this or another document.
fn reference(word: &str, kind: &str) -> Option<String> {
    let local = match word.strip_prefix("DocumentRef-") {
        Some(rest) => {
            rest.split_once(':')
                .filter(|(document, _)| !document.is_empty())?
                .1
        }
        None => word,
    };
    let name = local.strip_prefix(kind)?;
    (!name.is_empty()).then(|| word.to_owned())
}

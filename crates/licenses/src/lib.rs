#![doc = include_str!("../README.md")]

mod catalogue;
mod category;
mod expression;
mod later;
mod lax;
mod marks;
mod names;
mod npm;
mod reading;
mod rules;
mod term;
mod text;
mod urls;

pub use category::{Category, UnknownCategory};
pub use expression::{Expression, Malformed, Operator};
pub use marks::deprecated_ids;
pub use npm::read_npm;
pub use reading::{Confidence, Reading, Stated, read, read_all};
pub use rules::{Entry, Evaluation, GnuOrLater, Ground, InvalidEntry, Permission, Rules};
pub use term::{Exception, License, Term};
pub use text::{Detection, detect, listed_ids, text_of};

/// The version of the SPDX License List that ids are checked against.
#[must_use]
pub fn list_version() -> &'static str {
    spdx::license_version()
}

/// Whether the text is an id of the SPDX License List, letter for letter.
#[must_use]
pub fn is_listed(id: &str) -> bool {
    catalogue::license(id).is_some_and(|license| license.name == id)
}

/// The ids in the list's spelling: of a license, and of an exception that follows `WITH`.
#[must_use]
pub fn listed(id: &str) -> Option<&'static str> {
    catalogue::license(id).map(|license| license.name)
}

#[must_use]
pub fn listed_exception(id: &str) -> Option<&'static str> {
    catalogue::exception(id).map(|exception| exception.name)
}

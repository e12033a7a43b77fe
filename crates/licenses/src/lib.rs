#![doc = include_str!("../README.md")]

mod catalogue;
mod category;
mod expression;
mod later;
mod lax;
mod names;
mod npm;
mod reading;
mod rules;
mod term;
mod text;
mod urls;

pub use category::{Category, UnknownCategory};
pub use expression::{Expression, Malformed, Operator};
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

//! What templates may do with a value: `{{ count|number }}`, `{{ level|severity }}`.

#![expect(
    clippy::unnecessary_wraps,
    clippy::trivially_copy_pass_by_ref,
    reason = "askama calls every filter with references and expects a result"
)]

use advisories::Severity;
use askama::{Result, Values};
use clock::Timestamp;
use policy::Outcome;

use crate::html::Html;
use crate::{parts, text};

/// A number, however many references askama puts before it: a field comes by two, a call's result by none.
pub trait Count {
    fn count(&self) -> u64;
}

impl Count for u64 {
    fn count(&self) -> u64 {
        *self
    }
}

impl<T: Count + ?Sized> Count for &T {
    fn count(&self) -> u64 {
        (**self).count()
    }
}

/// `1,054`.
#[askama::filter_fn]
pub fn number<T: Count>(value: T, _: &dyn Values) -> Result<String> {
    Ok(text::number(value.count()))
}

/// `1 finding`, `2 findings`.
#[askama::filter_fn]
pub fn plural<T: Count>(value: T, _: &dyn Values, noun: &str) -> Result<String> {
    Ok(text::plural(value.count(), noun))
}

/// `0.021` as `2.1 %`.
#[askama::filter_fn]
pub fn percent(share: &f64, _: &dyn Values) -> Result<String> {
    Ok(text::percent(*share))
}

/// Glyph and word.
#[askama::filter_fn]
pub fn severity(level: &Severity, _: &dyn Values) -> Result<Html> {
    Ok(parts::severity(*level))
}

/// Icon and word.
#[askama::filter_fn]
pub fn outcome(outcome: &Outcome, _: &dyn Values) -> Result<Html> {
    Ok(parts::outcome(*outcome))
}

/// The icon of this name.
#[askama::filter_fn]
pub fn icon(name: &str, _: &dyn Values) -> Result<Html> {
    Ok(parts::icon(name))
}

/// `25 Aug 2026`.
#[askama::filter_fn]
pub fn date(moment: &Timestamp, _: &dyn Values) -> Result<Html> {
    Ok(text::date(*moment))
}

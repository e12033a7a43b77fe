//! Collecting notices without letting a broken document write a book.

use std::collections::BTreeMap;
use std::fmt;

use super::lenient::{Field, List, Number, Object, Rare, Record, Text};
use super::place::Place;
use super::{MOST_DETAILS, cut};
use crate::{Hash, Level, Notice, Purl};

/// Notices of one code that are spelled out; the rest is counted.
const SPELLED_OUT: usize = 100;

#[derive(Default)]
pub(super) struct Notices {
    list: Vec<Notice>,
    /// How often each code came up, and at which level.
    counts: BTreeMap<&'static str, (usize, Level)>,
}

impl Notices {
    pub(super) fn info(&mut self, code: &'static str, place: &Place<'_>, text: fmt::Arguments<'_>) {
        self.push(code, Level::Info, place, text);
    }

    pub(super) fn warn(&mut self, code: &'static str, place: &Place<'_>, text: fmt::Arguments<'_>) {
        self.push(code, Level::Warn, place, text);
    }

    fn push(&mut self, code: &'static str, level: Level, place: &Place<'_>, text: fmt::Arguments<'_>) {
        let (count, _) = self.counts.entry(code).or_insert((0, level));
        *count += 1;
        if *count <= SPELLED_OUT {
            self.list
                .push(notice(code, level, place.to_string(), text.to_string()));
        }
    }

    /// The text of a field; `None` and a notice when something else stands there. Blank is absent.
    pub(super) fn text<'f>(&mut self, field: &'f Text<'_>, place: &Place<'_>) -> Option<&'f str> {
        let text = self.field(field, place)?.trim();
        Some(text).filter(|text| !text.is_empty())
    }

    /// Like [`Self::text`], owned and cut at `most` bytes, which is noticed.
    pub(super) fn owned(&mut self, field: &Text<'_>, place: &Place<'_>, most: usize) -> Option<String> {
        let text = self.text(field, place)?;
        Some(self.cut(text, place, most))
    }

    /// The text up to a bound, with a notice when there was more.
    pub(super) fn cut(&mut self, text: &str, place: &Place<'_>, most: usize) -> String {
        if text.len() > most {
            self.info(
                "text_cut",
                place,
                format_args!("a text of {} bytes was cut at {most}", text.len()),
            );
        }
        cut(text, most).to_owned()
    }

    pub(super) fn number(&mut self, field: &Field<Number>, place: &Place<'_>) -> Option<f64> {
        self.field(field, place).map(|Number(number)| *number)
    }

    pub(super) fn record<'f, T>(&mut self, field: &'f Object<T>, place: &Place<'_>) -> Option<&'f T> {
        self.field(field, place).map(|Record(record)| record)
    }

    pub(super) fn rare<'f, T>(&mut self, field: &'f Rare<T>, place: &Place<'_>) -> Option<&'f T> {
        self.field(field, place).map(|record| &record.0)
    }

    /// Adds to a list of details, up to their bound, which is noticed.
    pub(super) fn keep<T>(&mut self, list: &mut Vec<T>, item: T, place: &Place<'_>) {
        match list.len() {
            len if len < MOST_DETAILS => list.push(item),
            _ => self.info(
                "list_cut",
                place,
                format_args!("only the first {MOST_DETAILS} were kept"),
            ),
        }
    }

    /// The texts of a list.
    pub(super) fn texts(&mut self, list: &List<Text<'_>>, place: &Place<'_>, most: usize) -> Vec<String> {
        let mut texts = Vec::new();
        for (index, text) in self.list(list, place).iter().enumerate() {
            if let Some(text) = self.owned(text, &place.index(index), most) {
                self.keep(&mut texts, text, place);
            }
        }
        texts
    }

    /// What `read` makes of each object of a list, up to the bound of details.
    pub(super) fn collect<'f, T, U>(
        &mut self,
        list: &'f List<Object<T>>,
        place: &Place<'_>,
        mut read: impl FnMut(&'f T, &Place<'_>, &mut Self) -> Option<U>,
    ) -> Vec<U> {
        let mut items = Vec::new();
        self.each(list, place, |element, place, notices| {
            if let Some(item) = read(element, place, notices) {
                notices.keep(&mut items, item, place);
            }
        });
        items
    }

    /// The elements of a list field; none, and a notice, when something else stands there.
    pub(super) fn list<'f, T>(&mut self, field: &'f Field<Vec<T>>, place: &Place<'_>) -> &'f [T] {
        self.field(field, place).map_or(&[], Vec::as_slice)
    }

    pub(super) fn field<'f, T>(&mut self, field: &'f Field<T>, place: &Place<'_>) -> Option<&'f T> {
        match field {
            Field::Is(value) => Some(value),
            Field::Absent => None,
            Field::Wrong(found) => {
                self.warn(
                    "wrong_type",
                    place,
                    format_args!("{found} stands here and was not read"),
                );
                None
            }
        }
    }

    /// Calls `read` with each element of a list of objects; what is no object becomes a notice.
    pub(super) fn each<'f, T>(
        &mut self,
        list: &'f List<Object<T>>,
        place: &Place<'_>,
        mut read: impl FnMut(&'f T, &Place<'_>, &mut Self),
    ) {
        for (index, element) in self.list(list, place).iter().enumerate() {
            let place = place.index(index);
            if let Some(Record(element)) = self.field(element, &place) {
                read(element, &place, self);
            }
        }
    }

    /// A package URL; `None` and a notice when the text is none.
    pub(super) fn purl(&mut self, text: &str, place: &Place<'_>) -> Option<Purl> {
        Purl::lenient(text)
            .map_err(|error| self.warn("invalid_purl", place, format_args!("{error}")))
            .ok()
    }

    /// A name for what has none, with a notice.
    pub(super) fn unnamed(&mut self, purl: Option<&Purl>, place: &Place<'_>) -> String {
        self.warn("no_name", place, format_args!("the component has no name"));
        purl.map_or("(unnamed)", Purl::name).to_owned()
    }

    /// A hash with its algorithm in CycloneDX's spelling; `None` and a notice when the value is not hexadecimal.
    pub(super) fn hash(&mut self, algorithm: &str, value: &str, place: &Place<'_>) -> Option<Hash> {
        if !value.bytes().all(|b| b.is_ascii_hexdigit()) {
            self.warn(
                "invalid_hash",
                place,
                format_args!("a hash is not hexadecimal and was not read"),
            );
            return None;
        }
        Some(Hash {
            algorithm: algorithm_name(algorithm),
            value: value.to_ascii_lowercase(),
        })
    }

    pub(super) fn finish(mut self) -> Vec<Notice> {
        for (code, (count, level)) in self.counts {
            if count > SPELLED_OUT {
                let text = format!("{} more notices of this kind", count - SPELLED_OUT);
                self.list.push(notice(code, level, String::new(), text));
            }
        }
        self.list
    }
}

/// `SHA256` and `sha256`, as SPDX and some tools write, are `SHA-256`.
fn algorithm_name(text: &str) -> String {
    let upper = text.to_ascii_uppercase();
    match upper.strip_prefix("SHA") {
        Some(digits) if digits.starts_with(|c: char| c.is_ascii_digit()) && !digits.contains('-') => {
            format!("SHA-{digits}")
        }
        _ => upper,
    }
}

fn notice(code: &str, level: Level, place: String, text: String) -> Notice {
    Notice {
        code: code.to_owned(),
        level,
        place,
        text,
    }
}

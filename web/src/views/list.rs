//! What all lists share: the echo of a filter, counts with a bound, keyset pages, exports.

use crate::html::Html;
use crate::parts;
use crate::text;

/// One entry of a select or a set of check boxes, as the request had it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What stands in the query; empty for "any".
    pub value: String,
    pub label: String,
    pub selected: bool,
}

impl Choice {
    #[must_use]
    pub fn new(value: &str, label: &str, selected: bool) -> Self {
        Self {
            value: value.to_owned(),
            label: label.to_owned(),
            selected,
        }
    }
}

/// A count that stops counting at a bound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Total {
    pub value: u64,
    /// There are more than `value`.
    pub at_least: bool,
}

impl Total {
    #[must_use]
    pub const fn exactly(value: u64) -> Self {
        Self {
            value,
            at_least: false,
        }
    }

    /// `37`, `more than 10,000`.
    #[must_use]
    pub fn words(&self) -> String {
        let more = if self.at_least { "more than " } else { "" };
        format!("{more}{}", text::number(self.value))
    }
}

/// Where the reader is in a list that is paged by key; links are whole addresses that hold the filter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pager {
    /// Rows on this page.
    pub shown: u64,
    pub total: Total,
    /// Set on every page but the first.
    pub first: Option<String>,
    pub previous: Option<String>,
    pub next: Option<String>,
}

impl Pager {
    /// A list that fits on one page.
    #[must_use]
    pub fn single(shown: u64) -> Self {
        Self {
            shown,
            total: Total::exactly(shown),
            ..Self::default()
        }
    }

    /// `1–25 of 37`; on later pages, whose position is not counted, `25 of 37`.
    #[must_use]
    pub fn words(&self) -> String {
        let total = self.total.words();
        let shown = text::number(self.shown);
        if self.first.is_none() && self.shown > 1 {
            format!("1–{shown} of {total}")
        } else {
            format!("{shown} of {total}")
        }
    }
}

/// Where the same list is found for machines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exports {
    pub json: String,
    pub csv: Option<String>,
}

impl Exports {
    /// `/v1/findings?q=x` and `/v1/findings.csv?q=x`; `query` has no question mark and may be empty.
    #[must_use]
    pub fn of(path: &str, query: &str) -> Self {
        let tail = if query.is_empty() {
            String::new()
        } else {
            format!("?{query}")
        };
        Self {
            json: format!("{path}{tail}"),
            csv: Some(format!("{path}.csv{tail}")),
        }
    }
}

/// One key number of a page. `value` is `None` where it was not checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tile {
    pub label: &'static str,
    /// The anchor of its definition on `/metrics/definitions`.
    pub definition: &'static str,
    pub value: Option<String>,
    /// Small, after the number: `days`, `of 214`.
    pub unit: String,
    /// The line below.
    pub note: Note,
}

/// A remark with an emphasised beginning that says better or worse.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Note {
    pub strong: String,
    pub tone: Tone,
    pub rest: String,
}

/// Whether a change is good news.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    Better,
    Worse,
    #[default]
    Plain,
}

impl Note {
    #[must_use]
    pub fn plain(rest: impl Into<String>) -> Self {
        Self {
            rest: rest.into(),
            ..Self::default()
        }
    }

    /// `3 more than 7 days ago`, red when more is worse.
    #[must_use]
    pub fn change(difference: i64, more_is: Tone, rest: &str) -> Self {
        let tone = match (difference, more_is) {
            (0, _) | (_, Tone::Plain) => Tone::Plain,
            (1.., tone) => tone,
            (_, Tone::Better) => Tone::Worse,
            (_, Tone::Worse) => Tone::Better,
        };
        let rest = if difference == 0 {
            format!("in {rest}")
        } else {
            format!("than {rest} ago")
        };
        Self {
            strong: text::change(difference),
            tone,
            rest,
        }
    }

    #[must_use]
    pub const fn class(&self) -> &'static str {
        match self.tone {
            Tone::Better => "down",
            Tone::Worse => "up",
            Tone::Plain => "",
        }
    }
}

/// What a list says when it has nothing: why, and the one thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Empty {
    pub title: String,
    pub sentence: String,
    /// Label and address.
    pub action: Option<(String, String)>,
}

impl Empty {
    #[must_use]
    pub fn new(title: &str, sentence: &str) -> Self {
        Self {
            title: title.to_owned(),
            sentence: sentence.to_owned(),
            action: None,
        }
    }

    #[must_use]
    pub fn with_action(mut self, label: &str, href: &str) -> Self {
        self.action = Some((label.to_owned(), href.to_owned()));
        self
    }
}

/// The number, or the words for a number nobody has found out yet.
#[must_use]
pub fn known(value: Option<u64>) -> Html {
    value.map_or_else(
        || parts::pill("not checked", "line"),
        |value| Html::from_trusted(text::number(value)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pager_says_where_the_reader_is() {
        let mut pager = Pager {
            shown: 25,
            total: Total::exactly(37),
            ..Pager::default()
        };
        assert_eq!(pager.words(), "1–25 of 37");
        pager.first = Some("/findings".to_owned());
        pager.total = Total {
            value: 10_000,
            at_least: true,
        };
        assert_eq!(pager.words(), "25 of more than 10,000");
    }

    #[test]
    fn a_change_knows_whether_it_is_good_news() {
        let class = |difference, more_is| Note::change(difference, more_is, "7 days").class().to_owned();
        assert_eq!(class(3, Tone::Worse), "up");
        assert_eq!(class(-3, Tone::Worse), "down");
        assert_eq!(class(8, Tone::Better), "down");
        assert_eq!(class(0, Tone::Worse), "");
    }

    #[test]
    fn what_was_not_checked_is_not_zero() {
        assert!(known(None).as_str().contains("not checked"));
        assert_eq!(known(Some(1_000)).as_str(), "1,000");
    }
}

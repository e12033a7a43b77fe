//! Waivers: what is tolerated, until when, by whom, and what has become of it.

use super::list::{Choice, Empty, Exports};
use crate::html::Html;
use crate::layout::{Frame, Section};
use crate::{links, parts, text};

page!("waivers.html", Waivers);

/// One shelf of waivers.
#[derive(Clone, Debug, Default)]
pub struct Waivers {
    /// Every shelf, with the one that is shown.
    pub shelves: Vec<Choice>,
    pub query: String,
    pub rows: Vec<WaiverRow>,
    /// Where the list goes on.
    pub next: Option<String>,
    pub exports: Exports,
}

/// Where a waiver stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Active,
    /// Holds, but not for long.
    Ending,
    Expired,
    Pending,
    Rejected,
    Revoked,
}

impl Standing {
    #[must_use]
    pub fn pill(self) -> Html {
        match self {
            Self::Active => parts::pill("Active", "pass"),
            Self::Ending => parts::pill("Ending", "warn"),
            Self::Expired => parts::pill("Expired", "fail"),
            Self::Pending => parts::pill("Waits for approval", "warn"),
            Self::Rejected => parts::pill("Rejected", "line"),
            Self::Revoked => parts::pill("Revoked", "line"),
        }
    }
}

/// One waiver.
#[derive(Clone, Debug)]
pub struct WaiverRow {
    pub id: String,
    /// The vulnerability, the rule or the license.
    pub what: String,
    /// `pkg:npm/minimist@<1.2.6`, where it names a package.
    pub purl: Option<String>,
    /// Names of projects; empty for all.
    pub projects: Vec<String>,
    /// `accepted risk`.
    pub status: String,
    pub reason: String,
    /// The last day, `YYYY-MM-DD`.
    pub until: Option<String>,
    /// Days left; negative when it is over.
    pub days_left: Option<i64>,
    pub standing: Standing,
    pub by: String,
    pub approved_by: Option<String>,
    /// Findings and other matters that it covers; `None` before it was asked.
    pub covers: Option<u64>,
    pub stale: bool,
}

impl WaiverRow {
    pub(crate) fn href(&self) -> String {
        links::waiver(&self.id)
    }

    pub(crate) fn place(&self) -> String {
        match self.projects.as_slice() {
            [] => "all projects".to_owned(),
            [one] => one.clone(),
            [first, rest @ ..] => format!(
                "{first} and {}",
                text::plural(u64::try_from(rest.len()).unwrap_or(u64::MAX), "more project")
            ),
        }
    }

    pub(crate) fn end(&self) -> String {
        match (&self.until, self.days_left) {
            (None, _) => "no end".to_owned(),
            (Some(day), Some(left)) if left < 0 => format!("{day}, over since {}", days(-left)),
            (Some(day), Some(left)) => format!("{day}, {} left", days(left)),
            (Some(day), None) => day.clone(),
        }
    }

    pub(crate) fn covers_words(&self) -> String {
        match self.covers {
            None => "not asked yet".to_owned(),
            Some(0) => "matched nothing".to_owned(),
            Some(count) => text::number(count),
        }
    }
}

fn days(count: i64) -> String {
    text::plural(count.unsigned_abs(), "day")
}

impl Waivers {
    fn frame(&self) -> Frame {
        Frame::new("Waivers", Section::Waivers, self.exports.json.clone())
    }

    pub(crate) fn empty(&self) -> Empty {
        if self.query.is_empty() {
            Empty::new(
                "No waiver stands here",
                "A waiver is made on the page of a finding, or through the API. It always has a reason, and an end where a risk is tolerated.",
            )
            .with_action("See the findings", "/findings")
        } else {
            Empty::new("Nothing matches", "No waiver holds this text.")
                .with_action("Clear the search", "/waivers")
        }
    }

    pub(crate) fn shown(&self) -> &str {
        let shown = self.shelves.iter().find(|shelf| shelf.selected);
        shown.map_or("", |shelf| shelf.value.as_str())
    }

    #[must_use]
    pub fn sample() -> Self {
        let row = |what: &str, standing, left: i64, covers| WaiverRow {
            id: "0193f0aa-0000-7000-8000-000000000007".to_owned(),
            what: what.to_owned(),
            purl: Some("pkg:npm/minimist@<1.2.6".to_owned()),
            projects: vec!["platform/payments-api".to_owned(), "shop".to_owned()],
            status: "accepted risk".to_owned(),
            reason: "Only reads our own configuration.".to_owned(),
            until: Some("2027-01-12".to_owned()),
            days_left: Some(left),
            standing,
            by: "Mara Kettunen".to_owned(),
            approved_by: Some("R. Tamm".to_owned()),
            covers,
            stale: left < 10,
        };
        Self {
            shelves: shelves("active"),
            rows: vec![
                row("CVE-2020-7598", Standing::Active, 50, Some(4)),
                row("CVE-2021-44906", Standing::Ending, 9, Some(0)),
                WaiverRow {
                    projects: Vec::new(),
                    until: None,
                    days_left: None,
                    purl: None,
                    ..row("license.deny", Standing::Active, 0, None)
                },
            ],
            next: Some("/waivers?cursor=x".to_owned()),
            exports: Exports {
                json: "/v1/waivers".to_owned(),
                csv: None,
            },
            query: String::new(),
        }
    }

    #[must_use]
    pub fn sample_empty() -> Self {
        Self {
            rows: Vec::new(),
            next: None,
            shelves: shelves("unused"),
            ..Self::sample()
        }
    }
}

/// Every shelf with its label, one of them chosen.
#[must_use]
pub fn shelves(chosen: &str) -> Vec<Choice> {
    [
        ("active", "Active"),
        ("expiring", "Ending in 14 days"),
        ("expired", "Expired"),
        ("unused", "Unused"),
        ("stale", "Stale"),
        ("pending", "To approve"),
        ("closed", "Rejected and revoked"),
    ]
    .map(|(value, label)| Choice::new(value, label, value == chosen))
    .to_vec()
}

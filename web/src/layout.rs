//! What stands around every page: navigation, the banner after a change, the age of the feeds.

use askama::Template;
use clock::Timestamp;

use crate::html::{Html, escape};
use crate::{assets, text};

/// What the server knows about the request that a page answers.
#[derive(Clone, Debug)]
pub struct Shell {
    /// The moment that relative times are seen from.
    pub now: Timestamp,
    pub theme: Theme,
    /// Who is signed in; without one, the shell shows no navigation.
    pub user: Option<User>,
    /// The token that every form with `method="post"` carries.
    pub csrf: String,
    /// In the order of display. Empty means that no feed is loaded, and the footer says so.
    pub feeds: Vec<FeedAge>,
    /// Shown once, after a change and its redirect.
    pub flash: Option<Flash>,
    /// The path and query of this page, for forms that come back to it.
    pub here: String,
}

/// Light, dark, or what the system says; kept in a cookie, set by a form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    /// The value of the cookie and of `data-theme`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// Reads the cookie; anything unknown is the system's choice.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        match name {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::System,
        }
    }
}

/// The person who is signed in.
#[derive(Clone, Debug)]
pub struct User {
    pub name: String,
}

impl User {
    /// At most two capitals for the round mark: `Mara Kettunen` is `MK`.
    #[must_use]
    pub fn initials(&self) -> String {
        let words = self.name.split(|c: char| !c.is_alphanumeric());
        let firsts = words.filter_map(|word| word.chars().next());
        firsts.take(2).flat_map(char::to_uppercase).collect()
    }
}

/// How old the knowledge from one feed is.
#[derive(Clone, Debug)]
pub struct FeedAge {
    pub name: String,
    /// The last successful fetch; `None` when the feed was never loaded.
    pub fetched_at: Option<Timestamp>,
    /// Older than the policy allows, or failing.
    pub stale: bool,
}

/// One sentence after a change.
#[derive(Clone, Debug)]
pub struct Flash {
    pub kind: FlashKind,
    pub text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlashKind {
    Done,
    Failed,
}

/// The part of the navigation that a page belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    Portfolio,
    Projects,
    Findings,
    Components,
    Licenses,
    Waivers,
    Policies,
    Feeds,
    Elsewhere,
}

/// Label, address and section of each entry of the navigation.
const NAVIGATION: [(&str, &str, Section); 8] = [
    ("Portfolio", "/", Section::Portfolio),
    ("Projects", "/projects", Section::Projects),
    ("Findings", "/findings", Section::Findings),
    ("Components", "/components", Section::Components),
    ("Licenses", "/licenses", Section::Licenses),
    ("Waivers", "/waivers", Section::Waivers),
    ("Policies", "/policies", Section::Policies),
    ("Feeds", "/feeds", Section::Feeds),
];

/// What one page tells the layout about itself.
pub(crate) struct Frame {
    pub title: String,
    pub section: Section,
    /// The same data as JSON.
    pub json: Option<String>,
}

impl Frame {
    pub(crate) fn new(title: impl Into<String>, section: Section, json: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            section,
            json: Some(json.into()),
        }
    }

    /// A page with no data behind it.
    pub(crate) fn bare(title: impl Into<String>, section: Section) -> Self {
        Self {
            title: title.into(),
            section,
            json: None,
        }
    }

    /// `page` for the page itself, `true` for a page below the entry: it is marked, but it is not here.
    pub(crate) fn navigation(&self, here: &str) -> Vec<NavigationEntry> {
        let path = here.split('?').next().unwrap_or_default();
        let entry = |(label, href, section): (&'static str, &'static str, Section)| NavigationEntry {
            label,
            href,
            current: (section == self.section).then_some(if path == href { "page" } else { "true" }),
        };
        NAVIGATION.into_iter().map(entry).collect()
    }
}

pub(crate) struct NavigationEntry {
    pub label: &'static str,
    pub href: &'static str,
    pub current: Option<&'static str>,
}

impl Shell {
    /// The address of a file, for the layout.
    pub(crate) fn asset(&self, plain: &str) -> String {
        assets::url(plain)
    }

    pub(crate) fn ago(&self, moment: &Timestamp) -> Html {
        text::time(*moment, self.now)
    }

    /// The moment of this page, exactly.
    pub(crate) fn stamp(&self) -> Html {
        text::moment(self.now)
    }

    /// What has to stand in every form that changes something.
    pub(crate) fn token(&self) -> Html {
        let token = escape(&self.csrf);
        Html::from_trusted(format!("<input type=\"hidden\" name=\"csrf\" value=\"{token}\">"))
    }

    /// A signed-in shell with fresh feeds, for tests and for looking at pages.
    #[must_use]
    pub fn sample() -> Self {
        let now = Timestamp::from_millis(1_795_470_060_000);
        let feed = |name: &str, minutes: i64| FeedAge {
            name: name.to_owned(),
            fetched_at: Some(now.plus_millis(-minutes * 60_000)),
            stale: false,
        };
        Self {
            now,
            theme: Theme::System,
            user: Some(User {
                name: "Mara Kettunen".to_owned(),
            }),
            csrf: "c0ffee".to_owned(),
            feeds: vec![
                feed("OSV", 4),
                feed("GHSA", 4),
                feed("RustSec", 38),
                feed("EPSS and KEV", 930),
            ],
            flash: None,
            here: "/".to_owned(),
        }
    }
}

/// Renders a template. One that fails is our defect, not the reader's: they get a page that says so.
pub(crate) fn render(template: &impl Template) -> String {
    template.render().unwrap_or_else(|_| {
        "<!doctype html><html lang=\"en\"><title>Plumbline</title><h1>This page could not be drawn</h1>\
         <p>The data is safe. Please tell whoever runs this service.</p></html>"
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_two_capitals_at_most() {
        for (name, initials) in [("Mara Kettunen", "MK"), ("ci-payments-token", "CP"), ("", "")] {
            assert_eq!(
                User {
                    name: name.to_owned()
                }
                .initials(),
                initials
            );
        }
    }

    #[test]
    fn only_the_page_itself_is_the_current_page() {
        let frame = Frame::bare("x", Section::Projects);
        let current = |here: &str| {
            let entries = frame.navigation(here);
            entries
                .into_iter()
                .filter_map(|entry| entry.current)
                .collect::<Vec<_>>()
        };
        assert_eq!(current("/projects?q=x"), ["page"]);
        assert_eq!(current("/projects/a/b"), ["true"]);
    }
}

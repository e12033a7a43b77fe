//! People: who is signed in, and links that let somebody in once.

use clock::Timestamp;

use super::super::rows::sample_now;
use super::{Faults, Tab, tabs};
use crate::layout::{Frame, Section};
use crate::text;

page!("settings_people.html", People);

/// Everybody who is signed in or may be, and the form for another link.
#[derive(Clone, Debug, Default)]
pub struct People {
    pub rows: Vec<PersonRow>,
    /// Name and address of the link that was just made: shown on this answer only.
    pub fresh: Option<(String, String)>,
    pub name: String,
    pub faults: Faults,
}

/// One person.
#[derive(Clone, Debug)]
pub struct PersonRow {
    pub name: String,
    pub browsers: u64,
    /// Links that were not used yet.
    pub links: u64,
    pub signed_in_at: Option<Timestamp>,
    pub until: Timestamp,
    /// The reader.
    pub is_you: bool,
}

impl PersonRow {
    pub(crate) fn words(&self) -> String {
        let browsers = text::plural(self.browsers, "browser");
        match (self.browsers, self.links) {
            (0, links) => format!("{} not used yet", text::plural(links, "link")),
            (_, 0) => format!("signed in with {browsers}"),
            (_, links) => format!(
                "signed in with {browsers}, {} not used yet",
                text::plural(links, "link")
            ),
        }
    }
}

impl People {
    fn frame(&self) -> Frame {
        Frame::bare(format!("{}People", self.faults.mark()), Section::Elsewhere)
    }

    #[expect(clippy::unused_self, reason = "templates reach data through the view")]
    pub(crate) fn tabs(&self) -> Vec<Tab> {
        tabs("people")
    }

    #[must_use]
    pub fn sample() -> Self {
        let now = sample_now();
        let row = |name: &str, browsers, links, is_you| PersonRow {
            name: name.to_owned(),
            browsers,
            links,
            signed_in_at: (browsers > 0).then(|| now.plus_days(-2)),
            until: now.plus_days(5),
            is_you,
        };
        Self {
            rows: vec![
                row("Mara Kettunen", 2, 1, true),
                row("R. Tamm", 1, 0, false),
                row("new.colleague", 0, 1, false),
            ],
            ..Self::default()
        }
    }

    /// Right after a link was made.
    #[must_use]
    pub fn sample_fresh() -> Self {
        Self {
            fresh: Some((
                "new.colleague".to_owned(),
                "https://plumbline.example.org/login?once=EXAMPLE".to_owned(),
            )),
            ..Self::sample()
        }
    }

    #[must_use]
    pub fn sample_error() -> Self {
        Self {
            faults: Faults::sample("name", "A name has letters, digits, dots and dashes."),
            ..Self::sample()
        }
    }
}

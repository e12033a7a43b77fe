//! Components that the reader watches.

use clock::Timestamp;

use super::list::Empty;
use super::rows::sample_now;
use crate::filters;
use crate::layout::{Frame, Section};
use crate::links;

page!("watching.html", Watching);

/// The list.
#[derive(Clone, Debug, Default)]
pub struct Watching {
    pub rows: Vec<WatchedRow>,
}

/// One package.
#[derive(Clone, Debug)]
pub struct WatchedRow {
    /// Without a version.
    pub purl: String,
    pub name: String,
    pub ecosystem: String,
    /// On tracked branches.
    pub open: u64,
    pub since: Timestamp,
}

impl WatchedRow {
    pub(crate) fn href(&self) -> String {
        links::component(&self.purl)
    }

    pub(crate) fn findings(&self) -> String {
        format!("/findings?q={}", links::segment(&self.name))
    }
}

impl Watching {
    #[expect(clippy::unused_self, reason = "every view says its frame")]
    fn frame(&self) -> Frame {
        Frame::bare("Watched components", Section::Components)
    }

    #[expect(clippy::unused_self, reason = "templates reach data through the view")]
    pub(crate) fn empty(&self) -> Empty {
        Empty::new(
            "You watch nothing yet",
            "Press Watch on the page of a component. Webhooks that hear of watched components are then told of every new finding in it.",
        )
        .with_action("Find a component", "/components")
    }

    #[must_use]
    pub fn sample() -> Self {
        let row = |name: &str, open| WatchedRow {
            purl: format!("pkg:npm/{name}"),
            name: name.to_owned(),
            ecosystem: "npm".to_owned(),
            open,
            since: sample_now().plus_days(-12),
        };
        Self {
            rows: vec![row("axios", 61), row("left-pad", 0)],
        }
    }

    #[must_use]
    pub fn sample_empty() -> Self {
        Self::default()
    }
}

//! Help: what the words mean, which keys there are, where to read on.

use crate::layout::{Frame, Section};

page!("help.html", Help);

/// The page; it has no data.
#[derive(Clone, Copy, Debug, Default)]
pub struct Help;

impl Help {
    #[expect(clippy::unused_self, reason = "every view says its frame")]
    fn frame(self) -> Frame {
        Frame::bare("Help", Section::Elsewhere)
    }

    #[expect(clippy::unused_self, reason = "templates reach data through the view")]
    pub(crate) fn keys(self) -> [(&'static str, &'static str); 7] {
        [
            ("/", "Go to the search field"),
            ("j", "Next row of a list"),
            ("k", "Row before it"),
            ("o", "Open the row"),
            ("x", "Select the row, where rows can be selected"),
            ("?", "This page"),
            ("Esc", "Close a menu"),
        ]
    }

    #[expect(clippy::unused_self, reason = "templates reach data through the view")]
    pub(crate) fn words(self) -> [(&'static str, &'static str); 8] {
        [
            (
                "Gate",
                "The rules that a build must pass. It passes, passes with warnings, fails, or is undecided: then too little could be checked to say.",
            ),
            (
                "Finding",
                "A vulnerability in one version of one component, on one branch of one project.",
            ),
            ("Component", "A package that a build holds, with its version."),
            (
                "Waiver",
                "A decision that something found shall not stop builds, with a reason and an end.",
            ),
            ("Not checked", "Nothing is known. It is never counted as clean."),
            ("Past SLA", "Open for longer than its severity is given."),
            (
                "Tracked branch",
                "The default branch and releases: what numbers over several projects count.",
            ),
            (
                "Cause",
                "Why a finding opened: an advisory was published, a component was added, its version changed, a decision ended.",
            ),
        ]
    }
}

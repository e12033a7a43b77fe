//! What runs here, how it is set up, and how long it keeps what.

use super::{Tab, tabs};
use crate::layout::{Frame, Section};

page!("settings_about.html", About);

/// Facts, in the order in which they are shown.
#[derive(Clone, Debug, Default)]
pub struct About {
    pub service: Vec<(&'static str, String)>,
    pub limits: Vec<(&'static str, String)>,
    /// What is kept, and how long.
    pub retention: Vec<(&'static str, String)>,
}

impl About {
    #[expect(clippy::unused_self, reason = "every view says its frame")]
    fn frame(&self) -> Frame {
        Frame::bare("About this service", Section::Elsewhere)
    }

    #[expect(clippy::unused_self, reason = "templates reach data through the view")]
    pub(crate) fn tabs(&self) -> Vec<Tab> {
        tabs("about")
    }

    #[must_use]
    pub fn sample() -> Self {
        Self {
            service: vec![
                ("Version", "0.1.0".to_owned()),
                ("Database", "PostgreSQL".to_owned()),
                ("Address", "https://plumbline.example.org".to_owned()),
            ],
            limits: vec![("Document", "64 MiB".to_owned())],
            retention: vec![("Finished jobs", "7 days".to_owned())],
        }
    }
}

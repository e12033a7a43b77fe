//! What a page says when it cannot say what was asked.

use crate::layout::{Frame, Section};

page!("problem.html", Problem);

/// An error as people may see it: what, and how to go on; never internals.
#[derive(Clone, Debug)]
pub struct Problem {
    pub status: u16,
    pub title: String,
    pub detail: String,
    /// To quote when asking for help.
    pub request_id: Option<String>,
    /// Label and address of the way on.
    pub action: Option<(String, String)>,
}

impl Problem {
    fn frame(&self) -> Frame {
        Frame::bare(format!("Error: {}", self.title), Section::Elsewhere)
    }

    /// A page that is not there, or that the reader may not see.
    #[must_use]
    pub fn not_found() -> Self {
        Self {
            status: 404,
            title: "There is nothing here".to_owned(),
            detail: "The address is wrong, the thing is gone, or it belongs to a team that you are not in."
                .to_owned(),
            request_id: None,
            action: Some(("All projects".to_owned(), "/projects".to_owned())),
        }
    }

    /// A list that takes too long; `here` is the same page, its filter kept.
    #[must_use]
    pub fn too_wide(here: &str) -> Self {
        Self {
            status: 503,
            title: "This is too wide".to_owned(),
            detail: "The answer took longer than two seconds. Narrow the filter and try again.".to_owned(),
            request_id: None,
            action: Some(("Try again".to_owned(), here.to_owned())),
        }
    }

    #[must_use]
    pub fn sample() -> Self {
        Self {
            request_id: Some("01JDC9Z6Q1".to_owned()),
            ..Self::not_found()
        }
    }
}

//! Setting the license of a package: what a reviewer found out, for whom, for which versions.

use clock::Timestamp;

use super::rows::sample_now;
use crate::layout::{Frame, Section};
use crate::links;

page!("conclude.html", Conclude);

/// The form, with what was concluded before.
#[derive(Clone, Debug, Default)]
pub struct Conclude {
    /// The component's package URL.
    pub purl: String,
    /// What documents say of its license.
    pub stated: Option<String>,
    /// The project that the reader came from.
    pub project: Option<String>,
    /// `pkg:npm/foo@<2.0.0`, as it is proposed or was typed.
    pub pattern: String,
    pub license: String,
    pub reason: String,
    /// Whether it is for all projects.
    pub everywhere: bool,
    /// What is wrong, each with the id of its field.
    pub errors: Vec<(String, String)>,
    pub earlier: Vec<Earlier>,
}

/// A conclusion that counts already.
#[derive(Clone, Debug)]
pub struct Earlier {
    pub id: String,
    pub purl: String,
    pub license: String,
    pub reason: String,
    pub author: String,
    pub at: Timestamp,
    /// `None` for all projects.
    pub project: Option<String>,
}

impl Conclude {
    fn frame(&self) -> Frame {
        let error = if self.errors.is_empty() { "" } else { "Error: " };
        Frame::new(
            format!("{error}Set a license"),
            Section::Licenses,
            "/v1/licenses/conclusions",
        )
    }

    pub(crate) fn is_wrong(&self, field: &str) -> bool {
        self.errors.iter().any(|(wrong, _)| wrong == field)
    }

    pub(crate) fn back(&self) -> String {
        match &self.project {
            Some(project) => format!("{}/licenses", links::project(project)),
            None => "/licenses".to_owned(),
        }
    }

    #[must_use]
    pub fn sample() -> Self {
        Self {
            purl: "pkg:npm/mupdf@1.3.0".to_owned(),
            stated: Some("SEE LICENSE IN LICENSE.md".to_owned()),
            project: Some("platform/payments-api".to_owned()),
            pattern: "pkg:npm/mupdf@1.3.0".to_owned(),
            everywhere: true,
            earlier: vec![Earlier {
                id: "0193f0aa-0000-7000-8000-000000000009".to_owned(),
                purl: "pkg:npm/mupdf@<1.3.0".to_owned(),
                license: "AGPL-3.0-or-later".to_owned(),
                reason: "Read COPYING in the archive.".to_owned(),
                author: "Mara Kettunen".to_owned(),
                at: sample_now().plus_days(-90),
                project: None,
            }],
            ..Self::default()
        }
    }

    /// The form was sent without a license that is known.
    #[must_use]
    pub fn sample_error() -> Self {
        Self {
            license: "AGLP-3.0".to_owned(),
            errors: vec![
                (
                    "license".to_owned(),
                    "`AGLP-3.0` is no id on the SPDX list".to_owned(),
                ),
                (
                    "reason".to_owned(),
                    "say in 1 to 4000 bytes how you know".to_owned(),
                ),
            ],
            ..Self::sample()
        }
    }
}

//! Policies: which there are, what extends what, and who is judged by them.

use clock::Timestamp;

use super::rows::sample_now;
use crate::layout::{Frame, Section};
use crate::{links, text};

page!("policies.html", Policies);

/// All policies.
#[derive(Clone, Debug, Default)]
pub struct Policies {
    pub rows: Vec<PolicyRow>,
    /// Teams with a policy of their own, and its name.
    pub teams: Vec<(String, String)>,
    pub may_edit: bool,
}

/// One policy.
#[derive(Clone, Debug)]
pub struct PolicyRow {
    pub name: String,
    /// 0 for the built-in default.
    pub revision: u64,
    pub extends: Option<String>,
    pub reason: String,
    pub author: String,
    pub changed_at: Option<Timestamp>,
}

impl PolicyRow {
    pub(crate) fn href(&self) -> String {
        links::policy(&self.name)
    }

    pub(crate) fn revision_words(&self) -> String {
        if self.revision == 0 {
            "built in".to_owned()
        } else {
            format!("revision {}", text::number(self.revision))
        }
    }
}

impl Policies {
    fn frame(&self) -> Frame {
        Frame::new("Policies", Section::Policies, "/v1/policies")
    }

    #[must_use]
    pub fn sample() -> Self {
        let row = |name: &str, revision, extends: Option<&str>| PolicyRow {
            name: name.to_owned(),
            revision,
            extends: extends.map(str::to_owned),
            reason: "Criticals must be fixed within a week".to_owned(),
            author: "Mara Kettunen".to_owned(),
            changed_at: Some(sample_now().plus_days(-3)),
        };
        Self {
            rows: vec![
                row("default", 0, None),
                row("hosted", 7, Some("default")),
                row("payments", 2, Some("hosted")),
            ],
            teams: vec![("platform".to_owned(), "hosted".to_owned())],
            may_edit: true,
        }
    }
}

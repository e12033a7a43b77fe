//! The badge of a project: its key, and what to paste.

use clock::Timestamp;

use super::header::ProjectHeader;
use super::rows::sample_now;
use crate::filters;
use crate::layout::{Frame, Section};

page!("badge.html", Badge);

/// The page.
#[derive(Clone, Debug, Default)]
pub struct Badge {
    pub header: ProjectHeader,
    /// `https://plumbline.example.org`, without a slash at the end.
    pub host: String,
    /// Who made the key that is there, and when.
    pub made: Option<(String, Timestamp)>,
    /// The key that was just made: shown on this answer only.
    pub fresh: Option<String>,
    /// Whether the reader may make and take back keys.
    pub may_change: bool,
}

impl Badge {
    fn frame(&self) -> Frame {
        Frame::bare(format!("Badge · {}", self.header.short_name()), Section::Projects)
    }

    fn picture(&self, key: &str) -> String {
        let name = crate::links::path(&self.header.name);
        format!(
            "{}/badges/{name}.svg?key={}",
            self.host,
            crate::links::segment(key)
        )
    }

    /// The same, for this page itself.
    pub(crate) fn preview(&self, key: &str) -> String {
        let name = crate::links::path(&self.header.name);
        format!("/badges/{name}.svg?key={}", crate::links::segment(key))
    }

    fn page(&self) -> String {
        format!("{}{}", self.host, crate::links::project(&self.header.name))
    }

    pub(crate) fn markdown(&self, key: &str) -> String {
        format!("[![gate]({})]({})", self.picture(key), self.page())
    }

    pub(crate) fn html(&self, key: &str) -> String {
        format!(
            "<a href=\"{}\"><img src=\"{}\" alt=\"gate\"></a>",
            self.page(),
            self.picture(key)
        )
    }

    #[must_use]
    pub fn sample() -> Self {
        Self {
            header: ProjectHeader::sample(),
            host: "https://plumbline.example.org".to_owned(),
            made: Some(("Mara Kettunen".to_owned(), sample_now().plus_days(-40))),
            fresh: None,
            may_change: true,
        }
    }

    #[must_use]
    pub fn sample_fresh() -> Self {
        Self {
            fresh: Some("plbb_EXAMPLE_not_a_real_key".to_owned()),
            ..Self::sample()
        }
    }

    #[must_use]
    pub fn sample_none() -> Self {
        Self {
            made: None,
            ..Self::sample()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_pasted_leads_to_the_project_and_carries_the_badge_s_key_only() {
        let badge = Badge::sample();
        assert_eq!(
            badge.markdown("plbb_x"),
            "[![gate](https://plumbline.example.org/badges/platform/payments-api.svg?key=plbb_x)]\
             (https://plumbline.example.org/projects/platform/payments-api)"
        );
        assert!(badge.html("plbb_x").contains("alt=\"gate\""));
    }
}

//! How each number on a page is computed (ux.md §5): one number, one definition, linked from the number.

use crate::layout::{Frame, Section};
use crate::metrics::Metric;

page!("definitions.html", Definitions);

/// The page; it has no data.
#[derive(Clone, Copy, Debug, Default)]
pub struct Definitions;

impl Definitions {
    #[expect(clippy::unused_self, reason = "every view says its frame")]
    fn frame(self) -> Frame {
        Frame::bare("How each number is computed", Section::Elsewhere)
    }

    #[expect(clippy::unused_self, reason = "templates reach data through the view")]
    pub(crate) fn all(self) -> &'static [Metric] {
        Metric::ALL
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::views::{portfolio::Portfolio, project::Project, report::Report};

    #[test]
    fn every_number_that_is_shown_is_defined() {
        let mut tiles = Portfolio::sample().tiles();
        tiles.extend(Project::sample().checked.unwrap().tiles());
        tiles.extend(Report::sample().answers.tiles());
        assert_eq!(tiles.len(), 14);
        for tile in tiles {
            assert!(
                Metric::ALL
                    .iter()
                    .any(|metric| metric.anchor() == tile.definition),
                "{}",
                tile.label
            );
        }
    }
}

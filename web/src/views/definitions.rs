//! How each number on a page is computed (ux.md §5): one number, one definition, linked from the number.

use crate::layout::{Frame, Section};

page!("definitions.html", Definitions);

/// The page; it has no data.
#[derive(Clone, Copy, Debug, Default)]
pub struct Definitions;

/// One number.
pub(crate) struct Definition {
    pub anchor: &'static str,
    pub name: &'static str,
    pub text: &'static str,
}

const DEFINITIONS: [Definition; 11] = [
    Definition {
        anchor: "finding",
        name: "Finding",
        text: "One group of advisories that speak of the same vulnerability, in one version of one component, on one branch of one project. However many paths lead to the component, it is one finding. Numbers over several projects count tracked branches only: the default branch and those marked as released.",
    },
    Definition {
        anchor: "open",
        name: "Open findings",
        text: "Vulnerabilities and malware that were there at that moment and had not ended; notices about packages (unmaintained, unsound) are listed with them but counted apart. A waived finding is open, because the risk is still there, but does not block. One that is not affected, or was a false alarm, is closed with that reason. Severity is counted as it was known on each day, so that a later score does not rewrite last month.",
    },
    Definition {
        anchor: "new-and-fixed",
        name: "New and fixed",
        text: "By ISO week, UTC. New: findings that opened in the week and were not open the day before. Fixed: findings that ended in the week because the component or its version changed. One that goes on in another version, or at another severity, is neither. The current week is marked as unfinished.",
    },
    Definition {
        anchor: "time-to-fix",
        name: "Time to fix",
        text: "From the first day a finding was seen to the day it was fixed, for those fixed in the window. A finding that its advisory took back, or that could no longer be checked, is left out. Half and nine tenths are shown; with fewer than five fixes, none of them.",
    },
    Definition {
        anchor: "past-sla",
        name: "Past SLA",
        text: "Open findings whose due day is over. The due day is the day the finding was first seen plus the time that the policy gives its severity: 7, 30, 90 and 180 days unless the policy says otherwise. A waiver does not move the day.",
    },
    Definition {
        anchor: "fixed-within-sla",
        name: "Fixed within SLA",
        text: "Findings fixed in the window by their due day, among all that were fixed in the window and all that are still open past their due day. Without the latter, a team would look better by never fixing.",
    },
    Definition {
        anchor: "age",
        name: "Age of open findings",
        text: "Days since a finding was first seen: up to 7, 8 to 30, 31 to 90, over 90. A finding that comes back keeps its first day.",
    },
    Definition {
        anchor: "fixable",
        name: "Fixable now",
        text: "Open findings for which a released version exists that clears the finding and that no known finding affects.",
    },
    Definition {
        anchor: "coverage",
        name: "Coverage and freshness",
        text: "Checked components are those whose package and version are known, whose ecosystem a loaded feed covers, and for which every record could be decided. The rest is undetermined, never clean. A project is fresh when a tracked branch sent an SBOM in the last 14 days, ageing up to 30, stale after that.",
    },
    Definition {
        anchor: "gates-failing",
        name: "Gates failing",
        text: "Projects of which a tracked branch's newest build has the verdict fail. The page, the API, the command line and the badge show the verdict of one function.",
    },
    Definition {
        anchor: "urgency",
        name: "Most urgent first",
        text: "Known exploited findings first, then by severity, then by the probability of exploitation (EPSS).",
    },
];

impl Definitions {
    #[expect(clippy::unused_self, reason = "every view says its frame")]
    fn frame(self) -> Frame {
        Frame::bare("How each number is computed", Section::Elsewhere)
    }

    #[expect(clippy::unused_self, reason = "templates reach data through the view")]
    pub(crate) fn all(self) -> &'static [Definition] {
        &DEFINITIONS
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::views::{portfolio::Portfolio, project::Project};

    #[test]
    fn every_number_that_is_shown_is_defined() {
        let mut tiles = Portfolio::sample().tiles();
        tiles.extend(Project::sample().checked.unwrap().tiles());
        assert_eq!(tiles.len(), 10);
        for tile in tiles {
            assert!(
                DEFINITIONS
                    .iter()
                    .any(|definition| definition.anchor == tile.definition),
                "{}",
                tile.label
            );
        }
    }
}

//! By when findings should be fixed, where the policy sets no time of its own.

use advisories::Severity;

use super::{Tab, tabs};
use crate::filters;
use crate::layout::{Frame, Section};
use crate::parts::BANDS;

page!("settings_sla.html", Sla);

/// The table of deadlines.
#[derive(Clone, Debug, Default)]
pub struct Sla {
    /// Days by severity; `None` where nobody has to fix by a day.
    pub defaults: Vec<(Severity, Option<i64>)>,
    /// Policies that set times of their own.
    pub policies: Vec<PolicyTimes>,
}

/// The times that one policy sets, in the order of [`BANDS`] without the unknown ones.
#[derive(Clone, Debug)]
pub struct PolicyTimes {
    pub policy: String,
    pub days: [Option<u32>; 4],
}

impl Sla {
    #[expect(clippy::unused_self, reason = "every view says its frame")]
    fn frame(&self) -> Frame {
        Frame::bare("SLA", Section::Elsewhere)
    }

    #[expect(clippy::unused_self, reason = "templates reach data through the view")]
    pub(crate) fn tabs(&self) -> Vec<Tab> {
        tabs("sla")
    }

    #[expect(clippy::unused_self, reason = "templates reach data through the view")]
    pub(crate) fn bands(&self) -> Vec<Severity> {
        BANDS.into_iter().take(4).collect()
    }

    #[must_use]
    pub fn sample() -> Self {
        Self {
            defaults: BANDS
                .into_iter()
                .zip([Some(7), Some(30), Some(90), Some(180), None])
                .collect(),
            policies: vec![PolicyTimes {
                policy: "hosted-services".to_owned(),
                days: [Some(3), Some(14), None, None],
            }],
        }
    }

    /// No policy sets times.
    #[must_use]
    pub fn sample_default() -> Self {
        Self {
            policies: Vec::new(),
            ..Self::sample()
        }
    }
}

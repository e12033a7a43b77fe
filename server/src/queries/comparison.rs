//! Two builds of one project side by side, for the API and the page.

use audit::{Difference, Report, diff};
use store::builds::Build;
use store::db::Session;
use store::projects::{self, Reference};
use store::verdicts;

use super::builds::judged;
use crate::documents::on_reader;
use crate::problem::Problem;
use crate::state::Service;

/// One of the two builds.
#[derive(Debug)]
pub(crate) struct Side {
    pub build: Build,
    pub reference: Reference,
    pub report: Report,
}

/// Two builds and what differs between them.
#[derive(Debug)]
pub(crate) struct Comparison {
    pub from: Side,
    pub to: Side,
    pub difference: Difference,
}

impl Comparison {
    /// Reads both reports and compares them off the threads that serve.
    pub async fn load(
        service: &Service,
        session: &mut Session,
        from: Build,
        to: Build,
    ) -> Result<Self, Problem> {
        let from = Side::load(session, from).await?;
        let to = Side::load(session, to).await?;
        on_reader(service, move || {
            Ok(Self {
                difference: diff(&from.report, &to.report),
                from,
                to,
            })
        })
        .await
    }
}

impl Side {
    async fn load(session: &mut Session, build: Build) -> Result<Self, Problem> {
        Ok(Self {
            report: verdicts::report(session, judged(&build)?).await?.report,
            reference: projects::reference_by_id(session, build.reference_id).await?,
            build,
        })
    }
}

//! Decisions of people: waivers and words about findings. The API and the pages do the same here.

pub(crate) mod badges;
pub(crate) mod licenses;
pub(crate) mod pins;
pub(crate) mod policies;
pub(crate) mod simulation;
pub(crate) mod tokens;
pub(crate) mod triage;
pub(crate) mod vex;
pub(crate) mod waivers;
pub(crate) mod webhooks;

use audit::Conclusion;
use policy::{StatedVex, Waiver};
use store::db::Session;
use store::projects::Project;

use crate::problem::Problem;

/// Everything that was decided for a project, as an audit takes it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Decisions {
    pub waivers: Vec<Waiver>,
    pub statements: Vec<StatedVex>,
    pub conclusions: Vec<Conclusion>,
}

impl Decisions {
    /// What counts for a project.
    pub async fn of(session: &mut Session, project: &Project) -> Result<Self, Problem> {
        Ok(Self {
            waivers: store::waivers::of_project(session, project.id).await?,
            statements: store::statements::of_project(session, project.id).await?,
            conclusions: store::conclusions::of_project(session, project.id).await?,
        })
    }
}

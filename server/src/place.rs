//! Where in a project a page or a list is: the project, one of its refs, and the build that is that ref's state.

use clock::Timestamp;
use store::builds::{self, Build};
use store::db::Session;
use store::findings::list::{self, Scope};
use store::projects::{self, Project, Reference};
use web::views::header::{BuildMark, ProjectHeader};

use crate::auth::Access;
use crate::extract;
use crate::problem::Problem;

/// Refs that the menu of a page names.
const MOST_REFERENCES: i64 = 30;

/// A project with the ref that is looked at.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub project: Project,
    /// `None` for the default ref of a project that has sent nothing yet.
    pub reference: Option<Reference>,
    /// The newest finished build of the ref: its state.
    pub build: Option<Build>,
}

impl Place {
    /// The project of this name, at the asked ref or else its default one, if the caller may see it.
    pub async fn load(
        session: &mut Session,
        access: &Access,
        name: &str,
        asked: Option<&str>,
    ) -> Result<Self, Problem> {
        let project = extract::project(session, access, name).await?;
        let wanted = asked.unwrap_or(&project.default_ref);
        let mut reference = projects::reference(session, project.id, wanted).await?;
        if reference.is_none() && wanted != project.default_ref {
            return Err(Problem::not_found("such ref in the project"));
        }
        if reference.is_none() && asked.is_none() {
            // Nothing came for the default ref: better another one than nothing.
            reference = projects::references(session, project.id, 1).await?.pop();
        }
        let build = match reference.as_ref().and_then(|reference| reference.build_id) {
            Some(id) => builds::find(session, id).await?,
            None => None,
        };
        Ok(Self {
            project,
            reference,
            build,
        })
    }

    /// The name of the ref.
    pub fn reference_name(&self) -> &str {
        self.reference
            .as_ref()
            .map_or(&self.project.default_ref, |reference| &reference.name)
    }

    /// The same, with the newest build of the ref in whatever state where none is finished yet.
    pub async fn or_newest(mut self, session: &mut Session) -> Result<Self, store::Error> {
        if let (None, Some(reference)) = (&self.build, &self.reference) {
            self.build = builds::newest_any(session, self.project.id, &reference.name).await?;
        }
        Ok(self)
    }

    /// Where its findings are looked for.
    pub fn scope(&self) -> Scope {
        Scope::References(self.reference.iter().map(|reference| reference.id).collect())
    }

    /// Whether at least a part of the build was checked; without that, no count is a count.
    pub fn is_checked(&self) -> bool {
        self.build.as_ref().is_some_and(|build| build.evaluated > 0)
    }

    /// What stands above every page of the project.
    pub async fn header(&self, session: &mut Session) -> Result<ProjectHeader, store::Error> {
        let open: i64 = list::severities(session, &self.scope())
            .await?
            .iter()
            .map(|(_, count)| count)
            .sum();
        let references = projects::references(session, self.project.id, MOST_REFERENCES).await?;
        let here = self.reference_name().to_owned();
        Ok(ProjectHeader {
            name: self.project.name.clone(),
            is_default_reference: here == self.project.default_ref,
            other_references: references
                .into_iter()
                .map(|reference| reference.name)
                .filter(|name| *name != here)
                .collect(),
            reference: here,
            build: self.build.as_ref().map(build_mark),
            findings: self.is_checked().then(|| unsigned(open)),
            components: self.build.as_ref().map(|build| unsigned(build.components)),
        })
    }
}

fn build_mark(build: &Build) -> BuildMark {
    let tools = build.tool_list();
    let format = if tools.is_empty() {
        build.format.clone()
    } else {
        format!("{} from {}", build.format, tools.join(", "))
    };
    BuildMark {
        number: unsigned(build.number),
        id: build.uuid.clone(),
        commit: build.commit_id.as_deref().map(short_commit),
        at: Timestamp::from_millis(build.created_at),
        format,
    }
}

/// Enough of a commit to recognise it.
pub(crate) fn short_commit(commit: &str) -> String {
    commit.chars().take(7).collect()
}

/// A count from the store, which is never negative.
pub(crate) fn unsigned(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}

//! The head of every page below a project: which branch it is about, and the build that is its state.

use clock::Timestamp;
use store::builds::{self, Build};
use store::db::Session;
use store::portfolio;
use store::projects::{self, Project, Reference};
use web::views::header::{BuildMark, ProjectHeader};

use super::numbers::{is_checked, unsigned};
use crate::auth::Access;
use crate::extract;
use crate::problem::Problem;

/// Other branches in the menu.
const MOST_REFERENCES: i64 = 50;

/// A project, seen on one of its branches.
pub(crate) struct Head {
    pub project: Project,
    /// The branch, where a build has made it.
    pub reference: Option<Reference>,
    /// Tracked ones first, then the newest; the chosen one is among them unless there are very many.
    pub references: Vec<Reference>,
    /// The newest finished build of the branch, else its newest one.
    pub build: Option<Build>,
    pub header: ProjectHeader,
}

/// Loads what a page about `name` begins with; `reference` is what `?ref=` says.
pub(crate) async fn load(
    session: &mut Session,
    access: &Access,
    name: &str,
    reference: Option<&str>,
    now: Timestamp,
) -> Result<Head, Problem> {
    let project = extract::project(session, access, name).await?;
    let references = projects::references(session, project.id, MOST_REFERENCES).await?;
    let chosen = choose(session, &project, &references, reference).await?;
    let build = match &chosen {
        Some(chosen) => state(session, &project, chosen).await?,
        None => None,
    };
    let open = match (&chosen, &build) {
        (Some(chosen), Some(build)) if is_checked(build) => {
            let open = portfolio::open_by_reference(session, &[chosen.id], now).await?;
            Some(open.get(&chosen.id).map_or(0, |open| open.counts.total()))
        }
        _ => None,
    };
    let shown = chosen
        .as_ref()
        .map_or(project.default_ref.as_str(), |chosen| chosen.name.as_str());
    let header = ProjectHeader {
        name: project.name.clone(),
        reference: shown.to_owned(),
        is_default_reference: shown == project.default_ref,
        other_references: others(&references, shown),
        build: build.as_ref().map(mark),
        findings: open,
        components: build.as_ref().map(|build| unsigned(build.components)),
    };
    Ok(Head {
        project,
        reference: chosen,
        references,
        build,
        header,
    })
}

/// The branch that was asked for, else the default one, else whichever has sent something.
async fn choose(
    session: &mut Session,
    project: &Project,
    references: &[Reference],
    asked: Option<&str>,
) -> Result<Option<Reference>, Problem> {
    let wanted = asked.unwrap_or(&project.default_ref);
    let listed = references.iter().find(|reference| reference.name == wanted);
    let found = match listed {
        Some(reference) => Some(reference.clone()),
        None => projects::reference(session, project.id, wanted).await?,
    };
    match (found, asked) {
        (Some(found), _) => Ok(Some(found)),
        // The default branch may be named before anything was sent for it.
        (None, Some(asked)) if asked != project.default_ref => Err(Problem::not_found("such branch")),
        (None, Some(_)) => Ok(None),
        (None, None) => Ok(references.first().cloned()),
    }
}

async fn state(
    session: &mut Session,
    project: &Project,
    reference: &Reference,
) -> Result<Option<Build>, Problem> {
    Ok(match reference.build_id {
        Some(id) => builds::find(session, id).await?,
        None => builds::newest_any(session, project.id, &reference.name).await?,
    })
}

fn others(references: &[Reference], shown: &str) -> Vec<String> {
    references
        .iter()
        .map(|reference| reference.name.clone())
        .filter(|name| name != shown)
        .collect()
}

fn mark(build: &Build) -> BuildMark {
    let tools = build.tool_list();
    BuildMark {
        number: unsigned(build.number),
        id: build.uuid.clone(),
        commit: build.commit_id.as_deref().map(short_commit),
        at: Timestamp::from_millis(build.created_at),
        format: match tools.first() {
            Some(tool) => format!("{} from {tool}", build.format),
            None => build.format.clone(),
        },
    }
}

/// As people say a commit: its first twelve characters.
pub(crate) fn short_commit(commit: &str) -> String {
    commit.chars().take(12).collect()
}

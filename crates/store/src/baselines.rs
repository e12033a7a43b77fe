//! What a build is compared with when only new findings matter (`gate.md` §7).

use policy::{Baseline, Policy};

use crate::Error;
use crate::builds::{self, Build};
use crate::db::Session;
use crate::projects::{self, Project};
use crate::verdicts;

/// The baseline's findings; `None` when there is no baseline. `asked` stands in for
/// what the upload asked for.
pub async fn findings(
    session: &mut Session,
    build: &Build,
    project: &Project,
    policy: &Policy,
    asked: Option<&str>,
) -> Result<Option<Baseline>, Error> {
    let asked = asked
        .or(build.baseline.as_deref())
        .or_else(|| by_custom(build, policy));
    let Some(asked) = asked else {
        return Ok(None);
    };
    let found = find(session, asked, build, project).await?;
    let Some(verdict) = found.and_then(|baseline| baseline.verdict_id) else {
        return Ok(None);
    };
    let report = verdicts::report(session, verdict).await?.report;
    Ok(Some(report.findings.iter().collect()))
}

/// A pull request is compared with the default branch; others only when the policy asks for what is new.
fn by_custom(build: &Build, policy: &Policy) -> Option<&'static str> {
    match build.channel.as_str() {
        "pr" => Some("default"),
        _ if policy.vulnerability.only_new => Some("previous"),
        _ => None,
    }
}

/// The build that a word names: `previous`, `default`, `branch:NAME`, `release:last` or `build:ID`.
pub async fn find(
    session: &mut Session,
    asked: &str,
    build: &Build,
    project: &Project,
) -> Result<Option<Build>, Error> {
    let found = match asked.split_once(':').unwrap_or((asked, "")) {
        ("previous", _) => builds::previous(session, build.reference_id, build.number).await?,
        ("default", _) => state_of(session, project, &project.default_ref).await?,
        ("branch", name) => state_of(session, project, name).await?,
        ("release", _) => builds::newest_release(session, project.id, build.number).await?,
        ("build", id) => builds::by_uuid(session, id)
            .await?
            .filter(|found| found.project_id == project.id),
        // Refused when the build was made; a word of a later version is no baseline.
        _ => None,
    };
    Ok(found.filter(|found| found.id != build.id))
}

async fn state_of(session: &mut Session, project: &Project, name: &str) -> Result<Option<Build>, Error> {
    let reference = projects::reference(session, project.id, name).await?;
    match reference.and_then(|reference| reference.build_id) {
        Some(id) => Ok(builds::find(session, id).await?),
        None => Ok(None),
    }
}

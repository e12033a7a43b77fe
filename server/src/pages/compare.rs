//! Two builds of a project side by side.

use audit::{ComponentChange, FindingClosed, LicenseChange, PackageVersion, Resolution};
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use clock::Timestamp;
use inventory::Purl;
use serde::Deserialize;
use store::builds::{self, Build};
use store::db::Session;
use store::projects::Project;
use web::links;
use web::views::compare::{self, Changed, Closed, Compare, Cut, Opened, Version};
use web::views::header::ProjectHeader;
use web::views::list::Choice;
use web::views::rows::FindingRow;

use super::build::why_words;
use super::numbers::{how_many, outcome_in};
use super::{below_project, page, see_other};
use crate::auth::Visitor;
use crate::extract::{Path, ProjectName, Query};
use crate::place::{Place, unsigned};
use crate::problem::Problem;
use crate::queries;
use crate::queries::comparison::{Comparison, Side};
use crate::state::Service;

/// Builds that can be chosen from; any other pair has its address, too.
const MOST_CHOICES: i64 = 50;
/// Builds of the ref among which the last green one is looked for.
const MOST_LOOKED_AT: i64 = 200;
/// Findings that the page lists of each kind; all of them are in the JSON.
const MOST_FINDINGS: usize = 200;
/// Packages that the page lists of each kind.
const MOST_PACKAGES: usize = 30;

pub(crate) fn routes() -> Router<Service> {
    below_project("/compare", &get(choose)).merge(below_project("/compare/{range}", &get(one)))
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Chosen {
    from: Option<String>,
    to: Option<String>,
    #[serde(rename = "ref")]
    reference: Option<String>,
}

/// To the pair that was chosen; by itself, the last green build of the ref and its newest one.
async fn choose(
    State(service): State<Service>,
    visitor: Visitor,
    ProjectName(name): ProjectName,
    Query(chosen): Query<Chosen>,
) -> Result<Response, Problem> {
    let mut session = service.database.read().await?;
    let place = Place::load(&mut session, &visitor, &name, chosen.reference.as_deref()).await?;
    let project = &place.project;
    let to = match &chosen.to {
        Some(text) => queries::builds::named(&mut session, project, text).await?,
        None => queries::builds::newest(&mut session, project, place.reference_name()).await?,
    };
    let from = match &chosen.from {
        Some(text) => queries::builds::named(&mut session, project, text).await?,
        None => last_green(&mut session, project, &to).await?,
    };
    let to = links::compare(&project.name, unsigned(from.number), unsigned(to.number));
    Ok(see_other(&service.settings, &to, None))
}

/// The newest build before this one that was let out, else the one before, else the build itself.
async fn last_green(session: &mut Session, project: &Project, to: &Build) -> Result<Build, Problem> {
    let reference = Some(to.reference_id);
    let earlier = builds::page(session, project.id, reference, Some(to.number), MOST_LOOKED_AT).await?;
    let judged = || earlier.iter().filter(|build| build.verdict_id.is_some());
    let green = judged().find(|build| matches!(build.outcome.as_deref(), Some("pass" | "warn")));
    Ok(green.or_else(|| judged().next()).unwrap_or(to).clone())
}

#[derive(Debug, Deserialize)]
struct Range {
    range: String,
}

async fn one(
    State(service): State<Service>,
    visitor: Visitor,
    ProjectName(name): ProjectName,
    Path(Range { range }): Path<Range>,
) -> Result<Response, Problem> {
    let (from, to) = range
        .split_once("...")
        .ok_or_else(|| Problem::not_found("such pair of builds; it is written 1833...1842"))?;
    let mut session = service.database.read().await?;
    let project = crate::extract::project(&mut session, &visitor, &name).await?;
    let from = queries::builds::named(&mut session, &project, from).await?;
    let to = queries::builds::named(&mut session, &project, to).await?;
    let found = Comparison::load(&service, &mut session, from, to).await?;
    let recent = builds::page(&mut session, project.id, None, None, MOST_CHOICES).await?;
    let place = Place::load(&mut session, &visitor, &name, Some(&found.to.reference.name)).await?;
    let header = place.header(&mut session).await?;
    let view = view(header, &recent, &found);
    Ok(page(&service.settings, view.render(&visitor.shell)))
}

/// Recent builds that have a verdict, and the one that is looked at.
fn choices(recent: &[Build], side: &Side) -> Vec<Choice> {
    let mut numbers: Vec<(i64, Option<&str>)> = recent
        .iter()
        .filter(|build| build.verdict_id.is_some())
        .map(|build| (build.number, build.version.as_deref()))
        .collect();
    if !numbers.iter().any(|(number, _)| *number == side.build.number) {
        numbers.push((side.build.number, side.build.version.as_deref()));
    }
    let label = |number: i64, version: Option<&str>| match version {
        Some(version) => format!("#{number}, {version}"),
        None => format!("#{number}"),
    };
    numbers
        .into_iter()
        .map(|(number, version)| {
            let chosen = number == side.build.number;
            Choice::new(&number.to_string(), &label(number, version), chosen)
        })
        .collect()
}

fn view(header: ProjectHeader, recent: &[Build], found: &Comparison) -> Compare {
    let Comparison { from, to, difference } = found;
    let opened = difference.introduced.len();
    let open_now = to.report.findings.len();
    Compare {
        header,
        from_choices: choices(recent, from),
        to_choices: choices(recent, to),
        from: side(from),
        to: side(to),
        unchanged: how_many(open_now.saturating_sub(opened)),
        opened: difference
            .introduced
            .iter()
            .take(MOST_FINDINGS)
            .map(|opened| Opened {
                row: FindingRow::from_finding(&opened.finding),
                cause: opened.cause,
            })
            .collect(),
        closed: closed(&difference.fixed),
        unknown: closed(&difference.unknown),
        added: cut(&difference.added, version),
        removed: cut(&difference.removed, version),
        changed: cut(&difference.changed, changed),
        licenses: cut(&difference.licenses, license),
    }
}

fn side(side: &Side) -> compare::Side {
    compare::Side {
        number: unsigned(side.build.number),
        id: side.build.uuid.clone(),
        reference: side.reference.name.clone(),
        at: Timestamp::from_millis(side.build.created_at),
        outcome: outcome_in(&side.build.status, side.build.outcome.as_deref()),
    }
}

fn closed(findings: &[FindingClosed]) -> Vec<Closed> {
    findings
        .iter()
        .take(MOST_FINDINGS)
        .map(|closed| Closed {
            row: FindingRow::from_finding(&closed.finding),
            why: resolution(closed.resolution),
        })
        .collect()
}

fn resolution(resolution: Resolution) -> String {
    match resolution {
        Resolution::ComponentRemoved => "the component is gone".to_owned(),
        Resolution::VersionChanged => "the component's version changed".to_owned(),
        Resolution::AdvisoryChanged => {
            "the advisory was withdrawn or changed; your code did not change".to_owned()
        }
        Resolution::ProductChanged => "the product itself changed".to_owned(),
        Resolution::NoLongerChecked(why) => format!("not checked: {}", why_words(why)),
    }
}

fn cut<A, B>(all: &[A], row: fn(&A) -> B) -> Cut<B> {
    Cut {
        shown: all.iter().take(MOST_PACKAGES).map(row).collect(),
        total: how_many(all.len()),
    }
}

fn version(package: &PackageVersion) -> Version {
    Version {
        name: package.name.clone(),
        version: package.version.clone().unwrap_or_default(),
        purl: package.purl.clone().unwrap_or_default(),
    }
}

fn changed(change: &ComponentChange) -> Changed {
    Changed {
        name: change.name.clone(),
        from: change.from.join(", "),
        to: change.to.join(", "),
        step: step(change).unwrap_or_default().to_owned(),
    }
}

/// How big the step is, of a package that had one version and has another.
fn step(change: &ComponentChange) -> Option<&'static str> {
    let ([from], [to]) = (change.from.as_slice(), change.to.as_slice()) else {
        return None;
    };
    let purl: Purl = change.purl.as_deref()?.parse().ok()?;
    let ecosystem = ecosystems::by_purl(purl.kind(), purl.namespace())?;
    if ecosystem.key(to).ok()? < ecosystem.key(from).ok()? {
        return Some("down");
    }
    ecosystem.step(from, to).map(|step| match step {
        ecosystems::Step::Patch => "patch",
        ecosystems::Step::Minor => "minor",
        ecosystems::Step::Major => "major",
    })
}

fn license(change: &LicenseChange) -> compare::LicenseChange {
    let words = |licenses: &[String]| {
        if licenses.is_empty() {
            "none stated".to_owned()
        } else {
            licenses.join(", ")
        }
    };
    compare::LicenseChange {
        name: change.name.clone(),
        before: words(&change.before),
        after: words(&change.after),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_told_of_one_version_and_another() {
        let change = |from: &[&str], to: &[&str]| ComponentChange {
            name: "qs".to_owned(),
            purl: Some("pkg:npm/qs".to_owned()),
            from: from.iter().map(ToString::to_string).collect(),
            to: to.iter().map(ToString::to_string).collect(),
        };
        assert_eq!(step(&change(&["6.7.0"], &["6.7.3"])), Some("patch"));
        assert_eq!(step(&change(&["6.7.3"], &["6.7.0"])), Some("down"));
        assert_eq!(step(&change(&["6.7.3"], &["7.0.0"])), Some("major"));
        assert_eq!(step(&change(&["6.7.3", "5.0.0"], &["7.0.0"])), None);
        assert_eq!(step(&change(&["left"], &["right"])), None);
    }
}

//! One build: what was sent, what was read from it, how much of it could be checked.

use std::collections::BTreeMap;

use audit::{ComponentStatus, Report, WhyNotChecked};
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use clock::Timestamp;
use inventory::Inventory;
use store::builds::{self, Build as StoredBuild};
use store::{inventories, projects, verdicts};
use web::parts::Coverage;
use web::views::build::{Build, Document, EcosystemCoverage, Progress};
use web::views::header::ProjectHeader;

use super::numbers::coverage;
use super::{below_project, page, project};
use crate::auth::Visitor;
use crate::extract::{Path, ProjectName};
use crate::place::{Place, short_commit, unsigned};
use crate::problem::Problem;
use crate::queries::quality;
use crate::state::Service;

/// Notices that the page shows; all of them are counted.
const MOST_NOTICES: usize = 100;

pub(crate) fn routes() -> Router<Service> {
    below_project("/builds/{number}", &get(build))
}

/// The other part of the path.
#[derive(serde::Deserialize)]
struct Number {
    number: i64,
}

async fn build(
    State(service): State<Service>,
    visitor: Visitor,
    ProjectName(name): ProjectName,
    Path(Number { number }): Path<Number>,
) -> Result<Response, Problem> {
    let mut session = service.database.read().await?;
    let project = crate::extract::project(&mut session, &visitor, &name).await?;
    let build = builds::by_number(&mut session, project.id, number)
        .await?
        .ok_or_else(|| Problem::not_found("such build"))?;
    let reference = projects::reference_by_id(&mut session, build.reference_id).await?;
    let place = Place::load(&mut session, &visitor, &name, Some(&reference.name)).await?;
    let place = place.or_newest(&mut session).await?;
    let header = place.header(&mut session).await?;
    let report = match build.verdict_id {
        Some(verdict) => Some(verdicts::report(&mut session, verdict).await?.report),
        None => None,
    };
    let inventory = inventories::load(&mut session, build.inventory_id)
        .await?
        .inventory;
    let size = builds::document_size(&mut session, &build.document_digest).await?;
    let document = document(&build, &inventory, unsigned(size.unwrap_or(0)));
    let quality = quality::of_build(&mut session, &build).await?;
    let mut view = view(header, &build, reference.name, report.as_ref(), document);
    view.quality = Some(quality);
    Ok(page(&service.settings, view.render(&visitor.shell)))
}

fn view(
    header: ProjectHeader,
    build: &StoredBuild,
    reference: String,
    report: Option<&Report>,
    document: Document,
) -> Build {
    let components = report.map_or(&[][..], |report| &report.components);
    let mut notices = build.notice_list();
    let notice_count = u64::try_from(notices.len()).unwrap_or(u64::MAX);
    notices.truncate(MOST_NOTICES);
    Build {
        header,
        number: unsigned(build.number),
        id: build.uuid.clone(),
        reference,
        channel: build.channel.clone(),
        version: build.version.clone(),
        commit: build.commit_id.as_deref().map(short_commit),
        at: Timestamp::from_millis(build.created_at),
        who: Some(who(&build.actor)).filter(|who| !who.is_empty()),
        progress: progress(build),
        gate: report.map(|report| project::gate_card(build, Some(report), None)),
        document,
        coverage: report.map(|_| coverage(build)),
        quality: None,
        ecosystems: ecosystems(components),
        unchecked: unchecked(components),
        notices,
        notice_count,
    }
}

/// `token:ci-payments` as `token ci-payments`.
fn who(actor: &str) -> String {
    actor.replacen(':', " ", 1)
}

fn progress(build: &StoredBuild) -> Progress {
    match build.status.as_str() {
        "queued" => Progress::Queued,
        "running" => {
            let progress = build.stage_progress();
            // A resolution finds out on its way what else it needs; a share of that would jump back and forth.
            let percent = progress.as_ref().filter(|_| build.stage != "resolve");
            Progress::Running {
                percent: percent.map(store::sources::Progress::percent),
                stage: stage_words(&build.stage, progress),
            }
        }
        "failed" => Progress::Failed {
            error: build.error.clone().unwrap_or_else(|| {
                "It could not be checked. Please tell whoever runs this service.".to_owned()
            }),
        },
        _ => Progress::Done,
    }
}

fn stage_words(stage: &str, progress: Option<store::sources::Progress>) -> String {
    match (stage, progress) {
        ("read", _) => "Being opened".to_owned(),
        ("fetch", _) => "Being fetched".to_owned(),
        ("discover", _) => "Lockfiles and manifests are being read".to_owned(),
        ("resolve", Some(progress)) => {
            let what = progress.what.unwrap_or_default();
            let (done, total) = (progress.done, progress.total);
            format!("Resolving {what}, {done} of {total} documents from registries so far")
        }
        ("resolve", None) => "Manifests are being resolved".to_owned(),
        ("match", _) => "Being compared with advisories".to_owned(),
        ("judge", _) => "Being judged by the policy".to_owned(),
        ("audit", _) => "Waiting to be checked".to_owned(),
        (other, _) => format!("Being checked: {other}"),
    }
}

fn document(build: &StoredBuild, inventory: &Inventory, bytes: u64) -> Document {
    Document {
        format: build.is_read().then(|| build.format.clone()),
        tools: build.tool_list(),
        sha256: build.document_digest.clone(),
        bytes,
        complete: inventory.complete,
        dependencies: u64::try_from(inventory.edges.len())
            .ok()
            .filter(|_| build.is_read()),
    }
}

/// By ecosystem, the largest first; what is no package is not there to be checked.
fn ecosystems(components: &[ComponentStatus]) -> Vec<EcosystemCoverage> {
    let mut counted = BTreeMap::<&str, Coverage>::new();
    for component in components.iter().filter(|component| is_package(component)) {
        let name = component.ecosystem.as_deref().unwrap_or("of no known ecosystem");
        let coverage = counted.entry(name).or_default();
        coverage.components += 1;
        coverage.checked += u64::from(component.checked);
    }
    let mut rows: Vec<EcosystemCoverage> = counted
        .into_iter()
        .map(|(name, coverage)| EcosystemCoverage {
            name: name.to_owned(),
            coverage,
        })
        .collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.coverage.components));
    rows
}

fn is_package(component: &ComponentStatus) -> bool {
    component.why_not != Some(WhyNotChecked::NotAPackage)
}

/// Why components were not checked, the most frequent reason first.
fn unchecked(components: &[ComponentStatus]) -> Vec<(String, u64)> {
    let mut counted = BTreeMap::<WhyNotChecked, u64>::new();
    for why in components.iter().filter_map(|component| component.why_not) {
        *counted.entry(why).or_default() += 1;
    }
    let mut rows: Vec<(String, u64)> = counted
        .into_iter()
        .map(|(why, count)| (why_words(why).to_owned(), count))
        .collect();
    rows.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    rows
}

pub(super) const fn why_words(why: WhyNotChecked) -> &'static str {
    match why {
        WhyNotChecked::NotAPackage => {
            "no package (a file, an operating system), so there is nothing to check"
        }
        WhyNotChecked::NoPurl => "the document gives no purl, so it is not known what it is",
        WhyNotChecked::NoVersion => "the document gives no version",
        WhyNotChecked::UnsupportedEcosystem => "its ecosystem is not supported yet",
        WhyNotChecked::FeedNotLoaded => "no advisory feed for its ecosystem is loaded",
        WhyNotChecked::ReleaseUnknown => "nothing says which release of its distribution it is from",
        WhyNotChecked::OwnedByPackage => "a package of the distribution installed it and speaks for it",
        WhyNotChecked::NotFromDefaultRegistry => {
            "not from the public registry, so public advisories do not speak of it"
        }
        WhyNotChecked::Undetermined => "an advisory could not be decided for its version",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn component(ecosystem: &str, why_not: Option<WhyNotChecked>) -> ComponentStatus {
        ComponentStatus {
            component: 0,
            purl: None,
            name: "left-pad".to_owned(),
            version: None,
            ecosystem: Some(ecosystem.to_owned()),
            scope: inventory::Scope::Required,
            direct: None,
            license: None,
            license_origin: None,
            checked: why_not.is_none(),
            why_not,
        }
    }

    #[test]
    fn coverage_counts_packages_by_ecosystem_and_says_why_not_all() {
        let components = [
            component("npm", None),
            component("npm", Some(WhyNotChecked::NoVersion)),
            component("npm", Some(WhyNotChecked::NoVersion)),
            component("PyPI", None),
            component("file", Some(WhyNotChecked::NotAPackage)),
        ];
        let shown: Vec<_> = ecosystems(&components)
            .into_iter()
            .map(|row| (row.name, row.coverage.checked, row.coverage.components))
            .collect();
        assert_eq!(shown, [("npm".to_owned(), 1, 3), ("PyPI".to_owned(), 1, 1)]);
        let reasons: Vec<u64> = unchecked(&components)
            .into_iter()
            .map(|(_, count)| count)
            .collect();
        assert_eq!(reasons, [2, 1]);
    }
}

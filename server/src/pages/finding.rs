//! One finding.

use advisories::osv::Record;
use advisories::{Doubt, UndeterminedReason};
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use clock::Timestamp;
use policy::Cause;
use store::db::Session;
use store::findings::detail::{Detail, Span};
use store::findings::{cause_of, notes, severity_of};
use web::views::finding::{Finding, HistoryEntry, RecordRow};
use web::views::rows::{self, cause_words};
use web::{links, parts};

use super::decide::{self, DecisionForm};
use super::findings::{command, state};
use super::page;
use super::waivers::who;
use crate::auth::Visitor;
use crate::extract::Path;
use crate::place::unsigned;
use crate::problem::Problem;
use crate::queries;
use crate::state::Service;

/// Web addresses that a finding shows.
const MOST_REFERENCES: usize = 30;

pub(crate) fn routes() -> Router<Service> {
    Router::new().route("/findings/{id}", get(one))
}

async fn one(
    State(service): State<Service>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let mut session = service.database.read().await?;
    let detail = queries::findings::one(&mut session, &visitor, &id).await?;
    let view = whole(&service, &mut session, &visitor, detail, None).await?;
    Ok(page(&service.settings, view.render(&visitor.shell)))
}

/// The page again, with the form as it was sent and what is wrong with it.
pub(super) async fn refused(
    service: &Service,
    visitor: &Visitor,
    detail: Detail,
    form: &DecisionForm,
    problem: &Problem,
) -> Result<Response, Problem> {
    let mut session = service.database.read().await?;
    let view = whole(service, &mut session, visitor, detail, Some((form, problem))).await?;
    let mut response = page(&service.settings, view.render(&visitor.shell));
    *response.status_mut() = problem.status;
    Ok(response)
}

async fn whole(
    service: &Service,
    session: &mut Session,
    visitor: &Visitor,
    detail: Detail,
    sent: Option<(&DecisionForm, &Problem)>,
) -> Result<Finding, Problem> {
    let (row, project) = (detail.listed.finding.id, detail.listed.finding.project_id);
    let references = references(session, &detail).await?;
    let notes = notes::of_finding(session, row).await?;
    let state = state(&detail.listed)?;
    // What was decided says nothing of a finding that is gone for another reason.
    let holds = !matches!(
        state,
        rows::State::Fixed | rows::State::Closed | rows::State::Open
    );
    let others = visitor.project.is_none().then_some(detail.other_projects);
    let mut view = Finding {
        state,
        references,
        other_projects: others.filter(|others| *others > 0).map(unsigned),
        ..view(detail)?
    };
    view.history.extend(notes.into_iter().map(note));
    view.history.sort_by_key(|entry| std::cmp::Reverse(entry.at));
    view.decided = decide::decided(&view.facts).filter(|_| holds);
    view.decide = decide::form(visitor, project, &view.facts, service.now(), sent);
    Ok(view)
}

fn note(note: notes::Note) -> HistoryEntry {
    HistoryEntry {
        at: Timestamp::from_millis(note.at),
        who: Some(who(&note.actor)),
        text: if note.kind == "comment" {
            format!("Comment: {}", note.text)
        } else {
            note.text
        },
    }
}

fn view(detail: Detail) -> Result<Finding, Problem> {
    let listed = detail.listed;
    let mut facts = listed.finding.body()?;
    facts.id.clone_from(&listed.finding.uuid);
    facts.first_seen = Some(Timestamp::from_millis(listed.finding.opened_at));
    facts.due = listed.finding.due_at.map(Timestamp::from_millis);
    let records = detail.evidence.map(|found| found.evidence.records);
    Ok(Finding {
        command: command(&facts),
        build: detail.build.map(unsigned),
        state: web::views::rows::State::Open,
        epss_percentile: listed.finding.probability.0.map(|score| score.percentile),
        also_clears: detail.also_clears,
        latest: None,
        other_projects: None,
        records: records
            .unwrap_or_default()
            .into_iter()
            .map(|record| RecordRow {
                id: record.id,
                modified: record.modified,
                says_affected: record.affected,
                range: record.range,
                doubt: record.doubt.map(|doubt| doubt_words(&doubt)),
            })
            .collect(),
        references: Vec::new(),
        history: history(&detail.spans),
        decided: None,
        decide: None,
        previous: detail.worse.as_deref().map(links::finding),
        next: detail.less.as_deref().map(links::finding),
        project: listed.project,
        reference: listed.reference,
        facts,
    })
}

fn doubt_words(doubt: &Doubt) -> String {
    let why = match doubt.reason {
        UndeterminedReason::NoVersion => "the component has no version",
        UndeterminedReason::UnparseableVersion => "the version cannot be read",
        UndeterminedReason::UnparseableEvent => "a bound of its range cannot be read",
        UndeterminedReason::RangeNotDeclaredExact => "the component names a range, not a version",
        UndeterminedReason::UnsupportedEcosystem => "versions of the ecosystem cannot be compared",
        UndeterminedReason::GitOnly => "it speaks of commits only",
        UndeterminedReason::ReleaseUnknown => "nothing says which release of its distribution it is from",
    };
    if doubt.detail.is_empty() {
        why.to_owned()
    } else {
        format!("{why}: {}", doubt.detail)
    }
}

/// Web addresses from the stored records of the alias group, the shown one first.
async fn references(session: &mut Session, detail: &Detail) -> Result<Vec<String>, Problem> {
    let Some(evidence) = &detail.evidence else {
        return Ok(Vec::new());
    };
    let mut addresses = Vec::new();
    for stored in store::advisories::records(session, &evidence.ids).await? {
        let Ok(record) = Record::parse(&stored.record) else {
            continue;
        };
        for reference in record.references {
            if !addresses.contains(&reference.url) {
                addresses.push(reference.url);
            }
        }
    }
    addresses.truncate(MOST_REFERENCES);
    Ok(addresses)
}

/// The spans as a reader follows them, newest first.
fn history(spans: &[Span]) -> Vec<HistoryEntry> {
    let mut entries: Vec<HistoryEntry> = spans.iter().flat_map(events).collect();
    entries.reverse();
    entries
}

fn events(span: &Span) -> impl Iterator<Item = HistoryEntry> + use<> {
    let severity = parts::word(severity_of(span.severity)).to_lowercase();
    let cause = cause_of(&span.cause).map_or("the cause was not recorded", cause_words);
    let who = advisory_of(span).map(|id| format!(" ({id})")).unwrap_or_default();
    let opened = (
        span.opened_at,
        format!("Open at severity {severity}: {cause}{who}."),
    );
    let closed = span.closed_at.map(|at| (at, close_sentence(span)));
    std::iter::once(opened)
        .chain(closed)
        .map(|(at, text)| HistoryEntry {
            at: Timestamp::from_millis(at),
            who: None,
            text,
        })
}

/// The advisory that opened a span, where one did.
fn advisory_of(span: &Span) -> Option<&str> {
    let by_advisory = matches!(
        cause_of(&span.cause),
        Some(Cause::AdvisoryPublished | Cause::AdvisoryChanged)
    );
    Some(span.cause_detail.as_str()).filter(|detail| by_advisory && !detail.is_empty())
}

fn close_sentence(span: &Span) -> String {
    let reason = span.close_reason.as_deref().unwrap_or_default();
    let words = close_words(reason);
    let detail = span.close_detail.as_deref().filter(|detail| !detail.is_empty());
    match (reason, detail) {
        ("retracted", Some(detail)) => format!("Closed: {words}; {detail}."),
        ("rescored", Some(id)) => format!("Rated anew by {id}: {words}."),
        ("rescored", None) => format!("Rated anew: {words}."),
        ("fixed" | "moved", Some(version)) => format!("Closed: {words} ({version})."),
        _ => format!("Closed: {words}."),
    }
}

fn close_words(reason: &str) -> &'static str {
    match reason {
        "fixed" => "the package is there in a version that is not affected",
        "removed" => "the package is gone",
        "retracted" => "no advisory says it of this version any more",
        "moved" => "another version of the package has it now, as old as this one",
        "unchecked" => "what is there now could not be checked, so whether it still holds is not known",
        "rescored" => "it goes on at another severity",
        "not_affected" => "somebody decided that it does not affect the product",
        "false_positive" => "somebody decided that it is a false positive",
        "said_fixed" => "somebody said that it is fixed",
        _ => "the reason was not recorded",
    }
}

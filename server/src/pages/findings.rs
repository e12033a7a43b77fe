//! Findings of the portfolio, or of one project.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use policy::DecisionState;
use store::db::Session;
use store::findings::list::{self, Checked, ListedFinding, Scope};
use store::findings::severity_of;
use store::tokens::Action;
use web::parts::{Coverage, SeverityCounts};
use web::views::findings::{Bulk, Findings};
use web::views::list::{Choice, Exports, Pager, Total};
use web::views::rows::{FindingRow, State as RowState, Why};

use super::{below_project, page};
use crate::auth::{Access, Visitor, may};
use crate::extract::{self, Fields, ProjectName};
use crate::place::unsigned;
use crate::problem::Problem;
use crate::queries::findings::{FindingPage, FindingQuery};
use crate::state::Service;

/// How long many findings at once are tolerated, if nobody says otherwise.
const BULK_DAYS: i64 = 30;

pub(crate) fn routes() -> Router<Service> {
    Router::new()
        .route("/findings", get(everywhere))
        .merge(below_project("/findings", &get(of_project)))
}

async fn everywhere(
    State(service): State<Service>,
    visitor: Visitor,
    fields: Fields,
) -> Result<Response, Problem> {
    let mut session = service.database.read().await?;
    let echo = fields.clone();
    let query = FindingQuery::read(fields)?;
    let (query, scope) = query.everywhere(&mut session, &visitor).await?;
    let found = query.page(&mut session, &scope).await?;
    let counts = counts(&mut session, &scope, found.checked).await?;
    let view = Findings {
        counts,
        exports: Exports::of("/v1/findings", &echo.with_cursor(None)),
        bulk: bulk(&visitor, None, service.now()),
        ..view(&query, &found, &echo, "/findings", true)?
    };
    Ok(page(&service.settings, view.render(&visitor.shell)))
}

async fn of_project(
    State(service): State<Service>,
    visitor: Visitor,
    ProjectName(name): ProjectName,
    fields: Fields,
) -> Result<Response, Problem> {
    let mut session = service.database.read().await?;
    let echo = fields.clone();
    let query = FindingQuery::read(fields)?;
    let (query, place) = query.within(&mut session, &visitor, &name).await?;
    let scope = place.scope();
    let found = query.page(&mut session, &scope).await?;
    let counts = counts(&mut session, &scope, found.checked).await?;
    let header = place.header(&mut session).await?;
    let action = format!("{}/findings", web::links::project(&header.name));
    let api = format!("{}/findings", web::links::api_project(&header.name));
    let view = Findings {
        counts,
        exports: Exports::of(&api, &echo.with_cursor(None)),
        header: Some(header),
        bulk: bulk(&visitor, Some(place.project.id), service.now()),
        ..view(&query, &found, &echo, &action, false)?
    };
    Ok(page(&service.settings, view.render(&visitor.shell)))
}

/// The form below a list, for those who may decide about what is in it.
fn bulk(access: &Access, project: Option<i64>, now: clock::Timestamp) -> Option<Bulk> {
    may(access, Action::Triage, project.or(access.project)).then(|| Bulk {
        until: policy::Day::of(now.plus_days(BULK_DAYS)).to_string(),
    })
}

/// Open findings by band; `None` where nothing was checked, because then none is not zero.
pub(super) async fn counts(
    session: &mut Session,
    scope: &Scope,
    checked: Checked,
) -> Result<Option<SeverityCounts>, store::Error> {
    if checked.evaluated == 0 {
        return Ok(None);
    }
    let rows = list::severities(session, scope).await?;
    Ok(Some(band_counts(
        rows.into_iter()
            .map(|(code, count)| (severity_of(code), unsigned(count))),
    )))
}

/// Counts by band; what is rated as *none* stands with the low ones, as in a verdict.
pub(super) fn band_counts(counts: impl IntoIterator<Item = (advisories::Severity, u64)>) -> SeverityCounts {
    use advisories::Severity;
    let mut bands = SeverityCounts::default();
    for (severity, count) in counts {
        let band = match severity {
            Severity::Critical => &mut bands.critical,
            Severity::High => &mut bands.high,
            Severity::Medium => &mut bands.medium,
            Severity::Low | Severity::None => &mut bands.low,
            Severity::Unknown => &mut bands.unknown,
        };
        *band = band.saturating_add(count);
    }
    bands
}

fn view(
    query: &FindingQuery,
    found: &FindingPage,
    echo: &Fields,
    action: &str,
    across: bool,
) -> Result<Findings, Problem> {
    let rows = found
        .rows
        .iter()
        .map(|listed| row(listed, across))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Findings {
        query: query.filter.text.clone().unwrap_or_default(),
        severities: query.severities.clone(),
        states: vec![
            Choice::new("", "Open", !query.filter.closed),
            Choice::new("closed", "No longer open", query.filter.closed),
        ],
        fixable_only: query.filter.fixable == Some(true),
        direct_only: query.filter.direct == Some(true),
        exploited_only: query.filter.kev == Some(true),
        why: found.rows.first().map(why).transpose()?,
        pager: pager(
            rows.len(),
            found.total,
            query.paging.after.is_some(),
            found.next.as_deref(),
            echo,
            action,
        ),
        coverage: Coverage {
            checked: unsigned(found.checked.evaluated),
            components: unsigned(found.checked.components),
        },
        rows,
        ..Findings::default()
    })
}

/// Where the reader is in a list, with links that keep its filter.
pub(super) fn pager(
    shown: usize,
    total: extract::Total,
    later: bool,
    next: Option<&str>,
    echo: &Fields,
    action: &str,
) -> Pager {
    let link = |cursor: Option<&str>| match echo.with_cursor(cursor) {
        query if query.is_empty() => action.to_owned(),
        query => format!("{action}?{query}"),
    };
    Pager {
        shown: u64::try_from(shown).unwrap_or(u64::MAX),
        total: Total {
            value: unsigned(total.value),
            at_least: total.relation == "gte",
        },
        first: later.then(|| link(None)),
        previous: None,
        next: next.map(|next| link(Some(next))),
    }
}

pub(super) fn row(listed: &ListedFinding, across: bool) -> Result<FindingRow, store::Error> {
    let body = listed.finding.body()?;
    Ok(FindingRow {
        id: listed.finding.uuid.clone(),
        first_seen: Some(clock::Timestamp::from_millis(listed.finding.opened_at)),
        due: listed.finding.due_at.map(clock::Timestamp::from_millis),
        state: state_of(
            listed.finding.closed_at.is_some(),
            listed.finding.close_reason.as_deref(),
            &body,
        ),
        project: across.then(|| listed.project.clone()),
        ..FindingRow::from_finding(&body)
    })
}

/// What is to be said of a finding: what was decided about it, or that it is open or closed.
pub(super) fn state(listed: &ListedFinding) -> Result<RowState, store::Error> {
    let row = &listed.finding;
    Ok(state_of(
        row.closed_at.is_some(),
        row.close_reason.as_deref(),
        &row.body()?,
    ))
}

/// The same for a finding as an audit reports it.
pub(super) fn state_of(closed: bool, reason: Option<&str>, finding: &policy::Finding) -> RowState {
    if closed {
        return match reason {
            Some("not_affected") => RowState::NotAffected,
            Some("false_positive") => RowState::FalsePositive,
            Some("fixed" | "said_fixed") => RowState::Fixed,
            _ => RowState::Closed,
        };
    }
    let Some(decision) = &finding.decision else {
        return RowState::Open;
    };
    match decision.state {
        DecisionState::AcceptedRisk | DecisionState::FixPending => {
            RowState::Waived(decision.until.map(|day| day.to_string()))
        }
        DecisionState::NotAffected => RowState::NotAffected,
        DecisionState::FalsePositive => RowState::FalsePositive,
        DecisionState::Fixed => RowState::Fixed,
        DecisionState::Affected => RowState::Affected,
        DecisionState::UnderInvestigation => RowState::InTriage,
    }
}

pub(super) fn why(listed: &ListedFinding) -> Result<Why, store::Error> {
    let body = listed.finding.body()?;
    let root = listed.project.rsplit('/').next().unwrap_or(&listed.project);
    Ok(Why {
        command: command(&body),
        first_seen: Some(clock::Timestamp::from_millis(listed.finding.opened_at)),
        ..Why::from_finding(&body, root, &listed.reference)
    })
}

/// What to type to be rid of a finding, where the product names the component itself.
pub(super) fn command(finding: &policy::Finding) -> Option<String> {
    let version = finding.fix.version.as_ref()?;
    let ecosystem = ecosystems::by_name(&finding.component.ecosystem)?;
    let command = ecosystem.upgrade_command(&finding.component.name, version);
    (finding.component.direct == Some(true) && !command.is_empty()).then_some(command)
}

//! All projects, the most urgent first.

use std::fmt::Write as _;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use clock::Timestamp;
use serde::Deserialize;
use store::portfolio::{self, ProjectStanding, STALE_DAYS};
use store::projects::{self, Project, ProjectFilter};
use web::links::segment;
use web::views::list::{Choice, Exports, Pager, Total};
use web::views::projects::{ProjectRow, Projects};

use super::numbers::{outcome_in, severity_counts};
use super::page;
use crate::auth::Visitor;
use crate::extract::{Paging, Query};
use crate::place::unsigned;
use crate::problem::Problem;
use crate::state::Service;

/// Projects are counted up to here.
const MOST_COUNTED: i64 = 10_000;

/// What the gate may be asked to be, and how it is called.
const GATES: [(&str, &str); 6] = [
    ("", "Any gate"),
    ("fail", "Fail"),
    ("indeterminate", "Undecided"),
    ("warn", "Warn"),
    ("pass", "Pass"),
    ("none", "No verdict yet"),
];

pub(crate) fn routes() -> Router<Service> {
    Router::new().route("/projects", get(projects))
}

/// The filter as the form sends it: what is left empty is not asked for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Asked {
    q: String,
    team: String,
    tag: String,
    gate: String,
    stale: bool,
    cursor: Option<String>,
    limit: Option<i64>,
}

impl Asked {
    fn filter(&self, only: Option<i64>, now: Timestamp) -> ProjectFilter {
        ProjectFilter {
            text: given(&self.q),
            team: given(&self.team),
            tag: given(&self.tag),
            gate: given(&self.gate),
            only,
            silent_since: self.stale.then(|| now.plus_days(-STALE_DAYS).millis()),
        }
    }

    fn is_filter(&self) -> bool {
        self.stale
            || [&self.q, &self.team, &self.tag, &self.gate]
                .iter()
                .any(|text| !text.trim().is_empty())
    }

    /// The filter as a query, without a question mark.
    fn query(&self) -> String {
        let mut query = String::new();
        for (name, value) in [
            ("q", &self.q),
            ("team", &self.team),
            ("tag", &self.tag),
            ("gate", &self.gate),
        ] {
            if !value.is_empty() {
                let _ = write!(query, "&{name}={}", segment(value));
            }
        }
        query.trim_start_matches('&').to_owned()
    }

    /// The filter as this page takes it; the API knows no `stale`.
    fn page_query(&self) -> String {
        let stale = if self.stale { "&stale=true" } else { "" };
        format!("{}{stale}", self.query())
            .trim_start_matches('&')
            .to_owned()
    }
}

/// What was typed, unless nothing was.
pub(crate) fn given(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

async fn projects(
    State(service): State<Service>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let now = service.now();
    let paging = Paging::<(i64, i64)>::new(asked.cursor.as_deref(), asked.limit)?;
    let filter = asked.filter(visitor.project, now);
    let mut session = service.database.read().await?;
    let mut rows = projects::page(&mut session, &filter, paging.after, paging.rows()).await?;
    let next = paging.finish(&mut rows, |project| (project.urgency, project.id));
    let all = projects::total(&mut session).await?;
    let teams = projects::teams(&mut session).await?;
    let ids: Vec<i64> = rows.iter().map(|project| project.id).collect();
    let standings = portfolio::rows(&mut session, &ids, now).await?;
    let shown: Vec<ProjectRow> = rows
        .iter()
        .zip(&standings)
        .map(|(project, standing)| project_row(project, standing, now))
        .collect();
    let view = Projects {
        query: asked.q.clone(),
        teams: team_choices(&teams, &asked.team),
        gates: choices(&GATES, &asked.gate),
        stale_only: asked.stale,
        pager: pager(&asked, shown.len(), next.as_deref(), all),
        exports: Exports {
            json: format!("/v1/projects?{}", asked.query())
                .trim_end_matches('?')
                .to_owned(),
            csv: None,
        },
        rows: shown,
        all: unsigned(all),
    };
    Ok(page(&service.settings, view.render(&visitor.shell)))
}

fn pager(asked: &Asked, shown: usize, next: Option<&str>, all: i64) -> Pager {
    let shown = u64::try_from(shown).unwrap_or(u64::MAX);
    let query = asked.page_query();
    let with = |cursor: &str| {
        format!(
            "/projects?{query}{}cursor={cursor}",
            if query.is_empty() { "" } else { "&" }
        )
    };
    let total = if asked.is_filter() {
        Total {
            value: shown,
            // What is filtered is not counted: there are these, and perhaps more.
            at_least: next.is_some() || asked.cursor.is_some(),
        }
    } else {
        Total {
            value: unsigned(all.min(MOST_COUNTED)),
            at_least: all > MOST_COUNTED,
        }
    };
    Pager {
        shown,
        total,
        first: asked
            .cursor
            .as_ref()
            .map(|_| format!("/projects?{query}").trim_end_matches('?').to_owned()),
        previous: None,
        next: next.map(with),
    }
}

/// `All teams`, then each.
pub(crate) fn team_choices(teams: &[String], chosen: &str) -> Vec<Choice> {
    let all = Choice::new("", "All teams", chosen.is_empty());
    let each = teams.iter().map(|team| Choice::new(team, team, team == chosen));
    std::iter::once(all).chain(each).collect()
}

fn choices(all: &[(&str, &str)], chosen: &str) -> Vec<Choice> {
    all.iter()
        .map(|(value, label)| Choice::new(value, label, *value == chosen))
        .collect()
}

/// One row of a list of projects.
pub(crate) fn project_row(project: &Project, standing: &ProjectStanding, now: Timestamp) -> ProjectRow {
    let outcome = match (&standing.outcome, &standing.newest_status) {
        (Some(word), _) => Some(outcome_in("succeeded", Some(word))),
        // Something was sent, but not for the default branch, or it was not audited (yet).
        (None, Some(status)) => Some(outcome_in(status, None)),
        (None, None) => None,
    };
    ProjectRow {
        name: project.name.clone(),
        tags: project.tag_list(),
        outcome,
        counts: standing.open.map(severity_counts),
        change_30_days: standing.change_30_days,
        past_due: standing.past_due,
        last_build: standing.newest,
        stale: standing
            .newest
            .is_some_and(|(_, at)| at < now.plus_days(-STALE_DAYS)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filter_stays_in_the_addresses_of_the_pages() {
        let asked = Asked {
            q: "a&b".to_owned(),
            stale: true,
            ..Asked::default()
        };
        let pager = pager(&asked, 50, Some("KEY"), 120);
        assert_eq!(
            pager.next.as_deref(),
            Some("/projects?q=a%26b&stale=true&cursor=KEY")
        );
        assert_eq!(pager.total.words(), "more than 50");
        let plain = super::pager(&Asked::default(), 50, Some("KEY"), 120);
        assert_eq!(plain.next.as_deref(), Some("/projects?cursor=KEY"));
        assert_eq!(plain.total.words(), "120");
    }
}

//! The OSV API's own paths, answered from the store with our matcher.
//!
//! Two things differ from osv.dev, both so that silence never means *clean*: an ecosystem without a loaded feed is an
//! error, and what could not be decided, for a version or for a commit, is listed as `undetermined` beside the others.

mod question;

use std::collections::BTreeMap;

use advisories::{Entry, Installed, MatchResult, UndeterminedReason, match_in_release};
use axum::extract::State;
use clock::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use store::db::Session;
use store::{components, feeds, matches};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::extract::Json;
use crate::problem::{Fault, Problem, ProblemDocument};
use crate::state::Service;
use question::{PackageQuestion, Question};

pub(crate) fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new()
        .routes(routes!(query))
        .routes(routes!(query_batch))
}

/// Queries of one batch, as osv.dev allows.
const MOST_QUERIES: usize = 1_000;
/// Whole records of one answer.
const MOST_RECORDS: usize = 200;
/// Ids of one answer within a batch.
const MOST_IDS: usize = 1_000;

/// One question.
#[derive(Clone, Debug, Deserialize, ToSchema)]
struct Query {
    /// Always undetermined: the feeds speak of versions.
    #[serde(default)]
    commit: Option<String>,
    #[serde(default)]
    version: Option<String>,
    #[serde(default)]
    package: Option<Package>,
    /// `next_page_token` of the answer before.
    #[serde(default)]
    page_token: Option<String>,
}

/// A package, by ecosystem and name or by purl.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
struct Package {
    #[serde(default)]
    ecosystem: Option<String>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    purl: Option<String>,
}

#[derive(Clone, Debug, Deserialize, ToSchema)]
struct Batch {
    queries: Vec<Query>,
}

/// Whole records that affect what was asked about.
#[derive(Debug, Serialize, ToSchema)]
struct Answer {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<Object>)]
    vulns: Vec<Box<RawValue>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    undetermined: Vec<Open>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_page_token: Option<String>,
}

/// Records that affect what was asked about, by id.
#[derive(Debug, Serialize, ToSchema)]
struct ShortAnswer {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    vulns: Vec<ShortRecord>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    undetermined: Vec<Open>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_page_token: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
struct ShortRecord {
    id: String,
    #[schema(value_type = String, format = DateTime)]
    modified: Timestamp,
}

/// Records about which nothing can be said for the version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
struct Open {
    ids: Vec<String>,
    #[schema(value_type = String)]
    reason: UndeterminedReason,
    /// What could not be read.
    detail: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct BatchAnswer {
    /// In the order of the queries.
    results: Vec<ShortAnswer>,
}

/// The records that affect a version, or all live records of a package when no version is given
#[utoipa::path(
    post, path = "/v1/query", tag = "advisories",
    request_body = Query,
    responses(
        (status = 200, body = Answer),
        (status = 400, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 503, body = ProblemDocument, content_type = "application/problem+json", description = "No feed of the ecosystem is loaded"),
    )
)]
async fn query(
    State(service): State<Service>,
    _: Caller,
    Json(query): Json<Query>,
) -> Result<axum::Json<Answer>, Problem> {
    let mut session = service.database.read().await?;
    let question = Question::read(&query, "")?;
    let answered = answer(&mut session, vec![question], MOST_RECORDS).await?;
    let Some(short) = answered.into_iter().next() else {
        return Err(Problem::internal());
    };
    let ids: Vec<String> = short.vulns.into_iter().map(|record| record.id).collect();
    let records = store::advisories::records(&mut session, &ids).await?;
    let vulns = records.into_iter().map(|stored| raw(stored.record));
    Ok(axum::Json(Answer {
        vulns: vulns.collect::<Result<_, _>>()?,
        undetermined: short.undetermined,
        next_page_token: short.next_page_token,
    }))
}

/// A stored record as it is, without reading it.
fn raw(record: Vec<u8>) -> Result<Box<RawValue>, Problem> {
    let text = String::from_utf8(record).map_err(|_| Problem::internal())?;
    RawValue::from_string(text).map_err(|error| {
        tracing::error!(error = %error, "a stored advisory is no JSON; the caller was told that it is our defect");
        Problem::internal()
    })
}

/// The ids of the records that affect each of up to 1,000 versions
#[utoipa::path(
    post, path = "/v1/querybatch", tag = "advisories",
    request_body = Batch,
    responses(
        (status = 200, body = BatchAnswer),
        (status = 400, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 503, body = ProblemDocument, content_type = "application/problem+json", description = "No feed of some ecosystem is loaded"),
    )
)]
async fn query_batch(
    State(service): State<Service>,
    _: Caller,
    Json(batch): Json<Batch>,
) -> Result<axum::Json<BatchAnswer>, Problem> {
    if batch.queries.len() > MOST_QUERIES {
        return Err(Problem::bad_request(format!(
            "A batch has at most {MOST_QUERIES} queries."
        )));
    }
    let questions = (0..)
        .zip(&batch.queries)
        .map(|(index, query)| Question::read(query, &format!("/queries/{index}")));
    let questions = questions.collect::<Result<Vec<_>, _>>()?;
    let mut session = service.database.read().await?;
    let results = answer(&mut session, questions, MOST_IDS).await?;
    Ok(axum::Json(BatchAnswer { results }))
}

/// Answers all questions with a constant number of statements.
async fn answer(
    session: &mut Session,
    questions: Vec<Question>,
    limit: usize,
) -> Result<Vec<ShortAnswer>, Problem> {
    let covered = feeds::covered(session).await?;
    refuse_uncovered(&questions, &covered)?;
    let asked = questions.iter().filter_map(Question::package);
    let names: Vec<(String, String)> = asked.map(PackageQuestion::names).collect();
    let packages = components::packages(session, &names).await?;
    let ids: Vec<i64> = packages.values().copied().collect();
    let entries = matches::entries(session, &ids).await?;
    let matched = tokio::task::spawn_blocking(move || {
        let nothing = Vec::new();
        let of = |question: &PackageQuestion| {
            let package = packages.get(&question.names());
            package.and_then(|id| entries.get(id)).unwrap_or(&nothing)
        };
        questions
            .iter()
            .map(|question| match question {
                Question::Package(question) => short_answer(question, of(question), limit),
                Question::Commit(commit) => of_commit(commit),
            })
            .collect()
    });
    matched.await.map_err(|_| Problem::internal())
}

/// An ecosystem that nothing is known about cannot be answered for.
fn refuse_uncovered(questions: &[Question], covered: &[String]) -> Result<(), Problem> {
    let covers = |name: &str| covered.iter().any(|feed| feed.split(':').next() == Some(name));
    let faults: Vec<Fault> = questions
        .iter()
        .filter_map(Question::package)
        .filter(|question| !covers(question.ecosystem.name()))
        .map(|question| {
            let name = question.ecosystem.name();
            Fault::at(
                &question.place("/package"),
                format!("no feed for {name} is loaded"),
            )
        })
        .collect();
    if faults.is_empty() {
        return Ok(());
    }
    Err(Problem {
        errors: faults,
        slug: "feed-not-loaded",
        title: "No feed for the ecosystem is loaded",
        ..Problem::busy("Nothing was checked: an empty answer would look clean. Load the feed and ask again.")
    })
}

/// Records about commits are kept, but the histories that would decide them are not.
fn of_commit(commit: &str) -> ShortAnswer {
    ShortAnswer {
        vulns: Vec::new(),
        undetermined: vec![Open {
            ids: Vec::new(),
            reason: UndeterminedReason::GitOnly,
            detail: commit.chars().take(64).collect(),
        }],
        next_page_token: None,
    }
}

fn short_answer(question: &PackageQuestion, entries: &[Entry], limit: usize) -> ShortAnswer {
    let result = match &question.version {
        Some(version) => match_in_release(
            question.ecosystem,
            entries,
            &Installed {
                version,
                release: question.release.as_deref(),
                ..Installed::default()
            },
        ),
        None => MatchResult::default(),
    };
    let modified: BTreeMap<&str, Timestamp> = entries
        .iter()
        .map(|entry| (entry.id.as_str(), entry.modified))
        .collect();
    let affecting: BTreeMap<&str, Timestamp> = match &question.version {
        Some(_) => result
            .affected
            .iter()
            .flat_map(|group| &group.evidence.records)
            .filter(|record| record.affected)
            .filter_map(|record| modified.get_key_value(record.id.as_str()))
            .map(|(id, at)| (*id, *at))
            .collect(),
        None => entries
            .iter()
            .filter(|entry| !entry.withdrawn)
            .map(|entry| (entry.id.as_str(), entry.modified))
            .collect(),
    };
    let mut vulns: Vec<ShortRecord> = affecting
        .into_iter()
        .filter(|(id, _)| question.after.as_deref().is_none_or(|after| *id > after))
        .take(limit.saturating_add(1))
        .map(|(id, modified)| ShortRecord {
            id: id.to_owned(),
            modified,
        })
        .collect();
    let more = vulns.len() > limit;
    vulns.truncate(limit);
    ShortAnswer {
        next_page_token: vulns
            .last()
            .filter(|_| more)
            .map(|last| question::token(&last.id)),
        vulns,
        undetermined: result.undetermined.into_iter().map(Open::from).collect(),
    }
}

impl From<advisories::Undetermined> for Open {
    fn from(open: advisories::Undetermined) -> Self {
        Self {
            ids: open.ids,
            reason: open.reason,
            detail: open.detail,
        }
    }
}

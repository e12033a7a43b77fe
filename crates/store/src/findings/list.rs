//! Lists of findings, worst first: over the portfolio, a set of refs, or the alias groups of an advisory.
//!
//! Whole-portfolio pages walk the index on rank; narrower ones resolve their refs first and walk those. A text is
//! looked up by prefix in the whole portfolio, and anywhere in the row within given refs.

mod sql;

use std::collections::BTreeMap;
use std::ops::Range;

use advisories::{Class, Severity};

use super::{FindingRow, severity_code};
use crate::Error;
use crate::db::{List, Query, Session, Sql};
use crate::projects::contains;
use crate::scores;
pub(crate) use sql::STATEMENTS;
use sql::{
    CLOSED_ABOUT, CLOSED_EVERYWHERE, CLOSED_WITHIN, COVERAGE_EVERYWHERE, COVERAGE_WITHIN, OPEN_ABOUT,
    OPEN_EVERYWHERE, OPEN_WITHIN, REFERENCES, SEVERITIES_COUNTED, SEVERITIES_INFORMATIONAL,
    SEVERITIES_WITHIN, TOTAL_CLOSED_ABOUT, TOTAL_CLOSED_EVERYWHERE, TOTAL_CLOSED_WITHIN, TOTAL_OPEN_ABOUT,
    TOTAL_OPEN_EVERYWHERE, TOTAL_OPEN_WITHIN,
};

/// Totals are counted up to here; beyond it they say *more than*.
pub const TOTAL_LIMIT: i64 = 10_000;

/// The most refs that one narrowed list looks at: the refs of the largest team, with room.
const MOST_REFERENCES: i64 = 5_000;

/// Sorts behind every text that begins like the text before it.
const LAST_CHARACTER: char = '\u{10FFFF}';

/// A finding with the names of where it is.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ListedFinding {
    #[sqlx(flatten)]
    pub finding: FindingRow,
    /// The project's whole name.
    pub project: String,
    pub reference: String,
    pub default_ref: String,
}

impl ListedFinding {
    /// The key after which a list goes on behind this row.
    #[must_use]
    pub const fn key(&self) -> Key {
        Key {
            rank: self.finding.rank,
            id: self.finding.id,
        }
    }
}

/// Where a list goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Key {
    pub rank: i64,
    pub id: i64,
}

/// In front of every row.
const FRONT: Key = Key {
    rank: i64::MAX,
    id: i64::MAX,
};

/// Where findings are looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The tracked refs of all projects.
    Portfolio,
    /// These refs.
    References(Vec<i64>),
}

/// Which projects a list across projects is about; nothing given means all.
#[derive(Clone, Debug, Default)]
pub struct Narrowing {
    pub team: Option<String>,
    pub tag: Option<String>,
    /// The only project that the caller may see.
    pub project: Option<i64>,
}

/// Which findings of the scope are listed.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Those that are no longer open instead of those that are.
    pub closed: bool,
    /// Codes of severities; empty means all.
    pub severities: Vec<i64>,
    pub kev: Option<bool>,
    pub fixable: Option<bool>,
    pub direct: Option<bool>,
    pub class: Option<String>,
    /// A package or an id.
    pub text: Option<String>,
}

/// How much was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    pub components: i64,
    /// Fully checked ones among them.
    pub evaluated: i64,
    /// Builds that are the state of a ref.
    pub builds: i64,
}

/// The refs that a list across projects looks at.
pub async fn scope(session: &mut Session, narrowing: &Narrowing) -> Result<Scope, Error> {
    let Narrowing { team, tag, project } = narrowing;
    if team.is_none() && tag.is_none() && project.is_none() {
        return Ok(Scope::Portfolio);
    }
    let references = session
        .query(&REFERENCES)
        .bind(team.as_deref())
        .bind(tag.as_deref().map(crate::projects::tagged))
        .bind(*project)
        .bind(MOST_REFERENCES)
        .column()
        .await?;
    Ok(Scope::References(references))
}

/// A page of findings, worst first, behind `after`.
pub async fn page(
    session: &mut Session,
    scope: &Scope,
    filter: &Filter,
    after: Option<Key>,
    limit: i64,
) -> Result<Vec<ListedFinding>, Error> {
    let walk = Walk::of(scope, filter);
    let sql = match (&walk, filter.closed) {
        (Walk::Everywhere, false) => &OPEN_EVERYWHERE,
        (Walk::Within(_), false) => &OPEN_WITHIN,
        (Walk::About(_), false) => &OPEN_ABOUT,
        (Walk::Everywhere, true) => &CLOSED_EVERYWHERE,
        (Walk::Within(_), true) => &CLOSED_WITHIN,
        (Walk::About(_), true) => &CLOSED_ABOUT,
    };
    let after = after.unwrap_or(FRONT);
    let mut rows: Vec<ListedFinding> = Vec::new();
    for ranks in walk.ranks(filter) {
        let wanted = limit.saturating_sub(i64::try_from(rows.len()).unwrap_or(i64::MAX));
        if wanted <= 0 {
            break;
        }
        // Ids begin at 1, so that the end of the ranks stands in front of all of them.
        let from = Key {
            rank: ranks.end,
            id: 0,
        };
        let from = if (after.rank, after.id) < (from.rank, from.id) {
            after
        } else {
            from
        };
        let more: Vec<ListedFinding> = bind_filter(session, sql, &walk, filter, ranks.start)
            .bind(from.rank)
            .bind(from.id)
            .bind(wanted)
            .all()
            .await?;
        rows.extend(more);
    }
    scores::attach(session, rows.iter_mut().map(|row| &mut row.finding)).await?;
    Ok(rows)
}

/// How many findings fit, counted to one more than [`TOTAL_LIMIT`].
pub async fn total(session: &mut Session, scope: &Scope, filter: &Filter) -> Result<i64, Error> {
    let walk = Walk::of(scope, filter);
    let sql = match (&walk, filter.closed) {
        (Walk::Everywhere, false) => &TOTAL_OPEN_EVERYWHERE,
        (Walk::Within(_), false) => &TOTAL_OPEN_WITHIN,
        (Walk::About(_), false) => &TOTAL_OPEN_ABOUT,
        (Walk::Everywhere, true) => &TOTAL_CLOSED_EVERYWHERE,
        (Walk::Within(_), true) => &TOTAL_CLOSED_WITHIN,
        (Walk::About(_), true) => &TOTAL_CLOSED_ABOUT,
    };
    let mut total = 0;
    for ranks in walk.ranks(filter) {
        let left = TOTAL_LIMIT + 1 - total;
        if left <= 0 {
            break;
        }
        total += bind_filter(session, sql, &walk, filter, ranks.start)
            .bind(ranks.end)
            .bind(left)
            .value::<i64>()
            .await?;
    }
    Ok(total)
}

/// Open findings of the scope by code of severity.
pub async fn severities(session: &mut Session, scope: &Scope) -> Result<Vec<(i64, i64)>, Error> {
    if let Scope::References(ids) = scope {
        return session.query(&SEVERITIES_WITHIN).bind(List::of(ids)).all().await;
    }
    let counted: Vec<(i64, i64)> = session.query(&SEVERITIES_COUNTED).all().await?;
    let informational: Vec<(i64, i64)> = session
        .query(&SEVERITIES_INFORMATIONAL)
        .bind(audit::ranks(Class::Vulnerability, Severity::Unknown, false).start)
        .all()
        .await?;
    let mut sums: BTreeMap<i64, i64> = BTreeMap::new();
    for (severity, count) in counted.into_iter().chain(informational) {
        *sums.entry(severity).or_default() += count;
    }
    Ok(sums.into_iter().filter(|(_, count)| *count > 0).collect())
}

/// How much of the scope was looked at.
pub async fn checked(session: &mut Session, scope: &Scope) -> Result<Checked, Error> {
    let query = match scope {
        Scope::Portfolio => session.query(&COVERAGE_EVERYWHERE),
        Scope::References(ids) => session.query(&COVERAGE_WITHIN).bind(List::of(ids)),
    };
    let (components, evaluated, builds) = query.one().await?;
    Ok(Checked {
        components,
        evaluated,
        builds,
    })
}

/// How the rows of a list are come by.
#[derive(Clone, Copy)]
enum Walk<'a> {
    /// Along the index on rank.
    Everywhere,
    /// Ref by ref.
    Within(&'a [i64]),
    /// Alias group by alias group, for a text.
    About(&'a str),
}

impl<'a> Walk<'a> {
    fn of(scope: &'a Scope, filter: &'a Filter) -> Self {
        match (scope, &filter.text) {
            (Scope::References(ids), _) => Self::Within(ids),
            (Scope::Portfolio, Some(text)) => Self::About(text),
            (Scope::Portfolio, None) => Self::Everywhere,
        }
    }

    /// The ranks that may hold what is asked for, the worst first. Only the walk along the index on rank is
    /// long enough to leave some out.
    fn ranks(&self, filter: &Filter) -> Vec<Range<i64>> {
        if !matches!(self, Self::Everywhere) {
            return std::iter::once(0..i64::MAX).collect();
        }
        let mut ranks: Vec<Range<i64>> = Vec::new();
        for (class, severity, exploited) in blocks() {
            let wanted = filter
                .class
                .as_deref()
                .is_none_or(|wanted| wanted == class.word())
                && (filter.severities.is_empty() || filter.severities.contains(&severity_code(severity)))
                && (filter.kev != Some(true) || exploited)
                && (filter.kev != Some(false) || !exploited);
            let block = audit::ranks(class, severity, exploited);
            match ranks.last_mut().filter(|last| last.start == block.end) {
                _ if !wanted => {}
                Some(last) => last.start = block.start,
                None => ranks.push(block),
            }
        }
        ranks
    }
}

/// Every kind of finding that has ranks of its own, the worst first.
fn blocks() -> impl Iterator<Item = (Class, Severity, bool)> {
    use Class::{Malicious, Notice, Unmaintained, Unsound, Vulnerability};
    use Severity::{Critical, High, Low, Medium, None, Unknown};
    [Malicious, Vulnerability, Unsound, Unmaintained, Notice]
        .into_iter()
        .flat_map(|class| {
            [Critical, High, Medium, Low, None, Unknown]
                .into_iter()
                .flat_map(move |severity| [true, false].map(|exploited| (class, severity, exploited)))
        })
}

fn bind_filter<'q>(
    session: &'q mut Session,
    sql: &'static Sql,
    walk: &Walk<'_>,
    filter: &Filter,
    least_rank: i64,
) -> Query<'q> {
    let (subject, pattern) = match walk {
        Walk::Everywhere => (None, None),
        Walk::Within(ids) => (Some(List::of(ids)), filter.text.as_deref().map(contains)),
        Walk::About(text) => (Some(text.replace(LAST_CHARACTER, "")), None),
    };
    let severities = (!filter.severities.is_empty()).then(|| List::of(&filter.severities));
    session
        .query(sql)
        .bind(subject)
        .bind(severities)
        .bind(filter.kev)
        .bind(filter.fixable)
        .bind(filter.direct)
        .bind(filter.class.clone())
        .bind(pattern)
        .bind(least_rank)
}

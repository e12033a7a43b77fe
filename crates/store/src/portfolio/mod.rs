//! The numbers of the portfolio and of lists of projects, each in one statement however many projects there are.

mod answers;
mod findings;
mod rows;
mod upgrades;

use clock::Timestamp;

use crate::Error;
use crate::db::{Session, statements};

pub(crate) use answers::STATEMENTS as ANSWER_STATEMENTS;
pub(crate) use findings::STATEMENTS as FINDING_STATEMENTS;
pub(crate) use rows::STATEMENTS as ROW_STATEMENTS;
pub(crate) use upgrades::STATEMENTS as UPGRADE_STATEMENTS;

pub use answers::{Begun, Exposure, begun, exposure_days, exposures, hours_to_decide, median};
pub use findings::{
    FIXES_WINDOW_DAYS, FixGroup, OpenGroup, fixes, fixes_of, open, open_of, past_due_at, percentile_days,
};
pub use rows::{ProjectStanding, ReferenceOpen, open_by_reference, rows};
pub use upgrades::{Upgrade, upgrades};

/// An SBOM is fresh so many days, then ageing, then stale.
pub const FRESH_DAYS: i64 = 14;
pub const STALE_DAYS: i64 = 30;

statements! {
    /// Each chosen project by its tracked refs: `$1` and `$2` begin fresh and ageing, `$3` is a week ago.
    STANDING = "WITH standing AS (
            SELECT p.id AS id,
                MAX(b.created_at) AS sent_at,
                MIN(r.checked_since) AS checked_since,
                MAX(CASE WHEN b.evaluated > 0 THEN 1 ELSE 0 END) AS checked,
                MAX(CASE WHEN b.outcome IS NOT NULL THEN 1 ELSE 0 END) AS judged,
                MAX(CASE WHEN b.outcome = 'fail' THEN 1 ELSE 0 END) AS failing,
                MAX(CASE WHEN b.outcome = 'warn' THEN 1 ELSE 0 END) AS warning,
                MAX(CASE WHEN b.outcome = 'indeterminate' THEN 1 ELSE 0 END) AS undecided,
                MAX(CASE WHEN 'fail' = (
                        SELECT v.outcome FROM build older JOIN verdict v ON v.build_id = older.id
                        WHERE older.reference_id = r.id AND v.created_at <= $3
                        ORDER BY older.number DESC, v.id DESC LIMIT 1)
                    THEN 1 ELSE 0 END) AS failing_before
            FROM project p
            LEFT JOIN reference r ON r.project_id = p.id AND r.tracked
            LEFT JOIN build b ON b.id = r.build_id
            WHERE NOT p.archived
              AND (CAST($4 AS TEXT) IS NULL OR p.team = $4)
              AND (CAST($5 AS TEXT) IS NULL OR p.tags LIKE $5)
            GROUP BY p.id)
        SELECT COUNT(*) AS projects,
            COUNT(CASE WHEN sent_at >= $1 THEN 1 END) AS fresh,
            COUNT(CASE WHEN sent_at < $1 AND sent_at >= $2 THEN 1 END) AS ageing,
            COUNT(CASE WHEN sent_at < $2 THEN 1 END) AS stale,
            CAST(COALESCE(SUM(checked), 0) AS BIGINT) AS checked,
            CAST(COALESCE(SUM(judged), 0) AS BIGINT) AS judged,
            CAST(COALESCE(SUM(failing), 0) AS BIGINT) AS failing,
            CAST(COALESCE(SUM(CASE WHEN failing = 0 THEN undecided END), 0) AS BIGINT) AS undecided,
            CAST(COALESCE(SUM(CASE WHEN failing = 0 AND undecided = 0 THEN warning END), 0) AS BIGINT) AS warning,
            CAST(COALESCE(SUM(failing_before), 0) AS BIGINT) AS failing_before,
            MIN(checked_since) AS checked_since
        FROM standing";
    /// Effective licenses of the state of all tracked refs, the most frequent first.
    LICENSES = "SELECT c.license, COUNT(*) AS components
        FROM reference r
        JOIN project p ON p.id = r.project_id AND NOT p.archived
          AND (CAST($1 AS TEXT) IS NULL OR p.team = $1)
          AND (CAST($2 AS TEXT) IS NULL OR p.tags LIKE $2)
        JOIN build b ON b.id = r.build_id
        JOIN inventory_component c ON c.inventory_id = b.inventory_id
        WHERE r.tracked
        GROUP BY c.license ORDER BY components DESC LIMIT $3";
    TAGS = "SELECT DISTINCT tag.value FROM project p, {elements}(p.tags{json}) AS tag
        WHERE NOT p.archived ORDER BY tag.value LIMIT 500";
}

/// Which projects count: all that are not archived, those of a team, those with a tag.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    pub team: Option<String>,
    pub tag: Option<String>,
}

impl Selection {
    /// The scope under which the rollup of trends knows it.
    pub(crate) fn rollup(&self) -> String {
        self.team
            .as_ref()
            .map_or_else(|| "portfolio".to_owned(), |team| format!("team:{team}"))
    }

    /// The `LIKE` pattern for the tag within the JSON list of a project's tags.
    pub(crate) fn tag_pattern(&self) -> Option<String> {
        self.tag.as_deref().map(crate::projects::tagged)
    }
}

/// How the chosen projects stand today; counts are projects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Standing {
    pub projects: i64,
    /// By the newest SBOM of a tracked ref: at most 14 days, at most 30, older.
    pub fresh: i64,
    pub ageing: i64,
    pub stale: i64,
    /// Of which anything could be checked.
    pub checked: i64,
    /// With a verdict on some tracked ref.
    pub judged: i64,
    /// By the worst verdict among the tracked refs.
    pub failing: i64,
    pub undecided: i64,
    pub warning: i64,
    /// Failing a week ago.
    pub failing_before: i64,
    /// When anything was first checked; see [`Standing::since`].
    pub checked_since: Option<i64>,
}

impl Standing {
    /// The first moment of which anything is known.
    #[must_use]
    pub fn since(&self) -> Option<Timestamp> {
        self.checked_since.map(Timestamp::from_millis)
    }

    /// Projects without any readable SBOM.
    #[must_use]
    pub const fn never(&self) -> i64 {
        self.projects - self.fresh - self.ageing - self.stale
    }
}

/// How many components have one license.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct LicenseUse {
    /// An SPDX expression; absent when nothing is known.
    pub license: Option<String>,
    pub components: i64,
}

/// How the chosen projects stand.
pub async fn standing(
    session: &mut Session,
    selection: &Selection,
    now: Timestamp,
) -> Result<Standing, Error> {
    session
        .query(&STANDING)
        .bind(now.plus_days(-FRESH_DAYS).millis())
        .bind(now.plus_days(-STALE_DAYS).millis())
        .bind(now.plus_days(-7).millis())
        .bind(selection.team.clone())
        .bind(selection.tag_pattern())
        .one()
        .await
}

/// The licenses of the chosen projects' components; at most `limit` different ones.
pub async fn licenses(
    session: &mut Session,
    selection: &Selection,
    limit: i64,
) -> Result<Vec<LicenseUse>, Error> {
    session
        .query(&LICENSES)
        .bind(selection.team.clone())
        .bind(selection.tag_pattern())
        .bind(limit)
        .all()
        .await
}

/// Every tag of a project that is not archived.
pub async fn tags(session: &mut Session) -> Result<Vec<String>, Error> {
    session.query(&TAGS).column().await
}

/// A count is never negative.
fn unsigned(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_sought_whole() {
        let selection = Selection {
            tag: Some("in\"side".to_owned()),
            ..Selection::default()
        };
        assert_eq!(selection.tag_pattern().as_deref(), Some("%\"in\\\"side\"%"));
        assert_eq!(selection.rollup(), "portfolio");
    }
}

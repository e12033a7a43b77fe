//! The statements of lists: three ways to come by rows, open or closed, as a page or as a total.

use crate::db::statements;

/// What rows must be; the first eight parameters are those of `bind_filter`.
macro_rules! chosen {
    ($state:literal, $driver:literal) => {
        concat!(
            " FROM finding f
            JOIN reference r ON r.id = f.reference_id
            JOIN project p ON p.id = f.project_id
            WHERE f.closed_at IS ",
            $state,
            " AND ",
            $driver,
            " AND (CAST($2 AS TEXT) IS NULL
                  OR f.severity IN (SELECT CAST(value AS BIGINT) FROM {elements}($2{json})))
              AND (CAST($3 AS BOOLEAN) IS NULL OR f.kev = $3)
              AND (CAST($4 AS BOOLEAN) IS NULL OR (f.fix_version IS NOT NULL) = $4)
              AND (CAST($5 AS BOOLEAN) IS NULL OR f.direct = $5)
              AND (CAST($6 AS TEXT) IS NULL OR f.class = $6)
              AND (CAST($7 AS TEXT) IS NULL OR EXISTS (
                  SELECT 1 FROM vulnerability v JOIN package n ON n.id = v.package_id
                  WHERE v.id = f.vulnerability_id
                    AND (lower(n.name) LIKE $7 OR lower(v.canonical) LIKE $7 OR lower(v.summary) LIKE $7
                        OR EXISTS (SELECT 1 FROM vulnerability_identifier i
                            WHERE i.package_id = v.package_id AND i.vulnerability_id = v.id
                              AND lower(i.identifier) LIKE $7))))
              AND f.rank >= $8"
        )
    };
}

macro_rules! page {
    ($state:literal, $driver:literal) => {
        concat!(
            "SELECT f.*, p.name AS project, r.name AS reference, p.default_ref",
            chosen!($state, $driver),
            " AND (f.rank, f.id) < ($9, $10) ORDER BY f.rank DESC, f.id DESC LIMIT $11"
        )
    };
}

macro_rules! total {
    ($state:literal, $driver:literal) => {
        concat!(
            "SELECT COUNT(*) FROM (SELECT 1 AS one",
            chosen!($state, $driver),
            " AND f.rank < $9 LIMIT $10) AS bounded"
        )
    };
}

macro_rules! everywhere {
    ($shape:ident, $state:literal) => {
        $shape!(
            $state,
            "CAST($1 AS TEXT) IS NULL AND r.tracked AND NOT p.archived"
        )
    };
}

macro_rules! within {
    ($shape:ident, $state:literal) => {
        $shape!(
            $state,
            "f.reference_id IN (SELECT CAST(value AS BIGINT) FROM {elements}($1{json}))"
        )
    };
}

/// `$1` is the text: the beginning of a package's name or of an id.
macro_rules! about {
    ($shape:ident, $state:literal) => {
        $shape!(
            $state,
            "r.tracked AND NOT p.archived AND f.vulnerability_id IN (
                SELECT b.id FROM package n JOIN vulnerability b ON b.package_id = n.id
                WHERE lower(n.name) >= lower(CAST($1 AS TEXT))
                  AND lower(n.name) < lower(CAST($1 AS TEXT)) || '\u{10FFFF}'
                UNION
                SELECT i.vulnerability_id FROM vulnerability_identifier i
                WHERE lower(i.identifier) >= lower(CAST($1 AS TEXT))
                  AND lower(i.identifier) < lower(CAST($1 AS TEXT)) || '\u{10FFFF}')"
        )
    };
}

statements! {
    OPEN_EVERYWHERE = everywhere!(page, "NULL");
    OPEN_WITHIN = within!(page, "NULL");
    OPEN_ABOUT = about!(page, "NULL");
    CLOSED_EVERYWHERE = everywhere!(page, "NOT NULL");
    CLOSED_WITHIN = within!(page, "NOT NULL");
    CLOSED_ABOUT = about!(page, "NOT NULL");
    TOTAL_OPEN_EVERYWHERE = everywhere!(total, "NULL");
    TOTAL_OPEN_WITHIN = within!(total, "NULL");
    TOTAL_OPEN_ABOUT = about!(total, "NULL");
    TOTAL_CLOSED_EVERYWHERE = everywhere!(total, "NOT NULL");
    TOTAL_CLOSED_WITHIN = within!(total, "NOT NULL");
    TOTAL_CLOSED_ABOUT = about!(total, "NOT NULL");
    /// The tracked refs of projects of a team, with a tag, or of one project.
    REFERENCES = "SELECT r.id FROM reference r JOIN project p ON p.id = r.project_id
        WHERE r.tracked AND NOT p.archived
          AND (CAST($1 AS TEXT) IS NULL OR p.team = $1)
          AND (CAST($2 AS TEXT) IS NULL OR p.tags LIKE $2)
          AND (CAST($3 AS BIGINT) IS NULL OR p.id = $3)
        ORDER BY r.id LIMIT $4";
    SEVERITIES_WITHIN = "SELECT f.severity, COUNT(*) FROM finding f
        WHERE f.reference_id IN (SELECT CAST(value AS BIGINT) FROM {elements}($1{json})) AND f.closed_at IS NULL
        GROUP BY f.severity";
    /// What trends count: everything that opened on tracked refs and did not close.
    SEVERITIES_COUNTED = "SELECT severity, CAST(SUM(opened - closed) AS BIGINT) FROM trend_delta
        WHERE scope = 'portfolio' GROUP BY severity";
    /// What trends do not count; ranks below `$1` are of these classes.
    SEVERITIES_INFORMATIONAL = "SELECT f.severity, COUNT(*) FROM finding f
        JOIN reference r ON r.id = f.reference_id JOIN project p ON p.id = f.project_id
        WHERE f.closed_at IS NULL AND f.rank < $1 AND r.tracked AND NOT p.archived
        GROUP BY f.severity";
    /// How much of what the refs hold was looked at: components and checked ones of their current builds.
    COVERAGE_WITHIN = "SELECT CAST(COALESCE(SUM(b.components), 0) AS BIGINT),
            CAST(COALESCE(SUM(b.evaluated), 0) AS BIGINT), COUNT(*)
        FROM reference r JOIN build b ON b.id = r.build_id
        WHERE r.id IN (SELECT CAST(value AS BIGINT) FROM {elements}($1{json}))";
    COVERAGE_EVERYWHERE = "SELECT CAST(COALESCE(SUM(b.components), 0) AS BIGINT),
            CAST(COALESCE(SUM(b.evaluated), 0) AS BIGINT), COUNT(*)
        FROM reference r JOIN build b ON b.id = r.build_id JOIN project p ON p.id = r.project_id
        WHERE r.tracked AND NOT p.archived";
}

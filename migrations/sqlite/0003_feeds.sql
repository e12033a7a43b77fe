-- Feeds of several kinds with their schedule, and the probabilities of exploitation.

-- `osv`, `records`, `rustsec`, `exploited`, `scores` or `written`; empty where it was never said.
ALTER TABLE feed ADD COLUMN kind TEXT NOT NULL DEFAULT '';
-- How often it is read; absent when nobody asks for it on schedule.
ALTER TABLE feed ADD COLUMN every_ms INTEGER;
-- Fewer records than this are taken for a broken source.
ALTER TABLE feed ADD COLUMN least INTEGER NOT NULL DEFAULT 0;

-- EPSS: the probability of exploitation within 30 days, and the share of vulnerabilities with a lower one.
CREATE TABLE exploit_score (
    identifier TEXT PRIMARY KEY,
    score REAL NOT NULL,
    percentile REAL NOT NULL
) STRICT, WITHOUT ROWID;

-- The probability takes 65 values in a rank instead of 1,002; no score was ever stored before.
UPDATE finding SET rank = rank / 102204 * 6630 + rank % 102;

-- How good the document of a build is; builds from before have no row.
CREATE TABLE quality (
    build_id INTEGER PRIMARY KEY REFERENCES build (id) ON DELETE CASCADE,
    -- 0 to 100; absent when nothing could be asked of the document.
    score INTEGER,
    -- The criteria with their shares, as JSON of schema `quality/1`.
    report TEXT NOT NULL
) STRICT;

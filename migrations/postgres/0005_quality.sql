-- How good the document of a build is; builds from before have no row.
CREATE TABLE quality (
    build_id BIGINT PRIMARY KEY REFERENCES build (id) ON DELETE CASCADE,
    -- 0 to 100; absent when nothing could be asked of the document.
    score BIGINT,
    -- The criteria with their shares, as JSON of schema `quality/1`.
    report TEXT NOT NULL
);

-- What package registries answered, kept for a while so that they are asked seldom.
-- A row without content remembers that there was no such thing.

CREATE TABLE registry_document (
    key TEXT NOT NULL PRIMARY KEY,
    fetched_at INTEGER NOT NULL,
    etag TEXT,
    last_modified TEXT,
    -- zstd; only what resolvers read
    content BLOB
) STRICT, WITHOUT ROWID;

CREATE INDEX registry_document_fetched_at_idx ON registry_document (fetched_at);

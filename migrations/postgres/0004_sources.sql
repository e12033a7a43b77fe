-- What was sent, when it is no document that lists components but something to be read: JSON, see `store::sources`.
ALTER TABLE build ADD COLUMN origin TEXT;
-- How far the stage is, `{"done":3,"total":12}`; absent when that is not known.
ALTER TABLE build ADD COLUMN progress TEXT;

-- What a repository is read with, from the request until it was read or given up.
CREATE TABLE source_credential (
    build_id BIGINT PRIMARY KEY REFERENCES build (id) ON DELETE CASCADE,
    token TEXT NOT NULL
);

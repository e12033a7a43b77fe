-- The author's own text, from which what it inherits can be told; NULL for revisions from before there were such.
ALTER TABLE policy_revision ADD COLUMN source TEXT;
-- `json` or `toml`.
ALTER TABLE policy_revision ADD COLUMN notation TEXT;
ALTER TABLE policy_revision ADD COLUMN extends TEXT;

-- The policy of the projects of a team that have none of their own.
CREATE TABLE team_policy (
    team TEXT PRIMARY KEY,
    policy_id INTEGER NOT NULL REFERENCES policy (id)
) STRICT, WITHOUT ROWID;

-- A decision of people that something shall not stop a build.
CREATE TABLE waiver (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL,
    -- `active`, `pending`, `rejected` or `revoked`.
    state TEXT NOT NULL,
    -- The waiver as JSON.
    document TEXT NOT NULL,
    -- In lower case.
    vulnerability TEXT,
    -- For all projects; else `waiver_project` says for which.
    everywhere INTEGER NOT NULL,
    -- The last day, counted from 1970-01-01.
    expires_day INTEGER,
    -- When its end was acted upon.
    ended_at INTEGER,
    -- What was looked at: `name@version`; may be empty.
    decided_on TEXT NOT NULL,
    -- `api`, `page` or `file`.
    origin TEXT NOT NULL,
    requested_by TEXT NOT NULL,
    -- Who approved, rejected or revoked it last.
    decided_by TEXT,
    -- Why it was rejected or revoked.
    decided_because TEXT,
    revision INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    CONSTRAINT waiver_uuid_key UNIQUE (uuid)
) STRICT;
CREATE INDEX waiver_state_idx ON waiver (state, id);
CREATE INDEX waiver_expires_idx ON waiver (expires_day) WHERE ended_at IS NULL;

CREATE TABLE waiver_project (
    waiver_id INTEGER NOT NULL REFERENCES waiver (id) ON DELETE CASCADE,
    project_id INTEGER NOT NULL REFERENCES project (id) ON DELETE CASCADE,
    PRIMARY KEY (waiver_id, project_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX waiver_project_project_idx ON waiver_project (project_id);

-- What became of a waiver in the last verdict of a ref.
CREATE TABLE waiver_use (
    reference_id INTEGER NOT NULL REFERENCES reference (id) ON DELETE CASCADE,
    waiver_id INTEGER NOT NULL REFERENCES waiver (id) ON DELETE CASCADE,
    -- `applied`, `unused`, `stale`, `expired` or `unapproved`.
    outcome TEXT NOT NULL,
    -- Findings and other matters that it covered.
    matters INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (reference_id, waiver_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX waiver_use_waiver_idx ON waiver_use (waiver_id);

-- A VEX document as it was given.
CREATE TABLE vex_document (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL,
    project_id INTEGER NOT NULL REFERENCES project (id) ON DELETE CASCADE,
    format TEXT NOT NULL,
    -- The document's own id; a newer document with it replaces this one.
    identifier TEXT NOT NULL,
    author TEXT NOT NULL,
    digest TEXT NOT NULL REFERENCES document (digest),
    statements INTEGER NOT NULL,
    actor TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    CONSTRAINT vex_document_uuid_key UNIQUE (uuid)
) STRICT;
CREATE INDEX vex_document_project_idx ON vex_document (project_id, id);

-- What is said about exploitability, by documents and by people here.
CREATE TABLE vex_statement (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL,
    document_id INTEGER REFERENCES vex_document (id) ON DELETE CASCADE,
    -- NULL for all projects.
    project_id INTEGER REFERENCES project (id) ON DELETE CASCADE,
    -- `triage` or `document`.
    origin TEXT NOT NULL,
    source TEXT NOT NULL,
    -- In lower case.
    vulnerability TEXT NOT NULL,
    -- The first product, as people read it.
    product TEXT NOT NULL,
    -- The statement as JSON.
    statement TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    CONSTRAINT vex_statement_uuid_key UNIQUE (uuid)
) STRICT;
CREATE INDEX vex_statement_project_idx ON vex_statement (project_id, id);
CREATE INDEX vex_statement_document_idx ON vex_statement (document_id);

-- What reviewers concluded about licenses of packages.
CREATE TABLE license_conclusion (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL,
    -- NULL for all projects.
    project_id INTEGER REFERENCES project (id) ON DELETE CASCADE,
    -- A package URL with the versions that were looked at.
    purl TEXT NOT NULL,
    license TEXT NOT NULL,
    reason TEXT NOT NULL,
    author TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    CONSTRAINT license_conclusion_uuid_key UNIQUE (uuid)
) STRICT;
CREATE INDEX license_conclusion_project_idx ON license_conclusion (project_id, id);

-- What people said and decided about a finding.
CREATE TABLE finding_note (
    id INTEGER PRIMARY KEY,
    finding_id INTEGER NOT NULL REFERENCES finding (id) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    -- `comment` or `decision`.
    kind TEXT NOT NULL,
    text TEXT NOT NULL
) STRICT;
CREATE INDEX finding_note_finding_idx ON finding_note (finding_id, id);

-- A key that reads the badge of a project and nothing else.
CREATE TABLE badge_key (
    project_id INTEGER PRIMARY KEY REFERENCES project (id) ON DELETE CASCADE,
    hash TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

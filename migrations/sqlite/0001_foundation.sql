-- The first schema. Times are Unix milliseconds, always bound from the clock of the caller.
-- Ids inside are integers; what is seen in a URL is a name or a UUIDv7.

CREATE TABLE policy (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    revision INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    CONSTRAINT policy_name_key UNIQUE (name)
) STRICT;

-- Revisions are never changed: a verdict names the one that it was judged by.
CREATE TABLE policy_revision (
    policy_id INTEGER NOT NULL REFERENCES policy (id) ON DELETE CASCADE,
    revision INTEGER NOT NULL,
    document TEXT NOT NULL,
    digest TEXT NOT NULL,
    reason TEXT NOT NULL,
    author TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (policy_id, revision)
) STRICT, WITHOUT ROWID;

CREATE TABLE project (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL,
    -- Whole name, `team/name` where there is a team.
    name TEXT NOT NULL,
    team TEXT NOT NULL,
    description TEXT NOT NULL,
    -- A JSON list of words.
    tags TEXT NOT NULL,
    default_ref TEXT NOT NULL,
    policy_id INTEGER REFERENCES policy (id),
    archived INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    -- Numbers the builds of the project.
    builds INTEGER NOT NULL,
    last_build_at INTEGER,
    -- Worst first when descending: gate, known exploited, critical, high.
    urgency INTEGER NOT NULL,
    CONSTRAINT project_uuid_key UNIQUE (uuid),
    CONSTRAINT project_name_key UNIQUE (name)
) STRICT;

CREATE INDEX project_urgency_idx ON project (urgency DESC, id DESC);

CREATE TABLE document (
    -- SHA-256 of the bytes as they were sent, after Content-Encoding; hexadecimal.
    digest TEXT PRIMARY KEY,
    size INTEGER NOT NULL,
    stored_at INTEGER NOT NULL
) STRICT;

CREATE TABLE package (
    id INTEGER PRIMARY KEY,
    -- The OSV ecosystem where there is one, else the purl type, else empty.
    ecosystem TEXT NOT NULL,
    name TEXT NOT NULL,
    -- Grows when what is known about the package changes.
    revision INTEGER NOT NULL,
    CONSTRAINT package_ecosystem_name_key UNIQUE (ecosystem, name)
) STRICT;
-- People look names up by how they begin, in any case.
CREATE INDEX package_lower_name_idx ON package (lower(name));

CREATE TABLE package_version (
    id INTEGER PRIMARY KEY,
    package_id INTEGER NOT NULL REFERENCES package (id),
    -- Empty when the document gives none.
    version TEXT NOT NULL,
    -- The purl without qualifiers, or `unidentified:NAME@VERSION`.
    identity TEXT NOT NULL,
    -- The package revision that the version was last matched at; absent when never.
    matched_revision INTEGER,
    -- A JSON list of records that could not be decided for this version; absent when there is none.
    undetermined TEXT,
    CONSTRAINT package_version_identity_key UNIQUE (identity)
) STRICT;
CREATE INDEX package_version_package_idx ON package_version (package_id);

CREATE TABLE inventory (
    id INTEGER PRIMARY KEY,
    digest TEXT NOT NULL,
    -- The inventory as JSON, zstd.
    content BLOB NOT NULL,
    -- The package version of each component in order, as little-endian 64-bit integers.
    members BLOB NOT NULL,
    components INTEGER NOT NULL,
    CONSTRAINT inventory_digest_key UNIQUE (digest)
) STRICT;

CREATE TABLE inventory_component (
    inventory_id INTEGER NOT NULL REFERENCES inventory (id) ON DELETE CASCADE,
    package_version_id INTEGER NOT NULL REFERENCES package_version (id),
    -- A component's scope, or `root` for the product itself.
    scope TEXT NOT NULL,
    direct INTEGER,
    license TEXT,
    PRIMARY KEY (inventory_id, package_version_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX inventory_component_version_idx ON inventory_component (package_version_id, inventory_id);

CREATE TABLE reference (
    id INTEGER PRIMARY KEY,
    project_id INTEGER NOT NULL REFERENCES project (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    channel TEXT NOT NULL,
    -- Whether portfolio numbers count it: the default branch and releases.
    tracked INTEGER NOT NULL,
    -- The newest finished build, whose findings are the state of the ref.
    build_id INTEGER,
    -- The first time that anything of it could be checked: what lies before is not known, which is not zero.
    checked_since INTEGER,
    -- Grows with every audit that changes the state of the ref.
    revision INTEGER NOT NULL,
    CONSTRAINT reference_project_name_key UNIQUE (project_id, name)
) STRICT;

CREATE TABLE build (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL,
    project_id INTEGER NOT NULL REFERENCES project (id) ON DELETE CASCADE,
    reference_id INTEGER NOT NULL REFERENCES reference (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    channel TEXT NOT NULL,
    version TEXT,
    commit_id TEXT,
    document_digest TEXT NOT NULL REFERENCES document (digest),
    -- The same bytes for the same target are answered as before.
    idempotency_key TEXT NOT NULL,
    inventory_id INTEGER NOT NULL REFERENCES inventory (id),
    format TEXT NOT NULL,
    -- JSON lists.
    tools TEXT NOT NULL,
    notices TEXT NOT NULL,
    -- The name of a policy that stands in for the project's own, when the upload asked for one.
    policy TEXT,
    baseline TEXT,
    actor TEXT NOT NULL,
    status TEXT NOT NULL,
    stage TEXT NOT NULL,
    error TEXT,
    outcome TEXT,
    components INTEGER NOT NULL,
    evaluated INTEGER NOT NULL,
    undetermined INTEGER NOT NULL,
    verdict_id INTEGER,
    created_at INTEGER NOT NULL,
    finished_at INTEGER,
    CONSTRAINT build_uuid_key UNIQUE (uuid),
    CONSTRAINT build_project_number_key UNIQUE (project_id, number),
    CONSTRAINT build_reference_idempotency_key UNIQUE (reference_id, idempotency_key)
) STRICT;
CREATE INDEX build_reference_idx ON build (reference_id, number);
CREATE INDEX build_inventory_idx ON build (inventory_id);
CREATE INDEX build_unfinished_idx ON build (id) WHERE status IN ('queued', 'running');

CREATE TABLE verdict (
    id INTEGER PRIMARY KEY,
    build_id INTEGER NOT NULL REFERENCES build (id) ON DELETE CASCADE,
    outcome TEXT NOT NULL,
    -- The verdict as JSON, zstd: kept as it was given, so that a release decision can be replayed.
    body BLOB NOT NULL,
    -- Component statuses and the way to green, JSON, zstd.
    details BLOB NOT NULL,
    -- One sentence: what made it differ from the one before.
    cause TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX verdict_build_idx ON verdict (build_id, id);

CREATE TABLE feed (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    -- The OSV ecosystem that the feed covers; empty for a feed of another kind.
    ecosystem TEXT NOT NULL,
    source TEXT NOT NULL,
    revision TEXT NOT NULL,
    records INTEGER NOT NULL,
    -- The last success and the last try; absent when there was none.
    synced_at INTEGER,
    attempted_at INTEGER,
    -- The newest `modified` among the records.
    newest_at INTEGER,
    -- Why the last try failed, or which records it had to leave out.
    error TEXT,
    -- What to send along so that the source answers with changes only; empty to be sent everything.
    validator TEXT NOT NULL,
    CONSTRAINT feed_name_key UNIQUE (name)
) STRICT;

CREATE TABLE advisory (
    id INTEGER PRIMARY KEY,
    identifier TEXT NOT NULL,
    modified INTEGER NOT NULL,
    published INTEGER,
    withdrawn INTEGER,
    summary TEXT NOT NULL,
    -- `FORMAT:SHA-256`: the format of compiled entries, and the record. Before the record, which is long.
    digest TEXT NOT NULL,
    -- The record as the feed gave it: JSON, zstd.
    record BLOB NOT NULL,
    CONSTRAINT advisory_identifier_key UNIQUE (identifier)
) STRICT;

-- Which feeds carry a record; one that no feed carries any more is gone.
CREATE TABLE feed_advisory (
    feed_id INTEGER NOT NULL REFERENCES feed (id) ON DELETE CASCADE,
    advisory_id INTEGER NOT NULL REFERENCES advisory (id) ON DELETE CASCADE,
    -- Of the record as this feed has it: another feed may have a later state. Empty to have it looked at again.
    digest TEXT NOT NULL,
    PRIMARY KEY (feed_id, advisory_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX feed_advisory_advisory_idx ON feed_advisory (advisory_id);

CREATE TABLE advisory_package (
    package_id INTEGER NOT NULL REFERENCES package (id),
    advisory_id INTEGER NOT NULL REFERENCES advisory (id) ON DELETE CASCADE,
    -- The compiled entry; see the advisories crate.
    entry BLOB NOT NULL,
    PRIMARY KEY (package_id, advisory_id)
) STRICT;
CREATE INDEX advisory_package_advisory_idx ON advisory_package (advisory_id);

CREATE TABLE advisory_alias (
    alias TEXT NOT NULL,
    advisory_id INTEGER NOT NULL REFERENCES advisory (id) ON DELETE CASCADE,
    PRIMARY KEY (alias, advisory_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX advisory_alias_advisory_idx ON advisory_alias (advisory_id);

CREATE TABLE known_exploited (
    identifier TEXT PRIMARY KEY,
    ransomware INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- An alias group of one package. It keeps its id when further ids join it.
CREATE TABLE vulnerability (
    id INTEGER PRIMARY KEY,
    package_id INTEGER NOT NULL REFERENCES package (id),
    canonical TEXT NOT NULL,
    summary TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX vulnerability_package_idx ON vulnerability (package_id);

CREATE TABLE vulnerability_identifier (
    package_id INTEGER NOT NULL REFERENCES package (id),
    identifier TEXT NOT NULL,
    vulnerability_id INTEGER NOT NULL REFERENCES vulnerability (id) ON DELETE CASCADE,
    since INTEGER NOT NULL,
    PRIMARY KEY (package_id, identifier)
) STRICT, WITHOUT ROWID;
CREATE INDEX vulnerability_identifier_identifier_idx ON vulnerability_identifier (identifier);
CREATE INDEX vulnerability_identifier_vulnerability_idx ON vulnerability_identifier (vulnerability_id);
CREATE INDEX vulnerability_identifier_lower_identifier_idx ON vulnerability_identifier (lower(identifier));

-- The match of one version, once for the whole portfolio.
CREATE TABLE package_version_vulnerability (
    package_version_id INTEGER NOT NULL REFERENCES package_version (id),
    vulnerability_id INTEGER NOT NULL REFERENCES vulnerability (id) ON DELETE CASCADE,
    -- The advisories crate's VulnerabilityMatch as JSON.
    evidence TEXT NOT NULL,
    PRIMARY KEY (package_version_id, vulnerability_id)
) STRICT;
CREATE INDEX package_version_vulnerability_vulnerability_idx
    ON package_version_vulnerability (vulnerability_id);

CREATE TABLE finding (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL,
    project_id INTEGER NOT NULL REFERENCES project (id) ON DELETE CASCADE,
    reference_id INTEGER NOT NULL REFERENCES reference (id) ON DELETE CASCADE,
    package_version_id INTEGER NOT NULL REFERENCES package_version (id),
    vulnerability_id INTEGER NOT NULL REFERENCES vulnerability (id),
    class TEXT NOT NULL,
    -- 0 unknown, 1 none, 2 low, 3 medium, 4 high, 5 critical.
    severity INTEGER NOT NULL,
    score REAL,
    -- Worst first when descending; what lists are sorted by.
    rank INTEGER NOT NULL,
    kev INTEGER,
    fix_version TEXT,
    scope TEXT NOT NULL,
    direct INTEGER,
    -- The first time the finding opened, kept when it returns.
    opened_at INTEGER NOT NULL,
    closed_at INTEGER,
    close_reason TEXT,
    -- When it should be fixed by; absent when nobody set a time, or while it is waived.
    due_at INTEGER,
    cause TEXT NOT NULL,
    -- The record or the build that the cause speaks of.
    cause_detail TEXT NOT NULL,
    -- The policy crate's Finding as JSON, with its paths.
    body TEXT NOT NULL,
    CONSTRAINT finding_uuid_key UNIQUE (uuid),
    CONSTRAINT finding_subject_key UNIQUE (reference_id, package_version_id, vulnerability_id)
) STRICT;
CREATE INDEX finding_open_rank_idx ON finding (rank DESC, id DESC) WHERE closed_at IS NULL;
CREATE INDEX finding_closed_rank_idx ON finding (rank DESC, id DESC) WHERE closed_at IS NOT NULL;
CREATE INDEX finding_open_reference_idx ON finding (reference_id, rank DESC, id DESC) WHERE closed_at IS NULL;
CREATE INDEX finding_closed_idx ON finding (closed_at) WHERE closed_at IS NOT NULL;
CREATE INDEX finding_project_idx ON finding (project_id);
CREATE INDEX finding_vulnerability_idx ON finding (vulnerability_id);
CREATE INDEX finding_package_version_idx ON finding (package_version_id);

-- Each stretch of time that a finding was open, at the severity known then.
CREATE TABLE finding_span (
    finding_id INTEGER NOT NULL REFERENCES finding (id) ON DELETE CASCADE,
    opened_at INTEGER NOT NULL,
    closed_at INTEGER,
    severity INTEGER NOT NULL,
    cause TEXT NOT NULL,
    cause_detail TEXT NOT NULL,
    close_reason TEXT,
    close_detail TEXT,
    PRIMARY KEY (finding_id, opened_at)
) STRICT, WITHOUT ROWID;
CREATE INDEX finding_span_open_idx ON finding_span (finding_id) WHERE closed_at IS NULL;
CREATE INDEX finding_span_opened_idx ON finding_span (opened_at);
CREATE INDEX finding_span_closed_idx ON finding_span (closed_at) WHERE closed_at IS NOT NULL;

-- How many findings of tracked refs opened and closed on a UTC day; `scope` is `portfolio` or `team:NAME`.
CREATE TABLE trend_delta (
    scope TEXT NOT NULL,
    day INTEGER NOT NULL,
    severity INTEGER NOT NULL,
    opened INTEGER NOT NULL,
    closed INTEGER NOT NULL,
    PRIMARY KEY (scope, day, severity)
) STRICT, WITHOUT ROWID;

CREATE TABLE job (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    lane TEXT NOT NULL,
    payload TEXT NOT NULL,
    -- Two queued jobs with one key are one job.
    unique_key TEXT NOT NULL,
    state TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    lease_until INTEGER,
    worker TEXT,
    error TEXT,
    created_at INTEGER NOT NULL,
    finished_at INTEGER
) STRICT;
CREATE UNIQUE INDEX job_unique_key_idx ON job (unique_key) WHERE state = 'queued';
CREATE INDEX job_claim_idx ON job (lane, due_at, id) WHERE state = 'queued';
CREATE INDEX job_lease_idx ON job (lease_until) WHERE state = 'running';

CREATE TABLE token (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL,
    name TEXT NOT NULL,
    -- SHA-256 of the token, hexadecimal; the token itself is shown once and never stored.
    hash TEXT NOT NULL,
    -- The first characters, by which people recognise it.
    prefix TEXT NOT NULL,
    project_id INTEGER REFERENCES project (id) ON DELETE CASCADE,
    -- A JSON list of actions.
    actions TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER,
    last_used_at INTEGER,
    CONSTRAINT token_uuid_key UNIQUE (uuid),
    CONSTRAINT token_hash_key UNIQUE (hash)
) STRICT;

-- A browser's session, or (kind `link`) a login link that becomes one when it is used, once.
CREATE TABLE session (
    hash TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Append-only; each row's hash covers the one before.
CREATE TABLE audit_log (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    detail TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL
) STRICT;

-- One row: the hash of the newest entry. Holding it makes two appends follow one another.
CREATE TABLE audit_log_head (
    id INTEGER PRIMARY KEY,
    hash TEXT NOT NULL
) STRICT;
INSERT INTO audit_log_head (id, hash) VALUES (1, '');

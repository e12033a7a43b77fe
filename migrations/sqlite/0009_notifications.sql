-- Where news is sent.
CREATE TABLE webhook (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL,
    name TEXT NOT NULL,
    -- For letters, the addresses of people.
    url TEXT NOT NULL,
    -- `signed`, `slack`, `teams` or `mail`.
    shape TEXT NOT NULL,
    -- What messages are signed with; kept as it is, because it is needed for every message.
    secret TEXT NOT NULL,
    -- A JSON list of kinds of news.
    events TEXT NOT NULL,
    -- The only project that it hears of; NULL for all.
    project_id INTEGER REFERENCES project (id) ON DELETE CASCADE,
    -- Whether an administrator allowed its host to be a private address.
    private INTEGER NOT NULL,
    enabled INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    CONSTRAINT webhook_uuid_key UNIQUE (uuid)
) STRICT;

-- News, written in the transaction of what it tells of, until it was handed to every webhook.
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    -- What is told in one message: `build:ID`, `wave:ADVISORY`, `waivers`, `feeds`.
    topic TEXT NOT NULL,
    project_id INTEGER REFERENCES project (id) ON DELETE CASCADE,
    -- The news as JSON.
    body TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    told_at INTEGER
) STRICT;
CREATE INDEX outbox_waiting_idx ON outbox (id) WHERE told_at IS NULL;
CREATE INDEX outbox_told_idx ON outbox (told_at) WHERE told_at IS NOT NULL;

-- One message to one webhook, with what became of it.
CREATE TABLE webhook_delivery (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL,
    webhook_id INTEGER NOT NULL REFERENCES webhook (id) ON DELETE CASCADE,
    -- One sentence.
    summary TEXT NOT NULL,
    -- The message as it is sent at every attempt, byte for byte.
    body TEXT NOT NULL,
    -- `waiting`, `delivered` or `dead`.
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    -- Of the last attempt: what was answered, or why nothing was, and how long it took.
    status INTEGER,
    error TEXT,
    took_ms INTEGER,
    created_at INTEGER NOT NULL,
    -- When it is tried again, or was tried last.
    due_at INTEGER NOT NULL,
    settled_at INTEGER,
    CONSTRAINT webhook_delivery_uuid_key UNIQUE (uuid)
) STRICT;
CREATE INDEX webhook_delivery_webhook_idx ON webhook_delivery (webhook_id, id);
CREATE INDEX webhook_delivery_settled_idx ON webhook_delivery (settled_at) WHERE settled_at IS NOT NULL;

-- Packages that people want to hear of.
CREATE TABLE watch (
    actor TEXT NOT NULL,
    package_id INTEGER NOT NULL REFERENCES package (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (actor, package_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX watch_package_idx ON watch (package_id);

-- The last day that was warned of: another one is warned of anew.
ALTER TABLE waiver ADD COLUMN warned_day INTEGER;
-- The last success after which lateness was told: after another one it is told anew.
ALTER TABLE feed ADD COLUMN late_since INTEGER;

-- What an auditor asks for.
CREATE INDEX audit_log_actor_idx ON audit_log (actor, id);
CREATE INDEX audit_log_action_idx ON audit_log (action, id);
CREATE INDEX audit_log_object_idx ON audit_log (object, id);

-- Who is signed in.
CREATE INDEX session_actor_idx ON session (actor);

-- How an affected component of an inventory can be got rid of, found by resolving again.

CREATE TABLE way_to_green (
    inventory_id BIGINT NOT NULL REFERENCES inventory (id) ON DELETE CASCADE,
    purl TEXT NOT NULL,
    -- the ids of what was known against it; with others it is to be looked for anew
    findings TEXT NOT NULL,
    found_at BIGINT NOT NULL,
    -- JSON
    way TEXT NOT NULL,
    PRIMARY KEY (inventory_id, purl)
);

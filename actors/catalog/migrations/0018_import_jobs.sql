-- Files of vendors on their way into the market. Statuses are numbers: enum catalog_import_status, by its place.
-- `read_offset` and `read_line` are where the file is read on; products that are read and not done yet stand in import_product under their
-- places, of which `places` were given and `places_done` have ended.
CREATE TABLE catalog.import_job (
    id             uuid PRIMARY KEY,
    vendor_id      uuid NOT NULL,
    shard          smallint NOT NULL CHECK (shard BETWEEN 0 AND 63),
    status         smallint NOT NULL CHECK (status BETWEEN 0 AND 4),
    is_dry_run     boolean NOT NULL,
    preset         smallint CHECK (preset BETWEEN 0 AND 4), -- enum product_preset
    currency       text NOT NULL CHECK (length(currency) = 3),
    mapping        text NOT NULL,
    read_offset    bigint NOT NULL DEFAULT 0,
    read_line      bigint NOT NULL DEFAULT 0,
    is_read        boolean NOT NULL DEFAULT false,
    places         bigint NOT NULL DEFAULT 0,
    places_done    bigint NOT NULL DEFAULT 0 CHECK (places_done BETWEEN 0 AND places),
    rows_read      bigint NOT NULL DEFAULT 0,
    products       bigint NOT NULL DEFAULT 0,
    created        bigint NOT NULL DEFAULT 0,
    changed        bigint NOT NULL DEFAULT 0,
    unchanged      bigint NOT NULL DEFAULT 0,
    refused        bigint NOT NULL DEFAULT 0,
    problems       bigint NOT NULL DEFAULT 0,
    failure        text NOT NULL DEFAULT '',
    failure_detail text NOT NULL DEFAULT '',
    created_at     bigint NOT NULL,
    started_at     bigint,
    ended_at       bigint,
    version        bigint NOT NULL DEFAULT 1,
    CONSTRAINT import_job_ends_once CHECK ((ended_at IS NOT NULL) = (status >= 2)),
    CONSTRAINT import_job_fails_for_a_reason CHECK ((failure <> '') = (status = 3))
) WITH (fillfactor = 70);
CREATE INDEX import_job_by_vendor ON catalog.import_job (vendor_id, id);
CREATE INDEX import_job_open ON catalog.import_job (vendor_id, id) WHERE status < 2;
CREATE UNIQUE INDEX import_job_running ON catalog.import_job (vendor_id) WHERE status = 1;
CREATE INDEX import_job_ended ON catalog.import_job (ended_at, shard) WHERE ended_at IS NOT NULL;

-- The file itself, until its import ends.
CREATE TABLE catalog.import_file (
    job_id uuid PRIMARY KEY REFERENCES catalog.import_job ON DELETE CASCADE,
    bytes  bytea NOT NULL CHECK (octet_length(bytes) <= 1048576)
);

-- `command` is a catalog.import_product of the contract, without identity, vendor and category; `lines` are those of the product and of its
-- variants.
CREATE TABLE catalog.import_product (
    job_id   uuid NOT NULL REFERENCES catalog.import_job ON DELETE CASCADE,
    place    bigint NOT NULL,
    category text NOT NULL,
    lines    bigint[] NOT NULL,
    command  bytea NOT NULL,
    PRIMARY KEY (job_id, place)
);

CREATE TABLE catalog.import_problem (
    job_id      uuid NOT NULL REFERENCES catalog.import_job ON DELETE CASCADE,
    line        bigint NOT NULL,
    place       bigint NOT NULL,
    column_name text NOT NULL,
    code        text NOT NULL,
    detail      text NOT NULL,
    is_warning  boolean NOT NULL,
    PRIMARY KEY (job_id, line, place)
);

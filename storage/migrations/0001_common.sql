-- The host's own tables, the same in every domain's database, in the schema "host" (made by souk-migrate).
-- Times are bigint microseconds of market time; SQL never calls now() for them.

-- Who may write to a shard, and the number that the shard's next event gets. Every unit of work updates its row
-- here first: half-empty pages keep these updates on their page (HOT), and a low threshold keeps the 64 rows small.
CREATE TABLE shard_fence (
    shard       smallint PRIMARY KEY CHECK (shard BETWEEN 0 AND 63),
    epoch       bigint NOT NULL DEFAULT 0,
    owner       text NOT NULL DEFAULT '',
    incarnation bigint NOT NULL DEFAULT 0,
    next_seq    bigint NOT NULL DEFAULT 1
) WITH (fillfactor = 50, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_scale_factor = 0);
INSERT INTO shard_fence (shard) SELECT generate_series(0, 63);

-- Every message that has been executed, with what it was answered.
CREATE TABLE inbox (
    msg_id      uuid PRIMARY KEY,
    number      smallint NOT NULL,
    status      text NOT NULL,
    http_status smallint NOT NULL,
    body        bytea NOT NULL,
    at          bigint NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX inbox_by_time ON inbox USING brin (at);

-- Requests that carried an Idempotency-Key; status is null while the first of them is still running.
CREATE TABLE idempotency (
    key         bytea PRIMARY KEY,
    fingerprint bytea NOT NULL,
    status      text,
    http_status smallint NOT NULL DEFAULT 0,
    body        bytea NOT NULL DEFAULT '',
    at          bigint NOT NULL
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX idempotency_by_time ON idempotency USING brin (at);

-- Events of this domain, numbered without gaps per shard in the order of their commits.
CREATE TABLE outbox (
    shard  smallint NOT NULL,
    seq    bigint NOT NULL,
    msg_id uuid NOT NULL,
    number smallint NOT NULL,
    key    uuid NOT NULL,
    body   bytea NOT NULL,
    at     bigint NOT NULL,
    PRIMARY KEY (shard, seq)
) WITH (autovacuum_vacuum_scale_factor = 0.05);

-- How far this domain has consumed the events of another.
CREATE TABLE cursor (
    source text NOT NULL,
    shard  smallint NOT NULL,
    seq    bigint NOT NULL,
    PRIMARY KEY (source, shard)
) WITH (fillfactor = 50, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_scale_factor = 0);

-- Long processes: written at the start, at the pivot, before the first undo and at the end.
CREATE TABLE saga (
    id              uuid PRIMARY KEY,
    shard           smallint NOT NULL,
    kind            text NOT NULL,
    version         integer NOT NULL,
    direction       smallint NOT NULL DEFAULT 0,
    refusal         text, -- why it is undone
    point           smallint NOT NULL DEFAULT 0,
    data            bytea NOT NULL,
    idempotency_key bytea,
    fingerprint     bytea,
    started_at      bigint NOT NULL,
    deadline        bigint NOT NULL,
    is_done         boolean NOT NULL DEFAULT false
) WITH (fillfactor = 80);
CREATE INDEX saga_by_time ON saga USING brin (started_at);
CREATE INDEX saga_open ON saga (shard) WHERE NOT is_done;

-- In a pipeline a statement that touches no row is not an error, so checks have to raise.
CREATE FUNCTION require_one(got bigint) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    IF got IS DISTINCT FROM 1 THEN
        RAISE EXCEPTION 'expected one row, got %', got USING ERRCODE = 'SK002';
    END IF;
    RETURN got;
END $$;

CREATE FUNCTION require_count(got bigint, wanted bigint) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    IF got IS DISTINCT FROM wanted THEN
        RAISE EXCEPTION 'expected % rows, got %', wanted, got USING ERRCODE = 'SK002';
    END IF;
    RETURN got;
END $$;

-- Takes `events` numbers of each shard, provided that the caller's epoch is the shard's epoch, and returns each
-- shard's next number in the order of the arguments. DETAIL names the first shard that refuses.
CREATE FUNCTION fence_shards(shards smallint[], epochs bigint[], events bigint[]) RETURNS bigint[]
LANGUAGE plpgsql AS $$
DECLARE
    numbers bigint[];
    refused smallint;
BEGIN
    WITH passed AS (
        UPDATE host.shard_fence f SET next_seq = f.next_seq + w.count
        FROM unnest(shards, epochs, events) WITH ORDINALITY AS w (shard, epoch, count, position)
        WHERE f.shard = w.shard AND f.epoch = w.epoch
        RETURNING w.position, f.next_seq)
    SELECT array_agg(p.next_seq ORDER BY p.position) INTO numbers FROM passed p;
    IF coalesce(cardinality(numbers), 0) <> cardinality(shards) THEN
        SELECT w.shard INTO refused
        FROM unnest(shards, epochs) AS w (shard, epoch)
        WHERE NOT EXISTS (SELECT 1 FROM host.shard_fence f
                          WHERE f.shard = w.shard AND f.epoch = w.epoch)
        ORDER BY w.shard LIMIT 1;
        RAISE EXCEPTION 'a shard has a newer owner' USING ERRCODE = 'SK001', DETAIL = coalesce(refused::text, '');
    END IF;
    RETURN numbers;
END $$;

-- Events that this domain could not consume, however often it tried: set aside, so that those behind them go on. The
-- operator replays or discards them. kind is the event's name as this domain knows it.
CREATE TABLE parked_event (
    source       text NOT NULL,
    shard        smallint NOT NULL CHECK (shard BETWEEN 0 AND 63),
    seq          bigint NOT NULL,
    msg_id       uuid NOT NULL,
    number       integer NOT NULL,
    kind         text NOT NULL,
    body         bytea NOT NULL,
    reason       text NOT NULL,
    attempts     bigint NOT NULL CHECK (attempts > 0),
    published_at bigint NOT NULL,
    failed_at    bigint NOT NULL,
    parked_at    bigint NOT NULL,
    PRIMARY KEY (source, shard, seq)
);
CREATE INDEX parked_event_by_time ON parked_event (parked_at, source, shard, seq);

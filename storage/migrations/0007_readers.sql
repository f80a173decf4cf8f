-- Who reads the events of this database besides the domains that consume them, how far, and when it was last heard of (real time): what
-- it has not passed is not forgotten, unless it was silent for too long.
CREATE TABLE reader (
    name     text COLLATE "C" PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 100),
    seqs     bigint[] NOT NULL CHECK (cardinality(seqs) = 64), -- of shard 0 first
    heard_at bigint NOT NULL
) WITH (fillfactor = 50);

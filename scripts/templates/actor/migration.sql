-- Tallies of shoppers. Times are bigint microseconds of market time.
CREATE SCHEMA IF NOT EXISTS "@name@";

CREATE TABLE "@name@".tally (
    user_id    uuid PRIMARY KEY,
    total      bigint NOT NULL CHECK (total BETWEEN 0 AND 1000000),
    version    bigint NOT NULL,
    changed_at bigint NOT NULL
);

-- How far market time is ahead of real time: moved by tests only, and never back.
CREATE TABLE market_time (
    is_only   boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    offset_us bigint NOT NULL DEFAULT 0 CHECK (offset_us >= 0)
);
INSERT INTO market_time DEFAULT VALUES;

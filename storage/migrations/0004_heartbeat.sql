-- Whether this database can be written: what a node asks now and then. beats says nothing, it only changes.
CREATE TABLE heartbeat (
    id    smallint PRIMARY KEY CHECK (id = 0),
    beats bigint NOT NULL
) WITH (fillfactor = 10, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_scale_factor = 0);
INSERT INTO heartbeat (id, beats) VALUES (0, 0);

-- Raises when nothing can be written. A disk that is full takes the row all the same, since its page and its piece of
-- the log are there already; so some 100 KB of temporary file are wanted, too, which spilled rows are: no log, no fsync.
CREATE FUNCTION beat() RETURNS void LANGUAGE plpgsql SET work_mem = '64kB' AS $$
BEGIN
    PERFORM count(*) FROM generate_series(1, 4000);
    UPDATE host.heartbeat SET beats = beats + 1 WHERE id = 0;
END $$;

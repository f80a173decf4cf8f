-- Several nodes beat in one database. Who finds the row taken by another one's beat does not wait for it, and has written all the same as
-- far as anybody can tell: waiting, it met the limit for locks, and its node was taken for one whose database takes no writes.
CREATE OR REPLACE FUNCTION beat() RETURNS void LANGUAGE plpgsql SET work_mem = '64kB' AS $$
BEGIN
    PERFORM count(*) FROM generate_series(1, 4000);
    UPDATE host.heartbeat SET beats = beats + 1
        WHERE id = (SELECT h.id FROM host.heartbeat h WHERE h.id = 0 FOR UPDATE SKIP LOCKED);
END $$;

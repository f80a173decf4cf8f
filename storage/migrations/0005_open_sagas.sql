-- Open sagas are few, so plans that are made once take this index for what names a saga, too. By shard that read every one
-- that is open, and every one that has lately ended: 480 pages for one of a full checkout's three writes, and now 3.
DROP INDEX saga_open;
CREATE INDEX saga_open ON saga (id) WHERE NOT is_done;

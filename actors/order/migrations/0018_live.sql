-- The changes of all orders in the order in which they are committed, shard by shard, for those who follow them live. A
-- position is taken from the shard's head, whose row stays locked until the commit: who reads a position has all below it.
CREATE TABLE "order".history_head (
    shard smallint PRIMARY KEY CHECK (shard BETWEEN 0 AND 63),
    last  bigint NOT NULL CHECK (last >= 0) -- position of its newest row of history; 0: there is none
) WITH (fillfactor = 20);

ALTER TABLE "order".order_history
    ADD COLUMN shard     smallint,
    ADD COLUMN position  bigint,
    ADD COLUMN vendor_id uuid;
UPDATE "order".order_history h
SET shard = n.shard, position = n.position, vendor_id = n.vendor_id
FROM (SELECT r.order_id, r.sequence, o.vendor_id, get_byte(uuid_send(r.order_id), 15) & 63 AS shard,
             row_number() OVER (PARTITION BY get_byte(uuid_send(r.order_id), 15) & 63
                                ORDER BY r.at, r.order_id, r.sequence) AS position
      FROM "order".order_history r JOIN "order".vendor_order o ON o.id = r.order_id) n
WHERE h.order_id = n.order_id AND h.sequence = n.sequence;
INSERT INTO "order".history_head (shard, last)
SELECT s.shard, coalesce((SELECT max(h.position) FROM "order".order_history h WHERE h.shard = s.shard), 0)
FROM generate_series(0, 63) AS s (shard);
ALTER TABLE "order".order_history
    ALTER COLUMN shard SET NOT NULL,
    ALTER COLUMN position SET NOT NULL,
    ALTER COLUMN vendor_id SET NOT NULL,
    ADD CONSTRAINT order_history_position UNIQUE (shard, position);
CREATE INDEX order_history_by_vendor ON "order".order_history (vendor_id, shard, position);

-- By a trigger, so that whoever writes history, a program of the version before too, numbers it. Whoever writes many rows at once,
-- as checkouts do, takes the positions itself (order_life_begin): a call of a function for each row costs more than the row.
CREATE FUNCTION "order".number_history() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.shard := get_byte(uuid_send(NEW.order_id), 15) & 63;
    UPDATE "order".history_head h SET last = h.last + 1 WHERE h.shard = NEW.shard RETURNING h.last INTO NEW.position;
    SELECT o.vendor_id INTO NEW.vendor_id FROM "order".vendor_order o WHERE o.id = NEW.order_id;
    RETURN NEW;
END
$$;
CREATE TRIGGER history_is_numbered BEFORE INSERT ON "order".order_history
    FOR EACH ROW WHEN (NEW.position IS NULL) EXECUTE FUNCTION "order".number_history();

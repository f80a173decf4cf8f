-- What becomes of an order after it was placed: its states, how far its units have come, and a history of every change.
ALTER TABLE "order".vendor_order DROP CONSTRAINT vendor_order_status_check;
ALTER TABLE "order".vendor_order
    ADD COLUMN version           bigint NOT NULL DEFAULT 0 CHECK (version >= 0), -- rows of its history
    ADD COLUMN fulfilment_status text NOT NULL DEFAULT 'unfulfilled',
    ADD COLUMN shipments_count   bigint NOT NULL DEFAULT 0 CHECK (shipments_count BETWEEN 0 AND 50),
    ADD COLUMN due_at            bigint, -- when something happens to it by itself; null: nothing does
    ADD COLUMN ended_at          bigint;
ALTER TABLE "order".order_group ADD COLUMN fulfilment_status text NOT NULL DEFAULT 'unfulfilled';

-- Units of a line. Packed ones are in parcels that were not called off; the shipped are among them, and so on.
ALTER TABLE "order".order_line
    ADD COLUMN cancelled bigint NOT NULL DEFAULT 0,
    ADD COLUMN packed    bigint NOT NULL DEFAULT 0,
    ADD COLUMN shipped   bigint NOT NULL DEFAULT 0,
    ADD COLUMN delivered bigint NOT NULL DEFAULT 0,
    ADD COLUMN returned  bigint NOT NULL DEFAULT 0,
    ADD CONSTRAINT order_line_units_cancelled CHECK (cancelled BETWEEN 0 AND quantity),
    ADD CONSTRAINT order_line_units_packed CHECK (packed BETWEEN 0 AND quantity - cancelled),
    ADD CONSTRAINT order_line_units_shipped CHECK (shipped BETWEEN 0 AND packed),
    ADD CONSTRAINT order_line_units_delivered CHECK (delivered BETWEEN 0 AND shipped),
    ADD CONSTRAINT order_line_units_returned CHECK (returned BETWEEN 0 AND delivered);

CREATE TABLE "order".order_history (
    order_id    uuid NOT NULL,
    sequence    bigint NOT NULL CHECK (sequence >= 1), -- over the order and its parcels, without gaps
    group_id    uuid NOT NULL,
    machine     text NOT NULL CHECK (machine IN ('vendor_order', 'shipment')),
    object_id   uuid NOT NULL,
    trigger     text NOT NULL,
    from_state  text NOT NULL,
    to_state    text NOT NULL,
    is_late     boolean NOT NULL, -- a report that came too late to move anything
    actor_kind  text NOT NULL CHECK (actor_kind IN ('shopper', 'guest', 'vendor', 'staff', 'system')),
    actor       text NOT NULL, -- id of whoever did it; empty: of nobody who has one
    request_id  text NOT NULL,
    at          bigint NOT NULL, -- market time
    reported_at bigint, -- when it happened, as a carrier says
    note        text NOT NULL DEFAULT '',
    PRIMARY KEY (order_id, sequence),
    CHECK (NOT is_late OR from_state = to_state)
);

-- Orders of before were placed by a market that asked no vendor: they are accepted.
INSERT INTO "order".order_history (order_id, sequence, group_id, machine, object_id, trigger, from_state, to_state,
                                   is_late, actor_kind, actor, request_id, at)
SELECT o.id, s.sequence, o.group_id, 'vendor_order', o.id, s.trigger, s.from_state, s.to_state, false, 'system', '', '',
       o.placed_at
FROM "order".vendor_order o
CROSS JOIN (VALUES (1, 'pay', 'pending_payment', 'placed'), (2, 'accept', 'placed', 'accepted'))
    AS s (sequence, trigger, from_state, to_state);
UPDATE "order".vendor_order SET status = 'accepted', version = 2;

-- No index names what changes with every step, so that a step writes no index.
DROP INDEX "order".vendor_order_open_by_vendor;
CREATE INDEX vendor_order_open_by_vendor ON "order".vendor_order (vendor_id) WHERE ended_at IS NULL;
CREATE INDEX vendor_order_due ON "order".vendor_order (due_at) WHERE due_at IS NOT NULL;
ALTER TABLE "order".vendor_order SET (fillfactor = 80);
ALTER TABLE "order".order_line SET (fillfactor = 80);

ALTER TABLE "order".vendor_order
    ADD CONSTRAINT vendor_order_status_check CHECK (status IN (
        'draft', 'pending_payment', 'payment_failed', 'expired', 'placed', 'awaiting_acceptance', 'accepted', 'refused',
        'processing', 'partially_shipped', 'shipped', 'partially_delivered', 'delivered', 'completed', 'cancelled')),
    ADD CONSTRAINT vendor_order_has_ended CHECK (
        (status IN ('expired', 'refused', 'completed', 'cancelled')) = (ended_at IS NOT NULL)),
    ADD CONSTRAINT vendor_order_fulfilment_check CHECK (fulfilment_status IN (
        'unfulfilled', 'partial', 'shipped', 'delivered', 'cancelled', 'returned', 'mixed'));
ALTER TABLE "order".order_group
    ADD CONSTRAINT order_group_fulfilment_check CHECK (fulfilment_status IN (
        'unfulfilled', 'partial', 'shipped', 'delivered', 'cancelled', 'returned', 'mixed'));

-- How far an order has come, by the sums of its units; the same as order_fulfilment_of() in C, which writes it.
CREATE FUNCTION "order".fulfilment_of(wanted bigint, shipped bigint, delivered bigint, returned bigint) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN returned > 0 AND returned = wanted THEN 'returned'
                WHEN returned > 0 THEN 'mixed'
                WHEN wanted = 0 THEN 'cancelled'
                WHEN delivered = wanted THEN 'delivered'
                WHEN delivered > 0 THEN 'partial'
                WHEN shipped = wanted THEN 'shipped'
                WHEN shipped > 0 THEN 'partial'
                ELSE 'unfulfilled' END
$$;

-- Of a group, by its orders; the same as order_group_fulfilment_of().
CREATE FUNCTION "order".group_fulfilment_of(orders text[]) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN count(DISTINCT o.status) = 1 THEN min(o.status)
                WHEN bool_or(o.status IN ('returned', 'mixed')) THEN 'mixed'
                WHEN bool_and(o.status IN ('unfulfilled', 'cancelled')) THEN 'unfulfilled'
                WHEN bool_and(o.status IN ('shipped', 'delivered')) THEN 'shipped'
                ELSE 'partial' END
    FROM unnest(orders) AS o (status)
$$;

-- The steps that the machines of orders and parcels have (order_machine.def, with which a test compares them).
CREATE FUNCTION "order".legal_steps() RETURNS TABLE (machine text, from_state text, trigger text, to_state text)
LANGUAGE sql IMMUTABLE AS $$
    SELECT s.* FROM (VALUES
        ('vendor_order', 'draft', 'prepare', 'pending_payment'), ('vendor_order', 'draft', 'expire', 'expired'),
        ('vendor_order', 'pending_payment', 'pay', 'placed'),
        ('vendor_order', 'pending_payment', 'fail_payment', 'payment_failed'),
        ('vendor_order', 'pending_payment', 'expire', 'expired'),
        ('vendor_order', 'payment_failed', 'retry_payment', 'pending_payment'),
        ('vendor_order', 'payment_failed', 'expire', 'expired'),
        ('vendor_order', 'placed', 'ask_acceptance', 'awaiting_acceptance'),
        ('vendor_order', 'placed', 'accept', 'accepted'), ('vendor_order', 'placed', 'cancel', 'cancelled'),
        ('vendor_order', 'placed', 'cancel_units', 'placed'),
        ('vendor_order', 'awaiting_acceptance', 'accept', 'accepted'),
        ('vendor_order', 'awaiting_acceptance', 'refuse', 'refused'),
        ('vendor_order', 'awaiting_acceptance', 'cancel', 'cancelled'),
        ('vendor_order', 'awaiting_acceptance', 'cancel_units', 'awaiting_acceptance'),
        ('vendor_order', 'accepted', 'process', 'processing'),
        ('vendor_order', 'accepted', 'ship_part', 'partially_shipped'),
        ('vendor_order', 'accepted', 'ship_all', 'shipped'),
        ('vendor_order', 'accepted', 'deliver_part', 'partially_delivered'),
        ('vendor_order', 'accepted', 'deliver_all', 'delivered'), ('vendor_order', 'accepted', 'cancel', 'cancelled'),
        ('vendor_order', 'accepted', 'cancel_units', 'accepted'),
        ('vendor_order', 'processing', 'ship_part', 'partially_shipped'),
        ('vendor_order', 'processing', 'ship_all', 'shipped'),
        ('vendor_order', 'processing', 'deliver_part', 'partially_delivered'),
        ('vendor_order', 'processing', 'deliver_all', 'delivered'), ('vendor_order', 'processing', 'cancel', 'cancelled'),
        ('vendor_order', 'processing', 'cancel_units', 'processing'),
        ('vendor_order', 'partially_shipped', 'ship_part', 'partially_shipped'),
        ('vendor_order', 'partially_shipped', 'ship_all', 'shipped'),
        ('vendor_order', 'partially_shipped', 'deliver_part', 'partially_delivered'),
        ('vendor_order', 'partially_shipped', 'deliver_all', 'delivered'),
        ('vendor_order', 'partially_shipped', 'cancel_units', 'partially_shipped'),
        ('vendor_order', 'shipped', 'deliver_part', 'partially_delivered'),
        ('vendor_order', 'shipped', 'deliver_all', 'delivered'),
        ('vendor_order', 'partially_delivered', 'ship_part', 'partially_delivered'),
        ('vendor_order', 'partially_delivered', 'ship_all', 'partially_delivered'),
        ('vendor_order', 'partially_delivered', 'deliver_part', 'partially_delivered'),
        ('vendor_order', 'partially_delivered', 'deliver_all', 'delivered'),
        ('vendor_order', 'partially_delivered', 'cancel_units', 'partially_delivered'),
        ('vendor_order', 'delivered', 'complete', 'completed'), ('shipment', 'unpacked', 'pack', 'created'),
        ('shipment', 'created', 'make_ready', 'ready'),
        ('shipment', 'created', 'hand_over', 'handed_over'), ('shipment', 'created', 'cancel', 'cancelled'),
        ('shipment', 'ready', 'hand_over', 'handed_over'), ('shipment', 'ready', 'cancel', 'cancelled'),
        ('shipment', 'handed_over', 'transit', 'in_transit'),
        ('shipment', 'handed_over', 'go_out_for_delivery', 'out_for_delivery'),
        ('shipment', 'handed_over', 'deliver', 'delivered'), ('shipment', 'handed_over', 'report_exception', 'exception'),
        ('shipment', 'handed_over', 'return_to_sender', 'returned_to_sender'),
        ('shipment', 'in_transit', 'go_out_for_delivery', 'out_for_delivery'),
        ('shipment', 'in_transit', 'deliver', 'delivered'), ('shipment', 'in_transit', 'report_exception', 'exception'),
        ('shipment', 'in_transit', 'return_to_sender', 'returned_to_sender'),
        ('shipment', 'out_for_delivery', 'deliver', 'delivered'),
        ('shipment', 'out_for_delivery', 'report_exception', 'exception'),
        ('shipment', 'out_for_delivery', 'return_to_sender', 'returned_to_sender'),
        ('shipment', 'exception', 'transit', 'in_transit'),
        ('shipment', 'exception', 'go_out_for_delivery', 'out_for_delivery'),
        ('shipment', 'exception', 'deliver', 'delivered'),
        ('shipment', 'exception', 'return_to_sender', 'returned_to_sender')) AS s (machine, from_state, trigger, to_state)
$$;

-- Every row is a violated invariant of the stored histories and of what is counted beside them; none is what it should be.
CREATE FUNCTION "order".check_lives() RETURNS TABLE (invariant text, id uuid)
LANGUAGE sql STABLE AS $$
    WITH history AS (
        SELECT h.order_id, count(*) AS rows_count, max(h.sequence) AS last
        FROM "order".order_history h GROUP BY h.order_id),
    steps AS (
        SELECT h.object_id, h.machine, h.from_state, h.trigger, h.to_state, h.is_late,
               lag(h.to_state) OVER w AS before_state, lead(h.sequence) OVER w IS NULL AS is_last
        FROM "order".order_history h WINDOW w AS (PARTITION BY h.object_id ORDER BY h.sequence)),
    units AS (
        SELECT l.order_id, sum(l.quantity - l.cancelled)::bigint AS wanted, sum(l.shipped)::bigint AS shipped,
               sum(l.delivered)::bigint AS delivered, sum(l.returned)::bigint AS returned
        FROM "order".order_line l GROUP BY l.order_id)
    SELECT 'history_has_gaps', o.id
    FROM "order".vendor_order o LEFT JOIN history h ON h.order_id = o.id
    WHERE o.version <> coalesce(h.rows_count, 0) OR o.version <> coalesce(h.last, 0)
    UNION ALL
    SELECT 'history_of_no_order', h.order_id
    FROM history h LEFT JOIN "order".vendor_order o ON o.id = h.order_id WHERE o.id IS NULL
    UNION ALL
    SELECT 'history_is_no_path', s.object_id
    FROM steps s WHERE s.before_state <> s.from_state
    UNION ALL
    SELECT 'history_has_an_illegal_step', s.object_id
    FROM steps s
    WHERE NOT s.is_late AND NOT EXISTS (
        SELECT 1 FROM "order".legal_steps() l
        WHERE l.machine = s.machine AND l.from_state = s.from_state AND l.trigger = s.trigger AND l.to_state = s.to_state)
    UNION ALL
    SELECT 'history_does_not_begin', s.object_id
    FROM steps s
    WHERE s.before_state IS NULL
      AND s.from_state <> CASE s.machine WHEN 'vendor_order' THEN 'pending_payment' ELSE 'unpacked' END
    UNION ALL
    SELECT 'order_is_not_where_its_history_ends', o.id
    FROM "order".vendor_order o JOIN steps s ON s.object_id = o.id AND s.is_last
    WHERE s.to_state <> o.status
    UNION ALL
    SELECT 'order_is_not_as_far_as_its_units', o.id
    FROM "order".vendor_order o JOIN units u ON u.order_id = o.id
    WHERE o.fulfilment_status <> "order".fulfilment_of(u.wanted, u.shipped, u.delivered, u.returned)
    UNION ALL
    SELECT 'state_is_not_as_far_as_its_units', o.id
    FROM "order".vendor_order o JOIN units u ON u.order_id = o.id
    WHERE CASE WHEN o.status IN ('expired', 'refused', 'cancelled') THEN u.shipped > 0
               WHEN o.status IN ('delivered', 'completed') THEN u.delivered <> u.wanted
               WHEN o.status = 'partially_delivered' THEN u.delivered = 0 OR u.delivered = u.wanted
               WHEN o.status = 'shipped' THEN u.delivered > 0 OR u.shipped <> u.wanted
               WHEN o.status = 'partially_shipped' THEN u.delivered > 0 OR u.shipped = 0 OR u.shipped = u.wanted
               ELSE u.shipped > 0 END
    UNION ALL
    SELECT 'group_is_not_as_far_as_its_orders', g.id
    FROM "order".order_group g
    JOIN (SELECT o.group_id, array_agg(o.fulfilment_status) AS orders FROM "order".vendor_order o GROUP BY o.group_id) o
      ON o.group_id = g.id
    WHERE g.fulfilment_status <> "order".group_fulfilment_of(o.orders)
$$;

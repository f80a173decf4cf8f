-- Units that come back: asked for, answered, received, refunded. While a return is open its order is not completed.
ALTER TABLE "order".vendor_order
    ADD COLUMN returns_until bigint, -- until when units may be returned; null: not all has arrived
    ADD COLUMN returns_open  bigint NOT NULL DEFAULT 0 CHECK (returns_open BETWEEN 0 AND 20),
    ADD CONSTRAINT vendor_order_completed_without_returns CHECK (status <> 'completed' OR returns_open = 0);
UPDATE "order".vendor_order SET returns_until = due_at WHERE status = 'delivered';

CREATE TABLE "order".order_return (
    id           uuid PRIMARY KEY,
    order_id     uuid NOT NULL,
    position     bigint NOT NULL CHECK (position BETWEEN 1 AND 20), -- among the order's returns
    status       text NOT NULL CHECK (status IN (
        'requested', 'approved', 'rejected', 'label_sent', 'partially_received', 'received', 'refunded', 'exchanged',
        'cancelled')),
    reason       text NOT NULL,
    requested_at bigint NOT NULL,
    due_at       bigint, -- when something happens to it by itself
    ended_at     bigint,
    refund_id    uuid UNIQUE,
    CHECK ((ended_at IS NOT NULL) = (status IN ('rejected', 'refunded', 'exchanged', 'cancelled'))),
    CHECK (due_at IS NULL OR ended_at IS NULL),
    CHECK ((refund_id IS NOT NULL) = (status = 'refunded'))
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX order_return_by_order ON "order".order_return (order_id, position);
CREATE INDEX order_return_due ON "order".order_return (due_at) WHERE due_at IS NOT NULL;
CREATE TABLE "order".order_return_line (
    return_id uuid NOT NULL,
    line_id   uuid NOT NULL,
    quantity  bigint NOT NULL CHECK (quantity >= 1),
    received  bigint NOT NULL DEFAULT 0 CHECK (received BETWEEN 0 AND quantity),
    restocked bigint NOT NULL DEFAULT 0 CHECK (restocked BETWEEN 0 AND received),
    PRIMARY KEY (return_id, line_id)
);
-- What arrived: each time, each line and condition.
CREATE TABLE "order".order_return_receipt (
    return_id    uuid NOT NULL,
    sequence     bigint NOT NULL, -- the row of history
    position     bigint NOT NULL,
    line_id      uuid NOT NULL,
    quantity     bigint NOT NULL CHECK (quantity >= 1),
    condition    text NOT NULL CHECK (condition IN ('as_new', 'used', 'damaged')),
    is_restocked boolean NOT NULL,
    PRIMARY KEY (return_id, sequence, position)
);
ALTER TABLE "order".order_history
    DROP CONSTRAINT order_history_machine_check,
    ADD CONSTRAINT order_history_machine_check CHECK (machine IN ('vendor_order', 'shipment', 'return'));

-- Every row is a violated invariant of the stored returns; none is what it should be.
CREATE FUNCTION "order".check_returns() RETURNS TABLE (invariant text, id uuid)
LANGUAGE sql STABLE AS $$
    WITH ends AS (
        SELECT DISTINCT ON (h.object_id) h.object_id, h.to_state FROM "order".order_history h
        WHERE h.machine = 'return' ORDER BY h.object_id, h.sequence DESC),
    units AS (
        SELECT l.line_id, sum(CASE WHEN r.status = 'refunded' THEN l.received ELSE l.quantity END) AS asked,
               sum(l.received) FILTER (WHERE r.status = 'refunded') AS returned
        FROM "order".order_return_line l JOIN "order".order_return r ON r.id = l.return_id
        WHERE r.status NOT IN ('rejected', 'cancelled') GROUP BY l.line_id),
    receipts AS (
        SELECT p.return_id, p.line_id, sum(p.quantity) AS received, sum(p.quantity) FILTER (WHERE p.is_restocked) AS restocked
        FROM "order".order_return_receipt p GROUP BY p.return_id, p.line_id)
    SELECT 'return_is_not_where_its_history_ends', r.id
    FROM "order".order_return r LEFT JOIN ends e ON e.object_id = r.id WHERE r.status IS DISTINCT FROM e.to_state
    UNION ALL
    SELECT 'order_does_not_count_its_open_returns', o.id
    FROM "order".vendor_order o
    LEFT JOIN (SELECT r.order_id, count(*) AS open FROM "order".order_return r WHERE r.ended_at IS NULL GROUP BY r.order_id) r
      ON r.order_id = o.id
    WHERE o.returns_open <> coalesce(r.open, 0)
    UNION ALL
    SELECT 'return_of_no_line_of_the_order', l.return_id
    FROM "order".order_return_line l JOIN "order".order_return r ON r.id = l.return_id
    LEFT JOIN "order".order_line o ON o.id = l.line_id WHERE o.order_id IS DISTINCT FROM r.order_id
    UNION ALL
    SELECT 'more_is_returned_than_has_arrived', l.id
    FROM "order".order_line l JOIN units u ON u.line_id = l.id WHERE u.asked > l.delivered
    UNION ALL
    SELECT 'line_does_not_count_what_was_returned', l.id
    FROM "order".order_line l LEFT JOIN units u ON u.line_id = l.id WHERE l.returned <> coalesce(u.returned, 0)
    UNION ALL
    SELECT 'return_does_not_count_what_was_received', l.return_id
    FROM "order".order_return_line l
    LEFT JOIN receipts p ON p.return_id = l.return_id AND p.line_id = l.line_id
    WHERE l.received <> coalesce(p.received, 0) OR l.restocked <> coalesce(p.restocked, 0)
    UNION ALL
    SELECT 'refunded_return_without_its_refund', r.id
    FROM "order".order_return r LEFT JOIN "order".order_refund f ON f.id = r.refund_id
    WHERE r.refund_id IS NOT NULL AND f.order_id IS DISTINCT FROM r.order_id
$$;

-- The steps that the machines of orders, parcels and returns have (order_machine.def, with which a test compares them).
CREATE OR REPLACE FUNCTION "order".legal_steps() RETURNS TABLE (machine text, from_state text, trigger text, to_state text)
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
        ('shipment', 'exception', 'return_to_sender', 'returned_to_sender'),
        ('return', 'unrequested', 'request', 'requested'),
        ('return', 'requested', 'approve', 'approved'),
        ('return', 'requested', 'reject', 'rejected'),
        ('return', 'requested', 'cancel', 'cancelled'),
        ('return', 'approved', 'send_label', 'label_sent'),
        ('return', 'approved', 'receive_part', 'partially_received'),
        ('return', 'approved', 'receive_all', 'received'),
        ('return', 'approved', 'cancel', 'cancelled'),
        ('return', 'approved', 'expire', 'cancelled'),
        ('return', 'label_sent', 'receive_part', 'partially_received'),
        ('return', 'label_sent', 'receive_all', 'received'),
        ('return', 'label_sent', 'expire', 'cancelled'),
        ('return', 'partially_received', 'receive_part', 'partially_received'),
        ('return', 'partially_received', 'receive_all', 'received'),
        ('return', 'partially_received', 'refund', 'refunded'),
        ('return', 'received', 'refund', 'refunded'),
        ('return', 'received', 'exchange', 'exchanged')) AS s (machine, from_state, trigger, to_state)
$$;

-- Every row is a violated invariant of the stored histories and of what is counted beside them; none is what it should be.
CREATE OR REPLACE FUNCTION "order".check_lives() RETURNS TABLE (invariant text, id uuid)
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
      AND s.from_state <> CASE s.machine WHEN 'vendor_order' THEN 'pending_payment' WHEN 'return' THEN 'unrequested'
                          ELSE 'unpacked' END
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

-- Every row is a violated invariant of what orders keep of their price and of what went back; none is what it should be.
-- check_orders() knows the sums of orders and groups.
CREATE OR REPLACE FUNCTION "order".check_prices() RETURNS TABLE (invariant text, id uuid)
LANGUAGE sql STABLE AS $$
    WITH subjects AS (
        SELECT l.id, l.order_id, l.discount, l.tax, l.quantity, l.total AS goods, l.cancelled + l.returned AS gone
        FROM "order".order_line l
        UNION ALL
        SELECT d.id, d.order_id, d.discount, d.tax, 1, d.amount, NULL FROM "order".order_delivery d),
    included AS (SELECT DISTINCT r.order_id FROM "order".order_rate r WHERE r.is_included),
    paid AS (
        SELECT s.*, i.order_id IS NOT NULL AS is_included,
               s.goods - s.discount + CASE WHEN i.order_id IS NULL THEN s.tax ELSE 0 END AS total
        FROM subjects s LEFT JOIN included i ON i.order_id = s.order_id),
    gone AS (
        SELECT p.subject_id, r.order_id, sum(p.quantity) AS quantity, sum(p.goods) AS goods, sum(p.discount) AS discount,
               sum(p.tax) AS tax, sum(p.total) AS total
        FROM "order".order_refund_part p JOIN "order".order_refund r ON r.id = p.refund_id
        GROUP BY p.subject_id, r.order_id),
    refunds AS (
        SELECT r.order_id, sum(r.total) AS total, sum(r.waived) AS waived FROM "order".order_refund r GROUP BY r.order_id),
    parts AS (SELECT p.refund_id, sum(p.total) AS total FROM "order".order_refund_part p GROUP BY p.refund_id),
    gone_discounts AS (
        SELECT d.refund_id, d.subject_id, sum(d.market_amount + d.vendor_amount) AS total
        FROM "order".order_refund_discount d GROUP BY d.refund_id, d.subject_id),
    gone_taxes AS (
        SELECT t.refund_id, t.subject_id, sum(t.amount) AS total
        FROM "order".order_refund_tax t GROUP BY t.refund_id, t.subject_id),
    of_discounts AS (
        SELECT s.subject_id, sum(s.market_amount + s.vendor_amount) AS total FROM "order".order_discount s GROUP BY s.subject_id),
    of_taxes AS (
        SELECT s.subject_id, sum(s.amount) AS total FROM "order".order_tax s GROUP BY s.subject_id),
    of_lines AS (
        SELECT l.order_id, sum(l.discount) AS discount, sum(l.tax) AS tax FROM "order".order_line l GROUP BY l.order_id),
    of_deliveries AS (
        SELECT d.order_id, sum(d.amount) AS amount, sum(d.discount) AS discount, sum(d.tax) AS tax
        FROM "order".order_delivery d GROUP BY d.order_id)
    SELECT 'discount_is_not_sum_of_promotions', s.id
    FROM subjects s LEFT JOIN of_discounts d ON d.subject_id = s.id WHERE s.discount <> coalesce(d.total, 0)
    UNION ALL
    SELECT 'tax_is_not_sum_of_rates', s.id
    FROM subjects s LEFT JOIN of_taxes t ON t.subject_id = s.id WHERE s.tax <> coalesce(t.total, 0)
    UNION ALL
    SELECT 'order_discount_is_not_sum_of_lines', o.id
    FROM "order".vendor_order o JOIN of_lines l ON l.order_id = o.id WHERE o.discount <> l.discount
    UNION ALL
    SELECT 'order_shipping_is_not_sum_of_deliveries', o.id
    FROM "order".vendor_order o LEFT JOIN of_deliveries d ON d.order_id = o.id
    WHERE o.shipping <> coalesce(d.amount, 0) OR o.shipping_discount <> coalesce(d.discount, 0)
    UNION ALL
    SELECT 'order_tax_is_not_sum_of_its_parts', o.id
    FROM "order".vendor_order o JOIN of_lines l ON l.order_id = o.id LEFT JOIN of_deliveries d ON d.order_id = o.id
    WHERE o.tax <> CASE WHEN EXISTS (SELECT 1 FROM "order".order_rate r WHERE r.order_id = o.id AND r.is_included)
                   THEN 0 ELSE l.tax + coalesce(d.tax, 0) END
    UNION ALL
    SELECT 'price_of_no_line_and_no_delivery', x.subject_id
    FROM (SELECT subject_id, order_id FROM "order".order_discount UNION ALL SELECT subject_id, order_id FROM "order".order_tax) x
    LEFT JOIN subjects s ON s.id = x.subject_id WHERE s.order_id IS DISTINCT FROM x.order_id
    UNION ALL
    SELECT 'refund_is_not_sum_of_its_parts', r.id
    FROM "order".order_refund r LEFT JOIN parts p ON p.refund_id = r.id WHERE r.total IS DISTINCT FROM p.total
    UNION ALL
    SELECT 'part_that_goes_back_does_not_add_up', p.subject_id
    FROM "order".order_refund_part p LEFT JOIN paid s ON s.id = p.subject_id
    WHERE p.total IS DISTINCT FROM p.goods - p.discount + CASE WHEN s.is_included THEN 0 ELSE p.tax END
    UNION ALL
    SELECT 'discount_that_goes_back_is_not_sum_of_promotions', p.subject_id
    FROM "order".order_refund_part p
    LEFT JOIN gone_discounts d ON d.refund_id = p.refund_id AND d.subject_id = p.subject_id
    WHERE p.discount <> coalesce(d.total, 0)
    UNION ALL
    SELECT 'tax_that_goes_back_is_not_sum_of_rates', p.subject_id
    FROM "order".order_refund_part p
    LEFT JOIN gone_taxes t ON t.refund_id = p.refund_id AND t.subject_id = p.subject_id
    WHERE p.tax <> coalesce(t.total, 0)
    UNION ALL
    SELECT 'more_went_back_than_there_was', g.subject_id
    FROM gone g LEFT JOIN paid s ON s.id = g.subject_id AND s.order_id = g.order_id
    WHERE s.id IS NULL OR g.quantity > s.quantity OR g.goods > s.goods OR g.discount > s.discount OR g.tax > s.tax
       OR g.total > s.total
    UNION ALL
    SELECT 'all_went_back_but_not_what_it_cost', g.subject_id
    FROM gone g JOIN paid s ON s.id = g.subject_id
    WHERE g.quantity = s.quantity
      AND (g.goods <> s.goods OR g.discount <> s.discount OR g.tax <> s.tax OR g.total <> s.total)
    UNION ALL
    SELECT 'more_of_a_promotion_went_back_than_it_took', d.subject_id
    FROM (SELECT d.subject_id, d.promotion_id, sum(d.market_amount) AS market, sum(d.vendor_amount) AS vendor
          FROM "order".order_refund_discount d GROUP BY d.subject_id, d.promotion_id) d
    LEFT JOIN "order".order_discount o ON o.subject_id = d.subject_id AND o.promotion_id = d.promotion_id
    WHERE NOT coalesce(d.market <= o.market_amount AND d.vendor <= o.vendor_amount, false)
    UNION ALL
    SELECT 'more_of_a_rate_went_back_than_it_took', t.subject_id
    FROM (SELECT t.subject_id, t.rate_id, sum(t.amount) AS amount
          FROM "order".order_refund_tax t GROUP BY t.subject_id, t.rate_id) t
    LEFT JOIN "order".order_tax o ON o.subject_id = t.subject_id AND o.rate_id = t.rate_id
    WHERE NOT coalesce(t.amount <= o.amount, false)
    UNION ALL
    SELECT 'units_that_went_back_are_not_refunded', s.id
    FROM paid s LEFT JOIN gone g ON g.subject_id = s.id WHERE s.gone <> coalesce(g.quantity, 0)
    UNION ALL
    SELECT 'order_is_not_refunded_by_its_refunds', o.id
    FROM "order".vendor_order o LEFT JOIN refunds r ON r.order_id = o.id
    WHERE o.refunded + o.waived <> coalesce(r.total, 0) OR o.waived <> coalesce(r.waived, 0)
    UNION ALL
    SELECT 'wallet_is_refunded_while_something_is_owed', o.id
    FROM "order".vendor_order o WHERE o.refunded > 0 AND o.waived < o.on_delivery
    UNION ALL
    SELECT 'called_off_but_not_all_went_back', o.id
    FROM "order".vendor_order o WHERE o.status IN ('cancelled', 'refused') AND o.refunded + o.waived <> o.total
    UNION ALL
    SELECT 'refund_that_no_history_tells', r.id
    FROM "order".order_refund r
    LEFT JOIN "order".order_history h ON h.order_id = r.order_id AND h.sequence = r.sequence
    WHERE h.trigger IS NULL OR h.trigger NOT IN ('cancel', 'refuse', 'cancel_units', 'refund')
$$;

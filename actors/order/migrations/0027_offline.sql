-- What is paid outside of the market: at the door, by bank transfer, for an invoice. Of `on_delivery`, which is all of that, so
-- much was collected; what goes back of it is handed back by whoever has it, and never by a wallet.
ALTER TABLE "order".vendor_order
    ADD COLUMN offline_method text CHECK (offline_method IN ('transfer', 'invoice')), -- null: at the door
    ADD COLUMN payment_due_at bigint,
    ADD COLUMN is_asked       boolean, -- its vendor is asked to accept it when it is paid
    ADD COLUMN collected      bigint NOT NULL DEFAULT 0,
    ADD COLUMN handed_back    bigint NOT NULL DEFAULT 0,
    ADD CONSTRAINT vendor_order_collected_is_a_part CHECK (collected >= 0 AND waived + collected <= on_delivery),
    ADD CONSTRAINT vendor_order_handed_back_is_a_part CHECK (handed_back BETWEEN 0 AND collected);
ALTER TABLE "order".order_group
    ADD COLUMN offline_method text CHECK (offline_method IN ('transfer', 'invoice')),
    ADD COLUMN payment_due_at bigint,
    ADD COLUMN collected      bigint NOT NULL DEFAULT 0,
    ADD COLUMN handed_back    bigint NOT NULL DEFAULT 0,
    ADD CONSTRAINT order_group_collected_is_a_part CHECK (collected >= 0 AND waived + collected <= on_delivery),
    ADD CONSTRAINT order_group_handed_back_is_a_part CHECK (handed_back BETWEEN 0 AND collected);
ALTER TABLE "order".order_refund
    ADD COLUMN manual     bigint NOT NULL DEFAULT 0, -- is handed back; what is neither waived nor this goes to the wallet
    ADD COLUMN settled_at bigint, -- when it was
    ADD CONSTRAINT order_refund_manual_is_a_part CHECK (manual BETWEEN 0 AND total - waived),
    ADD CONSTRAINT order_refund_settled_has_something CHECK (settled_at IS NULL OR manual > 0);
-- What staff still has to see to.
CREATE INDEX order_refund_open ON "order".order_refund (id) WHERE manual > 0 AND settled_at IS NULL;
-- What a shopper owes, for the next invoice.
CREATE INDEX vendor_order_invoices ON "order".vendor_order (user_id) WHERE offline_method = 'invoice';

-- How far something is paid: from a wallet when it was placed, and what was collected since. What is waived was never paid, and an
-- order that cost nothing is not paid any more when it was called off. The same as order_payment_summary_of() in C.
CREATE FUNCTION "order".payment_state_of(total bigint, on_delivery bigint, waived bigint, collected bigint, given_back bigint,
                                         is_called_off boolean) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN total = 0 THEN CASE WHEN is_called_off THEN 'unpaid' ELSE 'paid' END
                WHEN given_back > 0 AND given_back >= total - on_delivery + collected THEN 'refunded'
                WHEN given_back > 0 THEN 'partially_refunded'
                WHEN total - on_delivery + collected = 0 THEN 'unpaid'
                WHEN total - on_delivery + collected >= total - waived THEN 'paid'
                ELSE 'partially_paid' END
$$;
UPDATE "order".vendor_order SET payment_status = 'unpaid' WHERE total = 0 AND status IN ('cancelled', 'refused');
UPDATE "order".order_group SET payment_status = 'unpaid'
WHERE status = 'placed' AND total = 0 AND fulfilment_status = 'cancelled';

-- The steps that the machines of orders, parcels and returns have (order_machine.def, with which a test compares them).
ALTER FUNCTION "order".legal_steps() RENAME TO legal_steps_21;
CREATE FUNCTION "order".legal_steps() RETURNS TABLE (machine text, from_state text, trigger text, to_state text)
LANGUAGE sql IMMUTABLE AS $$
    SELECT * FROM "order".legal_steps_21()
    UNION ALL VALUES
        ('vendor_order', 'pending_payment', 'remind', 'pending_payment'),
        ('vendor_order', 'pending_payment', 'cancel', 'cancelled'),
        ('vendor_order', 'pending_payment', 'cancel_units', 'pending_payment')
    UNION ALL
    SELECT 'vendor_order', s.state, t.trigger, s.state
    FROM unnest('{awaiting_acceptance,accepted,processing,partially_shipped,shipped,partially_delivered,delivered,
                  completed}'::text[]) AS s (state)
    CROSS JOIN unnest('{mark_paid,mark_unpaid}'::text[]) AS t (trigger)
    UNION ALL
    SELECT 'vendor_order', s.state, 'hand_back', s.state
    FROM unnest('{awaiting_acceptance,accepted,processing,partially_shipped,shipped,partially_delivered,delivered,completed,
                  cancelled,refused}'::text[]) AS s (state)
$$;

-- Every row is a violated invariant of the stored orders; none is what it should be.
CREATE OR REPLACE FUNCTION "order".check_orders() RETURNS TABLE (invariant text, id uuid)
LANGUAGE sql STABLE AS $$
    WITH orders AS (
        SELECT o.group_id, sum(o.total) AS total, sum(o.on_delivery) AS on_delivery,
               sum(o.refunded) AS refunded, sum(o.waived) AS waived, sum(o.collected) AS collected,
               sum(o.handed_back) AS handed_back, count(*) AS orders_count,
               count(DISTINCT o.currency) AS currencies_count, min(o.currency) AS currency
        FROM "order".vendor_order o GROUP BY o.group_id),
    lines AS (
        SELECT l.order_id, sum(l.total) AS items FROM "order".order_line l GROUP BY l.order_id)
    SELECT 'placed_group_without_orders', g.id
    FROM "order".order_group g LEFT JOIN orders s ON s.group_id = g.id
    WHERE g.status = 'placed' AND s.group_id IS NULL
    UNION ALL
    SELECT 'group_total_is_not_sum_of_orders', g.id
    FROM "order".order_group g JOIN orders s ON s.group_id = g.id
    WHERE g.total <> s.total OR s.currencies_count <> 1 OR s.currency <> g.currency
    UNION ALL
    SELECT 'on_delivery_is_not_sum_of_orders', g.id
    FROM "order".order_group g JOIN orders s ON s.group_id = g.id
    WHERE g.on_delivery <> s.on_delivery
    UNION ALL
    SELECT 'group_is_not_paid_as_it_says', g.id
    FROM "order".order_group g
    WHERE g.status = 'placed'
      AND g.payment_status <> "order".payment_state_of(g.total, g.on_delivery, g.waived, g.collected,
                                                       g.refunded + g.handed_back, g.fulfilment_status = 'cancelled')
    UNION ALL
    SELECT 'refunded_is_not_sum_of_orders', g.id
    FROM "order".order_group g JOIN orders s ON s.group_id = g.id
    WHERE g.refunded <> s.refunded
    UNION ALL
    SELECT 'waived_is_not_sum_of_orders', g.id
    FROM "order".order_group g JOIN orders s ON s.group_id = g.id
    WHERE g.waived <> s.waived
    UNION ALL
    SELECT 'collected_is_not_sum_of_orders', g.id
    FROM "order".order_group g JOIN orders s ON s.group_id = g.id
    WHERE g.collected <> s.collected OR g.handed_back <> s.handed_back
    UNION ALL
    SELECT 'order_is_paid_otherwise_than_its_group', o.id
    FROM "order".vendor_order o JOIN "order".order_group g ON g.id = o.group_id
    WHERE o.offline_method IS DISTINCT FROM g.offline_method
    UNION ALL
    SELECT 'order_is_not_paid_as_it_says', o.id
    FROM "order".vendor_order o
    WHERE o.payment_status <> "order".payment_state_of(o.total, o.on_delivery, o.waived, o.collected,
                                                       o.refunded + o.handed_back, o.status IN ('cancelled', 'refused'))
    UNION ALL
    SELECT 'order_waits_for_a_payment_that_is_not_owed', o.id
    FROM "order".vendor_order o
    WHERE o.status = 'pending_payment'
      AND (o.offline_method IS DISTINCT FROM 'transfer' OR o.collected > 0 OR o.payment_due_at IS NULL)
    UNION ALL
    SELECT 'guest_has_paid_from_a_wallet', g.id
    FROM "order".order_group g
    WHERE (g.user_id IS NULL OR g.claimed_at IS NOT NULL) AND g.on_delivery <> g.total
    UNION ALL
    SELECT 'order_is_not_of_its_groups_owner', o.id
    FROM "order".vendor_order o JOIN "order".order_group g ON g.id = o.group_id
    WHERE o.user_id IS DISTINCT FROM g.user_id
    UNION ALL
    SELECT 'order_items_are_not_sum_of_lines', o.id
    FROM "order".vendor_order o LEFT JOIN lines s ON s.order_id = o.id
    WHERE s.items IS DISTINCT FROM o.items
    UNION ALL
    SELECT 'orders_of_a_group_that_is_not_placed', s.group_id
    FROM orders s LEFT JOIN "order".order_group g ON g.id = s.group_id
    WHERE g.status IS DISTINCT FROM 'placed'
    UNION ALL
    SELECT 'line_without_its_order', l.id
    FROM "order".order_line l LEFT JOIN "order".vendor_order o ON o.id = l.order_id
    WHERE o.group_id IS DISTINCT FROM l.group_id
    UNION ALL
    SELECT 'cart_placed_twice', g.cart_id
    FROM "order".order_group g WHERE g.status = 'placed' GROUP BY g.cart_id HAVING count(*) > 1
    UNION ALL
    SELECT 'cart_and_group_disagree', c.id
    FROM "order".cart c LEFT JOIN "order".order_group g ON g.id = c.group_id
    WHERE c.status IN ('locked', 'ordered')
      AND (g.cart_id IS DISTINCT FROM c.id
           OR (g.user_id IS DISTINCT FROM c.user_id AND NOT (c.user_id IS NULL AND g.claimed_at IS NOT NULL))
           OR g.status IS DISTINCT FROM CASE c.status WHEN 'locked' THEN 'pending' ELSE 'placed' END)
    UNION ALL
    SELECT 'pending_group_without_locked_cart', g.id
    FROM "order".order_group g LEFT JOIN "order".cart c ON c.id = g.cart_id
    WHERE g.status = 'pending' AND (c.status IS DISTINCT FROM 'locked' OR c.group_id IS DISTINCT FROM g.id)
    UNION ALL
    SELECT 'adopted_cart_is_not_closed', c.id
    FROM "order".cart_merge m JOIN "order".cart c ON c.id = m.guest_cart_id
    WHERE c.merged_into IS DISTINCT FROM m.user_id
    UNION ALL
    SELECT 'line_of_no_cart', l.id
    FROM "order".cart_line l LEFT JOIN "order".cart c ON c.id = l.cart_id WHERE c.id IS NULL
    UNION ALL
    SELECT 'too_many_lines', l.cart_id
    FROM "order".cart_line l GROUP BY l.cart_id HAVING count(*) > 50
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
        SELECT r.order_id, sum(r.total) AS total, sum(r.waived) AS waived, sum(r.manual) AS manual
        FROM "order".order_refund r GROUP BY r.order_id),
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
    WHERE o.refunded + o.waived + o.handed_back <> coalesce(r.total, 0) OR o.waived <> coalesce(r.waived, 0)
       OR o.handed_back <> coalesce(r.manual, 0)
    UNION ALL
    SELECT 'wallet_is_refunded_while_something_is_owed', o.id
    FROM "order".vendor_order o WHERE o.refunded > 0 AND o.waived + o.collected < o.on_delivery
    UNION ALL
    SELECT 'called_off_but_not_all_went_back', o.id
    FROM "order".vendor_order o WHERE o.status IN ('cancelled', 'refused') AND o.refunded + o.waived + o.handed_back <> o.total
    UNION ALL
    SELECT 'refund_that_no_history_tells', r.id
    FROM "order".order_refund r
    LEFT JOIN "order".order_history h ON h.order_id = r.order_id AND h.sequence = r.sequence
    WHERE h.trigger IS NULL OR h.trigger NOT IN ('cancel', 'refuse', 'cancel_units', 'refund')
$$;

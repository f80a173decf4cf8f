-- How far what was paid has gone back, of orders and of groups.
ALTER TABLE "order".order_group
    ADD COLUMN refunded bigint NOT NULL DEFAULT 0,
    ADD CONSTRAINT order_group_refunded_is_a_part CHECK (refunded BETWEEN 0 AND total - on_delivery),
    DROP CONSTRAINT order_group_payment_status_check,
    ADD CONSTRAINT order_group_payment_status_check CHECK (
        payment_status IN ('unpaid', 'paid', 'partially_paid', 'partially_refunded', 'refunded'));
ALTER TABLE "order".vendor_order
    DROP CONSTRAINT vendor_order_payment_status_check,
    ADD CONSTRAINT vendor_order_payment_status_check CHECK (
        payment_status IN ('unpaid', 'paid', 'partially_paid', 'partially_refunded', 'refunded'));

-- What was paid at placement is all but what is owed on delivery; the same as order_payment_summary_of() in C.
CREATE FUNCTION "order".payment_state_of(total bigint, on_delivery bigint, refunded bigint) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN refunded = 0 THEN "order".payment_status_of(total, on_delivery)
                WHEN refunded >= total - on_delivery THEN 'refunded'
                ELSE 'partially_refunded' END
$$;

-- Every row is a violated invariant of the stored orders; none is what it should be.
CREATE OR REPLACE FUNCTION "order".check_orders() RETURNS TABLE (invariant text, id uuid)
LANGUAGE sql STABLE AS $$
    WITH orders AS (
        SELECT o.group_id, sum(o.total) AS total, sum(o.on_delivery) AS on_delivery,
               sum(o.refunded) AS refunded, count(*) AS orders_count,
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
    WHERE g.status = 'placed' AND g.payment_status <> "order".payment_state_of(g.total, g.on_delivery, g.refunded)
    UNION ALL
    SELECT 'refunded_is_not_sum_of_orders', g.id
    FROM "order".order_group g JOIN orders s ON s.group_id = g.id
    WHERE g.refunded <> s.refunded
    UNION ALL
    SELECT 'order_is_not_paid_as_it_says', o.id
    FROM "order".vendor_order o
    WHERE o.payment_status <> "order".payment_state_of(o.total, o.on_delivery, o.refunded)
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

-- Units that are cancelled: what goes back for them, line by line, so that whatever follows (commission, reports) reads it
-- and computes nothing again. What was to be paid on delivery is waived before a wallet gets anything back.
ALTER TABLE "order".vendor_order
    ADD COLUMN waived bigint NOT NULL DEFAULT 0, -- of what was to be paid on delivery
    ADD CONSTRAINT vendor_order_waived_is_a_part CHECK (waived BETWEEN 0 AND on_delivery);
ALTER TABLE "order".order_group
    ADD COLUMN waived bigint NOT NULL DEFAULT 0,
    ADD CONSTRAINT order_group_waived_is_a_part CHECK (waived BETWEEN 0 AND on_delivery);

CREATE TABLE "order".order_refund (
    id       uuid PRIMARY KEY,
    order_id uuid NOT NULL,
    sequence bigint NOT NULL, -- the row of history that says by whom, when and why
    total    bigint NOT NULL CHECK (total >= 0),
    waived   bigint NOT NULL CHECK (waived BETWEEN 0 AND total) -- the rest goes to the wallet
);
CREATE UNIQUE INDEX order_refund_by_order ON "order".order_refund (order_id, sequence);

-- Of a line, or of a delivery, which is one unit; in the sense of order_line.
CREATE TABLE "order".order_refund_part (
    refund_id  uuid NOT NULL,
    subject_id uuid NOT NULL,
    quantity   bigint NOT NULL CHECK (quantity >= 1),
    goods      bigint NOT NULL CHECK (goods >= 0),
    discount   bigint NOT NULL CHECK (discount BETWEEN 0 AND goods),
    tax        bigint NOT NULL CHECK (tax >= 0),
    total      bigint NOT NULL CHECK (total >= 0),
    PRIMARY KEY (refund_id, subject_id)
);
CREATE TABLE "order".order_refund_discount (
    refund_id     uuid NOT NULL,
    subject_id    uuid NOT NULL,
    promotion_id  uuid NOT NULL,
    market_amount bigint NOT NULL CHECK (market_amount >= 0),
    vendor_amount bigint NOT NULL CHECK (vendor_amount >= 0),
    PRIMARY KEY (refund_id, subject_id, promotion_id)
);
CREATE TABLE "order".order_refund_tax (
    refund_id  uuid NOT NULL,
    subject_id uuid NOT NULL,
    rate_id    uuid NOT NULL,
    amount     bigint NOT NULL CHECK (amount >= 0),
    PRIMARY KEY (refund_id, subject_id, rate_id)
);

-- What is waived was never paid; an order of which nothing was paid stays unpaid. The same as order_payment_summary_of() in C.
CREATE FUNCTION "order".payment_state_of(total bigint, on_delivery bigint, waived bigint, refunded bigint) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN on_delivery = total THEN "order".payment_state_of(total, on_delivery, refunded)
                ELSE "order".payment_state_of(total - waived, on_delivery - waived, refunded) END
$$;

-- Orders that were called off before: all of them went back, under the id of the order.
UPDATE "order".vendor_order SET waived = on_delivery WHERE status IN ('cancelled', 'refused');
UPDATE "order".order_group g SET waived = o.waived,
    payment_status = "order".payment_state_of(g.total, g.on_delivery, o.waived, g.refunded)
FROM (SELECT o.group_id, sum(o.waived)::bigint AS waived FROM "order".vendor_order o GROUP BY o.group_id) o
WHERE o.group_id = g.id AND o.waived > 0;
INSERT INTO "order".order_refund (id, order_id, sequence, total, waived)
SELECT o.id, o.id, h.sequence, o.total, o.on_delivery
FROM "order".vendor_order o
JOIN "order".order_history h ON h.object_id = o.id AND h.to_state = o.status
WHERE o.status IN ('cancelled', 'refused');
INSERT INTO "order".order_refund_part (refund_id, subject_id, quantity, goods, discount, tax, total)
SELECT r.id, s.id, s.quantity, s.goods, s.discount, s.tax,
       s.goods - s.discount
       + CASE WHEN EXISTS (SELECT 1 FROM "order".order_rate t WHERE t.order_id = r.id AND t.is_included) THEN 0 ELSE s.tax END
FROM "order".order_refund r
JOIN (SELECT l.id, l.order_id, l.quantity, l.total AS goods, l.discount, l.tax FROM "order".order_line l
      UNION ALL
      SELECT d.id, d.order_id, 1, d.amount, d.discount, d.tax FROM "order".order_delivery d) s ON s.order_id = r.id;
INSERT INTO "order".order_refund_discount (refund_id, subject_id, promotion_id, market_amount, vendor_amount)
SELECT r.id, d.subject_id, d.promotion_id, d.market_amount, d.vendor_amount
FROM "order".order_refund r JOIN "order".order_discount d ON d.order_id = r.id;
INSERT INTO "order".order_refund_tax (refund_id, subject_id, rate_id, amount)
SELECT r.id, t.subject_id, t.rate_id, t.amount
FROM "order".order_refund r JOIN "order".order_tax t ON t.order_id = r.id;

-- Every row is a violated invariant of the stored orders; none is what it should be.
CREATE OR REPLACE FUNCTION "order".check_orders() RETURNS TABLE (invariant text, id uuid)
LANGUAGE sql STABLE AS $$
    WITH orders AS (
        SELECT o.group_id, sum(o.total) AS total, sum(o.on_delivery) AS on_delivery,
               sum(o.refunded) AS refunded, sum(o.waived) AS waived, count(*) AS orders_count,
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
    WHERE g.status = 'placed' AND g.payment_status <> "order".payment_state_of(g.total, g.on_delivery, g.waived, g.refunded)
    UNION ALL
    SELECT 'refunded_is_not_sum_of_orders', g.id
    FROM "order".order_group g JOIN orders s ON s.group_id = g.id
    WHERE g.refunded <> s.refunded
    UNION ALL
    SELECT 'waived_is_not_sum_of_orders', g.id
    FROM "order".order_group g JOIN orders s ON s.group_id = g.id
    WHERE g.waived <> s.waived
    UNION ALL
    SELECT 'order_is_not_paid_as_it_says', o.id
    FROM "order".vendor_order o
    WHERE o.payment_status <> "order".payment_state_of(o.total, o.on_delivery, o.waived, o.refunded)
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
    WHERE h.trigger IS NULL OR h.trigger NOT IN ('cancel', 'refuse', 'cancel_units')
$$;

-- An edit may take units away and add other goods, too. What goes pays for what is added before anything is paid or given back: of
-- what is added so much is owed for the moment, and the refund of what goes waives it.
CREATE DOMAIN "order".edit_status AS text CHECK (VALUE IN ('open', 'declined', 'expired', 'applied', 'withdrawn'));
CREATE DOMAIN "order".edit_party AS text CHECK (VALUE IN ('vendor', 'staff'));
ALTER TABLE "order".order_edit
    DROP CONSTRAINT order_edit_status_check, ALTER COLUMN status TYPE "order".edit_status,
    ADD COLUMN proposed_by   "order".edit_party NOT NULL DEFAULT 'vendor',
    ADD COLUMN fewer         host.amount NOT NULL DEFAULT 0, -- lines of which units go
    ADD COLUMN given_back    host.amount NOT NULL DEFAULT 0, -- for them
    ADD COLUMN to_wallet     host.amount NOT NULL DEFAULT 0, -- of that; the rest is not owed any more
    ADD COLUMN refund_id     uuid UNIQUE, -- of what goes
    ADD COLUMN needs_process bigint NOT NULL DEFAULT 1, -- the least version of the process that knows all that it holds
    ADD COLUMN by_process    bigint NOT NULL DEFAULT 1, -- the version that has applied it
    ADD CONSTRAINT order_edit_to_wallet_is_a_part CHECK (to_wallet <= given_back),
    ADD CONSTRAINT order_edit_fewer_has_its_refund CHECK ((refund_id IS NOT NULL) = (status = 'applied' AND fewer > 0)),
    -- A program that does not know of what goes, and of other goods, must not apply the rest.
    ADD CONSTRAINT order_edit_is_understood CHECK (status <> 'applied' OR by_process >= needs_process);
ALTER TABLE "order".order_edit_line ALTER COLUMN line_id DROP NOT NULL; -- null: other goods

-- Other goods, as they were when they were proposed, in the sense of order_line.
CREATE TABLE "order".order_edit_goods (
    new_line_id uuid PRIMARY KEY,
    edit_id     uuid NOT NULL,
    variant_id  uuid NOT NULL,
    product_id  uuid NOT NULL,
    name        text NOT NULL,
    sku         text,
    slug        text NOT NULL,
    image       text NOT NULL,
    options     "order".line_options NOT NULL,
    unit_amount host.amount NOT NULL,
    list_amount bigint, -- where it is not unit_amount
    is_digital  boolean NOT NULL
);
CREATE INDEX order_edit_goods_by_edit ON "order".order_edit_goods (edit_id);
-- Rates that tax them, which become the order's.
CREATE TABLE "order".order_edit_rate (
    edit_id     uuid NOT NULL,
    rate_id     uuid NOT NULL,
    name        text NOT NULL,
    ppm         "order".ppm NOT NULL,
    is_included boolean NOT NULL,
    PRIMARY KEY (edit_id, rate_id)
);
-- Units that go, and what is given back for them.
CREATE TABLE "order".order_edit_fewer (
    edit_id  uuid NOT NULL,
    position bigint NOT NULL,
    line_id  uuid NOT NULL,
    quantity "order".line_quantity NOT NULL,
    discount host.amount NOT NULL,
    tax      host.amount NOT NULL,
    total    host.amount NOT NULL,
    PRIMARY KEY (edit_id, position)
);

-- What of a refund goes back by holds that edits have paid with; the rest that goes to the wallet is the group's. A line does not
-- tell it any more: what was added may have been paid with what went.
CREATE TABLE "order".order_refund_hold (
    refund_id uuid NOT NULL,
    hold_id   uuid NOT NULL,
    amount    host.amount NOT NULL,
    PRIMARY KEY (refund_id, hold_id)
);
CREATE INDEX order_refund_hold_by_hold ON "order".order_refund_hold (hold_id);
INSERT INTO "order".order_refund_hold (refund_id, hold_id, amount)
SELECT p.refund_id, l.hold_id, sum(p.total)
FROM "order".order_refund_part p JOIN "order".order_line l ON l.id = p.subject_id
WHERE l.hold_id IS NOT NULL GROUP BY p.refund_id, l.hold_id HAVING sum(p.total) > 0;

-- The steps that the machines of orders, parcels and returns have (order_machine.def, with which a test compares them).
CREATE OR REPLACE FUNCTION "order".legal_steps() RETURNS TABLE (machine text, from_state text, trigger text, to_state text)
LANGUAGE sql IMMUTABLE AS $$
    SELECT * FROM "order".legal_steps_32()
    UNION ALL VALUES
        ('return', 'exchanged', 'reopen', 'received'),
        ('vendor_order', 'accepted', 'withdraw_edit', 'accepted'),
        ('vendor_order', 'processing', 'withdraw_edit', 'processing')
$$;

-- Every row is a violated invariant of what orders keep of their price, of what went back, and of edits; none is what it should be.
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
    of_holds AS (
        SELECT h.hold_id, sum(h.amount) AS amount FROM "order".order_refund_hold h GROUP BY h.hold_id),
    of_refunds AS (
        SELECT h.refund_id, sum(h.amount) AS amount FROM "order".order_refund_hold h GROUP BY h.refund_id),
    edits AS (
        SELECT e.*, e.payment = 'wallet' AND e.total > e.given_back AS is_held,
               (SELECT coalesce(sum(l.items), 0) FROM "order".order_edit_line l WHERE l.edit_id = e.id) AS of_lines,
               (SELECT coalesce(sum(f.total), 0) FROM "order".order_edit_fewer f WHERE f.edit_id = e.id) AS of_fewer,
               (SELECT count(*) FROM "order".order_edit_fewer f WHERE f.edit_id = e.id) AS fewer_lines
        FROM "order".order_edit e),
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
    WHERE h.trigger IS NULL OR h.trigger NOT IN ('cancel', 'refuse', 'cancel_units', 'refund', 'grant_refund', 'apply_edit')
    UNION ALL
    SELECT 'edit_is_not_sum_of_its_lines', e.id
    FROM edits e WHERE e.items <> e.of_lines OR e.given_back <> e.of_fewer OR e.fewer <> e.fewer_lines
    UNION ALL
    SELECT 'edit_changes_nothing', e.id
    FROM edits e
    WHERE e.fewer = 0 AND NOT EXISTS (SELECT 1 FROM "order".order_edit_line l WHERE l.edit_id = e.id)
    UNION ALL
    SELECT 'line_is_not_as_its_edit_says', n.new_line_id
    FROM edits e
    JOIN "order".order_edit_line n ON n.edit_id = e.id
    LEFT JOIN "order".order_edit_goods g ON g.new_line_id = n.new_line_id
    LEFT JOIN "order".order_line s ON s.id = n.line_id
    LEFT JOIN "order".order_line l ON l.id = n.new_line_id AND l.order_id = e.order_id
    WHERE (n.line_id IS NULL) <> (g.new_line_id IS NOT NULL)
       OR CASE WHEN e.status = 'applied'
               THEN (l.quantity::bigint, l.total::bigint, l.tax::bigint) IS DISTINCT FROM (n.quantity, n.items, n.tax)
                    OR l.variant_id IS DISTINCT FROM coalesce(g.variant_id, s.variant_id)
                    OR l.hold_id IS DISTINCT FROM CASE WHEN e.is_held THEN e.attempt_id END
               ELSE l.id IS NOT NULL END
    UNION ALL
    SELECT 'line_of_a_hold_of_no_edit', l.id
    FROM "order".order_line l
    WHERE l.hold_id IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM "order".order_edit_line n WHERE n.new_line_id = l.id)
    UNION ALL
    SELECT 'edit_gives_back_otherwise_than_its_refund', e.id
    FROM edits e LEFT JOIN "order".order_refund r ON r.id = e.refund_id AND r.order_id = e.order_id
    WHERE e.status = 'applied' AND e.fewer > 0
      AND ((r.total, r.total - r.waived) IS DISTINCT FROM (e.given_back::bigint, e.to_wallet::bigint) OR r.manual <> 0)
    UNION ALL
    SELECT 'edit_gives_back_other_units_than_its_refund', e.id
    FROM edits e
    WHERE e.status = 'applied'
      AND EXISTS (
          SELECT 1
          FROM (SELECT f.line_id, f.quantity, f.total FROM "order".order_edit_fewer f WHERE f.edit_id = e.id) f
          FULL JOIN (SELECT p.subject_id, p.quantity, p.total FROM "order".order_refund_part p
                     WHERE p.refund_id = e.refund_id) p ON p.subject_id = f.line_id
          WHERE (f.quantity, f.total) IS DISTINCT FROM (p.quantity, p.total))
    UNION ALL
    SELECT 'more_of_a_hold_went_back_than_it_has_paid', h.hold_id
    FROM of_holds h LEFT JOIN edits e ON e.attempt_id = h.hold_id AND e.is_held
    WHERE NOT coalesce(h.amount <= e.total - e.given_back, false)
    UNION ALL
    SELECT 'more_of_holds_goes_back_than_to_the_wallet', h.refund_id
    FROM of_refunds h LEFT JOIN "order".order_refund r ON r.id = h.refund_id
    WHERE NOT coalesce(h.amount <= r.total - r.waived - r.manual, false)
$$;
DROP FUNCTION "order".check_prices_30();
DROP FUNCTION "order".check_prices_27();

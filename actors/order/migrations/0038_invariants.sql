-- What must hold of the stored orders. Each rule is a function of its name, which finds the ids of what breaks it, and
-- each check_*() unites some. Whoever changes a rule replaces its function; a new one is written beside the others, and
-- joins in the check_*() that it is for. This takes the place of what was wrapped from migration to migration.

-- ---- Orders, groups and carts ----

-- What the orders of a group come to.
CREATE FUNCTION "order".sums_of_orders() RETURNS TABLE (
    group_id uuid, total numeric, on_delivery numeric, refunded numeric, waived numeric, collected numeric,
    handed_back numeric, currencies_count bigint, currency text)
LANGUAGE sql STABLE AS $$
    SELECT o.group_id, sum(o.total), sum(o.on_delivery), sum(o.refunded), sum(o.waived), sum(o.collected),
           sum(o.handed_back), count(DISTINCT o.currency), min(o.currency)
    FROM "order".vendor_order o GROUP BY o.group_id
$$;
CREATE FUNCTION "order".placed_group_without_orders() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT g.id FROM "order".order_group g
    WHERE g.status = 'placed' AND NOT EXISTS (SELECT 1 FROM "order".vendor_order o WHERE o.group_id = g.id)
$$;
CREATE FUNCTION "order".group_total_is_not_sum_of_orders() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT g.id FROM "order".order_group g JOIN "order".sums_of_orders() s ON s.group_id = g.id
    WHERE g.total <> s.total OR s.currencies_count <> 1 OR s.currency <> g.currency
$$;
CREATE FUNCTION "order".on_delivery_is_not_sum_of_orders() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT g.id FROM "order".order_group g JOIN "order".sums_of_orders() s ON s.group_id = g.id
    WHERE g.on_delivery <> s.on_delivery
$$;
CREATE FUNCTION "order".group_is_not_paid_as_it_says() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT g.id FROM "order".order_group g
    WHERE g.status = 'placed'
      AND g.payment_status <> "order".payment_state_of(g.total, g.on_delivery, g.waived, g.collected,
                                                       g.refunded + g.handed_back, g.fulfilment_status = 'cancelled')
$$;
CREATE FUNCTION "order".refunded_is_not_sum_of_orders() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT g.id FROM "order".order_group g JOIN "order".sums_of_orders() s ON s.group_id = g.id
    WHERE g.refunded <> s.refunded
$$;
CREATE FUNCTION "order".waived_is_not_sum_of_orders() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT g.id FROM "order".order_group g JOIN "order".sums_of_orders() s ON s.group_id = g.id
    WHERE g.waived <> s.waived
$$;
CREATE FUNCTION "order".collected_is_not_sum_of_orders() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT g.id FROM "order".order_group g JOIN "order".sums_of_orders() s ON s.group_id = g.id
    WHERE g.collected <> s.collected OR g.handed_back <> s.handed_back
$$;
CREATE FUNCTION "order".order_is_paid_otherwise_than_its_group() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT o.id FROM "order".vendor_order o JOIN "order".order_group g ON g.id = o.group_id
    WHERE o.offline_method IS DISTINCT FROM g.offline_method
$$;
CREATE FUNCTION "order".order_is_not_paid_as_it_says() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT o.id FROM "order".vendor_order o
    WHERE o.payment_status <> "order".payment_state_of(o.total, o.on_delivery, o.waived, o.collected,
                                                       o.refunded + o.handed_back, o.status IN ('cancelled', 'refused'))
$$;
CREATE FUNCTION "order".order_waits_for_a_payment_that_is_not_owed() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT o.id FROM "order".vendor_order o
    WHERE o.status = 'pending_payment'
      AND (o.offline_method IS DISTINCT FROM 'transfer' OR o.collected > 0 OR o.payment_due_at IS NULL)
$$;
CREATE FUNCTION "order".guest_has_paid_from_a_wallet() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT g.id FROM "order".order_group g
    WHERE (g.user_id IS NULL OR g.claimed_at IS NOT NULL) AND g.on_delivery <> g.total
$$;
CREATE FUNCTION "order".order_is_not_of_its_groups_owner() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT o.id FROM "order".vendor_order o JOIN "order".order_group g ON g.id = o.group_id
    WHERE o.user_id IS DISTINCT FROM g.user_id
$$;
CREATE FUNCTION "order".order_items_are_not_sum_of_lines() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT o.id FROM "order".vendor_order o
    LEFT JOIN (SELECT l.order_id, sum(l.total) AS items FROM "order".order_line l GROUP BY l.order_id) s
      ON s.order_id = o.id
    WHERE s.items IS DISTINCT FROM o.items
$$;
CREATE FUNCTION "order".orders_of_a_group_that_is_not_placed() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT s.group_id FROM (SELECT DISTINCT o.group_id FROM "order".vendor_order o) s
    LEFT JOIN "order".order_group g ON g.id = s.group_id
    WHERE g.status IS DISTINCT FROM 'placed'
$$;
CREATE FUNCTION "order".line_without_its_order() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT l.id FROM "order".order_line l LEFT JOIN "order".vendor_order o ON o.id = l.order_id
    WHERE o.group_id IS DISTINCT FROM l.group_id
$$;
CREATE FUNCTION "order".cart_placed_twice() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT g.cart_id FROM "order".order_group g WHERE g.status = 'placed' GROUP BY g.cart_id HAVING count(*) > 1
$$;
CREATE FUNCTION "order".cart_and_group_disagree() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT c.id FROM "order".cart c LEFT JOIN "order".order_group g ON g.id = c.group_id
    WHERE c.status IN ('locked', 'ordered')
      AND (g.cart_id IS DISTINCT FROM c.id
           OR (g.user_id IS DISTINCT FROM c.user_id AND NOT (c.user_id IS NULL AND g.claimed_at IS NOT NULL))
           OR g.status IS DISTINCT FROM CASE c.status WHEN 'locked' THEN 'pending' ELSE 'placed' END)
$$;
CREATE FUNCTION "order".pending_group_without_locked_cart() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT g.id FROM "order".order_group g LEFT JOIN "order".cart c ON c.id = g.cart_id
    WHERE g.status = 'pending' AND (c.status IS DISTINCT FROM 'locked' OR c.group_id IS DISTINCT FROM g.id)
$$;
CREATE FUNCTION "order".adopted_cart_is_not_closed() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT c.id FROM "order".cart_merge m JOIN "order".cart c ON c.id = m.guest_cart_id
    WHERE c.merged_into IS DISTINCT FROM m.user_id
$$;
CREATE FUNCTION "order".line_of_no_cart() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT l.id FROM "order".cart_line l LEFT JOIN "order".cart c ON c.id = l.cart_id WHERE c.id IS NULL
$$;
CREATE FUNCTION "order".too_many_lines() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT l.cart_id FROM "order".cart_line l GROUP BY l.cart_id HAVING count(*) > 50
$$;

-- Every row is a violated invariant of the stored orders, their groups and carts;
-- none is what it should be.
CREATE OR REPLACE FUNCTION "order".check_orders() RETURNS TABLE (invariant text, id uuid)
LANGUAGE sql STABLE AS $$
    SELECT 'placed_group_without_orders', f FROM "order".placed_group_without_orders() AS f
    UNION ALL
    SELECT 'group_total_is_not_sum_of_orders', f FROM "order".group_total_is_not_sum_of_orders() AS f
    UNION ALL
    SELECT 'on_delivery_is_not_sum_of_orders', f FROM "order".on_delivery_is_not_sum_of_orders() AS f
    UNION ALL
    SELECT 'group_is_not_paid_as_it_says', f FROM "order".group_is_not_paid_as_it_says() AS f
    UNION ALL
    SELECT 'refunded_is_not_sum_of_orders', f FROM "order".refunded_is_not_sum_of_orders() AS f
    UNION ALL
    SELECT 'waived_is_not_sum_of_orders', f FROM "order".waived_is_not_sum_of_orders() AS f
    UNION ALL
    SELECT 'collected_is_not_sum_of_orders', f FROM "order".collected_is_not_sum_of_orders() AS f
    UNION ALL
    SELECT 'order_is_paid_otherwise_than_its_group', f FROM "order".order_is_paid_otherwise_than_its_group() AS f
    UNION ALL
    SELECT 'order_is_not_paid_as_it_says', f FROM "order".order_is_not_paid_as_it_says() AS f
    UNION ALL
    SELECT 'order_waits_for_a_payment_that_is_not_owed', f
    FROM "order".order_waits_for_a_payment_that_is_not_owed() AS f
    UNION ALL
    SELECT 'guest_has_paid_from_a_wallet', f FROM "order".guest_has_paid_from_a_wallet() AS f
    UNION ALL
    SELECT 'order_is_not_of_its_groups_owner', f FROM "order".order_is_not_of_its_groups_owner() AS f
    UNION ALL
    SELECT 'order_items_are_not_sum_of_lines', f FROM "order".order_items_are_not_sum_of_lines() AS f
    UNION ALL
    SELECT 'orders_of_a_group_that_is_not_placed', f FROM "order".orders_of_a_group_that_is_not_placed() AS f
    UNION ALL
    SELECT 'line_without_its_order', f FROM "order".line_without_its_order() AS f
    UNION ALL
    SELECT 'cart_placed_twice', f FROM "order".cart_placed_twice() AS f
    UNION ALL
    SELECT 'cart_and_group_disagree', f FROM "order".cart_and_group_disagree() AS f
    UNION ALL
    SELECT 'pending_group_without_locked_cart', f FROM "order".pending_group_without_locked_cart() AS f
    UNION ALL
    SELECT 'adopted_cart_is_not_closed', f FROM "order".adopted_cart_is_not_closed() AS f
    UNION ALL
    SELECT 'line_of_no_cart', f FROM "order".line_of_no_cart() AS f
    UNION ALL
    SELECT 'too_many_lines', f FROM "order".too_many_lines() AS f
$$;

-- ---- What orders keep of their price, and what went back of it ----

-- Lines and deliveries with what they cost; `gone` are a line's units that went back.
CREATE FUNCTION "order".priced_subjects() RETURNS TABLE (
    id uuid, order_id uuid, discount bigint, tax bigint, quantity bigint, goods bigint, gone bigint,
    is_included boolean, total bigint)
LANGUAGE sql STABLE AS $$
    SELECT s.id, s.order_id, s.discount, s.tax, s.quantity, s.goods, s.gone, i.order_id IS NOT NULL,
           s.goods - s.discount + CASE WHEN i.order_id IS NULL THEN s.tax ELSE 0 END
    FROM (SELECT l.id, l.order_id, l.discount, l.tax, l.quantity, l.total AS goods, l.cancelled + l.returned AS gone
          FROM "order".order_line l
          UNION ALL
          SELECT d.id, d.order_id, d.discount, d.tax, 1, d.amount, NULL FROM "order".order_delivery d) s
    LEFT JOIN (SELECT DISTINCT r.order_id FROM "order".order_rate r WHERE r.is_included) i ON i.order_id = s.order_id
$$;
-- What of them went back, in all refunds together.
CREATE FUNCTION "order".subjects_gone() RETURNS TABLE (
    subject_id uuid, order_id uuid, quantity numeric, goods numeric, discount numeric, tax numeric, total numeric)
LANGUAGE sql STABLE AS $$
    SELECT p.subject_id, r.order_id, sum(p.quantity), sum(p.goods), sum(p.discount), sum(p.tax), sum(p.total)
    FROM "order".order_refund_part p JOIN "order".order_refund r ON r.id = p.refund_id
    GROUP BY p.subject_id, r.order_id
$$;
CREATE FUNCTION "order".discount_is_not_sum_of_promotions() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT s.id FROM "order".priced_subjects() s
    LEFT JOIN (SELECT d.subject_id, sum(d.market_amount + d.vendor_amount) AS total
               FROM "order".order_discount d GROUP BY d.subject_id) d ON d.subject_id = s.id
    WHERE s.discount <> coalesce(d.total, 0)
$$;
CREATE FUNCTION "order".tax_is_not_sum_of_rates() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT s.id FROM "order".priced_subjects() s
    LEFT JOIN (SELECT t.subject_id, sum(t.amount) AS total FROM "order".order_tax t GROUP BY t.subject_id) t
      ON t.subject_id = s.id
    WHERE s.tax <> coalesce(t.total, 0)
$$;
CREATE FUNCTION "order".order_discount_is_not_sum_of_lines() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT o.id FROM "order".vendor_order o
    JOIN (SELECT l.order_id, sum(l.discount) AS discount FROM "order".order_line l GROUP BY l.order_id) l
      ON l.order_id = o.id
    WHERE o.discount <> l.discount
$$;
CREATE FUNCTION "order".order_shipping_is_not_sum_of_deliveries() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT o.id FROM "order".vendor_order o
    LEFT JOIN (SELECT d.order_id, sum(d.amount) AS amount, sum(d.discount) AS discount
               FROM "order".order_delivery d GROUP BY d.order_id) d ON d.order_id = o.id
    WHERE o.shipping <> coalesce(d.amount, 0) OR o.shipping_discount <> coalesce(d.discount, 0)
$$;
CREATE FUNCTION "order".order_tax_is_not_sum_of_its_parts() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT o.id FROM "order".vendor_order o
    JOIN (SELECT l.order_id, sum(l.tax) AS tax FROM "order".order_line l GROUP BY l.order_id) l ON l.order_id = o.id
    LEFT JOIN (SELECT d.order_id, sum(d.tax) AS tax FROM "order".order_delivery d GROUP BY d.order_id) d
      ON d.order_id = o.id
    LEFT JOIN (SELECT DISTINCT r.order_id FROM "order".order_rate r WHERE r.is_included) i ON i.order_id = o.id
    WHERE o.tax <> CASE WHEN i.order_id IS NOT NULL THEN 0 ELSE l.tax + coalesce(d.tax, 0) END
$$;
CREATE FUNCTION "order".price_of_no_line_and_no_delivery() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT x.subject_id
    FROM (SELECT d.subject_id, d.order_id FROM "order".order_discount d
          UNION ALL SELECT t.subject_id, t.order_id FROM "order".order_tax t) x
    LEFT JOIN "order".priced_subjects() s ON s.id = x.subject_id WHERE s.order_id IS DISTINCT FROM x.order_id
$$;
CREATE FUNCTION "order".refund_is_not_sum_of_its_parts() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT r.id FROM "order".order_refund r
    LEFT JOIN (SELECT p.refund_id, sum(p.total) AS total FROM "order".order_refund_part p GROUP BY p.refund_id) p
      ON p.refund_id = r.id
    WHERE r.total IS DISTINCT FROM p.total
$$;
CREATE FUNCTION "order".part_that_goes_back_does_not_add_up() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT p.subject_id FROM "order".order_refund_part p LEFT JOIN "order".priced_subjects() s ON s.id = p.subject_id
    WHERE p.total IS DISTINCT FROM p.goods - p.discount + CASE WHEN s.is_included THEN 0 ELSE p.tax END
$$;
CREATE FUNCTION "order".discount_that_goes_back_is_not_sum_of_promotions() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT p.subject_id FROM "order".order_refund_part p
    LEFT JOIN (SELECT d.refund_id, d.subject_id, sum(d.market_amount + d.vendor_amount) AS total
               FROM "order".order_refund_discount d GROUP BY d.refund_id, d.subject_id) d
      ON d.refund_id = p.refund_id AND d.subject_id = p.subject_id
    WHERE p.discount <> coalesce(d.total, 0)
$$;
CREATE FUNCTION "order".tax_that_goes_back_is_not_sum_of_rates() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT p.subject_id FROM "order".order_refund_part p
    LEFT JOIN (SELECT t.refund_id, t.subject_id, sum(t.amount) AS total
               FROM "order".order_refund_tax t GROUP BY t.refund_id, t.subject_id) t
      ON t.refund_id = p.refund_id AND t.subject_id = p.subject_id
    WHERE p.tax <> coalesce(t.total, 0)
$$;
CREATE FUNCTION "order".more_went_back_than_there_was() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT g.subject_id FROM "order".subjects_gone() g
    LEFT JOIN "order".priced_subjects() s ON s.id = g.subject_id AND s.order_id = g.order_id
    WHERE s.id IS NULL OR g.quantity > s.quantity OR g.goods > s.goods OR g.discount > s.discount OR g.tax > s.tax
       OR g.total > s.total
$$;
CREATE FUNCTION "order".all_went_back_but_not_what_it_cost() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT g.subject_id FROM "order".subjects_gone() g JOIN "order".priced_subjects() s ON s.id = g.subject_id
    WHERE g.quantity = s.quantity
      AND (g.goods <> s.goods OR g.discount <> s.discount OR g.tax <> s.tax OR g.total <> s.total)
$$;
CREATE FUNCTION "order".more_of_a_promotion_went_back_than_it_took() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT d.subject_id
    FROM (SELECT d.subject_id, d.promotion_id, sum(d.market_amount) AS market, sum(d.vendor_amount) AS vendor
          FROM "order".order_refund_discount d GROUP BY d.subject_id, d.promotion_id) d
    LEFT JOIN "order".order_discount o ON o.subject_id = d.subject_id AND o.promotion_id = d.promotion_id
    WHERE NOT coalesce(d.market <= o.market_amount AND d.vendor <= o.vendor_amount, false)
$$;
CREATE FUNCTION "order".more_of_a_rate_went_back_than_it_took() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT t.subject_id
    FROM (SELECT t.subject_id, t.rate_id, sum(t.amount) AS amount
          FROM "order".order_refund_tax t GROUP BY t.subject_id, t.rate_id) t
    LEFT JOIN "order".order_tax o ON o.subject_id = t.subject_id AND o.rate_id = t.rate_id
    WHERE NOT coalesce(t.amount <= o.amount, false)
$$;
CREATE FUNCTION "order".units_that_went_back_are_not_refunded() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT l.id FROM "order".order_line l LEFT JOIN "order".subjects_gone() g ON g.subject_id = l.id
    WHERE l.cancelled + l.returned <> coalesce(g.quantity, 0)
$$;
CREATE FUNCTION "order".order_is_not_refunded_by_its_refunds() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT o.id FROM "order".vendor_order o
    LEFT JOIN (SELECT r.order_id, sum(r.total) AS total, sum(r.waived) AS waived, sum(r.manual) AS manual
               FROM "order".order_refund r GROUP BY r.order_id) r ON r.order_id = o.id
    WHERE o.refunded + o.waived + o.handed_back <> coalesce(r.total, 0) OR o.waived <> coalesce(r.waived, 0)
       OR o.handed_back <> coalesce(r.manual, 0)
$$;
CREATE FUNCTION "order".wallet_is_refunded_while_something_is_owed() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT o.id FROM "order".vendor_order o WHERE o.refunded > 0 AND o.waived + o.collected < o.on_delivery
$$;
CREATE FUNCTION "order".called_off_but_not_all_went_back() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT o.id FROM "order".vendor_order o
    WHERE o.status IN ('cancelled', 'refused') AND o.refunded + o.waived + o.handed_back <> o.total
$$;
CREATE FUNCTION "order".refund_that_no_history_tells() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT r.id FROM "order".order_refund r
    LEFT JOIN "order".order_history h ON h.order_id = r.order_id AND h.sequence = r.sequence
    WHERE h.trigger IS NULL OR h.trigger NOT IN ('cancel', 'refuse', 'cancel_units', 'refund', 'grant_refund', 'apply_edit')
$$;
-- True if the wallet has paid a difference by a hold of its own.
CREATE FUNCTION "order".edit_is_held(e "order".order_edit) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT e.payment = 'wallet' AND e.total > e.given_back
$$;
CREATE FUNCTION "order".edit_is_not_sum_of_its_lines() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT e.id FROM "order".order_edit e
    LEFT JOIN (SELECT l.edit_id, sum(l.items) AS items FROM "order".order_edit_line l GROUP BY l.edit_id) l
      ON l.edit_id = e.id
    LEFT JOIN (SELECT f.edit_id, sum(f.total) AS total, count(*) AS count
               FROM "order".order_edit_fewer f GROUP BY f.edit_id) f ON f.edit_id = e.id
    WHERE e.items <> coalesce(l.items, 0) OR e.given_back <> coalesce(f.total, 0) OR e.fewer <> coalesce(f.count, 0)
$$;
CREATE FUNCTION "order".edit_changes_nothing() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT e.id FROM "order".order_edit e
    WHERE e.fewer = 0 AND NOT EXISTS (SELECT 1 FROM "order".order_edit_line l WHERE l.edit_id = e.id)
$$;
CREATE FUNCTION "order".line_is_not_as_its_edit_says() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT n.new_line_id FROM "order".order_edit e
    JOIN "order".order_edit_line n ON n.edit_id = e.id
    LEFT JOIN "order".order_edit_goods g ON g.new_line_id = n.new_line_id
    LEFT JOIN "order".order_line s ON s.id = n.line_id
    LEFT JOIN "order".order_line l ON l.id = n.new_line_id AND l.order_id = e.order_id
    WHERE (n.line_id IS NULL) <> (g.new_line_id IS NOT NULL)
       OR CASE WHEN e.status = 'applied'
               THEN (l.quantity::bigint, l.total::bigint, l.tax::bigint) IS DISTINCT FROM (n.quantity, n.items, n.tax)
                    OR l.variant_id IS DISTINCT FROM coalesce(g.variant_id, s.variant_id)
                    OR l.hold_id IS DISTINCT FROM CASE WHEN "order".edit_is_held(e) THEN e.attempt_id END
               ELSE l.id IS NOT NULL END
$$;
CREATE FUNCTION "order".edit_gives_back_otherwise_than_its_refund() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT e.id FROM "order".order_edit e
    LEFT JOIN "order".order_refund r ON r.id = e.refund_id AND r.order_id = e.order_id
    WHERE e.status = 'applied' AND e.fewer > 0
      AND ((r.total, r.total - r.waived) IS DISTINCT FROM (e.given_back::bigint, e.to_wallet::bigint) OR r.manual <> 0)
$$;
CREATE FUNCTION "order".edit_gives_back_other_units_than_its_refund() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT e.id FROM "order".order_edit e
    WHERE e.status = 'applied' AND e.fewer > 0
      AND EXISTS (
          SELECT 1
          FROM (SELECT f.line_id, f.quantity, f.total FROM "order".order_edit_fewer f WHERE f.edit_id = e.id) f
          FULL JOIN (SELECT p.subject_id, p.quantity, p.total FROM "order".order_refund_part p
                     WHERE p.refund_id = e.refund_id) p ON p.subject_id = f.line_id
          WHERE (f.quantity, f.total) IS DISTINCT FROM (p.quantity, p.total))
$$;
CREATE FUNCTION "order".more_of_a_hold_went_back_than_it_has_paid() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT h.hold_id
    FROM (SELECT h.hold_id, sum(h.amount) AS amount FROM "order".order_refund_hold h GROUP BY h.hold_id) h
    LEFT JOIN "order".order_edit e ON e.attempt_id = h.hold_id AND "order".edit_is_held(e)
    WHERE NOT coalesce(h.amount <= e.total - e.given_back, false)
$$;
CREATE FUNCTION "order".more_of_holds_goes_back_than_to_the_wallet() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT h.refund_id
    FROM (SELECT h.refund_id, sum(h.amount) AS amount FROM "order".order_refund_hold h GROUP BY h.refund_id) h
    LEFT JOIN "order".order_refund r ON r.id = h.refund_id
    WHERE NOT coalesce(h.amount <= r.total - r.waived - r.manual, false)
$$;
CREATE FUNCTION "order".line_of_a_hold_of_no_edit() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT l.id FROM "order".order_line l
    WHERE l.hold_id IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM "order".order_edit_line n WHERE n.new_line_id = l.id)
$$;

-- Every row is a violated invariant of what orders keep of their price and of what went back; check_orders() knows the
-- sums of orders and groups;
-- none is what it should be.
CREATE OR REPLACE FUNCTION "order".check_prices() RETURNS TABLE (invariant text, id uuid)
LANGUAGE sql STABLE AS $$
    SELECT 'discount_is_not_sum_of_promotions', f FROM "order".discount_is_not_sum_of_promotions() AS f
    UNION ALL
    SELECT 'tax_is_not_sum_of_rates', f FROM "order".tax_is_not_sum_of_rates() AS f
    UNION ALL
    SELECT 'order_discount_is_not_sum_of_lines', f FROM "order".order_discount_is_not_sum_of_lines() AS f
    UNION ALL
    SELECT 'order_shipping_is_not_sum_of_deliveries', f FROM "order".order_shipping_is_not_sum_of_deliveries() AS f
    UNION ALL
    SELECT 'order_tax_is_not_sum_of_its_parts', f FROM "order".order_tax_is_not_sum_of_its_parts() AS f
    UNION ALL
    SELECT 'price_of_no_line_and_no_delivery', f FROM "order".price_of_no_line_and_no_delivery() AS f
    UNION ALL
    SELECT 'refund_is_not_sum_of_its_parts', f FROM "order".refund_is_not_sum_of_its_parts() AS f
    UNION ALL
    SELECT 'part_that_goes_back_does_not_add_up', f FROM "order".part_that_goes_back_does_not_add_up() AS f
    UNION ALL
    SELECT 'discount_that_goes_back_is_not_sum_of_promotions', f
    FROM "order".discount_that_goes_back_is_not_sum_of_promotions() AS f
    UNION ALL
    SELECT 'tax_that_goes_back_is_not_sum_of_rates', f FROM "order".tax_that_goes_back_is_not_sum_of_rates() AS f
    UNION ALL
    SELECT 'more_went_back_than_there_was', f FROM "order".more_went_back_than_there_was() AS f
    UNION ALL
    SELECT 'all_went_back_but_not_what_it_cost', f FROM "order".all_went_back_but_not_what_it_cost() AS f
    UNION ALL
    SELECT 'more_of_a_promotion_went_back_than_it_took', f
    FROM "order".more_of_a_promotion_went_back_than_it_took() AS f
    UNION ALL
    SELECT 'more_of_a_rate_went_back_than_it_took', f FROM "order".more_of_a_rate_went_back_than_it_took() AS f
    UNION ALL
    SELECT 'units_that_went_back_are_not_refunded', f FROM "order".units_that_went_back_are_not_refunded() AS f
    UNION ALL
    SELECT 'order_is_not_refunded_by_its_refunds', f FROM "order".order_is_not_refunded_by_its_refunds() AS f
    UNION ALL
    SELECT 'wallet_is_refunded_while_something_is_owed', f
    FROM "order".wallet_is_refunded_while_something_is_owed() AS f
    UNION ALL
    SELECT 'called_off_but_not_all_went_back', f FROM "order".called_off_but_not_all_went_back() AS f
    UNION ALL
    SELECT 'refund_that_no_history_tells', f FROM "order".refund_that_no_history_tells() AS f
    UNION ALL
    SELECT 'edit_is_not_sum_of_its_lines', f FROM "order".edit_is_not_sum_of_its_lines() AS f
    UNION ALL
    SELECT 'edit_changes_nothing', f FROM "order".edit_changes_nothing() AS f
    UNION ALL
    SELECT 'line_is_not_as_its_edit_says', f FROM "order".line_is_not_as_its_edit_says() AS f
    UNION ALL
    SELECT 'edit_gives_back_otherwise_than_its_refund', f
    FROM "order".edit_gives_back_otherwise_than_its_refund() AS f
    UNION ALL
    SELECT 'edit_gives_back_other_units_than_its_refund', f
    FROM "order".edit_gives_back_other_units_than_its_refund() AS f
    UNION ALL
    SELECT 'more_of_a_hold_went_back_than_it_has_paid', f
    FROM "order".more_of_a_hold_went_back_than_it_has_paid() AS f
    UNION ALL
    SELECT 'more_of_holds_goes_back_than_to_the_wallet', f
    FROM "order".more_of_holds_goes_back_than_to_the_wallet() AS f
    UNION ALL
    SELECT 'line_of_a_hold_of_no_edit', f FROM "order".line_of_a_hold_of_no_edit() AS f
$$;

-- ---- Promotions ----

CREATE FUNCTION "order".promotion_is_used_beyond_its_limit() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT p.id FROM "order".promotion p WHERE p.held + p.used > p.limit_total
$$;
CREATE FUNCTION "order".promotion_does_not_count_its_redemptions() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT p.id FROM "order".promotion p
    LEFT JOIN (SELECT r.promotion_id, count(*) FILTER (WHERE r.state = 'held') AS held,
                      count(*) FILTER (WHERE r.state = 'used') AS used
               FROM "order".redemption r GROUP BY r.promotion_id) u ON u.promotion_id = p.id
    WHERE p.held <> coalesce(u.held, 0) OR p.used <> coalesce(u.used, 0)
$$;
CREATE FUNCTION "order".redemption_of_no_promotion() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT DISTINCT r.promotion_id FROM "order".redemption r
    WHERE NOT EXISTS (SELECT 1 FROM "order".promotion p WHERE p.id = r.promotion_id)
$$;
CREATE FUNCTION "order".used_redemption_of_no_placed_group() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT r.group_id FROM "order".redemption r LEFT JOIN "order".order_group g ON g.id = r.group_id
    WHERE r.state = 'used' AND g.status IS DISTINCT FROM 'placed'
$$;

-- Every row is a violated invariant of the stored promotions;
-- none is what it should be.
CREATE OR REPLACE FUNCTION "order".check_promotions() RETURNS TABLE (invariant text, id uuid)
LANGUAGE sql STABLE AS $$
    SELECT 'promotion_is_used_beyond_its_limit', f FROM "order".promotion_is_used_beyond_its_limit() AS f
    UNION ALL
    SELECT 'promotion_does_not_count_its_redemptions', f FROM "order".promotion_does_not_count_its_redemptions() AS f
    UNION ALL
    SELECT 'redemption_of_no_promotion', f FROM "order".redemption_of_no_promotion() AS f
    UNION ALL
    SELECT 'used_redemption_of_no_placed_group', f FROM "order".used_redemption_of_no_placed_group() AS f
$$;

DROP FUNCTION "order".check_prices_27(), "order".check_prices_30();

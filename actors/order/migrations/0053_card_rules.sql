-- When it was found that a card's part cannot be taken any more; then its orders owe it.
ALTER TABLE "order".order_group ADD COLUMN card_lost_at bigint;
CREATE INDEX order_group_card_lost ON "order".order_group (card_lost_at) WHERE card_lost_at IS NOT NULL;

-- What must hold of card parts (0038_invariants.sql says how rules are written).
CREATE FUNCTION "order".card_is_not_sum_of_orders() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT g.id FROM "order".order_group g
    JOIN (SELECT o.group_id, sum(o.card_amount) AS card_amount FROM "order".vendor_order o GROUP BY o.group_id) s
      ON s.group_id = g.id
    WHERE g.card_amount <> s.card_amount
$$;
-- Guests have no wallet: all that is not owed was paid by a card.
CREATE OR REPLACE FUNCTION "order".guest_has_paid_from_a_wallet() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT g.id FROM "order".order_group g
    WHERE (g.user_id IS NULL OR g.claimed_at IS NOT NULL) AND g.on_delivery + g.card_amount <> g.total
$$;
CREATE FUNCTION "order".staff_has_paid_by_card() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT d.cart_id FROM "order".draft d JOIN "order".order_group g ON g.cart_id = d.cart_id
    WHERE d.placed_by IS NOT NULL AND g.status = 'placed' AND g.card_amount > 0
$$;
-- Every row is a violated invariant of what cards pay; none is what it should be.
CREATE FUNCTION "order".check_cards() RETURNS TABLE (invariant text, id uuid)
LANGUAGE sql STABLE AS $$
    SELECT 'card_is_not_sum_of_orders', f FROM "order".card_is_not_sum_of_orders() AS f
    UNION ALL
    SELECT 'staff_has_paid_by_card', f FROM "order".staff_has_paid_by_card() AS f
$$;

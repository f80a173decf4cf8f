-- Reservations are forgotten when they have ended for long: their rows are found by age, and a sale of those days has no
-- reservation to be compared with any more.
CREATE INDEX reservation_by_time ON catalog.reservation USING brin (expires_at);

CREATE OR REPLACE FUNCTION catalog.check_stock() RETURNS TABLE (invariant text, id uuid)
LANGUAGE sql STABLE AS $$
    WITH moved AS (
        SELECT m.variant_id, sum(m.delta) AS total, max(m.version) AS version
        FROM catalog.stock_movement m GROUP BY m.variant_id),
    reserved AS (
        SELECT r.variant_id, sum(r.quantity) AS held
        FROM catalog.reservation r WHERE r.state = 1 GROUP BY r.variant_id)
    SELECT 'on_hand_is_not_sum_of_movements', k.variant_id
    FROM catalog.stock k LEFT JOIN moved m ON m.variant_id = k.variant_id
    WHERE k.on_hand IS DISTINCT FROM m.total OR k.version < m.version
    UNION ALL
    SELECT 'movement_of_no_stock', m.variant_id
    FROM moved m LEFT JOIN catalog.stock k ON k.variant_id = m.variant_id WHERE k.variant_id IS NULL
    UNION ALL
    SELECT 'held_is_not_sum_of_reservations', k.variant_id
    FROM catalog.stock k LEFT JOIN reserved r ON r.variant_id = k.variant_id
    WHERE k.held <> coalesce(r.held, 0)
    UNION ALL
    SELECT 'sale_is_not_its_reservation', m.variant_id
    FROM catalog.stock_movement m
    JOIN catalog.reservation r ON r.reservation_id = m.reference AND r.variant_id = m.variant_id
    WHERE m.kind = 2 AND (r.state <> 3 OR r.quantity <> -m.delta)
$$;

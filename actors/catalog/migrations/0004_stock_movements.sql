-- Why there is as much of a variant as there is: a row for each change of catalog.stock.on_hand, written by the statement that
-- makes it, under the version that it gives the stock.
CREATE TABLE catalog.stock_movement (
    variant_id uuid NOT NULL,
    version    bigint NOT NULL,
    kind       smallint NOT NULL CHECK (kind BETWEEN 0 AND 3), -- enum catalog_movement_kind
    delta      bigint NOT NULL,
    reference  uuid, -- of a sale: the reservation
    at         bigint NOT NULL,
    PRIMARY KEY (variant_id, version)
);
INSERT INTO catalog.stock_movement (variant_id, version, kind, delta, at)
SELECT k.variant_id, k.version, 0, k.on_hand, p.updated_at
FROM catalog.stock k JOIN catalog.product p ON p.id = k.product_id;

-- Every row is a violated invariant of the stock; none is what it should be.
CREATE FUNCTION catalog.check_stock() RETURNS TABLE (invariant text, id uuid)
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
    LEFT JOIN catalog.reservation r ON r.reservation_id = m.reference AND r.variant_id = m.variant_id
    WHERE m.kind = 2 AND (r.state IS DISTINCT FROM 3 OR r.quantity <> -m.delta)
$$;

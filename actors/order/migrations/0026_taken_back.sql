-- Parcels that came back to their sender: their units are taken out of them, and are sent again or cancelled.
ALTER TABLE "order".shipment
    DROP CONSTRAINT shipment_status_check,
    ADD CONSTRAINT shipment_status_check CHECK (status IN (
        'created', 'ready', 'handed_over', 'in_transit', 'out_for_delivery', 'delivered', 'exception',
        'returned_to_sender', 'cancelled', 'taken_back'));

-- The steps that the machines of orders, parcels and returns have (order_machine.def, with which a test compares them).
ALTER FUNCTION "order".legal_steps() RENAME TO legal_steps_19;
CREATE FUNCTION "order".legal_steps() RETURNS TABLE (machine text, from_state text, trigger text, to_state text)
LANGUAGE sql IMMUTABLE AS $$
    SELECT * FROM "order".legal_steps_19()
    UNION ALL VALUES
        ('vendor_order', 'shipped', 'take_back_part', 'partially_shipped'),
        ('vendor_order', 'shipped', 'take_back', 'processing'),
        ('vendor_order', 'partially_shipped', 'take_back', 'processing'),
        ('shipment', 'returned_to_sender', 'take_back', 'taken_back')
$$;

-- Every row is a violated invariant of the stored parcels; none is what it should be.
CREATE OR REPLACE FUNCTION "order".check_shipments() RETURNS TABLE (invariant text, id uuid)
LANGUAGE sql STABLE AS $$
    WITH parts AS (
        SELECT p.line_id, sum(p.quantity) FILTER (WHERE s.status NOT IN ('cancelled', 'taken_back')) AS packed,
               sum(p.quantity) FILTER (WHERE s.handed_over_at IS NOT NULL AND s.status <> 'taken_back') AS shipped,
               sum(p.quantity) FILTER (WHERE s.status = 'delivered') AS delivered
        FROM "order".shipment_line p JOIN "order".shipment s ON s.id = p.shipment_id GROUP BY p.line_id),
    counted AS (SELECT s.order_id, count(*) AS shipments_count FROM "order".shipment s GROUP BY s.order_id),
    ends AS (
        SELECT DISTINCT ON (h.object_id) h.object_id, h.to_state FROM "order".order_history h
        WHERE h.machine = 'shipment' ORDER BY h.object_id, h.sequence DESC)
    SELECT 'line_does_not_count_its_parcels', l.id
    FROM "order".order_line l LEFT JOIN parts p ON p.line_id = l.id
    WHERE l.packed <> coalesce(p.packed, 0) OR l.shipped <> coalesce(p.shipped, 0)
       OR l.delivered <> coalesce(p.delivered, 0)
    UNION ALL
    SELECT 'order_does_not_count_its_parcels', o.id
    FROM "order".vendor_order o LEFT JOIN counted c ON c.order_id = o.id
    WHERE o.shipments_count <> coalesce(c.shipments_count, 0)
    UNION ALL
    SELECT 'parcel_without_its_order', s.id
    FROM "order".shipment s LEFT JOIN "order".vendor_order o ON o.id = s.order_id WHERE o.id IS NULL
    UNION ALL
    SELECT 'parcel_holds_nothing', s.id
    FROM "order".shipment s
    WHERE NOT EXISTS (SELECT 1 FROM "order".shipment_line p WHERE p.shipment_id = s.id)
    UNION ALL
    SELECT 'line_of_another_order_in_a_parcel', p.shipment_id
    FROM "order".shipment_line p JOIN "order".shipment s ON s.id = p.shipment_id
    LEFT JOIN "order".order_line l ON l.id = p.line_id
    WHERE l.order_id IS DISTINCT FROM s.order_id
    UNION ALL
    SELECT 'parcel_is_not_where_its_history_ends', s.id
    FROM "order".shipment s LEFT JOIN ends e ON e.object_id = s.id
    WHERE s.status IS DISTINCT FROM e.to_state
$$;

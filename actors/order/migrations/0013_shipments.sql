-- Parcels. A line's counters (order_line) are the sums of what its parcels hold; they change in one unit with them.
CREATE TABLE "order".shipment (
    id              uuid PRIMARY KEY,
    order_id        uuid NOT NULL,
    position        bigint NOT NULL CHECK (position BETWEEN 1 AND 50), -- among the order's parcels
    version         bigint NOT NULL CHECK (version >= 1),
    status          text NOT NULL CHECK (status IN (
        'created', 'ready', 'handed_over', 'in_transit', 'out_for_delivery', 'delivered', 'exception',
        'returned_to_sender', 'cancelled')),
    carrier         text NOT NULL,
    tracking_number text NOT NULL,
    tracking_url    text NOT NULL CHECK (tracking_url = '' OR tracking_url ~ '^https?://'),
    created_at      bigint NOT NULL,
    handed_over_at  bigint,
    delivered_at    bigint,
    due_at          bigint, -- when it is taken for delivered; null: never by itself
    carrier_status  text, -- what the carrier said last, by its own time
    carrier_at      bigint,
    reports_count   bigint NOT NULL CHECK (reports_count BETWEEN 0 AND 100),
    CHECK ((handed_over_at IS NULL) = (status IN ('created', 'ready', 'cancelled'))),
    CHECK ((delivered_at IS NOT NULL) = (status = 'delivered')),
    CHECK (due_at IS NULL OR status IN ('handed_over', 'in_transit', 'out_for_delivery')),
    CHECK ((carrier_status IS NULL) = (carrier_at IS NULL))
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX shipment_by_order ON "order".shipment (order_id, position);
CREATE INDEX shipment_due ON "order".shipment (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE "order".shipment_line (
    shipment_id uuid NOT NULL,
    line_id     uuid NOT NULL,
    quantity    bigint NOT NULL CHECK (quantity >= 1),
    PRIMARY KEY (shipment_id, line_id)
);

-- Every row is a violated invariant of the stored parcels; none is what it should be.
CREATE FUNCTION "order".check_shipments() RETURNS TABLE (invariant text, id uuid)
LANGUAGE sql STABLE AS $$
    WITH parts AS (
        SELECT p.line_id, sum(p.quantity) FILTER (WHERE s.status <> 'cancelled') AS packed,
               sum(p.quantity) FILTER (WHERE s.handed_over_at IS NOT NULL) AS shipped,
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

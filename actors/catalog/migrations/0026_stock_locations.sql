-- Where the units of a variant lie. catalog.stock stays the total, and the judge of what is sold; each of its movements is split over
-- the vendor's locations afterwards, in the order of the versions, up to settled_version. A variant that has no row in located_stock
-- lies at the vendor's first location.
CREATE TABLE catalog.stock_location (
    id         uuid PRIMARY KEY,
    vendor_id  uuid NOT NULL,
    name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    address    text NOT NULL CHECK (length(address) <= 500),
    priority   bigint NOT NULL CHECK (priority BETWEEN 0 AND 1000), -- units are taken from the lowest first
    is_active  boolean NOT NULL,
    is_removed boolean NOT NULL DEFAULT false, -- its name stays, for what was moved there
    version    bigint NOT NULL,
    created_at bigint NOT NULL
);
CREATE INDEX stock_location_by_vendor ON catalog.stock_location (vendor_id, priority, id) WHERE NOT is_removed;

CREATE TABLE catalog.located_stock (
    variant_id      uuid PRIMARY KEY,
    settled_version bigint NOT NULL
);

-- Below nothing: what is owed by the location.
CREATE TABLE catalog.stock_at (
    variant_id  uuid NOT NULL,
    location_id uuid NOT NULL REFERENCES catalog.stock_location (id),
    on_hand     bigint NOT NULL,
    PRIMARY KEY (variant_id, location_id)
);
CREATE INDEX stock_at_by_location ON catalog.stock_at (location_id);

CREATE TABLE catalog.stock_split (
    variant_id  uuid NOT NULL,
    version     bigint NOT NULL,
    location_id uuid NOT NULL,
    delta       bigint NOT NULL,
    reference   uuid, -- that of the movement
    PRIMARY KEY (variant_id, version, location_id)
);
CREATE INDEX stock_split_by_reference ON catalog.stock_split (reference, variant_id) WHERE reference IS NOT NULL;

ALTER DOMAIN catalog.movement_kind DROP CONSTRAINT movement_kind_check;
ALTER DOMAIN catalog.movement_kind ADD CONSTRAINT movement_kind_check CHECK (VALUE BETWEEN 0 AND 6);

-- Every row is a violated invariant of the locations.
CREATE FUNCTION catalog.check_locations() RETURNS TABLE (invariant text, id uuid) LANGUAGE sql STABLE AS $$
    SELECT 'locations_are_not_the_stock', d.variant_id
    FROM catalog.located_stock d LEFT JOIN catalog.stock k ON k.variant_id = d.variant_id
    WHERE k.on_hand IS DISTINCT FROM
        coalesce((SELECT sum(a.on_hand) FROM catalog.stock_at a WHERE a.variant_id = d.variant_id), 0)
        + coalesce((SELECT sum(m.delta) FROM catalog.stock_movement m
                    WHERE m.variant_id = d.variant_id AND m.version > d.settled_version), 0)
    UNION ALL
    SELECT 'split_is_not_its_movement', s.variant_id
    FROM (SELECT x.variant_id, x.version, sum(x.delta) AS delta FROM catalog.stock_split x GROUP BY x.variant_id, x.version) s
    LEFT JOIN catalog.stock_movement m ON m.variant_id = s.variant_id AND m.version = s.version
    WHERE m.delta IS DISTINCT FROM s.delta
    UNION ALL
    SELECT 'units_at_another_vendors', a.variant_id
    FROM catalog.stock_at a JOIN catalog.stock_location l ON l.id = a.location_id
    JOIN catalog.stock k ON k.variant_id = a.variant_id JOIN catalog.product p ON p.id = k.product_id
    WHERE l.vendor_id <> p.vendor_id
    UNION ALL
    SELECT 'units_at_a_removed_location', a.variant_id
    FROM catalog.stock_at a JOIN catalog.stock_location l ON l.id = a.location_id
    WHERE l.is_removed AND a.on_hand <> 0
$$;

-- A variant may be a bundle of others: it has no stock of its own then, and is there as often as its parts are. A bundle is no part
-- of a bundle, which the row of its stock says, so that no two edits together make a circle.
CREATE TABLE catalog.bundle_part (
    bundle_id uuid NOT NULL,
    part_id   uuid NOT NULL,
    quantity  bigint NOT NULL CHECK (quantity BETWEEN 1 AND 100),
    position  bigint NOT NULL,
    PRIMARY KEY (bundle_id, part_id),
    CHECK (bundle_id <> part_id)
);
CREATE INDEX bundle_part_by_part ON catalog.bundle_part (part_id);

ALTER TABLE catalog.stock
    ADD COLUMN is_bundle boolean NOT NULL DEFAULT false,
    ADD COLUMN is_part   boolean NOT NULL DEFAULT false,
    ADD COLUMN bundle_told smallint NOT NULL DEFAULT -1; -- of a bundle: how it could be bought when search was told last
CREATE INDEX stock_bundles ON catalog.stock (variant_id) WHERE is_bundle;

CREATE OR REPLACE FUNCTION catalog.stock_is_sound(s catalog.stock) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN s.held >= 0 AND s.on_hand - s.held >= -s.owed_max AND s.sold >= 0 AND s.received >= 0
        AND s.received = s.on_hand + s.sold AND s.policy BETWEEN 0 AND 2
        AND s.ahead_limit BETWEEN 0 AND 1000000 AND s.owed_max >= s.ahead_limit
        AND (s.policy = 0) = (s.ahead_limit = 0) AND (s.policy = 2) = (s.available_on IS NOT NULL)
        AND NOT (s.is_bundle AND (s.is_part OR s.policy > 0));
END $$;

-- How a bundle can be bought (enum catalog_availability), as catalog_bundle_reckon() finds it.
CREATE FUNCTION catalog.bundle_availability(bundle uuid, now_us bigint) RETURNS integer LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN count(*) = 0 OR min(q.units) < 1 THEN 3 WHEN bool_or(q.is_early) THEN 1
                WHEN min(q.ready) < 1 THEN 2 ELSE 0 END
    FROM (SELECT CASE WHEN k.is_active AND p.is_listed AND NOT k.is_bundle THEN (k.on_hand - k.held
                     + CASE WHEN k.policy = 1 OR k.available_on > now_us THEN k.ahead_limit ELSE 0 END) / b.quantity
                 ELSE 0 END AS units,
                 coalesce(k.available_on > now_us, false) AS is_early, (k.on_hand - k.held) / b.quantity AS ready
          FROM catalog.bundle_part b JOIN catalog.stock k ON k.variant_id = b.part_id
          JOIN catalog.product p ON p.id = k.product_id
          WHERE b.bundle_id = bundle) q
$$;

-- Every row is a violated invariant of the bundles.
CREATE FUNCTION catalog.check_bundles() RETURNS TABLE (invariant text, id uuid) LANGUAGE sql STABLE AS $$
    SELECT 'bundle_is_not_marked', b.bundle_id
    FROM catalog.bundle_part b LEFT JOIN catalog.stock k ON k.variant_id = b.bundle_id WHERE k.is_bundle IS NOT TRUE
    UNION ALL
    SELECT 'part_is_not_marked', b.part_id
    FROM catalog.bundle_part b LEFT JOIN catalog.stock k ON k.variant_id = b.part_id WHERE k.is_part IS NOT TRUE
    UNION ALL
    SELECT 'bundle_has_no_parts', k.variant_id
    FROM catalog.stock k LEFT JOIN catalog.bundle_part b ON b.bundle_id = k.variant_id
    WHERE k.is_bundle AND b.bundle_id IS NULL
    UNION ALL
    SELECT 'bundle_has_too_many_parts', b.bundle_id FROM catalog.bundle_part b GROUP BY b.bundle_id HAVING count(*) > 20
    UNION ALL
    SELECT 'part_is_of_another_vendor', b.bundle_id
    FROM catalog.bundle_part b
    JOIN catalog.stock k ON k.variant_id = b.bundle_id JOIN catalog.product p ON p.id = k.product_id
    JOIN catalog.stock l ON l.variant_id = b.part_id JOIN catalog.product q ON q.id = l.product_id
    WHERE p.vendor_id <> q.vendor_id
$$;

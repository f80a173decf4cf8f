-- A variant may be sold beyond what is there: on_hand then falls below nothing, by as many units as are owed. `owed_max` is what
-- the row allows: the limit of the policy, or what was owed already when that became smaller.
ALTER TABLE catalog.stock
    ADD COLUMN policy       smallint NOT NULL DEFAULT 0, -- enum catalog_stock_policy
    ADD COLUMN ahead_limit  bigint NOT NULL DEFAULT 0,
    ADD COLUMN available_on bigint, -- of a pre-order
    ADD COLUMN owed_max     bigint NOT NULL DEFAULT 0;

CREATE OR REPLACE FUNCTION catalog.stock_is_sound(s catalog.stock) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN s.held >= 0 AND s.on_hand - s.held >= -s.owed_max AND s.sold >= 0 AND s.received >= 0
        AND s.received = s.on_hand + s.sold AND s.policy BETWEEN 0 AND 2
        AND s.ahead_limit BETWEEN 0 AND 1000000 AND s.owed_max >= s.ahead_limit
        AND (s.policy = 0) = (s.ahead_limit = 0) AND (s.policy = 2) = (s.available_on IS NOT NULL);
END $$;

-- Few are pre-ordered, and none of these columns changes with a sale.
CREATE INDEX stock_preordered ON catalog.stock (available_on) WHERE policy = 2;

ALTER DOMAIN catalog.movement_kind DROP CONSTRAINT movement_kind_check;
ALTER DOMAIN catalog.movement_kind ADD CONSTRAINT movement_kind_check CHECK (VALUE BETWEEN 0 AND 5);

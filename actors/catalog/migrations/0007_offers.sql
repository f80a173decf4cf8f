-- What a price needs beside the list price: sales, tiers, how many are sold together, how it is sent.

-- True of 1 to 10 tiers whose quantities rise and whose prices, from the list price on, do not.
CREATE FUNCTION catalog.are_tiers(list_amount bigint, quantities bigint[], amounts bigint[]) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT cardinality(quantities) = cardinality(amounts) AND cardinality(quantities) BETWEEN 1 AND 10
       AND NOT EXISTS (SELECT 1 FROM generate_subscripts(quantities, 1) AS i
                       WHERE quantities[i] NOT BETWEEN 2 AND 10000 OR amounts[i] < 1
                          OR amounts[i] > CASE WHEN i = 1 THEN list_amount ELSE amounts[i - 1] END
                          OR quantities[i] <= quantities[i - 1])
$$;

-- They stand in the row of their price, so that a cart reads them with it and those without pay nothing. A sale runs from sale_from on,
-- before sale_to (0: since ever; 9223372036854775807: for good).
ALTER TABLE catalog.variant_price
    ADD COLUMN sale_amount     bigint,
    ADD COLUMN sale_from       bigint,
    ADD COLUMN sale_to         bigint,
    ADD COLUMN tier_quantities bigint[],
    ADD COLUMN tier_amounts    bigint[],
    ADD CONSTRAINT variant_sale_is_whole CHECK (num_nulls(sale_amount, sale_from, sale_to) IN (0, 3)),
    ADD CONSTRAINT variant_sale_is_one CHECK (sale_amount >= 1 AND sale_amount < amount AND sale_from >= 0 AND sale_from < sale_to),
    ADD CONSTRAINT variant_tiers_fall CHECK (CASE WHEN tier_quantities IS NULL THEN tier_amounts IS NULL
        ELSE coalesce(catalog.are_tiers(amount, tier_quantities, tier_amounts), false) END);

ALTER TABLE catalog.variant
    ADD COLUMN quantity_min  smallint CHECK (quantity_min BETWEEN 1 AND 10000),
    ADD COLUMN quantity_step smallint CHECK (quantity_step BETWEEN 1 AND 10000),
    ADD COLUMN quantity_max  smallint CHECK (quantity_max BETWEEN 1 AND 10000),
    ADD CONSTRAINT variant_quantities_fit CHECK (quantity_min <= quantity_max),
    ADD CONSTRAINT variant_quantities_are_steps CHECK (quantity_min % quantity_step = 0 AND quantity_max % quantity_step = 0);

-- The sale_* of a product are what its variants' sales make of its price: the price that is lower than price_amount now or next, and when.
-- What comes after that is found out when it is over. So a list applies a sale by comparing numbers of the row.
ALTER TABLE catalog.product
    ADD COLUMN shipping_profile_id uuid, -- of the vendor domain; null, or gone there: the vendor's default
    ADD COLUMN sale_amount bigint,
    ADD COLUMN sale_from   bigint,
    ADD COLUMN sale_to     bigint,
    ADD CONSTRAINT product_sale_is_whole CHECK (num_nulls(sale_amount, sale_from, sale_to) IN (0, 3)),
    ADD CONSTRAINT product_sale_is_one CHECK (sale_amount >= 1 AND sale_amount < price_amount AND sale_from < sale_to);
CREATE INDEX product_sale ON catalog.product (sale_to) WHERE sale_amount IS NOT NULL;

-- Of a product with a sale the price is null: what it is depends on the time, and the row of the product says it.
ALTER TABLE catalog.listing ALTER COLUMN price_amount DROP NOT NULL;

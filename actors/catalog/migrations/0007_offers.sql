-- What a price needs beside the list price: sales, tiers, how many are sold together, how it is sent. Each table has one check for all
-- of it: whoever writes a row pays for every check, whether it is about him or not.

-- True of 1 to 10 tiers whose quantities rise and whose prices, from the list price on, do not. Not in SQL: PostgreSQL would read the
-- body each time that a price is written, whether it has tiers or not, to see whether it could stand in the check itself.
CREATE FUNCTION catalog.are_tiers(list_amount bigint, quantities bigint[], amounts bigint[]) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    quantity bigint := 1;
    amount   bigint := list_amount;
BEGIN
    IF cardinality(quantities) NOT BETWEEN 1 AND 10 OR cardinality(amounts) IS DISTINCT FROM cardinality(quantities) THEN RETURN false; END IF;
    FOR i IN 1 .. cardinality(quantities) LOOP
        IF (quantities[i] > quantity AND quantities[i] <= 10000 AND amounts[i] BETWEEN 1 AND amount) IS NOT TRUE THEN RETURN false; END IF;
        quantity := quantities[i];
        amount := amounts[i];
    END LOOP;
    RETURN true;
END $$;

-- They stand in the row of their price, so that a cart reads them with it and those without pay nothing. A sale runs from sale_from on,
-- before sale_to (0: since ever; 9223372036854775807: for good).
ALTER TABLE catalog.variant_price
    ADD COLUMN sale_amount     bigint,
    ADD COLUMN sale_from       bigint,
    ADD COLUMN sale_to         bigint,
    ADD COLUMN tier_quantities bigint[],
    ADD COLUMN tier_amounts    bigint[],
    ADD CONSTRAINT variant_price_is_sound CHECK (
        CASE WHEN sale_amount IS NULL THEN num_nonnulls(sale_from, sale_to) = 0
        ELSE (sale_amount BETWEEN 1 AND amount - 1 AND sale_from >= 0 AND sale_from < sale_to) IS TRUE END
        AND CASE WHEN tier_quantities IS NULL THEN tier_amounts IS NULL
        ELSE catalog.are_tiers(amount, tier_quantities, tier_amounts) END);

ALTER TABLE catalog.variant
    ADD COLUMN quantity_min  smallint,
    ADD COLUMN quantity_step smallint,
    ADD COLUMN quantity_max  smallint,
    ADD CONSTRAINT variant_quantities_are_sound CHECK (quantity_step BETWEEN 1 AND 10000 AND quantity_min BETWEEN 1 AND 10000
        AND quantity_max BETWEEN 1 AND 10000 AND quantity_min <= quantity_max
        AND quantity_min % quantity_step = 0 AND quantity_max % quantity_step = 0);

-- The product's category and those above it, from the root: a path never changes, so they change with the product's category only. Carts
-- read them with the variant; to look each up among the categories took a third of the time of that statement.
ALTER TABLE catalog.variant ADD COLUMN category_ids uuid[] NOT NULL DEFAULT '{}';
UPDATE catalog.variant w SET category_ids = c.ancestors
    FROM catalog.product p JOIN catalog.category c ON c.id = p.category_id WHERE p.id = w.product_id;
ALTER TABLE catalog.variant ALTER COLUMN category_ids DROP DEFAULT;

-- The sale_* of a product are what its variants' sales make of its price: the price that is lower than price_amount now or next, and when.
-- What comes after that is found out when it is over. So a list applies a sale by comparing numbers of the row.
ALTER TABLE catalog.product
    ADD COLUMN shipping_profile_id uuid, -- of the vendor domain; null, or gone there: the vendor's default
    ADD COLUMN sale_amount bigint,
    ADD COLUMN sale_from   bigint,
    ADD COLUMN sale_to     bigint,
    ADD CONSTRAINT product_sale_is_sound CHECK (num_nulls(sale_amount, sale_from, sale_to) IN (0, 3)
        AND sale_amount BETWEEN 1 AND price_amount - 1 AND sale_from < sale_to);
CREATE INDEX product_sale ON catalog.product (sale_to) WHERE sale_amount IS NOT NULL;

-- Of a product with a sale the price is null: what it is depends on the time, and the row of the product says it.
ALTER TABLE catalog.listing ALTER COLUMN price_amount DROP NOT NULL;

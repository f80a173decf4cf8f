-- Prices of groups of customers. Which shoppers are in a group is the order domain's: it is told the prices of all groups of a variant.

CREATE FUNCTION catalog.price_list_is_sound(name text, group_ids uuid[], currency text, starts_at bigint, ends_at bigint, prices bigint)
RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN length(name) BETWEEN 1 AND 100
        AND cardinality(group_ids) BETWEEN 1 AND 5
        AND length(currency) = 3
        AND starts_at >= 0
        AND starts_at < ends_at
        AND prices BETWEEN 0 AND 5000;
END $$;

-- Of a vendor, or of the market (vendor_id null). It counts from starts_at on, before ends_at (9223372036854775807: for good).
CREATE TABLE catalog.price_list (
    id         uuid PRIMARY KEY,
    vendor_id  uuid,
    name       text NOT NULL,
    group_ids  uuid[] NOT NULL,
    currency   text NOT NULL,
    starts_at  bigint NOT NULL,
    ends_at    bigint NOT NULL,
    is_active  boolean NOT NULL,
    prices     bigint NOT NULL DEFAULT 0, -- how many
    version    bigint NOT NULL DEFAULT 1,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    CONSTRAINT price_list_is_sound CHECK (catalog.price_list_is_sound(name, group_ids, currency, starts_at, ends_at, prices))
);
CREATE INDEX price_list_by_owner ON catalog.price_list (vendor_id, id);

-- `id` is only the order in which they came.
CREATE TABLE catalog.price_list_price (
    list_id       uuid NOT NULL REFERENCES catalog.price_list,
    variant_id    uuid NOT NULL REFERENCES catalog.variant,
    from_quantity bigint NOT NULL CHECK (from_quantity BETWEEN 1 AND 10000),
    amount        bigint NOT NULL CHECK (amount BETWEEN 0 AND 1000000000000),
    id            uuid NOT NULL,
    PRIMARY KEY (list_id, variant_id, from_quantity)
);
CREATE INDEX price_list_price_by_variant ON catalog.price_list_price (variant_id);
CREATE UNIQUE INDEX price_list_price_in_order ON catalog.price_list_price (list_id, id);

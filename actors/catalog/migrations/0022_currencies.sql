-- What lists and details say of a product in the currencies that are not the one of its row. A market of one currency has no rows here.

CREATE FUNCTION catalog.product_currency_is_sound(currency text, price_amount bigint, compare_at_amount bigint, sale_amount bigint,
    sale_from bigint, sale_to bigint, sale_prior bigint)
RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN length(currency) = 3
        AND price_amount >= 0
        AND compare_at_amount >= 0
        AND num_nulls(sale_amount, sale_from, sale_to) IN (0, 3)
        AND sale_amount BETWEEN 1 AND price_amount - 1
        AND sale_from < sale_to
        AND sale_prior >= 0;
END $$;

-- `price_*`, `sale_*` and the document are as those of catalog.product and catalog.product_document, in this currency. Listed products only.
CREATE TABLE catalog.product_currency (
    product_id        uuid NOT NULL REFERENCES catalog.product,
    currency          text COLLATE "C" NOT NULL,
    price_amount      bigint NOT NULL,
    compare_at_amount bigint,
    sale_amount       bigint,
    sale_from         bigint,
    sale_to           bigint,
    sale_prior        bigint,
    sale_announced    bigint,
    document          bytea, -- null: to be made by the sweep
    PRIMARY KEY (product_id, currency),
    CONSTRAINT product_currency_is_sound CHECK (catalog.product_currency_is_sound(currency, price_amount, compare_at_amount,
        sale_amount, sale_from, sale_to, sale_prior))
);
ALTER TABLE catalog.product_currency ALTER COLUMN document SET STORAGE EXTERNAL;
CREATE INDEX product_currency_sale ON catalog.product_currency (sale_to) WHERE sale_amount IS NOT NULL;
CREATE INDEX product_currency_sale_untold ON catalog.product_currency (sale_from)
    WHERE sale_amount IS NOT NULL AND sale_announced IS DISTINCT FROM sale_from;
CREATE INDEX product_currency_unmade ON catalog.product_currency (product_id) WHERE document IS NULL;

-- What was priced in several currencies before: the sweep makes the rest of these rows, and search hears of it.
INSERT INTO catalog.product_currency (product_id, currency, price_amount)
    SELECT p.id, r.currency, min(r.amount) FROM catalog.product p
    JOIN catalog.variant w ON w.product_id = p.id
    JOIN catalog.stock k ON k.variant_id = w.id AND k.is_active
    JOIN catalog.variant_price r ON r.variant_id = w.id AND r.currency <> p.price_currency
    WHERE p.is_listed GROUP BY p.id, r.currency;

-- What an import writes for each product (storage/README.md, Decisions: the rules of a row that is written often are one function).
-- As with any CHECK, a rule about what is NULL holds. That of a product takes its columns: a whole row would be copied with its
-- description.
CREATE FUNCTION catalog.product_is_sound(status smallint, is_listed boolean, price_amount bigint, price_currency text,
    compare_at_amount bigint, sale_amount bigint, sale_from bigint, sale_to bigint, sale_prior bigint, tax_class smallint,
    picture text, seo_title text, seo_description text, attributes text[])
RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN status BETWEEN 0 AND 5
        AND is_listed = (status = 2)
        AND tax_class >= 0
        AND picture LIKE '/media/%'
        AND length(seo_title) BETWEEN 1 AND 200
        AND length(seo_description) BETWEEN 1 AND 500
        AND cardinality(attributes) % 2 = 0
        AND cardinality(attributes) <= 100
        -- The price.
        AND price_amount >= 0
        AND length(price_currency) = 3
        AND compare_at_amount >= 0
        AND num_nulls(sale_amount, sale_from, sale_to) IN (0, 3)
        AND sale_amount BETWEEN 1 AND price_amount - 1
        AND sale_from < sale_to
        AND sale_prior >= 0;
END $$;

CREATE FUNCTION catalog.variant_is_sound(v catalog.variant) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN cardinality(v.options) % 2 = 0
        AND catalog.is_gtin(v.barcode)
        AND v.quantity_step BETWEEN 1 AND 10000
        AND v.quantity_min BETWEEN 1 AND 10000
        AND v.quantity_max BETWEEN 1 AND 10000
        AND v.quantity_min <= v.quantity_max
        AND v.quantity_min % v.quantity_step = 0
        AND v.quantity_max % v.quantity_step = 0;
END $$;

CREATE FUNCTION catalog.variant_price_is_sound(p catalog.variant_price) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN p.amount >= 0
        AND length(p.currency) = 3
        AND p.compare_at_amount >= 0
        AND p.prior_amount >= 0
        AND CASE WHEN p.sale_amount IS NULL THEN num_nonnulls(p.sale_from, p.sale_to) = 0
            ELSE (p.sale_amount BETWEEN 1 AND p.amount - 1 AND p.sale_from >= 0 AND p.sale_from < p.sale_to) IS TRUE END
        AND CASE WHEN p.tier_quantities IS NULL THEN p.tier_amounts IS NULL
            ELSE catalog.are_tiers(p.amount, p.tier_quantities, p.tier_amounts) END;
END $$;

ALTER TABLE catalog.product
    DROP CONSTRAINT product_attributes_are_pairs, DROP CONSTRAINT product_compare_at_amount_check,
    DROP CONSTRAINT product_is_listed_when_published, DROP CONSTRAINT product_picture_check,
    DROP CONSTRAINT product_price_amount_check, DROP CONSTRAINT product_price_currency_check,
    DROP CONSTRAINT product_sale_is_sound, DROP CONSTRAINT product_sale_prior_check, DROP CONSTRAINT product_seo_is_short,
    DROP CONSTRAINT product_status_is_known, DROP CONSTRAINT product_tax_class_check,
    ADD CONSTRAINT product_is_sound CHECK (catalog.product_is_sound(status, is_listed, price_amount, price_currency,
        compare_at_amount, sale_amount, sale_from, sale_to, sale_prior, tax_class, picture, seo_title, seo_description, attributes));

ALTER TABLE catalog.variant
    DROP CONSTRAINT variant_barcode_is_gtin, DROP CONSTRAINT variant_options_check, DROP CONSTRAINT variant_quantities_are_sound,
    ADD CONSTRAINT variant_is_sound CHECK (catalog.variant_is_sound(variant));

ALTER TABLE catalog.variant_price
    DROP CONSTRAINT variant_price_amount_check, DROP CONSTRAINT variant_price_compare_at_amount_check,
    DROP CONSTRAINT variant_price_currency_check, DROP CONSTRAINT variant_price_is_sound,
    DROP CONSTRAINT variant_price_prior_amount_check,
    ADD CONSTRAINT variant_price_is_sound CHECK (catalog.variant_price_is_sound(variant_price));

-- Numbers under barcodes, with the check of GS1's (runtime/gtin.h): from the right the digits weigh 1, 3, 1, 3 ...
CREATE FUNCTION catalog.is_gtin(code text) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT code ~ '^([0-9]{8}|[0-9]{12,14})$' AND (SELECT sum(substr(lpad(code, 14, '0'), i, 1)::integer * CASE i % 2 WHEN 1 THEN 3 ELSE 1 END) % 10 = 0
                                                   FROM generate_series(1, 14) i)
$$;
ALTER TABLE catalog.variant ADD COLUMN barcode text COLLATE "C" CONSTRAINT variant_barcode_is_gtin CHECK (catalog.is_gtin(barcode));

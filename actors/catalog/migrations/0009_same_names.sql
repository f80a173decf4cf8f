-- Names that differ in nothing but case, spaces and Unicode's normal form are one: of categories, and of SKUs of a vendor's.
CREATE FUNCTION catalog.same_name(name text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT lower(normalize(btrim(regexp_replace(name, '[\s\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+', ' ', 'g')), NFC) COLLATE "default")
$$;

-- What stands already stays as it is: of several paths that are the same now the oldest is meant, and the others are found by their very
-- bytes only. No product moves; staff may merge them. What is below a path is the same only if its parent is.
ALTER TABLE catalog.category ADD COLUMN same_path text COLLATE "C";
UPDATE catalog.category c SET same_path = catalog.same_name(c.path)
    FROM (SELECT DISTINCT ON (catalog.same_name(path)) id FROM catalog.category
          ORDER BY catalog.same_name(path), created_at, id) first
    WHERE first.id = c.id;
CREATE UNIQUE INDEX category_by_same_path ON catalog.category (same_path);

-- Whether an SKU is taken. Two of a vendor's that are the same now stay until one of them is changed; which is then refused.
DROP INDEX catalog.variant_by_sku;
CREATE INDEX variant_by_sku ON catalog.variant (catalog.same_name(sku)) WHERE sku IS NOT NULL;

-- Files are read composed: a handle that is not would not be found by its own file any more. One whose composed form another product of
-- the vendor has stays as it is.
UPDATE catalog.product p SET handle = normalize(p.handle, NFC)
    WHERE p.handle IS NOT NFC NORMALIZED
      AND NOT EXISTS (SELECT 1 FROM catalog.product o
                      WHERE o.vendor_id = p.vendor_id AND o.id <> p.id AND normalize(o.handle, NFC) = normalize(p.handle, NFC));

-- An SKU is given once among the variants of a vendor that can be bought: what was looked up before is a constraint now, so that two writers
-- in one moment do not both get it. `sku_key` is what tells SKUs apart, of a variant that can be bought, and NULL of others.
ALTER TABLE catalog.variant ADD COLUMN vendor_id uuid, ADD COLUMN sku_key text COLLATE "C", ADD COLUMN shares_sku boolean NOT NULL DEFAULT false;

-- Of those that have one SKU already the oldest has the key; the others share it until somebody changes them, which is refused:
-- SELECT * FROM catalog.variant WHERE shares_sku.
WITH live AS (
    SELECT w.id, p.vendor_id, catalog.same_name(w.sku) AS sku_key,
           row_number() OVER (PARTITION BY p.vendor_id, catalog.same_name(w.sku) ORDER BY w.id) AS place
    FROM catalog.variant w JOIN catalog.product p ON p.id = w.product_id JOIN catalog.stock k ON k.variant_id = w.id
    WHERE w.sku IS NOT NULL AND k.is_active AND p.status <> 5)
UPDATE catalog.variant w SET vendor_id = l.vendor_id, sku_key = CASE WHEN l.place = 1 THEN l.sku_key END, shares_sku = l.place > 1
    FROM live l WHERE l.id = w.id;

-- A node of the version before writes neither column: its new variants have no key until they are written again.
CREATE UNIQUE INDEX variant_by_sku_key ON catalog.variant (vendor_id, sku_key) WHERE sku_key IS NOT NULL;

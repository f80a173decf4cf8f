-- Where a product stands for its vendor and for staff. Shoppers still ask for is_listed alone, which the indexes know.
ALTER TABLE catalog.product
    ADD COLUMN status smallint NOT NULL DEFAULT 2, -- enum catalog_product_status, by its place
    ADD COLUMN is_blocked boolean NOT NULL DEFAULT false, -- hidden by staff
    ADD COLUMN review_note text NOT NULL DEFAULT '';
UPDATE catalog.product SET status = 3 WHERE NOT is_listed;
ALTER TABLE catalog.product
    ADD CONSTRAINT product_status_is_known CHECK (status BETWEEN 0 AND 5),
    ADD CONSTRAINT product_is_listed_when_published CHECK (is_listed = (status = 2)),
    ALTER COLUMN status DROP DEFAULT;

-- A vendor's own list shows all of its products; staff looks for the few that are not published.
CREATE INDEX product_by_vendor ON catalog.product (vendor_id, id);
CREATE INDEX product_unlisted ON catalog.product (status, id) WHERE NOT is_listed;
-- Whether an SKU is taken.
CREATE INDEX variant_by_sku ON catalog.variant (sku) WHERE sku IS NOT NULL;

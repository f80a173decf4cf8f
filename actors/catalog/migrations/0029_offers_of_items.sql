-- Variants of several vendors are one item when their GTINs are the same number: a GTIN of 8, 12 or 13 digits is one of 14 with zeros in
-- front (GS1 General Specifications, section 7.9).
CREATE INDEX variant_by_gtin ON catalog.variant (lpad(barcode, 14, '0')) WHERE barcode IS NOT NULL;

-- Products that staff has set apart, whatever their barcodes say.
CREATE TABLE catalog.separate_product (
    product_id uuid PRIMARY KEY REFERENCES catalog.product
);

-- Which rates of tax apply to a product (a place in common.tax_class), and whether anything is sent.
ALTER TABLE catalog.product
    ADD COLUMN tax_class  smallint NOT NULL DEFAULT 0 CHECK (tax_class >= 0),
    ADD COLUMN is_digital boolean NOT NULL DEFAULT false;

-- What a file calls a product's type stands in for a category that the market does not have.
ALTER TABLE catalog.import_product ADD COLUMN other_category text NOT NULL DEFAULT '';

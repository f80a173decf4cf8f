-- Which import wrote a product last, and when: two files at once that have the same product do not take turns with it.
ALTER TABLE catalog.product ADD COLUMN import_id uuid, ADD COLUMN imported_at bigint;

-- What a line looked like when it was ordered: two variants of a product are told apart by their options, and pages and
-- mails show a picture. Lines of before have none.
ALTER TABLE "order".order_line
    ADD COLUMN slug    text NOT NULL DEFAULT '',
    ADD COLUMN image   text NOT NULL DEFAULT '',
    ADD COLUMN options text[] NOT NULL DEFAULT '{}' CHECK (cardinality(options) % 2 = 0); -- names and values in turns

-- What one cost before: versions of prices that are over. Kept for 30 days, in which a reduction is measured (Directive 98/6/EC, article 6a).
CREATE TABLE catalog.price_past (
    variant_id  uuid NOT NULL,
    currency    text NOT NULL CHECK (length(currency) = 3),
    amount      bigint NOT NULL CHECK (amount >= 0),
    sale_amount bigint,
    sale_from   bigint,
    sale_to     bigint,
    since       bigint NOT NULL,
    until       bigint NOT NULL,
    PRIMARY KEY (variant_id, currency, until),
    CONSTRAINT price_past_is_sound CHECK (since < until AND num_nulls(sale_amount, sale_from, sale_to) IN (0, 3))
);
CREATE INDEX price_past_by_end ON catalog.price_past (until);

-- Since when a price and its sale are what they are (0: since before anybody looked), and the lowest price of the 30 days before its sale
-- begins, which is known when the sale is written.
ALTER TABLE catalog.variant_price
    ADD COLUMN since        bigint NOT NULL DEFAULT 0,
    ADD COLUMN prior_amount bigint CHECK (prior_amount >= 0);
-- The same of what sale_amount repeats.
ALTER TABLE catalog.product ADD COLUMN sale_prior bigint CHECK (sale_prior >= 0);

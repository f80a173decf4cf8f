-- What shoppers have put aside for later: at most 100 each, counted by whoever adds one.
CREATE TABLE "order".saved_item (
    user_id    uuid NOT NULL,
    variant_id uuid NOT NULL,
    product_id uuid NOT NULL,
    vendor_id  uuid NOT NULL,
    name       text NOT NULL, -- shown while the catalogue does not know the variant
    quantity   bigint NOT NULL CHECK (quantity BETWEEN 1 AND 10000),
    saved_at   bigint NOT NULL,
    PRIMARY KEY (user_id, variant_id)
);

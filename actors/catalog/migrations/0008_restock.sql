-- Units that come back because an order was called off: once for each restock, whoever repeats himself.
CREATE TABLE catalog.restock (
    restock_id uuid NOT NULL,
    variant_id uuid NOT NULL,
    quantity   bigint NOT NULL CHECK (quantity >= 1),
    PRIMARY KEY (restock_id, variant_id)
);
ALTER TABLE catalog.stock_movement DROP CONSTRAINT stock_movement_kind_check;
ALTER TABLE catalog.stock_movement ADD CONSTRAINT stock_movement_kind_check CHECK (kind BETWEEN 0 AND 4);

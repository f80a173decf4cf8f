-- Of which variants units are waited for: few lines have such units.
CREATE INDEX order_line_backordered ON "order".order_line (variant_id) WHERE backordered > 0;

-- Units that an edit would add and that were not there when it was proposed, as order_line says it of ordered ones.
ALTER TABLE "order".order_edit_line
    ADD COLUMN backordered  bigint NOT NULL DEFAULT 0,
    ADD COLUMN available_on bigint,
    ADD CONSTRAINT order_edit_line_sells_ahead
        CHECK (backordered BETWEEN 0 AND quantity AND (available_on IS NULL OR backordered > 0));

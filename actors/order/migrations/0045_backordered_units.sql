-- Units of a line that were not there when it was priced, and when they were to be there. Few lines have any, so they are
-- written by a statement of their own, behind the one that places a group.
ALTER TABLE "order".order_line
    ADD COLUMN backordered  bigint NOT NULL DEFAULT 0,
    ADD COLUMN available_on bigint;

CREATE OR REPLACE FUNCTION "order".order_line_is_sound(l "order".order_line) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN l.total = l.quantity * l.unit_amount
        AND l.discount BETWEEN 0 AND l.total
        AND l.cancelled BETWEEN 0 AND l.quantity
        AND l.packed BETWEEN 0 AND l.quantity - l.cancelled
        AND l.shipped BETWEEN 0 AND l.packed
        AND l.delivered BETWEEN 0 AND l.shipped
        AND l.returned BETWEEN 0 AND l.delivered
        AND l.backordered BETWEEN 0 AND l.quantity
        AND (l.available_on IS NULL OR l.backordered > 0);
END $$;

-- What a bundle was made of when it was ordered: what is set aside, sold and brought back are these.
ALTER TABLE "order".order_line
    ADD COLUMN part_ids        uuid[],
    ADD COLUMN part_quantities bigint[],
    ADD COLUMN part_names      text[],
    ADD COLUMN part_skus       text[]; -- '' for none

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
        AND (l.available_on IS NULL OR l.backordered > 0)
        AND (num_nonnulls(l.part_ids, l.part_quantities, l.part_names, l.part_skus) = 0
            OR coalesce(cardinality(l.part_ids) BETWEEN 1 AND 20
                AND cardinality(l.part_quantities) = cardinality(l.part_ids)
                AND cardinality(l.part_names) = cardinality(l.part_ids)
                AND cardinality(l.part_skus) = cardinality(l.part_ids)
                AND 1 <= ALL (l.part_quantities), false));
END $$;

-- What a vendor says about how goods are sent back, and goods that are sent again: an order that costs nothing, for which stock was
-- taken.
ALTER TABLE "order".order_return
    ADD COLUMN wants          text NOT NULL DEFAULT 'refund' CHECK (wants IN ('refund', 'exchange')),
    ADD COLUMN instructions   text NOT NULL DEFAULT '',
    ADD COLUMN label_url      text NOT NULL DEFAULT '' CHECK (label_url = '' OR label_url ~ '^https?://'),
    ADD COLUMN replacement_id uuid UNIQUE,
    ADD CONSTRAINT order_return_exchanged_is_replaced CHECK ((replacement_id IS NOT NULL) = (status = 'exchanged'));
ALTER TABLE "order".vendor_order
    ADD COLUMN replaces_id uuid, -- the order whose units it sends again
    ADD CONSTRAINT vendor_order_replacement_is_free CHECK (replaces_id IS NULL OR total = 0);

-- Every row is a violated invariant of the stored returns; none is what it should be.
ALTER FUNCTION "order".check_returns() RENAME TO check_returns_19;
CREATE FUNCTION "order".check_returns() RETURNS TABLE (invariant text, id uuid)
LANGUAGE sql STABLE AS $$
    SELECT * FROM "order".check_returns_19()
    UNION ALL
    SELECT 'exchanged_return_without_its_replacement', r.id
    FROM "order".order_return r LEFT JOIN "order".vendor_order o ON o.id = r.replacement_id
    WHERE r.status = 'exchanged' AND o.replaces_id IS DISTINCT FROM r.order_id
    UNION ALL
    SELECT 'replacement_of_no_return', o.id
    FROM "order".vendor_order o
    WHERE o.replaces_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "order".order_return r WHERE r.replacement_id = o.id)
    UNION ALL
    SELECT 'replacement_is_not_what_came_back', r.id
    FROM "order".order_return r
    WHERE r.status = 'exchanged'
      AND (SELECT sum(l.received) FROM "order".order_return_line l WHERE l.return_id = r.id)
          IS DISTINCT FROM (SELECT sum(l.quantity) FROM "order".order_line l WHERE l.order_id = r.replacement_id)
$$;

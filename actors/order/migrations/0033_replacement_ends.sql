-- A replacement that is cancelled, or comes back, has sent nothing again: the return whose units it replaced is open again, also
-- of an order that was completed meanwhile.
ALTER TABLE "order".order_return
    ADD COLUMN stock_is_back boolean NOT NULL DEFAULT false; -- what can be sold again is, by an exchange that did not last
ALTER TABLE "order".vendor_order DROP CONSTRAINT vendor_order_completed_without_returns;

-- The steps that the machines of orders, parcels and returns have (order_machine.def, with which a test compares them).
ALTER FUNCTION "order".legal_steps() RENAME TO legal_steps_32;
CREATE FUNCTION "order".legal_steps() RETURNS TABLE (machine text, from_state text, trigger text, to_state text)
LANGUAGE sql IMMUTABLE AS $$
    SELECT * FROM "order".legal_steps_32()
    UNION ALL VALUES ('return', 'exchanged', 'reopen', 'received')
$$;

-- What is said of exchanges and their replacements is said anew, the rest as before.
ALTER FUNCTION "order".check_returns() RENAME TO check_returns_31;
CREATE FUNCTION "order".check_returns() RETURNS TABLE (invariant text, id uuid)
LANGUAGE sql STABLE AS $$
    WITH gone AS (
        SELECT o.id FROM "order".vendor_order o
        WHERE o.replaces_id IS NOT NULL
          AND (o.status = 'cancelled'
               OR EXISTS (SELECT 1 FROM "order".order_return r WHERE r.order_id = o.id AND r.status = 'refunded')))
    SELECT r.* FROM "order".check_returns_31() r WHERE r.invariant <> 'replacement_of_no_return'
    UNION ALL
    SELECT 'exchanged_return_whose_replacement_is_gone', r.id
    FROM "order".order_return r JOIN gone g ON g.id = r.replacement_id
    UNION ALL
    SELECT 'replacement_of_no_return', o.id
    FROM "order".vendor_order o
    WHERE o.replaces_id IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM "order".order_return r WHERE r.replacement_id = o.id)
      AND NOT EXISTS (SELECT 1 FROM "order".order_claim c WHERE c.replacement_id = o.id)
      AND NOT EXISTS (SELECT 1 FROM gone g WHERE g.id = o.id)
    UNION ALL
    SELECT 'completed_order_with_an_open_return', o.id
    FROM "order".vendor_order o JOIN "order".order_return r ON r.order_id = o.id
    WHERE o.status = 'completed' AND r.ended_at IS NULL AND NOT r.stock_is_back
$$;

-- Units with which something is wrong: the vendor answers, or staff decides, and nothing is sent back. While a claim is open its
-- order is not completed: `returns_open` counts it beside the returns.
CREATE TABLE "order".order_claim (
    id             uuid PRIMARY KEY,
    order_id       uuid NOT NULL,
    position       bigint NOT NULL CHECK (position BETWEEN 1 AND 20), -- among the order's claims
    status         text NOT NULL CHECK (status IN (
        'open', 'vendor_response', 'escalated', 'resolved_refund', 'resolved_replacement', 'denied')),
    kind           text NOT NULL CHECK (kind IN ('damaged', 'wrong', 'missing', 'not_as_described')),
    reason         text NOT NULL,
    answer         text NOT NULL DEFAULT '', -- the vendor's no
    decision       text NOT NULL DEFAULT '', -- staff's
    filed_at       bigint NOT NULL,
    due_at         bigint, -- when it is handed to staff by itself
    escalated_at   bigint,
    ended_at       bigint,
    refund_id      uuid UNIQUE,
    replacement_id uuid UNIQUE,
    CHECK ((ended_at IS NOT NULL) = (status IN ('resolved_refund', 'resolved_replacement', 'denied'))),
    CHECK ((due_at IS NOT NULL) = (status IN ('open', 'vendor_response'))),
    CHECK (status <> 'escalated' OR escalated_at IS NOT NULL),
    CHECK ((refund_id IS NOT NULL) = (status = 'resolved_refund')),
    CHECK ((replacement_id IS NOT NULL) = (status = 'resolved_replacement'))
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX order_claim_by_order ON "order".order_claim (order_id, position);
CREATE INDEX order_claim_due ON "order".order_claim (due_at) WHERE due_at IS NOT NULL;
-- What staff has to decide.
CREATE INDEX order_claim_escalated ON "order".order_claim (escalated_at) WHERE status = 'escalated';
CREATE TABLE "order".order_claim_line (
    claim_id uuid NOT NULL,
    line_id  uuid NOT NULL,
    quantity bigint NOT NULL CHECK (quantity >= 1),
    granted  bigint NOT NULL DEFAULT 0 CHECK (granted BETWEEN 0 AND quantity),
    PRIMARY KEY (claim_id, line_id)
);
ALTER DOMAIN "order".history_machine DROP CONSTRAINT history_machine_check;
ALTER DOMAIN "order".history_machine ADD CONSTRAINT history_machine_check
    CHECK (VALUE IN ('vendor_order', 'shipment', 'return', 'claim'));

-- The steps that the machines of orders, parcels, returns and claims have (order_machine.def, with which a test compares them).
ALTER FUNCTION "order".legal_steps() RENAME TO legal_steps_27;
CREATE FUNCTION "order".legal_steps() RETURNS TABLE (machine text, from_state text, trigger text, to_state text)
LANGUAGE sql IMMUTABLE AS $$
    SELECT * FROM "order".legal_steps_27()
    UNION ALL VALUES
        ('claim', 'unfiled', 'file', 'open'), ('claim', 'open', 'respond', 'vendor_response'),
        ('claim', 'open', 'escalate', 'escalated'), ('claim', 'vendor_response', 'escalate', 'escalated'),
        ('claim', 'vendor_response', 'deny', 'denied'), ('claim', 'escalated', 'deny', 'denied')
    UNION ALL
    SELECT 'claim', s.state, g.trigger, g.to_state
    FROM unnest('{open,vendor_response,escalated}'::text[]) AS s (state)
    CROSS JOIN (VALUES ('grant_refund', 'resolved_refund'), ('grant_replacement', 'resolved_replacement'))
        AS g (trigger, to_state)
$$;

-- Claims begin, too, and their refunds are told by their history: what was said about that before is said anew.
ALTER FUNCTION "order".check_lives() RENAME TO check_lives_19;
CREATE FUNCTION "order".check_lives() RETURNS TABLE (invariant text, id uuid)
LANGUAGE sql STABLE AS $$
    SELECT l.* FROM "order".check_lives_19() l WHERE l.invariant <> 'history_does_not_begin'
    UNION ALL
    SELECT 'history_does_not_begin', h.object_id
    FROM (SELECT DISTINCT ON (h.object_id) h.object_id, h.machine, h.from_state FROM "order".order_history h
          ORDER BY h.object_id, h.sequence) h
    WHERE h.from_state <> CASE h.machine WHEN 'vendor_order' THEN 'pending_payment' WHEN 'return' THEN 'unrequested'
                          WHEN 'claim' THEN 'unfiled' ELSE 'unpacked' END
$$;
ALTER FUNCTION "order".check_prices() RENAME TO check_prices_27;
CREATE FUNCTION "order".check_prices() RETURNS TABLE (invariant text, id uuid)
LANGUAGE sql STABLE AS $$
    SELECT p.* FROM "order".check_prices_27() p WHERE p.invariant <> 'refund_that_no_history_tells'
    UNION ALL
    SELECT 'refund_that_no_history_tells', r.id
    FROM "order".order_refund r
    LEFT JOIN "order".order_history h ON h.order_id = r.order_id AND h.sequence = r.sequence
    WHERE h.trigger IS NULL OR h.trigger NOT IN ('cancel', 'refuse', 'cancel_units', 'refund', 'grant_refund')
$$;

-- What returns and claims count together.
ALTER FUNCTION "order".check_returns() RENAME TO check_returns_28;
CREATE FUNCTION "order".check_returns() RETURNS TABLE (invariant text, id uuid)
LANGUAGE sql STABLE AS $$
    WITH units AS (
        SELECT u.line_id, sum(u.asked) AS asked, sum(u.returned) AS returned
        FROM (SELECT l.line_id, CASE WHEN r.status = 'refunded' THEN l.received ELSE l.quantity END AS asked,
                     CASE WHEN r.status = 'refunded' THEN l.received ELSE 0 END AS returned
              FROM "order".order_return_line l JOIN "order".order_return r ON r.id = l.return_id
              WHERE r.status NOT IN ('rejected', 'cancelled')
              UNION ALL
              SELECT l.line_id, CASE WHEN c.ended_at IS NULL THEN l.quantity ELSE l.granted END,
                     CASE WHEN c.status = 'resolved_refund' THEN l.granted ELSE 0 END
              FROM "order".order_claim_line l JOIN "order".order_claim c ON c.id = l.claim_id) u
        GROUP BY u.line_id),
    open AS (
        SELECT a.order_id, count(*) AS count
        FROM (SELECT r.order_id FROM "order".order_return r WHERE r.ended_at IS NULL
              UNION ALL SELECT c.order_id FROM "order".order_claim c WHERE c.ended_at IS NULL) a
        GROUP BY a.order_id)
    SELECT r.* FROM "order".check_returns_28() r
    WHERE r.invariant NOT IN ('order_does_not_count_its_open_returns', 'more_is_returned_than_has_arrived',
                              'line_does_not_count_what_was_returned', 'replacement_of_no_return')
    UNION ALL
    SELECT 'order_does_not_count_its_open_returns', o.id
    FROM "order".vendor_order o LEFT JOIN open a ON a.order_id = o.id WHERE o.returns_open <> coalesce(a.count, 0)
    UNION ALL
    SELECT 'more_is_returned_than_has_arrived', l.id
    FROM "order".order_line l JOIN units u ON u.line_id = l.id WHERE u.asked > l.delivered
    UNION ALL
    SELECT 'line_does_not_count_what_was_returned', l.id
    FROM "order".order_line l LEFT JOIN units u ON u.line_id = l.id WHERE l.returned <> coalesce(u.returned, 0)
    UNION ALL
    SELECT 'replacement_of_no_return', o.id
    FROM "order".vendor_order o
    WHERE o.replaces_id IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM "order".order_return r WHERE r.replacement_id = o.id)
      AND NOT EXISTS (SELECT 1 FROM "order".order_claim c WHERE c.replacement_id = o.id)
$$;

-- Every row is a violated invariant of the stored claims; none is what it should be. check_returns() knows what they share with
-- returns.
CREATE FUNCTION "order".check_claims() RETURNS TABLE (invariant text, id uuid)
LANGUAGE sql STABLE AS $$
    WITH ends AS (
        SELECT DISTINCT ON (h.object_id) h.object_id, h.to_state FROM "order".order_history h
        WHERE h.machine = 'claim' ORDER BY h.object_id, h.sequence DESC),
    granted AS (
        SELECT l.claim_id, sum(l.granted) AS granted FROM "order".order_claim_line l GROUP BY l.claim_id)
    SELECT 'claim_is_not_where_its_history_ends', c.id
    FROM "order".order_claim c LEFT JOIN ends e ON e.object_id = c.id WHERE c.status IS DISTINCT FROM e.to_state
    UNION ALL
    SELECT 'claim_about_nothing', c.id
    FROM "order".order_claim c LEFT JOIN granted g ON g.claim_id = c.id WHERE g.claim_id IS NULL
    UNION ALL
    SELECT 'claim_of_no_line_of_the_order', l.claim_id
    FROM "order".order_claim_line l JOIN "order".order_claim c ON c.id = l.claim_id
    LEFT JOIN "order".order_line o ON o.id = l.line_id WHERE o.order_id IS DISTINCT FROM c.order_id
    UNION ALL
    SELECT 'claim_does_not_grant_what_it_says', c.id
    FROM "order".order_claim c JOIN granted g ON g.claim_id = c.id
    WHERE (g.granted > 0) <> (c.status IN ('resolved_refund', 'resolved_replacement'))
    UNION ALL
    SELECT 'refunded_claim_without_its_refund', c.id
    FROM "order".order_claim c LEFT JOIN "order".order_refund f ON f.id = c.refund_id
    WHERE c.refund_id IS NOT NULL AND f.order_id IS DISTINCT FROM c.order_id
    UNION ALL
    SELECT 'replaced_claim_without_its_replacement', c.id
    FROM "order".order_claim c LEFT JOIN "order".vendor_order o ON o.id = c.replacement_id
    WHERE c.status = 'resolved_replacement' AND o.replaces_id IS DISTINCT FROM c.order_id
    UNION ALL
    SELECT 'claims_replacement_is_not_what_was_granted', c.id
    FROM "order".order_claim c JOIN granted g ON g.claim_id = c.id
    WHERE c.status = 'resolved_replacement'
      AND g.granted IS DISTINCT FROM (SELECT sum(l.quantity) FROM "order".order_line l WHERE l.order_id = c.replacement_id)
$$;

-- Where a call broke at the provider and was made again, the provider may have made two payments of one of ours. What it says
-- counts for the one it speaks of; the second is let go.

ALTER TABLE payment.fact ADD COLUMN reference text NOT NULL DEFAULT '';
UPDATE payment.fact f SET reference = p.reference FROM payment.payment p WHERE p.id = f.payment_id AND p.reference <> '';
ALTER TABLE payment.fact DROP CONSTRAINT fact_pkey, ADD PRIMARY KEY (payment_id, reference, fact, ref);

-- The one that a call of ours was answered by; payment.reference is the live one, which may be another before that.
ALTER TABLE payment.payment ADD COLUMN own text NOT NULL DEFAULT '';
UPDATE payment.payment SET own = reference WHERE reference <> '';

-- Those beside the live ones. returned: given back, on its way, or held by disputes.
CREATE TABLE payment.stray (
    reference  text PRIMARY KEY CHECK (reference <> ''),
    payment_id uuid NOT NULL REFERENCES payment.payment,
    status     text NOT NULL,
    captured   bigint NOT NULL CHECK (captured >= 0),
    returned   bigint NOT NULL CHECK (returned >= 0),
    found_at   bigint NOT NULL
);
CREATE INDEX stray_by_payment ON payment.stray (payment_id);

-- Calls that the provider has refused as such, its key or its account being another: few, or all of a time. Their ids are in the
-- order of time, so whether a later one was answered is a look at the first of them.
CREATE INDEX operation_shut ON payment.operation (id) WHERE state = 'shut';

CREATE OR REPLACE FUNCTION payment.check_payments() RETURNS TABLE (violation text, subject text, detail text) LANGUAGE sql STABLE AS $$
    WITH told AS (
        SELECT f.*, coalesce(s.reference, '') AS stray FROM payment.fact f LEFT JOIN payment.stray s ON s.reference = f.reference),
    ends AS (
        SELECT f.payment_id, f.stray, f.ref, f.amount, f.fact,
               row_number() OVER (PARTITION BY f.payment_id, f.ref
                                  ORDER BY array_position(ARRAY['refund_pending', 'refund_succeeded', 'refund_failed'], f.fact) DESC)
                   AS place
        FROM told f WHERE f.fact LIKE 'refund\_%'),
    sums AS (
        SELECT p.id, p.captured, p.authorised, p.refunded, p.refunding, p.amount,
               coalesce((SELECT f.amount FROM told f WHERE f.payment_id = p.id AND f.stray = '' AND f.fact = 'captured'), 0)
                   AS captured_told,
               coalesce((SELECT f.amount FROM told f WHERE f.payment_id = p.id AND f.stray = '' AND f.fact = 'authorised'), 0)
                   AS authorised_told,
               coalesce((SELECT sum(e.amount) FROM ends e WHERE e.payment_id = p.id AND e.stray = '' AND e.place = 1
                         AND e.fact = 'refund_succeeded'), 0) AS refunded_told,
               coalesce((SELECT sum(e.amount) FROM ends e WHERE e.payment_id = p.id AND e.stray = '' AND e.place = 1
                         AND e.fact = 'refund_pending'), 0) AS refunding_told,
               coalesce((SELECT sum(r.amount) FROM payment.refund r WHERE r.payment_id = p.id AND r.state IN ('requested', 'unknown')), 0)
                   AS asked
        FROM payment.payment p)
    SELECT 'the sums of a payment are those of its facts', s.id::text,
           format('captured %s/%s, authorised %s/%s, refunded %s/%s, on their way %s/%s', s.captured, s.captured_told, s.authorised,
                  s.authorised_told, s.refunded, s.refunded_told, s.refunding, s.refunding_told)
    FROM sums s WHERE (s.captured, s.authorised, s.refunded, s.refunding)
        IS DISTINCT FROM (s.captured_told, s.authorised_told, s.refunded_told::bigint, s.refunding_told::bigint)
    UNION ALL
    SELECT 'no more is given back than was captured', s.id::text, format('%s of %s', s.refunded + s.refunding + s.asked, s.captured)
    FROM sums s WHERE s.refunded + s.refunding + s.asked > s.captured
    UNION ALL
    SELECT 'no more is given back than was captured', x.reference, format('%s of %s', sum(e.amount), x.captured)
    FROM payment.stray x JOIN ends e ON e.stray = x.reference AND e.place = 1 AND e.fact <> 'refund_failed'
    GROUP BY x.reference HAVING sum(e.amount) > x.captured
    UNION ALL
    SELECT 'a charge belongs to one payment', p.charge, count(*)::text FROM payment.payment p WHERE p.charge <> ''
    GROUP BY p.charge HAVING count(*) > 1
    UNION ALL
    SELECT 'a charge belongs to one payment', x.reference, p.id::text
    FROM payment.stray x JOIN payment.payment p ON p.reference = x.reference
    UNION ALL
    SELECT 'what was captured was wanted, or goes back, or waits for a person', p.id::text, p.goal
    FROM payment.payment p WHERE p.captured > 0 AND p.goal <> 'take' AND p.refunded + p.refunding + p.disputed + p.lost < p.captured
        AND p.due_at IS NULL AND p.operation_id IS NULL AND NOT p.has_mismatch
        AND NOT EXISTS (SELECT FROM payment.operation o WHERE o.payment_id = p.id AND o.state IN ('unknown', 'not_taken', 'shut'))
    UNION ALL
    SELECT 'what was captured was wanted, or goes back, or waits for a person', x.reference, 'second payment'
    FROM payment.stray x JOIN payment.payment p ON p.id = x.payment_id WHERE x.returned < x.captured
        AND p.due_at IS NULL AND p.operation_id IS NULL AND NOT p.has_mismatch
        AND NOT EXISTS (SELECT FROM payment.operation o WHERE o.payment_id = p.id AND o.state IN ('unknown', 'not_taken', 'shut'))
$$;

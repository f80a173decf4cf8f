-- Refunds that were asked for. What became of one at the provider is a fact of the payment, by the provider's id of it.
CREATE TABLE payment.refund (
    id         uuid PRIMARY KEY,
    payment_id uuid NOT NULL REFERENCES payment.payment,
    amount     bigint NOT NULL CHECK (amount > 0),
    -- requested: not yet taken by the provider; refused and unknown are for a person.
    state      text NOT NULL CHECK (state IN ('requested', 'taken', 'refused', 'unknown')),
    ref        text NOT NULL DEFAULT '',
    code       text NOT NULL DEFAULT '',
    created_at bigint NOT NULL,
    CONSTRAINT taken_has_its_id CHECK ((state = 'taken') = (ref <> ''))
);
CREATE INDEX refund_by_payment ON payment.refund (payment_id, created_at);
CREATE UNIQUE INDEX refund_by_ref ON payment.refund (ref) WHERE ref <> '';

ALTER TABLE payment.operation ADD COLUMN refund_id uuid;

-- What must hold, recomputed from the facts and refunds.
CREATE FUNCTION payment.check_payments() RETURNS TABLE (violation text, subject text, detail text) LANGUAGE sql STABLE AS $$
    WITH ends AS (
        SELECT f.payment_id, f.ref, f.amount, f.fact,
               row_number() OVER (PARTITION BY f.payment_id, f.ref
                                  ORDER BY array_position(ARRAY['refund_pending', 'refund_succeeded', 'refund_failed'], f.fact) DESC)
                   AS place
        FROM payment.fact f WHERE f.fact LIKE 'refund\_%'),
    sums AS (
        SELECT p.id, p.captured, p.authorised, p.refunded, p.refunding, p.amount,
               coalesce((SELECT f.amount FROM payment.fact f WHERE f.payment_id = p.id AND f.fact = 'captured'), 0) AS captured_told,
               coalesce((SELECT f.amount FROM payment.fact f WHERE f.payment_id = p.id AND f.fact = 'authorised'), 0) AS authorised_told,
               coalesce((SELECT sum(e.amount) FROM ends e WHERE e.payment_id = p.id AND e.place = 1
                         AND e.fact = 'refund_succeeded'), 0) AS refunded_told,
               coalesce((SELECT sum(e.amount) FROM ends e WHERE e.payment_id = p.id AND e.place = 1
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
    SELECT 'a charge belongs to one payment', p.charge, count(*)::text FROM payment.payment p WHERE p.charge <> ''
    GROUP BY p.charge HAVING count(*) > 1
    UNION ALL
    SELECT 'what was captured was wanted, or goes back, or waits for a person', p.id::text, p.goal
    FROM payment.payment p WHERE p.captured > 0 AND p.goal <> 'take' AND p.refunded + p.refunding + p.disputed + p.lost < p.captured
        AND p.due_at IS NULL AND p.operation_id IS NULL AND NOT p.has_mismatch
        AND NOT EXISTS (SELECT FROM payment.operation o WHERE o.payment_id = p.id AND o.state IN ('unknown', 'not_taken', 'shut'))
$$;

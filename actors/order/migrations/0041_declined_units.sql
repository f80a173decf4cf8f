-- A claim whose replacement is gone is open again about the units that this was to send. The others were answered with no,
-- and may have been claimed again meanwhile.
ALTER TABLE "order".order_claim_line
    ADD COLUMN declined bigint NOT NULL DEFAULT 0,
    ADD CONSTRAINT order_claim_line_declined_is_a_part CHECK (declined BETWEEN 0 AND quantity - granted);

CREATE OR REPLACE FUNCTION "order".units_asked_back() RETURNS TABLE (line_id uuid, asked numeric, returned numeric)
LANGUAGE sql STABLE AS $$
    SELECT u.line_id, sum(u.asked), sum(u.returned)
    FROM (SELECT l.line_id, CASE WHEN r.status = 'refunded' THEN l.received ELSE l.quantity END AS asked,
                 CASE WHEN r.status = 'refunded' THEN l.received ELSE l.given_back END AS returned
          FROM "order".order_return_line l JOIN "order".order_return r ON r.id = l.return_id
          WHERE r.status NOT IN ('rejected', 'cancelled')
          UNION ALL
          SELECT l.line_id, CASE WHEN c.ended_at IS NULL THEN l.quantity - l.declined ELSE l.granted END,
                 CASE WHEN c.status = 'resolved_refund' THEN l.granted ELSE l.given_back END
          FROM "order".order_claim_line l JOIN "order".order_claim c ON c.id = l.claim_id) u
    GROUP BY u.line_id
$$;

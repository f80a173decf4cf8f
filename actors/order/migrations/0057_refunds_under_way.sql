-- What of an order's refunds is not where it should be: on its way to a card, or to a wallet in its stead (`pending`), or refused
-- there, so that staff has to see to it (`failed`). What a person hands back counts as back: staff's list has it.
CREATE FUNCTION "order".refunds_under_way(order_id uuid) RETURNS TABLE (pending bigint, failed bigint) LANGUAGE sql STABLE AS $$
    SELECT (coalesce(sum(r.card) FILTER (WHERE r.card_state IN ('requested', 'pending')), 0)
            + coalesce(sum((SELECT sum(c.amount) FROM "order".refund_credit c WHERE c.refund_id = r.id AND c.credited_at IS NULL))
                       FILTER (WHERE r.card_to_wallet > 0), 0))::bigint,
           coalesce(sum(r.card) FILTER (WHERE r.card_state = 'failed'), 0)::bigint
    FROM "order".order_refund r WHERE r.order_id = refunds_under_way.order_id AND (r.card > 0 OR r.card_to_wallet > 0)
$$;

-- How far something is paid as it is shown: nothing is refunded before it is back. The same as order_life_payment() in C.
CREATE FUNCTION "order".payment_shown(status text, pending numeric, failed numeric) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN status NOT IN ('partially_refunded', 'refunded') THEN status
                WHEN failed > 0 THEN 'refund_failed'
                WHEN pending > 0 THEN 'refund_pending'
                ELSE status END
$$;
CREATE FUNCTION "order".payment_shown(o "order".vendor_order) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN o.card_refunded = 0 THEN o.payment_status::text
                ELSE (SELECT "order".payment_shown(o.payment_status::text, u.pending, u.failed)
                      FROM "order".refunds_under_way(o.id) u) END
$$;
CREATE FUNCTION "order".payment_shown(g "order".order_group) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN g.refunded = 0 OR g.card_amount = 0 THEN g.payment_status::text
                ELSE (SELECT "order".payment_shown(g.payment_status::text, coalesce(sum(u.pending), 0), coalesce(sum(u.failed), 0))
                      FROM "order".vendor_order o, "order".refunds_under_way(o.id) u
                      WHERE o.group_id = g.id AND o.card_refunded > 0) END
$$;

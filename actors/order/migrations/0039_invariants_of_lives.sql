-- What must hold of histories, parcels, returns and claims, in the form of 0038_invariants.sql.

-- ---- Histories, and how far orders and groups have come ----

-- Rows of history with the one before of the same order, parcel, return or claim.
CREATE FUNCTION "order".history_steps() RETURNS TABLE (object_id uuid, from_state text, before_state text)
LANGUAGE sql STABLE AS $$
    SELECT h.object_id, h.from_state, lag(h.to_state) OVER (PARTITION BY h.object_id ORDER BY h.sequence)
    FROM "order".order_history h
$$;
-- Where each of them stands by its history.
CREATE FUNCTION "order".history_ends() RETURNS TABLE (object_id uuid, machine text, to_state text)
LANGUAGE sql STABLE AS $$
    SELECT DISTINCT ON (h.object_id) h.object_id, h.machine, h.to_state
    FROM "order".order_history h ORDER BY h.object_id, h.sequence DESC
$$;
-- How far the units of each order have come.
CREATE FUNCTION "order".units_of_orders() RETURNS TABLE (
    order_id uuid, wanted bigint, shipped bigint, delivered bigint, returned bigint)
LANGUAGE sql STABLE AS $$
    SELECT l.order_id, sum(l.quantity - l.cancelled)::bigint, sum(l.shipped)::bigint, sum(l.delivered)::bigint,
           sum(l.returned)::bigint
    FROM "order".order_line l GROUP BY l.order_id
$$;
CREATE FUNCTION "order".history_has_gaps() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT o.id FROM "order".vendor_order o
    LEFT JOIN (SELECT h.order_id, count(*) AS rows_count, max(h.sequence) AS last
               FROM "order".order_history h GROUP BY h.order_id) h ON h.order_id = o.id
    WHERE o.version <> coalesce(h.rows_count, 0) OR o.version <> coalesce(h.last, 0)
$$;
CREATE FUNCTION "order".history_of_no_order() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT DISTINCT h.order_id FROM "order".order_history h
    LEFT JOIN "order".vendor_order o ON o.id = h.order_id WHERE o.id IS NULL
$$;
CREATE FUNCTION "order".history_is_no_path() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT s.object_id FROM "order".history_steps() s WHERE s.before_state <> s.from_state
$$;
CREATE FUNCTION "order".history_has_an_illegal_step() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT h.object_id FROM "order".order_history h
    WHERE NOT h.is_late AND NOT EXISTS (
        SELECT 1 FROM "order".legal_steps() l
        WHERE l.machine = h.machine AND l.from_state = h.from_state AND l.trigger = h.trigger
          AND l.to_state = h.to_state)
$$;
CREATE FUNCTION "order".history_does_not_begin() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT h.object_id
    FROM (SELECT DISTINCT ON (h.object_id) h.object_id, h.machine, h.from_state, h.actor_kind
          FROM "order".order_history h ORDER BY h.object_id, h.sequence) h
    WHERE h.from_state <> CASE h.machine WHEN 'vendor_order' THEN 'pending_payment' WHEN 'return' THEN 'unrequested'
                          WHEN 'claim' THEN 'unfiled' ELSE 'unpacked' END
      -- What staff has placed in somebody's name begins with that.
      AND (h.machine, h.from_state, h.actor_kind) <> ('vendor_order', 'draft', 'staff')
$$;
CREATE FUNCTION "order".order_is_not_where_its_history_ends() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT o.id FROM "order".vendor_order o JOIN "order".history_ends() e ON e.object_id = o.id
    WHERE e.to_state <> o.status
$$;
CREATE FUNCTION "order".order_is_not_as_far_as_its_units() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT o.id FROM "order".vendor_order o JOIN "order".units_of_orders() u ON u.order_id = o.id
    WHERE o.fulfilment_status <> "order".fulfilment_of(u.wanted, u.shipped, u.delivered, u.returned)
$$;
CREATE FUNCTION "order".state_is_not_as_far_as_its_units() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT o.id FROM "order".vendor_order o JOIN "order".units_of_orders() u ON u.order_id = o.id
    WHERE CASE WHEN o.status IN ('expired', 'refused', 'cancelled') THEN u.shipped > 0
               WHEN o.status IN ('delivered', 'completed') THEN u.delivered <> u.wanted
               WHEN o.status = 'partially_delivered' THEN u.delivered = 0 OR u.delivered = u.wanted
               WHEN o.status = 'shipped' THEN u.delivered > 0 OR u.shipped <> u.wanted
               WHEN o.status = 'partially_shipped' THEN u.delivered > 0 OR u.shipped = 0 OR u.shipped = u.wanted
               ELSE u.shipped > 0 END
$$;
CREATE FUNCTION "order".group_is_not_as_far_as_its_orders() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT g.id FROM "order".order_group g
    JOIN (SELECT o.group_id, array_agg(o.fulfilment_status) AS orders FROM "order".vendor_order o GROUP BY o.group_id) o
      ON o.group_id = g.id
    WHERE g.fulfilment_status <> "order".group_fulfilment_of(o.orders)
$$;

-- Every row is a violated invariant of the stored histories and of what is counted beside them;
-- none is what it should be.
CREATE OR REPLACE FUNCTION "order".check_lives() RETURNS TABLE (invariant text, id uuid)
LANGUAGE sql STABLE AS $$
    SELECT 'history_has_gaps', f FROM "order".history_has_gaps() AS f
    UNION ALL
    SELECT 'history_of_no_order', f FROM "order".history_of_no_order() AS f
    UNION ALL
    SELECT 'history_is_no_path', f FROM "order".history_is_no_path() AS f
    UNION ALL
    SELECT 'history_has_an_illegal_step', f FROM "order".history_has_an_illegal_step() AS f
    UNION ALL
    SELECT 'history_does_not_begin', f FROM "order".history_does_not_begin() AS f
    UNION ALL
    SELECT 'order_is_not_where_its_history_ends', f FROM "order".order_is_not_where_its_history_ends() AS f
    UNION ALL
    SELECT 'order_is_not_as_far_as_its_units', f FROM "order".order_is_not_as_far_as_its_units() AS f
    UNION ALL
    SELECT 'state_is_not_as_far_as_its_units', f FROM "order".state_is_not_as_far_as_its_units() AS f
    UNION ALL
    SELECT 'group_is_not_as_far_as_its_orders', f FROM "order".group_is_not_as_far_as_its_orders() AS f
$$;

-- ---- Parcels ----

CREATE FUNCTION "order".line_does_not_count_its_parcels() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT l.id FROM "order".order_line l
    LEFT JOIN (
        SELECT p.line_id, sum(p.quantity) FILTER (WHERE s.status NOT IN ('cancelled', 'taken_back')) AS packed,
               sum(p.quantity) FILTER (WHERE s.handed_over_at IS NOT NULL AND s.status <> 'taken_back') AS shipped,
               sum(p.quantity) FILTER (WHERE s.status = 'delivered') AS delivered
        FROM "order".shipment_line p JOIN "order".shipment s ON s.id = p.shipment_id GROUP BY p.line_id) p
      ON p.line_id = l.id
    WHERE l.packed <> coalesce(p.packed, 0) OR l.shipped <> coalesce(p.shipped, 0)
       OR l.delivered <> coalesce(p.delivered, 0)
$$;
CREATE FUNCTION "order".order_does_not_count_its_parcels() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT o.id FROM "order".vendor_order o
    LEFT JOIN (SELECT s.order_id, count(*) AS shipments_count FROM "order".shipment s GROUP BY s.order_id) c
      ON c.order_id = o.id
    WHERE o.shipments_count <> coalesce(c.shipments_count, 0)
$$;
CREATE FUNCTION "order".parcel_without_its_order() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT s.id FROM "order".shipment s LEFT JOIN "order".vendor_order o ON o.id = s.order_id WHERE o.id IS NULL
$$;
CREATE FUNCTION "order".parcel_holds_nothing() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT s.id FROM "order".shipment s
    WHERE NOT EXISTS (SELECT 1 FROM "order".shipment_line p WHERE p.shipment_id = s.id)
$$;
CREATE FUNCTION "order".line_of_another_order_in_a_parcel() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT p.shipment_id FROM "order".shipment_line p JOIN "order".shipment s ON s.id = p.shipment_id
    LEFT JOIN "order".order_line l ON l.id = p.line_id
    WHERE l.order_id IS DISTINCT FROM s.order_id
$$;
CREATE FUNCTION "order".parcel_is_not_where_its_history_ends() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT s.id FROM "order".shipment s
    LEFT JOIN (SELECT * FROM "order".history_ends() e WHERE e.machine = 'shipment') e ON e.object_id = s.id
    WHERE s.status IS DISTINCT FROM e.to_state
$$;

-- Every row is a violated invariant of the stored parcels;
-- none is what it should be.
CREATE OR REPLACE FUNCTION "order".check_shipments() RETURNS TABLE (invariant text, id uuid)
LANGUAGE sql STABLE AS $$
    SELECT 'line_does_not_count_its_parcels', f FROM "order".line_does_not_count_its_parcels() AS f
    UNION ALL
    SELECT 'order_does_not_count_its_parcels', f FROM "order".order_does_not_count_its_parcels() AS f
    UNION ALL
    SELECT 'parcel_without_its_order', f FROM "order".parcel_without_its_order() AS f
    UNION ALL
    SELECT 'parcel_holds_nothing', f FROM "order".parcel_holds_nothing() AS f
    UNION ALL
    SELECT 'line_of_another_order_in_a_parcel', f FROM "order".line_of_another_order_in_a_parcel() AS f
    UNION ALL
    SELECT 'parcel_is_not_where_its_history_ends', f FROM "order".parcel_is_not_where_its_history_ends() AS f
$$;

-- ---- Returns, and what they share with claims ----

-- Units of lines that returns and claims name: those that nobody may ask for again, and those that were refunded, at
-- their end or since their replacement does not send them.
CREATE FUNCTION "order".units_asked_back() RETURNS TABLE (line_id uuid, asked numeric, returned numeric)
LANGUAGE sql STABLE AS $$
    SELECT u.line_id, sum(u.asked), sum(u.returned)
    FROM (SELECT l.line_id, CASE WHEN r.status = 'refunded' THEN l.received ELSE l.quantity END AS asked,
                 CASE WHEN r.status = 'refunded' THEN l.received ELSE l.given_back END AS returned
          FROM "order".order_return_line l JOIN "order".order_return r ON r.id = l.return_id
          WHERE r.status NOT IN ('rejected', 'cancelled')
          UNION ALL
          SELECT l.line_id, CASE WHEN c.ended_at IS NULL THEN l.quantity ELSE l.granted END,
                 CASE WHEN c.status = 'resolved_refund' THEN l.granted ELSE l.given_back END
          FROM "order".order_claim_line l JOIN "order".order_claim c ON c.id = l.claim_id) u
    GROUP BY u.line_id
$$;
-- What of each line returns and claims have given back after an exchange, as their history tells it.
CREATE FUNCTION "order".units_given_back() RETURNS TABLE (object_id uuid, line_id uuid, units numeric)
LANGUAGE sql STABLE AS $$
    SELECT h.object_id, p.subject_id, sum(p.quantity)
    FROM "order".order_history h
    JOIN "order".order_refund r ON r.order_id = h.order_id AND r.sequence = h.sequence
    JOIN "order".order_refund_part p ON p.refund_id = r.id
    JOIN "order".order_line l ON l.id = p.subject_id
    WHERE h.machine IN ('return', 'claim') AND h.from_state = h.to_state
    GROUP BY h.object_id, p.subject_id
$$;
CREATE FUNCTION "order".return_is_not_where_its_history_ends() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT r.id FROM "order".order_return r
    LEFT JOIN (SELECT * FROM "order".history_ends() e WHERE e.machine = 'return') e ON e.object_id = r.id
    WHERE r.status IS DISTINCT FROM e.to_state
$$;
CREATE FUNCTION "order".order_does_not_count_its_open_returns() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT o.id FROM "order".vendor_order o
    LEFT JOIN (SELECT a.order_id, count(*) AS count
               FROM (SELECT r.order_id FROM "order".order_return r WHERE r.ended_at IS NULL
                     UNION ALL SELECT c.order_id FROM "order".order_claim c WHERE c.ended_at IS NULL) a
               GROUP BY a.order_id) a ON a.order_id = o.id
    WHERE o.returns_open <> coalesce(a.count, 0)
$$;
CREATE FUNCTION "order".return_of_no_line_of_the_order() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT l.return_id FROM "order".order_return_line l JOIN "order".order_return r ON r.id = l.return_id
    LEFT JOIN "order".order_line o ON o.id = l.line_id WHERE o.order_id IS DISTINCT FROM r.order_id
$$;
CREATE FUNCTION "order".more_is_returned_than_has_arrived() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT l.id FROM "order".order_line l JOIN "order".units_asked_back() u ON u.line_id = l.id
    WHERE u.asked > l.delivered
$$;
CREATE FUNCTION "order".line_does_not_count_what_was_returned() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT l.id FROM "order".order_line l LEFT JOIN "order".units_asked_back() u ON u.line_id = l.id
    WHERE l.returned <> coalesce(u.returned, 0)
$$;
CREATE FUNCTION "order".return_does_not_count_what_was_received() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT l.return_id FROM "order".order_return_line l
    LEFT JOIN (SELECT p.return_id, p.line_id, sum(p.quantity) AS received,
                      sum(p.quantity) FILTER (WHERE p.is_restocked) AS restocked
               FROM "order".order_return_receipt p GROUP BY p.return_id, p.line_id) p
      ON p.return_id = l.return_id AND p.line_id = l.line_id
    WHERE l.received <> coalesce(p.received, 0) OR l.restocked <> coalesce(p.restocked, 0)
$$;
CREATE FUNCTION "order".refunded_return_without_its_refund() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT r.id FROM "order".order_return r LEFT JOIN "order".order_refund f ON f.id = r.refund_id
    WHERE r.refund_id IS NOT NULL AND f.order_id IS DISTINCT FROM r.order_id
$$;
CREATE FUNCTION "order".return_does_not_count_what_was_given_back() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT l.return_id FROM "order".order_return_line l
    LEFT JOIN "order".units_given_back() g ON g.object_id = l.return_id AND g.line_id = l.line_id
    WHERE l.given_back <> coalesce(g.units, 0)
$$;
CREATE FUNCTION "order".exchanged_return_without_its_replacement() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT r.id FROM "order".order_return r LEFT JOIN "order".vendor_order o ON o.id = r.replacement_id
    WHERE r.status = 'exchanged' AND o.replaces_id IS DISTINCT FROM r.order_id
$$;
CREATE FUNCTION "order".exchanged_return_whose_replacement_is_gone() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT r.id FROM "order".order_return r JOIN "order".vendor_order o ON o.id = r.replacement_id
    WHERE o.status IN ('cancelled', 'refused')
$$;
-- What came back is sent again by the replacement, or was given back.
CREATE FUNCTION "order".replacement_is_not_what_came_back() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT DISTINCT s.id FROM "order".units_sent_again() s WHERE NOT s.is_claim AND s.sent <> s.kept
$$;
-- A line of a replacement stands where the line stands whose units it sends.
CREATE FUNCTION "order".replacement_sends_what_nobody_asked_for() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT l.id FROM "order".vendor_order o JOIN "order".order_line l ON l.order_id = o.id
    WHERE o.replaces_id IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM "order".order_line s WHERE s.order_id = o.replaces_id AND s.position = l.position)
$$;
-- By versions before, a replacement that came back whole has opened again what it replaced.
CREATE FUNCTION "order".replacement_of_no_return() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT o.id FROM "order".vendor_order o
    WHERE o.replaces_id IS NOT NULL AND o.status NOT IN ('cancelled', 'refused')
      AND NOT EXISTS (SELECT 1 FROM "order".order_return r WHERE r.replacement_id = o.id)
      AND NOT EXISTS (SELECT 1 FROM "order".order_claim c WHERE c.replacement_id = o.id)
      AND NOT EXISTS (SELECT 1 FROM "order".order_return r WHERE r.order_id = o.id AND r.status = 'refunded')
$$;
CREATE FUNCTION "order".completed_order_with_an_open_return() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT o.id FROM "order".vendor_order o JOIN "order".order_return r ON r.order_id = o.id
    WHERE o.status = 'completed' AND r.ended_at IS NULL AND NOT r.stock_is_back
$$;

-- Every row is a violated invariant of the stored returns, and of what claims share with them;
-- none is what it should be.
CREATE OR REPLACE FUNCTION "order".check_returns() RETURNS TABLE (invariant text, id uuid)
LANGUAGE sql STABLE AS $$
    SELECT 'return_is_not_where_its_history_ends', f FROM "order".return_is_not_where_its_history_ends() AS f
    UNION ALL
    SELECT 'order_does_not_count_its_open_returns', f FROM "order".order_does_not_count_its_open_returns() AS f
    UNION ALL
    SELECT 'return_of_no_line_of_the_order', f FROM "order".return_of_no_line_of_the_order() AS f
    UNION ALL
    SELECT 'more_is_returned_than_has_arrived', f FROM "order".more_is_returned_than_has_arrived() AS f
    UNION ALL
    SELECT 'line_does_not_count_what_was_returned', f FROM "order".line_does_not_count_what_was_returned() AS f
    UNION ALL
    SELECT 'return_does_not_count_what_was_received', f FROM "order".return_does_not_count_what_was_received() AS f
    UNION ALL
    SELECT 'refunded_return_without_its_refund', f FROM "order".refunded_return_without_its_refund() AS f
    UNION ALL
    SELECT 'return_does_not_count_what_was_given_back', f FROM "order".return_does_not_count_what_was_given_back() AS f
    UNION ALL
    SELECT 'exchanged_return_without_its_replacement', f FROM "order".exchanged_return_without_its_replacement() AS f
    UNION ALL
    SELECT 'exchanged_return_whose_replacement_is_gone', f
    FROM "order".exchanged_return_whose_replacement_is_gone() AS f
    UNION ALL
    SELECT 'replacement_is_not_what_came_back', f FROM "order".replacement_is_not_what_came_back() AS f
    UNION ALL
    SELECT 'replacement_sends_what_nobody_asked_for', f FROM "order".replacement_sends_what_nobody_asked_for() AS f
    UNION ALL
    SELECT 'replacement_of_no_return', f FROM "order".replacement_of_no_return() AS f
    UNION ALL
    SELECT 'completed_order_with_an_open_return', f FROM "order".completed_order_with_an_open_return() AS f
$$;

-- ---- Claims ----

CREATE FUNCTION "order".claim_is_not_where_its_history_ends() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT c.id FROM "order".order_claim c
    LEFT JOIN (SELECT * FROM "order".history_ends() e WHERE e.machine = 'claim') e ON e.object_id = c.id
    WHERE c.status IS DISTINCT FROM e.to_state
$$;
CREATE FUNCTION "order".claim_about_nothing() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT c.id FROM "order".order_claim c
    WHERE NOT EXISTS (SELECT 1 FROM "order".order_claim_line l WHERE l.claim_id = c.id)
$$;
CREATE FUNCTION "order".claim_of_no_line_of_the_order() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT l.claim_id FROM "order".order_claim_line l JOIN "order".order_claim c ON c.id = l.claim_id
    LEFT JOIN "order".order_line o ON o.id = l.line_id WHERE o.order_id IS DISTINCT FROM c.order_id
$$;
CREATE FUNCTION "order".claim_does_not_grant_what_it_says() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT c.id FROM "order".order_claim c
    JOIN (SELECT l.claim_id, sum(l.granted) AS granted, sum(l.given_back) AS given_back
          FROM "order".order_claim_line l GROUP BY l.claim_id) l ON l.claim_id = c.id
    WHERE CASE WHEN c.status IN ('resolved_refund', 'resolved_replacement') THEN l.granted = 0
               ELSE l.granted <> l.given_back END
$$;
CREATE FUNCTION "order".claim_does_not_count_what_was_given_back() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT l.claim_id FROM "order".order_claim_line l
    LEFT JOIN "order".units_given_back() g ON g.object_id = l.claim_id AND g.line_id = l.line_id
    WHERE l.given_back <> coalesce(g.units, 0)
$$;
CREATE FUNCTION "order".refunded_claim_without_its_refund() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT c.id FROM "order".order_claim c LEFT JOIN "order".order_refund f ON f.id = c.refund_id
    WHERE c.refund_id IS NOT NULL AND f.order_id IS DISTINCT FROM c.order_id
$$;
CREATE FUNCTION "order".replaced_claim_without_its_replacement() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT c.id FROM "order".order_claim c LEFT JOIN "order".vendor_order o ON o.id = c.replacement_id
    WHERE c.status = 'resolved_replacement' AND o.replaces_id IS DISTINCT FROM c.order_id
$$;
CREATE FUNCTION "order".replaced_claim_whose_replacement_is_gone() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT c.id FROM "order".order_claim c JOIN "order".vendor_order o ON o.id = c.replacement_id
    WHERE o.status IN ('cancelled', 'refused')
$$;
CREATE FUNCTION "order".claims_replacement_is_not_what_was_granted() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT DISTINCT s.id FROM "order".units_sent_again() s WHERE s.is_claim AND s.sent <> s.kept
$$;

-- Every row is a violated invariant of the stored claims;
-- none is what it should be.
CREATE OR REPLACE FUNCTION "order".check_claims() RETURNS TABLE (invariant text, id uuid)
LANGUAGE sql STABLE AS $$
    SELECT 'claim_is_not_where_its_history_ends', f FROM "order".claim_is_not_where_its_history_ends() AS f
    UNION ALL
    SELECT 'claim_about_nothing', f FROM "order".claim_about_nothing() AS f
    UNION ALL
    SELECT 'claim_of_no_line_of_the_order', f FROM "order".claim_of_no_line_of_the_order() AS f
    UNION ALL
    SELECT 'claim_does_not_grant_what_it_says', f FROM "order".claim_does_not_grant_what_it_says() AS f
    UNION ALL
    SELECT 'claim_does_not_count_what_was_given_back', f FROM "order".claim_does_not_count_what_was_given_back() AS f
    UNION ALL
    SELECT 'refunded_claim_without_its_refund', f FROM "order".refunded_claim_without_its_refund() AS f
    UNION ALL
    SELECT 'replaced_claim_without_its_replacement', f FROM "order".replaced_claim_without_its_replacement() AS f
    UNION ALL
    SELECT 'replaced_claim_whose_replacement_is_gone', f FROM "order".replaced_claim_whose_replacement_is_gone() AS f
    UNION ALL
    SELECT 'claims_replacement_is_not_what_was_granted', f
    FROM "order".claims_replacement_is_not_what_was_granted() AS f
$$;

DROP FUNCTION "order".check_returns_19(), "order".check_returns_28(), "order".check_returns_31(),
    "order".check_lives_19();

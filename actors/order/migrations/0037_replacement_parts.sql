-- What of a replacement does not come, or comes back, is refunded of what was paid for the units that it sent again; the rest of
-- the exchange or the claim stands. A claim can be withdrawn, and is open again when its replacement is called off.
ALTER TABLE "order".order_return_line
    ADD COLUMN given_back host.amount NOT NULL DEFAULT 0,
    ADD CONSTRAINT order_return_line_given_back_is_a_part CHECK (given_back <= received);
ALTER TABLE "order".order_claim_line
    ADD COLUMN given_back host.amount NOT NULL DEFAULT 0,
    ADD CONSTRAINT order_claim_line_given_back_is_a_part CHECK (given_back <= granted);

CREATE DOMAIN "order".claim_status AS text CHECK (VALUE IN (
    'open', 'vendor_response', 'escalated', 'resolved_refund', 'resolved_replacement', 'denied', 'withdrawn'));
ALTER TABLE "order".order_claim
    DROP CONSTRAINT order_claim_status_check,
    DROP CONSTRAINT order_claim_check,
    ALTER COLUMN status TYPE "order".claim_status,
    ADD CONSTRAINT order_claim_has_ended CHECK (
        (ended_at IS NOT NULL) = (status IN ('resolved_refund', 'resolved_replacement', 'denied', 'withdrawn')));
-- All of them may be open at once when what replaced their goods is called off.
CREATE DOMAIN "order".open_returns AS bigint CHECK (VALUE BETWEEN 0 AND 40);
ALTER TABLE "order".vendor_order
    DROP CONSTRAINT vendor_order_returns_open_check,
    ALTER COLUMN returns_open TYPE "order".open_returns;

-- When the stock grew by what came back; what has ended before, or is open again, did so by its end.
ALTER TABLE "order".order_return ADD COLUMN restocked_at bigint;
UPDATE "order".order_return r SET restocked_at = coalesce(r.ended_at, r.requested_at)
WHERE (r.status IN ('refunded', 'exchanged') OR r.stock_is_back)
  AND EXISTS (SELECT 1 FROM "order".order_return_line l WHERE l.return_id = r.id AND l.restocked > 0);

-- What staff looks for.
CREATE INDEX order_return_arrived ON "order".order_return (id) WHERE status IN ('partially_received', 'received');
CREATE INDEX order_return_exchanged ON "order".order_return (id) WHERE status = 'exchanged';
CREATE INDEX order_claim_replaced ON "order".order_claim (id) WHERE status = 'resolved_replacement';

-- Units that returns and claims have sent again and not given back, by line, beside those that their replacement still stands for.
CREATE FUNCTION "order".units_sent_again() RETURNS TABLE (
    id uuid, order_id uuid, ended_at bigint, is_claim boolean, line_id uuid, sent bigint, kept bigint)
LANGUAGE sql STABLE AS $$
    SELECT s.id, s.order_id, s.ended_at, s.is_claim, s.line_id, s.sent, coalesce(k.quantity - k.cancelled - k.returned, 0)
    FROM (SELECT r.id, r.order_id, r.ended_at, false AS is_claim, r.replacement_id, l.line_id, l.received - l.given_back AS sent
          FROM "order".order_return r JOIN "order".order_return_line l ON l.return_id = r.id
          WHERE r.status = 'exchanged'
          UNION ALL
          SELECT c.id, c.order_id, c.ended_at, true, c.replacement_id, l.line_id, l.granted - l.given_back
          FROM "order".order_claim c JOIN "order".order_claim_line l ON l.claim_id = c.id
          WHERE c.status = 'resolved_replacement') s
    JOIN "order".order_line o ON o.id = s.line_id
    LEFT JOIN "order".order_line k ON k.order_id = s.replacement_id AND k.position = o.position
$$;
-- Those of which money is still to go back: versions before did not give it back.
CREATE FUNCTION "order".replacements_gone() RETURNS TABLE (id uuid, order_id uuid, since bigint)
LANGUAGE sql STABLE AS $$
    SELECT DISTINCT s.id, s.order_id, s.ended_at FROM "order".units_sent_again() s WHERE s.sent > s.kept
$$;

-- The steps that the machines of orders, parcels, returns and claims have (order_machine.def, with which a test compares them);
-- without a state to which they lead they stay where they are.
CREATE OR REPLACE FUNCTION "order".legal_steps() RETURNS TABLE (machine text, from_state text, trigger text, to_state text)
LANGUAGE sql IMMUTABLE AS $$
    SELECT s.machine, f.state, s.trigger, coalesce(s.to_state, f.state)
    FROM (VALUES
        ('vendor_order', 'prepare', 'pending_payment', '{draft}'),
        ('vendor_order', 'expire', 'expired', '{draft,pending_payment,payment_failed}'),
        ('vendor_order', 'pay', 'placed', '{pending_payment}'),
        ('vendor_order', 'fail_payment', 'payment_failed', '{pending_payment}'),
        ('vendor_order', 'remind', NULL, '{pending_payment}'),
        ('vendor_order', 'cancel', 'cancelled', '{pending_payment,placed,awaiting_acceptance,accepted,processing}'),
        ('vendor_order', 'cancel_units', NULL, '{pending_payment,placed,awaiting_acceptance,accepted,processing,
            partially_shipped,partially_delivered}'),
        ('vendor_order', 'retry_payment', 'pending_payment', '{payment_failed}'),
        ('vendor_order', 'ask_acceptance', 'awaiting_acceptance', '{placed}'),
        ('vendor_order', 'accept', 'accepted', '{placed,awaiting_acceptance}'),
        ('vendor_order', 'refuse', 'refused', '{awaiting_acceptance}'),
        ('vendor_order', 'process', 'processing', '{accepted}'),
        ('vendor_order', 'ship_part', 'partially_shipped', '{accepted,processing}'),
        ('vendor_order', 'ship_all', 'shipped', '{accepted,processing,partially_shipped}'),
        ('vendor_order', 'deliver_part', 'partially_delivered', '{accepted,processing,partially_shipped,shipped}'),
        ('vendor_order', 'deliver_all', 'delivered', '{accepted,processing,partially_shipped,shipped,
            partially_delivered}'),
        ('vendor_order', 'propose_edit', NULL, '{accepted,processing}'),
        ('vendor_order', 'apply_edit', NULL, '{accepted,processing}'),
        ('vendor_order', 'decline_edit', NULL, '{accepted,processing}'),
        ('vendor_order', 'withdraw_edit', NULL, '{accepted,processing}'),
        ('vendor_order', 'ship_part', NULL, '{partially_shipped,partially_delivered}'),
        ('vendor_order', 'take_back', 'processing', '{partially_shipped,shipped}'),
        ('vendor_order', 'take_back_part', 'partially_shipped', '{shipped}'),
        ('vendor_order', 'ship_all', NULL, '{partially_delivered}'),
        ('vendor_order', 'deliver_part', NULL, '{partially_delivered}'),
        ('vendor_order', 'complete', 'completed', '{delivered}'),
        ('vendor_order', 'mark_paid', NULL, '{awaiting_acceptance,accepted,processing,partially_shipped,shipped,
            partially_delivered,delivered,completed}'),
        ('vendor_order', 'mark_unpaid', NULL, '{awaiting_acceptance,accepted,processing,partially_shipped,shipped,
            partially_delivered,delivered,completed}'),
        ('vendor_order', 'hand_back', NULL, '{awaiting_acceptance,accepted,processing,partially_shipped,shipped,
            partially_delivered,delivered,completed,cancelled,refused}'),
        ('shipment', 'pack', 'created', '{unpacked}'),
        ('shipment', 'make_ready', 'ready', '{created}'),
        ('shipment', 'hand_over', 'handed_over', '{created,ready}'),
        ('shipment', 'cancel', 'cancelled', '{created,ready}'),
        ('shipment', 'transit', 'in_transit', '{handed_over,exception}'),
        ('shipment', 'go_out_for_delivery', 'out_for_delivery', '{handed_over,in_transit,exception}'),
        ('shipment', 'deliver', 'delivered', '{handed_over,in_transit,out_for_delivery,exception}'),
        ('shipment', 'report_exception', 'exception', '{handed_over,in_transit,out_for_delivery}'),
        ('shipment', 'return_to_sender', 'returned_to_sender', '{handed_over,in_transit,out_for_delivery,exception}'),
        ('shipment', 'take_back', 'taken_back', '{returned_to_sender}'),
        ('return', 'request', 'requested', '{unrequested}'),
        ('return', 'approve', 'approved', '{requested}'),
        ('return', 'reject', 'rejected', '{requested}'),
        ('return', 'cancel', 'cancelled', '{requested,approved}'),
        ('return', 'send_label', 'label_sent', '{approved}'),
        ('return', 'send_label', NULL, '{label_sent}'),
        ('return', 'receive_part', 'partially_received', '{approved,label_sent}'),
        ('return', 'receive_all', 'received', '{approved,label_sent,partially_received}'),
        ('return', 'expire', 'cancelled', '{approved,label_sent}'),
        ('return', 'receive_part', NULL, '{partially_received}'),
        ('return', 'refund', 'refunded', '{partially_received,received}'),
        ('return', 'exchange', 'exchanged', '{received}'),
        ('return', 'reopen', 'received', '{exchanged}'),
        ('return', 'refund', NULL, '{exchanged}'),
        ('claim', 'file', 'open', '{unfiled}'),
        ('claim', 'respond', 'vendor_response', '{open}'),
        ('claim', 'grant_refund', 'resolved_refund', '{open,vendor_response,escalated}'),
        ('claim', 'grant_replacement', 'resolved_replacement', '{open,vendor_response,escalated}'),
        ('claim', 'escalate', 'escalated', '{open,vendor_response,resolved_replacement}'),
        ('claim', 'withdraw', 'withdrawn', '{open,vendor_response,escalated}'),
        ('claim', 'deny', 'denied', '{vendor_response,escalated}'),
        ('claim', 'reopen', 'open', '{resolved_replacement}'),
        ('claim', 'grant_refund', NULL, '{resolved_replacement}')) AS s (machine, trigger, to_state, from_states)
    CROSS JOIN LATERAL unnest(s.from_states::text[]) AS f (state)
$$;
DROP FUNCTION "order".legal_steps_19(), "order".legal_steps_21(), "order".legal_steps_27(), "order".legal_steps_30(),
    "order".legal_steps_32();

-- Where the money of a refund goes. Of what a card has paid a part goes back to the card (`card`), into the wallet of its buyer
-- (`card_to_wallet`, by rows of refund_credit), or is handed back by a person (`card_by_hand`, which `manual` holds, too). What was
-- given back without units, or for units that are kept, is goodwill of the order for as long as none that go are set off against it.
--
-- `refunded` of orders and groups is what went back of all that wallet and card have paid, `card_refunded` the card's part of it.
ALTER TABLE "order".vendor_order
    ADD COLUMN card_to_wallet host.amount NOT NULL DEFAULT 0,
    ADD COLUMN card_by_hand   host.amount NOT NULL DEFAULT 0,
    ADD COLUMN goodwill       host.amount NOT NULL DEFAULT 0;

ALTER TABLE "order".order_refund
    ADD COLUMN card           host.amount NOT NULL DEFAULT 0,
    ADD COLUMN card_to_wallet host.amount NOT NULL DEFAULT 0,
    ADD COLUMN card_by_hand   host.amount NOT NULL DEFAULT 0,
    ADD COLUMN goodwill       host.amount NOT NULL DEFAULT 0, -- of the total: for no units
    ADD COLUMN set_off        host.amount NOT NULL DEFAULT 0, -- of the total: was given before, as goodwill
    ADD COLUMN is_kept        boolean NOT NULL DEFAULT false, -- its units stay with their buyer
    ADD COLUMN settled        host.amount NOT NULL DEFAULT 0, -- of `manual`: what was handed back
    ADD COLUMN card_state     text COLLATE "C" NOT NULL DEFAULT '', -- '': nothing goes to the card
    ADD COLUMN card_code      text NOT NULL DEFAULT '', -- why it cannot be, in the provider's word
    ADD COLUMN card_tries     bigint NOT NULL DEFAULT 0, -- so often it was asked how far it is
    ADD COLUMN look_at        bigint; -- when it is asked again
ALTER TABLE "order".order_refund_part
    ADD COLUMN refunded_before host.amount NOT NULL DEFAULT 0, -- units that go now, and were refunded while they were kept
    DROP CONSTRAINT order_refund_part_quantity_check,
    ADD CONSTRAINT order_refund_part_is_of_units CHECK (quantity >= 0 AND quantity + refunded_before >= 1);
UPDATE "order".order_refund SET settled = manual WHERE settled_at IS NOT NULL;

CREATE FUNCTION "order".refund_is_sound(r "order".order_refund) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN r.card_by_hand <= r.manual
        AND r.settled <= r.manual
        AND (r.settled_at IS NULL OR r.settled = r.manual)
        AND r.set_off + r.waived + r.manual + r.card + r.card_to_wallet <= r.total
        AND r.goodwill <= r.total
        AND (r.goodwill = 0 OR r.goodwill = r.total)
        AND r.card_state IN ('', 'requested', 'pending', 'succeeded', 'failed')
        AND (r.card > 0) = (r.card_state <> '');
END $$;
ALTER TABLE "order".order_refund ADD CONSTRAINT order_refund_is_sound CHECK ("order".refund_is_sound(order_refund));
CREATE INDEX order_refund_to_look_at ON "order".order_refund (look_at) WHERE look_at IS NOT NULL;
CREATE INDEX order_refund_failed ON "order".order_refund (id) WHERE card_state = 'failed';

-- What is credited to a wallet instead of the card. Its id is that of the wallet's transfer.
CREATE TABLE "order".refund_credit (
    id          uuid PRIMARY KEY,
    refund_id   uuid NOT NULL,
    order_id    uuid NOT NULL,
    amount      host.amount NOT NULL CHECK (amount >= 1),
    credited_at bigint
);
CREATE INDEX refund_credit_by_refund ON "order".refund_credit (refund_id);
CREATE INDEX refund_credit_open ON "order".refund_credit (order_id) WHERE credited_at IS NULL;

-- What one member of the staff wants to give back, and another one decides. One whose time is over stays open, and is read as expired.
CREATE TABLE "order".refund_request (
    id                  uuid PRIMARY KEY,
    order_id            uuid NOT NULL,
    amount              bigint CHECK (amount >= 1), -- NULL: for lines and deliveries
    line_ids            uuid[] NOT NULL,
    quantities          bigint[] NOT NULL,
    delivery            boolean NOT NULL,
    destinations        text[] NOT NULL,
    destination_amounts bigint[] NOT NULL,
    total               host.amount NOT NULL,
    reason              text NOT NULL,
    requested_by        uuid NOT NULL,
    requested_at        bigint NOT NULL,
    expires_at          bigint NOT NULL,
    state               text COLLATE "C" NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'approved', 'declined')),
    decided_by          uuid,
    decided_at          bigint,
    decision            text NOT NULL DEFAULT '',
    refund_id           uuid UNIQUE,
    CONSTRAINT refund_request_is_decided CHECK ((state = 'open') = (decided_by IS NULL) AND (state = 'open') = (decided_at IS NULL)),
    CONSTRAINT refund_request_is_made CHECK ((state = 'approved') = (refund_id IS NOT NULL)),
    CONSTRAINT refund_request_needs_two CHECK (decided_by <> requested_by),
    CONSTRAINT refund_request_is_aligned CHECK (cardinality(line_ids) = cardinality(quantities)
        AND cardinality(destinations) = cardinality(destination_amounts))
);
CREATE INDEX refund_request_by_order ON "order".refund_request (order_id);

CREATE OR REPLACE FUNCTION "order".vendor_order_is_sound(o "order".vendor_order) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN (o.status IN ('expired', 'refused', 'completed', 'cancelled')) = (o.ended_at IS NOT NULL)
        AND o.shipments_count BETWEEN 0 AND 50
        AND (o.business_number IS NULL OR o.business_number ~ '^[A-Z0-9]{4,20}$')
        -- The money.
        AND o.total = o.items - o.discount + o.shipping - o.shipping_discount + o.tax
        AND o.shipping_discount BETWEEN 0 AND o.shipping
        AND (o.replaces_id IS NULL OR o.total = 0)
        AND (o.offline_method IS NULL OR o.offline_method IN ('transfer', 'invoice'))
        AND o.waived >= 0 AND o.waived + o.collected <= o.on_delivery
        AND o.handed_back BETWEEN 0 AND o.collected
        AND o.card_amount <= o.total - o.on_delivery
        AND o.card_refunded BETWEEN 0 AND o.card_amount
        AND o.card_to_wallet + o.card_by_hand <= o.card_refunded
        AND o.refunded BETWEEN o.card_refunded AND o.total - o.on_delivery
        AND o.refunded - o.card_refunded <= o.total - o.on_delivery - o.card_amount
        AND (o.status NOT IN ('cancelled', 'refused') OR o.refunded = o.total - o.on_delivery);
END $$;

-- ---- What must hold, in the form of 0038_invariants.sql ----

CREATE OR REPLACE FUNCTION "order".guest_has_paid_from_a_wallet() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT g.id FROM "order".order_group g
    WHERE (g.user_id IS NULL OR g.claimed_at IS NOT NULL) AND g.on_delivery + g.card_amount <> g.total
$$;
CREATE OR REPLACE FUNCTION "order".staff_has_paid_from_a_wallet() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT d.cart_id
    FROM "order".draft d JOIN "order".order_group g ON g.cart_id = d.cart_id
    WHERE g.status = 'placed' AND d.placed_by IS NOT NULL AND g.on_delivery + g.card_amount <> g.total
      AND NOT EXISTS (SELECT 1 FROM "order".vendor_order o JOIN "order".order_edit e ON e.order_id = o.id
                      WHERE o.group_id = g.id AND e.status = 'applied' AND e.payment = 'wallet')
$$;
CREATE OR REPLACE FUNCTION "order".refund_is_not_sum_of_its_parts() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT r.id FROM "order".order_refund r
    LEFT JOIN (SELECT p.refund_id, sum(p.total) AS total FROM "order".order_refund_part p GROUP BY p.refund_id) p
      ON p.refund_id = r.id
    WHERE r.total <> coalesce(p.total, 0) + r.goodwill
$$;
CREATE OR REPLACE FUNCTION "order".units_that_went_back_are_not_refunded() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT l.id FROM "order".order_line l
    LEFT JOIN (SELECT p.subject_id, sum(p.quantity + p.refunded_before) AS units
               FROM "order".order_refund_part p JOIN "order".order_refund r ON r.id = p.refund_id AND NOT r.is_kept
               GROUP BY p.subject_id) g ON g.subject_id = l.id
    WHERE l.cancelled + l.returned <> coalesce(g.units, 0)
$$;
CREATE OR REPLACE FUNCTION "order".units_given_back() RETURNS TABLE (object_id uuid, line_id uuid, units numeric)
LANGUAGE sql STABLE AS $$
    SELECT h.object_id, p.subject_id, sum(p.quantity + p.refunded_before)
    FROM "order".order_history h
    JOIN "order".order_refund r ON r.order_id = h.order_id AND r.sequence = h.sequence
    JOIN "order".order_refund_part p ON p.refund_id = r.id
    JOIN "order".order_line l ON l.id = p.subject_id
    WHERE h.machine IN ('return', 'claim') AND h.from_state = h.to_state
    GROUP BY h.object_id, p.subject_id
$$;
-- Units that were refunded before are refunded once.
CREATE FUNCTION "order".more_was_refunded_before_than_was_kept() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT p.subject_id FROM "order".order_refund_part p JOIN "order".order_refund r ON r.id = p.refund_id
    GROUP BY p.subject_id
    HAVING sum(p.refunded_before) > coalesce(sum(p.quantity) FILTER (WHERE r.is_kept), 0)
$$;
CREATE OR REPLACE FUNCTION "order".order_is_not_refunded_by_its_refunds() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT o.id FROM "order".vendor_order o
    LEFT JOIN (SELECT r.order_id, sum(r.total - r.set_off) AS total, sum(r.waived) AS waived,
                      sum(r.manual - r.card_by_hand) AS manual
               FROM "order".order_refund r GROUP BY r.order_id) r ON r.order_id = o.id
    WHERE o.refunded + o.waived + o.handed_back <> coalesce(r.total, 0) OR o.waived <> coalesce(r.waived, 0)
       OR o.handed_back <> coalesce(r.manual, 0)
$$;
CREATE FUNCTION "order".refund_says_otherwise_where_its_money_goes() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT o.id FROM "order".vendor_order o
    LEFT JOIN (SELECT r.order_id, sum(r.card + r.card_to_wallet + r.card_by_hand) AS card_refunded,
                      sum(r.card_to_wallet) AS card_to_wallet, sum(r.card_by_hand) AS card_by_hand
               FROM "order".order_refund r GROUP BY r.order_id) r ON r.order_id = o.id
    WHERE o.card_refunded <> coalesce(r.card_refunded, 0) OR o.card_to_wallet <> coalesce(r.card_to_wallet, 0)
       OR o.card_by_hand <> coalesce(r.card_by_hand, 0)
$$;
CREATE FUNCTION "order".credit_is_not_what_goes_to_the_wallet() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT coalesce(r.id, c.refund_id) FROM (SELECT * FROM "order".order_refund r WHERE r.card_to_wallet > 0) r
    FULL JOIN (SELECT c.refund_id, sum(c.amount) AS amount FROM "order".refund_credit c GROUP BY c.refund_id) c
      ON c.refund_id = r.id
    WHERE r.card_to_wallet::numeric IS DISTINCT FROM c.amount
$$;
CREATE FUNCTION "order".goodwill_of_an_order_is_not_that_of_its_refunds() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT o.id FROM "order".vendor_order o
    LEFT JOIN (SELECT r.order_id, sum(r.goodwill - r.set_off) AS left_of_it FROM "order".order_refund r GROUP BY r.order_id) r
      ON r.order_id = o.id
    WHERE o.goodwill <> coalesce(r.left_of_it, 0)
$$;
CREATE OR REPLACE FUNCTION "order".refund_that_no_history_tells() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT r.id FROM "order".order_refund r
    LEFT JOIN "order".order_history h ON h.order_id = r.order_id AND h.sequence = r.sequence
    WHERE h.trigger IS NULL OR h.trigger NOT IN ('cancel', 'refuse', 'cancel_units', 'refund', 'grant_refund', 'apply_edit', 'refund_order')
$$;
CREATE OR REPLACE FUNCTION "order".edit_gives_back_otherwise_than_its_refund() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT e.id FROM "order".order_edit e
    LEFT JOIN "order".order_refund r ON r.id = e.refund_id AND r.order_id = e.order_id
    WHERE e.status = 'applied' AND e.fewer > 0
      AND ((r.total, r.total - r.waived - r.set_off) IS DISTINCT FROM (e.given_back::bigint, e.to_wallet::bigint)
           OR r.manual <> r.card_by_hand)
$$;
CREATE OR REPLACE FUNCTION "order".edit_gives_back_other_units_than_its_refund() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT e.id FROM "order".order_edit e
    WHERE e.status = 'applied' AND e.fewer > 0
      AND EXISTS (
          SELECT 1
          FROM (SELECT f.line_id, f.quantity, f.total FROM "order".order_edit_fewer f WHERE f.edit_id = e.id) f
          FULL JOIN (SELECT p.subject_id, p.quantity + p.refunded_before AS quantity, p.total
                     FROM "order".order_refund_part p WHERE p.refund_id = e.refund_id) p ON p.subject_id = f.line_id
          WHERE (f.quantity, f.total) IS DISTINCT FROM (p.quantity, p.total))
$$;
CREATE OR REPLACE FUNCTION "order".more_of_holds_goes_back_than_to_the_wallet() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT h.refund_id
    FROM (SELECT h.refund_id, sum(h.amount) AS amount FROM "order".order_refund_hold h GROUP BY h.refund_id) h
    LEFT JOIN "order".order_refund r ON r.id = h.refund_id
    WHERE NOT coalesce(h.amount <= r.total - r.set_off - r.waived - r.manual - r.card - r.card_to_wallet, false)
$$;

CREATE OR REPLACE FUNCTION "order".check_prices() RETURNS TABLE (invariant text, id uuid)
LANGUAGE sql STABLE AS $$
    SELECT 'discount_is_not_sum_of_promotions', f FROM "order".discount_is_not_sum_of_promotions() AS f
    UNION ALL
    SELECT 'tax_is_not_sum_of_rates', f FROM "order".tax_is_not_sum_of_rates() AS f
    UNION ALL
    SELECT 'order_discount_is_not_sum_of_lines', f FROM "order".order_discount_is_not_sum_of_lines() AS f
    UNION ALL
    SELECT 'order_shipping_is_not_sum_of_deliveries', f FROM "order".order_shipping_is_not_sum_of_deliveries() AS f
    UNION ALL
    SELECT 'order_tax_is_not_sum_of_its_parts', f FROM "order".order_tax_is_not_sum_of_its_parts() AS f
    UNION ALL
    SELECT 'price_of_no_line_and_no_delivery', f FROM "order".price_of_no_line_and_no_delivery() AS f
    UNION ALL
    SELECT 'refund_is_not_sum_of_its_parts', f FROM "order".refund_is_not_sum_of_its_parts() AS f
    UNION ALL
    SELECT 'part_that_goes_back_does_not_add_up', f FROM "order".part_that_goes_back_does_not_add_up() AS f
    UNION ALL
    SELECT 'discount_that_goes_back_is_not_sum_of_promotions', f
    FROM "order".discount_that_goes_back_is_not_sum_of_promotions() AS f
    UNION ALL
    SELECT 'tax_that_goes_back_is_not_sum_of_rates', f FROM "order".tax_that_goes_back_is_not_sum_of_rates() AS f
    UNION ALL
    SELECT 'more_went_back_than_there_was', f FROM "order".more_went_back_than_there_was() AS f
    UNION ALL
    SELECT 'all_went_back_but_not_what_it_cost', f FROM "order".all_went_back_but_not_what_it_cost() AS f
    UNION ALL
    SELECT 'more_of_a_promotion_went_back_than_it_took', f
    FROM "order".more_of_a_promotion_went_back_than_it_took() AS f
    UNION ALL
    SELECT 'more_of_a_rate_went_back_than_it_took', f FROM "order".more_of_a_rate_went_back_than_it_took() AS f
    UNION ALL
    SELECT 'units_that_went_back_are_not_refunded', f FROM "order".units_that_went_back_are_not_refunded() AS f
    UNION ALL
    SELECT 'order_is_not_refunded_by_its_refunds', f FROM "order".order_is_not_refunded_by_its_refunds() AS f
    UNION ALL
    SELECT 'wallet_is_refunded_while_something_is_owed', f
    FROM "order".wallet_is_refunded_while_something_is_owed() AS f
    UNION ALL
    SELECT 'called_off_but_not_all_went_back', f FROM "order".called_off_but_not_all_went_back() AS f
    UNION ALL
    SELECT 'refund_that_no_history_tells', f FROM "order".refund_that_no_history_tells() AS f
    UNION ALL
    SELECT 'edit_is_not_sum_of_its_lines', f FROM "order".edit_is_not_sum_of_its_lines() AS f
    UNION ALL
    SELECT 'edit_changes_nothing', f FROM "order".edit_changes_nothing() AS f
    UNION ALL
    SELECT 'line_is_not_as_its_edit_says', f FROM "order".line_is_not_as_its_edit_says() AS f
    UNION ALL
    SELECT 'edit_gives_back_otherwise_than_its_refund', f
    FROM "order".edit_gives_back_otherwise_than_its_refund() AS f
    UNION ALL
    SELECT 'edit_gives_back_other_units_than_its_refund', f
    FROM "order".edit_gives_back_other_units_than_its_refund() AS f
    UNION ALL
    SELECT 'more_of_a_hold_went_back_than_it_has_paid', f
    FROM "order".more_of_a_hold_went_back_than_it_has_paid() AS f
    UNION ALL
    SELECT 'more_of_holds_goes_back_than_to_the_wallet', f
    FROM "order".more_of_holds_goes_back_than_to_the_wallet() AS f
    UNION ALL
    SELECT 'refund_says_otherwise_where_its_money_goes', f
    FROM "order".refund_says_otherwise_where_its_money_goes() AS f
    UNION ALL
    SELECT 'more_was_refunded_before_than_was_kept', f
    FROM "order".more_was_refunded_before_than_was_kept() AS f
    UNION ALL
    SELECT 'credit_is_not_what_goes_to_the_wallet', f
    FROM "order".credit_is_not_what_goes_to_the_wallet() AS f
    UNION ALL
    SELECT 'goodwill_of_an_order_is_not_that_of_its_refunds', f
    FROM "order".goodwill_of_an_order_is_not_that_of_its_refunds() AS f
    UNION ALL
    SELECT 'line_of_a_hold_of_no_edit', f FROM "order".line_of_a_hold_of_no_edit() AS f
$$;

-- Refunds that staff makes, redirects, and what becomes of those to cards stand in the history of orders where they are.
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
        ('vendor_order', 'refund_order', NULL, '{awaiting_acceptance,accepted,processing,partially_shipped,shipped,
            partially_delivered,delivered,completed,cancelled,refused}'),
        ('vendor_order', 'redirect_refund', NULL, '{awaiting_acceptance,accepted,processing,partially_shipped,shipped,
            partially_delivered,delivered,completed,cancelled,refused}'),
        ('vendor_order', 'card_refunded', NULL, '{awaiting_acceptance,accepted,processing,partially_shipped,shipped,
            partially_delivered,delivered,completed,cancelled,refused}'),
        ('vendor_order', 'card_refund_failed', NULL, '{awaiting_acceptance,accepted,processing,partially_shipped,shipped,
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

-- What should go back of a card's part, and the card's bank has taken from the market itself, in a dispute that is lost: its buyer has it.
-- It stays in `card_refunded` of its order, and is neither on its way nor owed any more.
ALTER TABLE "order".order_refund ADD COLUMN by_bank host.amount NOT NULL DEFAULT 0;

CREATE OR REPLACE FUNCTION "order".refund_is_sound(r "order".order_refund) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN r.card_by_hand <= r.manual
        AND r.settled <= r.manual
        AND (r.settled_at IS NULL OR r.settled = r.manual)
        AND r.set_off + r.waived + r.manual + r.card + r.card_to_wallet + r.by_bank <= r.total
        AND r.goodwill <= r.total
        AND (r.goodwill = 0 OR r.goodwill = r.total)
        AND r.card_state IN ('', 'requested', 'pending', 'succeeded', 'failed')
        AND (r.card > 0) = (r.card_state <> '');
END $$;
CREATE OR REPLACE FUNCTION "order".refund_says_otherwise_where_its_money_goes() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT o.id FROM "order".vendor_order o
    LEFT JOIN (SELECT r.order_id, sum(r.card + r.card_to_wallet + r.card_by_hand + r.by_bank) AS card_refunded,
                      sum(r.card_to_wallet) AS card_to_wallet, sum(r.card_by_hand) AS card_by_hand
               FROM "order".order_refund r GROUP BY r.order_id) r ON r.order_id = o.id
    WHERE o.card_refunded <> coalesce(r.card_refunded, 0) OR o.card_to_wallet <> coalesce(r.card_to_wallet, 0)
       OR o.card_by_hand <> coalesce(r.card_by_hand, 0)
$$;
CREATE OR REPLACE FUNCTION "order".more_of_holds_goes_back_than_to_the_wallet() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT h.refund_id
    FROM (SELECT h.refund_id, sum(h.amount) AS amount FROM "order".order_refund_hold h GROUP BY h.refund_id) h
    LEFT JOIN "order".order_refund r ON r.id = h.refund_id
    WHERE NOT coalesce(h.amount <= r.total - r.set_off - r.waived - r.manual - r.card - r.card_to_wallet - r.by_bank, false)
$$;

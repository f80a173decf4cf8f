-- What a card pays of a checkout, and of each of its orders, and how much of that has gone back to the card. What neither a card
-- nor anybody outside of the market pays, a wallet does.
ALTER TABLE "order".order_group ADD COLUMN card_amount host.amount NOT NULL DEFAULT 0;
ALTER TABLE "order".vendor_order
    ADD COLUMN card_amount   host.amount NOT NULL DEFAULT 0,
    ADD COLUMN card_refunded host.amount NOT NULL DEFAULT 0;

CREATE OR REPLACE FUNCTION "order".order_group_is_sound(g "order".order_group) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN (g.status = 'placed') = (g.placed_at IS NOT NULL)
        AND (g.status = 'placed') = (g.number IS NOT NULL)
        AND (g.status = 'failed') = (g.refusal IS NOT NULL)
        -- Whose it is.
        AND (g.user_id IS NOT NULL OR g.guest_email IS NOT NULL OR g.guest_looked_at IS NOT NULL)
        AND (g.claimed_at IS NULL OR g.user_id IS NOT NULL)
        AND (g.guest_email IS NULL OR g.user_id IS NULL OR g.claimed_at IS NOT NULL)
        AND (g.business_number IS NULL OR g.business_number ~ '^[A-Z0-9]{4,20}$')
        -- The money.
        AND (g.offline_method IS NULL OR g.offline_method IN ('transfer', 'invoice'))
        AND g.waived >= 0 AND g.waived + g.collected <= g.on_delivery
        AND g.handed_back BETWEEN 0 AND g.collected
        AND g.card_amount <= g.total - g.on_delivery
        AND g.refunded BETWEEN 0 AND g.total - g.on_delivery;
END $$;

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
        AND o.refunded BETWEEN 0 AND o.total - o.on_delivery
        AND (o.status NOT IN ('cancelled', 'refused') OR o.refunded = o.total - o.on_delivery);
END $$;

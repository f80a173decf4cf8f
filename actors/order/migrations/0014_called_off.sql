-- Orders that were called off: what of their price came from a wallet goes back there.
ALTER TABLE "order".vendor_order
    ADD COLUMN refunded bigint NOT NULL DEFAULT 0,
    ADD CONSTRAINT vendor_order_refunded_is_a_part CHECK (refunded BETWEEN 0 AND total - on_delivery),
    ADD CONSTRAINT vendor_order_called_off_is_refunded CHECK (
        status NOT IN ('cancelled', 'refused') OR refunded = total - on_delivery);

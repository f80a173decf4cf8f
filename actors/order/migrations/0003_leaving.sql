-- What keeps a vendor from leaving: its orders that are not at their end, and carts that are being checked out.
CREATE INDEX vendor_order_open_by_vendor ON "order".vendor_order (vendor_id)
    WHERE status NOT IN ('completed', 'cancelled', 'refused', 'expired');
CREATE INDEX cart_locked ON "order".cart (id) WHERE status = 'locked';

-- Shoppers whose accounts are being erased, or were: they order nothing any more. Written in the shard of the shopper, as are his
-- carts, so the fence puts a checkout before or behind it.
CREATE TABLE "order".leaving_shopper (
    user_id uuid PRIMARY KEY,
    until   bigint NOT NULL -- market time
);

-- Ends the unit as a violated check, which the statement of a checkout calls "account_closing".
CREATE FUNCTION "order".refuse_leaving_shopper() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the account is being erased' USING ERRCODE = 'check_violation';
END $$;

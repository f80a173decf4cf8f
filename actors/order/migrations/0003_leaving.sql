-- What keeps a vendor from leaving: its orders that are not at their end, and carts that are being checked out.
CREATE INDEX vendor_order_open_by_vendor ON "order".vendor_order (vendor_id)
    WHERE status NOT IN ('completed', 'cancelled', 'refused', 'expired');
CREATE INDEX cart_locked ON "order".cart (id) WHERE status = 'locked';

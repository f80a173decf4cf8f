-- Vendors and staff list orders, the newest first, and find one by its number.
CREATE INDEX vendor_order_by_vendor ON "order".vendor_order (vendor_id, id DESC);
CREATE INDEX vendor_order_by_number ON "order".vendor_order (number);

-- Carts that were ordered and checkouts that failed are forgotten after a while: their rows are found by age. A cart's
-- updated_at has no index, since each change of a cart would have to write it.
CREATE INDEX cart_by_time ON "order".cart USING brin (created_at);
CREATE INDEX order_group_by_time ON "order".order_group USING brin (created_at);

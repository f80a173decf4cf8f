-- Whoever wants to be is told of a cart that was left, once. Carts that nobody needs to be told of any more are in no index.
ALTER TABLE "order".cart ADD COLUMN reminded_at bigint;
CREATE INDEX cart_left ON "order".cart (updated_at) WHERE user_id IS NOT NULL AND status = 'active' AND reminded_at IS NULL;

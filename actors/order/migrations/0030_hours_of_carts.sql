-- A cart changes with each thing that is put into it, and its indexes by the time of that made every change write a new entry
-- to all of its indexes. The hour is enough to find carts that were left, and mostly stays the same: then no index is written.
ALTER TABLE "order".cart ADD COLUMN touched_hour bigint NOT NULL GENERATED ALWAYS AS (updated_at / 3600000000) STORED;
DROP INDEX "order".cart_of_guest, "order".cart_left;
CREATE INDEX cart_of_guest ON "order".cart (touched_hour) WHERE user_id IS NULL AND status IN ('active', 'merged');
CREATE INDEX cart_left ON "order".cart (touched_hour) WHERE user_id IS NOT NULL AND status = 'active' AND reminded_at IS NULL;

-- Orders that staff prepares for somebody: carts that are not their customer's own, so that everything that is true of carts is
-- true of them. A draft lies in the shard of its customer, where the erasure of an account is decided, too.
CREATE DOMAIN "order".draft_state AS text CHECK (VALUE IN ('open', 'sent'));
CREATE DOMAIN "order".draft_note AS text CHECK (length(VALUE) <= 500);
CREATE DOMAIN "order".draft_name AS text CHECK (length(VALUE) <= 120);
ALTER TABLE "order".cart ADD COLUMN draft "order".draft_state; -- null: none
DROP INDEX "order".cart_one_active, "order".cart_of_guest, "order".cart_left;
CREATE UNIQUE INDEX cart_one_active ON "order".cart (user_id) WHERE status IN ('active', 'locked') AND draft IS NULL;
CREATE INDEX cart_of_guest ON "order".cart (touched_hour)
    WHERE (user_id IS NULL OR draft IS NOT NULL) AND status IN ('active', 'merged');
CREATE INDEX cart_left ON "order".cart (touched_hour)
    WHERE user_id IS NOT NULL AND status = 'active' AND reminded_at IS NULL AND draft IS NULL;
CREATE INDEX cart_of_customer ON "order".cart (user_id) WHERE draft IS NOT NULL;

-- What staff knows of a draft beside its cart. Guest and note are forgotten when it is placed.
CREATE TABLE "order".draft (
    cart_id      uuid PRIMARY KEY,
    user_id      uuid, -- null: a guest's
    guest_email  "order".guest_email,
    guest_name   "order".draft_name,
    guest_locale "order".guest_locale,
    note         "order".draft_note NOT NULL,
    made_by      uuid NOT NULL,
    made_at      bigint NOT NULL,
    sent_at      bigint,
    placed_by    uuid, -- null: its customer, or nobody yet
    CHECK (user_id IS NULL OR guest_email IS NULL)
) WITH (fillfactor = 80);
CREATE INDEX draft_of_staff ON "order".draft (made_by, cart_id);
CREATE INDEX draft_of_user ON "order".draft (user_id, cart_id) WHERE user_id IS NOT NULL;
CREATE INDEX draft_of_guest ON "order".draft (guest_email) WHERE guest_email IS NOT NULL;

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

-- Every row is a violated invariant of drafts; none is what it should be.
CREATE FUNCTION "order".check_drafts() RETURNS TABLE (invariant text, id uuid)
LANGUAGE sql STABLE AS $$
    SELECT 'draft_without_its_cart', d.cart_id
    FROM "order".draft d LEFT JOIN "order".cart c ON c.id = d.cart_id WHERE c.draft IS NULL
    UNION ALL
    SELECT 'cart_of_no_draft', c.id
    FROM "order".cart c LEFT JOIN "order".draft d ON d.cart_id = c.id WHERE c.draft IS NOT NULL AND d.cart_id IS NULL
    UNION ALL
    SELECT 'draft_is_of_another_customer', d.cart_id
    FROM "order".draft d JOIN "order".cart c ON c.id = d.cart_id WHERE d.user_id IS DISTINCT FROM c.user_id
    UNION ALL
    SELECT 'draft_is_not_sent_as_it_says', d.cart_id
    FROM "order".draft d JOIN "order".cart c ON c.id = d.cart_id WHERE (c.draft = 'sent') <> (d.sent_at IS NOT NULL)
    UNION ALL
    SELECT 'draft_was_merged', c.id FROM "order".cart c WHERE c.draft IS NOT NULL AND c.status = 'merged'
    UNION ALL
    SELECT 'draft_of_a_guest_whom_nobody_reaches', d.cart_id
    FROM "order".draft d JOIN "order".cart c ON c.id = d.cart_id
    WHERE c.status <> 'ordered' AND d.user_id IS NULL AND d.guest_email IS NULL
    UNION ALL
    SELECT 'placed_draft_that_remembers_its_guest', d.cart_id
    FROM "order".draft d JOIN "order".cart c ON c.id = d.cart_id
    WHERE c.status = 'ordered' AND (d.guest_email IS NOT NULL OR d.guest_name IS NOT NULL OR d.note <> '')
    UNION ALL
    SELECT 'staff_has_placed_what_is_not_ordered', d.cart_id
    FROM "order".draft d JOIN "order".cart c ON c.id = d.cart_id WHERE c.status <> 'ordered' AND d.placed_by IS NOT NULL
    UNION ALL
    SELECT 'staff_has_paid_from_a_wallet', d.cart_id
    FROM "order".draft d JOIN "order".order_group g ON g.cart_id = d.cart_id
    WHERE g.status = 'placed' AND d.placed_by IS NOT NULL AND g.on_delivery <> g.total
      AND NOT EXISTS (SELECT 1 FROM "order".vendor_order o JOIN "order".order_edit e ON e.order_id = o.id
                      WHERE o.group_id = g.id AND e.status = 'applied' AND e.payment = 'wallet')
$$;

-- An order that staff has placed in somebody's name begins with that.
CREATE OR REPLACE FUNCTION "order".check_lives() RETURNS TABLE (invariant text, id uuid)
LANGUAGE sql STABLE AS $$
    SELECT l.* FROM "order".check_lives_19() l WHERE l.invariant <> 'history_does_not_begin'
    UNION ALL
    SELECT 'history_does_not_begin', h.object_id
    FROM (SELECT DISTINCT ON (h.object_id) h.object_id, h.machine, h.from_state, h.actor_kind FROM "order".order_history h
          ORDER BY h.object_id, h.sequence) h
    WHERE h.from_state <> CASE h.machine WHEN 'vendor_order' THEN 'pending_payment' WHEN 'return' THEN 'unrequested'
                          WHEN 'claim' THEN 'unfiled' ELSE 'unpacked' END
      AND (h.machine, h.from_state, h.actor_kind) <> ('vendor_order', 'draft', 'staff')
$$;

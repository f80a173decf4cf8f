-- Guests' addresses are forgotten ttl.guest_email after the checkout; while an order of it is open, they are looked at again after as long.
ALTER TABLE "order".order_group ADD COLUMN guest_looked_at bigint; -- market time
ALTER TABLE "order".order_group DROP CONSTRAINT order_group_is_somebodys;
ALTER TABLE "order".order_group
    ADD CONSTRAINT order_group_is_somebodys CHECK (user_id IS NOT NULL OR guest_email IS NOT NULL OR guest_looked_at IS NOT NULL);
CREATE INDEX order_group_guest_age ON "order".order_group (coalesce(guest_looked_at, created_at))
    WHERE guest_email IS NOT NULL AND user_id IS NULL AND status <> 'pending';

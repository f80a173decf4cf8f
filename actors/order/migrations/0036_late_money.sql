-- Invoices that are overdue are reminded of, and transfers that come when their orders are over go back.
ALTER TABLE "order".order_group ADD COLUMN invoice_remind_at bigint; -- when its buyer is reminded next
UPDATE "order".order_group g SET invoice_remind_at = g.payment_due_at
WHERE g.offline_method = 'invoice' AND g.status = 'placed' AND g.on_delivery > g.waived + g.collected;
CREATE INDEX order_group_invoice_due ON "order".order_group (invoice_remind_at) WHERE invoice_remind_at IS NOT NULL;
CREATE INDEX vendor_order_invoice_owed ON "order".vendor_order (payment_due_at)
    WHERE offline_method = 'invoice' AND on_delivery > waived + collected;

CREATE DOMAIN "order".late_destination AS text CHECK (VALUE IN ('manual', 'wallet'));
CREATE DOMAIN "order".late_amount AS bigint CHECK (VALUE > 0);
CREATE DOMAIN "order".late_note AS text CHECK (length(VALUE) <= 200);
CREATE TABLE "order".late_payment (
    id          uuid PRIMARY KEY, -- in the shard of its group; also names the transfer into the wallet
    group_id    uuid NOT NULL UNIQUE, -- once for a checkout
    amount      "order".late_amount NOT NULL,
    currency    host.currency_code NOT NULL,
    destination "order".late_destination NOT NULL,
    note        "order".late_note NOT NULL,
    recorded_by uuid NOT NULL,
    recorded_at bigint NOT NULL,
    settled_at  bigint -- handed back, or credited
);
CREATE INDEX late_payment_open ON "order".late_payment (id) WHERE settled_at IS NULL;

-- Every row is a violated invariant of late payments; none is what it should be.
CREATE FUNCTION "order".check_late_payments() RETURNS TABLE (invariant text, id uuid)
LANGUAGE sql STABLE AS $$
    SELECT 'late_payment_of_no_transfer', l.id
    FROM "order".late_payment l LEFT JOIN "order".order_group g ON g.id = l.group_id
    WHERE g.status IS DISTINCT FROM 'placed' OR g.offline_method IS DISTINCT FROM 'transfer'
       OR g.currency <> l.currency
    UNION ALL
    SELECT 'late_payment_of_an_order_that_waits', l.id
    FROM "order".late_payment l
    WHERE EXISTS (SELECT 1 FROM "order".vendor_order o WHERE o.group_id = l.group_id AND o.status = 'pending_payment')
    UNION ALL
    SELECT 'late_payment_into_the_wallet_of_nobody', l.id
    FROM "order".late_payment l JOIN "order".order_group g ON g.id = l.group_id
    WHERE l.destination = 'wallet' AND g.user_id IS NULL
    UNION ALL
    SELECT 'paid_checkout_is_still_reminded_of', g.id
    FROM "order".order_group g WHERE g.invoice_remind_at IS NOT NULL AND g.offline_method IS DISTINCT FROM 'invoice'
$$;

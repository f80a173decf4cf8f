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

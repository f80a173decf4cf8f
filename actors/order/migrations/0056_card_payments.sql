-- What a card has paid and no placed group says (I8), as it was heard last; such rows are few, and stay.
CREATE TABLE "order".stray_payment (
    payment_id uuid PRIMARY KEY,
    currency   host.currency_code NOT NULL,
    captured   host.amount NOT NULL,
    gone       host.amount NOT NULL,
    version    bigint NOT NULL CHECK (version > 0),
    found_at   bigint NOT NULL
);
-- Of which that is still so.
CREATE VIEW "order".card_without_order AS
    SELECT s.* FROM "order".stray_payment s
    WHERE s.gone < s.captured
      AND NOT EXISTS (SELECT FROM "order".order_group g WHERE g.id = s.payment_id AND g.status = 'placed'
                      AND g.card_lost_at IS NULL AND g.card_amount = s.captured AND g.currency = s.currency);

-- Groups that a card pays, in the order in which they are compared with payments.
CREATE INDEX order_group_by_card ON "order".order_group (id) WHERE card_amount > 0;

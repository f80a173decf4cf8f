-- So often staff has asked for what the card could not get at the card again; each time it is another refund of the payment's.
ALTER TABLE "order".order_refund ADD COLUMN card_attempt bigint NOT NULL DEFAULT 0 CHECK (card_attempt >= 0);

-- The language in which a guest is written to; null: of a shopper, or from before this file (English).
ALTER TABLE "order".order_group ADD COLUMN guest_locale text CHECK (guest_locale IN ('en', 'de'));

-- What is written in every checkout keeps the rules of single columns as types
-- (storage/README.md, Decisions: a column's own rule is its type). Rules about several columns stay with their tables.
CREATE DOMAIN "order".country_code AS text CHECK (VALUE ~ '^[A-Z]{2}$');
CREATE DOMAIN "order".region_code AS text CHECK (VALUE ~ '^[A-Z0-9]{1,3}$');
CREATE DOMAIN "order".cart_status AS text CHECK (VALUE IN ('active', 'locked', 'ordered', 'merged'));
CREATE DOMAIN "order".cart_codes AS text[] CHECK (cardinality(VALUE) <= 10);
CREATE DOMAIN "order".line_quantity AS bigint CHECK (VALUE BETWEEN 1 AND 10000);
CREATE DOMAIN "order".group_status AS text CHECK (VALUE IN ('pending', 'placed', 'failed'));
CREATE DOMAIN "order".order_status AS text CHECK (VALUE IN (
    'draft', 'pending_payment', 'payment_failed', 'expired', 'placed', 'awaiting_acceptance', 'accepted', 'refused', 'processing',
    'partially_shipped', 'shipped', 'partially_delivered', 'delivered', 'completed', 'cancelled'));
CREATE DOMAIN "order".payment_status AS text CHECK (VALUE IN (
    'unpaid', 'paid', 'partially_paid', 'partially_refunded', 'refunded'));
CREATE DOMAIN "order".fulfilment_status AS text CHECK (VALUE IN (
    'unfulfilled', 'partial', 'shipped', 'delivered', 'cancelled', 'returned', 'mixed'));
CREATE DOMAIN "order".guest_email AS text CHECK (length(VALUE) <= 254);
CREATE DOMAIN "order".guest_locale AS text CHECK (VALUE ~ '^[A-Za-z0-9-]{2,8}$');
CREATE DOMAIN "order".line_options AS text[] CHECK (cardinality(VALUE) % 2 = 0);
CREATE DOMAIN "order".history_actor AS text CHECK (VALUE IN ('shopper', 'guest', 'vendor', 'staff', 'system'));
CREATE DOMAIN "order".history_machine AS text CHECK (VALUE IN ('vendor_order', 'shipment', 'return'));
CREATE DOMAIN "order".history_sequence AS bigint CHECK (VALUE >= 1);
CREATE DOMAIN "order".redemption_state AS text CHECK (VALUE IN ('held', 'used', 'released', 'returned'));

CREATE DOMAIN "order".row_version AS bigint CHECK (VALUE >= 1);
CREATE DOMAIN "order".ppm AS bigint CHECK (VALUE BETWEEN 0 AND 1000000);
CREATE DOMAIN "order".promotion_quantity AS bigint CHECK (VALUE BETWEEN 0 AND 10000);
CREATE DOMAIN "order".promotion_limit AS bigint CHECK (VALUE > 0);
CREATE DOMAIN "order".promotion_products AS uuid[] CHECK (cardinality(VALUE) <= 100);
CREATE DOMAIN "order".promotion_groups AS uuid[] CHECK (cardinality(VALUE) <= 16);
CREATE DOMAIN "order".promotion_kind AS text CHECK (VALUE IN ('percent', 'fixed', 'free_delivery', 'buy_x_get_y'));
CREATE DOMAIN "order".promotion_bearer AS text CHECK (VALUE IN ('market', 'vendor', 'shared'));
CREATE DOMAIN "order".promotion_status AS text CHECK (VALUE IN ('active', 'paused', 'archived'));
CREATE DOMAIN "order".promotion_name AS text CHECK (length(VALUE) BETWEEN 1 AND 100);
CREATE DOMAIN "order".promotion_priority AS bigint CHECK (VALUE BETWEEN -1000 AND 1000);
CREATE DOMAIN "order".promotion_code AS text CHECK (VALUE ~ '^[A-Z0-9_-]{3,40}$');

ALTER TABLE "order".cart
    DROP CONSTRAINT cart_codes_check, DROP CONSTRAINT cart_country_check, DROP CONSTRAINT cart_currency_check,
    DROP CONSTRAINT cart_region_code_check, DROP CONSTRAINT cart_shard_check, DROP CONSTRAINT cart_status_check,
    DROP CONSTRAINT cart_version_check, ALTER COLUMN codes TYPE "order".cart_codes,
    ALTER COLUMN country TYPE "order".country_code, ALTER COLUMN currency TYPE host.currency_code,
    ALTER COLUMN region_code TYPE "order".region_code, ALTER COLUMN shard TYPE host.shard_number,
    ALTER COLUMN status TYPE "order".cart_status, ALTER COLUMN version TYPE "order".row_version;
ALTER TABLE "order".cart_line
    DROP CONSTRAINT cart_line_quantity_check, DROP CONSTRAINT cart_line_unit_amount_check,
    ALTER COLUMN quantity TYPE "order".line_quantity, ALTER COLUMN unit_amount TYPE host.amount;
ALTER TABLE "order".order_group
    DROP CONSTRAINT order_group_currency_check, DROP CONSTRAINT order_group_fulfilment_check,
    DROP CONSTRAINT order_group_guest_email_check, DROP CONSTRAINT order_group_guest_locale_check,
    DROP CONSTRAINT order_group_on_delivery_check, DROP CONSTRAINT order_group_payment_status_check,
    DROP CONSTRAINT order_group_status_check, DROP CONSTRAINT order_group_total_check,
    ALTER COLUMN currency TYPE host.currency_code, ALTER COLUMN fulfilment_status TYPE "order".fulfilment_status,
    ALTER COLUMN guest_email TYPE "order".guest_email, ALTER COLUMN guest_locale TYPE "order".guest_locale,
    ALTER COLUMN on_delivery TYPE host.amount, ALTER COLUMN payment_status TYPE "order".payment_status,
    ALTER COLUMN status TYPE "order".group_status, ALTER COLUMN total TYPE host.amount;
ALTER TABLE "order".vendor_order
    DROP CONSTRAINT vendor_order_currency_check, DROP CONSTRAINT vendor_order_discount_check,
    DROP CONSTRAINT vendor_order_fulfilment_check, DROP CONSTRAINT vendor_order_items_check,
    DROP CONSTRAINT vendor_order_on_delivery_check, DROP CONSTRAINT vendor_order_payment_status_check,
    DROP CONSTRAINT vendor_order_shipping_check, DROP CONSTRAINT vendor_order_status_check,
    DROP CONSTRAINT vendor_order_tax_check, DROP CONSTRAINT vendor_order_total_check,
    DROP CONSTRAINT vendor_order_version_check, ALTER COLUMN currency TYPE host.currency_code,
    ALTER COLUMN discount TYPE host.amount, ALTER COLUMN fulfilment_status TYPE "order".fulfilment_status,
    ALTER COLUMN items TYPE host.amount, ALTER COLUMN on_delivery TYPE host.amount,
    ALTER COLUMN payment_status TYPE "order".payment_status, ALTER COLUMN shipping TYPE host.amount,
    ALTER COLUMN status TYPE "order".order_status, ALTER COLUMN tax TYPE host.amount, ALTER COLUMN total TYPE host.amount,
    ALTER COLUMN version TYPE host.amount;
ALTER TABLE "order".order_line
    DROP CONSTRAINT order_line_options_check, DROP CONSTRAINT order_line_quantity_check,
    DROP CONSTRAINT order_line_tax_check, DROP CONSTRAINT order_line_unit_amount_check,
    ALTER COLUMN options TYPE "order".line_options, ALTER COLUMN quantity TYPE "order".line_quantity,
    ALTER COLUMN tax TYPE host.amount, ALTER COLUMN unit_amount TYPE host.amount;
ALTER TABLE "order".promotion
    DROP CONSTRAINT promotion_bearer_check, DROP CONSTRAINT promotion_buy_quantity_check,
    DROP CONSTRAINT promotion_cap_check, DROP CONSTRAINT promotion_code_key_check, DROP CONSTRAINT promotion_currency_check,
    DROP CONSTRAINT promotion_fixed_amount_check, DROP CONSTRAINT promotion_get_quantity_check,
    DROP CONSTRAINT promotion_group_ids_check, DROP CONSTRAINT promotion_held_check, DROP CONSTRAINT promotion_kind_check,
    DROP CONSTRAINT promotion_limit_per_customer_check, DROP CONSTRAINT promotion_limit_total_check,
    DROP CONSTRAINT promotion_market_ppm_check, DROP CONSTRAINT promotion_name_check,
    DROP CONSTRAINT promotion_off_ppm_check, DROP CONSTRAINT promotion_priority_check,
    DROP CONSTRAINT promotion_qualifying_products_check, DROP CONSTRAINT promotion_quantity_min_check,
    DROP CONSTRAINT promotion_status_check, DROP CONSTRAINT promotion_subtotal_min_check,
    DROP CONSTRAINT promotion_target_products_check, DROP CONSTRAINT promotion_used_check,
    DROP CONSTRAINT promotion_version_check, ALTER COLUMN bearer TYPE "order".promotion_bearer,
    ALTER COLUMN buy_quantity TYPE "order".promotion_quantity, ALTER COLUMN cap TYPE "order".promotion_limit,
    ALTER COLUMN code_key TYPE "order".promotion_code, ALTER COLUMN currency TYPE host.currency_code,
    ALTER COLUMN fixed_amount TYPE host.amount, ALTER COLUMN get_quantity TYPE "order".promotion_quantity,
    ALTER COLUMN group_ids TYPE "order".promotion_groups, ALTER COLUMN held TYPE host.amount,
    ALTER COLUMN kind TYPE "order".promotion_kind, ALTER COLUMN limit_per_customer TYPE "order".promotion_limit,
    ALTER COLUMN limit_total TYPE "order".promotion_limit, ALTER COLUMN market_ppm TYPE "order".ppm,
    ALTER COLUMN name TYPE "order".promotion_name, ALTER COLUMN off_ppm TYPE "order".ppm,
    ALTER COLUMN priority TYPE "order".promotion_priority, ALTER COLUMN qualifying_products TYPE "order".promotion_products,
    ALTER COLUMN quantity_min TYPE host.amount, ALTER COLUMN status TYPE "order".promotion_status,
    ALTER COLUMN subtotal_min TYPE host.amount, ALTER COLUMN target_products TYPE "order".promotion_products,
    ALTER COLUMN used TYPE host.amount, ALTER COLUMN version TYPE "order".row_version;
ALTER TABLE "order".redemption
    DROP CONSTRAINT redemption_shard_check, DROP CONSTRAINT redemption_state_check,
    ALTER COLUMN shard TYPE host.shard_number, ALTER COLUMN state TYPE "order".redemption_state;
ALTER TABLE "order".order_history
    DROP CONSTRAINT order_history_actor_kind_check, DROP CONSTRAINT order_history_machine_check,
    DROP CONSTRAINT order_history_sequence_check, ALTER COLUMN actor_kind TYPE "order".history_actor,
    ALTER COLUMN machine TYPE "order".history_machine, ALTER COLUMN sequence TYPE "order".history_sequence;
ALTER TABLE "order".order_delivery
    DROP CONSTRAINT order_delivery_amount_check, DROP CONSTRAINT order_delivery_tax_check,
    ALTER COLUMN amount TYPE host.amount, ALTER COLUMN tax TYPE host.amount;

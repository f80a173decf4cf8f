-- Where carts are sent, how, and with which codes. The address is forgotten when the cart is ordered: its group has it then.
ALTER TABLE "order".cart
    ADD COLUMN country     text CHECK (country ~ '^[A-Z]{2}$'), -- null: there is no address
    ADD COLUMN region_code text CHECK (region_code ~ '^[A-Z0-9]{1,3}$'),
    ADD COLUMN receiver    text,
    ADD COLUMN line1       text,
    ADD COLUMN line2       text,
    ADD COLUMN city        text,
    ADD COLUMN postal_code text,
    ADD COLUMN region      text,
    ADD COLUMN phone       text,
    ADD COLUMN codes       text[] NOT NULL DEFAULT '{}' CHECK (cardinality(codes) <= 10), -- in their normal form
    ADD CONSTRAINT cart_address_is_whole CHECK ((country IS NULL) = (receiver IS NULL OR line1 IS NULL OR city IS NULL));
ALTER TABLE "order".cart_line ADD COLUMN method_id uuid; -- how the owner wants it sent; null: not chosen

-- Where a checkout is sent. Of people who are forgotten only what was taxed by stays: country and region.
CREATE TABLE "order".group_address (
    group_id    uuid PRIMARY KEY,
    country     text NOT NULL,
    region_code text,
    receiver    text, -- null: forgotten, with all below
    line1       text,
    line2       text,
    city        text,
    postal_code text,
    region      text,
    phone       text
);

-- What an order keeps of its price: goods before promotions (items), what is taken off them, and the same of its deliveries.
-- Tax is added to the total unless prices include it.
ALTER TABLE "order".vendor_order DROP CONSTRAINT vendor_order_check;
ALTER TABLE "order".vendor_order
    ADD COLUMN shipping_discount  bigint NOT NULL DEFAULT 0 CHECK (shipping_discount BETWEEN 0 AND shipping),
    ADD COLUMN has_details        boolean NOT NULL DEFAULT false, -- rows in the tables below, or an address
    ADD CONSTRAINT vendor_order_adds_up CHECK (total = items - discount + shipping - shipping_discount + tax);
ALTER TABLE "order".order_line
    ADD COLUMN list_amount bigint, -- of one, where it is not unit_amount
    ADD COLUMN discount    bigint NOT NULL DEFAULT 0 CHECK (discount BETWEEN 0 AND total),
    ADD COLUMN tax         bigint NOT NULL DEFAULT 0 CHECK (tax >= 0), -- in the price or beside it
    ADD COLUMN is_digital  boolean NOT NULL DEFAULT false;

-- What a vendor sends together.
CREATE TABLE "order".order_delivery (
    id            uuid PRIMARY KEY,
    order_id      uuid NOT NULL,
    position      bigint NOT NULL, -- in the checkout, as below
    profile_id    uuid NOT NULL,
    method_id     uuid NOT NULL,
    method_name   text NOT NULL,
    handling_days bigint NOT NULL,
    amount        bigint NOT NULL CHECK (amount >= 0),
    discount      bigint NOT NULL CHECK (discount BETWEEN 0 AND amount),
    tax           bigint NOT NULL CHECK (tax >= 0)
);
CREATE UNIQUE INDEX order_delivery_by_order ON "order".order_delivery (order_id, profile_id);

-- Promotions that took something off an order, and what of a line or a delivery (the subject) each took.
CREATE TABLE "order".order_promotion (
    order_id     uuid NOT NULL,
    promotion_id uuid NOT NULL,
    position     bigint NOT NULL,
    name         text NOT NULL,
    code         text,
    PRIMARY KEY (order_id, promotion_id)
);
CREATE TABLE "order".order_discount (
    order_id      uuid NOT NULL,
    subject_id    uuid NOT NULL,
    promotion_id  uuid NOT NULL,
    market_amount bigint NOT NULL CHECK (market_amount >= 0),
    vendor_amount bigint NOT NULL CHECK (vendor_amount >= 0),
    PRIMARY KEY (order_id, subject_id, promotion_id)
);

-- Rates that taxed an order, as they were then, and what of a line or a delivery each took.
CREATE TABLE "order".order_rate (
    order_id    uuid NOT NULL,
    rate_id     uuid NOT NULL,
    position    bigint NOT NULL,
    name        text NOT NULL,
    ppm         bigint NOT NULL CHECK (ppm BETWEEN 0 AND 1000000),
    is_included boolean NOT NULL, -- in the prices
    PRIMARY KEY (order_id, rate_id)
);
CREATE TABLE "order".order_tax (
    order_id   uuid NOT NULL,
    subject_id uuid NOT NULL,
    rate_id    uuid NOT NULL,
    base       bigint NOT NULL CHECK (base >= 0),
    amount     bigint NOT NULL CHECK (amount >= 0),
    PRIMARY KEY (order_id, subject_id, rate_id)
);

-- Every row is a violated invariant of what orders keep of their price; none is what it should be. check_orders() knows the
-- sums of orders and groups.
CREATE FUNCTION "order".check_prices() RETURNS TABLE (invariant text, id uuid)
LANGUAGE sql STABLE AS $$
    WITH subjects AS (
        SELECT l.id, l.order_id, l.discount, l.tax FROM "order".order_line l
        UNION ALL
        SELECT d.id, d.order_id, d.discount, d.tax FROM "order".order_delivery d),
    of_discounts AS (
        SELECT s.subject_id, sum(s.market_amount + s.vendor_amount) AS total FROM "order".order_discount s GROUP BY s.subject_id),
    of_taxes AS (
        SELECT s.subject_id, sum(s.amount) AS total FROM "order".order_tax s GROUP BY s.subject_id),
    of_lines AS (
        SELECT l.order_id, sum(l.discount) AS discount, sum(l.tax) AS tax FROM "order".order_line l GROUP BY l.order_id),
    of_deliveries AS (
        SELECT d.order_id, sum(d.amount) AS amount, sum(d.discount) AS discount, sum(d.tax) AS tax
        FROM "order".order_delivery d GROUP BY d.order_id)
    SELECT 'discount_is_not_sum_of_promotions', s.id
    FROM subjects s LEFT JOIN of_discounts d ON d.subject_id = s.id WHERE s.discount <> coalesce(d.total, 0)
    UNION ALL
    SELECT 'tax_is_not_sum_of_rates', s.id
    FROM subjects s LEFT JOIN of_taxes t ON t.subject_id = s.id WHERE s.tax <> coalesce(t.total, 0)
    UNION ALL
    SELECT 'order_discount_is_not_sum_of_lines', o.id
    FROM "order".vendor_order o JOIN of_lines l ON l.order_id = o.id WHERE o.discount <> l.discount
    UNION ALL
    SELECT 'order_shipping_is_not_sum_of_deliveries', o.id
    FROM "order".vendor_order o LEFT JOIN of_deliveries d ON d.order_id = o.id
    WHERE o.shipping <> coalesce(d.amount, 0) OR o.shipping_discount <> coalesce(d.discount, 0)
    UNION ALL
    SELECT 'order_tax_is_not_sum_of_its_parts', o.id
    FROM "order".vendor_order o JOIN of_lines l ON l.order_id = o.id LEFT JOIN of_deliveries d ON d.order_id = o.id
    WHERE o.tax <> CASE WHEN EXISTS (SELECT 1 FROM "order".order_rate r WHERE r.order_id = o.id AND r.is_included)
                   THEN 0 ELSE l.tax + coalesce(d.tax, 0) END
    UNION ALL
    SELECT 'price_of_no_line_and_no_delivery', x.subject_id
    FROM (SELECT subject_id, order_id FROM "order".order_discount UNION ALL SELECT subject_id, order_id FROM "order".order_tax) x
    LEFT JOIN subjects s ON s.id = x.subject_id WHERE s.order_id IS DISTINCT FROM x.order_id
$$;

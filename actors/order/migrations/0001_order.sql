-- Carts, checkouts and the orders that come of them. Times are bigint microseconds of market time, money is bigint minor
-- units beside one currency per row. Rows refer to each other by ids that are written in one unit, so foreign keys would
-- only cost; "order".check_orders() looks for what they would have caught.
CREATE SCHEMA IF NOT EXISTS "order";

CREATE TABLE "order".cart (
    id         uuid PRIMARY KEY,
    user_id    uuid NOT NULL,
    shard      smallint NOT NULL CHECK (shard BETWEEN 0 AND 63),
    status     text NOT NULL CHECK (status IN ('active', 'locked', 'ordered')),
    currency   text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    version    bigint NOT NULL CHECK (version >= 1),
    group_id   uuid, -- the checkout that the cart is locked for, or was ordered by
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    CHECK ((status = 'active') = (group_id IS NULL))
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX cart_one_active ON "order".cart (user_id) WHERE status IN ('active', 'locked');

CREATE TABLE "order".cart_line (
    id          uuid PRIMARY KEY,
    cart_id     uuid NOT NULL,
    variant_id  uuid NOT NULL,
    product_id  uuid NOT NULL,
    vendor_id   uuid NOT NULL,
    name        text NOT NULL,
    quantity    bigint NOT NULL CHECK (quantity BETWEEN 1 AND 10000),
    unit_amount bigint NOT NULL CHECK (unit_amount >= 0), -- when it was last put in; carts show today's
    position    bigint NOT NULL,
    UNIQUE (cart_id, variant_id)
) WITH (fillfactor = 80);

CREATE TABLE "order".order_group (
    id             uuid PRIMARY KEY,
    cart_id        uuid NOT NULL,
    user_id        uuid NOT NULL,
    status         text NOT NULL CHECK (status IN ('pending', 'placed', 'failed')),
    payment_status text NOT NULL CHECK (payment_status IN ('unpaid', 'paid')),
    total          bigint NOT NULL CHECK (total >= 0),
    currency       text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    refusal        text,
    number         bigint,
    created_at     bigint NOT NULL,
    placed_at      bigint,
    CHECK ((status = 'placed') = (placed_at IS NOT NULL)),
    CHECK ((status = 'placed') = (number IS NOT NULL)),
    CHECK ((status = 'failed') = (refusal IS NOT NULL))
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX order_group_one_placed ON "order".order_group (cart_id) WHERE status = 'placed';
CREATE INDEX order_group_by_user ON "order".order_group (user_id, id);

-- Numbers for people, gaps allowed: "<number>-1", "<number>-2" ... per vendor. A session takes 32 at once, which saves
-- writing the sequence each time.
CREATE SEQUENCE "order".order_number AS bigint START 100001 CACHE 32;

CREATE TABLE "order".vendor_order (
    id             uuid PRIMARY KEY,
    group_id       uuid NOT NULL,
    user_id        uuid NOT NULL,
    vendor_id      uuid NOT NULL,
    vendor_name    text NOT NULL,
    number         text NOT NULL,
    status         text NOT NULL CHECK (status IN ('placed')),
    payment_status text NOT NULL CHECK (payment_status IN ('unpaid', 'paid')),
    items          bigint NOT NULL CHECK (items >= 0),
    discount       bigint NOT NULL DEFAULT 0 CHECK (discount >= 0),
    shipping       bigint NOT NULL DEFAULT 0 CHECK (shipping >= 0),
    tax            bigint NOT NULL DEFAULT 0 CHECK (tax >= 0),
    total          bigint NOT NULL CHECK (total >= 0),
    currency       text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    placed_at      bigint NOT NULL,
    CHECK (total = items - discount + shipping + tax)
);
CREATE INDEX vendor_order_by_user ON "order".vendor_order (user_id, id DESC);
CREATE INDEX vendor_order_by_group ON "order".vendor_order (group_id);

CREATE TABLE "order".order_line (
    id          uuid PRIMARY KEY, -- the cart's line, so that no line is ever ordered twice
    order_id    uuid NOT NULL,
    group_id    uuid NOT NULL,
    position    bigint NOT NULL,
    variant_id  uuid NOT NULL,
    product_id  uuid NOT NULL,
    name        text NOT NULL,
    sku         text,
    quantity    bigint NOT NULL CHECK (quantity BETWEEN 1 AND 10000),
    unit_amount bigint NOT NULL CHECK (unit_amount >= 0),
    total       bigint NOT NULL,
    CHECK (total = quantity * unit_amount)
);
CREATE INDEX order_line_by_order ON "order".order_line (order_id);

-- Every row is a violated invariant of the stored orders; none is what it should be.
CREATE FUNCTION "order".check_orders() RETURNS TABLE (invariant text, id uuid)
LANGUAGE sql STABLE AS $$
    WITH orders AS (
        SELECT o.group_id, sum(o.total) AS total, count(*) AS orders_count,
               count(DISTINCT o.currency) AS currencies_count, min(o.currency) AS currency
        FROM "order".vendor_order o GROUP BY o.group_id),
    lines AS (
        SELECT l.order_id, sum(l.total) AS items FROM "order".order_line l GROUP BY l.order_id)
    SELECT 'placed_group_without_orders', g.id
    FROM "order".order_group g LEFT JOIN orders s ON s.group_id = g.id
    WHERE g.status = 'placed' AND s.group_id IS NULL
    UNION ALL
    SELECT 'group_total_is_not_sum_of_orders', g.id
    FROM "order".order_group g JOIN orders s ON s.group_id = g.id
    WHERE g.total <> s.total OR s.currencies_count <> 1 OR s.currency <> g.currency
    UNION ALL
    SELECT 'order_items_are_not_sum_of_lines', o.id
    FROM "order".vendor_order o LEFT JOIN lines s ON s.order_id = o.id
    WHERE s.items IS DISTINCT FROM o.items
    UNION ALL
    SELECT 'orders_of_a_group_that_is_not_placed', s.group_id
    FROM orders s LEFT JOIN "order".order_group g ON g.id = s.group_id
    WHERE g.status IS DISTINCT FROM 'placed'
    UNION ALL
    SELECT 'line_without_its_order', l.id
    FROM "order".order_line l LEFT JOIN "order".vendor_order o ON o.id = l.order_id
    WHERE o.group_id IS DISTINCT FROM l.group_id
    UNION ALL
    SELECT 'cart_placed_twice', g.cart_id
    FROM "order".order_group g WHERE g.status = 'placed' GROUP BY g.cart_id HAVING count(*) > 1
    UNION ALL
    SELECT 'cart_and_group_disagree', c.id
    FROM "order".cart c LEFT JOIN "order".order_group g ON g.id = c.group_id
    WHERE c.status <> 'active'
      AND (g.cart_id IS DISTINCT FROM c.id OR g.user_id IS DISTINCT FROM c.user_id
           OR g.status IS DISTINCT FROM CASE c.status WHEN 'locked' THEN 'pending' ELSE 'placed' END)
    UNION ALL
    SELECT 'pending_group_without_locked_cart', g.id
    FROM "order".order_group g LEFT JOIN "order".cart c ON c.id = g.cart_id
    WHERE g.status = 'pending' AND (c.status IS DISTINCT FROM 'locked' OR c.group_id IS DISTINCT FROM g.id)
    UNION ALL
    SELECT 'line_of_no_cart', l.id
    FROM "order".cart_line l LEFT JOIN "order".cart c ON c.id = l.cart_id WHERE c.id IS NULL
    UNION ALL
    SELECT 'too_many_lines', l.cart_id
    FROM "order".cart_line l GROUP BY l.cart_id HAVING count(*) > 50
$$;

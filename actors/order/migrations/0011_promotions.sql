-- Promotions and how often they were used. An owner is the market (a zero id) or a vendor; a vendor's own promotions take
-- off that vendor's lines only, and the market's do when they name one. A code is unique, in its normal form, among the
-- promotions that hold theirs: neither archived nor ended.
CREATE TABLE "order".promotion (
    id                  uuid PRIMARY KEY,
    owner_id            uuid NOT NULL,
    vendor_id           uuid, -- whose lines it is about; null: everybody's
    name                text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    code                text, -- as it was typed; null: automatic
    code_key            text CHECK (code_key ~ '^[A-Z0-9_-]{3,40}$'),
    holds_code          boolean NOT NULL DEFAULT false,
    status              text NOT NULL CHECK (status IN ('active', 'paused', 'archived')),
    kind                text NOT NULL CHECK (kind IN ('percent', 'fixed', 'free_delivery', 'buy_x_get_y')),
    off_ppm             bigint NOT NULL CHECK (off_ppm BETWEEN 0 AND 1000000),
    currency            text CHECK (currency ~ '^[A-Z]{3}$'), -- of its amounts; null: it has none, and is for every cart
    fixed_amount        bigint NOT NULL CHECK (fixed_amount >= 0),
    buy_quantity        bigint NOT NULL CHECK (buy_quantity BETWEEN 0 AND 10000),
    get_quantity        bigint NOT NULL CHECK (get_quantity BETWEEN 0 AND 10000),
    target_products     uuid[] NOT NULL CHECK (cardinality(target_products) <= 100),
    target_category     uuid,
    qualifying_products uuid[] NOT NULL CHECK (cardinality(qualifying_products) <= 100),
    qualifying_category uuid,
    quantity_min        bigint NOT NULL CHECK (quantity_min >= 0),
    subtotal_min        bigint NOT NULL CHECK (subtotal_min >= 0),
    group_ids           uuid[] NOT NULL CHECK (cardinality(group_ids) <= 16),
    needs_first_order   boolean NOT NULL,
    starts_at           bigint NOT NULL,
    ends_at             bigint,
    is_exclusive        boolean NOT NULL,
    priority            bigint NOT NULL CHECK (priority BETWEEN -1000 AND 1000),
    cap                 bigint CHECK (cap > 0),
    bearer              text NOT NULL CHECK (bearer IN ('market', 'vendor', 'shared')),
    market_ppm          bigint NOT NULL CHECK (market_ppm BETWEEN 0 AND 1000000),
    limit_total         bigint CHECK (limit_total > 0),
    limit_per_customer  bigint CHECK (limit_per_customer > 0),
    held                bigint NOT NULL DEFAULT 0 CHECK (held >= 0),
    used                bigint NOT NULL DEFAULT 0 CHECK (used >= 0),
    version             bigint NOT NULL DEFAULT 1 CHECK (version >= 1), -- of what is promised; uses do not move it
    created_at          bigint NOT NULL,
    updated_at          bigint NOT NULL,
    CONSTRAINT promotion_within_its_limit CHECK (held + used <= limit_total),
    CHECK (ends_at > starts_at),
    CHECK ((code IS NULL) = (code_key IS NULL)),
    CHECK (NOT holds_code OR (code_key IS NOT NULL AND status <> 'archived')),
    CHECK (kind NOT IN ('percent', 'buy_x_get_y') OR off_ppm > 0),
    CHECK ((kind = 'fixed') = (fixed_amount > 0)),
    CHECK ((kind = 'buy_x_get_y') = (buy_quantity > 0 AND get_quantity > 0)),
    CHECK (currency IS NOT NULL OR (fixed_amount = 0 AND subtotal_min = 0 AND cap IS NULL)),
    CHECK (target_category IS NULL OR cardinality(target_products) = 0),
    CHECK (qualifying_category IS NULL OR cardinality(qualifying_products) = 0),
    CHECK ((bearer = 'shared') = (market_ppm > 0)),
    CHECK (owner_id = '00000000-0000-0000-0000-000000000000' OR (vendor_id = owner_id AND bearer = 'vendor'))
) WITH (fillfactor = 50); -- held and used change with each order, and are in no index
CREATE UNIQUE INDEX promotion_code ON "order".promotion (code_key) WHERE holds_code;
CREATE INDEX promotion_automatic ON "order".promotion (owner_id, priority, id) WHERE status = 'active' AND code_key IS NULL;
CREATE INDEX promotion_kept ON "order".promotion (owner_id, id) WHERE status <> 'archived';
CREATE INDEX promotion_by_owner ON "order".promotion (owner_id, id);

-- Whoever makes an owner's promotions more moves its row from the version that he has counted by.
CREATE TABLE "order".promotion_owner (
    owner_id uuid PRIMARY KEY,
    version  bigint NOT NULL
);

-- One use of a promotion by one checkout. Without a customer: it was released before it came, so that it is refused then.
CREATE TABLE "order".redemption (
    promotion_id uuid NOT NULL,
    group_id     uuid NOT NULL,
    shard        smallint NOT NULL CHECK (shard BETWEEN 0 AND 63), -- the promotion's
    customer     uuid, -- an account, or a keyed digest of a guest's address
    state        text NOT NULL CHECK (state IN ('held', 'used', 'released', 'returned')),
    expires_at   bigint NOT NULL, -- when the orders are asked what became of the checkout
    created_at   bigint NOT NULL,
    settled_at   bigint,
    PRIMARY KEY (group_id, promotion_id), -- so that a customer's have one index that could find them
    CHECK (customer IS NOT NULL OR state = 'released'),
    CHECK ((state IN ('released', 'returned')) = (settled_at IS NOT NULL))
) WITH (fillfactor = 70);
CREATE INDEX redemption_of_customer ON "order".redemption (promotion_id, customer) WHERE state IN ('held', 'used');
CREATE INDEX redemption_due ON "order".redemption (expires_at) WHERE state = 'held';
CREATE INDEX redemption_settled ON "order".redemption (settled_at) WHERE state IN ('released', 'returned');

-- Every row is a violated invariant of the stored promotions; none is what it should be.
CREATE FUNCTION "order".check_promotions() RETURNS TABLE (invariant text, id uuid)
LANGUAGE sql STABLE AS $$
    WITH uses AS (
        SELECT r.promotion_id, count(*) FILTER (WHERE r.state = 'held') AS held,
               count(*) FILTER (WHERE r.state = 'used') AS used
        FROM "order".redemption r GROUP BY r.promotion_id)
    SELECT 'promotion_is_used_beyond_its_limit', p.id
    FROM "order".promotion p WHERE p.held + p.used > p.limit_total
    UNION ALL
    SELECT 'promotion_does_not_count_its_redemptions', p.id
    FROM "order".promotion p LEFT JOIN uses u ON u.promotion_id = p.id
    WHERE p.held <> coalesce(u.held, 0) OR p.used <> coalesce(u.used, 0)
    UNION ALL
    SELECT 'redemption_of_no_promotion', u.promotion_id
    FROM uses u LEFT JOIN "order".promotion p ON p.id = u.promotion_id WHERE p.id IS NULL
    UNION ALL
    SELECT 'used_redemption_of_no_placed_group', r.group_id
    FROM "order".redemption r LEFT JOIN "order".order_group g ON g.id = r.group_id
    WHERE r.state = 'used' AND g.status IS DISTINCT FROM 'placed'
$$;

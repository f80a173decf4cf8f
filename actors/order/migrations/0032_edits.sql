-- Units that are added to an order before it is sent, when its buyer agrees. They become lines of their own: those that stood
-- there keep their price, and what of it has gone back.
CREATE TABLE "order".order_edit (
    id          uuid PRIMARY KEY,
    order_id    uuid NOT NULL,
    status      text NOT NULL CHECK (status IN ('open', 'declined', 'expired', 'applied')),
    reason      text NOT NULL,
    items       bigint NOT NULL CHECK (items >= 0),
    total       bigint NOT NULL CHECK (total >= items), -- with tax that is not in the prices
    payment     text NOT NULL CHECK (payment IN ('wallet', 'on_delivery')),
    proposed_at bigint NOT NULL,
    expires_at  bigint NOT NULL,
    ended_at    bigint,
    attempt_id  uuid UNIQUE, -- the hold and the reservation by which it was applied
    CHECK ((status = 'open') = (ended_at IS NULL)),
    CHECK ((status = 'applied') = (attempt_id IS NOT NULL))
);
CREATE UNIQUE INDEX order_edit_one_open ON "order".order_edit (order_id) WHERE status = 'open';
CREATE INDEX order_edit_by_order ON "order".order_edit (order_id);
CREATE TABLE "order".order_edit_line (
    edit_id     uuid NOT NULL,
    position    bigint NOT NULL,
    line_id     uuid NOT NULL, -- whose goods and whose price
    new_line_id uuid NOT NULL UNIQUE,
    quantity    bigint NOT NULL CHECK (quantity BETWEEN 1 AND 10000),
    items       bigint NOT NULL CHECK (items >= 0),
    tax         bigint NOT NULL CHECK (tax >= 0), -- in the price or beside it
    PRIMARY KEY (edit_id, position)
);
CREATE TABLE "order".order_edit_tax (
    edit_id     uuid NOT NULL,
    new_line_id uuid NOT NULL,
    rate_id     uuid NOT NULL,
    base        bigint NOT NULL CHECK (base >= 0),
    amount      bigint NOT NULL CHECK (amount >= 0),
    PRIMARY KEY (edit_id, new_line_id, rate_id)
);
ALTER TABLE "order".order_line ADD COLUMN hold_id uuid; -- that has paid it, where it is not the group's

ALTER FUNCTION "order".legal_steps() RENAME TO legal_steps_30;
CREATE FUNCTION "order".legal_steps() RETURNS TABLE (machine text, from_state text, trigger text, to_state text)
LANGUAGE sql IMMUTABLE AS $$
    SELECT * FROM "order".legal_steps_30()
    UNION ALL
    SELECT 'vendor_order', s.state, t.trigger, s.state
    FROM unnest('{accepted,processing}'::text[]) AS s (state)
    CROSS JOIN unnest('{propose_edit,apply_edit,decline_edit}'::text[]) AS t (trigger)
$$;

-- Every row is a violated invariant of what orders keep of their price; none is what it should be.
ALTER FUNCTION "order".check_prices() RENAME TO check_prices_30;
CREATE FUNCTION "order".check_prices() RETURNS TABLE (invariant text, id uuid)
LANGUAGE sql STABLE AS $$
    SELECT * FROM "order".check_prices_30()
    UNION ALL
    SELECT 'edit_is_not_sum_of_its_lines', e.id
    FROM "order".order_edit e
    WHERE e.items IS DISTINCT FROM (SELECT sum(l.items) FROM "order".order_edit_line l WHERE l.edit_id = e.id)
    UNION ALL
    SELECT 'line_is_not_as_its_edit_says', n.new_line_id
    FROM "order".order_edit e
    JOIN "order".order_edit_line n ON n.edit_id = e.id
    LEFT JOIN "order".order_line l ON l.id = n.new_line_id AND l.order_id = e.order_id
    WHERE CASE WHEN e.status = 'applied'
               THEN (l.quantity::bigint, l.total::bigint, l.tax::bigint) IS DISTINCT FROM (n.quantity, n.items, n.tax)
                    OR l.hold_id IS DISTINCT FROM CASE e.payment WHEN 'wallet' THEN e.attempt_id END
               ELSE l.id IS NOT NULL END
    UNION ALL
    SELECT 'line_of_a_hold_of_no_edit', l.id
    FROM "order".order_line l
    WHERE l.hold_id IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM "order".order_edit_line n WHERE n.new_line_id = l.id)
$$;

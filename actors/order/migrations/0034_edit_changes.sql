-- An edit may take units away and add other goods, too. What goes pays for what is added before anything is paid or given back: of
-- what is added so much is owed for the moment, and the refund of what goes waives it.
CREATE DOMAIN "order".edit_status AS text CHECK (VALUE IN ('open', 'declined', 'expired', 'applied', 'withdrawn'));
CREATE DOMAIN "order".edit_party AS text CHECK (VALUE IN ('vendor', 'staff'));
ALTER TABLE "order".order_edit
    DROP CONSTRAINT order_edit_status_check, ALTER COLUMN status TYPE "order".edit_status,
    ADD COLUMN proposed_by   "order".edit_party NOT NULL DEFAULT 'vendor',
    ADD COLUMN fewer         host.amount NOT NULL DEFAULT 0, -- lines of which units go
    ADD COLUMN given_back    host.amount NOT NULL DEFAULT 0, -- for them
    ADD COLUMN to_wallet     host.amount NOT NULL DEFAULT 0, -- of that; the rest is not owed any more
    ADD COLUMN refund_id     uuid UNIQUE, -- of what goes
    ADD COLUMN needs_process bigint NOT NULL DEFAULT 1, -- the least version of the process that knows all that it holds
    ADD COLUMN by_process    bigint NOT NULL DEFAULT 1, -- the version that has applied it
    ADD CONSTRAINT order_edit_to_wallet_is_a_part CHECK (to_wallet <= given_back),
    ADD CONSTRAINT order_edit_fewer_has_its_refund CHECK ((refund_id IS NOT NULL) = (status = 'applied' AND fewer > 0)),
    -- A program that does not know of what goes, and of other goods, must not apply the rest.
    ADD CONSTRAINT order_edit_is_understood CHECK (status <> 'applied' OR by_process >= needs_process);
ALTER TABLE "order".order_edit_line ALTER COLUMN line_id DROP NOT NULL; -- null: other goods

-- Other goods, as they were when they were proposed, in the sense of order_line.
CREATE TABLE "order".order_edit_goods (
    new_line_id uuid PRIMARY KEY,
    edit_id     uuid NOT NULL,
    variant_id  uuid NOT NULL,
    product_id  uuid NOT NULL,
    name        text NOT NULL,
    sku         text,
    slug        text NOT NULL,
    image       text NOT NULL,
    options     "order".line_options NOT NULL,
    unit_amount host.amount NOT NULL,
    list_amount bigint, -- where it is not unit_amount
    is_digital  boolean NOT NULL
);
CREATE INDEX order_edit_goods_by_edit ON "order".order_edit_goods (edit_id);
-- Rates that tax them, which become the order's.
CREATE TABLE "order".order_edit_rate (
    edit_id     uuid NOT NULL,
    rate_id     uuid NOT NULL,
    name        text NOT NULL,
    ppm         "order".ppm NOT NULL,
    is_included boolean NOT NULL,
    PRIMARY KEY (edit_id, rate_id)
);
-- Units that go, and what is given back for them.
CREATE TABLE "order".order_edit_fewer (
    edit_id  uuid NOT NULL,
    position bigint NOT NULL,
    line_id  uuid NOT NULL,
    quantity "order".line_quantity NOT NULL,
    discount host.amount NOT NULL,
    tax      host.amount NOT NULL,
    total    host.amount NOT NULL,
    PRIMARY KEY (edit_id, position)
);

-- What of a refund goes back by holds that edits have paid with; the rest that goes to the wallet is the group's. A line does not
-- tell it any more: what was added may have been paid with what went.
CREATE TABLE "order".order_refund_hold (
    refund_id uuid NOT NULL,
    hold_id   uuid NOT NULL,
    amount    host.amount NOT NULL,
    PRIMARY KEY (refund_id, hold_id)
);
CREATE INDEX order_refund_hold_by_hold ON "order".order_refund_hold (hold_id);
INSERT INTO "order".order_refund_hold (refund_id, hold_id, amount)
SELECT p.refund_id, l.hold_id, sum(p.total)
FROM "order".order_refund_part p JOIN "order".order_line l ON l.id = p.subject_id
WHERE l.hold_id IS NOT NULL GROUP BY p.refund_id, l.hold_id HAVING sum(p.total) > 0;

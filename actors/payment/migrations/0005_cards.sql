-- Cards that shoppers keep (P12): tokens only; their numbers are the provider's alone.

-- The provider's own record of a shopper, made once under the key that its id is: the row is there before the first call.
CREATE TABLE payment.customer (
    id         uuid PRIMARY KEY,
    user_id    uuid NOT NULL UNIQUE,
    reference  text NOT NULL DEFAULT '',
    created_at bigint NOT NULL
);

-- leaving: kept no more, and not yet forgotten by the provider. due_at: when it is to be, or an attempt to keep it is over.
CREATE TABLE payment.card (
    id         uuid PRIMARY KEY,
    shard      smallint NOT NULL CHECK (shard BETWEEN 0 AND 63),
    user_id    uuid NOT NULL,
    state      text NOT NULL CHECK (state IN ('pending', 'ready', 'refused', 'leaving')),
    customer   text NOT NULL CHECK (customer <> ''),
    method     text NOT NULL,
    setup      text NOT NULL,
    brand      text NOT NULL,
    last4      text NOT NULL CHECK (length(last4) <= 4),
    exp_month  integer NOT NULL CHECK (exp_month BETWEEN 0 AND 12),
    exp_year   integer NOT NULL CHECK (exp_year BETWEEN 0 AND 9999),
    next_url   text NOT NULL,
    created_at bigint NOT NULL,
    due_at     bigint,
    CONSTRAINT ready_has_its_token CHECK (state <> 'ready' OR method <> ''),
    CONSTRAINT ready_stays_and_all_else_goes CHECK ((state = 'ready') = (due_at IS NULL))
);
CREATE INDEX card_by_user ON payment.card (user_id, created_at, id);
CREATE INDEX card_due ON payment.card (due_at) INCLUDE (shard) WHERE due_at IS NOT NULL;

-- Whose card paid, as the provider knows him; and whether he was there.
ALTER TABLE payment.payment
    ADD COLUMN customer       text NOT NULL DEFAULT '',
    ADD COLUMN is_off_session boolean NOT NULL DEFAULT false;

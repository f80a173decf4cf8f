-- Payments by card. Amounts are minor units of the payment's currency, times microseconds of market time.
CREATE SCHEMA IF NOT EXISTS payment;

-- What is known of a payment follows from its facts; the sums stand here too, in the same unit, so that lists can be filtered.
-- A payment that was let go before it came is a mark: no amount, no currency, goal 'release'.
CREATE TABLE payment.payment (
    id           uuid PRIMARY KEY,
    shard        smallint NOT NULL CHECK (shard BETWEEN 0 AND 63),
    purpose      text NOT NULL CHECK (purpose IN ('order', 'topup')),
    subject_id   uuid NOT NULL,
    user_id      uuid,
    currency     text NOT NULL CHECK (currency ~ '^([A-Z]{3})?$'),
    amount       bigint NOT NULL CHECK (amount >= 0),
    method       text NOT NULL,
    return_url   text NOT NULL,
    description  text NOT NULL,
    goal         text NOT NULL CHECK (goal IN ('hold', 'take', 'release')),
    take         bigint NOT NULL DEFAULT 0 CHECK (take BETWEEN 0 AND amount),
    is_tried     boolean NOT NULL,
    operation_id uuid, -- under way; one at a time
    reference    text NOT NULL DEFAULT '',
    charge       text NOT NULL DEFAULT '',
    next_url     text NOT NULL DEFAULT '',
    status       text NOT NULL,
    authorised   bigint NOT NULL DEFAULT 0 CHECK (authorised IN (0, amount)),
    captured     bigint NOT NULL DEFAULT 0 CHECK (captured BETWEEN 0 AND amount),
    refunded     bigint NOT NULL DEFAULT 0 CHECK (refunded >= 0),
    refunding    bigint NOT NULL DEFAULT 0 CHECK (refunding >= 0),
    disputed     bigint NOT NULL DEFAULT 0 CHECK (disputed >= 0),
    lost         bigint NOT NULL DEFAULT 0 CHECK (lost >= 0),
    has_mismatch boolean NOT NULL DEFAULT false,
    due_at       bigint,
    version      bigint NOT NULL DEFAULT 1,
    created_at   bigint NOT NULL,
    updated_at   bigint NOT NULL,
    CONSTRAINT mark_is_let_go CHECK ((currency = '') = (amount = 0) AND (amount > 0 OR goal = 'release')),
    CONSTRAINT take_has_an_amount CHECK ((goal = 'take') <= (take > 0))
) WITH (fillfactor = 70);
-- A charge of the provider belongs to one payment (I8).
CREATE UNIQUE INDEX payment_by_reference ON payment.payment (reference) WHERE reference <> '';
CREATE UNIQUE INDEX payment_by_charge ON payment.payment (charge) WHERE charge <> '';
CREATE INDEX payment_by_user ON payment.payment (user_id, id DESC) WHERE user_id IS NOT NULL;
CREATE INDEX payment_by_subject ON payment.payment (subject_id);
CREATE INDEX payment_due ON payment.payment (due_at) INCLUDE (shard) WHERE due_at IS NOT NULL;

-- What the provider has said, joined (actors/payment/payment_join.h).
CREATE TABLE payment.fact (
    payment_id uuid NOT NULL REFERENCES payment.payment,
    fact       text NOT NULL,
    ref        text NOT NULL,
    amount     bigint NOT NULL CHECK (amount >= 0),
    currency   text NOT NULL,
    at         bigint NOT NULL,
    source     text NOT NULL,
    code       text NOT NULL,
    PRIMARY KEY (payment_id, fact, ref)
);

-- What was asked of the provider, each under its own key, which is its id: written before the first call.
CREATE TABLE payment.operation (
    id         uuid PRIMARY KEY,
    payment_id uuid NOT NULL REFERENCES payment.payment DEFERRABLE INITIALLY DEFERRED, -- both may be new
    operation  text NOT NULL CHECK (operation IN ('authorise', 'capture', 'void', 'refund', 'query')),
    amount     bigint NOT NULL CHECK (amount >= 0),
    state      text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'said', 'not_taken', 'shut', 'unknown')),
    code       text NOT NULL DEFAULT '',
    began_at   bigint NOT NULL,
    ended_at   bigint,
    CONSTRAINT operation_has_an_end CHECK ((state = 'open') = (ended_at IS NULL))
);
CREATE INDEX operation_by_payment ON payment.operation (payment_id, began_at);

-- Events of the provider that have had their effect: each once.
CREATE TABLE payment.event (
    id         text PRIMARY KEY,
    payment_id uuid NOT NULL REFERENCES payment.payment,
    at         bigint NOT NULL
);

-- Events about payments that this market does not know: for staff.
CREATE TABLE payment.parked_event (
    id        text PRIMARY KEY,
    type      text NOT NULL,
    reference text NOT NULL,
    at        bigint NOT NULL
);

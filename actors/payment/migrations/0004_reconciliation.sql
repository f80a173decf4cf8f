-- What the provider's reports say, day by day of its clock, and what of it does not fit (P16).

-- When we heard of it first, in real time as the provider's days go; 0: before this was kept.
ALTER TABLE payment.fact ADD COLUMN heard_at bigint NOT NULL DEFAULT 0 CHECK (heard_at >= 0);
CREATE INDEX fact_by_hearing ON payment.fact (heard_at) WHERE heard_at > 0;
CREATE INDEX fact_by_ref ON payment.fact (ref) WHERE ref <> '';

-- Days since 1970-01-01. The cursor moves in the unit that keeps its page.
CREATE TABLE payment.reconciliation (
    day      integer PRIMARY KEY CHECK (day >= 0),
    state    text NOT NULL CHECK (state IN ('reading', 'comparing', 'done')),
    cursor   text NOT NULL DEFAULT '',
    version  bigint NOT NULL DEFAULT 1,
    began_at bigint NOT NULL,
    done_at  bigint,
    CONSTRAINT done_has_its_time CHECK ((state = 'done') = (done_at IS NOT NULL))
);

-- The report's own lines. amount: of the charge, refund or dispute, minor units; settled and fee: in the account.
CREATE TABLE payment.movement (
    id               text PRIMARY KEY,
    day              integer NOT NULL,
    kind             text NOT NULL CHECK (kind IN ('charge', 'refund', 'refund_returned', 'dispute', 'dispute_returned', 'other')),
    type             text NOT NULL,
    source           text NOT NULL,
    reference        text NOT NULL,
    charge           text NOT NULL,
    payment_id       uuid, -- as it was found, or as the provider's object names it
    amount           bigint NOT NULL CHECK (amount >= 0),
    currency         text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    settled          bigint NOT NULL,
    fee              bigint NOT NULL,
    settled_currency text NOT NULL CHECK (settled_currency ~ '^[A-Z]{3}$'),
    at               bigint NOT NULL
);
CREATE INDEX movement_by_day ON payment.movement (day);
CREATE INDEX movement_by_source ON payment.movement (source) WHERE source <> '';
CREATE INDEX movement_by_payment ON payment.movement (payment_id) WHERE payment_id IS NOT NULL;

-- A day's movements summed, once it is done.
CREATE TABLE payment.reconciled_sum (
    day       integer NOT NULL REFERENCES payment.reconciliation,
    currency  text NOT NULL,
    charged   bigint NOT NULL,
    refunded  bigint NOT NULL,
    disputed  bigint NOT NULL,
    fees      bigint NOT NULL,
    others    bigint NOT NULL,
    movements bigint NOT NULL,
    PRIMARY KEY (day, currency)
);

-- One for each thing that does not fit: a movement, or (not_reported) a fact of a payment.
CREATE TABLE payment.difference (
    id          uuid PRIMARY KEY,
    day         integer NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('unknown_payment', 'amount_differs', 'not_told', 'not_booked', 'not_reported')),
    about       text NOT NULL UNIQUE,
    movement_id text REFERENCES payment.movement DEFERRABLE INITIALLY DEFERRED,
    movement    text NOT NULL,
    source      text NOT NULL,
    payment_id  uuid,
    fact        text NOT NULL DEFAULT '',
    reported    bigint,
    known       bigint,
    currency    text NOT NULL,
    state       text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'healed', 'settled')),
    reason      text NOT NULL DEFAULT '',
    checks      integer NOT NULL DEFAULT 0 CHECK (checks >= 0),
    found_at    bigint NOT NULL,
    checked_at  bigint NOT NULL,
    over_at     bigint,
    CONSTRAINT over_has_its_time CHECK ((state = 'open') = (over_at IS NULL)),
    CONSTRAINT settled_has_its_reason CHECK ((state = 'settled') = (reason <> '')),
    CONSTRAINT it_is_of_a_movement_or_a_fact CHECK ((kind = 'not_reported') = (movement_id IS NULL)),
    CONSTRAINT a_fact_has_its_payment CHECK (kind <> 'not_reported' OR payment_id IS NOT NULL)
);
CREATE INDEX difference_open ON payment.difference (day, checked_at) WHERE state = 'open';
CREATE INDEX difference_of_day ON payment.difference (day);
CREATE INDEX difference_by_time ON payment.difference (found_at DESC, id DESC);

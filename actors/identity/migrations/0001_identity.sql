-- Proofs of who somebody is, for every domain with accounts: sessions, signing keys, failures, second factors, one-time tickets, API keys.
-- A file of actors/identity/ that such a domain links to. An account is a shopper, a vendor or a member of staff; a person is who acts for
-- it (a vendor's member; otherwise the account itself). Lifetimes of tokens and keys are real time, the rest is market time.

CREATE SCHEMA identity;

-- Sign-ins. Real time but for created_at; only digests of secrets are kept.
CREATE TABLE identity.session (
    id              uuid PRIMARY KEY,
    account_id      uuid NOT NULL,
    person_id       uuid NOT NULL,
    impersonator_id uuid,                      -- member of staff who acts in the account's name
    secret_hash     bytea NOT NULL CHECK (length(secret_hash) = 32),
    previous_hash   bytea CHECK (length(previous_hash) = 32),
    created_at      bigint NOT NULL,
    rotated_at      bigint NOT NULL,
    expires_at      bigint NOT NULL,
    revoked_at      bigint,
    confirmed_at    bigint NOT NULL DEFAULT 0, -- last second factor; 0: none
    client          text NOT NULL DEFAULT '',  -- address that it was opened from
    version         bigint NOT NULL DEFAULT 1
) WITH (fillfactor = 90);
CREATE INDEX session_by_account ON identity.session (account_id, person_id) WHERE revoked_at IS NULL;
CREATE INDEX session_by_end ON identity.session (revoked_at, id) WHERE revoked_at IS NOT NULL;
CREATE INDEX session_by_expiry ON identity.session (expires_at);

-- Keys that sign access tokens; the newest that gateways can know signs, the others still verify.
CREATE TABLE identity.signing_key (
    kid        text PRIMARY KEY,
    audience   text NOT NULL CHECK (audience IN ('store', 'vendor', 'admin')),
    generation bigint NOT NULL CHECK (generation > 0),
    public_key bytea NOT NULL CHECK (length(public_key) = 32),
    secret_key bytea NOT NULL CHECK (length(secret_key) = 64),
    created_at bigint NOT NULL, -- real time
    UNIQUE (audience, generation)
);

-- What was tried in vain, by the digest of what it was tried on; the first character says what kind. In the database, so that no restart
-- and no second node resets it.
CREATE TABLE identity.failures (
    digest            text PRIMARY KEY CHECK (length(digest) = 43),
    failures          bigint NOT NULL CHECK (failures >= 0),
    window_started_at bigint NOT NULL,
    locks             bigint NOT NULL CHECK (locks >= 0),
    locked_until      bigint NOT NULL,
    forget_at         bigint NOT NULL,
    version           bigint NOT NULL
) WITH (fillfactor = 90);
CREATE INDEX failures_by_end ON identity.failures (forget_at);

-- Second factors. The secret is sealed with a key that is not in the database.
CREATE TABLE identity.otp (
    person_id    uuid PRIMARY KEY,
    secret       bytea NOT NULL,
    created_at   bigint NOT NULL,
    confirmed_at bigint,                    -- null: enrolment is not finished, nothing is asked for
    last_step    bigint NOT NULL DEFAULT 0, -- of the last code: none works twice
    version      bigint NOT NULL DEFAULT 1
);
CREATE TABLE identity.recovery_code (
    person_id uuid NOT NULL,
    digest    bytea NOT NULL CHECK (length(digest) = 32),
    used_at   bigint,
    PRIMARY KEY (person_id, digest)
);

-- One-time tokens that are sent to people. Their secret part is a keyed digest of the id, so none is stored.
CREATE TABLE identity.ticket (
    id         uuid PRIMARY KEY,
    purpose    smallint NOT NULL CHECK (purpose BETWEEN 1 AND 4), -- enum identity_ticket_purpose
    account_id uuid NOT NULL,
    person_id  uuid NOT NULL,
    email      text,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    used_at    bigint -- or superseded by a later one
);
CREATE INDEX ticket_by_person ON identity.ticket (person_id, purpose) WHERE used_at IS NULL;
CREATE INDEX ticket_by_expiry ON identity.ticket (expires_at);

-- Keys for servers. Real time but for created_at.
CREATE TABLE identity.api_key (
    id           uuid PRIMARY KEY,
    account_id   uuid NOT NULL,
    person_id    uuid NOT NULL,
    name         text NOT NULL,
    digest       bytea NOT NULL CHECK (length(digest) = 32),
    rights       bigint NOT NULL CHECK (rights >= 0),
    created_at   bigint NOT NULL,
    expires_at   bigint,
    revoked_at   bigint,
    last_used_at bigint
);
CREATE INDEX api_key_by_account ON identity.api_key (account_id, created_at DESC, id DESC) WHERE revoked_at IS NULL;
CREATE INDEX api_key_by_end ON identity.api_key (revoked_at, id) WHERE revoked_at IS NOT NULL;

-- Shoppers: accounts, sessions, and the keys that sign access tokens. "user" is a reserved word, so the schema is quoted everywhere.
-- An account, its user name and its sessions are of one shard (that of the e-mail) and are written in one unit.

CREATE SCHEMA IF NOT EXISTS "user";

CREATE TABLE "user".account (
    id            uuid PRIMARY KEY,
    email         text NOT NULL UNIQUE, -- trimmed, ASCII letters in lower case
    username      text NOT NULL,
    password_hash text NOT NULL,        -- Argon2id, PHC string
    created_at    bigint NOT NULL,
    version       bigint NOT NULL DEFAULT 1
);

-- A table of its own, so that a taken user name and a taken e-mail can be told apart when two sign up at once.
CREATE TABLE "user".username (
    name    text PRIMARY KEY, -- lower case
    user_id uuid NOT NULL UNIQUE REFERENCES "user".account (id)
);

-- The address book; account.version guards the book as a whole, so that it has one default and an end.
CREATE TABLE "user".address (
    id          uuid PRIMARY KEY,
    user_id     uuid NOT NULL REFERENCES "user".account (id),
    name        text NOT NULL,
    line1       text NOT NULL,
    line2       text,
    city        text NOT NULL,
    postal_code text,
    region      text,
    country     text NOT NULL CHECK (length(country) = 2),
    phone       text,
    created_at  bigint NOT NULL,
    version     bigint NOT NULL DEFAULT 1
);
CREATE INDEX address_by_user ON "user".address (user_id, created_at DESC, id DESC);
ALTER TABLE "user".account ADD COLUMN default_address_id uuid REFERENCES "user".address (id);

-- expires_at and rotated_at are real time, as token lifetimes are; the rest is market time. Only digests of secrets are kept.
CREATE TABLE "user".session (
    id            uuid PRIMARY KEY,
    user_id       uuid NOT NULL REFERENCES "user".account (id),
    secret_hash   bytea NOT NULL CHECK (length(secret_hash) = 32),
    previous_hash bytea CHECK (length(previous_hash) = 32),
    rotated_at    bigint NOT NULL,
    expires_at    bigint NOT NULL,
    revoked_at    bigint,
    created_at    bigint NOT NULL,
    version       bigint NOT NULL DEFAULT 1
) WITH (fillfactor = 90);
CREATE INDEX session_by_user ON "user".session (user_id) WHERE revoked_at IS NULL;

CREATE TABLE "user".signing_key (
    kid        text PRIMARY KEY,
    audience   text NOT NULL CHECK (audience IN ('store', 'vendor', 'admin')),
    public_key bytea NOT NULL CHECK (length(public_key) = 32),
    secret_key bytea NOT NULL CHECK (length(secret_key) = 64),
    is_active  boolean NOT NULL DEFAULT true, -- signs; the others still verify
    created_at bigint NOT NULL
);
CREATE UNIQUE INDEX signing_key_active ON "user".signing_key (audience) WHERE is_active;

-- Wrong passwords by address, known or not; market time. In the database, so that no restart and no second node resets them.
CREATE TABLE "user".sign_in_failures (
    address_digest    text PRIMARY KEY CHECK (length(address_digest) = 43),
    failures          bigint NOT NULL CHECK (failures >= 0),
    window_started_at bigint NOT NULL,
    locks             bigint NOT NULL CHECK (locks >= 0),
    locked_until      bigint NOT NULL,
    forget_at         bigint NOT NULL,
    version           bigint NOT NULL
) WITH (fillfactor = 90);
CREATE INDEX sign_in_failures_by_end ON "user".sign_in_failures (forget_at);

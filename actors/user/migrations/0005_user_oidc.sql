-- Sign-in through OpenID Connect providers.

-- An account at a provider that signs into an account of ours. The issuer, not the provider's name in our settings, says whose it is.
CREATE TABLE "user".identity (
    id         uuid PRIMARY KEY,
    user_id    uuid NOT NULL REFERENCES "user".account (id),
    issuer     text NOT NULL,
    subject    text NOT NULL,
    provider   text NOT NULL,
    email      text,
    created_at bigint NOT NULL,
    UNIQUE (issuer, subject)
);
CREATE INDEX identity_by_user ON "user".identity (user_id, created_at DESC, id DESC);

-- Whoever was sent to a provider and has not come back. Nonce and PKCE verifier follow from the state's secret under the market's key,
-- so no secret is kept. What the provider said is kept only while a second factor is asked for.
CREATE TABLE "user".sign_in_state (
    id           uuid PRIMARY KEY,
    digest       bytea NOT NULL CHECK (length(digest) = 32),
    provider     text NOT NULL,
    redirect_uri text NOT NULL,
    user_id      uuid,                          -- whose account is linked; null: a sign-in
    is_claimed   boolean NOT NULL DEFAULT false, -- spent, unless it is given back
    attempts     bigint NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    code_digest  bytea CHECK (length(code_digest) = 32),
    issuer       text,                          -- not null: the provider has said this
    subject      text,
    email        text,
    is_email_verified boolean NOT NULL DEFAULT false,
    name         text,
    locale       text,
    created_at   bigint NOT NULL,
    expires_at   bigint NOT NULL
);
CREATE INDEX sign_in_state_by_expiry ON "user".sign_in_state (expires_at);
CREATE INDEX sign_in_state_by_user ON "user".sign_in_state (user_id) WHERE user_id IS NOT NULL;

-- What providers say of themselves. Real time, as it follows the lives of their keys.
CREATE TABLE "user".provider (
    name                   text PRIMARY KEY,
    issuer                 text NOT NULL,
    authorization_endpoint text NOT NULL,
    token_endpoint         text NOT NULL,
    client_proof           smallint NOT NULL CHECK (client_proof BETWEEN 0 AND 1), -- enum identity_client_proof
    keys                   text NOT NULL,   -- a set of JSON Web Keys
    fetched_at             bigint NOT NULL, -- 0: never
    tried_at               bigint NOT NULL
);

-- Sessions, signing keys and failures move to the schema identity (0002).
INSERT INTO identity.session (id, account_id, person_id, secret_hash, previous_hash, created_at, rotated_at, expires_at, revoked_at, version)
SELECT id, user_id, user_id, secret_hash, previous_hash, created_at, rotated_at, expires_at, revoked_at, version FROM "user".session;
DROP TABLE "user".session;

INSERT INTO identity.signing_key (kid, audience, generation, public_key, secret_key, created_at)
SELECT kid, audience, row_number() OVER (PARTITION BY audience ORDER BY is_active, created_at, kid), public_key, secret_key, created_at
FROM "user".signing_key;
DROP TABLE "user".signing_key;

-- Failures to sign in are of the kind A.
INSERT INTO identity.failures (digest, failures, window_started_at, locks, locked_until, forget_at, version)
SELECT DISTINCT ON (1) 'A' || substr(address_digest, 2), failures, window_started_at, locks, locked_until, forget_at, version
FROM "user".sign_in_failures ORDER BY 1, locked_until DESC;
DROP TABLE "user".sign_in_failures;

-- When what an API key may do was changed (its maker's role, its account's standing): gateways look at it again then. Real time.
ALTER TABLE identity.api_key ADD COLUMN changed_at bigint;
CREATE INDEX api_key_by_change ON identity.api_key (changed_at, id) WHERE changed_at IS NOT NULL AND revoked_at IS NULL;

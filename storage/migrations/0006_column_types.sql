-- Column types with a rule of their own (storage/README.md, Decisions: a column's own rule is its type).
CREATE DOMAIN shard_number AS smallint CHECK (VALUE BETWEEN 0 AND 63);
CREATE DOMAIN currency_code AS text CHECK (VALUE ~ '^[A-Z]{3}$');
CREATE DOMAIN amount AS bigint CHECK (VALUE >= 0);

ALTER TABLE shard_fence DROP CONSTRAINT shard_fence_shard_check, ALTER COLUMN shard TYPE host.shard_number;

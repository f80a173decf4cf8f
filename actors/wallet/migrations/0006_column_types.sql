-- What is written in every purchase keeps the rules of single columns as types
-- (storage/README.md, Decisions: a column's own rule is its type).
CREATE DOMAIN wallet.house_name AS text CHECK (wallet.is_house(VALUE));
CREATE DOMAIN wallet.account_name AS text CHECK (VALUE = 'wallet' OR wallet.is_house(VALUE));
CREATE DOMAIN wallet.hold_state AS text CHECK (VALUE IN ('pending', 'posted', 'voided', 'expired'));
CREATE DOMAIN wallet.transaction_kind AS text CHECK (VALUE IN ('grant', 'purchase', 'refund', 'correction', 'transfer'));
CREATE DOMAIN wallet.transaction_version AS smallint CHECK (VALUE IN (1, 2));
CREATE DOMAIN wallet.leg_number AS smallint CHECK (VALUE BETWEEN 0 AND 15);
CREATE DOMAIN wallet.digest AS bytea CHECK (length(VALUE) = 32);

ALTER TABLE wallet.balance DROP CONSTRAINT balance_currency_check, ALTER COLUMN currency TYPE host.currency_code;
ALTER TABLE wallet.hold
    DROP CONSTRAINT hold_amount_check, DROP CONSTRAINT hold_shard_check, DROP CONSTRAINT hold_state_check,
    ALTER COLUMN amount TYPE host.amount, ALTER COLUMN shard TYPE host.shard_number, ALTER COLUMN state TYPE wallet.hold_state;
ALTER TABLE wallet.house
    DROP CONSTRAINT house_is_known, DROP CONSTRAINT house_shard_check,
    ALTER COLUMN name TYPE wallet.house_name, ALTER COLUMN shard TYPE host.shard_number;
ALTER TABLE wallet.chain
    DROP CONSTRAINT chain_head_check, DROP CONSTRAINT chain_shard_check,
    ALTER COLUMN head TYPE wallet.digest, ALTER COLUMN shard TYPE host.shard_number;
ALTER TABLE wallet.transaction
    DROP CONSTRAINT transaction_balance_after_check, DROP CONSTRAINT transaction_kind_is_known,
    DROP CONSTRAINT transaction_version_check,
    ALTER COLUMN balance_after TYPE host.amount, ALTER COLUMN kind TYPE wallet.transaction_kind,
    ALTER COLUMN version TYPE wallet.transaction_version;
ALTER TABLE wallet.posting
    DROP CONSTRAINT posting_account_is_known, DROP CONSTRAINT posting_leg_is_bounded,
    ALTER COLUMN account TYPE wallet.account_name, ALTER COLUMN leg TYPE wallet.leg_number;

-- What card payments bring into the ledger, and wallets that owe the market something.
CREATE OR REPLACE FUNCTION wallet.is_house(name text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT name IN ('clearing', 'grants', 'corrections', 'revenue', 'tax', 'provider', 'disputes')
$$;
ALTER DOMAIN wallet.transaction_kind DROP CONSTRAINT transaction_kind_check;
ALTER DOMAIN wallet.transaction_kind ADD CONSTRAINT transaction_kind_check
    CHECK (VALUE IN ('grant', 'purchase', 'refund', 'correction', 'transfer', 'topup', 'topup_return'));

-- By how much a balance may be less than what is held: only what a bank takes back makes it grow.
ALTER TABLE wallet.balance
    ADD COLUMN overdraft bigint NOT NULL DEFAULT 0 CHECK (overdraft >= 0),
    DROP CONSTRAINT balance_covers_held,
    ADD CONSTRAINT balance_covers_held CHECK (held >= 0 AND balance >= held - overdraft);
ALTER TABLE wallet.transaction ALTER COLUMN balance_after TYPE bigint;
CREATE INDEX balance_in_debt ON wallet.balance (wallet_id, currency) WHERE overdraft > 0;

-- Top-ups, from before the provider is asked until they are credited or nothing comes of them: what limits count.
CREATE TABLE wallet.topup (
    payment_id uuid PRIMARY KEY,
    wallet_id  uuid NOT NULL,
    currency   host.currency_code NOT NULL,
    amount     bigint NOT NULL CHECK (amount > 0),
    state      text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'credited', 'failed')),
    created_at bigint NOT NULL
);
CREATE INDEX topup_by_wallet ON wallet.topup (wallet_id, created_at) INCLUDE (currency, amount) WHERE state <> 'failed';

-- How much of a card payment is booked, and by which entries.
CREATE TABLE wallet.payment_book (
    payment_id uuid PRIMARY KEY,
    wallet_id  uuid, -- of a top-up
    currency   host.currency_code NOT NULL,
    captured   bigint NOT NULL CHECK (captured >= 0),
    refunded   bigint NOT NULL CHECK (refunded >= 0),
    disputed   bigint NOT NULL CHECK (disputed >= 0),
    version    bigint NOT NULL CHECK (version > 0)
);
CREATE TABLE wallet.payment_booking (
    transaction_id uuid PRIMARY KEY, -- of wallet.transaction
    payment_id     uuid NOT NULL REFERENCES wallet.payment_book
);
CREATE INDEX payment_booking_by_payment ON wallet.payment_booking (payment_id);

-- Every card payment of which more or less is booked than its entries moved.
CREATE FUNCTION wallet.check_payments() RETURNS TABLE (violation text, subject text, detail text) LANGUAGE sql STABLE AS $$
    WITH moved AS (
        SELECT g.payment_id, p.currency, coalesce(sum(p.amount) FILTER (WHERE p.account = 'provider'), 0) AS provider,
               coalesce(sum(p.amount) FILTER (WHERE p.account = 'disputes'), 0) AS disputes,
               coalesce(sum(p.amount) FILTER (WHERE p.account = 'wallet'), 0) AS wallet
        FROM wallet.payment_booking g JOIN wallet.posting p ON p.transaction_id = g.transaction_id
        GROUP BY g.payment_id, p.currency)
    SELECT 'what is booked of a payment is what its entries moved', b.payment_id::text,
           format('%s captured, %s refunded, %s disputed; provider %s, disputes %s, wallet %s', b.captured, b.refunded, b.disputed,
                  coalesce(m.provider, 0), coalesce(m.disputes, 0), coalesce(m.wallet, 0))
    FROM wallet.payment_book b LEFT JOIN moved m ON m.payment_id = b.payment_id AND m.currency = b.currency
    WHERE -coalesce(m.provider, 0) <> b.captured - b.refunded - b.disputed
       OR -coalesce(m.disputes, 0) <> CASE WHEN b.wallet_id IS NULL THEN b.disputed ELSE 0 END
       OR coalesce(m.wallet, 0) <> CASE WHEN b.wallet_id IS NULL THEN 0 ELSE b.captured - b.refunded - b.disputed END
    UNION ALL
    SELECT 'a top-up is credited when it is booked', t.payment_id::text, t.state
    FROM wallet.topup t LEFT JOIN wallet.payment_book b ON b.payment_id = t.payment_id
    WHERE (t.state = 'credited') <> (coalesce(b.captured, 0) > 0)
$$;

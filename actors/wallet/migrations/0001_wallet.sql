-- Wallets and the ledger. Every movement is one transaction with two postings that cancel out: one on the guarded wallet, one
-- on an unguarded house account of the same shard. Amounts are minor units, times microseconds of market time.

CREATE SCHEMA IF NOT EXISTS wallet;

-- A wallet in one currency; the row is made by its first posting. The checks are the last judge of every rule in C.
CREATE TABLE wallet.balance (
    wallet_id uuid NOT NULL,
    currency  text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    balance   bigint NOT NULL,
    held      bigint NOT NULL DEFAULT 0,
    version   bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (wallet_id, currency),
    CONSTRAINT balance_covers_held CHECK (held >= 0 AND balance >= held)
) WITH (fillfactor = 80);

-- Money set aside. A hold that was voided before it came is a mark: state voided, amount 0, no currency.
CREATE TABLE wallet.hold (
    id         uuid PRIMARY KEY,
    wallet_id  uuid NOT NULL,
    shard      smallint NOT NULL CHECK (shard BETWEEN 0 AND 63),
    currency   text NOT NULL,
    amount     bigint NOT NULL CHECK (amount >= 0),
    state      text NOT NULL CHECK (state IN ('pending', 'posted', 'voided', 'expired')),
    reference  text NOT NULL,
    expires_at bigint NOT NULL,
    created_at bigint NOT NULL,
    settled_at bigint,
    CONSTRAINT hold_is_whole_or_a_mark
        CHECK (currency ~ '^[A-Z]{3}$' OR (currency = '' AND amount = 0 AND state = 'voided')),
    CONSTRAINT hold_is_settled_once CHECK ((state = 'pending') = (settled_at IS NULL))
) WITH (fillfactor = 80);
CREATE INDEX hold_due ON wallet.hold (expires_at) INCLUDE (shard) WHERE state = 'pending';

-- The market's own accounts, one of each per shard, summed when read: clearing and grants. They may be negative.
CREATE TABLE wallet.house (
    shard    smallint NOT NULL CHECK (shard BETWEEN 0 AND 63),
    name     text NOT NULL CHECK (name IN ('clearing', 'grants')),
    currency text NOT NULL,
    balance  bigint NOT NULL,
    PRIMARY KEY (shard, name, currency)
) WITH (fillfactor = 50);

-- Each shard's transactions form a chain: a hash covers the one before it.
CREATE TABLE wallet.chain (
    shard smallint PRIMARY KEY CHECK (shard BETWEEN 0 AND 63),
    seq   bigint NOT NULL,
    head  bytea NOT NULL CHECK (length(head) = 32)
) WITH (fillfactor = 50);
INSERT INTO wallet.chain (shard, seq, head)
SELECT shard, 0, decode(repeat('00', 32), 'hex') FROM generate_series(0, 63) AS shard;

CREATE TABLE wallet.transaction (
    id            uuid PRIMARY KEY,
    shard         smallint NOT NULL,
    seq           bigint NOT NULL,
    wallet_id     uuid NOT NULL,
    kind          text NOT NULL CHECK (kind IN ('grant', 'purchase')),
    house         text NOT NULL,
    currency      text NOT NULL,
    amount        bigint NOT NULL,
    balance_after bigint NOT NULL CHECK (balance_after >= 0),
    reference     text NOT NULL,
    created_at    bigint NOT NULL,
    previous_hash bytea NOT NULL,
    hash          bytea NOT NULL,
    UNIQUE (shard, seq)
);
CREATE INDEX transaction_by_wallet ON wallet.transaction (wallet_id, seq DESC);

-- Leg 0 is the wallet's, leg 1 the house account's.
CREATE TABLE wallet.posting (
    transaction_id uuid NOT NULL REFERENCES wallet.transaction (id),
    leg            smallint NOT NULL CHECK (leg IN (0, 1)),
    account        text NOT NULL CHECK (account IN ('wallet', 'clearing', 'grants')),
    wallet_id      uuid,
    shard          smallint NOT NULL,
    currency       text NOT NULL,
    amount         bigint NOT NULL,
    PRIMARY KEY (transaction_id, leg),
    CHECK ((account = 'wallet') = (wallet_id IS NOT NULL) AND (account = 'wallet') = (leg = 0))
);

-- What a transaction's hash covers: the hash before it and every column. The free text stands last, so no two contents read alike.
CREATE FUNCTION wallet.transaction_hash(
    previous bytea, shard smallint, seq bigint, id uuid, wallet_id uuid, kind text, house text, currency text,
    amount bigint, balance_after bigint, created_at bigint, reference text) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT sha256(previous || convert_to(
        concat_ws('|', shard, seq, id, wallet_id, kind, house, currency, amount, balance_after, created_at, reference), 'UTF8'))
$$;

-- Records a movement of a wallet (positive: into it) against a house account and adds it to the shard's chain. The wallet's
-- balance itself is changed by the caller's version-checked UPDATE in the same unit. The fence serialises the shard; the row lock
-- keeps the chain whole even without it.
CREATE FUNCTION wallet.post_transaction(
    shard_ smallint, id_ uuid, wallet_ uuid, kind_ text, house_ text, currency_ text, amount_ bigint,
    balance_after_ bigint, reference_ text, created_at_ bigint) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    previous wallet.chain%ROWTYPE;
    next_    bigint;
    hash_    bytea;
BEGIN
    SELECT * INTO STRICT previous FROM wallet.chain c WHERE c.shard = shard_ FOR UPDATE;
    next_ := previous.seq + 1;
    hash_ := wallet.transaction_hash(previous.head, shard_, next_, id_, wallet_, kind_, house_, currency_, amount_,
                                     balance_after_, created_at_, reference_);
    UPDATE wallet.chain c SET seq = next_, head = hash_ WHERE c.shard = shard_;
    INSERT INTO wallet.transaction (id, shard, seq, wallet_id, kind, house, currency, amount, balance_after, reference,
                                    created_at, previous_hash, hash)
    VALUES (id_, shard_, next_, wallet_, kind_, house_, currency_, amount_, balance_after_, reference_, created_at_,
            previous.head, hash_);
    INSERT INTO wallet.posting (transaction_id, leg, account, wallet_id, shard, currency, amount)
    VALUES (id_, 0, 'wallet', wallet_, shard_, currency_, amount_), (id_, 1, house_, NULL, shard_, currency_, -amount_);
    INSERT INTO wallet.house AS h (shard, name, currency, balance) VALUES (shard_, house_, currency_, -amount_)
    ON CONFLICT (shard, name, currency) DO UPDATE SET balance = h.balance + excluded.balance;
    RETURN next_;
END $$;

-- Every violated invariant of the ledger; no row when all is well. Reads everything: for tests and offline checks.
CREATE FUNCTION wallet.check_ledger() RETURNS TABLE (violation text, subject text, detail text)
LANGUAGE sql STABLE AS $$
    SELECT 'postings of a currency do not cancel out', p.currency, sum(p.amount)::text
    FROM wallet.posting p GROUP BY p.currency HAVING sum(p.amount) <> 0
    UNION ALL
    SELECT 'transaction is not balanced', t.id::text, count(p.leg) || ' legs, sum ' || coalesce(sum(p.amount), 0)
    FROM wallet.transaction t LEFT JOIN wallet.posting p ON p.transaction_id = t.id
    GROUP BY t.id HAVING count(p.leg) <> 2 OR sum(p.amount) <> 0
    UNION ALL
    SELECT 'posting differs from its transaction', t.id::text, p.account || ' ' || p.amount || ' ' || p.currency
    FROM wallet.transaction t JOIN wallet.posting p ON p.transaction_id = t.id
    WHERE p.shard <> t.shard OR p.currency <> t.currency
       OR (p.leg = 0 AND (p.wallet_id <> t.wallet_id OR p.amount <> t.amount))
       OR (p.leg = 1 AND (p.account <> t.house OR p.amount <> -t.amount))
    UNION ALL
    SELECT 'balance is not the sum of its postings', coalesce(b.wallet_id, s.wallet_id) || ' '
           || coalesce(b.currency, s.currency), coalesce(b.balance, 0) || ' <> ' || coalesce(s.total, 0)
    FROM wallet.balance b
    FULL JOIN (SELECT p.wallet_id, p.currency, sum(p.amount) AS total FROM wallet.posting p WHERE p.account = 'wallet'
               GROUP BY p.wallet_id, p.currency) s ON s.wallet_id = b.wallet_id AND s.currency = b.currency
    WHERE coalesce(b.balance, 0) <> coalesce(s.total, 0)
    UNION ALL
    SELECT 'held is not the sum of the pending holds', coalesce(b.wallet_id, h.wallet_id) || ' '
           || coalesce(b.currency, h.currency), coalesce(b.held, 0) || ' <> ' || coalesce(h.total, 0)
    FROM wallet.balance b
    FULL JOIN (SELECT h.wallet_id, h.currency, sum(h.amount) AS total FROM wallet.hold h WHERE h.state = 'pending'
               GROUP BY h.wallet_id, h.currency) h ON h.wallet_id = b.wallet_id AND h.currency = b.currency
    WHERE coalesce(b.held, 0) <> coalesce(h.total, 0)
    UNION ALL
    SELECT 'house account is not the sum of its postings', coalesce(a.shard, s.shard) || ' ' || coalesce(a.name, s.account)
           || ' ' || coalesce(a.currency, s.currency), coalesce(a.balance, 0) || ' <> ' || coalesce(s.total, 0)
    FROM wallet.house a
    FULL JOIN (SELECT p.shard, p.account, p.currency, sum(p.amount) AS total FROM wallet.posting p
               WHERE p.account <> 'wallet' GROUP BY p.shard, p.account, p.currency) s
        ON s.shard = a.shard AND s.account = a.name AND s.currency = a.currency
    WHERE coalesce(a.balance, 0) <> coalesce(s.total, 0)
    UNION ALL
    SELECT 'balance after a transaction is wrong', w.id::text, w.balance_after || ' <> ' || w.total
    FROM (SELECT t.id, t.balance_after, sum(t.amount) OVER (PARTITION BY t.wallet_id, t.currency ORDER BY t.seq) AS total
          FROM wallet.transaction t) w
    WHERE w.balance_after <> w.total
    UNION ALL
    SELECT 'chain is broken', l.shard || ' ' || l.seq, l.id::text
    FROM (SELECT t.*, lag(t.hash, 1, decode(repeat('00', 32), 'hex')) OVER w AS hash_before,
                 lag(t.seq, 1, 0::bigint) OVER w AS seq_before
          FROM wallet.transaction t WINDOW w AS (PARTITION BY t.shard ORDER BY t.seq)) l
    WHERE l.previous_hash <> l.hash_before OR l.seq <> l.seq_before + 1
       OR l.hash <> wallet.transaction_hash(l.previous_hash, l.shard, l.seq, l.id, l.wallet_id, l.kind, l.house,
                                            l.currency, l.amount, l.balance_after, l.created_at, l.reference)
    UNION ALL
    SELECT 'head of a chain is not its last transaction', c.shard::text, c.seq || ' <> ' || coalesce(t.seq, 0)
    FROM wallet.chain c
    LEFT JOIN (SELECT DISTINCT ON (x.shard) x.shard, x.seq, x.hash FROM wallet.transaction x
               ORDER BY x.shard, x.seq DESC) t ON t.shard = c.shard
    WHERE c.seq <> coalesce(t.seq, 0) OR (t.seq IS NOT NULL AND c.head <> t.hash)
$$;

-- Refunds, transactions of several legs, holds that are posted in part, and entries that nobody changes.

-- The market's own accounts, said once; messages/wallet.toml has the same list.
CREATE FUNCTION wallet.is_house(name text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT name IN ('clearing', 'grants', 'corrections', 'revenue', 'tax')
$$;
ALTER TABLE wallet.house
    DROP CONSTRAINT house_name_check,
    ADD CONSTRAINT house_is_known CHECK (wallet.is_house(name));

-- What was taken of a hold; NULL in a posted one says all of it, as before holds could be posted in part.
ALTER TABLE wallet.hold
    ADD COLUMN posted bigint,
    ADD CONSTRAINT hold_posts_what_it_held CHECK (posted IS NULL OR (state = 'posted' AND posted BETWEEN 0 AND amount));

-- A transaction has one leg of a wallet, then wallet_id, currency, amount and balance_after are that leg's, or none. version
-- says what its hash covers: 1 a wallet's leg and its house account, 2 every leg. reverses names the purchase that a refund gives
-- back; staff_id and reason stand in corrections.
ALTER TABLE wallet.transaction
    ALTER COLUMN wallet_id DROP NOT NULL,
    ALTER COLUMN house DROP NOT NULL,
    ALTER COLUMN currency DROP NOT NULL,
    ALTER COLUMN amount DROP NOT NULL,
    ALTER COLUMN balance_after DROP NOT NULL,
    DROP CONSTRAINT transaction_kind_check,
    ADD COLUMN version smallint NOT NULL DEFAULT 1 CHECK (version IN (1, 2)),
    ADD COLUMN reverses uuid REFERENCES wallet.transaction (id),
    ADD COLUMN staff_id uuid,
    ADD COLUMN reason text NOT NULL DEFAULT '',
    ADD CONSTRAINT transaction_kind_is_known CHECK (kind IN ('grant', 'purchase', 'refund', 'correction', 'transfer')),
    ADD CONSTRAINT transaction_has_a_wallet_or_none
        CHECK (num_nulls(wallet_id, currency, amount, balance_after) IN (0, 4)),
    ADD CONSTRAINT transaction_names_its_house_by_legs CHECK ((version = 1) = (house IS NOT NULL)),
    ADD CONSTRAINT refund_reverses_a_purchase
        CHECK ((kind = 'refund') = (reverses IS NOT NULL) AND (kind <> 'refund' OR amount > 0)),
    ADD CONSTRAINT correction_has_its_reason
        CHECK ((kind = 'correction') = (staff_id IS NOT NULL) AND (kind = 'correction') = (reason <> ''));
CREATE INDEX transaction_by_reversed ON wallet.transaction (reverses) INCLUDE (amount) WHERE reverses IS NOT NULL;

ALTER TABLE wallet.posting
    DROP CONSTRAINT posting_leg_check,
    DROP CONSTRAINT posting_account_check,
    ADD CONSTRAINT posting_leg_is_bounded CHECK (leg BETWEEN 0 AND 15),
    ADD CONSTRAINT posting_account_is_known CHECK (account = 'wallet' OR wallet.is_house(account));

-- Entries are only ever added. The domain's role owns neither the tables nor these triggers, so it cannot take them away.
CREATE FUNCTION wallet.refuse_entry_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is only ever added to: an entry is corrected by another one';
END $$;
CREATE TRIGGER transaction_is_kept BEFORE UPDATE OR DELETE ON wallet.transaction
    FOR EACH ROW EXECUTE FUNCTION wallet.refuse_entry_change();
CREATE TRIGGER transactions_are_not_emptied BEFORE TRUNCATE ON wallet.transaction
    FOR EACH STATEMENT EXECUTE FUNCTION wallet.refuse_entry_change();
CREATE TRIGGER posting_is_kept BEFORE UPDATE OR DELETE ON wallet.posting
    FOR EACH ROW EXECUTE FUNCTION wallet.refuse_entry_change();
CREATE TRIGGER postings_are_not_emptied BEFORE TRUNCATE ON wallet.posting
    FOR EACH STATEMENT EXECUTE FUNCTION wallet.refuse_entry_change();

-- A leg as hashes read it.
CREATE FUNCTION wallet.leg_text(leg bigint, account text, currency text, amount bigint) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT concat_ws(' ', leg, account, currency, amount)
$$;

-- What a transaction's hash must be, by its version; `legs` are its legs in their order. Free texts stand last, the first of them
-- with its length, and what is not there is a dash: no two contents read alike.
CREATE FUNCTION wallet.entry_hash(t wallet.transaction, legs text) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE t.version
        WHEN 1 THEN wallet.transaction_hash(t.previous_hash, t.shard, t.seq, t.id, t.wallet_id, t.kind, t.house, t.currency,
                                            t.amount, t.balance_after, t.created_at, t.reference)
        ELSE sha256(t.previous_hash || convert_to(
            concat_ws('|', t.version, t.shard, t.seq, t.id, coalesce(t.wallet_id::text, '-'), t.kind,
                      coalesce(t.currency, '-'), coalesce(t.amount::text, '-'), coalesce(t.balance_after::text, '-'),
                      t.created_at, coalesce(t.reverses::text, '-'), coalesce(t.staff_id::text, '-'), legs,
                      length(t.reference), t.reference, t.reason), 'UTF8'))
        END
$$;

-- Nothing is given back twice: whoever has not seen an earlier refund is a conflict. The shard's chain must be locked.
CREATE FUNCTION wallet.require_refundable(
    purchase_ uuid, wallet_ uuid, currency_ text, amount_ bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM wallet.transaction p
    WHERE p.id = purchase_ AND p.kind = 'purchase' AND p.wallet_id = wallet_ AND p.currency = currency_
      AND amount_ <= -p.amount - (SELECT coalesce(sum(r.amount), 0) FROM wallet.transaction r WHERE r.reverses = p.id);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'so much is not left of the purchase' USING ERRCODE = 'SK002';
    END IF;
END $$;

-- Records a transaction and adds it to the shard's chain: the leg of a wallet (positive: into it; NULL: none) and those of house
-- accounts, which cancel out in each currency. The wallet's balance itself is changed by the caller's version-checked UPDATE in
-- the same unit. The fence serialises the shard; the row lock keeps the chain whole even without it.
CREATE FUNCTION wallet.post_entry(
    shard_ smallint, id_ uuid, kind_ text, wallet_ uuid, currency_ text, amount_ bigint, balance_after_ bigint,
    accounts_ text[], currencies_ text[], amounts_ bigint[], reference_ text, created_at_ bigint,
    reverses_ uuid DEFAULT NULL, staff_ uuid DEFAULT NULL, reason_ text DEFAULT '') RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    previous wallet.chain%ROWTYPE;
    entry    wallet.transaction%ROWTYPE;
    legs_    text;
BEGIN
    SELECT * INTO STRICT previous FROM wallet.chain c WHERE c.shard = shard_ FOR UPDATE;
    IF reverses_ IS NOT NULL THEN
        PERFORM wallet.require_refundable(reverses_, wallet_, currency_, amount_);
    END IF;

    SELECT string_agg(wallet.leg_text(l.leg, l.account, l.currency, l.amount), ',' ORDER BY l.leg) INTO legs_
    FROM (SELECT 0::bigint, 'wallet', currency_, amount_ WHERE wallet_ IS NOT NULL
          UNION ALL SELECT h.leg, h.account, h.currency, h.amount
          FROM unnest(accounts_, currencies_, amounts_) WITH ORDINALITY AS h (account, currency, amount, leg))
        AS l (leg, account, currency, amount);
    SELECT id_, shard_, previous.seq + 1, wallet_, kind_, currency_, amount_, balance_after_, reference_, created_at_,
           previous.head, 2, reverses_, staff_, reason_
    INTO entry.id, entry.shard, entry.seq, entry.wallet_id, entry.kind, entry.currency, entry.amount, entry.balance_after,
         entry.reference, entry.created_at, entry.previous_hash, entry.version, entry.reverses, entry.staff_id, entry.reason;
    entry.hash := wallet.entry_hash(entry, legs_);

    UPDATE wallet.chain c SET seq = entry.seq, head = entry.hash WHERE c.shard = shard_;
    INSERT INTO wallet.transaction (id, shard, seq, wallet_id, kind, currency, amount, balance_after, reference, created_at,
                                    previous_hash, hash, version, reverses, staff_id, reason)
    VALUES (entry.id, entry.shard, entry.seq, entry.wallet_id, entry.kind, entry.currency, entry.amount, entry.balance_after,
            entry.reference, entry.created_at, entry.previous_hash, entry.hash, entry.version, entry.reverses,
            entry.staff_id, entry.reason);
    INSERT INTO wallet.posting (transaction_id, leg, account, wallet_id, shard, currency, amount)
    SELECT id_, 0, 'wallet', wallet_, shard_, currency_, amount_ WHERE wallet_ IS NOT NULL
    UNION ALL SELECT id_, h.leg, h.account, NULL, shard_, h.currency, h.amount
    FROM unnest(accounts_, currencies_, amounts_) WITH ORDINALITY AS h (account, currency, amount, leg);
    IF EXISTS (SELECT FROM wallet.posting p WHERE p.transaction_id = id_ GROUP BY p.currency
               HAVING sum(p.amount) <> 0 OR count(*) < 2) THEN
        RAISE EXCEPTION 'the legs of a transaction cancel out in each currency';
    END IF;
    INSERT INTO wallet.house AS h (shard, name, currency, balance)
    SELECT shard_, l.account, l.currency, sum(l.amount)::bigint
    FROM unnest(accounts_, currencies_, amounts_) AS l (account, currency, amount) GROUP BY l.account, l.currency
    ON CONFLICT (shard, name, currency) DO UPDATE SET balance = h.balance + excluded.balance;
    RETURN entry.seq;
END $$;

-- A movement of a wallet against one house account, as nodes of before ask for it.
CREATE OR REPLACE FUNCTION wallet.post_transaction(
    shard_ smallint, id_ uuid, wallet_ uuid, kind_ text, house_ text, currency_ text, amount_ bigint,
    balance_after_ bigint, reference_ text, created_at_ bigint) RETURNS bigint
LANGUAGE sql AS $$
    SELECT wallet.post_entry(shard_, id_, kind_, wallet_, currency_, amount_, balance_after_, ARRAY[house_],
                             ARRAY[currency_], ARRAY[-amount_], reference_, created_at_)
$$;

-- Every violated invariant of the ledger; no row when all is well. Reads everything: for tests and offline checks.
CREATE OR REPLACE FUNCTION wallet.check_ledger() RETURNS TABLE (violation text, subject text, detail text)
LANGUAGE sql STABLE AS $$
    SELECT 'postings of a currency do not cancel out', p.currency, sum(p.amount)::text
    FROM wallet.posting p GROUP BY p.currency HAVING sum(p.amount) <> 0
    UNION ALL
    SELECT 'transaction is not balanced', t.id::text,
           count(p.leg) || ' legs, sum ' || coalesce(sum(p.amount), 0) || coalesce(' ' || p.currency, '')
    FROM wallet.transaction t LEFT JOIN wallet.posting p ON p.transaction_id = t.id
    GROUP BY t.id, p.currency
    HAVING sum(p.amount) <> 0 OR count(p.leg) < 2 OR (t.version = 1 AND count(p.leg) <> 2)
    UNION ALL
    SELECT 'posting differs from its transaction', t.id::text, p.account || ' ' || p.amount || ' ' || p.currency
    FROM wallet.transaction t JOIN wallet.posting p ON p.transaction_id = t.id
    WHERE p.shard <> t.shard
       OR (p.leg = 0 AND (p.wallet_id, p.currency, p.amount) IS DISTINCT FROM (t.wallet_id, t.currency, t.amount))
       OR (p.leg > 0 AND t.version = 1 AND (p.account, p.currency, p.amount) IS DISTINCT FROM (t.house, t.currency, -t.amount))
    UNION ALL
    SELECT 'transaction of a wallet has no leg of it', t.id::text, t.wallet_id::text
    FROM wallet.transaction t LEFT JOIN wallet.posting p ON p.transaction_id = t.id AND p.leg = 0
    WHERE t.wallet_id IS NOT NULL AND p.leg IS NULL
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
          FROM wallet.transaction t WHERE t.wallet_id IS NOT NULL) w
    WHERE w.balance_after <> w.total
    UNION ALL
    SELECT 'refunds are more than their purchase', r.reverses::text,
           sum(r.amount) || ' of ' || coalesce((-max(p.amount))::text, 'nothing')
    FROM wallet.transaction r
    LEFT JOIN wallet.transaction p ON p.id = r.reverses AND p.kind = 'purchase' AND p.wallet_id = r.wallet_id
         AND p.currency = r.currency AND p.seq < r.seq
    WHERE r.reverses IS NOT NULL GROUP BY r.reverses HAVING count(p.id) <> count(*) OR sum(r.amount) > -max(p.amount)
    UNION ALL
    SELECT 'chain is broken', l.shard || ' ' || l.seq, l.id::text
    FROM (SELECT t.id, t.shard, t.seq, t.previous_hash, t.hash, wallet.entry_hash(t, legs.text) AS right_hash,
                 lag(t.hash, 1, decode(repeat('00', 32), 'hex')) OVER w AS hash_before,
                 lag(t.seq, 1, 0::bigint) OVER w AS seq_before
          FROM wallet.transaction t
          LEFT JOIN (SELECT p.transaction_id, string_agg(wallet.leg_text(p.leg, p.account, p.currency, p.amount), ','
                                                         ORDER BY p.leg) AS text
                     FROM wallet.posting p GROUP BY p.transaction_id) legs ON legs.transaction_id = t.id
          WINDOW w AS (PARTITION BY t.shard ORDER BY t.seq)) l
    WHERE l.previous_hash <> l.hash_before OR l.seq <> l.seq_before + 1 OR l.hash IS DISTINCT FROM l.right_hash
    UNION ALL
    SELECT 'head of a chain is not its last transaction', c.shard::text, c.seq || ' <> ' || coalesce(t.seq, 0)
    FROM wallet.chain c
    LEFT JOIN (SELECT DISTINCT ON (x.shard) x.shard, x.seq, x.hash FROM wallet.transaction x
               ORDER BY x.shard, x.seq DESC) t ON t.shard = c.shard
    WHERE c.seq <> coalesce(t.seq, 0) OR (t.seq IS NOT NULL AND c.head <> t.hash)
$$;

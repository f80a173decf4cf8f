-- Nearly every entry moves money between a wallet and one house account. For these nothing is aggregated or counted: the two legs
-- are written as they are said, the rest is as before. Measured per entry: 0.29 ms, and 0.12 ms before there were several legs.
CREATE OR REPLACE FUNCTION wallet.post_entry(
    shard_ smallint, id_ uuid, kind_ text, wallet_ uuid, currency_ text, amount_ bigint, balance_after_ bigint,
    accounts_ text[], currencies_ text[], amounts_ bigint[], reference_ text, created_at_ bigint,
    reverses_ uuid DEFAULT NULL, staff_ uuid DEFAULT NULL, reason_ text DEFAULT '') RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    is_simple boolean := wallet_ IS NOT NULL AND cardinality(accounts_) = 1;
    seq_      bigint;
    head_     bytea;
    legs_     text;
    hash_     bytea;
BEGIN
    SELECT c.seq + 1, c.head INTO STRICT seq_, head_ FROM wallet.chain c WHERE c.shard = shard_ FOR UPDATE;
    IF reverses_ IS NOT NULL THEN
        PERFORM wallet.require_refundable(reverses_, wallet_, currency_, amount_);
    END IF;

    IF is_simple THEN
        IF currencies_[1] <> currency_ OR amounts_[1] <> -amount_ THEN
            RAISE EXCEPTION 'the legs of a transaction cancel out in each currency';
        END IF;
        legs_ := concat_ws(' ', 0, 'wallet', currency_, amount_) || ',' || concat_ws(' ', 1, accounts_[1], currency_, amounts_[1]);
    ELSE
        SELECT string_agg(wallet.leg_text(l.leg, l.account, l.currency, l.amount), ',' ORDER BY l.leg) INTO legs_
        FROM (SELECT 0::bigint, 'wallet', currency_, amount_ WHERE wallet_ IS NOT NULL
              UNION ALL SELECT h.leg, h.account, h.currency, h.amount
              FROM unnest(accounts_, currencies_, amounts_) WITH ORDINALITY AS h (account, currency, amount, leg))
            AS l (leg, account, currency, amount);
    END IF;
    -- As entry_hash() reads it from the row.
    hash_ := sha256(head_ || convert_to(
        concat_ws('|', 2, shard_, seq_, id_, coalesce(wallet_::text, '-'), kind_, coalesce(currency_, '-'),
                  coalesce(amount_::text, '-'), coalesce(balance_after_::text, '-'), created_at_,
                  coalesce(reverses_::text, '-'), coalesce(staff_::text, '-'), legs_, length(reference_), reference_, reason_),
        'UTF8'));

    UPDATE wallet.chain c SET seq = seq_, head = hash_ WHERE c.shard = shard_;
    INSERT INTO wallet.transaction (id, shard, seq, wallet_id, kind, currency, amount, balance_after, reference, created_at,
                                    previous_hash, hash, version, reverses, staff_id, reason)
    VALUES (id_, shard_, seq_, wallet_, kind_, currency_, amount_, balance_after_, reference_, created_at_, head_, hash_, 2,
            reverses_, staff_, reason_);
    IF is_simple THEN
        INSERT INTO wallet.posting (transaction_id, leg, account, wallet_id, shard, currency, amount)
        VALUES (id_, 0, 'wallet', wallet_, shard_, currency_, amount_),
               (id_, 1, accounts_[1], NULL, shard_, currency_, amounts_[1]);
        INSERT INTO wallet.house AS h (shard, name, currency, balance) VALUES (shard_, accounts_[1], currency_, amounts_[1])
        ON CONFLICT (shard, name, currency) DO UPDATE SET balance = h.balance + excluded.balance;
        RETURN seq_;
    END IF;

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
    RETURN seq_;
END $$;

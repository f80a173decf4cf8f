-- Credit that expires: parts of a balance (lots) with a time at which what is left of them lapses.
ALTER DOMAIN wallet.transaction_kind DROP CONSTRAINT transaction_kind_check;
ALTER DOMAIN wallet.transaction_kind ADD CONSTRAINT transaction_kind_check
    CHECK (VALUE IN ('grant', 'purchase', 'refund', 'correction', 'transfer', 'topup', 'topup_return', 'credit', 'lapse',
                     'gift_card'));

-- What staff credits has its reason, as corrections have.
CREATE OR REPLACE FUNCTION wallet.transaction_is_sound(t wallet.transaction) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN num_nulls(t.wallet_id, t.currency, t.amount, t.balance_after) IN (0, 4)
        AND (t.version = 1) = (t.house IS NOT NULL)
        AND (t.kind IN ('correction', 'credit')) = (t.staff_id IS NOT NULL)
        AND (t.kind IN ('correction', 'credit')) = (t.reason <> '')
        AND (t.kind = 'refund') = (t.reverses IS NOT NULL)
        AND (t.kind NOT IN ('refund', 'credit', 'gift_card') OR t.amount > 0)
        AND (t.kind <> 'lapse' OR t.amount < 0);
END $$;

-- When the first lot of a balance expires; NULL: it never had any, the greatest number: nothing is left of them. Whoever spends
-- knows by it that there is nothing to look at.
ALTER TABLE wallet.balance ADD COLUMN lots_expire_at bigint;

-- A lot has the id of the entry that credited it. It is changed in the units of entries that touch its balance, so the version of
-- the balance guards it. due_at is when the sweep looks at it: when it expires, and again while a hold claims it.
CREATE TABLE wallet.lot (
    id         uuid PRIMARY KEY REFERENCES wallet.transaction (id),
    wallet_id  uuid NOT NULL,
    shard      host.shard_number NOT NULL,
    currency   host.currency_code NOT NULL,
    amount     bigint NOT NULL CHECK (amount > 0),
    remaining  bigint NOT NULL,
    expires_at bigint NOT NULL,
    due_at     bigint NOT NULL,
    told_at    bigint, -- when its shopper was told that it expires soon
    created_at bigint NOT NULL,
    CONSTRAINT lot_has_what_it_got CHECK (remaining BETWEEN 0 AND amount)
) WITH (fillfactor = 80);
CREATE INDEX lot_alive ON wallet.lot (wallet_id, currency, expires_at, id) WHERE remaining > 0;
CREATE INDEX lot_due ON wallet.lot (due_at) INCLUDE (shard, wallet_id, currency) WHERE remaining > 0;
CREATE INDEX lot_untold ON wallet.lot (expires_at) INCLUDE (shard, wallet_id, currency) WHERE remaining > 0 AND told_at IS NULL;

-- What an entry moved in lots, in the order of their use. As entries, they are only ever added.
CREATE TABLE wallet.lot_move (
    transaction_id uuid NOT NULL REFERENCES wallet.transaction (id),
    lot_id         uuid NOT NULL REFERENCES wallet.lot (id),
    place          smallint NOT NULL,
    amount         bigint NOT NULL CHECK (amount <> 0),
    PRIMARY KEY (transaction_id, lot_id)
);
CREATE INDEX lot_move_by_lot ON wallet.lot_move (lot_id) INCLUDE (amount);
CREATE TRIGGER lot_move_is_kept BEFORE UPDATE OR DELETE ON wallet.lot_move
    FOR EACH ROW EXECUTE FUNCTION wallet.refuse_entry_change();
CREATE TRIGGER lot_moves_are_not_emptied BEFORE TRUNCATE ON wallet.lot_move
    FOR EACH STATEMENT EXECUTE FUNCTION wallet.refuse_entry_change();

-- Moves something in lots, which expire then as it is said, and notes when the first of all expires. Returns how many were moved.
CREATE FUNCTION wallet.move_lots(
    transaction_ uuid, wallet_ uuid, currency_ text, lots_ uuid[], amounts_ bigint[], expiries_ bigint[], first_ bigint)
    RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    moved_ bigint;
BEGIN
    INSERT INTO wallet.lot_move (transaction_id, lot_id, place, amount)
    SELECT transaction_, m.lot, m.place, m.amount
    FROM unnest(lots_, amounts_) WITH ORDINALITY AS m (lot, amount, place);
    UPDATE wallet.lot l
    SET remaining = l.remaining + m.amount, expires_at = m.expiry,
        due_at = CASE WHEN m.amount < 0 THEN l.due_at ELSE m.expiry END,
        told_at = CASE WHEN m.expiry > l.expires_at THEN NULL ELSE l.told_at END
    FROM unnest(lots_, amounts_, expiries_) AS m (lot, amount, expiry)
    WHERE l.id = m.lot AND l.wallet_id = wallet_ AND l.currency = currency_;
    GET DIAGNOSTICS moved_ = ROW_COUNT;
    UPDATE wallet.balance b SET lots_expire_at = first_ WHERE b.wallet_id = wallet_ AND b.currency = currency_;
    RETURN moved_;
END $$;

-- What a member of staff has moved since then in a currency, both ways together.
CREATE FUNCTION wallet.staff_total(staff_ uuid, currency_ text, since_ bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum(abs(t.amount)), 0)::bigint FROM wallet.transaction t
    WHERE t.staff_id = staff_ AND t.currency = currency_ AND t.created_at >= since_
$$;

-- Whoever would move more than `most_` (0: no limit) with so much more is a conflict, as it has not seen all of the others'.
-- Wallets and cards lie in several shards, so what one member of staff does waits for each other.
CREATE FUNCTION wallet.keep_staff_limit(staff_ uuid, currency_ text, more_ bigint, since_ bigint, most_ bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF most_ > 0 THEN
        PERFORM pg_advisory_xact_lock(hashtextextended('wallet.post_correction ' || staff_, 0));
        IF abs(more_) + wallet.staff_total(staff_, currency_, since_) > most_ THEN
            RAISE EXCEPTION 'corrections beyond the limit' USING ERRCODE = 'SK002';
        END IF;
    END IF;
END $$;

CREATE OR REPLACE FUNCTION wallet.post_correction(
    shard_ smallint, id_ uuid, wallet_ uuid, currency_ text, amount_ bigint, balance_after_ bigint, reference_ text,
    created_at_ bigint, staff_ uuid, reason_ text, since_ bigint, most_ bigint) RETURNS bigint
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM wallet.keep_staff_limit(staff_, currency_, amount_, since_, most_);
    RETURN wallet.post_entry(shard_, id_, 'correction', wallet_, currency_, amount_, balance_after_, ARRAY['corrections'],
                             ARRAY[currency_], ARRAY[-amount_], reference_, created_at_, NULL, staff_, reason_);
END $$;

-- The same of what staff credits.
CREATE FUNCTION wallet.post_credit(
    shard_ smallint, id_ uuid, wallet_ uuid, currency_ text, amount_ bigint, balance_after_ bigint, reference_ text,
    created_at_ bigint, staff_ uuid, reason_ text, since_ bigint, most_ bigint) RETURNS bigint
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM wallet.keep_staff_limit(staff_, currency_, amount_, since_, most_);
    RETURN wallet.post_entry(shard_, id_, 'credit', wallet_, currency_, amount_, balance_after_, ARRAY['grants'],
                             ARRAY[currency_], ARRAY[-amount_], reference_, created_at_, NULL, staff_, reason_);
END $$;

-- Every broken rule of credit that expires.
CREATE FUNCTION wallet.check_lots() RETURNS TABLE (violation text, subject text, detail text) LANGUAGE sql STABLE AS $$
    SELECT 'a lot has what it got, less what went', l.id::text,
           format('%s of %s, moved %s', l.remaining, l.amount, coalesce(m.total, 0))
    FROM wallet.lot l LEFT JOIN (SELECT lot_id, sum(amount) AS total FROM wallet.lot_move GROUP BY lot_id) m ON m.lot_id = l.id
    WHERE l.remaining <> l.amount + coalesce(m.total, 0)
    UNION ALL
    SELECT 'lots hold no more than their balance', l.wallet_id || ' ' || l.currency,
           format('%s of %s', sum(l.remaining), max(b.balance))
    FROM wallet.lot l LEFT JOIN wallet.balance b ON b.wallet_id = l.wallet_id AND b.currency = l.currency
    GROUP BY l.wallet_id, l.currency HAVING sum(l.remaining) > greatest(0, coalesce(max(b.balance), 0))
    UNION ALL
    SELECT 'a balance knows when its first lot expires', b.wallet_id || ' ' || b.currency,
           format('%s, not %s', b.lots_expire_at, l.first)
    FROM wallet.balance b
    FULL JOIN (SELECT wallet_id, currency, coalesce(min(expires_at) FILTER (WHERE remaining > 0), 9223372036854775807) AS first
               FROM wallet.lot GROUP BY wallet_id, currency) l ON l.wallet_id = b.wallet_id AND l.currency = b.currency
    WHERE b.lots_expire_at IS DISTINCT FROM l.first
    UNION ALL
    SELECT 'a lot is part of a credit of its wallet', l.id::text, format('%s of %s', l.amount, t.amount)
    FROM wallet.lot l JOIN wallet.transaction t ON t.id = l.id
    WHERE t.kind NOT IN ('grant', 'credit', 'gift_card') OR l.amount > t.amount
       OR (l.wallet_id, l.currency) IS DISTINCT FROM (t.wallet_id, t.currency)
    UNION ALL
    SELECT 'an entry moves no more in lots than in its wallet', t.id::text, format('%s of %s', m.total, t.amount)
    FROM (SELECT transaction_id, sum(amount) AS total, max(amount) AS most, min(amount) AS least FROM wallet.lot_move
          GROUP BY transaction_id) m JOIN wallet.transaction t ON t.id = m.transaction_id
    WHERE abs(m.total) > abs(t.amount) OR (t.amount < 0 AND m.most > 0) OR (t.amount > 0 AND m.least < 0)
       OR (t.amount > 0 AND t.kind <> 'refund')
    UNION ALL
    SELECT 'what lapses was in lots', t.id::text, format('%s of %s', coalesce(sum(m.amount), 0), t.amount)
    FROM wallet.transaction t LEFT JOIN wallet.lot_move m ON m.transaction_id = t.id
    WHERE t.kind = 'lapse' GROUP BY t.id HAVING coalesce(sum(m.amount), 0) <> t.amount
    UNION ALL
    SELECT 'a lot gets back no more than a purchase took', t.reverses || ' ' || r.lot_id,
           format('%s of %s', sum(r.amount), coalesce(-max(u.amount), 0))
    FROM wallet.lot_move r JOIN wallet.transaction t ON t.id = r.transaction_id AND t.reverses IS NOT NULL
    LEFT JOIN wallet.lot_move u ON u.transaction_id = t.reverses AND u.lot_id = r.lot_id
    GROUP BY t.reverses, r.lot_id HAVING sum(r.amount) > coalesce(-max(u.amount), 0)
$$;

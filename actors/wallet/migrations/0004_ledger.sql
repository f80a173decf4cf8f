-- What staff reads of the ledger and how it corrects it.
CREATE INDEX transaction_by_time ON wallet.transaction (created_at DESC, id DESC);
CREATE INDEX transaction_by_reference ON wallet.transaction (reference, created_at DESC, id DESC) WHERE reference <> '';
-- Purchases are found by time: they are most of what there is.
CREATE INDEX transaction_by_kind ON wallet.transaction (kind, created_at DESC, id DESC) WHERE kind <> 'purchase';
CREATE INDEX transaction_by_staff ON wallet.transaction (staff_id, created_at) INCLUDE (currency, amount)
    WHERE staff_id IS NOT NULL;

-- Records a correction, unless what its member of staff has moved since `since_` in the currency, both ways together, would be
-- more than `most_` (0: no limit): then whoever has not seen all of that is a conflict. Wallets lie in several shards, so the
-- corrections of one member of staff wait for each other.
CREATE FUNCTION wallet.post_correction(
    shard_ smallint, id_ uuid, wallet_ uuid, currency_ text, amount_ bigint, balance_after_ bigint, reference_ text,
    created_at_ bigint, staff_ uuid, reason_ text, since_ bigint, most_ bigint) RETURNS bigint
LANGUAGE plpgsql AS $$
BEGIN
    IF most_ > 0 THEN
        PERFORM pg_advisory_xact_lock(hashtextextended('wallet.post_correction ' || staff_, 0));
        IF abs(amount_) + (SELECT coalesce(sum(abs(t.amount)), 0) FROM wallet.transaction t
                           WHERE t.staff_id = staff_ AND t.currency = currency_ AND t.created_at >= since_) > most_ THEN
            RAISE EXCEPTION 'corrections beyond the limit' USING ERRCODE = 'SK002';
        END IF;
    END IF;
    RETURN wallet.post_entry(shard_, id_, 'correction', wallet_, currency_, amount_, balance_after_, ARRAY['corrections'],
                             ARRAY[currency_], ARRAY[-amount_], reference_, created_at_, NULL, staff_, reason_);
END $$;

-- The rules over several columns of what each payment writes, one function for each table
-- (storage/README.md, Decisions: the rules of a row that is written often are one function).
CREATE FUNCTION wallet.transaction_is_sound(t wallet.transaction) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN num_nulls(t.wallet_id, t.currency, t.amount, t.balance_after) IN (0, 4)
        AND (t.version = 1) = (t.house IS NOT NULL)
        AND (t.kind = 'correction') = (t.staff_id IS NOT NULL)
        AND (t.kind = 'correction') = (t.reason <> '')
        AND (t.kind = 'refund') = (t.reverses IS NOT NULL)
        AND (t.kind <> 'refund' OR t.amount > 0);
END $$;

CREATE FUNCTION wallet.hold_is_sound(h wallet.hold) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN (h.state = 'pending') = (h.settled_at IS NULL)
        AND (h.currency ~ '^[A-Z]{3}$' OR (h.currency = '' AND h.amount = 0 AND h.state = 'voided'))
        AND (h.posted IS NULL OR (h.state = 'posted' AND h.posted BETWEEN 0 AND h.amount));
END $$;

CREATE FUNCTION wallet.posting_is_sound(p wallet.posting) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN (p.account = 'wallet') = (p.wallet_id IS NOT NULL)
        AND (p.account = 'wallet') = (p.leg = 0);
END $$;

ALTER TABLE wallet.transaction
    DROP CONSTRAINT correction_has_its_reason, DROP CONSTRAINT refund_reverses_a_purchase,
    DROP CONSTRAINT transaction_has_a_wallet_or_none, DROP CONSTRAINT transaction_names_its_house_by_legs,
    ADD CONSTRAINT transaction_is_sound CHECK (wallet.transaction_is_sound(transaction));

ALTER TABLE wallet.hold
    DROP CONSTRAINT hold_is_settled_once, DROP CONSTRAINT hold_is_whole_or_a_mark, DROP CONSTRAINT hold_posts_what_it_held,
    ADD CONSTRAINT hold_is_sound CHECK (wallet.hold_is_sound(hold));

ALTER TABLE wallet.posting
    DROP CONSTRAINT posting_check,
    ADD CONSTRAINT posting_is_sound CHECK (wallet.posting_is_sound(posting));

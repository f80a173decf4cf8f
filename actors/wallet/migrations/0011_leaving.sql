-- Whose account is being erased: nothing comes into the wallet from then on. Who tells of it and who credits wait for each other, so that
-- whoever is first has committed when the other one looks, whatever actors they are.
CREATE TABLE wallet.leaving (
    user_id uuid PRIMARY KEY,
    until   bigint NOT NULL
);

CREATE FUNCTION wallet.hold_owner(user_ uuid, until_ bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('wallet.leaving ' || user_, 0));
    INSERT INTO wallet.leaving AS l (user_id, until) VALUES (user_, until_)
        ON CONFLICT (user_id) DO UPDATE SET until = greatest(l.until, excluded.until);
END $$;

CREATE FUNCTION wallet.require_staying(user_ uuid, now_ bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('wallet.leaving ' || user_, 0));
    IF EXISTS (SELECT 1 FROM wallet.leaving l WHERE l.user_id = user_ AND l.until > now_) THEN
        RAISE EXCEPTION 'the account is being erased' USING ERRCODE = 'SK002';
    END IF;
END $$;

-- Gift cards. Codes are not kept: a keyed digest finds and proves one, and the id follows from the digest, so that whoever has the
-- code knows the card's shard. redeemed: the money belongs to the wallet; credited_at: and is there.
CREATE TABLE wallet.gift_card (
    id          uuid PRIMARY KEY,
    shard       host.shard_number NOT NULL,
    digest      wallet.digest NOT NULL UNIQUE,
    last4       text NOT NULL CHECK (length(last4) = 4),
    currency    host.currency_code NOT NULL,
    amount      bigint NOT NULL CHECK (amount > 0),
    expires_at  bigint,
    reference   text NOT NULL,
    made_by     uuid NOT NULL,
    created_at  bigint NOT NULL,
    state       text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'redeemed', 'blocked')),
    wallet_id   uuid,
    redeemed_at bigint,
    credited_at bigint,
    blocked_at  bigint,
    CONSTRAINT gift_card_is_redeemed_by_somebody
        CHECK ((state = 'redeemed') = (wallet_id IS NOT NULL) AND (state = 'redeemed') = (redeemed_at IS NOT NULL)),
    CONSTRAINT gift_card_is_blocked_once CHECK ((state = 'blocked') = (blocked_at IS NOT NULL)),
    CONSTRAINT gift_card_is_credited_when_redeemed CHECK (credited_at IS NULL OR state = 'redeemed')
);
CREATE INDEX gift_card_by_time ON wallet.gift_card (created_at DESC, id DESC);
CREATE INDEX gift_card_by_state ON wallet.gift_card (state, created_at DESC, id DESC);
CREATE INDEX gift_card_by_staff ON wallet.gift_card (made_by, created_at) INCLUDE (currency, amount);
CREATE INDEX gift_card_on_its_way ON wallet.gift_card (redeemed_at) INCLUDE (shard)
    WHERE state = 'redeemed' AND credited_at IS NULL;

-- A card is used or blocked once, and what it is worth never changes.
CREATE FUNCTION wallet.keep_gift_card() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR (old.id, old.digest, old.currency, old.amount, old.expires_at, old.made_by, old.created_at)
           IS DISTINCT FROM (new.id, new.digest, new.currency, new.amount, new.expires_at, new.made_by, new.created_at)
       OR (old.state <> 'open' AND (old.state, old.wallet_id) IS DISTINCT FROM (new.state, new.wallet_id)) THEN
        RAISE EXCEPTION 'a gift card is used or blocked once, and stays what it was made';
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER gift_card_is_kept BEFORE UPDATE OR DELETE ON wallet.gift_card
    FOR EACH ROW EXECUTE FUNCTION wallet.keep_gift_card();

-- What is made in gift cards counts as what is corrected, or cards would get round the limit.
CREATE OR REPLACE FUNCTION wallet.staff_total(staff_ uuid, currency_ text, since_ bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT (SELECT coalesce(sum(abs(t.amount)), 0) FROM wallet.transaction t
            WHERE t.staff_id = staff_ AND t.currency = currency_ AND t.created_at >= since_)::bigint
         + (SELECT coalesce(sum(g.amount), 0) FROM wallet.gift_card g
            WHERE g.made_by = staff_ AND g.currency = currency_ AND g.created_at >= since_)::bigint
$$;

-- Which entry credited which card.
CREATE TABLE wallet.gift_card_credit (
    card_id        uuid PRIMARY KEY,
    transaction_id uuid NOT NULL UNIQUE REFERENCES wallet.transaction (id)
);

-- Every gift card that was credited twice, to another wallet or with another amount, or not at all.
CREATE FUNCTION wallet.check_gift_cards() RETURNS TABLE (violation text, subject text, detail text) LANGUAGE sql STABLE AS $$
    SELECT 'a redeemed gift card is credited once, with what it is worth', coalesce(g.id, c.card_id)::text,
           format('%s %s, credited %s', g.state, g.amount, t.amount)
    FROM wallet.gift_card g
    FULL JOIN wallet.gift_card_credit c ON c.card_id = g.id
    LEFT JOIN wallet.transaction t ON t.id = c.transaction_id
    WHERE (c.card_id IS NOT NULL AND (g.wallet_id, g.currency, g.amount, 'gift_card')
                                     IS DISTINCT FROM (t.wallet_id, t.currency, t.amount, t.kind::text))
       OR (g.credited_at IS NOT NULL AND c.card_id IS NULL)
    UNION ALL
    SELECT 'an entry of a gift card names its card', t.id::text, t.amount::text
    FROM wallet.transaction t LEFT JOIN wallet.gift_card_credit c ON c.transaction_id = t.id
    WHERE t.kind = 'gift_card' AND c.card_id IS NULL
$$;

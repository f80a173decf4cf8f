-- Which cards somebody has had set up within the hour, by what came of them: whoever tries stolen ones out finds the same bound as at
-- checkouts and top-ups, whether he keeps them or not. Cards that were refused or dropped are forgotten, so they have rows of their own
-- here. What is older goes with the next one of the same shopper, so that of nobody there are more than an hour allows; and with him.
CREATE TABLE payment.card_try (
    id          uuid PRIMARY KEY, -- of the card
    user_id     uuid NOT NULL,
    tried_at    bigint NOT NULL,
    is_declined boolean NOT NULL
);
CREATE INDEX card_try_by_user ON payment.card_try (user_id, tried_at);

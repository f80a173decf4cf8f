-- Where guests try cards from, for an hour: an account's declined payments are counted by the account, and guests have none. The network is
-- a keyed digest, which names nobody. A try that was refused is one whose checkout has failed so.
CREATE TABLE "order".guest_card_try (
    group_id    uuid PRIMARY KEY,
    network     uuid NOT NULL,
    at          bigint NOT NULL,
    is_declined boolean NOT NULL DEFAULT false
);
CREATE INDEX guest_card_try_by_network ON "order".guest_card_try (network, at) WHERE is_declined;
CREATE INDEX guest_card_try_by_time ON "order".guest_card_try (at);

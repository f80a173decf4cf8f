-- Where an account stands, how its owner is reached, and what staff looks accounts up by.
ALTER TABLE "user".account
    ADD COLUMN status            text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'blocked', 'erased')),
    ADD COLUMN is_email_verified boolean NOT NULL DEFAULT false,
    ADD COLUMN locale            text NOT NULL DEFAULT 'en' CHECK (locale IN ('en', 'de')),
    ADD COLUMN phone             text CHECK (phone ~ '^[+][1-9][0-9]{7,14}$');

CREATE INDEX account_by_creation ON "user".account (created_at DESC, id DESC);
CREATE INDEX account_by_status ON "user".account (status, created_at DESC, id DESC);
CREATE INDEX account_by_email_prefix ON "user".account (email text_pattern_ops);
CREATE INDEX username_by_prefix ON "user".username (name text_pattern_ops);

-- Erasure reaches what has ended, too.
CREATE INDEX ticket_by_account ON identity.ticket (account_id);
CREATE INDEX session_of_account ON identity.session (account_id);
CREATE INDEX api_key_of_account ON identity.api_key (account_id);

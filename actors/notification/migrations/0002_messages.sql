-- What people are told. Rows hold no address and no token: both are made when a message is sent. Times are microseconds of
-- market time.

-- One message to one person by one channel. person is typed (usr_, mbr_, adm_; tic_ for somebody invited); facts are names and
-- values in turns, with a unit separator (U+001F) between them.
CREATE TABLE notification.message (
    id              uuid PRIMARY KEY,
    shard           smallint NOT NULL CHECK (shard BETWEEN 0 AND 63),
    event_id        uuid NOT NULL,
    kind            text NOT NULL,
    topic           text NOT NULL,
    audience        text NOT NULL CHECK (audience IN ('store', 'vendor', 'admin')),
    recipient_id    uuid NOT NULL,
    person          text NOT NULL CHECK (length(person) <= 40),
    channel         text NOT NULL CHECK (channel IN ('email', 'sms', 'in_app')),
    locale          text NOT NULL,
    ticket_id       uuid,
    subject_id      text,
    facts           text NOT NULL,
    state           text NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'suppressed', 'retrying', 'dead')),
    suppressed_why  text CHECK (suppressed_why IN ('preference', 'no_address', 'no_transport', 'erased')),
    attempts        bigint NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    next_attempt_at bigint,
    provider_id     text CHECK (length(provider_id) <= 128),
    last_error      text CHECK (length(last_error) <= 256),
    created_at      bigint NOT NULL,
    sent_at         bigint,
    read_at         bigint,
    version         bigint NOT NULL DEFAULT 1,
    CONSTRAINT message_once UNIQUE (event_id, person, channel),
    CONSTRAINT suppressed_says_why CHECK ((state = 'suppressed') = (suppressed_why IS NOT NULL)),
    CONSTRAINT sent_says_when CHECK ((state = 'sent') = (sent_at IS NOT NULL)),
    CONSTRAINT due_says_when CHECK ((state IN ('queued', 'sending', 'retrying')) = (next_attempt_at IS NOT NULL))
) WITH (fillfactor = 80);
CREATE INDEX message_due ON notification.message (next_attempt_at) INCLUDE (shard)
    WHERE state IN ('queued', 'sending', 'retrying');
CREATE INDEX message_open ON notification.message (state, id) WHERE state IN ('queued', 'sending', 'retrying', 'dead');
CREATE INDEX message_of_recipient ON notification.message (recipient_id, id);
CREATE INDEX message_inbox ON notification.message (person, id) WHERE channel = 'in_app' AND state = 'sent';
CREATE INDEX message_unread ON notification.message (person, id)
    WHERE channel = 'in_app' AND state = 'sent' AND read_at IS NULL;

-- What a shopper chose: bits topic * 3 + channel. No row: the defaults, version 1.
CREATE TABLE notification.choices (
    user_id uuid PRIMARY KEY,
    chosen  bigint NOT NULL,
    enabled bigint NOT NULL,
    version bigint NOT NULL CHECK (version > 1)
);

-- Finished messages, in tests and demonstrations only.
CREATE TABLE notification.captured (
    seq             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at              bigint NOT NULL,
    channel         text NOT NULL,
    recipient       text NOT NULL,
    subject         text NOT NULL,
    body            text NOT NULL,
    notification_id uuid NOT NULL,
    kind            text NOT NULL,
    message_id      text NOT NULL,
    recipient_id    uuid NOT NULL
);
CREATE INDEX captured_to ON notification.captured (recipient, seq);
CREATE INDEX captured_of_recipient ON notification.captured (recipient_id);

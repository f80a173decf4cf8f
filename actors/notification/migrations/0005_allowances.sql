-- How many mails have gone today to addresses that nobody has proved, by a keyed digest of the address or of who has sent them; a day is
-- one of market time. What goes beyond is not sent.
CREATE TABLE notification.allowance (
    key  uuid NOT NULL,
    day  bigint NOT NULL,
    used bigint NOT NULL CHECK (used > 0),
    PRIMARY KEY (key, day)
) WITH (fillfactor = 80);
CREATE INDEX allowance_by_day ON notification.allowance (day);
ALTER TABLE notification.message DROP CONSTRAINT message_suppressed_why_check;
ALTER TABLE notification.message ADD CONSTRAINT message_suppressed_why_check
    CHECK (suppressed_why IN ('preference', 'no_address', 'no_transport', 'erased', 'unproved_limit'));

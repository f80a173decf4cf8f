-- What changes in an inbox, in the order of the commits, for those who follow it live. A change takes its position from the
-- person's head, whose row stays locked until the commit: who reads a position has all below it. Rows of before have none, and
-- are no change.
CREATE TABLE notification.inbox_head (
    person text PRIMARY KEY CHECK (length(person) <= 40),
    last   bigint NOT NULL CHECK (last >= 0)
) WITH (fillfactor = 70);
ALTER TABLE notification.message ADD COLUMN position bigint CHECK (position >= 1);
CREATE UNIQUE INDEX message_changes ON notification.message (person, position)
    WHERE channel = 'in_app' AND state = 'sent' AND position IS NOT NULL;

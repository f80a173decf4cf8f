-- Guests are told of their orders, too: recipient and person are the checkout (og_).
ALTER TABLE notification.message DROP CONSTRAINT message_audience_check;
ALTER TABLE notification.message
    ADD CONSTRAINT message_audience_check CHECK (audience IN ('store', 'vendor', 'admin', 'guest'));

-- Which languages there are is enum.locale of messages/common.toml: a row only keeps the form of a name.
ALTER TABLE "order".order_group DROP CONSTRAINT order_group_guest_locale_check;
ALTER TABLE "order".order_group
    ADD CONSTRAINT order_group_guest_locale_check CHECK (guest_locale ~ '^[A-Za-z0-9-]{2,8}$');

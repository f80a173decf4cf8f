-- Which languages there are is enum.locale of messages/common.toml: a row only keeps the form of a name.
ALTER TABLE vendor.member DROP CONSTRAINT member_locale_check;
ALTER TABLE vendor.member ADD CONSTRAINT member_locale_check CHECK (locale ~ '^[A-Za-z0-9-]{2,8}$');

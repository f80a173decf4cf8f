-- Which languages there are is enum.locale of messages/common.toml: a row only keeps the form of a name.
ALTER TABLE "user".account DROP CONSTRAINT account_locale_check;
ALTER TABLE "user".account ADD CONSTRAINT account_locale_check CHECK (locale ~ '^[A-Za-z0-9-]{2,8}$');

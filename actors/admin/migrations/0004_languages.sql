-- Which languages there are is enum.locale of messages/common.toml: a row only keeps the form of a name.
ALTER TABLE admin.staff DROP CONSTRAINT staff_locale_check;
ALTER TABLE admin.staff ADD CONSTRAINT staff_locale_check CHECK (locale ~ '^[A-Za-z0-9-]{2,8}$');

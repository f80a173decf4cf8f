-- Whether whoever holds the account (its password, its sessions) has shown to read what is sent to its address: he was signed in when
-- the token of a message came back, or had a new password by one. An address can be verified without that, by its owner, who has followed
-- the link of a message that somebody else has caused. What was verified until now counts as it did.
ALTER TABLE "user".account ADD COLUMN is_holder_proved boolean NOT NULL DEFAULT false;
UPDATE "user".account SET is_holder_proved = true WHERE is_email_verified;

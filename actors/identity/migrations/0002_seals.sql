-- Signing keys are sealed with a key that is not in the database, as second factors are. secret_key is all zero in sealed rows: the
-- version before, which may run beside this one, wants 64 bytes there; what it signs with them is refused, and what it has left in
-- clear is wiped as soon as a sealed key signs.
ALTER TABLE identity.signing_key ADD COLUMN sealed_key bytea;

-- Who has sent an invitation: it ends with its sender. Null in rows of the version before.
ALTER TABLE vendor.invitation ADD COLUMN invited_by uuid;
CREATE INDEX invitation_by_inviter ON vendor.invitation (invited_by);

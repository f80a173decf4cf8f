-- Staff and the audit trail. Times are market time. What proves who somebody is stands in the schema identity (0002).

CREATE TABLE admin.staff (
    id            uuid PRIMARY KEY,
    email         text NOT NULL UNIQUE, -- normal form
    name          text NOT NULL,
    locale        text NOT NULL DEFAULT 'en' CHECK (locale IN ('en', 'de')),
    password_hash text NOT NULL,        -- Argon2id, PHC string
    role          text NOT NULL CHECK (role IN ('owner', 'manager', 'support', 'catalogue', 'finance', 'auditor')),
    is_active     boolean NOT NULL DEFAULT true,
    created_at    bigint NOT NULL,
    version       bigint NOT NULL DEFAULT 1
);
CREATE INDEX staff_by_role ON admin.staff (role, id DESC);

-- How many active owners there are: one row once there was one, and never back to none, whoever writes at the same time.
CREATE TABLE admin.owners (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    count   bigint NOT NULL CHECK (count >= 1)
);

-- People who were asked to join. The row ends when they do; the ticket says how long it is good.
CREATE TABLE admin.invitation (
    staff_id   uuid PRIMARY KEY, -- of the account that there will be
    email      text NOT NULL UNIQUE,
    name       text NOT NULL,
    role       text NOT NULL,
    invited_by uuid NOT NULL,
    ticket_id  uuid NOT NULL,
    created_at bigint NOT NULL
);

-- Who has done what, in whose name, to what, and why. One index for each question that is asked of it.
CREATE TABLE admin.audit_entry (
    id         uuid PRIMARY KEY,
    at         bigint NOT NULL,
    request_id text NOT NULL,
    action     text NOT NULL,
    principal  text NOT NULL,
    actor      text NOT NULL, -- the principal itself when nobody acts in its name
    subject    text NOT NULL,
    reason     text,
    before     text,          -- JSON
    request    text NOT NULL, -- JSON
    client     text
);
CREATE INDEX audit_by_time ON admin.audit_entry (at DESC, id DESC);
CREATE INDEX audit_by_request ON admin.audit_entry (request_id, at DESC, id DESC);
CREATE INDEX audit_by_action ON admin.audit_entry (action, at DESC, id DESC);
CREATE INDEX audit_by_principal ON admin.audit_entry (principal, at DESC, id DESC);
CREATE INDEX audit_by_actor ON admin.audit_entry (actor, at DESC, id DESC);
CREATE INDEX audit_by_subject ON admin.audit_entry (subject, at DESC, id DESC);

-- Entries are only ever added. The domain's role owns neither the table nor these triggers, so it cannot take them away.
CREATE FUNCTION admin.refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is only ever added to';
END $$;
CREATE TRIGGER audit_is_kept BEFORE UPDATE OR DELETE ON admin.audit_entry
    FOR EACH ROW EXECUTE FUNCTION admin.refuse_audit_change();
CREATE TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON admin.audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION admin.refuse_audit_change();

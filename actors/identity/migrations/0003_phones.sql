-- Telephones that a code has come back from: nothing else is sent to a number before.
CREATE TABLE identity.phone (
    person_id uuid PRIMARY KEY,
    phone     text NOT NULL,
    proved_at bigint NOT NULL
);
ALTER TABLE identity.ticket DROP CONSTRAINT ticket_purpose_check;
ALTER TABLE identity.ticket ADD CONSTRAINT ticket_purpose_check CHECK (purpose BETWEEN 1 AND 5); -- enum identity_ticket_purpose

-- What one member of the staff has asked for and another one decides, in whichever domain; and what one has done alone, which counts
-- when the next is judged. Who decides is never who has asked.
CREATE TABLE approval (
    id           uuid PRIMARY KEY,
    state        text NOT NULL CHECK (state IN ('alone', 'open', 'approved', 'declined')),
    number       smallint NOT NULL, -- of the message
    action       text NOT NULL,     -- its name
    body         bytea NOT NULL,    -- as it was sent; empty of what was done alone, and when its words are forgotten
    subject      text NOT NULL,     -- what it is done to, as people read it
    subject_id   uuid NOT NULL,
    counted      uuid NOT NULL,     -- whose sums it is part of
    currency     text NOT NULL,
    amount       bigint NOT NULL CHECK (amount > 0),
    reason       text NOT NULL,
    requested_by uuid NOT NULL,
    requested_at bigint NOT NULL,
    expires_at   bigint NOT NULL,
    decided_by   uuid,
    decided_at   bigint,
    decision     text NOT NULL DEFAULT '',
    CONSTRAINT approval_is_decided CHECK ((state IN ('approved', 'declined')) = (decided_by IS NOT NULL)
                                          AND (decided_by IS NULL) = (decided_at IS NULL)),
    CONSTRAINT approval_needs_two CHECK (decided_by <> requested_by)
);
CREATE INDEX approval_by_time ON approval (requested_at DESC, id DESC) WHERE state <> 'alone';
CREATE INDEX approval_alone ON approval (counted, currency, requested_at) WHERE state = 'alone';
CREATE INDEX approval_open ON approval (requested_by) WHERE state = 'open';
CREATE INDEX approval_by_subject ON approval (subject_id);

CREATE FUNCTION alone_total(counted_ uuid, currency_ text, since_ bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum(a.amount), 0)::bigint FROM host.approval a
    WHERE a.state = 'alone' AND a.counted = counted_ AND a.currency = currency_ AND a.requested_at >= since_
$$;

-- Whoever would come to `from_` with so much more is a conflict, as it has not seen all of the others'. What is counted together may lie
-- in several shards, so those who do it wait for each other.
CREATE FUNCTION note_alone(id_ uuid, number_ smallint, action_ text, subject_ text, subject_id_ uuid, counted_ uuid, currency_ text,
                           amount_ bigint, by_ uuid, at_ bigint, since_ bigint, from_ bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('host.note_alone ' || counted_, 0));
    IF amount_ + host.alone_total(counted_, currency_, since_) >= from_ THEN
        RAISE EXCEPTION 'it needs a second member of the staff' USING ERRCODE = 'SK002';
    END IF;
    INSERT INTO host.approval (id, state, number, action, body, subject, subject_id, counted, currency, amount, reason, requested_by,
                               requested_at, expires_at)
    VALUES (id_, 'alone', number_, action_, '', subject_, subject_id_, counted_, currency_, amount_, '', by_, at_, at_);
END $$;

-- Words about somebody who is gone. What still waits can be decided no more: the command is gone with them.
CREATE FUNCTION forget_approvals(subjects_ uuid[]) RETURNS void LANGUAGE sql AS $$
    UPDATE host.approval a SET reason = '', decision = '', body = '', expires_at = least(a.expires_at, a.requested_at)
    WHERE a.subject_id = ANY (subjects_) AND a.state <> 'alone'
$$;

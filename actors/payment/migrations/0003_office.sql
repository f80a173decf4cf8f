-- What staff lists and settles.
ALTER TABLE payment.payment ADD COLUMN mismatches_seen integer NOT NULL DEFAULT 0 CHECK (mismatches_seen >= 0);
CREATE INDEX payment_by_time ON payment.payment (created_at DESC, id DESC) WHERE amount > 0;
CREATE INDEX payment_by_status ON payment.payment (status, created_at DESC, id DESC) WHERE amount > 0;
-- Rows that few are of, so that the queue costs nothing.
CREATE INDEX payment_with_mismatch ON payment.payment (id) WHERE has_mismatch;
CREATE INDEX payment_disputed ON payment.payment (id) WHERE disputed > 0;
CREATE INDEX payment_not_wanted ON payment.payment (id) WHERE captured > 0 AND goal <> 'take';
CREATE INDEX operation_unknown ON payment.operation (payment_id) WHERE state IN ('unknown', 'not_taken', 'shut');
CREATE INDEX refund_open ON payment.refund (payment_id) WHERE state IN ('requested', 'refused', 'unknown');

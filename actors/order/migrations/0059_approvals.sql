-- What waits for a second member of the staff is the host's now, of whatever staff gives back (storage/migrations/0009_approvals.sql). What
-- was decided keeps its place in the list, what staff gave back alone counts on, and what still waits is asked for anew: it was kept in
-- another form than commands are.
INSERT INTO host.approval (id, state, number, action, body, subject, subject_id, counted, currency, amount, reason, requested_by,
                           requested_at, expires_at, decided_by, decided_at, decision)
SELECT q.id, q.state, 4721, 'order.refund_order', '', '', q.order_id, q.order_id, o.currency, q.total, q.reason, q.requested_by,
       q.requested_at, least(q.expires_at, q.requested_at), q.decided_by, q.decided_at, q.decision
FROM "order".refund_request q JOIN "order".vendor_order o ON o.id = q.order_id WHERE q.total > 0;

INSERT INTO host.approval (id, state, number, action, body, subject, subject_id, counted, currency, amount, reason, requested_by,
                           requested_at, expires_at)
SELECT gen_random_uuid(), 'alone', 4721, 'order.refund_order', '', '', r.order_id, r.order_id, o.currency, r.total - r.set_off, '',
       '00000000-0000-0000-0000-000000000000', 0, 0
FROM "order".order_refund r JOIN "order".vendor_order o ON o.id = r.order_id
WHERE r.is_kept AND r.total > r.set_off AND NOT EXISTS (SELECT 1 FROM "order".refund_request q WHERE q.refund_id = r.id);

DROP TABLE "order".refund_request;

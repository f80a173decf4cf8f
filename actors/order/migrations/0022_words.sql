-- What was written when orders changed, and why goods came back, is forgotten with whoever bought; of those who left before this
-- version it is forgotten now.
UPDATE "order".order_history h SET note = ''
FROM "order".vendor_order o LEFT JOIN "order".leaving_shopper l ON l.user_id = o.user_id
JOIN "order".order_group g ON g.id = o.group_id
WHERE h.order_id = o.id AND h.note <> ''
  AND (l.until = 9223372036854775807 OR (g.user_id IS NULL AND g.guest_email IS NULL));
UPDATE "order".order_return r SET reason = ''
FROM "order".vendor_order o LEFT JOIN "order".leaving_shopper l ON l.user_id = o.user_id
JOIN "order".order_group g ON g.id = o.group_id
WHERE r.order_id = o.id AND r.reason <> ''
  AND (l.until = 9223372036854775807 OR (g.user_id IS NULL AND g.guest_email IS NULL));

-- Rules are asked one by one: each is one statement of its own, which does not take longer the more rules there are, and of which
-- no other one makes the plan worse. First those of drafts and of late payments, in the form of 0038_invariants.sql.
CREATE FUNCTION "order".draft_without_its_cart() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT d.cart_id
    FROM "order".draft d LEFT JOIN "order".cart c ON c.id = d.cart_id WHERE c.draft IS NULL
$$;
CREATE FUNCTION "order".cart_of_no_draft() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT c.id
    FROM "order".cart c LEFT JOIN "order".draft d ON d.cart_id = c.id WHERE c.draft IS NOT NULL AND d.cart_id IS NULL
$$;
CREATE FUNCTION "order".draft_is_of_another_customer() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT d.cart_id
    FROM "order".draft d JOIN "order".cart c ON c.id = d.cart_id WHERE d.user_id IS DISTINCT FROM c.user_id
$$;
CREATE FUNCTION "order".draft_is_not_sent_as_it_says() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT d.cart_id
    FROM "order".draft d JOIN "order".cart c ON c.id = d.cart_id WHERE (c.draft = 'sent') <> (d.sent_at IS NOT NULL)
$$;
CREATE FUNCTION "order".draft_was_merged() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT c.id FROM "order".cart c WHERE c.draft IS NOT NULL AND c.status = 'merged'
$$;
CREATE FUNCTION "order".draft_of_a_guest_whom_nobody_reaches() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT d.cart_id
    FROM "order".draft d JOIN "order".cart c ON c.id = d.cart_id
    WHERE c.status <> 'ordered' AND d.user_id IS NULL AND d.guest_email IS NULL
$$;
CREATE FUNCTION "order".placed_draft_that_remembers_its_guest() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT d.cart_id
    FROM "order".draft d JOIN "order".cart c ON c.id = d.cart_id
    WHERE c.status = 'ordered' AND (d.guest_email IS NOT NULL OR d.guest_name IS NOT NULL OR d.note <> '')
$$;
CREATE FUNCTION "order".staff_has_placed_what_is_not_ordered() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT d.cart_id
    FROM "order".draft d JOIN "order".cart c ON c.id = d.cart_id WHERE c.status <> 'ordered' AND d.placed_by IS NOT NULL
$$;
CREATE FUNCTION "order".staff_has_paid_from_a_wallet() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT d.cart_id
    FROM "order".draft d JOIN "order".order_group g ON g.cart_id = d.cart_id
    WHERE g.status = 'placed' AND d.placed_by IS NOT NULL AND g.on_delivery <> g.total
      AND NOT EXISTS (SELECT 1 FROM "order".vendor_order o JOIN "order".order_edit e ON e.order_id = o.id
                      WHERE o.group_id = g.id AND e.status = 'applied' AND e.payment = 'wallet')
$$;
-- Every row is a violated invariant of drafts; none is what it should be.
CREATE FUNCTION "order".check_drafts() RETURNS TABLE (invariant text, id uuid)
LANGUAGE sql STABLE AS $$
    SELECT 'draft_without_its_cart', f FROM "order".draft_without_its_cart() AS f
    UNION ALL
    SELECT 'cart_of_no_draft', f FROM "order".cart_of_no_draft() AS f
    UNION ALL
    SELECT 'draft_is_of_another_customer', f FROM "order".draft_is_of_another_customer() AS f
    UNION ALL
    SELECT 'draft_is_not_sent_as_it_says', f FROM "order".draft_is_not_sent_as_it_says() AS f
    UNION ALL
    SELECT 'draft_was_merged', f FROM "order".draft_was_merged() AS f
    UNION ALL
    SELECT 'draft_of_a_guest_whom_nobody_reaches', f FROM "order".draft_of_a_guest_whom_nobody_reaches() AS f
    UNION ALL
    SELECT 'placed_draft_that_remembers_its_guest', f FROM "order".placed_draft_that_remembers_its_guest() AS f
    UNION ALL
    SELECT 'staff_has_placed_what_is_not_ordered', f FROM "order".staff_has_placed_what_is_not_ordered() AS f
    UNION ALL
    SELECT 'staff_has_paid_from_a_wallet', f FROM "order".staff_has_paid_from_a_wallet() AS f
$$;
CREATE FUNCTION "order".late_payment_of_no_transfer() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT l.id
    FROM "order".late_payment l LEFT JOIN "order".order_group g ON g.id = l.group_id
    WHERE g.status IS DISTINCT FROM 'placed' OR g.offline_method IS DISTINCT FROM 'transfer'
       OR g.currency <> l.currency
$$;
CREATE FUNCTION "order".late_payment_of_an_order_that_waits() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT l.id
    FROM "order".late_payment l
    WHERE EXISTS (SELECT 1 FROM "order".vendor_order o WHERE o.group_id = l.group_id AND o.status = 'pending_payment')
$$;
CREATE FUNCTION "order".late_payment_into_the_wallet_of_nobody() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT l.id
    FROM "order".late_payment l JOIN "order".order_group g ON g.id = l.group_id
    WHERE l.destination = 'wallet' AND g.user_id IS NULL
$$;
CREATE FUNCTION "order".paid_checkout_is_still_reminded_of() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT g.id
    FROM "order".order_group g WHERE g.invoice_remind_at IS NOT NULL AND g.offline_method IS DISTINCT FROM 'invoice'
$$;
-- Every row is a violated invariant of late payments; none is what it should be.
CREATE FUNCTION "order".check_late_payments() RETURNS TABLE (invariant text, id uuid)
LANGUAGE sql STABLE AS $$
    SELECT 'late_payment_of_no_transfer', f FROM "order".late_payment_of_no_transfer() AS f
    UNION ALL
    SELECT 'late_payment_of_an_order_that_waits', f FROM "order".late_payment_of_an_order_that_waits() AS f
    UNION ALL
    SELECT 'late_payment_into_the_wallet_of_nobody', f FROM "order".late_payment_into_the_wallet_of_nobody() AS f
    UNION ALL
    SELECT 'paid_checkout_is_still_reminded_of', f FROM "order".paid_checkout_is_still_reminded_of() AS f
$$;

-- The rules that a check_*() unites, in its order.
CREATE FUNCTION "order".rules_of(check_name text) RETURNS SETOF text LANGUAGE sql STABLE AS $$
    SELECT m.found[1] FROM pg_proc p, regexp_matches(p.prosrc, 'SELECT ''(\w+)'', f', 'g') WITH ORDINALITY AS m (found, place)
    WHERE p.pronamespace = '"order"'::regnamespace AND p.proname = check_name ORDER BY m.place
$$;
-- What breaks a rule, at most so much of it. All of it is found first: a plan that is to find a few rows soon reads a table anew
-- for each row of another one, and here there are none.
CREATE FUNCTION "order".broken(rule text, most bigint) RETURNS TABLE (invariant text, id text) LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY EXECUTE format(
        'WITH found AS MATERIALIZED (SELECT f FROM "order".%I() AS f) SELECT %L::text, f::text FROM found LIMIT %s',
        rule, rule, most);
END $$;

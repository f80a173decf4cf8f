/* Claims about check_*(): each rule is broken by one change of rows, and named; put back, nothing
 * is. The rows are those of real orders, which were returned, exchanged, claimed and cancelled. */
#include "tests/actors/order/exchange_words.h"

#include <string.h>

#define AN_EDIT_OF_NOTHING                                                                         \
    "INSERT INTO \"order\".order_edit (id, order_id, status, reason, items, total, payment, "      \
    "proposed_at, expires_at, fewer, given_back, refund_id) SELECT id, order_id, 'applied', '', "  \
    "0, 0, 'none', 1, 2, 1, 5, id FROM \"order\".order_refund"

/* One of each cart. */
#define DRAFTS(user, note, sent, placed)                                                           \
    "INSERT INTO \"order\".draft (cart_id, user_id, note, made_by, made_at, sent_at, placed_by) "  \
    "SELECT id, " user ", '" note "', id, 1, " sent ", " placed " FROM \"order\".cart"
#define LATE_PAYMENTS(destination)                                                                 \
    "INSERT INTO \"order\".late_payment SELECT id, id, 1, currency, '" destination                 \
    "', '', id, 1, NULL FROM \"order\".order_group"

/* What breaks a rule, beside others perhaps: no column's own rule stands in the way. */
static const struct {
    const char *rule, *spoil;
} broken[] = {
    { "placed_group_without_orders",
      "UPDATE \"order\".vendor_order SET group_id = gen_random_uuid()" },
    { "group_total_is_not_sum_of_orders", "UPDATE \"order\".order_group SET total = total + 1" },
    { "on_delivery_is_not_sum_of_orders",
      "UPDATE \"order\".order_group SET on_delivery = on_delivery + 1" },
    { "group_is_not_paid_as_it_says",
      "UPDATE \"order\".order_group SET payment_status = 'partially_paid'" },
    { "refunded_is_not_sum_of_orders",
      "UPDATE \"order\".vendor_order SET refunded = refunded + 1" },
    { "waived_is_not_sum_of_orders", "UPDATE \"order\".vendor_order SET waived = waived + 1" },
    { "collected_is_not_sum_of_orders",
      "UPDATE \"order\".vendor_order SET collected = collected + 1" },
    { "order_is_paid_otherwise_than_its_group",
      "UPDATE \"order\".order_group SET offline_method = 'invoice'" },
    { "order_is_not_paid_as_it_says",
      "UPDATE \"order\".vendor_order SET payment_status = 'partially_paid'" },
    { "order_waits_for_a_payment_that_is_not_owed",
      "UPDATE \"order\".vendor_order SET status = 'pending_payment'" },
    { "guest_has_paid_from_a_wallet", "UPDATE \"order\".order_group SET user_id = NULL" },
    { "order_is_not_of_its_groups_owner",
      "UPDATE \"order\".vendor_order SET user_id = gen_random_uuid()" },
    { "order_items_are_not_sum_of_lines", "UPDATE \"order\".vendor_order SET items = items + 1" },
    { "orders_of_a_group_that_is_not_placed",
      "UPDATE \"order\".order_group SET status = 'failed'" },
    { "line_without_its_order", "UPDATE \"order\".order_line SET group_id = gen_random_uuid()" },
    { "cart_placed_twice",
      "UPDATE \"order\".order_group SET cart_id = (SELECT min(cart_id::text)::uuid "
      "FROM \"order\".order_group)" },
    { "cart_and_group_disagree", "UPDATE \"order\".cart SET user_id = gen_random_uuid()" },
    { "pending_group_without_locked_cart", "UPDATE \"order\".order_group SET status = 'pending'" },
    { "adopted_cart_is_not_closed",
      "INSERT INTO \"order\".cart_merge SELECT id, id, gen_random_uuid(), 1 FROM "
      "\"order\".cart" },
    { "line_of_no_cart", "UPDATE \"order\".cart_line SET cart_id = gen_random_uuid()" },
    { "too_many_lines", "INSERT INTO \"order\".cart_line SELECT (l.n).* FROM (SELECT "
                        "jsonb_populate_record(c, jsonb_build_object('id', gen_random_uuid(), "
                        "'variant_id', gen_random_uuid())) AS n FROM \"order\".cart_line c, "
                        "generate_series(1, 51)) l" },
    { "discount_is_not_sum_of_promotions",
      "UPDATE \"order\".order_line SET discount = discount + 1" },
    { "tax_is_not_sum_of_rates", "UPDATE \"order\".order_line SET tax = tax + 1" },
    { "order_discount_is_not_sum_of_lines",
      "UPDATE \"order\".order_line SET discount = discount + 1" },
    { "order_shipping_is_not_sum_of_deliveries",
      "UPDATE \"order\".vendor_order SET shipping = shipping + 1" },
    { "order_tax_is_not_sum_of_its_parts", "UPDATE \"order\".vendor_order SET tax = tax + 1" },
    { "price_of_no_line_and_no_delivery",
      "INSERT INTO \"order\".order_discount SELECT id, gen_random_uuid(), id, 1, 1 "
      "FROM \"order\".vendor_order" },
    { "refund_is_not_sum_of_its_parts", "UPDATE \"order\".order_refund SET total = total + 1" },
    { "part_that_goes_back_does_not_add_up",
      "UPDATE \"order\".order_refund_part SET total = total + 1" },
    { "discount_that_goes_back_is_not_sum_of_promotions",
      "UPDATE \"order\".order_refund_part SET discount = discount + 1" },
    { "tax_that_goes_back_is_not_sum_of_rates",
      "UPDATE \"order\".order_refund_part SET tax = tax + 1" },
    { "more_went_back_than_there_was",
      "UPDATE \"order\".order_refund_part SET quantity = quantity + 100" },
    { "all_went_back_but_not_what_it_cost", "UPDATE \"order\".order_line SET total = total + 1" },
    { "more_of_a_promotion_went_back_than_it_took",
      "INSERT INTO \"order\".order_refund_discount SELECT refund_id, subject_id, "
      "refund_id, 1, 1 FROM \"order\".order_refund_part" },
    { "more_of_a_rate_went_back_than_it_took",
      "INSERT INTO \"order\".order_refund_tax SELECT refund_id, subject_id, "
      "refund_id, 1 FROM \"order\".order_refund_part" },
    { "units_that_went_back_are_not_refunded",
      "UPDATE \"order\".order_line SET cancelled = cancelled + 1" },
    { "order_is_not_refunded_by_its_refunds",
      "UPDATE \"order\".vendor_order SET refunded = refunded + 1" },
    { "wallet_is_refunded_while_something_is_owed",
      "UPDATE \"order\".vendor_order SET refunded = 1, on_delivery = on_delivery + 1" },
    { "called_off_but_not_all_went_back",
      "UPDATE \"order\".vendor_order SET status = 'cancelled'" },
    { "refund_that_no_history_tells",
      "UPDATE \"order\".order_refund SET sequence = sequence + 100" },
    { "edit_is_not_sum_of_its_lines",
      "INSERT INTO \"order\".order_edit (id, order_id, status, reason, items, total, "
      "payment, proposed_at, expires_at) SELECT id, id, 'open', '', 5, 5, 'wallet', "
      "1, 2 FROM \"order\".vendor_order" },
    { "edit_changes_nothing",
      "INSERT INTO \"order\".order_edit (id, order_id, status, reason, items, total, "
      "payment, proposed_at, expires_at) SELECT id, id, 'open', '', 0, 0, 'none', "
      "1, 2 FROM \"order\".vendor_order" },
    { "edit_gives_back_otherwise_than_its_refund", AN_EDIT_OF_NOTHING },
    { "edit_gives_back_other_units_than_its_refund", AN_EDIT_OF_NOTHING },
    { "more_of_a_hold_went_back_than_it_has_paid",
      "INSERT INTO \"order\".order_refund_hold SELECT id, gen_random_uuid(), 1 FROM "
      "\"order\".order_refund" },
    { "more_of_holds_goes_back_than_to_the_wallet",
      "INSERT INTO \"order\".order_refund_hold SELECT id, id, total + 1 FROM "
      "\"order\".order_refund" },
    { "line_is_not_as_its_edit_says",
      "WITH e AS (INSERT INTO \"order\".order_edit (id, order_id, status, reason, "
      "items, total, payment, proposed_at, expires_at) SELECT id, id, 'open', '', 5, "
      "5, 'wallet', 1, 2 FROM \"order\".vendor_order) INSERT INTO "
      "\"order\".order_edit_line SELECT order_id, position, id, id, 1, 5, 0 FROM "
      "\"order\".order_line" },
    { "refund_says_otherwise_where_its_money_goes",
      "UPDATE \"order\".vendor_order SET card_refunded = card_refunded + 1" },
    { "more_was_refunded_before_than_was_kept",
      "UPDATE \"order\".order_refund_part SET refunded_before = 1" },
    { "credit_is_not_what_goes_to_the_wallet",
      "UPDATE \"order\".order_refund SET card_to_wallet = 1" },
    { "goodwill_of_an_order_is_not_that_of_its_refunds",
      "UPDATE \"order\".vendor_order SET goodwill = goodwill + 1" },
    { "line_of_a_hold_of_no_edit", "UPDATE \"order\".order_line SET hold_id = gen_random_uuid()" },
    { "draft_without_its_cart", DRAFTS("user_id", "", "NULL", "NULL") },
    { "cart_of_no_draft", "UPDATE \"order\".cart SET draft = 'open'" },
    { "draft_is_of_another_customer", DRAFTS("id", "", "NULL", "NULL") },
    { "draft_is_not_sent_as_it_says",
      "WITH d AS (" DRAFTS("user_id", "", "1", "NULL") ") UPDATE "
                                                       "\"order\".cart SET draft = 'open'" },
    { "draft_was_merged", "UPDATE \"order\".cart SET draft = 'open', status = 'merged'" },
    { "draft_of_a_guest_whom_nobody_reaches",
      "WITH d AS (" DRAFTS(
          "NULL", "", "NULL",
          "NULL") ") UPDATE \"order\".cart SET draft = 'open', status = 'active'" },
    { "placed_draft_that_remembers_its_guest", DRAFTS("user_id", "Loud", "NULL", "NULL") },
    { "staff_has_placed_what_is_not_ordered",
      "WITH d AS (" DRAFTS("user_id", "", "NULL",
                           "id") ") UPDATE \"order\".cart SET draft = 'open', status = 'active'" },
    { "staff_has_paid_from_a_wallet", DRAFTS("user_id", "", "NULL", "id") },
    { "card_is_not_sum_of_orders",
      "UPDATE \"order\".order_group SET card_amount = card_amount + 1" },
    { "staff_has_paid_by_card",
      "WITH d AS (" DRAFTS("user_id", "", "NULL",
                           "id") ") UPDATE \"order\".order_group SET card_amount = 1" },
    { "late_payment_of_no_transfer", LATE_PAYMENTS("manual") },
    { "late_payment_of_an_order_that_waits",
      "WITH l AS (" LATE_PAYMENTS(
          "manual") ") UPDATE "
                    "\"order\".vendor_order SET status = 'pending_payment'" },
    { "late_payment_into_the_wallet_of_nobody",
      "WITH l AS (" LATE_PAYMENTS("wallet") ") UPDATE "
                                            "\"order\".order_group SET user_id = NULL" },
    { "paid_checkout_is_still_reminded_of", "UPDATE \"order\".order_group SET "
                                            "invoice_remind_at = 1" },
    { "promotion_is_used_beyond_its_limit",
      "UPDATE \"order\".promotion SET limit_total = 1, used = 2" },
    { "promotion_does_not_count_its_redemptions",
      "UPDATE \"order\".promotion SET held = held + 1" },
    { "redemption_of_no_promotion", "INSERT INTO \"order\".redemption VALUES (gen_random_uuid(), "
                                    "gen_random_uuid(), 1, NULL, 'released', 1, 1, 1)" },
    { "used_redemption_of_no_placed_group",
      "INSERT INTO \"order\".redemption VALUES (gen_random_uuid(), "
      "gen_random_uuid(), 1, gen_random_uuid(), 'used', 1, 1, NULL)" },
    { "history_has_gaps", "UPDATE \"order\".vendor_order SET version = version + 1" },
    { "history_of_no_order",
      "UPDATE \"order\".order_history SET order_id = gen_random_uuid() WHERE "
      "sequence = 1" },
    { "history_is_no_path",
      "UPDATE \"order\".order_history SET from_state = 'draft' WHERE sequence = 2" },
    { "history_has_an_illegal_step", "UPDATE \"order\".order_history SET trigger = 'lock'" },
    { "history_does_not_begin",
      "UPDATE \"order\".order_history SET from_state = 'draft' WHERE sequence = 1" },
    { "order_is_not_where_its_history_ends",
      "UPDATE \"order\".vendor_order SET status = 'processing'" },
    { "order_is_not_as_far_as_its_units",
      "UPDATE \"order\".vendor_order SET fulfilment_status = 'shipped'" },
    { "state_is_not_as_far_as_its_units", "UPDATE \"order\".order_line SET delivered = 0" },
    { "group_is_not_as_far_as_its_orders",
      "UPDATE \"order\".order_group SET fulfilment_status = 'shipped'" },
    { "line_does_not_count_its_parcels", "UPDATE \"order\".order_line SET packed = packed + 1" },
    { "order_does_not_count_its_parcels",
      "UPDATE \"order\".vendor_order SET shipments_count = shipments_count + 1" },
    { "parcel_without_its_order", "UPDATE \"order\".shipment SET order_id = gen_random_uuid()" },
    { "parcel_holds_nothing", "DELETE FROM \"order\".shipment_line" },
    { "line_of_another_order_in_a_parcel",
      "UPDATE \"order\".shipment_line SET line_id = gen_random_uuid()" },
    { "parcel_is_not_where_its_history_ends",
      "UPDATE \"order\".shipment SET status = 'exception'" },
    { "return_is_not_where_its_history_ends",
      "UPDATE \"order\".order_return SET status = 'approved'" },
    { "order_does_not_count_its_open_returns",
      "UPDATE \"order\".vendor_order SET returns_open = returns_open + 1" },
    { "return_of_no_line_of_the_order",
      "UPDATE \"order\".order_return_line SET line_id = gen_random_uuid()" },
    { "more_is_returned_than_has_arrived",
      "UPDATE \"order\".order_return_line SET quantity = quantity + 100" },
    { "line_does_not_count_what_was_returned",
      "UPDATE \"order\".order_line SET returned = returned + 1" },
    { "return_does_not_count_what_was_received",
      "UPDATE \"order\".order_return_line SET received = received + 1" },
    { "refunded_return_without_its_refund",
      "UPDATE \"order\".order_return SET refund_id = gen_random_uuid()" },
    { "return_does_not_count_what_was_given_back",
      "UPDATE \"order\".order_return_line SET given_back = given_back + 1" },
    { "exchanged_return_without_its_replacement",
      "UPDATE \"order\".order_return SET replacement_id = gen_random_uuid()" },
    { "exchanged_return_whose_replacement_is_gone",
      "UPDATE \"order\".vendor_order SET status = 'cancelled'" },
    { "replacement_is_not_what_came_back",
      "UPDATE \"order\".order_return_line SET given_back = given_back + 1" },
    { "replacement_sends_what_nobody_asked_for",
      "UPDATE \"order\".order_line SET position = position + 100 WHERE order_id IN "
      "(SELECT id FROM \"order\".vendor_order WHERE replaces_id IS NOT NULL)" },
    { "replacement_of_no_return", "UPDATE \"order\".order_return SET replacement_id = NULL" },
    { "completed_order_with_an_open_return",
      "WITH o AS (UPDATE \"order\".vendor_order SET status = 'completed') UPDATE "
      "\"order\".order_return SET ended_at = NULL" },
    { "claim_is_not_where_its_history_ends",
      "UPDATE \"order\".order_claim SET status = 'escalated'" },
    { "claim_about_nothing", "DELETE FROM \"order\".order_claim_line" },
    { "claim_of_no_line_of_the_order",
      "UPDATE \"order\".order_claim_line SET line_id = gen_random_uuid()" },
    { "claim_does_not_grant_what_it_says", "UPDATE \"order\".order_claim_line SET granted = 0" },
    { "claim_does_not_count_what_was_given_back",
      "UPDATE \"order\".order_claim_line SET given_back = given_back + 1" },
    { "refunded_claim_without_its_refund",
      "UPDATE \"order\".order_claim SET refund_id = gen_random_uuid()" },
    { "replaced_claim_without_its_replacement",
      "UPDATE \"order\".order_claim SET replacement_id = gen_random_uuid()" },
    { "replaced_claim_whose_replacement_is_gone",
      "UPDATE \"order\".vendor_order SET status = 'cancelled'" },
    { "claims_replacement_is_not_what_was_granted",
      "UPDATE \"order\".order_claim_line SET granted = granted + 1" },
};

#define CHECKS                                                                                     \
    "SELECT * FROM \"order\".check_orders() UNION ALL SELECT * FROM \"order\".check_prices() "     \
    "UNION ALL SELECT * FROM \"order\".check_promotions() "                                        \
    "UNION ALL SELECT * FROM \"order\".check_lives() "                                             \
    "UNION ALL SELECT * FROM \"order\".check_shipments() "                                         \
    "UNION ALL SELECT * FROM \"order\".check_returns() "                                           \
    "UNION ALL SELECT * FROM \"order\".check_claims() "                                            \
    "UNION ALL SELECT * FROM \"order\".check_drafts() "                                            \
    "UNION ALL SELECT * FROM \"order\".check_cards() "                                             \
    "UNION ALL SELECT * FROM \"order\".check_late_payments()"

#define PROMOTION                                                                                  \
    "INSERT INTO \"order\".promotion (id, owner_id, name, status, kind, off_ppm, fixed_amount, "   \
    "buy_quantity, get_quantity, target_products, qualifying_products, quantity_min, "             \
    "subtotal_min, group_ids, needs_first_order, starts_at, is_exclusive, priority, bearer, "      \
    "market_ppm, limit_total, created_at, updated_at) VALUES (gen_random_uuid(), "                 \
    "'00000000-0000-0000-0000-000000000000', 'Tenth', 'paused', 'percent', 100000, 0, 0, 0, "      \
    "'{}', '{}', 0, 0, '{}', false, 1, false, 0, 'market', 0, 5, 1, 1)"

/* Tables without rules, and a function that changes rows, looks, and takes the change back. */
static void let_anything_be_written(void)
{
    (void)scratch_sql(market.scratch, "order",
                      "DO $$ DECLARE c record; BEGIN FOR c IN SELECT conrelid::regclass AS t, "
                      "conname FROM pg_constraint WHERE contype = 'c' AND conrelid <> 0 "
                      "AND connamespace = 'order'::regnamespace LOOP "
                      "EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', c.t, c.conname); "
                      "END LOOP; END $$");
    (void)scratch_sql(market.scratch, "order", "DROP INDEX \"order\".order_group_one_placed");
    (void)scratch_sql(market.scratch, "order", "DROP INDEX \"order\".cart_one_active");
    (void)scratch_sql(market.scratch, "order",
                      "ALTER TABLE \"order\".order_claim DROP CONSTRAINT "
                      "order_claim_refund_id_key, DROP CONSTRAINT order_claim_replacement_id_key");
    (void)scratch_sql(market.scratch, "order",
                      "CREATE FUNCTION \"order\".found_after(spoil text) RETURNS text "
                      "LANGUAGE plpgsql AS $$ BEGIN EXECUTE spoil; RAISE EXCEPTION USING "
                      "ERRCODE = 'P0001', MESSAGE = coalesce((SELECT ' ' || string_agg(DISTINCT "
                      "c.invariant, ' ') || ' ' FROM (" CHECKS ") c), ''); "
                      "EXCEPTION WHEN SQLSTATE 'P0001' THEN RETURN SQLERRM; END $$");
}

/* One order of which something came back in each way, one that was cancelled, and a promotion. */
__attribute__((noinline)) static void have_some_of_everything(void)
{
    struct order_order order = delivered(141, 5), reply;
    struct order_file_claim claim = { .order_id = order.id,
                                      .lines =
                                          &(struct order_shipment_line){ order.lines[0].id, 1 },
                                      .lines_count = 1,
                                      .kind = ORDER_CLAIM_KIND_WRONG,
                                      .reason = TEXT("Wrong") };
    const struct message *file = &order_file_claim_message;
    assert_int_equal(market_call(&market, shopper, file, &claim, 0, &reply).status, STATUS_OK);
    const struct order_refund_claim granted = { order.id, reply.claims[0].id, .lines_count = 0 };
    assert_int_equal(as_vendor(&order_refund_claim_message, &granted, &reply).status, STATUS_OK);
    assert_int_equal(market_call(&market, shopper, file, &claim, 0, &reply).status, STATUS_OK);
    const struct order_replace_claim again = { order.id, reply.claims[1].id, .lines_count = 0 };
    assert_int_equal(as_vendor(&order_replace_claim_message, &again, &reply).status, STATUS_OK);
    (void)sent_again(order.id, arrived(&order, 1, 1));
    assert_int_equal(receive(&order, approved(&order, 1), 1, 0, &reply).status, STATUS_OK);
    order = delivered(142, 1);
    assert_int_equal(receive(&order, approved(&order, 1), 1, 0, &reply).status, STATUS_OK);
    market_settle(&market);
    (void)scratch_sql(market.scratch, "order", PROMOTION);
}

static void each_rule_names_what_breaks_it(void **state)
{
    (void)state;
    have_some_of_everything();
    let_anything_be_written();
    for (size_t i = 0; i < ARRAY_LENGTH(broken); i++) {
        static char sql[2048], named[128];
        (void)snprintf(sql, sizeof sql, "SELECT \"order\".found_after($spoil$%s$spoil$)",
                       broken[i].spoil);
        (void)snprintf(named, sizeof named, " %s ", broken[i].rule);
        const char *found = scratch_sql(market.scratch, "order", sql);
        if (strstr(found, named) == NULL) fail_msg("%s: found%s", broken[i].rule, found);
    }
    assert_string_equal(
        scratch_sql(market.scratch, "order", "SELECT \"order\".found_after('SELECT 1')"), "");
}

/* Every rule that a check unites has a function of its name, and is broken above. */
static void no_rule_is_forgotten(void **state)
{
    (void)state;
    assert_int_equal(
        market_number(&market, "SELECT count(*) FROM pg_proc p, regexp_matches(p.prosrc, "
                               "'SELECT ''(\\w+)'', f', 'g') AS m WHERE p.proname LIKE 'check_%' "
                               "AND p.pronamespace = 'order'::regnamespace AND EXISTS (SELECT 1 "
                               "FROM pg_proc r WHERE r.proname = m[1] "
                               "AND r.pronamespace = p.pronamespace)"),
        ARRAY_LENGTH(broken));
    assert_int_equal(market_number(&market, "SELECT count(*) FROM pg_proc p WHERE p.proname ~ "
                                            "'^(check|legal)_.*_[0-9]+$'"),
                     0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SOUND(no_rule_is_forgotten),
        SOUND(each_rule_names_what_breaks_it),
    };
    return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}

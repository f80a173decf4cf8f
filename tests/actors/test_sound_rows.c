/* The last judge of rows that each checkout writes is the database: one function for each table
 * says what its columns have to do with each other. A sound row is spoilt in each way that a rule
 * names. */
#include "messages/values.h"
#include "tests/support/cmocka.h"
#include "tests/support/scratch_database.h"

#include <stdio.h>

static struct scratch *scratch;

#define ONE "'00000000-0000-0000-0000-000000000001'"

static const char order_rows[] =
    "INSERT INTO \"order\".cart (id, user_id, shard, status, currency, version, created_at, "
    "updated_at)"
    " VALUES (" ONE ", " ONE ", 1, 'active', 'EUR', 1, 1, 1);"
    "INSERT INTO \"order\".order_group (id, cart_id, user_id, status, payment_status, total, "
    "currency,"
    " number, created_at, placed_at, on_delivery)"
    " VALUES (" ONE ", " ONE ", " ONE ", 'placed', 'unpaid', 100, 'EUR', 1, 1, 1, 40);"
    "INSERT INTO \"order\".vendor_order (id, group_id, user_id, vendor_id, vendor_name, number, "
    "status,"
    " payment_status, items, discount, shipping, shipping_discount, tax, total, currency, "
    "placed_at,"
    " on_delivery)"
    " VALUES (" ONE ", " ONE ", " ONE ", " ONE
    ", 'v', '1-1', 'placed', 'unpaid', 90, 10, 20, 5, 5, 100,"
    " 'EUR', 1, 40);"
    "INSERT INTO \"order\".order_line (id, order_id, group_id, position, variant_id, product_id, "
    "name,"
    " quantity, unit_amount, total, packed, shipped, delivered, returned)"
    " VALUES (" ONE ", " ONE ", " ONE ", 1, " ONE ", " ONE ", 'n', 9, 10, 90, 4, 3, 2, 1);";

static const char wallet_rows[] =
    "INSERT INTO wallet.transaction (id, shard, seq, wallet_id, kind, house, currency, amount,"
    " balance_after, reference, created_at, previous_hash, hash)"
    " VALUES (" ONE ", 1, 1, " ONE ", 'grant', 'grants', 'EUR', 5, 5, '', 1, '', '');"
    "INSERT INTO wallet.hold (id, wallet_id, shard, currency, amount, state, reference, expires_at,"
    " created_at) VALUES (" ONE ", " ONE ", 1, 'EUR', 5, 'pending', '', 1, 1);"
    "INSERT INTO wallet.posting (transaction_id, leg, account, wallet_id, shard, currency, amount)"
    " VALUES (" ONE ", 0, 'wallet', " ONE ", 1, 'EUR', 5);"
    "ALTER TABLE wallet.transaction DISABLE TRIGGER USER;" /* which refuse every change */
    "ALTER TABLE wallet.posting DISABLE TRIGGER USER;";

static const char catalog_rows[] =
    "INSERT INTO catalog.stock (variant_id, product_id, on_hand, held, sold, received,"
    " imported_quantity) VALUES (" ONE ", " ONE ", 5, 2, 3, 8, 8);"
    "INSERT INTO catalog.reservation (reservation_id, variant_id, quantity, state, expires_at, "
    "shard)"
    " VALUES (" ONE ", " ONE ", 2, 1, 1, 1);"
    "INSERT INTO catalog.stock_movement (variant_id, version, kind, delta, at)"
    " VALUES (" ONE ", 1, 0, 8, 1);"
    "INSERT INTO catalog.category (id, path, name, slug, ancestors, depth, created_at)"
    " VALUES (" ONE ", 'c', 'c', 'c', ARRAY[" ONE "::uuid], 0, 1);"
    "INSERT INTO catalog.product (id, vendor_id, category_id, category_path, handle, name, slug,"
    " description, images, is_listed, price_amount, price_currency, content_digest, created_at,"
    " updated_at, status) VALUES (" ONE ", " ONE ", " ONE
    ", 'c', 'h', 'n', 's', '', '{}', true, 100,"
    " 'EUR', '', 1, 1, 2);"
    "INSERT INTO catalog.variant (id, product_id, position, options, category_ids)"
    " VALUES (" ONE ", " ONE ", 0, '{Size,L}', '{}');"
    "INSERT INTO catalog.variant_price (variant_id, currency, amount) VALUES (" ONE
    ", 'EUR', 100);";

/* `is_taken`: the sound row may become this, too. */
static void assert_judged(const char *domain, const char *table, const char *change, bool is_taken)
{
    char sql[600];
    (void)snprintf(sql, sizeof sql, "SELECT public.is_taken($$UPDATE %s SET %s$$)", table, change);
    if ((scratch_sql(scratch, domain, sql)[0] == 't') != is_taken)
        fail_msg("%s: %s is %s", table, change, is_taken ? "refused" : "taken");
}

#define ASSERT_JUDGED(domain, table, is_taken, ...)                                                \
    do {                                                                                           \
        static const char *const changes[] = { __VA_ARGS__ };                                      \
        for (size_t i = 0; i < ARRAY_LENGTH(changes); i++)                                         \
            assert_judged(domain, table, changes[i], is_taken);                                    \
    } while (0)

static void a_cart_has_a_group_when_locked_and_whole_addresses(void **state)
{
    (void)state;
    ASSERT_JUDGED("order", "\"order\".cart", true, "version = 2",
                  "status = 'locked', group_id = id",
                  "status = 'merged', merged_into = id, user_id = NULL",
                  "country = 'DE', receiver = 'a', line1 = 'b', city = 'c'");
    ASSERT_JUDGED("order", "\"order\".cart", false, "status = 'locked'", "group_id = id",
                  "status = 'ordered'", "status = 'merged', user_id = NULL",
                  "merged_into = id, user_id = NULL", "status = 'merged', merged_into = id",
                  "country = 'DE'", "country = 'DE', receiver = 'a', line1 = 'b'",
                  "receiver = 'a', line1 = 'b', city = 'c'");
}

static void a_group_is_somebodys_and_its_money_has_parts(void **state)
{
    (void)state;
    ASSERT_JUDGED("order", "\"order\".order_group", true, "refunded = 60",
                  "waived = 20, collected = 20, handed_back = 20", "business_number = 'DE12'",
                  "user_id = NULL, guest_email = 'a@example.com'", "offline_method = 'invoice'",
                  "card_amount = 60", "guest_email = 'a@example.com', claimed_at = 1");
    ASSERT_JUDGED("order", "\"order\".order_group", false, "placed_at = NULL", "number = NULL",
                  "status = 'pending'", "refusal = 'x'", "user_id = NULL",
                  "claimed_at = 1, user_id = NULL, guest_email = 'a@example.com'",
                  "guest_email = 'a@example.com'", "business_number = 'x'",
                  "offline_method = 'cash'", "on_delivery = 101", "waived = -1", "waived = 41",
                  "collected = -1", "waived = 20, collected = 21", "handed_back = 1",
                  "handed_back = -1", "refunded = -1", "refunded = 61", "card_amount = -1",
                  "card_amount = 61");
}

static void an_order_adds_up_and_its_money_has_parts(void **state)
{
    (void)state;
    ASSERT_JUDGED(
        "order", "\"order\".vendor_order", true, "refunded = 60",
        "waived = 20, collected = 20, handed_back = 20", "business_number = 'DE12'",
        "status = 'cancelled', ended_at = 1, refunded = 60", "shipments_count = 50",
        "status = 'completed', ended_at = 1", "offline_method = 'transfer'",
        "card_amount = 60, card_refunded = 60, refunded = 60",
        "items = 0, discount = 0, shipping = 0, shipping_discount = 0, tax = 0, total = 0,"
        " on_delivery = 0, replaces_id = id");
    ASSERT_JUDGED(
        "order", "\"order\".vendor_order", false, "total = 101", "tax = 6", "items = 91",
        "discount = 9", "shipping = 21", "shipping_discount = 4",
        "shipping_discount = -1, shipping = 14", "shipping = 0, shipping_discount = 1, tax = 21",
        "ended_at = 1", "status = 'completed'", "status = 'refused', ended_at = 1",
        "status = 'cancelled', ended_at = 1, refunded = 59", "shipments_count = 51",
        "shipments_count = -1", "business_number = 'x'", "offline_method = 'cash'",
        "replaces_id = id", "on_delivery = 101", "waived = -1", "waived = 41", "collected = -1",
        "waived = 20, collected = 21", "handed_back = 1", "handed_back = -1", "refunded = -1",
        "refunded = 61", "card_amount = -1", "card_amount = 61", "card_refunded = -1",
        "card_refunded = 1", "card_amount = 5, card_refunded = 6");
}

static void units_of_a_line_are_delivered_after_they_were_sent(void **state)
{
    (void)state;
    ASSERT_JUDGED("order", "\"order\".order_line", true, "cancelled = 5", "discount = 90",
                  "packed = 9, shipped = 9, delivered = 9, returned = 9", "backordered = 9",
                  "backordered = 1, available_on = 1",
                  "part_ids = ARRAY[id], part_quantities = '{2}', part_names = '{a}',"
                  " part_skus = '{b}'");
    ASSERT_JUDGED("order", "\"order\".order_line", false, "backordered = -1",
                  "backordered = quantity + 1", "available_on = 1", "part_ids = ARRAY[id]",
                  "part_quantities = '{1}'",
                  "part_ids = ARRAY[id], part_quantities = '{0}', part_names = '{a}',"
                  " part_skus = '{b}'",
                  "part_ids = ARRAY[id], part_quantities = '{1,1}', part_names = '{a}',"
                  " part_skus = '{b}'");
    ASSERT_JUDGED("order", "\"order\".order_line", false, "total = 91", "quantity = 8",
                  "unit_amount = 11", "discount = 91", "discount = -1", "cancelled = 6",
                  "cancelled = -1", "packed = 10", "packed = 2", "shipped = 5", "shipped = 1",
                  "delivered = 4", "delivered = 0", "returned = 3", "returned = -1");
}

static void an_entry_says_why_and_names_a_wallet_or_none(void **state)
{
    (void)state;
    ASSERT_JUDGED("wallet", "wallet.transaction", true,
                  "kind = 'correction', staff_id = id, reason = 'why'",
                  "kind = 'refund', reverses = id", "version = 2, house = NULL",
                  "version = 2, house = NULL, wallet_id = NULL, currency = NULL, amount = NULL,"
                  " balance_after = NULL");
    ASSERT_JUDGED("wallet", "wallet.transaction", false, "wallet_id = NULL", "currency = NULL",
                  "amount = NULL, balance_after = NULL", "house = NULL", "version = 2",
                  "kind = 'correction'", "kind = 'correction', staff_id = id",
                  "kind = 'correction', reason = 'why'", "staff_id = id", "reason = 'why'",
                  "kind = 'refund'", "reverses = id", "kind = 'refund', reverses = id, amount = 0");
}

static void a_hold_posts_at_most_what_it_held(void **state)
{
    (void)state;
    ASSERT_JUDGED("wallet", "wallet.hold", true, "state = 'posted', settled_at = 1, posted = 5",
                  "state = 'voided', settled_at = 1",
                  "state = 'voided', settled_at = 1, currency = '', amount = 0");
    ASSERT_JUDGED("wallet", "wallet.hold", false, "settled_at = 1", "state = 'posted'",
                  "currency = 'eur'", "currency = ''",
                  "state = 'voided', settled_at = 1, currency = ''", "posted = 1",
                  "state = 'voided', settled_at = 1, posted = 1",
                  "state = 'posted', settled_at = 1, posted = 6",
                  "state = 'posted', settled_at = 1, posted = -1");
}

static void a_posting_is_the_wallets_or_a_houses(void **state)
{
    (void)state;
    ASSERT_JUDGED("wallet", "wallet.posting", true,
                  "account = 'revenue', leg = 1, wallet_id = NULL");
    ASSERT_JUDGED("wallet", "wallet.posting", false, "wallet_id = NULL", "leg = 1",
                  "account = 'revenue', wallet_id = NULL", "account = 'revenue', leg = 1");
}

static void no_unit_is_held_or_sold_that_is_not_there(void **state)
{
    (void)state;
    ASSERT_JUDGED(
        "catalog", "catalog.stock", true, "held = 5", "on_hand = 4, sold = 4",
        "on_hand = 6, received = 9", "held = 6, policy = 1, ahead_limit = 1, owed_max = 1",
        "policy = 2, ahead_limit = 1, owed_max = 1, available_on = 1",
        "on_hand = -1, sold = 9, held = 0, owed_max = 1", "is_bundle = true", "is_part = true");
    ASSERT_JUDGED("catalog", "catalog.stock", false, "policy = 1", "ahead_limit = 1, owed_max = 1",
                  "policy = 1, ahead_limit = 2, owed_max = 1", "available_on = 1",
                  "policy = 2, ahead_limit = 1, owed_max = 1",
                  "held = 7, policy = 1, ahead_limit = 1, owed_max = 1",
                  "is_bundle = true, is_part = true",
                  "is_bundle = true, policy = 1, ahead_limit = 1, owed_max = 1",
                  "policy = 3, ahead_limit = 1, owed_max = 1");
    ASSERT_JUDGED("catalog", "catalog.stock", false, "held = 6", "held = -1", "on_hand = 4",
                  "sold = 4", "received = 9", "on_hand = 9, sold = -1", "on_hand = 1, sold = 7");
    ASSERT_JUDGED("catalog", "catalog.reservation", true, "quantity = 0", "state = 4");
    ASSERT_JUDGED("catalog", "catalog.reservation", false, "quantity = -1", "state = 0",
                  "state = 5");
    ASSERT_JUDGED("catalog", "catalog.stock_movement", true, "kind = 6");
    ASSERT_JUDGED("catalog", "catalog.stock_movement", false, "kind = 7", "kind = -1");
}

static void a_product_is_listed_when_published_and_its_prices_are_sound(void **state)
{
    (void)state;
    ASSERT_JUDGED("catalog", "catalog.product", true, "price_amount = 0", "compare_at_amount = 0",
                  "sale_amount = 99, sale_from = 1, sale_to = 2, sale_prior = 0",
                  "picture = '/media/x', seo_title = 'a', seo_description = 'b'",
                  "attributes = '{a,b}'", "status = 5, is_listed = false, tax_class = 3");
    ASSERT_JUDGED("catalog", "catalog.product", false, "status = 6, is_listed = false",
                  "status = -1, is_listed = false", "status = 1", "is_listed = false",
                  "tax_class = -1", "picture = 'https://elsewhere.example'", "seo_title = ''",
                  "seo_title = repeat('a', 201)", "seo_description = ''",
                  "seo_description = repeat('a', 501)", "attributes = '{a}'",
                  "attributes = array_fill('a'::text, ARRAY[102])", "price_amount = -1",
                  "price_currency = 'EURO'", "compare_at_amount = -1", "sale_amount = 99",
                  "sale_from = 1, sale_to = 2", "sale_amount = 0, sale_from = 1, sale_to = 2",
                  "sale_amount = 100, sale_from = 1, sale_to = 2",
                  "sale_amount = 99, sale_from = 2, sale_to = 2", "sale_prior = -1");
    ASSERT_JUDGED("catalog", "catalog.variant", true, "options = '{}'", "barcode = '4006381333931'",
                  "quantity_min = 2, quantity_step = 2, quantity_max = 4");
    ASSERT_JUDGED("catalog", "catalog.variant", false, "options = '{Size}'",
                  "barcode = '4006381333932'", "quantity_step = 0", "quantity_step = 10001",
                  "quantity_min = 0", "quantity_min = 10001", "quantity_max = 0",
                  "quantity_max = 10001", "quantity_min = 3, quantity_max = 2",
                  "quantity_min = 3, quantity_step = 2", "quantity_max = 3, quantity_step = 2");
    ASSERT_JUDGED("catalog", "catalog.variant_price", true, "amount = 0", "prior_amount = 0",
                  "sale_amount = 99, sale_from = 0, sale_to = 1",
                  "tier_quantities = '{2}', tier_amounts = '{90}'");
    ASSERT_JUDGED("catalog", "catalog.variant_price", false, "amount = -1", "currency = 'EURO'",
                  "compare_at_amount = -1", "prior_amount = -1", "sale_from = 1", "sale_to = 1",
                  "sale_amount = 99", "sale_amount = 100, sale_from = 0, sale_to = 1",
                  "sale_amount = 99, sale_from = -1, sale_to = 1",
                  "sale_amount = 99, sale_from = 1, sale_to = 1", "tier_quantities = '{2}'",
                  "tier_amounts = '{90}'", "tier_quantities = '{2}', tier_amounts = '{101}'");
}

static int set_up(void **state)
{
    (void)state;
    static const char *const domains[] = { "order", "wallet", "catalog" };
    scratch = scratch_new(domains, ARRAY_LENGTH(domains), "actors");
    /* What is taken is undone. */
    for (size_t i = 0; i < ARRAY_LENGTH(domains); i++)
        (void)scratch_sql(scratch, domains[i],
                          "CREATE FUNCTION public.is_taken(change text) RETURNS boolean"
                          " LANGUAGE plpgsql AS $$ BEGIN EXECUTE change;"
                          " RAISE EXCEPTION USING ERRCODE = 'TAKEN';"
                          " EXCEPTION WHEN check_violation THEN RETURN false;"
                          " WHEN SQLSTATE 'TAKEN' THEN RETURN true; END $$");
    (void)scratch_sql(scratch, "order", order_rows);
    (void)scratch_sql(scratch, "wallet", wallet_rows);
    (void)scratch_sql(scratch, "catalog", catalog_rows);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    scratch_destroy(&scratch);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cart_has_a_group_when_locked_and_whole_addresses),
        cmocka_unit_test(a_group_is_somebodys_and_its_money_has_parts),
        cmocka_unit_test(an_order_adds_up_and_its_money_has_parts),
        cmocka_unit_test(units_of_a_line_are_delivered_after_they_were_sent),
        cmocka_unit_test(an_entry_says_why_and_names_a_wallet_or_none),
        cmocka_unit_test(a_hold_posts_at_most_what_it_held),
        cmocka_unit_test(a_posting_is_the_wallets_or_a_houses),
        cmocka_unit_test(no_unit_is_held_or_sold_that_is_not_there),
        cmocka_unit_test(a_product_is_listed_when_published_and_its_prices_are_sound),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

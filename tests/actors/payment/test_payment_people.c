/* Claims about what payments keep of people: their cards, for an export, and until an erasure. */
#include "tests/support/cmocka.h"

#include <string.h>

#include "payment_messages.h"
#include "tests/support/direct_request.h"
#include "user_messages.h"

extern const struct domain_definition payment_domain;

static struct direct_market *market;

static struct uuid id_of(uint8_t number)
{
    struct uuid id = { { 0 } };
    id.bytes[15] = number;
    return id;
}

static int empty(void **state)
{
    (void)state;
    (void)direct_sql(market, "TRUNCATE payment.card, payment.customer");
    return 0;
}

static void whoever_is_erased_keeps_no_card_and_others_keep_theirs(void **state)
{
    (void)state;
    const struct user_user_was_erased erased = { .user_id = id_of(1) };
    (void)direct_sql(market,
                     "INSERT INTO payment.card (id, shard, user_id, state, customer, method, setup,"
                     " brand, last4, exp_month, exp_year, next_url, created_at, due_at)"
                     " SELECT gen_random_uuid(), 0, lpad(u::text, 32, '0')::uuid, s, 'cus', 'pm',"
                     " 'seti', 'visa', '4242', 1, 2030, '', 1, CASE s WHEN 'ready' THEN NULL ELSE"
                     " 9000000000000000 END FROM generate_series(1, 2) AS u,"
                     " unnest(ARRAY['ready', 'pending']) AS s");
    assert_int_equal(direct_consume(market, &user_user_was_erased_message, &erased, id_of(9)),
                     STATUS_OK);
    assert_text_equal(direct_sql(market,
                                 "SELECT string_agg(right(user_id::text, 1) || ' ' || state,"
                                 " ', ' ORDER BY user_id, state) FROM payment.card"),
                      TEXT("1 leaving, 1 leaving, 2 pending, 2 ready"));
    assert_text_equal(direct_sql(market, "SELECT count(*) FROM payment.card WHERE state = 'leaving'"
                                         " AND due_at < 9000000000000000"),
                      TEXT("2"));
}

static void an_export_has_the_cards_that_a_shopper_keeps_and_nothing_that_pays(void **state)
{
    (void)state;
    const struct people_export_shopper query = { .user_id = id_of(1) };
    struct common_export_part part;
    (void)direct_sql(market,
                     "INSERT INTO payment.card (id, shard, user_id, state, customer, method, setup,"
                     " brand, last4, exp_month, exp_year, next_url, created_at, due_at) VALUES"
                     " (gen_random_uuid(), 0, '00000000-0000-0000-0000-000000000001', 'ready',"
                     " 'cus_1', 'pm_1', 'seti_1', 'visa', '4242', 1, 2030, '', 1, NULL)");
    assert_int_equal(direct_call(market, NULL, &payment_export_shopper_message, &query, &part),
                     STATUS_OK);
    assert_non_null(memmem(part.json.data, part.json.length, "\"last4\":\"4242\"", 14));
    assert_null(memmem(part.json.data, part.json.length, "pm_1", 4));
    assert_null(memmem(part.json.data, part.json.length, "cus_1", 5));
}
int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(an_export_has_the_cards_that_a_shopper_keeps_and_nothing_that_pays,
                               empty),
        cmocka_unit_test_setup(whoever_is_erased_keeps_no_card_and_others_keep_theirs, empty),
    };
    market = direct_market_new(&payment_domain);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    direct_market_destroy(&market);
    return failed;
}

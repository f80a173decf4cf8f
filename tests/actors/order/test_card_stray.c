/* Claims about what cards have paid for no order: staff is told of it until it has gone back or a
 * placed group takes it, and of nothing else; and what is compared with payments. */
#include <stdio.h>
#include <string.h>

#include "books_messages.h"
#include "order_messages.h"
#include "payment_messages.h"
#include "queue_messages.h"
#include "tests/support/cmocka.h"
#include "tests/support/direct_request.h"

extern const struct domain_definition order_domain;

enum { PAID = 3000, MINUTE_US = 60 * 1000000 };

static struct direct_market *market;
static struct uuid payment_id;
static unsigned releases;

static enum status answer(void *context, const struct message *message, const void *body,
                          void *ret_reply)
{
    (void)context;
    assert_ptr_equal(message, &payment_release_message);
    const struct payment_release *release = body;
    assert_true(uuid_equals(release->payment_id, payment_id));
    releases++;
    *(struct payment_released *)ret_reply = (struct payment_released){ .is_settled = false };
    return STATUS_OK;
}

static int set_up(void **state)
{
    (void)state;
    static uint8_t drawn;
    const uint8_t random[10] = { ++drawn };
    payment_id = uuid_make(direct_now_us(market), random, 7);
    releases = 0;
    (void)direct_sql(market, "DELETE FROM \"order\".stray_payment");
    (void)direct_sql(market, "DELETE FROM \"order\".order_group");
    return 0;
}

/* Its group, whose card part is so much. */
static void write_group(const char *status, int64_t card)
{
    char sql[700], id[2 * sizeof payment_id.bytes + 1];
    for (size_t i = 0; i < sizeof payment_id.bytes; i++)
        (void)snprintf(id + 2 * i, 3, "%02x", payment_id.bytes[i]);
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO \"order\".order_group (id, cart_id, user_id, status, "
                   "payment_status, total, currency, card_amount, refusal, number, created_at, "
                   "placed_at) SELECT '%s', '%s', '%s', s, 'paid', 9000, 'EUR', %lld, "
                   "CASE s WHEN 'failed' THEN 'overloaded' END, CASE s WHEN 'placed' THEN 1 END, "
                   "1, CASE s WHEN 'placed' THEN 1 END FROM (VALUES ('%s')) AS v (s)",
                   id, id, id, (long long)card, status);
    (void)direct_sql(market, sql);
}

static void hear(int64_t version, int64_t captured, int64_t refunded, int64_t disputed)
{
    const struct payment_payment_was_changed event = {
        .payment_id = payment_id,
        .purpose = PAYMENT_PURPOSE_ORDER,
        .subject_id = payment_id,
        .status = PAYMENT_STATUS_CAPTURED,
        .captured = money_make(captured, "EUR"),
        .refunded = money_make(refunded, "EUR"),
        .disputed = money_make(disputed, "EUR"),
        .version = version,
    };
    static uint8_t told;
    const uint8_t random[10] = { 9, ++told };
    assert_int_equal(direct_consume(market, &payment_payment_was_changed_message, &event,
                                    uuid_make(direct_now_us(market), random, 8)),
                     STATUS_OK);
}

/* What staff sees when it has waited for a while; the newest when there is more than one. */
static size_t waiting(struct common_stuck_item *ret_item)
{
    direct_advance(market, 16 * (int64_t)MINUTE_US);
    const struct queue_list_stuck query = { .has_cause = true,
                                            .cause = COMMON_STUCK_CAUSE_CARD_WITHOUT_ORDER,
                                            .limit = 10 };
    struct common_stuck_items items;
    assert_int_equal(direct_call(market, NULL, &order_list_stuck_message, &query, &items),
                     STATUS_OK);
    if (items.items_count > 0) *ret_item = items.items[0];
    return items.items_count;
}

static enum status give_back(void)
{
    const struct principal staff = { .kind = PRINCIPAL_ADMIN, .id = { { 5 } } };
    const struct order_return_card_payment command = { .payment_id = payment_id,
                                                       .reason = TEXT("Nobody's") };
    return direct_call(market, &staff, &order_return_card_payment_message, &command, NULL);
}

static struct common_card_book book(size_t *ret_count)
{
    const struct books_list_card_books query = { .limit = 10 };
    struct common_card_books books;
    assert_int_equal(direct_call(market, NULL, &order_list_card_books_message, &query, &books),
                     STATUS_OK);
    *ret_count = books.books_count;
    return books.books_count > 0 ? books.books[0] : (struct common_card_book){ .captured = -1 };
}

static void what_its_group_takes_is_told_to_nobody(void **state)
{
    (void)state;
    struct common_stuck_item item;
    size_t count;
    write_group("placed", PAID);
    hear(4, PAID, 0, 0);
    hear(5, PAID, PAID, 0);
    assert_int_equal(waiting(&item), 0);
    assert_text_equal(direct_sql(market, "SELECT count(*) FROM \"order\".stray_payment"),
                      TEXT("0"));
    const struct common_card_book told = book(&count);
    assert_int_equal(count, 1);
    assert_true(uuid_equals(told.id, payment_id));
    assert_int_equal(told.captured, PAID);
    assert_false(told.is_open);
    assert_int_equal(give_back(), STATUS_NOT_FOUND);
    assert_int_equal(releases, 0);
}

static void what_is_of_no_order_waits_until_it_has_gone_back(void **state)
{
    (void)state;
    struct common_stuck_item item;
    size_t count;
    hear(4, PAID, 0, 0);
    assert_int_equal(waiting(&item), 1);
    assert_text_equal(item.detail, TEXT("30.00 EUR that a card has paid is of no placed order"));
    assert_memory_equal(item.subject.data, "pay_", 4);
    assert_true(book(&count).is_open);
    assert_int_equal(give_back(), STATUS_OK);
    assert_int_equal(releases, 1);
    hear(5, PAID, 1000, 500);
    hear(4, PAID, 0, 0); /* an older word that comes late */
    assert_int_equal(waiting(&item), 1);
    assert_text_equal(item.detail, TEXT("15.00 EUR that a card has paid is of no placed order"));
    hear(6, PAID, PAID - 500, 500);
    assert_int_equal(waiting(&item), 0);
    assert_int_equal(give_back(), STATUS_NOT_FOUND);
    (void)book(&count);
    assert_int_equal(count, 0);
}

/* The orders of it owe the money: it is not theirs any more. */
static void what_comes_after_the_card_was_lost_waits(void **state)
{
    (void)state;
    struct common_stuck_item item;
    write_group("placed", PAID);
    (void)direct_sql(market, "UPDATE \"order\".order_group SET card_lost_at = 1");
    hear(4, PAID, 0, 0);
    assert_int_equal(waiting(&item), 1);
    assert_int_equal(give_back(), STATUS_OK);
}

static void another_amount_than_the_groups_waits(void **state)
{
    (void)state;
    struct common_stuck_item item;
    write_group("placed", PAID);
    hear(4, PAID - 1, 0, 0);
    assert_int_equal(waiting(&item), 1);
}

/* What the market lets go of is given back by itself, within moments. */
static void what_goes_back_by_itself_is_not_shown_at_once(void **state)
{
    (void)state;
    const struct queue_list_stuck query = { .limit = 10 };
    struct common_stuck_items items;
    struct common_stuck_item item;
    write_group("failed", PAID);
    hear(4, PAID, 0, 0);
    assert_int_equal(direct_call(market, NULL, &order_list_stuck_message, &query, &items),
                     STATUS_OK);
    assert_int_equal(items.items_count, 0);
    hear(5, PAID, PAID, 0);
    assert_int_equal(waiting(&item), 0);
}

static void what_is_not_decided_waits_for_its_process_and_not_for_staff(void **state)
{
    (void)state;
    struct common_stuck_item item;
    size_t count;
    write_group("pending", PAID);
    hear(4, PAID, 0, 0);
    assert_int_equal(waiting(&item), 0);
    assert_true(book(&count).is_open);
    assert_int_equal(count, 1);
}

/* Another currency is another amount; a group that is placed after all takes what it was told of.
 */
static void what_fits_later_waits_no_more(void **state)
{
    (void)state;
    struct common_stuck_item item;
    hear(4, PAID, 0, 0);
    assert_int_equal(waiting(&item), 1);
    write_group("placed", PAID);
    assert_int_equal(waiting(&item), 0);
    (void)direct_sql(market, "UPDATE \"order\".order_group SET currency = 'USD'");
    assert_int_equal(waiting(&item), 1);
}

static void top_ups_are_not_orders(void **state)
{
    (void)state;
    struct common_stuck_item item;
    const struct payment_payment_was_changed event = { .payment_id = payment_id,
                                                       .purpose = PAYMENT_PURPOSE_TOPUP,
                                                       .subject_id = { { 1 } },
                                                       .status = PAYMENT_STATUS_CAPTURED,
                                                       .captured = money_make(PAID, "EUR"),
                                                       .refunded = money_make(0, "EUR"),
                                                       .disputed = money_make(0, "EUR"),
                                                       .version = 4 };
    assert_int_equal(direct_consume(market, &payment_payment_was_changed_message, &event,
                                    (struct uuid){ { 77 } }),
                     STATUS_OK);
    assert_int_equal(waiting(&item), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_its_group_takes_is_told_to_nobody, set_up),
        cmocka_unit_test_setup(what_is_of_no_order_waits_until_it_has_gone_back, set_up),
        cmocka_unit_test_setup(what_comes_after_the_card_was_lost_waits, set_up),
        cmocka_unit_test_setup(another_amount_than_the_groups_waits, set_up),
        cmocka_unit_test_setup(what_goes_back_by_itself_is_not_shown_at_once, set_up),
        cmocka_unit_test_setup(what_is_not_decided_waits_for_its_process_and_not_for_staff, set_up),
        cmocka_unit_test_setup(what_fits_later_waits_no_more, set_up),
        cmocka_unit_test_setup(top_ups_are_not_orders, set_up),
    };
    market = direct_market_new(&order_domain);
    direct_set_peer(market, answer, NULL);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    direct_market_destroy(&market);
    return failed;
}

/* Claims about card payments that are held against orders and ledger: each thing that can be wrong
 * is named, what is under way is not, and pages of any length come to the same. */
#include "tests/support/cmocka.h"

#include <string.h>

#include "actors/admin/admin_card_books.h"

enum { SETTLED = 1000, LATELY = 2000, BEFORE = 1500, PAID = 3000, BACK = 1000 };

static struct common_card_book payment, order, ledger;

static int set_up(void **state)
{
    (void)state;
    payment = (struct common_card_book){ .id = { { 1 } },
                                         .currency = TEXT("EUR"),
                                         .captured = PAID,
                                         .refunded = BACK,
                                         .changed_at_us = SETTLED };
    ledger = payment;
    order = payment;
    return 0;
}

static const char *fault(void)
{
    const struct admin_card_view view = { &payment, &order, &ledger };
    return admin_card_fault(&view, BEFORE);
}

static void assert_fault(const char *words)
{
    const char *told = fault();
    assert_non_null(told);
    assert_non_null(strstr(told, words));
    payment.changed_at_us = LATELY; /* and nothing is said of what has just moved */
    assert_null(fault());
    payment.changed_at_us = SETTLED;
}

static void what_fits_is_no_fault(void **state)
{
    (void)state;
    assert_null(fault());
    const struct admin_card_view unheard = { NULL, NULL, NULL };
    assert_null(admin_card_fault(&unheard, BEFORE));
}

static void a_charge_of_no_group_is_named_until_it_has_gone_back_or_waits_for_staff(void **state)
{
    (void)state;
    const char *words = "is of no placed group";
    const struct admin_card_view alone = { &payment, NULL, &ledger };
    assert_non_null(strstr(admin_card_fault(&alone, BEFORE), words));
    order = (struct common_card_book){ .id = order.id };
    assert_fault(words);
    order.is_open = true; /* staff is told, or its checkout has not ended */
    assert_null(fault());
    order.is_open = false;
    payment.is_open = true;
    assert_null(fault());
    payment.is_open = false;
    payment.refunding = PAID - BACK - 1;
    assert_fault(words);
    payment.refunding++;
    assert_null(fault());
    payment.refunding = 0;
    payment.disputed = ledger.disputed = PAID - BACK;
    assert_null(fault());
}

static void a_group_whose_card_was_not_charged_is_named(void **state)
{
    (void)state;
    const struct admin_card_view alone = { NULL, &order, NULL };
    assert_non_null(strstr(admin_card_fault(&alone, BEFORE), "was not captured"));
    payment.captured = payment.refunded = ledger.captured = ledger.refunded = 0;
    assert_fault("was not captured");
    payment.is_open = true; /* set aside, and being taken */
    assert_null(fault());
}

static void another_amount_or_currency_is_named(void **state)
{
    (void)state;
    order.captured++;
    assert_fault("is not the card part");
    order.captured--;
    order.currency = TEXT("USD");
    assert_fault("is not the card part");
    order.currency = ledger.currency = payment.currency;
    ledger.currency = TEXT("USD");
    assert_fault("another currency");
}

static void what_went_back_and_no_order_says_so_is_named(void **state)
{
    (void)state;
    order.refunded--;
    assert_fault("what its orders say");
    order.refunding = 1; /* on its way */
    assert_null(fault());
    order.refunding = 0;
    payment.refunding = 1;
    assert_null(fault());
}

/* At the provider itself; or a bank has taken it. Orders close that much, and not more. */
static void what_went_back_outside_is_none_when_a_refund_is_closed_by_it(void **state)
{
    (void)state;
    order.refunded -= 15;
    order.lost = 14;
    assert_fault("what its orders say");
    order.lost = 15;
    assert_null(fault());
    order.lost = 16;
    assert_fault("what its orders say");
    payment.lost = payment.disputed = ledger.disputed = 1;
    assert_null(fault());
    order.refunded =
        payment.refunded + 1; /* a bank's part covers nothing that orders say of cards */
    order.lost = 0;
    assert_fault("what its orders say");
}

static void a_ledger_that_lacks_something_is_named(void **state)
{
    (void)state;
    const char *words = "is not what the ledger has";
    int64_t *const sums[] = { &ledger.captured, &ledger.refunded, &ledger.disputed };
    for (size_t i = 0; i < ARRAY_LENGTH(sums); i++) {
        (*sums[i])++;
        assert_fault(words);
        (*sums[i])--;
    }
    const struct admin_card_view unbooked = { &payment, &order, NULL };
    assert_non_null(strstr(admin_card_fault(&unbooked, BEFORE), words));
    const struct admin_card_view strange = { NULL, NULL, &ledger };
    assert_non_null(strstr(admin_card_fault(&strange, BEFORE), words));
    payment.is_topup = true;
    assert_fault("takes a top-up for an order");
}

static void a_top_up_needs_no_group_and_has_none(void **state)
{
    (void)state;
    payment.is_topup = ledger.is_topup = true;
    assert_fault("a top-up pays a group");
    const struct admin_card_view view = { &payment, NULL, &ledger };
    assert_null(admin_card_fault(&view, BEFORE));
    ledger.captured--; /* what is credited is not what was charged */
    assert_non_null(admin_card_fault(&view, BEFORE));
}

/* ---- pages ---- */

enum { COUNT = 9 };

/* Of nine payments one is unknown to the ledger, one to orders, and one group has no charge. */
struct lists {
    struct common_card_book of[3][COUNT];
    size_t counts[3];
};

static struct lists make_lists(void)
{
    struct lists lists = { .counts = { 0 } };
    for (uint8_t i = 0; i < COUNT; i++) {
        const struct common_card_book book = {
            .id = { { i, 7 } }, .currency = TEXT("EUR"), .captured = 1, .changed_at_us = 1
        };
        for (size_t list = 0; list < 3; list++) {
            const bool is_missing =
                (list == 2 && (i == 2 || i == 8)) || (list == 1 && i == 5) || (list == 0 && i == 8);
            if (!is_missing) lists.of[list][lists.counts[list]++] = book;
        }
    }
    return lists;
}

static struct common_card_books page_of(const struct lists *lists, size_t list, struct uuid after,
                                        bool has_after, size_t limit)
{
    size_t first = 0, count = 0;
    while (has_after && first < lists->counts[list] &&
           uuid_compare(lists->of[list][first].id, after) <= 0)
        first++;
    while (count < limit && first + count < lists->counts[list])
        count++;
    return (struct common_card_books){ .books = &lists->of[list][first], .books_count = count };
}

static void pages_of_any_length_find_the_same(void **state)
{
    (void)state;
    const struct lists lists = make_lists();
    for (size_t limit = 1; limit <= COUNT + 1; limit++) {
        struct arena *arena = arena_new(4096);
        struct admin_compared_card_books said = { .has_last = false };
        int64_t compared = 0;
        size_t found = 0, rounds = 0;
        do {
            const bool has_after = rounds > 0;
            const struct admin_card_pages pages = { page_of(&lists, 0, said.last, has_after, limit),
                                                    page_of(&lists, 1, said.last, has_after, limit),
                                                    page_of(&lists, 2, said.last, has_after, limit),
                                                    limit };
            admin_card_compare(&pages, BEFORE, arena, COUNT, &said);
            compared += said.compared;
            found += said.violations_count;
            assert_true(rounds++ <= 3 * COUNT);
        } while (said.has_last);
        assert_int_equal(compared, COUNT);
        assert_int_equal(found, 3);
        arena_destroy(&arena);
    }
}

static void no_more_is_told_than_there_is_room_for(void **state)
{
    (void)state;
    struct arena *arena = arena_new(4096);
    struct admin_compared_card_books said;
    const struct lists lists = make_lists();
    const struct admin_card_pages pages = { page_of(&lists, 0, payment.id, false, COUNT),
                                            { .books = NULL },
                                            { .books = NULL },
                                            COUNT + 1 };
    admin_card_compare(&pages, BEFORE, arena, 2, &said);
    assert_int_equal(said.violations_count, 2);
    assert_int_equal(said.compared, COUNT - 1);
    assert_memory_equal(said.violations[0].subject.data, "pay_", 4);
    arena_destroy(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_fits_is_no_fault, set_up),
        cmocka_unit_test_setup(
            a_charge_of_no_group_is_named_until_it_has_gone_back_or_waits_for_staff, set_up),
        cmocka_unit_test_setup(a_group_whose_card_was_not_charged_is_named, set_up),
        cmocka_unit_test_setup(another_amount_or_currency_is_named, set_up),
        cmocka_unit_test_setup(what_went_back_and_no_order_says_so_is_named, set_up),
        cmocka_unit_test_setup(what_went_back_outside_is_none_when_a_refund_is_closed_by_it,
                               set_up),
        cmocka_unit_test_setup(a_ledger_that_lacks_something_is_named, set_up),
        cmocka_unit_test_setup(a_top_up_needs_no_group_and_has_none, set_up),
        cmocka_unit_test_setup(pages_of_any_length_find_the_same, set_up),
        cmocka_unit_test_setup(no_more_is_told_than_there_is_room_for, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Claims about how far orders and groups have come. */
#include "tests/support/cmocka.h"

#include "actors/order/order_progress.h"

enum { STORIES = 20000, STORY_LINES = 3 };

static enum order_progress progress_of(struct order_line_counts line)
{
    enum order_progress progress = ORDER_PROGRESS_NONE;
    assert_int_equal(order_progress_of(&line, 1, &progress), STATUS_OK);
    return progress;
}

static void progress_follows_what_was_not_cancelled(void **state)
{
    (void)state;
    assert_int_equal(progress_of((struct order_line_counts){ 3, 0, 0, 0, 0 }), ORDER_PROGRESS_NONE);
    assert_int_equal(progress_of((struct order_line_counts){ 3, 0, 1, 0, 0 }),
                     ORDER_PROGRESS_PARTIALLY_SHIPPED);
    assert_int_equal(progress_of((struct order_line_counts){ 3, 2, 1, 0, 0 }),
                     ORDER_PROGRESS_SHIPPED);
    assert_int_equal(progress_of((struct order_line_counts){ 3, 1, 2, 1, 0 }),
                     ORDER_PROGRESS_PARTIALLY_DELIVERED);
    assert_int_equal(progress_of((struct order_line_counts){ 3, 0, 2, 2, 0 }),
                     ORDER_PROGRESS_PARTIALLY_DELIVERED);
    assert_int_equal(progress_of((struct order_line_counts){ 3, 1, 2, 2, 2 }),
                     ORDER_PROGRESS_DELIVERED);
    assert_int_equal(progress_of((struct order_line_counts){ 3, 3, 0, 0, 0 }),
                     ORDER_PROGRESS_CANCELLED);
}

static void counts_that_cannot_be_are_refused(void **state)
{
    (void)state;
    static const struct order_line_counts wrong[] = {
        { 0, 0, 0, 0, 0 },  { 3, 4, 0, 0, 0 },  { 3, 1, 3, 0, 0 },
        { 3, 0, 1, 2, 0 },  { 3, 0, 3, 2, 3 },  { 3, -1, 0, 0, 0 },
        { 3, 0, -1, 0, 0 }, { 3, 0, 1, -1, 0 }, { 3, 0, 1, 1, -1 },
    };
    enum order_progress progress = ORDER_PROGRESS_SHIPPED;
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++)
        assert_int_equal(order_progress_of(&wrong[i], 1, &progress), STATUS_INVALID_VALUE);
    assert_int_equal(order_progress_of(wrong, 0, &progress), STATUS_INVALID_VALUE);
    const struct order_line_counts huge[] = { { .ordered = INT64_MAX }, { .ordered = 1 } };
    assert_int_equal(order_progress_of(huge, 2, &progress), STATUS_INVALID_VALUE);
    assert_int_equal(progress, ORDER_PROGRESS_SHIPPED);
}

static int64_t chance(uint64_t *seed, int64_t below)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int64_t)((*seed >> 33) % (uint64_t)below);
}

/* Sends, delivers, takes back or cancels some units of one line, if there are any. */
static void let_something_happen(uint64_t *seed, struct order_line_counts lines[STORY_LINES])
{
    struct order_line_counts *line = &lines[chance(seed, STORY_LINES)];
    const int64_t waiting = line->ordered - line->cancelled - line->shipped;
    switch (chance(seed, 5)) {
    case 0:
        line->shipped += chance(seed, waiting + 1);
        break;
    case 1:
        line->delivered += chance(seed, line->shipped - line->delivered + 1);
        break;
    case 2: /* fetched from the shop, or digital */
        if (line->delivered == line->shipped) line->delivered += waiting;
        line->shipped += waiting;
        break;
    case 3: /* came back to the vendor */
        line->shipped -= chance(seed, line->shipped - line->delivered + 1);
        break;
    default:
        line->cancelled += chance(seed, waiting + 1);
    }
}

static bool is_state_of(enum order_state at, enum order_progress progress)
{
    static const enum order_state of_progress[] = {
        [ORDER_PROGRESS_PARTIALLY_SHIPPED] = ORDER_STATE_VENDOR_ORDER_PARTIALLY_SHIPPED,
        [ORDER_PROGRESS_SHIPPED] = ORDER_STATE_VENDOR_ORDER_SHIPPED,
        [ORDER_PROGRESS_PARTIALLY_DELIVERED] = ORDER_STATE_VENDOR_ORDER_PARTIALLY_DELIVERED,
        [ORDER_PROGRESS_DELIVERED] = ORDER_STATE_VENDOR_ORDER_DELIVERED,
        [ORDER_PROGRESS_CANCELLED] = ORDER_STATE_VENDOR_ORDER_CANCELLED
    };
    if (progress == ORDER_PROGRESS_NONE)
        return at == ORDER_STATE_VENDOR_ORDER_ACCEPTED || at == ORDER_STATE_VENDOR_ORDER_PROCESSING;
    return at == of_progress[progress];
}

static void any_interleaving_of_parcels_is_a_walk_of_the_machine(void **state)
{
    (void)state;
    uint64_t seed = 5;
    unsigned ends[ORDER_PROGRESS_CANCELLED + 1] = { 0 };
    for (unsigned i = 0; i < STORIES; i++) {
        struct order_line_counts lines[STORY_LINES];
        for (unsigned k = 0; k < STORY_LINES; k++)
            lines[k] = (struct order_line_counts){ .ordered = 1 + chance(&seed, 3) };
        enum order_state at = chance(&seed, 2) == 0 ? ORDER_STATE_VENDOR_ORDER_ACCEPTED
                                                    : ORDER_STATE_VENDOR_ORDER_PROCESSING;
        enum order_progress before = ORDER_PROGRESS_NONE;
        for (unsigned k = 0; k < 12; k++) {
            enum order_progress progress;
            enum order_trigger trigger;
            let_something_happen(&seed, lines);
            assert_int_equal(order_progress_of(lines, STORY_LINES, &progress), STATUS_OK);
            if (order_progress_trigger(before, progress, &trigger))
                assert_int_equal(order_machine_step(at, trigger, &at), STATUS_OK);
            assert_true(is_state_of(at, progress));
            before = progress;
        }
        ends[before]++;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(ends); i++)
        assert_true(ends[i] > 0);
}

static enum order_fulfilment fulfilment_of(struct order_line_counts line)
{
    enum order_fulfilment fulfilment = ORDER_FULFILMENT_UNFULFILLED;
    assert_int_equal(order_fulfilment_of(&line, 1, &fulfilment), STATUS_OK);
    return fulfilment;
}

static void an_orders_fulfilment_follows_its_units(void **state)
{
    (void)state;
    assert_int_equal(fulfilment_of((struct order_line_counts){ 3, 2, 0, 0, 0 }),
                     ORDER_FULFILMENT_UNFULFILLED);
    assert_int_equal(fulfilment_of((struct order_line_counts){ 3, 0, 2, 0, 0 }),
                     ORDER_FULFILMENT_PARTIAL);
    assert_int_equal(fulfilment_of((struct order_line_counts){ 3, 0, 3, 1, 0 }),
                     ORDER_FULFILMENT_PARTIAL);
    assert_int_equal(fulfilment_of((struct order_line_counts){ 3, 1, 2, 0, 0 }),
                     ORDER_FULFILMENT_SHIPPED);
    assert_int_equal(fulfilment_of((struct order_line_counts){ 3, 1, 2, 2, 0 }),
                     ORDER_FULFILMENT_DELIVERED);
    assert_int_equal(fulfilment_of((struct order_line_counts){ 3, 1, 2, 2, 1 }),
                     ORDER_FULFILMENT_MIXED);
    assert_int_equal(fulfilment_of((struct order_line_counts){ 3, 1, 2, 2, 2 }),
                     ORDER_FULFILMENT_RETURNED);
    assert_int_equal(fulfilment_of((struct order_line_counts){ 3, 3, 0, 0, 0 }),
                     ORDER_FULFILMENT_CANCELLED);
}

static enum order_fulfilment group_of(enum order_fulfilment a, enum order_fulfilment b)
{
    const enum order_fulfilment orders[] = { a, b }, turned[] = { b, a };
    const enum order_fulfilment group = order_group_fulfilment_of(orders, 2);
    assert_int_equal(order_group_fulfilment_of(turned, 2), group);
    return group;
}

static void s26_one_part_shipped_and_one_cancelled_is_a_partial_group(void **state)
{
    (void)state;
    assert_int_equal(group_of(ORDER_FULFILMENT_SHIPPED, ORDER_FULFILMENT_CANCELLED),
                     ORDER_FULFILMENT_PARTIAL);
    const struct order_payment_sums sums = { .total = 5000, .paid = 5000, .refunded = 2000 };
    assert_int_equal(order_payment_summary_of(&sums), ORDER_PAYMENT_SUMMARY_PARTIALLY_REFUNDED);
}

static void a_groups_fulfilment_follows_its_orders(void **state)
{
    (void)state;
    for (enum order_fulfilment i = 0; i <= ORDER_FULFILMENT_MIXED; i++)
        assert_int_equal(group_of(i, i), i);
    assert_int_equal(group_of(ORDER_FULFILMENT_UNFULFILLED, ORDER_FULFILMENT_CANCELLED),
                     ORDER_FULFILMENT_UNFULFILLED);
    assert_int_equal(group_of(ORDER_FULFILMENT_UNFULFILLED, ORDER_FULFILMENT_SHIPPED),
                     ORDER_FULFILMENT_PARTIAL);
    assert_int_equal(group_of(ORDER_FULFILMENT_PARTIAL, ORDER_FULFILMENT_DELIVERED),
                     ORDER_FULFILMENT_PARTIAL);
    assert_int_equal(group_of(ORDER_FULFILMENT_SHIPPED, ORDER_FULFILMENT_DELIVERED),
                     ORDER_FULFILMENT_SHIPPED);
    assert_int_equal(group_of(ORDER_FULFILMENT_RETURNED, ORDER_FULFILMENT_DELIVERED),
                     ORDER_FULFILMENT_MIXED);
    assert_int_equal(group_of(ORDER_FULFILMENT_RETURNED, ORDER_FULFILMENT_CANCELLED),
                     ORDER_FULFILMENT_MIXED);
}

static void a_groups_payment_follows_its_sums(void **state)
{
    (void)state;
    static const struct {
        struct order_payment_sums sums;
        enum order_payment_summary expected;
    } cases[] = {
        { { .total = 100 }, ORDER_PAYMENT_SUMMARY_UNPAID },
        { { .total = 100, .authorised = 99 }, ORDER_PAYMENT_SUMMARY_UNPAID },
        { { .total = 100, .authorised = 100 }, ORDER_PAYMENT_SUMMARY_AUTHORISED },
        { { .total = 100, .authorised = 100, .is_voided = true }, ORDER_PAYMENT_SUMMARY_VOIDED },
        { { .total = 100, .authorised = 100, .paid = 1 }, ORDER_PAYMENT_SUMMARY_PARTIALLY_PAID },
        { { .total = 100, .paid = 100 }, ORDER_PAYMENT_SUMMARY_PAID },
        { { .total = 100, .paid = 101 }, ORDER_PAYMENT_SUMMARY_OVERCHARGED },
        { { .total = 100, .paid = 100, .refunded = 1 }, ORDER_PAYMENT_SUMMARY_PARTIALLY_REFUNDED },
        { { .total = 100, .paid = 100, .refunded = 100 }, ORDER_PAYMENT_SUMMARY_REFUNDED },
        { { .total = 100, .paid = 100, .refunded = 100, .pending = 1 },
          ORDER_PAYMENT_SUMMARY_REFUND_PENDING },
        { { .total = 100, .paid = 100, .refunded = 2, .pending = 1, .failed = 1 },
          ORDER_PAYMENT_SUMMARY_REFUND_FAILED },
        { { .total = 0 }, ORDER_PAYMENT_SUMMARY_PAID },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
        assert_int_equal(order_payment_summary_of(&cases[i].sums), cases[i].expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(progress_follows_what_was_not_cancelled),
        cmocka_unit_test(counts_that_cannot_be_are_refused),
        cmocka_unit_test(any_interleaving_of_parcels_is_a_walk_of_the_machine),
        cmocka_unit_test(an_orders_fulfilment_follows_its_units),
        cmocka_unit_test(s26_one_part_shipped_and_one_cancelled_is_a_partial_group),
        cmocka_unit_test(a_groups_fulfilment_follows_its_orders),
        cmocka_unit_test(a_groups_payment_follows_its_sums),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

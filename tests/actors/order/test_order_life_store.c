/* Claims about orders in motion as they are stored: histories, summaries, versions, and what must
 * hold of them. */
#include "actors/order/order_life_store.h"

#include "actors/order/order_machine.h"
#include "tests/actors/order/life_story.h"

static enum status accepts(const struct principal *who, struct uuid id, struct order_order *ret)
{
    const struct order_accept_order own = { .order_id = id };
    const struct order_accept_any_order any = { .order_id = id };
    return who->kind == PRINCIPAL_ADMIN
               ? direct_call(market, who, &order_accept_any_order_message, &any, ret)
               : direct_call(market, who, &order_accept_order_message, &own, ret);
}

static enum status processes(const struct principal *who, struct uuid id, struct order_order *ret)
{
    const struct order_process_order own = { .order_id = id };
    const struct order_process_any_order any = { .order_id = id };
    return who->kind == PRINCIPAL_ADMIN
               ? direct_call(market, who, &order_process_any_order_message, &any, ret)
               : direct_call(market, who, &order_process_order_message, &own, ret);
}

static void an_order_that_waits_is_accepted_once(void **state)
{
    (void)state;
    (void)direct_sql(market, "TRUNCATE \"order\".order_group, \"order\".vendor_order,"
                             " \"order\".order_line, \"order\".order_history");
    write_group("awaiting_acceptance");
    struct order_order reply;
    assert_int_equal(accepts(&vendor, order_id, &reply), STATUS_OK);
    assert_int_equal(reply.status, ORDER_ORDER_STATUS_ACCEPTED);
    assert_int_equal(reply.version, 3);
    assert_int_equal(accepts(&vendor, order_id, &reply), STATUS_ILLEGAL_TRANSITION);
    assert_fault(STATUS_ILLEGAL_TRANSITION, "");
    assert_int_equal(accepts(&staff, other_order_id, &reply), STATUS_OK);
    assert_true(reply.has_user_id);
    assert_sql("SELECT string_agg(actor_kind, ' ' ORDER BY actor_kind) FROM"
               " \"order\".order_history WHERE sequence = 3",
               "staff vendor");
    assert_int_equal(direct_events(market, order_order_was_changed_message.number), 2);
    assert_int_equal(direct_events(market, order_action_was_audited_message.number), 2);
}

static void what_is_refused_says_where_it_stands_and_what_may_be_done(void **state)
{
    (void)state;
    struct order_order reply;
    assert_int_equal(processes(&vendor, order_id, &reply), STATUS_OK);
    assert_false(reply.has_user_id);
    assert_int_equal(processes(&vendor, order_id, &reply), STATUS_ILLEGAL_TRANSITION);
    const struct request_fault fault = direct_last_fault(market);
    assert_true(text_starts_with(fault.detail, TEXT("It is processing. What you may do there: ")));
    assert_true(fault.allowed_count > 0);
    assert_text_equal(fault.allowed[0], TEXT("ship_part"));
    assert_sql("SELECT count(*) FROM \"order\".order_history", "5");
}

static void orders_of_others_and_of_nobody_are_not_found(void **state)
{
    (void)state;
    struct order_order reply;
    assert_int_equal(processes(&other, order_id, &reply), STATUS_NOT_FOUND);
    assert_int_equal(processes(&vendor, draw_id(9), &reply), STATUS_NOT_FOUND);
    assert_int_equal(processes(&staff, draw_id(9), &reply), STATUS_NOT_FOUND);
    assert_sql("SELECT count(*) FROM \"order\".order_history", "4");
}

static void who_names_an_old_version_changes_nothing(void **state)
{
    (void)state;
    const int64_t versions[] = { 1, 7 };
    const struct order_process_order old = { .order_id = order_id,
                                             .versions = versions,
                                             .versions_count = ARRAY_LENGTH(versions) };
    const int64_t now[] = { 1, 2 };
    const struct order_process_order good = { .order_id = order_id,
                                              .versions = now,
                                              .versions_count = ARRAY_LENGTH(now) };
    struct order_order reply;
    assert_int_equal(direct_call(market, &vendor, &order_process_order_message, &old, &reply),
                     STATUS_PRECONDITION_FAILED);
    assert_int_equal(direct_call(market, &vendor, &order_process_order_message, &good, &reply),
                     STATUS_OK);
}

/* ---- what SQL says again ---- */

static const char *found(const char *format, const char *argument)
{
    static char text[64];
    char sql[512];
    (void)snprintf(sql, sizeof sql, format, argument);
    const struct text got = direct_sql(market, sql);
    (void)snprintf(text, sizeof text, "%.*s", (int)got.length, got.data);
    return text;
}

static void sql_sums_up_orders_as_the_rules_do(void **state)
{
    (void)state;
    enum { UNITS = 3 };
    for (int64_t cancelled = 0; cancelled <= UNITS; cancelled++)
        for (int64_t shipped = 0; shipped <= UNITS - cancelled; shipped++)
            for (int64_t delivered = 0; delivered <= shipped; delivered++)
                for (int64_t returned = 0; returned <= delivered; returned++) {
                    const struct order_line_counts line = { UNITS, cancelled, shipped, delivered,
                                                            returned };
                    enum order_fulfilment expected;
                    char arguments[64];
                    assert_int_equal(order_fulfilment_of(&line, 1, &expected), STATUS_OK);
                    (void)snprintf(arguments, sizeof arguments, "%lld, %lld, %lld, %lld",
                                   (long long)(UNITS - cancelled), (long long)shipped,
                                   (long long)delivered, (long long)returned);
                    assert_string_equal(found("SELECT \"order\".fulfilment_of(%s)", arguments),
                                        order_fulfilment_name(expected));
                }
}

static void sql_sums_up_groups_as_the_rules_do(void **state)
{
    (void)state;
    enum order_fulfilment orders[3];
    const unsigned count = ORDER_FULFILMENT_MIXED + 1;
    for (unsigned i = 0; i < count * count * count; i++) {
        char names[128];
        orders[0] = (enum order_fulfilment)(i % count);
        orders[1] = (enum order_fulfilment)(i / count % count);
        orders[2] = (enum order_fulfilment)(i / count / count);
        (void)snprintf(names, sizeof names, "'%s','%s','%s'", order_fulfilment_name(orders[0]),
                       order_fulfilment_name(orders[1]), order_fulfilment_name(orders[2]));
        assert_string_equal(found("SELECT \"order\".group_fulfilment_of(ARRAY[%s])", names),
                            order_fulfilment_name(order_group_fulfilment_of(orders, 3)));
    }
}

static void sql_sums_up_payments_as_the_rules_do(void **state)
{
    (void)state;
    enum { TOTAL = 4 };
    static const char *const names[] = {
        [ORDER_PAYMENT_SUMMARY_UNPAID] = "unpaid",
        [ORDER_PAYMENT_SUMMARY_PARTIALLY_PAID] = "partially_paid",
        [ORDER_PAYMENT_SUMMARY_PAID] = "paid",
        [ORDER_PAYMENT_SUMMARY_PARTIALLY_REFUNDED] = "partially_refunded",
        [ORDER_PAYMENT_SUMMARY_REFUNDED] = "refunded",
    };
    for (int64_t on_delivery = 0; on_delivery <= TOTAL; on_delivery++)
        for (int64_t refunded = 0; refunded <= TOTAL - on_delivery; refunded++) {
            const struct order_payment_sums sums = { .total = TOTAL,
                                                     .paid = TOTAL - on_delivery,
                                                     .refunded = refunded };
            char arguments[64];
            (void)snprintf(arguments, sizeof arguments, "%d, %lld, %lld", TOTAL,
                           (long long)on_delivery, (long long)refunded);
            assert_string_equal(found("SELECT \"order\".payment_state_of(%s)", arguments),
                                names[order_payment_summary_of(&sums)]);
        }
}

/* Nothing goes back to a wallet while something is owed that could be waived. */
static void sql_knows_that_what_is_waived_need_not_be_paid(void **state)
{
    (void)state;
    assert_string_equal(found("SELECT \"order\".payment_state_of(%s)", "4, 4, 3, 0"), "unpaid");
    assert_string_equal(found("SELECT \"order\".payment_state_of(%s)", "4, 4, 4, 0"), "unpaid");
    assert_string_equal(found("SELECT \"order\".payment_state_of(%s)", "4, 3, 2, 0"),
                        "partially_paid");
    assert_string_equal(found("SELECT \"order\".payment_state_of(%s)", "4, 3, 3, 0"), "paid");
    assert_string_equal(found("SELECT \"order\".payment_state_of(%s)", "4, 2, 2, 1"),
                        "partially_refunded");
    assert_string_equal(found("SELECT \"order\".payment_state_of(%s)", "4, 2, 2, 2"), "refunded");
    assert_string_equal(found("SELECT \"order\".payment_state_of(%s)", "4, 0, 0, 0"), "paid");
}

/* What was collected is paid like what a wallet has paid; what cost nothing is not, when it is
 * called off. */
static void sql_knows_what_was_collected_and_handed_back(void **state)
{
    (void)state;
    static const struct {
        const char *arguments, *is;
    } cases[] = {
        { "4, 4, 0, 0, 0, false", "unpaid" },
        { "4, 4, 0, 4, 0, false", "paid" },
        { "4, 4, 1, 3, 0, false", "paid" },
        { "4, 4, 4, 0, 0, true", "unpaid" },
        { "4, 3, 0, 0, 0, false", "partially_paid" },
        { "4, 3, 0, 3, 0, false", "paid" },
        { "4, 3, 0, 3, 2, false", "partially_refunded" },
        { "4, 3, 0, 3, 4, true", "refunded" },
        { "4, 3, 3, 0, 1, true", "refunded" },
        { "0, 0, 0, 0, 0, false", "paid" },
        { "0, 0, 0, 0, 0, true", "unpaid" },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
        assert_string_equal(found("SELECT \"order\".payment_state_of(%s)", cases[i].arguments),
                            cases[i].is);
}

/* Every step of the machines that have a history, and no other. */
static void sql_knows_the_steps_of_the_machines(void **state)
{
    (void)state;
    unsigned steps = 0;
    for (enum order_state from = 0; from < ORDER_STATE_COUNT; from++) {
        const enum order_machine machine = order_machine_of(from);
        if (machine != ORDER_MACHINE_VENDOR_ORDER && machine != ORDER_MACHINE_SHIPMENT &&
            machine != ORDER_MACHINE_RETURN && machine != ORDER_MACHINE_CLAIM)
            continue;
        for (enum order_trigger trigger = 0; trigger < ORDER_TRIGGER_COUNT; trigger++) {
            enum order_state to;
            char row[256];
            if (order_machine_step(from, trigger, &to) != STATUS_OK) continue;
            steps++;
            (void)snprintf(row, sizeof row, "'%s', '%s', '%s', '%s'", order_machine_name(machine),
                           order_machine_state_name(from), order_machine_trigger_name(trigger),
                           order_machine_state_name(to));
            assert_string_equal(found("SELECT count(*) FROM \"order\".legal_steps() s WHERE"
                                      " (s.machine, s.from_state, s.trigger, s.to_state) = (%s)",
                                      row),
                                "1");
        }
    }
    char count[16];
    (void)snprintf(count, sizeof count, "%u", steps);
    assert_sql("SELECT count(*) FROM \"order\".legal_steps()", count);
}

/* ---- what must hold ---- */

/* Spoils one thing, looks, and puts it back. */
static void assert_violates(const char *spoil, const char *restore, const char *invariant)
{
    (void)direct_sql(market, spoil);
    const struct text got = direct_sql_as_role(
        market, "SELECT string_agg(DISTINCT invariant, ' ') FROM \"order\".check_lives()");
    if (!text_equals_string(got, invariant)) fail_msg("%s: %.*s", spoil, (int)got.length, got.data);
    (void)direct_sql(market, restore);
}

static void what_does_not_add_up_is_named(void **state)
{
    (void)state;
    assert_violates("UPDATE \"order\".order_history SET sequence = 4 WHERE sequence = 2",
                    "UPDATE \"order\".order_history SET sequence = 2 WHERE sequence = 4",
                    "history_has_gaps");
    assert_violates("UPDATE \"order\".order_history SET order_id = gen_random_uuid(), sequence = 9"
                    " WHERE sequence = 2",
                    "UPDATE \"order\".order_history SET order_id = object_id, sequence = 2"
                    " WHERE sequence = 9",
                    "history_has_gaps history_of_no_order");
    assert_violates("UPDATE \"order\".order_history SET from_state = 'processing', trigger ="
                    " 'cancel_units' WHERE sequence = 2",
                    "UPDATE \"order\".order_history SET from_state = 'placed', trigger = 'accept'"
                    " WHERE sequence = 2",
                    "history_has_an_illegal_step history_is_no_path");
    assert_violates("UPDATE \"order\".order_history SET from_state = 'payment_failed'"
                    " WHERE sequence = 1",
                    "UPDATE \"order\".order_history SET from_state = 'pending_payment'"
                    " WHERE sequence = 1",
                    "history_does_not_begin history_has_an_illegal_step");
    assert_violates("UPDATE \"order\".vendor_order SET status = 'processing'",
                    "UPDATE \"order\".vendor_order SET status = 'accepted'",
                    "order_is_not_where_its_history_ends");
    assert_violates("UPDATE \"order\".vendor_order SET fulfilment_status = 'shipped'",
                    "UPDATE \"order\".vendor_order SET fulfilment_status = 'unfulfilled'",
                    "group_is_not_as_far_as_its_orders order_is_not_as_far_as_its_units");
    assert_violates("UPDATE \"order\".order_line SET packed = 1, shipped = 1",
                    "UPDATE \"order\".order_line SET packed = 0, shipped = 0",
                    "order_is_not_as_far_as_its_units state_is_not_as_far_as_its_units");
    assert_violates("UPDATE \"order\".order_group SET fulfilment_status = 'mixed'",
                    "UPDATE \"order\".order_group SET fulfilment_status = 'unfulfilled'",
                    "group_is_not_as_far_as_its_orders");
}

static void counts_that_cannot_be_are_refused_by_the_database(void **state)
{
    (void)state;
    static const char *const wrong[] = { "packed = 4",    "packed = -1",
                                         "shipped = 1",   "packed = 2, shipped = 1, delivered = 2",
                                         "cancelled = 4", "packed = 2, cancelled = 2",
                                         "returned = 1" };
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++) {
        char sql[512];
        (void)snprintf(sql, sizeof sql,
                       "DO $$ BEGIN UPDATE \"order\".order_line SET %s WHERE quantity = 3;"
                       " EXCEPTION WHEN check_violation THEN NULL; END $$",
                       wrong[i]);
        (void)direct_sql(market, sql);
        assert_sql("SELECT sum(abs(packed) + shipped + delivered + cancelled + returned)"
                   " FROM \"order\".order_line",
                   "0");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(an_order_that_waits_is_accepted_once),
        CLAIM(what_is_refused_says_where_it_stands_and_what_may_be_done),
        CLAIM(orders_of_others_and_of_nobody_are_not_found),
        CLAIM(who_names_an_old_version_changes_nothing),
        CLAIM(sql_sums_up_orders_as_the_rules_do),
        CLAIM(sql_sums_up_groups_as_the_rules_do),
        CLAIM(sql_sums_up_payments_as_the_rules_do),
        CLAIM(sql_knows_that_what_is_waived_need_not_be_paid),
        CLAIM(sql_knows_what_was_collected_and_handed_back),
        CLAIM(sql_knows_the_steps_of_the_machines),
        CLAIM(what_does_not_add_up_is_named),
        CLAIM(counts_that_cannot_be_are_refused_by_the_database),
    };
    market = direct_market_new(&order_domain);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    direct_market_destroy(&market);
    return failed;
}

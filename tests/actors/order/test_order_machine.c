/* Claims about the machines of an order's life: nothing but the table, and the table is sound. The
 * walks compare it with a model that was written from the description, not from the table. */
#include "tests/support/cmocka.h"

#include <string.h>

#include "actors/order/order_machine.h"

enum { WALK_TRIGGERS = 100000 };

/* ---- the table is sound ---- */

static bool leads(enum order_state from, enum order_state to)
{
    for (enum order_trigger trigger = 0; trigger < ORDER_TRIGGER_COUNT; trigger++) {
        enum order_state next = from;
        if (order_machine_step(from, trigger, &next) == STATUS_OK && next == to) return true;
    }
    return false;
}

/* Marks all that can be reached from what is marked. */
static void spread(bool is_reached[ORDER_STATE_COUNT], bool is_backwards)
{
    for (bool is_changed = true; is_changed;) {
        is_changed = false;
        for (enum order_state a = 0; a < ORDER_STATE_COUNT; a++)
            for (enum order_state b = 0; b < ORDER_STATE_COUNT; b++) {
                if (!is_reached[a] || is_reached[b]) continue;
                if (!(is_backwards ? leads(b, a) : leads(a, b))) continue;
                is_reached[b] = is_changed = true;
            }
    }
}

static void every_state_is_reached_from_the_start_of_its_machine(void **state)
{
    (void)state;
    bool is_reached[ORDER_STATE_COUNT] = { false };
    for (enum order_machine machine = 0; machine < ORDER_MACHINE_COUNT; machine++)
        is_reached[order_machine_start(machine)] = true;
    spread(is_reached, false);
    for (enum order_state i = 0; i < ORDER_STATE_COUNT; i++)
        if (!is_reached[i])
            fail_msg("%s of %s is never reached", order_machine_state_name(i),
                     order_machine_name(order_machine_of(i)));
}

static void from_every_state_there_is_a_way_to_an_end(void **state)
{
    (void)state;
    bool is_reached[ORDER_STATE_COUNT] = { false };
    for (enum order_state i = 0; i < ORDER_STATE_COUNT; i++)
        is_reached[i] = order_machine_is_end(i);
    spread(is_reached, true);
    for (enum order_state i = 0; i < ORDER_STATE_COUNT; i++)
        if (!is_reached[i])
            fail_msg("%s of %s never ends", order_machine_state_name(i),
                     order_machine_name(order_machine_of(i)));
}

static void an_end_is_where_nothing_leads_on(void **state)
{
    (void)state;
    enum order_trigger triggers[ORDER_TRIGGER_COUNT];
    for (enum order_state i = 0; i < ORDER_STATE_COUNT; i++) {
        const size_t count = order_machine_allowed(i, ORDER_PULLER_ANYBODY, triggers);
        bool leads_on = false;
        for (size_t k = 0; k < count; k++) {
            enum order_state to;
            assert_int_equal(order_machine_step(i, triggers[k], &to), STATUS_OK);
            leads_on |= to != i;
        }
        assert_int_equal(!leads_on, order_machine_is_end(i));
    }
}

static void no_transition_leaves_its_machine_or_is_written_twice(void **state)
{
    (void)state;
    for (enum order_state i = 0; i < ORDER_STATE_COUNT; i++) {
        enum order_trigger triggers[ORDER_TRIGGER_COUNT];
        const size_t count = order_machine_allowed(i, ORDER_PULLER_ANYBODY, triggers);
        for (size_t k = 0; k < count; k++) {
            enum order_state to;
            assert_int_equal(order_machine_step(i, triggers[k], &to), STATUS_OK);
            assert_int_equal(order_machine_of(to), order_machine_of(i));
            for (size_t other = 0; other < k; other++)
                assert_int_not_equal(triggers[other], triggers[k]);
        }
    }
}

static void every_trigger_leads_somewhere(void **state)
{
    (void)state;
    for (enum order_trigger trigger = 0; trigger < ORDER_TRIGGER_COUNT; trigger++) {
        bool is_used = false;
        for (enum order_state i = 0; i < ORDER_STATE_COUNT; i++)
            is_used |= order_machine_pullers(i, trigger) != 0;
        if (!is_used) fail_msg("%s leads nowhere", order_machine_trigger_name(trigger));
    }
}

static void a_machine_has_one_start_and_its_names_tell_states_apart(void **state)
{
    (void)state;
    for (enum order_state i = 0; i < ORDER_STATE_COUNT; i++) {
        enum order_state found = ORDER_STATE_COUNT;
        assert_true(order_machine_find_state(order_machine_of(i),
                                             text_of(order_machine_state_name(i)), &found));
        assert_int_equal(found, i);
    }
    for (enum order_trigger i = 0; i < ORDER_TRIGGER_COUNT; i++) {
        enum order_trigger found = ORDER_TRIGGER_COUNT;
        assert_true(order_machine_find_trigger(text_of(order_machine_trigger_name(i)), &found));
        assert_int_equal(found, i);
    }
    enum order_state other = ORDER_STATE_COUNT;
    assert_false(order_machine_find_state(ORDER_MACHINE_CART, TEXT("delivered"), &other));
    assert_int_equal(other, ORDER_STATE_COUNT);
}

/* ---- walks against a model ---- */

static bool is_one_of(const char *word, const char *words)
{
    char spaced[64], list[256];
    (void)snprintf(spaced, sizeof spaced, " %s ", word);
    (void)snprintf(list, sizeof list, " %s ", words);
    return strstr(list, spaced) != NULL;
}

static const char *if_at(const char *state, const char *states, const char *to)
{
    return is_one_of(state, states) ? to : NULL;
}

/* Nothing of it may go out before the vendor has accepted; what went is not cancelled, unless all
 * of it came back. */
static const char *model_order(const char *at, const char *trigger)
{
    static const char unpaid[] = "draft pending_payment payment_failed",
                      unsent[] = "pending_payment placed awaiting_acceptance accepted processing",
                      resting[] =
                          "awaiting_acceptance accepted processing partially_shipped shipped "
                          "partially_delivered delivered completed",
                      sending[] = "accepted processing partially_shipped",
                      moving[] =
                          "accepted processing partially_shipped shipped partially_delivered";
    if (strcmp(trigger, "prepare") == 0) return if_at(at, "draft", "pending_payment");
    if (strcmp(trigger, "pay") == 0) return if_at(at, "pending_payment", "placed");
    if (strcmp(trigger, "fail_payment") == 0) return if_at(at, "pending_payment", "payment_failed");
    if (strcmp(trigger, "retry_payment") == 0)
        return if_at(at, "payment_failed", "pending_payment");
    if (strcmp(trigger, "expire") == 0) return if_at(at, unpaid, "expired");
    if (strcmp(trigger, "ask_acceptance") == 0) return if_at(at, "placed", "awaiting_acceptance");
    if (strcmp(trigger, "accept") == 0) return if_at(at, "placed awaiting_acceptance", "accepted");
    if (strcmp(trigger, "refuse") == 0) return if_at(at, "awaiting_acceptance", "refused");
    if (strcmp(trigger, "process") == 0) return if_at(at, "accepted", "processing");
    if (strcmp(trigger, "cancel") == 0) return if_at(at, unsent, "cancelled");
    if (strcmp(trigger, "cancel_units") == 0) {
        const char *same = if_at(at, unsent, at);
        return same != NULL ? same : if_at(at, "partially_shipped partially_delivered", at);
    }
    /* What was delivered in part stays so, whatever else is sent. */
    if (is_one_of(trigger, "ship_part ship_all") && strcmp(at, "partially_delivered") == 0)
        return at;
    if (strcmp(trigger, "ship_part") == 0) return if_at(at, sending, "partially_shipped");
    if (strcmp(trigger, "ship_all") == 0) return if_at(at, sending, "shipped");
    if (strcmp(trigger, "deliver_part") == 0) return if_at(at, moving, "partially_delivered");
    if (strcmp(trigger, "deliver_all") == 0) return if_at(at, moving, "delivered");
    if (is_one_of(trigger, "propose_edit apply_edit decline_edit withdraw_edit"))
        return if_at(at, "accepted processing", at);
    if (strcmp(trigger, "remind") == 0) return if_at(at, "pending_payment", at);
    if (is_one_of(trigger, "mark_paid mark_unpaid")) return if_at(at, resting, at);
    if (is_one_of(trigger, "hand_back refund_order redirect_refund card_refunded "
                           "card_refund_failed"))
        return is_one_of(at, "cancelled refused") ? at : if_at(at, resting, at);
    if (strcmp(trigger, "take_back_part") == 0) return if_at(at, "shipped", "partially_shipped");
    if (strcmp(trigger, "take_back") == 0)
        return if_at(at, "partially_shipped shipped", "processing");
    if (strcmp(trigger, "complete") == 0) return if_at(at, "delivered", "completed");
    return NULL;
}

/* A rank that grows; an exception goes on from where parcels begin to move. */
static const char *model_shipment(const char *at, const char *trigger)
{
    static const char *const way[] = { "handed_over", "in_transit", "out_for_delivery",
                                       "delivered" };
    static const char *const reports[] = { "", "transit", "go_out_for_delivery", "deliver" };
    const bool is_moving = is_one_of(at, "handed_over in_transit out_for_delivery exception");
    if (strcmp(trigger, "pack") == 0) return if_at(at, "unpacked", "created");
    if (strcmp(trigger, "make_ready") == 0) return if_at(at, "created", "ready");
    if (strcmp(trigger, "hand_over") == 0) return if_at(at, "created ready", "handed_over");
    if (strcmp(trigger, "cancel") == 0) return if_at(at, "created ready", "cancelled");
    if (strcmp(trigger, "take_back") == 0) return if_at(at, "returned_to_sender", "taken_back");
    if (!is_moving) return NULL;
    if (strcmp(trigger, "return_to_sender") == 0) return "returned_to_sender";
    if (strcmp(trigger, "report_exception") == 0)
        return strcmp(at, "exception") == 0 ? NULL : "exception";
    size_t rank = 0, reported = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(way); i++) {
        if (strcmp(at, way[i]) == 0) rank = i;
        if (strcmp(trigger, reports[i]) == 0) reported = i;
    }
    return reported > rank ? way[reported] : NULL;
}

static const char *model_reservation(const char *at, const char *trigger)
{
    if (strcmp(at, "held") != 0) return NULL;
    if (strcmp(trigger, "consume") == 0) return "consumed";
    if (strcmp(trigger, "release") == 0) return "released";
    return strcmp(trigger, "expire") == 0 ? "expired" : NULL;
}

static const char *model_redemption(const char *at, const char *trigger)
{
    if (strcmp(trigger, "give_back") == 0) return if_at(at, "used", "returned");
    if (strcmp(trigger, "use") == 0) return if_at(at, "held", "used");
    return strcmp(trigger, "release") == 0 ? if_at(at, "held", "released") : NULL;
}

/* Everything but unlocking needs the cart to be free, and ordering needs the lock. */
static const char *model_cart(const char *at, const char *trigger)
{
    if (strcmp(at, "locked") == 0) {
        if (strcmp(trigger, "unlock") == 0) return "active";
        return strcmp(trigger, "order") == 0 ? "ordered" : NULL;
    }
    if (strcmp(at, "active") != 0) return NULL;
    if (strcmp(trigger, "lock") == 0) return "locked";
    if (strcmp(trigger, "merge") == 0) return "merged";
    return strcmp(trigger, "expire") == 0 ? "expired" : NULL;
}

static const char *model_return(const char *at, const char *trigger)
{
    static const char awaited[] = "approved label_sent partially_received";
    if (strcmp(trigger, "request") == 0) return if_at(at, "unrequested", "requested");
    if (strcmp(trigger, "approve") == 0) return if_at(at, "requested", "approved");
    if (strcmp(trigger, "reject") == 0) return if_at(at, "requested", "rejected");
    if (strcmp(trigger, "cancel") == 0) return if_at(at, "requested approved", "cancelled");
    if (strcmp(trigger, "expire") == 0) return if_at(at, "approved label_sent", "cancelled");
    if (strcmp(trigger, "send_label") == 0) return if_at(at, "approved label_sent", "label_sent");
    if (strcmp(trigger, "receive_part") == 0) return if_at(at, awaited, "partially_received");
    if (strcmp(trigger, "receive_all") == 0) return if_at(at, awaited, "received");
    if (strcmp(trigger, "refund") == 0 && strcmp(at, "exchanged") == 0) return at;
    if (strcmp(trigger, "refund") == 0) return if_at(at, "partially_received received", "refunded");
    if (strcmp(trigger, "reopen") == 0) return if_at(at, "exchanged", "received");
    return strcmp(trigger, "exchange") == 0 ? if_at(at, "received", "exchanged") : NULL;
}

static const char *model_claim(const char *at, const char *trigger)
{
    static const char undecided[] = "open vendor_response escalated";
    if (strcmp(trigger, "file") == 0) return if_at(at, "unfiled", "open");
    if (strcmp(trigger, "respond") == 0) return if_at(at, "open", "vendor_response");
    if (strcmp(trigger, "escalate") == 0)
        return if_at(at, "open vendor_response resolved_replacement", "escalated");
    if (strcmp(trigger, "withdraw") == 0) return if_at(at, undecided, "withdrawn");
    if (strcmp(trigger, "reopen") == 0) return if_at(at, "resolved_replacement", "open");
    if (strcmp(trigger, "grant_refund") == 0 && strcmp(at, "resolved_replacement") == 0) return at;
    if (strcmp(trigger, "deny") == 0) return if_at(at, "vendor_response escalated", "denied");
    if (strcmp(trigger, "grant_refund") == 0) return if_at(at, undecided, "resolved_refund");
    return strcmp(trigger, "grant_replacement") == 0 ? if_at(at, undecided, "resolved_replacement")
                                                     : NULL;
}

typedef const char *model(const char *at, const char *trigger);

static uint64_t chance(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *seed >> 33;
}

/* Names each allowed trigger, as a refusal does, and nothing else. */
static void check_allowed(enum order_state at, model *expected)
{
    enum order_trigger allowed[ORDER_TRIGGER_COUNT];
    const size_t count = order_machine_allowed(at, ORDER_PULLER_ANYBODY, allowed);
    size_t wanted = 0;
    for (enum order_trigger trigger = 0; trigger < ORDER_TRIGGER_COUNT; trigger++) {
        const char *to =
            expected(order_machine_state_name(at), order_machine_trigger_name(trigger));
        wanted += to != NULL;
        bool is_named = false;
        for (size_t i = 0; i < count; i++)
            is_named |= allowed[i] == trigger;
        assert_int_equal(is_named, to != NULL);
        assert_int_equal(order_machine_pullers(at, trigger) != 0, to != NULL);
    }
    assert_int_equal(count, wanted);
}

/* At an end it begins anew. */
static void walk(enum order_machine machine, model *expected)
{
    uint64_t seed = machine + 1;
    bool is_visited[ORDER_STATE_COUNT] = { false };
    enum order_state at = order_machine_start(machine);
    for (unsigned i = 0; i < WALK_TRIGGERS; i++) {
        if (!is_visited[at]) check_allowed(at, expected);
        is_visited[at] = true;
        if (order_machine_is_end(at)) at = order_machine_start(machine);
        const enum order_trigger trigger =
            (enum order_trigger)(chance(&seed) % ORDER_TRIGGER_COUNT);
        const char *to =
            expected(order_machine_state_name(at), order_machine_trigger_name(trigger));
        enum order_state next = ORDER_STATE_COUNT;
        const enum status status = order_machine_step(at, trigger, &next);
        assert_int_equal(status, to == NULL ? STATUS_ILLEGAL_TRANSITION : STATUS_OK);
        if (to == NULL) {
            assert_int_equal(next, ORDER_STATE_COUNT);
            continue;
        }
        assert_string_equal(order_machine_state_name(next), to);
        at = next;
    }
    for (enum order_state i = 0; i < ORDER_STATE_COUNT; i++)
        if (order_machine_of(i) == machine) assert_true(is_visited[i]);
}

static void a_walk_of_any_triggers_is_what_the_description_says(void **state)
{
    (void)state;
    walk(ORDER_MACHINE_VENDOR_ORDER, model_order);
    walk(ORDER_MACHINE_SHIPMENT, model_shipment);
    walk(ORDER_MACHINE_RESERVATION, model_reservation);
    walk(ORDER_MACHINE_REDEMPTION, model_redemption);
    walk(ORDER_MACHINE_CART, model_cart);
    walk(ORDER_MACHINE_RETURN, model_return);
    walk(ORDER_MACHINE_CLAIM, model_claim);
}

/* ---- who may ---- */

static void a_shopper_cancels_before_anything_was_sent_and_whole_orders_only_then(void **state)
{
    (void)state;
    for (enum order_state i = 0; i < ORDER_STATE_COUNT; i++) {
        if (order_machine_of(i) != ORDER_MACHINE_VENDOR_ORDER) continue;
        const bool may =
            (order_machine_pullers(i, ORDER_TRIGGER_CANCEL) & ORDER_PULLER_SHOPPER) != 0;
        assert_int_equal(may, is_one_of(order_machine_state_name(i),
                                        "pending_payment placed awaiting_acceptance accepted "
                                        "processing"));
    }
}

static void shoppers_send_nothing_and_vendors_complete_nothing(void **state)
{
    (void)state;
    static const enum order_trigger sending[] = { ORDER_TRIGGER_ACCEPT,    ORDER_TRIGGER_PROCESS,
                                                  ORDER_TRIGGER_SHIP_PART, ORDER_TRIGGER_SHIP_ALL,
                                                  ORDER_TRIGGER_HAND_OVER, ORDER_TRIGGER_PAY,
                                                  ORDER_TRIGGER_REFUND,    ORDER_TRIGGER_DENY };
    for (enum order_state i = 0; i < ORDER_STATE_COUNT; i++) {
        for (size_t k = 0; k < ARRAY_LENGTH(sending); k++)
            assert_int_equal(order_machine_pullers(i, sending[k]) & ORDER_PULLER_SHOPPER, 0);
        assert_int_equal(order_machine_pullers(i, ORDER_TRIGGER_COMPLETE) & ~8U, 0);
        assert_int_equal(order_machine_pullers(i, ORDER_TRIGGER_DENY) & ORDER_PULLER_VENDOR, 0);
    }
}

static void who_asks_is_told_only_what_they_may_do(void **state)
{
    (void)state;
    enum order_trigger triggers[ORDER_TRIGGER_COUNT];
    assert_int_equal(order_machine_allowed(ORDER_STATE_VENDOR_ORDER_AWAITING_ACCEPTANCE,
                                           ORDER_PULLER_SHOPPER, triggers),
                     2);
    assert_int_equal(triggers[0], ORDER_TRIGGER_CANCEL);
    assert_int_equal(triggers[1], ORDER_TRIGGER_CANCEL_UNITS);
    assert_int_equal(order_machine_allowed(ORDER_STATE_VENDOR_ORDER_AWAITING_ACCEPTANCE,
                                           ORDER_PULLER_SYSTEM, triggers),
                     5);
    assert_int_equal(triggers[0], ORDER_TRIGGER_REFUSE);
    assert_int_equal(triggers[1], ORDER_TRIGGER_MARK_UNPAID);
    assert_int_equal(triggers[2], ORDER_TRIGGER_REDIRECT_REFUND);
    assert_int_equal(triggers[3], ORDER_TRIGGER_CARD_REFUNDED);
    assert_int_equal(triggers[4], ORDER_TRIGGER_CARD_REFUND_FAILED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_state_is_reached_from_the_start_of_its_machine),
        cmocka_unit_test(from_every_state_there_is_a_way_to_an_end),
        cmocka_unit_test(an_end_is_where_nothing_leads_on),
        cmocka_unit_test(no_transition_leaves_its_machine_or_is_written_twice),
        cmocka_unit_test(every_trigger_leads_somewhere),
        cmocka_unit_test(a_machine_has_one_start_and_its_names_tell_states_apart),
        cmocka_unit_test(a_walk_of_any_triggers_is_what_the_description_says),
        cmocka_unit_test(a_shopper_cancels_before_anything_was_sent_and_whole_orders_only_then),
        cmocka_unit_test(shoppers_send_nothing_and_vendors_complete_nothing),
        cmocka_unit_test(who_asks_is_told_only_what_they_may_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Claims about cards that shoppers keep at the test bank: set up, paid with, forgotten. */
#include <stdlib.h>

#include "tests/actors/payment/own_bank.h"

static int open_bank(void **state)
{
    (void)state;
    return own_bank_open("0");
}

static enum status keep(struct uuid shopper, const char *key, const char *method,
                        struct payment_card *ret_card)
{
    const struct payment_keep_card command = { .payment_method = text_of(method),
                                               .has_return_url = true,
                                               .return_url = TEXT("https://shop.example/cards") };
    bool is_replay;
    int http_status;
    return stage_ask_with_key(stage, shopper, key, &payment_keep_card_message, &command, ret_card,
                              &is_replay, &http_status);
}

static struct payment_card kept(struct uuid shopper, const char *key, const char *method)
{
    struct payment_card card;
    assert_int_equal(keep(shopper, key, method, &card), STATUS_OK);
    return card;
}

static struct payment_cards cards_of(struct uuid shopper)
{
    const struct payment_list_cards query = { 0 };
    struct payment_cards cards;
    assert_int_equal(stage_ask(stage, shopper, &payment_list_cards_message, &query, &cards),
                     STATUS_OK);
    return cards;
}

static const char *id_text(struct uuid card_id)
{
    static char text[ID_TEXT_MAX + 1];
    (void)id_format("crd", card_id, text);
    return text;
}

static enum status top_up_by(struct uuid shopper, const char *key, const char *method,
                             struct payment_payment *ret_payment)
{
    const struct payment_top_up command = { .amount = { 1999, "EUR" },
                                            .payment_method = text_of(method) };
    bool is_replay;
    int http_status;
    return stage_ask_with_key(stage, shopper, key, &payment_top_up_message, &command, ret_payment,
                              &is_replay, &http_status);
}

static struct payment_payment top_up(struct uuid shopper, const char *key, struct uuid card_id)
{
    struct payment_payment payment;
    assert_int_equal(top_up_by(shopper, key, id_text(card_id), &payment), STATUS_OK);
    return payment;
}

/* As when something is renewed. */
static enum status renew(struct uuid shopper, const char *method,
                         struct payment_payment *ret_payment)
{
    const struct uuid id = stage_new_id(stage, 30);
    const struct payment_authorise command = { .payment_id = id,
                                               .purpose = PAYMENT_PURPOSE_ORDER,
                                               .subject_id = id,
                                               .has_user_id = true,
                                               .user_id = shopper,
                                               .amount = { 1999, "EUR" },
                                               .method = text_of(method),
                                               .description = TEXT("Renewal"),
                                               .has_is_off_session = true,
                                               .is_off_session = true };
    return stage_ask(stage, nobody, &payment_authorise_message, &command, ret_payment);
}

/* The page of the bank, which leads back to the shop. */
static void answer_bank(struct text url, const char *outcome)
{
    char path[256], form[32];
    const char *slash = memchr(url.data + strlen("http://"), '/', url.length - strlen("http://"));
    assert_non_null(slash);
    (void)snprintf(path, sizeof path, "%.*s", (int)(url.data + url.length - slash), slash);
    (void)snprintf(form, sizeof form, "outcome=%s", outcome);
    (void)ask_bank("POST", path, form);
}

static struct payment_card confirm(struct uuid shopper, struct uuid card_id, enum status expected)
{
    const struct payment_confirm_card command = { .card_id = card_id };
    struct payment_card card = { .exp_year = 0 };
    assert_int_equal(stage_ask(stage, shopper, &payment_confirm_card_message, &command, &card),
                     expected);
    return card;
}

static size_t count_in(const char *text, const char *part)
{
    size_t count = 0;
    for (const char *at = strstr(text, part); at != NULL; at = strstr(at + 1, part))
        count++;
    return count;
}

/* ---- claims ---- */

static void tell_kept(struct stage *of, void *context)
{
    (void)context;
    const struct uuid shopper = stage_new_id(of, 30);
    const struct payment_card card = kept(shopper, "k-1", "pm_ok");
    const struct payment_card again = kept(shopper, "k-1", "pm_ok");
    assert_int_equal(card.state, PAYMENT_CARD_STATE_READY);
    assert_true(card.is_default);
    assert_text_equal(card.brand, TEXT("visa"));
    assert_int_equal(card.last4.length, 4);
    assert_in_range(card.exp_year, 2026, 2100);
    assert_true(uuid_equals(card.id, again.id));
    assert_int_equal(cards_of(shopper).data_count, 1);
    assert_true(cards_of(shopper).data[0].is_default);
    assert_int_equal(cards_of(stage_new_id(of, 30)).data_count, 0);
    const struct payment_payment payment = top_up(shopper, "t-1", card.id);
    wait_until(payment.id, PAYMENT_STATUS_CAPTURED);
    assert_string_equal(stage_sql(of, "payment",
                                  "SELECT count(*) FROM payment.payment p JOIN payment.card c"
                                  " ON c.method = p.method AND c.customer = p.customer"
                                  " AND c.user_id = p.user_id"),
                        "1");
}

static void a_card_is_kept_once_and_pays_by_its_id(void **state)
{
    (void)state;
    stage_run(stage, tell_kept, NULL);
}

static void tell_others(struct stage *of, void *context)
{
    (void)context;
    const struct uuid owner = stage_new_id(of, 31), other = stage_new_id(of, 31);
    const struct payment_card card = kept(owner, "o-1", "pm_ok");
    const struct payment_payment stolen = top_up(other, "o-2", card.id);
    const struct payment_payment made_up = top_up(other, "o-3", stage_new_id(of, 31));
    assert_int_equal(stolen.status, PAYMENT_STATUS_FAILED);
    assert_int_equal(made_up.status, PAYMENT_STATUS_FAILED);
    assert_text_equal(stolen.decline_code, made_up.decline_code);
    (void)confirm(other, card.id, STATUS_NOT_FOUND);
    const struct payment_drop_card drop = { .card_id = card.id };
    assert_int_equal(stage_ask(of, other, &payment_drop_card_message, &drop, NULL),
                     STATUS_NOT_FOUND);
    assert_int_equal(cards_of(owner).data_count, 1);
}

static void somebody_elses_card_is_as_unknown_as_one_that_never_was(void **state)
{
    (void)state;
    stage_run(stage, tell_others, NULL);
}

static void tell_second_factor(struct stage *of, void *context)
{
    (void)context;
    const struct uuid shopper = stage_new_id(of, 32);
    const struct payment_card card = kept(shopper, "s-1", "pm_3ds");
    assert_int_equal(card.state, PAYMENT_CARD_STATE_PENDING);
    assert_true(card.has_next_action);
    assert_int_equal(cards_of(shopper).data_count, 0);
    assert_int_equal(top_up(shopper, "s-2", card.id).status, PAYMENT_STATUS_FAILED);
    assert_int_equal(confirm(shopper, card.id, STATUS_OK).state, PAYMENT_CARD_STATE_PENDING);
    answer_bank(card.next_action.redirect_url, "approve");
    assert_int_equal(confirm(shopper, card.id, STATUS_OK).state, PAYMENT_CARD_STATE_READY);
    assert_int_equal(cards_of(shopper).data_count, 1);
    /* It was set up for that, so the bank asks nobody when nobody is there. */
    struct payment_payment payment;
    assert_int_equal(renew(shopper, id_text(card.id), &payment), STATUS_OK);
    assert_int_equal(payment.status, PAYMENT_STATUS_AUTHORISED);
    const struct payment_card refused = kept(shopper, "s-3", "pm_3ds");
    answer_bank(refused.next_action.redirect_url, "refuse");
    assert_int_equal(confirm(shopper, refused.id, STATUS_OK).state, PAYMENT_CARD_STATE_REFUSED);
    assert_int_equal(cards_of(shopper).data_count, 1);
}

static void a_card_whose_bank_wants_to_see_its_shopper_pays_once_he_was_there(void **state)
{
    (void)state;
    stage_run(stage, tell_second_factor, NULL);
}

static void tell_off_session(struct stage *of, void *context)
{
    (void)context;
    const struct uuid shopper = stage_new_id(of, 33);
    const struct payment_card card = kept(shopper, "f-1", "pm_card_authenticationRequired");
    answer_bank(card.next_action.redirect_url, "approve");
    assert_int_equal(confirm(shopper, card.id, STATUS_OK).state, PAYMENT_CARD_STATE_READY);
    struct payment_payment payment;
    assert_int_equal(renew(shopper, id_text(card.id), &payment), STATUS_OK);
    assert_int_equal(payment.status, PAYMENT_STATUS_FAILED);
    assert_true(payment.has_needs_shopper && payment.needs_shopper);
    /* A token that nobody keeps pays only with its shopper. */
    assert_int_equal(renew(shopper, "pm_ok", &payment), STATUS_INVALID_VALUE);
}

static void a_bank_that_wants_to_see_a_shopper_who_is_not_there_is_told_apart(void **state)
{
    (void)state;
    stage_run(stage, tell_off_session, NULL);
}

static void tell_refused(struct stage *of, void *context)
{
    (void)context;
    const struct uuid shopper = stage_new_id(of, 34);
    struct payment_card card;
    assert_int_equal(keep(shopper, "r-1", "pm_decline", &card), STATUS_PAYMENT_FAILED);
    assert_int_equal(keep(shopper, "r-2", "pm_nobody_knows", &card), STATUS_PAYMENT_FAILED);
    assert_int_equal(keep(shopper, "r-3", "4242424242424242", &card), STATUS_INVALID_VALUE);
    assert_int_equal(cards_of(shopper).data_count, 0);
}

static void what_the_bank_refuses_is_not_kept(void **state)
{
    (void)state;
    stage_run(stage, tell_refused, NULL);
}

/* The bank makes its record of the shopper, and its answer is lost, in each of its ways. */
static void tell_customer(struct stage *of, void *context)
{
    (void)context;
    static const char *const kinds[] = { "close", "garbage", "half", "error" };
    for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
        char form[128], key[16];
        const struct uuid shopper = stage_new_id(of, 35);
        struct payment_card card;
        const size_t before =
            count_in(ask_bank("GET", "/v1/customers?limit=100", ""), "\"id\":\"cus_");
        (void)snprintf(form, sizeof form,
                       "operation=customers.create&kind=%s&count=1&does_work=true", kinds[i]);
        assert_non_null(strstr(ask_bank("POST", "/test/faults", form), " 200 "));
        (void)snprintf(key, sizeof key, "c-%zu", i);
        const bool is_error = strcmp(kinds[i], "error") == 0;
        /* A key that answers 500 for ever is given up for another one at once; a closed connection
         * may be tried again by libcurl itself. Whoever hears nothing asks again. */
        (void)keep(shopper, key, "pm_ok", &card);
        assert_int_equal(keep(shopper, key, "pm_ok", &card), STATUS_OK);
        (void)snprintf(key, sizeof key, "d-%zu", i);
        assert_int_equal(keep(shopper, key, "pm_card_mastercard", &card), STATUS_OK);
        assert_false(card.is_default);
        assert_int_equal(count_in(ask_bank("GET", "/v1/customers?limit=100", ""), "\"id\":\"cus_"),
                         before + (is_error ? 2 : 1));
    }
}

static void the_bank_has_one_record_of_a_shopper_whatever_becomes_of_its_answers(void **state)
{
    (void)state;
    stage_run(stage, tell_customer, NULL);
}

static void tell_dropped(struct stage *of, void *context)
{
    (void)context;
    char path[128], sql[256];
    const struct uuid shopper = stage_new_id(of, 36);
    const struct payment_card card = kept(shopper, "x-1", "pm_ok");
    (void)snprintf(sql, sizeof sql,
                   "SELECT method FROM payment.card WHERE user_id = (SELECT user_id"
                   " FROM payment.card ORDER BY created_at DESC LIMIT 1)");
    (void)snprintf(path, sizeof path, "/v1/payment_methods/%s", stage_sql(of, "payment", sql));
    assert_non_null(strstr(ask_bank("GET", path, ""), "\"customer\":\"cus_"));
    const struct payment_drop_card drop = { .card_id = card.id };
    assert_int_equal(stage_ask(of, shopper, &payment_drop_card_message, &drop, NULL), STATUS_OK);
    assert_int_equal(cards_of(shopper).data_count, 0);
    assert_int_equal(top_up(shopper, "x-2", card.id).status, PAYMENT_STATUS_FAILED);
    assert_int_equal(stage_ask(of, shopper, &payment_drop_card_message, &drop, NULL),
                     STATUS_NOT_FOUND);
    const struct payment_detach_card detach = { .card_id = card.id };
    const enum status detached = stage_ask(of, nobody, &payment_detach_card_message, &detach, NULL);
    assert_true(detached == STATUS_OK || detached == STATUS_NOT_FOUND); /* the sweep was first */
    assert_non_null(strstr(ask_bank("GET", path, ""), "\"customer\":null"));
    assert_int_equal(stage_ask(of, nobody, &payment_detach_card_message, &detach, NULL),
                     STATUS_NOT_FOUND);
}

static void a_card_that_is_dropped_pays_no_more_and_the_bank_forgets_it(void **state)
{
    (void)state;
    stage_run(stage, tell_dropped, NULL);
}

static void tell_bound(struct stage *of, void *context)
{
    (void)context;
    char key[16];
    const struct uuid shopper = stage_new_id(of, 37);
    struct payment_card card;
    for (int i = 0; i < 10; i++) {
        (void)snprintf(key, sizeof key, "b-%d", i);
        assert_int_equal(keep(shopper, key, "pm_ok", &card), STATUS_OK);
    }
    assert_int_equal(keep(shopper, "b-10", "pm_ok", &card), STATUS_LIMIT_EXCEEDED);
    assert_int_equal(cards_of(shopper).data_count, 10);
}

static void ten_cards_are_kept_of_a_shopper_at_most(void **state)
{
    (void)state;
    stage_run(stage, tell_bound, NULL);
}

/* ---- cards that are tried out ---- */

enum { DECLINES_MAX = 20 };

/* Of what was tried so far: a node would be a while at waiting for it. */
static void an_hour_passes(void)
{
    assert_string_equal(stage_sql(stage, "payment",
                                  "WITH t AS (UPDATE payment.card_try SET tried_at = tried_at"
                                  " - 3600000001 RETURNING 1) SELECT count(*) > 0 FROM t"),
                        "t");
}

static void decline_set_ups(struct uuid shopper, int count)
{
    struct payment_card card;
    char key[16];
    for (int i = 0; i < count; i++) {
        (void)snprintf(key, sizeof key, "declined-%d", i);
        assert_int_equal(keep(shopper, key, "pm_decline", &card), STATUS_PAYMENT_FAILED);
    }
}

static void tell_tester(struct stage *of, void *context)
{
    (void)context;
    const struct uuid shopper = stage_new_id(of, 38), other = stage_new_id(of, 38);
    struct payment_card card;
    struct payment_payment payment;
    decline_set_ups(shopper, DECLINES_MAX);
    assert_int_equal(keep(shopper, "y-1", "pm_decline", &card), STATUS_TOO_MANY_DECLINES);
    assert_int_equal(keep(shopper, "y-2", "pm_ok", &card), STATUS_TOO_MANY_DECLINES);
    assert_int_equal(top_up_by(shopper, "y-3", "pm_ok", &payment), STATUS_TOO_MANY_DECLINES);
    assert_int_equal(renew(shopper, "pm_ok", &payment), STATUS_TOO_MANY_DECLINES);
    assert_int_equal(kept(other, "y-4", "pm_ok").state, PAYMENT_CARD_STATE_READY);
    an_hour_passes();
    assert_int_equal(kept(shopper, "y-5", "pm_ok").state, PAYMENT_CARD_STATE_READY);
}

static void who_tries_cards_out_by_keeping_them_tries_them_elsewhere(void **state)
{
    (void)state;
    stage_run(stage, tell_tester, NULL);
}

/* One by a top-up, one by its bank's page, the others by set-ups. */
static void tell_together(struct stage *of, void *context)
{
    (void)context;
    const struct uuid shopper = stage_new_id(of, 39);
    struct payment_card card;
    struct payment_payment payment;
    assert_int_equal(top_up_by(shopper, "z-1", "pm_decline", &payment), STATUS_OK);
    wait_until(payment.id, PAYMENT_STATUS_FAILED);
    const struct payment_card seen = kept(shopper, "z-2", "pm_3ds");
    answer_bank(seen.next_action.redirect_url, "refuse");
    decline_set_ups(shopper, DECLINES_MAX - 2);
    assert_int_equal(top_up_by(shopper, "z-3", "pm_ok", &payment), STATUS_OK); /* 19 so far */
    assert_int_equal(confirm(shopper, seen.id, STATUS_OK).state, PAYMENT_CARD_STATE_REFUSED);
    assert_int_equal(keep(shopper, "z-4", "pm_ok", &card), STATUS_TOO_MANY_DECLINES);
    assert_int_equal(top_up_by(shopper, "z-5", "pm_ok", &payment), STATUS_TOO_MANY_DECLINES);
}

static void what_is_declined_counts_together_whatever_it_was_for(void **state)
{
    (void)state;
    stage_run(stage, tell_together, NULL);
}

/* That a card is good is what a tester wants to hear, so those count as well, kept or not. */
static void tell_good_ones(struct stage *of, void *context)
{
    (void)context;
    const struct uuid shopper = stage_new_id(of, 40);
    struct payment_card card;
    struct payment_payment payment;
    char key[16];
    for (int i = 0; i < DECLINES_MAX; i++) {
        (void)snprintf(key, sizeof key, "g-%d", i);
        const struct payment_drop_card drop = { .card_id = kept(shopper, key, "pm_ok").id };
        assert_int_equal(stage_ask(of, shopper, &payment_drop_card_message, &drop, NULL),
                         STATUS_OK);
    }
    assert_int_equal(keep(shopper, "g-more", "pm_ok", &card), STATUS_LIMIT_EXCEEDED);
    assert_int_equal(top_up_by(shopper, "g-paid", "pm_ok", &payment), STATUS_OK);
    an_hour_passes();
    assert_int_equal(kept(shopper, "g-later", "pm_ok").state, PAYMENT_CARD_STATE_READY);
    const struct payment_forget_cards forget = { .user_id = shopper };
    const long before = strtol(count_of("card_try"), NULL, 10);
    assert_int_equal(stage_ask(of, nobody, &payment_forget_cards_message, &forget, NULL),
                     STATUS_OK);
    assert_int_equal(strtol(count_of("card_try"), NULL, 10),
                     before - 1); /* the hour's went with the last */
}

static void good_cards_are_tried_out_no_more_often(void **state)
{
    (void)state;
    stage_run(stage, tell_good_ones, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_card_is_kept_once_and_pays_by_its_id),
        cmocka_unit_test(somebody_elses_card_is_as_unknown_as_one_that_never_was),
        cmocka_unit_test(a_card_whose_bank_wants_to_see_its_shopper_pays_once_he_was_there),
        cmocka_unit_test(a_bank_that_wants_to_see_a_shopper_who_is_not_there_is_told_apart),
        cmocka_unit_test(what_the_bank_refuses_is_not_kept),
        cmocka_unit_test(the_bank_has_one_record_of_a_shopper_whatever_becomes_of_its_answers),
        cmocka_unit_test(a_card_that_is_dropped_pays_no_more_and_the_bank_forgets_it),
        cmocka_unit_test(ten_cards_are_kept_of_a_shopper_at_most),
        cmocka_unit_test(who_tries_cards_out_by_keeping_them_tries_them_elsewhere),
        cmocka_unit_test(what_is_declined_counts_together_whatever_it_was_for),
        cmocka_unit_test(good_cards_are_tried_out_no_more_often),
    };
    return cmocka_run_group_tests(tests, open_bank, own_bank_close);
}

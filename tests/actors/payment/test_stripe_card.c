/* Claims about what Stripe is asked of cards that are kept, and what is read of its answers. */
#include "tests/support/cmocka.h"

#include <stdio.h>
#include <string.h>

#include "actors/payment/stripe_message.h"
#include "runtime/arena.h"

#define METHOD                                                                                     \
    "{\"id\":\"pm_1\",\"object\":\"payment_method\",\"card\":{\"brand\":\"visa\","                 \
    "\"last4\":\"4242\",\"exp_month\":12,\"exp_year\":2034}}"
#define SETUP(status, more)                                                                        \
    "{\"id\":\"seti_1\",\"object\":\"setup_intent\",\"status\":\"" status                          \
    "\",\"payment_method\":" METHOD more "}"

static struct arena *arena;

static int begin(void **state)
{
    (void)state;
    arena = arena_new(64 * 1024);
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_destroy(&arena);
    return 0;
}

static struct provider_card_call call_of(enum provider_card_act act)
{
    return (struct provider_card_call){ .act = act,
                                        .key = { { 9 } },
                                        .user_id = { { 7 } },
                                        .customer = TEXT("cus_1"),
                                        .method = TEXT("pm_1"),
                                        .setup = TEXT("seti_1"),
                                        .return_url = TEXT("https://shop.example/cards") };
}

static struct provider_request written(enum provider_card_act act)
{
    const struct provider_card_call call = call_of(act);
    struct provider_request request;
    assert_int_equal(stripe_write_card(&call, arena, &request), STATUS_OK);
    return request;
}

static void assert_has(struct text text, const char *part)
{
    if (memmem(text.data, text.length, part, strlen(part)) == NULL)
        fail_msg("%s is not in %.*s", part, (int)text.length, text.data);
}

static struct provider_card read_answer(enum provider_card_act act, int code, const char *body)
{
    const struct provider_card_call call = call_of(act);
    struct provider_card card;
    stripe_read_card(&call, code, text_of(body), arena, &card);
    return card;
}

static void each_question_has_its_form(void **state)
{
    (void)state;
    char id[ID_TEXT_MAX + 1], metadata[64];
    struct provider_request request = written(PROVIDER_MAKE_CUSTOMER);
    (void)id_format("usr", (struct uuid){ { 7 } }, id);
    (void)snprintf(metadata, sizeof metadata, "metadata[souk_user]=%s", id);
    assert_text_equal(request.path, TEXT("/v1/customers"));
    assert_text_equal(request.body, text_of(metadata)); /* no name, no address */
    request = written(PROVIDER_SET_UP);
    assert_text_equal(request.path, TEXT("/v1/setup_intents"));
    assert_has(request.body, "customer=cus_1&payment_method=pm_1");
    assert_has(request.body, "usage=off_session&confirm=true");
    request = written(PROVIDER_LOOK_AT_SETUP);
    assert_int_equal(request.method, TRANSFER_GET);
    assert_text_equal(request.path, TEXT("/v1/setup_intents/seti_1?expand%5B0%5D=payment_method"));
    request = written(PROVIDER_DETACH);
    assert_int_equal(request.method, TRANSFER_POST);
    assert_text_equal(request.path, TEXT("/v1/payment_methods/pm_1/detach"));
}

static void a_token_that_would_reach_another_path_is_not_sent(void **state)
{
    (void)state;
    static const char *const tokens[] = { "", "pm_1/../../customers", "pm 1", "pm_1?x=1" };
    for (size_t i = 0; i < ARRAY_LENGTH(tokens); i++) {
        struct provider_card_call call = call_of(PROVIDER_DETACH);
        struct provider_request request;
        call.method = call.setup = text_of(tokens[i]);
        assert_int_equal(stripe_write_card(&call, arena, &request), STATUS_INVALID_VALUE);
        call.act = PROVIDER_LOOK_AT_SETUP;
        assert_int_equal(stripe_write_card(&call, arena, &request), STATUS_INVALID_VALUE);
    }
}

static void a_card_that_is_set_up_says_what_people_know_it_by(void **state)
{
    (void)state;
    const struct provider_card card =
        read_answer(PROVIDER_SET_UP, 200, SETUP("succeeded", ",\"next_action\":null"));
    assert_int_equal(card.verdict, PROVIDER_SAID);
    assert_true(card.is_ready);
    assert_text_equal(card.setup, TEXT("seti_1"));
    assert_text_equal(card.method, TEXT("pm_1"));
    assert_text_equal(card.brand, TEXT("visa"));
    assert_text_equal(card.last4, TEXT("4242"));
    assert_int_equal(card.exp_month, 12);
    assert_int_equal(card.exp_year, 2034);
}

static void a_bank_that_wants_to_see_its_customer_says_where(void **state)
{
    (void)state;
    const struct provider_card card =
        read_answer(PROVIDER_SET_UP, 200,
                    SETUP("requires_action",
                          ",\"next_action\":{\"redirect_to_url\":{\"url\":\"https://b/3\"}}"));
    assert_int_equal(card.verdict, PROVIDER_SAID);
    assert_false(card.is_ready);
    assert_false(card.is_refused);
    assert_text_equal(card.next_url, TEXT("https://b/3"));
}

static void what_is_refused_says_why(void **state)
{
    (void)state;
    struct provider_card card = read_answer(PROVIDER_SET_UP, 402,
                                            "{\"error\":{\"code\":\"card_declined\","
                                            "\"decline_code\":\"lost_card\"}}");
    assert_int_equal(card.verdict, PROVIDER_NOT_TAKEN);
    assert_text_equal(card.code, TEXT("lost_card"));
    card = read_answer(PROVIDER_LOOK_AT_SETUP, 200, SETUP("requires_payment_method", ""));
    assert_true(card.is_refused);
    card = read_answer(PROVIDER_DETACH, 400, "{\"error\":{\"code\":\"resource_missing\"}}");
    assert_int_equal(card.verdict, PROVIDER_NOT_TAKEN);
}

static void what_is_no_answer_leaves_it_open(void **state)
{
    (void)state;
    assert_int_equal(read_answer(PROVIDER_SET_UP, 500, "{}").verdict, PROVIDER_BROKEN);
    assert_int_equal(read_answer(PROVIDER_SET_UP, 502, "{}").verdict, PROVIDER_UNKNOWN);
    assert_int_equal(read_answer(PROVIDER_SET_UP, 429, "{}").verdict, PROVIDER_NOT_DONE);
    assert_int_equal(read_answer(PROVIDER_SET_UP, 401, "{}").verdict, PROVIDER_SHUT);
    assert_int_equal(read_answer(PROVIDER_SET_UP, 200, "garbage").verdict, PROVIDER_UNKNOWN);
    assert_int_equal(read_answer(PROVIDER_SET_UP, 400, "{}").verdict, PROVIDER_UNKNOWN);
    /* Another object than was asked for, and one that lacks what it must have. */
    assert_int_equal(read_answer(PROVIDER_SET_UP, 200, METHOD).verdict, PROVIDER_UNKNOWN);
    assert_int_equal(read_answer(PROVIDER_SET_UP, 200,
                                 "{\"id\":\"seti_1\",\"object\":\"setup_intent\",\"status\":"
                                 "\"succeeded\",\"payment_method\":\"pm_1\"}")
                         .verdict,
                     PROVIDER_UNKNOWN);
    assert_int_equal(read_answer(PROVIDER_MAKE_CUSTOMER, 200, "{\"object\":\"customer\"}").verdict,
                     PROVIDER_UNKNOWN);
}

static void numbers_beyond_reason_are_not_told(void **state)
{
    (void)state;
    const struct provider_card card = read_answer(
        PROVIDER_SET_UP, 200,
        "{\"id\":\"seti_1\",\"object\":\"setup_intent\",\"status\":\"succeeded\",\"payment_"
        "method\":"
        "{\"id\":\"pm_1\",\"card\":{\"brand\":7,\"last4\":\"42424242\",\"exp_month\":13,"
        "\"exp_year\":-1}}}");
    assert_true(card.is_ready);
    assert_int_equal(card.brand.length, 0);
    assert_int_equal(card.last4.length, 0);
    assert_int_equal(card.exp_month, 0);
    assert_int_equal(card.exp_year, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_question_has_its_form),
        cmocka_unit_test(a_token_that_would_reach_another_path_is_not_sent),
        cmocka_unit_test(a_card_that_is_set_up_says_what_people_know_it_by),
        cmocka_unit_test(a_bank_that_wants_to_see_its_customer_says_where),
        cmocka_unit_test(what_is_refused_says_why),
        cmocka_unit_test(what_is_no_answer_leaves_it_open),
        cmocka_unit_test(numbers_beyond_reason_are_not_told),
    };
    return cmocka_run_group_tests(tests, begin, end);
}

/* The public keys of the domains: when they are asked for, and which are kept. */
#include "gateway/token_keys.h"

#include <string.h>

#include "common_messages.h"
#include "tests/gateway/inquiry_stage.h"
#include "tests/support/cmocka.h"

static const uint8_t public_key[32] = { 1, 2, 3 };
static struct inquiry_stage stage;
static struct token_keys *keys;
static struct common_token_key list[TOKEN_KEYS_MAX + 1]; /* what the domain answers */
static struct common_token_keys reply;

static struct common_token_key key_named(const char *kid)
{
    return (struct common_token_key){
        .kid = text_of(kid),
        .public_key = { (const char *)public_key, sizeof public_key },
        .audience = COMMON_AUDIENCE_STORE,
    };
}

static int open_keys(void **state)
{
    (void)state;
    inquiry_stage_open(&stage);
    list[0] = key_named("first");
    reply = (struct common_token_keys){ .keys = list, .keys_count = 1 };
    stage.schema = &common_token_keys_schema;
    stage.value = &reply;
    stage.wanted = user_identity_messages.get_token_keys;
    keys = token_keys_new(&stage.inquirer, inquiry_stage_on_settled, &stage);
    return 0;
}

static int close_keys(void **state)
{
    (void)state;
    token_keys_destroy(&keys);
    assert_null(keys);
    inquiry_stage_close(&stage);
    return 0;
}

static bool refresh(void)
{
    return token_keys_refresh(keys, PRINCIPAL_SHOPPER);
}

static bool are_known(void)
{
    return token_keys_are_known(keys, PRINCIPAL_SHOPPER);
}

static void keys_are_known_once_they_were_asked_for(void **state)
{
    (void)state;
    assert_null(token_keys_find(keys, TEXT("first")));
    assert_false(are_known());
    assert_true(refresh());
    const struct token_key *key = token_keys_find(keys, TEXT("first"));
    assert_non_null(key);
    assert_memory_equal(key->public_key, public_key, sizeof public_key);
    assert_int_equal(key->audience, PRINCIPAL_SHOPPER);
    assert_true(are_known());
    assert_int_equal(stage.settled, 1);
}

static void a_refresh_replaces_what_was_known(void **state)
{
    (void)state;
    assert_true(refresh());
    list[0] = key_named("second");
    stage.now_us += TOKEN_KEYS_INTERVAL_US;
    assert_true(refresh());
    assert_null(token_keys_find(keys, TEXT("first")));
    assert_non_null(token_keys_find(keys, TEXT("second")));
}

static void a_domain_is_asked_once_a_second_at_most(void **state)
{
    (void)state;
    assert_true(refresh());
    stage.now_us += TOKEN_KEYS_INTERVAL_US - 1;
    assert_false(refresh());
    assert_int_equal(stage.asks, 1);
    stage.now_us += 1;
    assert_true(refresh());
    assert_int_equal(stage.asks, 2);
}

static void while_none_are_known_it_is_asked_more_often(void **state)
{
    (void)state;
    stage.transport = STATUS_UNAVAILABLE;
    assert_true(refresh());
    assert_false(are_known());
    stage.now_us += TOKEN_KEYS_RETRY_US - 1;
    assert_false(refresh());
    stage.now_us += 1;
    stage.transport = STATUS_OK;
    assert_true(refresh());
    assert_true(are_known());
}

static void a_refresh_that_fails_keeps_the_keys(void **state)
{
    (void)state;
    assert_true(refresh());
    stage.transport = STATUS_UNAVAILABLE;
    stage.now_us += TOKEN_KEYS_INTERVAL_US;
    assert_true(refresh());
    assert_non_null(token_keys_find(keys, TEXT("first")));
    assert_int_equal(stage.settled, 2);
}

static void those_who_refresh_at_once_share_the_question(void **state)
{
    (void)state;
    stage.is_slow = true;
    assert_true(refresh());
    assert_true(refresh());
    assert_int_equal(stage.asks, 1);
    assert_true(token_keys_is_refreshing(keys, PRINCIPAL_SHOPPER));
    assert_false(token_keys_is_refreshing(keys, PRINCIPAL_VENDOR));
    inquiry_stage_let_go(&stage);
    assert_false(token_keys_is_refreshing(keys, PRINCIPAL_SHOPPER));
    assert_int_equal(stage.settled, 1);
}

/* ---- which ---- */

static void a_market_without_a_key_yet_is_not_known(void **state)
{
    (void)state;
    reply.keys_count = 0;
    assert_true(refresh());
    assert_false(are_known());
}

static void a_domain_that_has_no_tokens_is_known_to_have_none(void **state)
{
    (void)state;
    stage.status = STATUS_UNSUPPORTED;
    assert_true(refresh());
    assert_true(are_known());
    assert_null(token_keys_find(keys, TEXT("first")));
}

static void item_24_a_key_of_another_surface_is_not_kept(void **state)
{
    (void)state;
    list[1] = key_named("foreign");
    list[1].audience = COMMON_AUDIENCE_ADMIN;
    reply.keys_count = 2;
    assert_true(refresh());
    assert_non_null(token_keys_find(keys, TEXT("first")));
    assert_null(token_keys_find(keys, TEXT("foreign")));
}

static void an_answer_with_a_broken_key_changes_nothing(void **state)
{
    (void)state;
    assert_true(refresh());
    list[0] = key_named("second");
    list[1] = key_named("short");
    list[1].public_key.length = 31;
    reply.keys_count = 2;
    stage.now_us += TOKEN_KEYS_INTERVAL_US;
    assert_true(refresh());
    assert_non_null(token_keys_find(keys, TEXT("first")));
    assert_null(token_keys_find(keys, TEXT("second")));
    assert_null(token_keys_find(keys, TEXT("short")));
}

static void surfaces_have_keys_of_their_own(void **state)
{
    (void)state;
    assert_true(refresh());
    stage.wanted = vendor_identity_messages.get_token_keys;
    list[0] = key_named("vendors");
    list[0].audience = COMMON_AUDIENCE_VENDOR;
    assert_true(token_keys_refresh(keys, PRINCIPAL_VENDOR));
    assert_int_equal(token_keys_find(keys, TEXT("vendors"))->audience, PRINCIPAL_VENDOR);
    assert_int_equal(token_keys_find(keys, TEXT("first"))->audience, PRINCIPAL_SHOPPER);
}

#define CLAIM(function) cmocka_unit_test_setup_teardown(function, open_keys, close_keys)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(keys_are_known_once_they_were_asked_for),
        CLAIM(a_refresh_replaces_what_was_known),
        CLAIM(a_domain_is_asked_once_a_second_at_most),
        CLAIM(while_none_are_known_it_is_asked_more_often),
        CLAIM(a_refresh_that_fails_keeps_the_keys),
        CLAIM(those_who_refresh_at_once_share_the_question),
        CLAIM(a_market_without_a_key_yet_is_not_known),
        CLAIM(a_domain_that_has_no_tokens_is_known_to_have_none),
        CLAIM(item_24_a_key_of_another_surface_is_not_kept),
        CLAIM(an_answer_with_a_broken_key_changes_nothing),
        CLAIM(surfaces_have_keys_of_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

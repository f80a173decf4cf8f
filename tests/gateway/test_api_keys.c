/* Whom an API key speaks for: when its domain is asked, and how long an answer is good. */
#include "gateway/api_keys.h"

#include <string.h>

#include "common_messages.h"
#include "messages/codec_msgpack.h"
#include "messages/credential.h"
#include "tests/gateway/inquiry_stage.h"
#include "tests/support/cmocka.h"

enum { SECOND_US = 1000000 };

static const struct uuid account = { { 1, 2, 3, 4, 5, 6, 0x70, 8, 0x80 } };
static const struct uuid person = { { 2, 2, 3, 4, 5, 6, 0x70, 8, 0x80 } };
static const struct uuid key_id = { { 3, 2, 3, 4, 5, 6, 0x70, 8, 0x80 } };

static struct inquiry_stage stage;
static struct api_keys *keys;
static struct common_api_key_use use; /* what the domain answers */
static struct principal principal;

static int open_keys(void **state)
{
    (void)state;
    inquiry_stage_open(&stage);
    use = (struct common_api_key_use){ .account_id = account,
                                       .person_id = account,
                                       .key_id = key_id,
                                       .rights = 5,
                                       .expires_at_us = stage.now_us + 3600 * (int64_t)SECOND_US };
    stage.schema = &common_api_key_use_schema;
    stage.value = &use;
    stage.wanted = user_identity_messages.use_api_key;
    principal = (struct principal){ .kind = PRINCIPAL_NONE };
    keys = api_keys_new(&stage.inquirer, inquiry_stage_on_settled, &stage);
    return 0;
}

static int close_keys(void **state)
{
    (void)state;
    api_keys_destroy(&keys);
    assert_null(keys);
    inquiry_stage_close(&stage);
    return 0;
}

/* "sk_store_key_... ." with a secret that begins with this number. */
static struct text key_of(const char *lead, uint32_t number)
{
    uint8_t secret[CREDENTIAL_SECRET_BYTES] = { 0 };
    memcpy(secret, &number, sizeof number);
    const struct text credential = credential_write(stage.arena, "key", key_id, secret);
    return text_format(stage.arena, "%s%.*s", lead, (int)credential.length, credential.data);
}

static enum status ask(struct text token, enum principal_kind kind)
{
    const struct api_key_digest digest = api_key_digest_of(token);
    return api_keys_ask(keys, kind, token, &digest);
}

static enum status find(struct text token)
{
    const struct api_key_digest digest = api_key_digest_of(token);
    return api_keys_find(keys, &digest, &principal);
}

/* Asks and finds. */
static enum status use_key(struct text token)
{
    assert_int_equal(ask(token, PRINCIPAL_SHOPPER), STATUS_OK);
    return find(token);
}

/* ---- whom it speaks for ---- */

static void an_unknown_key_must_be_asked_for(void **state)
{
    (void)state;
    assert_int_equal(find(key_of("sk_store_", 1)), STATUS_NOT_FOUND);
    assert_int_equal(stage.asks, 0);
}

static void a_key_speaks_for_its_account(void **state)
{
    (void)state;
    assert_int_equal(use_key(key_of("sk_store_", 1)), STATUS_OK);
    assert_int_equal(principal.kind, PRINCIPAL_SHOPPER);
    assert_true(uuid_equals(principal.id, account));
    assert_true(uuid_equals(principal.session, key_id)); /* so it can end like a session */
    assert_true(uuid_is_zero(principal.actor));          /* its own, not in another's name */
    assert_int_equal(principal.rights, 5);
    assert_true(principal.is_api_key);
    assert_int_equal(stage.settled, 1);
}

static void a_key_that_another_person_made_names_that_person(void **state)
{
    (void)state;
    use.person_id = person;
    stage.wanted = vendor_identity_messages.use_api_key;
    const struct text token = key_of("sk_vendor_", 1);
    assert_int_equal(ask(token, PRINCIPAL_VENDOR), STATUS_OK);
    assert_int_equal(find(token), STATUS_OK);
    assert_int_equal(principal.kind, PRINCIPAL_VENDOR);
    assert_true(uuid_equals(principal.actor, person));
}

static void the_domain_is_told_the_keys_id_and_secret(void **state)
{
    (void)state;
    const uint8_t secret[CREDENTIAL_SECRET_BYTES] = { 9 };
    struct identity_use_api_key question;
    assert_int_equal(use_key(key_of("sk_store_", 9)), STATUS_OK);
    assert_int_equal(
        msgpack_decode(&identity_use_api_key_schema, stage.question, stage.arena, &question),
        STATUS_OK);
    assert_true(uuid_equals(question.key_id, key_id));
    assert_text_equal(question.secret, ((struct text){ (const char *)secret, sizeof secret }));
}

static void keys_with_other_secrets_are_other_keys(void **state)
{
    (void)state;
    assert_int_equal(use_key(key_of("sk_store_", 1)), STATUS_OK);
    assert_int_equal(find(key_of("sk_store_", 2)), STATUS_NOT_FOUND);
}

/* ---- what is nobody's ---- */

static void assert_no_key(const char *token)
{
    assert_int_equal(ask(text_of(token), PRINCIPAL_SHOPPER), STATUS_UNAUTHENTICATED);
    assert_int_equal(stage.asks, 0);
}

static void a_key_of_another_surface_is_asked_of_nobody(void **state)
{
    (void)state;
    assert_int_equal(ask(key_of("sk_vendor_", 1), PRINCIPAL_SHOPPER), STATUS_UNAUTHENTICATED);
    assert_int_equal(ask(key_of("sk_store_", 1), PRINCIPAL_ADMIN), STATUS_UNAUTHENTICATED);
    assert_int_equal(stage.asks, 0);
}

static void a_key_without_a_credential_is_asked_of_nobody(void **state)
{
    (void)state;
    assert_no_key("sk_");
    assert_no_key("sk_store_");
    assert_no_key("sk_store_key_01h455vb4pex5vsknk084sn02q");
}

static void a_key_with_a_short_secret_is_asked_of_nobody(void **state)
{
    (void)state;
    assert_no_key("sk_store_key_01h455vb4pex5vsknk084sn02q.AAAA");
}

static void other_bearer_tokens_do_not_look_like_keys(void **state)
{
    (void)state;
    assert_true(api_key_is_one(TEXT("sk_store_key_x")));
    assert_false(api_key_is_one(TEXT("v4.public.AAAA")));
    assert_false(api_key_is_one(TEXT("sk")));
    assert_false(api_key_is_one(TEXT("")));
}

/* ---- how long ---- */

static void a_good_key_is_asked_for_once_a_minute(void **state)
{
    (void)state;
    const struct text token = key_of("sk_store_", 1);
    assert_int_equal(use_key(token), STATUS_OK);
    stage.now_us += API_KEY_LIFE_MAX_US - 1;
    assert_int_equal(find(token), STATUS_OK);
    stage.now_us += 1;
    assert_int_equal(find(token), STATUS_NOT_FOUND);
    assert_int_equal(use_key(token), STATUS_OK);
    assert_int_equal(stage.asks, 2);
}

static void a_key_is_not_good_beyond_its_own_end(void **state)
{
    (void)state;
    const struct text token = key_of("sk_store_", 1);
    use.expires_at_us = stage.now_us + 2 * SECOND_US;
    assert_int_equal(use_key(token), STATUS_OK);
    stage.now_us += 2 * SECOND_US - 1;
    assert_int_equal(find(token), STATUS_OK);
    stage.now_us += 1;
    assert_int_equal(find(token), STATUS_NOT_FOUND);
}

static void a_refused_key_is_remembered_for_a_while(void **state)
{
    (void)state;
    const struct text token = key_of("sk_store_", 1);
    stage.status = STATUS_UNAUTHENTICATED;
    assert_int_equal(use_key(token), STATUS_UNAUTHENTICATED);
    stage.now_us += API_KEY_REFUSED_US - 1;
    assert_int_equal(find(token), STATUS_UNAUTHENTICATED);
    stage.now_us += 1;
    assert_int_equal(find(token), STATUS_NOT_FOUND);
}

static void an_outage_is_not_a_refusal_and_is_soon_forgotten(void **state)
{
    (void)state;
    const struct text token = key_of("sk_store_", 1);
    stage.transport = STATUS_UNAVAILABLE;
    assert_int_equal(use_key(token), STATUS_UNAVAILABLE);
    stage.now_us += API_KEY_AWAY_US;
    assert_int_equal(find(token), STATUS_NOT_FOUND);
    stage.transport = STATUS_OK;
    assert_int_equal(use_key(token), STATUS_OK);
}

/* ---- many at once ---- */

static void those_who_ask_for_one_key_share_the_question(void **state)
{
    (void)state;
    const struct text token = key_of("sk_store_", 1);
    const struct api_key_digest digest = api_key_digest_of(token);
    stage.is_slow = true;
    assert_int_equal(ask(token, PRINCIPAL_SHOPPER), STATUS_OK);
    assert_int_equal(ask(token, PRINCIPAL_SHOPPER), STATUS_OK);
    assert_int_equal(stage.asks, 1);
    assert_true(api_keys_are_asking(keys, &digest));
    assert_true(api_keys_are_asking(keys, NULL));
    assert_int_equal(find(token), STATUS_NOT_FOUND);
    inquiry_stage_let_go(&stage);
    assert_false(api_keys_are_asking(keys, NULL));
    assert_int_equal(find(token), STATUS_OK);
}

static void made_up_keys_do_not_push_good_ones_out(void **state)
{
    (void)state;
    const struct text token = key_of("sk_store_", 0);
    assert_int_equal(use_key(token), STATUS_OK);
    stage.status = STATUS_UNAUTHENTICATED;
    for (uint32_t number = 1; number < 4 * API_KEYS_MAX; number++)
        assert_int_equal(use_key(key_of("sk_store_", number)), STATUS_UNAUTHENTICATED);
    /* A refusal ends before a good answer, so it makes room first. */
    assert_int_equal(find(token), STATUS_OK);
}

/* ---- ended ---- */

static void a_key_that_has_ended_is_asked_for_again(void **state)
{
    (void)state;
    const struct text token = key_of("sk_store_", 1);
    const struct uuid ended[] = { account, key_id, person };
    assert_int_equal(use_key(token), STATUS_OK);
    api_keys_forget(keys, ended, ARRAY_LENGTH(ended));
    assert_int_equal(find(token), STATUS_NOT_FOUND);
    stage.status = STATUS_UNAUTHENTICATED;
    assert_int_equal(use_key(token), STATUS_UNAUTHENTICATED);
    assert_int_equal(stage.asks, 2);
}

static void the_end_of_other_keys_leaves_a_key_alone(void **state)
{
    (void)state;
    const struct text token = key_of("sk_store_", 1);
    const struct uuid ended[] = { account, person };
    assert_int_equal(use_key(token), STATUS_OK);
    api_keys_forget(keys, ended, ARRAY_LENGTH(ended));
    api_keys_forget(keys, NULL, 0);
    assert_int_equal(find(token), STATUS_OK);
}

/* The answer that is on its way may have been given before the key ended. */
static void a_key_that_ends_while_it_is_asked_for_is_refused(void **state)
{
    (void)state;
    const struct text token = key_of("sk_store_", 1);
    stage.is_slow = true;
    assert_int_equal(ask(token, PRINCIPAL_SHOPPER), STATUS_OK);
    api_keys_forget(keys, &key_id, 1);
    inquiry_stage_let_go(&stage);
    assert_int_equal(find(token), STATUS_UNAUTHENTICATED);
}

#define CLAIM(function) cmocka_unit_test_setup_teardown(function, open_keys, close_keys)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(an_unknown_key_must_be_asked_for),
        CLAIM(a_key_speaks_for_its_account),
        CLAIM(a_key_that_another_person_made_names_that_person),
        CLAIM(the_domain_is_told_the_keys_id_and_secret),
        CLAIM(keys_with_other_secrets_are_other_keys),
        CLAIM(a_key_of_another_surface_is_asked_of_nobody),
        CLAIM(a_key_without_a_credential_is_asked_of_nobody),
        CLAIM(a_key_with_a_short_secret_is_asked_of_nobody),
        CLAIM(other_bearer_tokens_do_not_look_like_keys),
        CLAIM(a_good_key_is_asked_for_once_a_minute),
        CLAIM(a_key_is_not_good_beyond_its_own_end),
        CLAIM(a_refused_key_is_remembered_for_a_while),
        CLAIM(an_outage_is_not_a_refusal_and_is_soon_forgotten),
        CLAIM(those_who_ask_for_one_key_share_the_question),
        CLAIM(made_up_keys_do_not_push_good_ones_out),
        CLAIM(a_key_that_has_ended_is_asked_for_again),
        CLAIM(the_end_of_other_keys_leaves_a_key_alone),
        CLAIM(a_key_that_ends_while_it_is_asked_for_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

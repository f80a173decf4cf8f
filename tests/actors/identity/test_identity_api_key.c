/* Claims about API keys, against a scratch database. */
#include "actors/identity/identity_api_key.h"

#include <string.h>

#include "actors/identity/identity_session_store.h"
#include "tests/actors/identity/identity_stage.h"
#include "tests/support/cmocka.h"

static const struct uuid nobody;
static const int64_t second_us = 1000000, day_us = 86400 * 1000000LL;

struct key_case {
    struct identity_api_key key;
    enum common_audience audience;
    struct common_made_api_key made;
    struct text token;
    struct identity_use_api_key key_of_token;
    struct common_api_key_use use;
    bool is_touch_due;
    const struct identity_api_key *list;
    size_t count;
    struct common_ended_sessions ended;
};

/* As the gateway does: "sk_vendor_", and the credential. */
static struct identity_use_api_key read_token(struct text token)
{
    const size_t lead = sizeof("sk_vendor_") - 1;
    uint8_t secret[IDENTITY_SECRET_BYTES];
    struct identity_use_api_key key;
    assert_int_equal(credential_read((struct text){ token.data + lead, token.length - lead }, "key",
                                     &key.key_id, secret),
                     STATUS_OK);
    key.secret = (struct text){ arena_copy(stage_arena, secret, sizeof secret), sizeof secret };
    return key;
}

static enum status do_make(struct request *request, void *context)
{
    struct key_case *c = context;
    TRY(identity_api_key_make(request, c->audience, &c->key, &c->made));
    c->token = c->made.secret;
    c->key_of_token = read_token(c->token);
    return STATUS_OK;
}

static enum status do_check(struct request *request, void *context)
{
    struct key_case *c = context;
    TRY(identity_api_key_check(request, &c->key_of_token, &c->use, &c->is_touch_due));
    if (c->is_touch_due) identity_api_key_touch(request, c->use.key_id);
    return STATUS_OK;
}

static enum status do_list(struct request *request, void *context)
{
    struct key_case *c = context;
    return identity_api_keys_list(request, c->key.account_id, &c->list, &c->count);
}

static enum status do_revoke(struct request *request, void *context)
{
    struct key_case *c = context;
    return identity_api_key_revoke(request, c->made.id, c->key.account_id);
}

static enum status do_revoke_all_of_person(struct request *request, void *context)
{
    struct key_case *c = context;
    identity_api_keys_revoke_of_person(request, c->key.account_id, c->key.person_id);
    return STATUS_OK;
}

static enum status do_revoke_all(struct request *request, void *context)
{
    identity_api_keys_revoke_of_account(request, ((struct key_case *)context)->key.account_id);
    return STATUS_OK;
}

static enum status do_list_ended(struct request *request, void *context)
{
    return identity_list_ended(request, 0, &((struct key_case *)context)->ended);
}

static enum status run(struct key_case *c, enum status (*work)(struct request *, void *))
{
    return stage_run(c->key.account_id, nobody, work, c);
}

static struct key_case new_key(int64_t expires_us)
{
    struct key_case c = { .key = { .account_id = stage_draw_account(),
                                   .person_id = stage_draw_account(),
                                   .name = TEXT("till"),
                                   .rights = 5,
                                   .expires_us = expires_us },
                          .audience = COMMON_AUDIENCE_VENDOR };
    assert_int_equal(run(&c, do_make), STATUS_OK);
    return c;
}

static void key_speaks_for_its_account_with_its_rights(void **state)
{
    (void)state;
    struct key_case c = new_key(0);
    assert_true(text_starts_with(c.token, TEXT("sk_vendor_key_")));
    assert_int_equal(c.token.length, 10 + 4 + 26 + 1 + 43);
    assert_int_equal(uuid_shard(c.made.id), uuid_shard(c.key.account_id));
    assert_int_equal(run(&c, do_check), STATUS_OK);
    assert_true(uuid_equals(c.use.account_id, c.key.account_id));
    assert_true(uuid_equals(c.use.person_id, c.key.person_id));
    assert_true(uuid_equals(c.use.key_id, c.made.id));
    assert_int_equal(c.use.rights, 5);
    assert_int_equal(c.use.expires_at_us, direct_now_us(stage_market) + 60 * second_us);
}

static void use_is_noted_at_most_once_a_minute(void **state)
{
    (void)state;
    struct key_case c = new_key(0);
    assert_int_equal(run(&c, do_check), STATUS_OK);
    assert_true(c.is_touch_due);
    const int64_t used_us = direct_now_us(stage_market);
    direct_advance(stage_market, 59 * second_us);
    assert_int_equal(run(&c, do_check), STATUS_OK);
    assert_false(c.is_touch_due);
    assert_int_equal(run(&c, do_list), STATUS_OK);
    assert_int_equal(c.list[0].last_used_us, used_us);
    direct_advance(stage_market, second_us);
    assert_int_equal(run(&c, do_check), STATUS_OK);
    assert_true(c.is_touch_due);
}

static void another_secret_or_id_is_no_key(void **state)
{
    (void)state;
    struct key_case c = new_key(0);
    const struct identity_use_api_key good = c.key_of_token;
    for (size_t i = 0; i < good.secret.length; i++) {
        char *changed = arena_copy(stage_arena, good.secret.data, good.secret.length);
        changed[i] ^= 1;
        c.key_of_token.secret.data = changed;
        assert_int_equal(run(&c, do_check), STATUS_UNAUTHENTICATED);
    }
    c.key_of_token = good;
    c.key_of_token.key_id = new_key(0).made.id;
    assert_int_equal(run(&c, do_check), STATUS_UNAUTHENTICATED);
    c.key_of_token.key_id = stage_draw_account();
    assert_int_equal(run(&c, do_check), STATUS_UNAUTHENTICATED);
}

static void a_secret_of_another_length_is_no_key(void **state)
{
    (void)state;
    struct key_case c = new_key(0);
    c.key_of_token.secret.length--;
    assert_int_equal(run(&c, do_check), STATUS_UNAUTHENTICATED);
    c.key_of_token.secret = TEXT("");
    assert_int_equal(run(&c, do_check), STATUS_UNAUTHENTICATED);
}

static void revoked_key_is_refused_and_heard_of(void **state)
{
    (void)state;
    struct key_case c = new_key(0), other = new_key(0);
    other.made.id = c.made.id;
    assert_int_equal(run(&other, do_revoke), STATUS_NOT_FOUND);
    assert_int_equal(run(&c, do_revoke), STATUS_OK);
    assert_int_equal(run(&c, do_revoke), STATUS_OK);
    assert_int_equal(run(&c, do_check), STATUS_UNAUTHENTICATED);
    assert_int_equal(run(&c, do_list), STATUS_OK);
    assert_int_equal(c.count, 0);
    assert_int_equal(run(&c, do_list_ended), STATUS_OK);
    bool is_heard = false;
    assert_int_equal(c.ended.session_ids_count, 0); /* keys take no place among the sessions */
    for (size_t i = 0; i < c.ended.key_ids_count; i++)
        is_heard = is_heard || uuid_equals(c.ended.key_ids[i], c.made.id);
    assert_true(is_heard);
}

static enum status do_end_sessions(struct request *request, void *context)
{
    const struct key_case *c = context;
    identity_sessions_end_of_account(request, c->key.account_id);
    return STATUS_OK;
}

/* A shopper is blocked, a team suspended, a member's role changed: gateways remember for a minute
 * what the keys might do before. */
static void what_ends_sessions_has_keys_looked_at_again(void **state)
{
    (void)state;
    struct key_case c = new_key(0);
    assert_int_equal(run(&c, do_end_sessions), STATUS_OK);
    assert_int_equal(run(&c, do_check), STATUS_OK);
    assert_int_equal(run(&c, do_list_ended), STATUS_OK);
    bool is_heard = false;
    for (size_t i = 0; i < c.ended.key_ids_count; i++)
        is_heard = is_heard || uuid_equals(c.ended.key_ids[i], c.made.id);
    assert_true(is_heard);
}

static void key_ends_by_itself(void **state)
{
    (void)state;
    struct key_case c = new_key(direct_now_us(stage_market) + 90 * second_us);
    assert_int_equal(run(&c, do_check), STATUS_OK);
    direct_advance(stage_market, 60 * second_us);
    assert_int_equal(run(&c, do_check), STATUS_OK);
    assert_int_equal(c.use.expires_at_us, c.key.expires_us);
    direct_advance(stage_market, 30 * second_us);
    assert_int_equal(run(&c, do_check), STATUS_UNAUTHENTICATED);
    assert_int_equal(run(&c, do_list), STATUS_OK);
    assert_int_equal(c.count, 0);
    assert_int_equal(run(&c, do_make), STATUS_OUT_OF_RANGE);
}

static void account_has_at_most_twenty_keys(void **state)
{
    (void)state;
    struct key_case c = new_key(0);
    c.key.expires_us = direct_now_us(stage_market) + second_us;
    for (int i = 1; i < IDENTITY_API_KEYS_MAX; i++)
        assert_int_equal(run(&c, do_make), STATUS_OK);
    assert_int_equal(run(&c, do_make), STATUS_TOO_MANY_KEYS);
    assert_int_equal(run(&c, do_list), STATUS_OK);
    assert_int_equal(c.count, IDENTITY_API_KEYS_MAX);
    direct_advance(stage_market, second_us);
    c.key.expires_us = 0;
    assert_int_equal(run(&c, do_make), STATUS_OK);
    assert_int_equal(run(&c, do_list), STATUS_OK);
    assert_int_equal(c.count, 2);
    assert_true(uuid_equals(c.list[0].id, c.made.id));
}

static void keys_that_are_made_at_once_respect_the_limit(void **state)
{
    (void)state;
    struct key_case c = new_key(0);
    for (int i = 2; i < IDENTITY_API_KEYS_MAX; i++)
        assert_int_equal(run(&c, do_make), STATUS_OK);
    direct_queue_units(stage_market);
    assert_int_equal(run(&c, do_make), STATUS_OK);
    assert_int_equal(run(&c, do_make), STATUS_OK);
    assert_int_equal(direct_commit_units(stage_market), 1);
}

static void keys_of_a_person_or_an_account_end_at_once(void **state)
{
    (void)state;
    struct key_case mine = new_key(0), yours = mine;
    yours.key.person_id = stage_draw_account();
    assert_int_equal(run(&yours, do_make), STATUS_OK);
    assert_int_equal(run(&mine, do_revoke_all_of_person), STATUS_OK);
    assert_int_equal(run(&mine, do_check), STATUS_UNAUTHENTICATED);
    assert_int_equal(run(&yours, do_check), STATUS_OK);
    assert_int_equal(run(&mine, do_revoke_all), STATUS_OK);
    assert_int_equal(run(&yours, do_check), STATUS_UNAUTHENTICATED);
}

static void no_secret_is_stored_and_ended_keys_are_trimmed(void **state)
{
    (void)state;
    struct key_case c = new_key(0);
    const char *sql = text_format(stage_arena,
                                  "SELECT count(*) FROM identity.api_key k"
                                  " WHERE strpos(k::text, '%.*s') > 0",
                                  43, c.token.data + c.token.length - 43)
                          .data;
    assert_string_equal(stage_cell(sql), "0");
    assert_int_equal(run(&c, do_revoke_all), STATUS_OK);
    direct_advance(stage_market, 30 * day_us + 1);
    assert_int_equal(run(&c, stage_trim), STATUS_OK);
    assert_string_equal(
        stage_cell("SELECT count(*) FROM identity.api_key WHERE revoked_at IS NOT NULL"), "0");
}

static void rights_have_names(void **state)
{
    (void)state;
    static const char *const names[] = { "read", "write", "pay" };
    const struct text *list;
    size_t count;
    uint64_t rights;
    identity_rights_to_names(stage_arena, 5, names, 3, &list, &count);
    assert_int_equal(count, 2);
    assert_text_equal(list[1], TEXT("pay"));
    assert_int_equal(identity_rights_from_names(list, count, names, 3, &rights), STATUS_OK);
    assert_int_equal(rights, 5);
    const struct text unknown = TEXT("sell");
    assert_int_equal(identity_rights_from_names(&unknown, 1, names, 3, &rights),
                     STATUS_INVALID_VALUE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(key_speaks_for_its_account_with_its_rights),
        cmocka_unit_test(use_is_noted_at_most_once_a_minute),
        cmocka_unit_test(another_secret_or_id_is_no_key),
        cmocka_unit_test(a_secret_of_another_length_is_no_key),
        cmocka_unit_test(revoked_key_is_refused_and_heard_of),
        cmocka_unit_test(what_ends_sessions_has_keys_looked_at_again),
        cmocka_unit_test(key_ends_by_itself),
        cmocka_unit_test(account_has_at_most_twenty_keys),
        cmocka_unit_test(keys_that_are_made_at_once_respect_the_limit),
        cmocka_unit_test(keys_of_a_person_or_an_account_end_at_once),
        cmocka_unit_test(no_secret_is_stored_and_ended_keys_are_trimmed),
        cmocka_unit_test(rights_have_names),
    };
    return cmocka_run_group_tests(tests, stage_open, stage_close);
}

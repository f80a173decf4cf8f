/* Claims about sessions and their tokens, and about signing keys, against a scratch database. */
#include "actors/identity/identity_token.h"

#include <string.h>

#include "actors/identity/identity_keys.h"
#include "tests/actors/identity/identity_stage.h"
#include "tests/support/cmocka.h"

static const struct uuid nobody;
static const int64_t second_us = 1000000, day_us = 86400 * 1000000LL;

struct session_case {
    struct identity_session_start start;
    struct identity_tokens tokens;
    struct text claims; /* of the access token, verified */
    uint64_t rights;
    struct common_sign_ins list;
    int64_t after_us;
    struct common_ended_sessions ended;
    struct uuid session_id;
};

static enum status verify(struct request *request, struct session_case *c)
{
    struct common_token_keys keys;
    struct text footer;
    const enum common_audience audience = identity_audience(c->start.kind);
    TRY(identity_keys_list(request, audience, &keys));
    for (size_t i = 0; i < keys.keys_count; i++) {
        assert_int_equal(keys.keys[i].audience, audience);
        TRY(paseto_v4_footer(stage_arena, c->tokens.access_token, &footer));
        if (memmem(footer.data, footer.length, keys.keys[i].kid.data, keys.keys[i].kid.length) ==
            NULL)
            continue;
        return paseto_v4_verify(stage_arena, (const uint8_t *)keys.keys[i].public_key.data,
                                c->tokens.access_token, TEXT("souk:v1"), &c->claims, &footer);
    }
    return STATUS_NOT_FOUND;
}

static enum status do_open(struct request *request, void *context)
{
    struct session_case *c = context;
    return identity_open_session(request, &c->start, &c->tokens);
}

static enum status do_verify(struct request *request, void *context)
{
    return verify(request, context);
}

static enum status do_rotate(struct request *request, void *context)
{
    struct session_case *c = context;
    struct identity_session session;
    struct uuid id;
    uint8_t secret[IDENTITY_SECRET_BYTES];
    TRY(identity_read_refresh_token(c->tokens.refresh_token, &id, secret));
    TRY(identity_find_session_to_rotate(request, id, &session));
    return identity_rotate_session(request, c->start.kind, &session,
                                   (struct text){ (const char *)secret, sizeof secret }, c->rights,
                                   &c->tokens);
}

static enum status do_confirm(struct request *request, void *context)
{
    struct session_case *c = context;
    return identity_confirm_session(request, c->start.kind, c->tokens.session_id, c->start.rights,
                                    &c->tokens);
}

static enum status do_end(struct request *request, void *context)
{
    struct session_case *c = context;
    identity_session_end(request, c->tokens.session_id, c->start.account_id);
    return STATUS_OK;
}

static enum status do_end_account(struct request *request, void *context)
{
    identity_sessions_end_of_account(request, ((struct session_case *)context)->start.account_id);
    return STATUS_OK;
}

static enum status do_end_person(struct request *request, void *context)
{
    struct session_case *c = context;
    identity_sessions_end_of_person(request, c->start.account_id, c->start.person_id, nobody);
    return STATUS_OK;
}

static enum status do_list(struct request *request, void *context)
{
    struct session_case *c = context;
    return identity_list_sessions(request, c->start.account_id, c->start.person_id, &c->list);
}

static enum status do_list_ended(struct request *request, void *context)
{
    struct session_case *c = context;
    return identity_list_ended(request, c->after_us, &c->ended);
}

static enum status do_turn_keys(struct request *request, void *context)
{
    return identity_keys_turn(request, *(enum common_audience *)context);
}

static enum status run(struct session_case *c, enum status (*work)(struct request *, void *))
{
    return stage_run(c->start.account_id, c->tokens.session_id, work, c);
}

static struct session_case open_session(enum principal_kind kind)
{
    struct session_case c = {
        .start = { .kind = kind, .account_id = stage_draw_account(), .rights = IDENTITY_RIGHTS_ALL }
    };
    c.start.person_id = kind == PRINCIPAL_VENDOR ? stage_draw_account() : c.start.account_id;
    c.rights = c.start.rights;
    assert_int_equal(run(&c, do_open), STATUS_OK);
    return c;
}

static bool says(const struct session_case *c, const char *name, struct text value)
{
    const struct text claim =
        text_format(stage_arena, "\"%s\":\"%.*s\"", name, (int)value.length, value.data);
    return memmem(c->claims.data, c->claims.length, claim.data, claim.length) != NULL;
}

static bool mentions(const struct session_case *c, const char *name)
{
    const struct text claim = text_format(stage_arena, "\"%s\":", name);
    return memmem(c->claims.data, c->claims.length, claim.data, claim.length) != NULL;
}

static void shopper_without_limits_has_no_extra_claims(void **state)
{
    (void)state;
    struct session_case c = open_session(PRINCIPAL_SHOPPER);
    assert_int_equal(run(&c, do_verify), STATUS_OK);
    assert_true(says(&c, "aud", TEXT("store")));
    assert_true(says(&c, "sub", identity_id_text(stage_arena, "usr", c.start.account_id)));
    assert_true(says(&c, "sid", identity_id_text(stage_arena, "ses", c.tokens.session_id)));
    assert_false(mentions(&c, "act") || mentions(&c, "rgt") || mentions(&c, "cnf"));
    assert_text_equal(c.tokens.token_type, TEXT("Bearer"));
    assert_int_equal(c.tokens.expires_in, 900);
}

static void member_acts_for_a_vendor_with_rights(void **state)
{
    (void)state;
    struct session_case c = { .start = { .kind = PRINCIPAL_VENDOR,
                                         .account_id = stage_draw_account(),
                                         .person_id = stage_draw_account(),
                                         .rights = 0x2bc,
                                         .confirmed_us = 1767225600000000 } };
    assert_int_equal(run(&c, do_open), STATUS_OK);
    assert_int_equal(run(&c, do_verify), STATUS_OK);
    assert_true(says(&c, "aud", TEXT("vendor")));
    assert_true(says(&c, "sub", identity_id_text(stage_arena, "ven", c.start.account_id)));
    assert_true(says(&c, "act", identity_id_text(stage_arena, "mbr", c.start.person_id)));
    assert_true(says(&c, "rgt", TEXT("2bc")));
    assert_true(says(&c, "cnf", TEXT("2026-01-01T00:00:00Z")));
}

static void rights_are_those_of_the_last_rotation(void **state)
{
    (void)state;
    struct session_case c = open_session(PRINCIPAL_ADMIN);
    assert_int_equal(run(&c, do_verify), STATUS_OK);
    assert_true(says(&c, "aud", TEXT("admin")));
    c.rights = 0;
    assert_int_equal(run(&c, do_rotate), STATUS_OK);
    assert_int_equal(run(&c, do_verify), STATUS_OK);
    assert_true(says(&c, "sub", identity_id_text(stage_arena, "adm", c.start.account_id)));
    assert_true(says(&c, "rgt", TEXT("0")));
    assert_false(mentions(&c, "act"));
}

static void impersonator_is_named_and_ends_in_time(void **state)
{
    (void)state;
    struct session_case c = { .start = { .kind = PRINCIPAL_SHOPPER,
                                         .account_id = stage_draw_account(),
                                         .impersonator_id = stage_draw_account(),
                                         .parent_session = stage_draw_account(),
                                         .rights = IDENTITY_RIGHTS_ALL,
                                         .life_us = 600 * 1000000LL } };
    c.start.person_id = c.start.account_id;
    c.rights = c.start.rights;
    assert_int_equal(run(&c, do_open), STATUS_OK);
    assert_int_equal(c.tokens.expires_in, 600);
    assert_int_equal(run(&c, do_verify), STATUS_OK);
    assert_true(says(&c, "par", identity_id_text(stage_arena, "ses", c.start.parent_session)));
    direct_advance(stage_market, 500 * second_us);
    assert_int_equal(run(&c, do_rotate), STATUS_OK);
    assert_int_equal(c.tokens.expires_in, 100);
    assert_int_equal(run(&c, do_verify), STATUS_OK);
    assert_true(says(&c, "act", identity_id_text(stage_arena, "adm", c.start.impersonator_id)));
    direct_advance(stage_market, 100 * second_us);
    assert_int_equal(run(&c, do_rotate), STATUS_INVALID_REFRESH_TOKEN);
}

static void second_factor_outlives_rotation(void **state)
{
    (void)state;
    struct session_case c = open_session(PRINCIPAL_ADMIN);
    const struct text refresh_token = c.tokens.refresh_token;
    assert_int_equal(run(&c, do_confirm), STATUS_OK);
    const int64_t confirmed_us = direct_now_us(stage_market);
    assert_int_equal(c.tokens.refresh_token.length, 0);
    assert_int_equal(run(&c, do_verify), STATUS_OK);
    assert_true(says(&c, "cnf", identity_time_text(stage_arena, confirmed_us)));
    direct_advance(stage_market, 60 * second_us);
    c.tokens.refresh_token = refresh_token;
    assert_int_equal(run(&c, do_rotate), STATUS_OK);
    assert_int_equal(run(&c, do_verify), STATUS_OK);
    assert_true(says(&c, "cnf", identity_time_text(stage_arena, confirmed_us)));
    assert_int_equal(run(&c, do_end), STATUS_OK);
    assert_int_equal(run(&c, do_confirm), STATUS_UNAUTHENTICATED);
}

static void ended_session_is_not_rotated(void **state)
{
    (void)state;
    struct session_case c = open_session(PRINCIPAL_SHOPPER), other = c;
    other.start.account_id = stage_draw_account();
    assert_int_equal(run(&other, do_end), STATUS_OK);
    assert_int_equal(run(&c, do_rotate), STATUS_OK);
    assert_int_equal(run(&c, do_end), STATUS_OK);
    assert_int_equal(run(&c, do_rotate), STATUS_INVALID_REFRESH_TOKEN);
}

static void sessions_are_those_of_one_person(void **state)
{
    (void)state;
    struct session_case mine = open_session(PRINCIPAL_VENDOR), yours = mine;
    yours.start.person_id = stage_draw_account();
    assert_int_equal(run(&yours, do_open), STATUS_OK);
    assert_int_equal(run(&mine, do_list), STATUS_OK);
    assert_int_equal(mine.list.data_count, 1);
    assert_true(mine.list.data[0].is_current);
    assert_true(mine.list.data[0].has_client);
    assert_text_equal(mine.list.data[0].client, TEXT("192.0.2.1"));
    assert_int_equal(run(&mine, do_end_person), STATUS_OK);
    assert_int_equal(run(&mine, do_list), STATUS_OK);
    assert_int_equal(mine.list.data_count, 0);
    assert_int_equal(run(&yours, do_list), STATUS_OK);
    assert_int_equal(yours.list.data_count, 1);
    assert_int_equal(run(&mine, do_end_account), STATUS_OK);
    assert_int_equal(run(&yours, do_list), STATUS_OK);
    assert_int_equal(yours.list.data_count, 0);
}

static size_t heard(const struct session_case *c)
{
    size_t count = 0;
    for (size_t i = 0; i < c->ended.session_ids_count; i++)
        count += uuid_equals(c->ended.session_ids[i], c->tokens.session_id);
    return count;
}

static void end_of_a_session_is_heard_for_a_day(void **state)
{
    (void)state;
    direct_advance(stage_market, 2 * day_us);
    struct session_case c = open_session(PRINCIPAL_SHOPPER);
    assert_int_equal(run(&c, do_list_ended), STATUS_OK);
    assert_int_equal(c.ended.session_ids_count, 0);
    c.after_us = c.ended.ended_through_us;
    assert_int_equal(run(&c, do_end), STATUS_OK);
    assert_int_equal(run(&c, do_list_ended), STATUS_OK);
    assert_int_equal(heard(&c), 1);
    assert_false(c.ended.has_more);
    /* What commits late is still heard. */
    c.after_us = c.ended.ended_through_us;
    assert_int_equal(run(&c, do_list_ended), STATUS_OK);
    assert_int_equal(heard(&c), 1);
    direct_advance(stage_market, 20 * second_us);
    assert_int_equal(run(&c, do_list_ended), STATUS_OK);
    c.after_us = c.ended.ended_through_us;
    assert_int_equal(run(&c, do_list_ended), STATUS_OK);
    assert_int_equal(heard(&c), 0);
    c.after_us = 0;
    assert_int_equal(run(&c, do_list_ended), STATUS_OK);
    assert_int_equal(heard(&c), 1);
    direct_advance(stage_market, day_us);
    assert_int_equal(run(&c, do_list_ended), STATUS_OK);
    assert_int_equal(heard(&c), 0);
}

static void many_ends_come_in_pages(void **state)
{
    (void)state;
    direct_advance(stage_market, 2 * day_us);
    struct session_case c = open_session(PRINCIPAL_SHOPPER);
    (void)direct_sql(
        stage_market,
        "INSERT INTO identity.session (id, account_id, person_id, secret_hash,"
        " created_at, rotated_at, expires_at) SELECT gen_random_uuid(), s.account_id,"
        " s.person_id, s.secret_hash, 0, 0, s.expires_at FROM generate_series(1, 1100)"
        " JOIN LATERAL (SELECT * FROM identity.session ORDER BY rotated_at DESC LIMIT 1)"
        " s ON true");
    assert_int_equal(run(&c, do_end_account), STATUS_OK);
    size_t total = 0, pages = 0;
    for (bool has_more = true; has_more; pages++) {
        assert_int_equal(run(&c, do_list_ended), STATUS_OK);
        assert_true(c.ended.session_ids_count <= IDENTITY_ENDED_LISTED_MAX);
        total += c.ended.session_ids_count;
        c.after_us = c.ended.ended_through_us;
        has_more = c.ended.has_more;
        assert_true(pages < 5);
    }
    assert_int_equal(total, 1101);
    assert_int_equal(pages, 3);
}

static void sessions_are_trimmed_30_days_after_their_end(void **state)
{
    (void)state;
    struct session_case c = open_session(PRINCIPAL_SHOPPER);
    direct_advance(stage_market, 60 * day_us);
    assert_int_equal(run(&c, stage_trim), STATUS_OK);
    assert_string_not_equal(stage_cell("SELECT count(*) FROM identity.session"), "0");
    direct_advance(stage_market, 1);
    assert_int_equal(run(&c, stage_trim), STATUS_OK);
    assert_string_equal(stage_cell("SELECT count(*) FROM identity.session"), "0");
}

static void turn_keys(enum common_audience audience)
{
    assert_int_equal(stage_run(stage_draw_account(), nobody, do_turn_keys, &audience), STATUS_OK);
}

static void new_key_signs_once_gateways_can_know_it(void **state)
{
    (void)state;
    static const char count[] =
        "SELECT count(*) FROM identity.signing_key WHERE audience = 'admin'";
    (void)direct_sql(stage_market, "DELETE FROM identity.signing_key");
    turn_keys(COMMON_AUDIENCE_ADMIN);
    turn_keys(COMMON_AUDIENCE_ADMIN);
    assert_string_equal(stage_cell(count), "1");
    struct session_case old = open_session(PRINCIPAL_ADMIN);
    direct_advance(stage_market, 30 * day_us);
    turn_keys(COMMON_AUDIENCE_ADMIN);
    assert_string_equal(stage_cell(count), "2");

    struct session_case early = open_session(PRINCIPAL_ADMIN);
    direct_advance(stage_market, 10 * second_us);
    struct session_case late = open_session(PRINCIPAL_ADMIN);
    assert_int_equal(run(&old, do_verify), STATUS_OK);
    assert_int_equal(run(&early, do_verify), STATUS_OK);
    assert_int_equal(run(&late, do_verify), STATUS_OK);

    direct_advance(stage_market, day_us + 60 * second_us + 1);
    turn_keys(COMMON_AUDIENCE_ADMIN);
    assert_string_equal(stage_cell(count), "1");
    assert_int_equal(run(&early, do_verify), STATUS_NOT_FOUND);
    assert_int_equal(run(&late, do_verify), STATUS_OK);
}

static void keys_have_an_age_and_a_number(void **state)
{
    (void)state;
    struct identity_key keys[IDENTITY_KEYS_MAX] = {
        { .created_us = 100 * second_us, .can_sign = true },
        { .created_us = 90 * second_us, .can_sign = true },
    };
    assert_true(identity_keys_are_due(keys, 0, 0, second_us));
    assert_false(identity_keys_are_due(keys, 2, 101 * second_us - 1, second_us));
    assert_true(identity_keys_are_due(keys, 2, 101 * second_us, second_us));
    assert_false(identity_keys_are_due(keys, IDENTITY_KEYS_MAX, 999 * second_us, second_us));
    assert_int_equal(identity_keys_choose(keys, 1, 100 * second_us), 0);
    assert_int_equal(identity_keys_choose(keys, 2, 99 * second_us), 1);
    assert_int_equal(identity_keys_choose(keys, 2, 110 * second_us - 1), 1);
    assert_int_equal(identity_keys_choose(keys, 2, 110 * second_us), 0);
    keys[0].is_clear = true;
    assert_true(identity_keys_are_due(keys, 2, 101 * second_us - 1, second_us));
    keys[0] = (struct identity_key){ .created_us = 100 * second_us };
    assert_true(identity_keys_are_due(keys, 2, 101 * second_us - 1, second_us));
    assert_int_equal(identity_keys_choose(keys, 2, 110 * second_us), 1);
    assert_int_equal(identity_keys_choose(keys, 1, 110 * second_us), 1);
}

/* Whoever reads the database, or a backup of it, could sign tokens of staff otherwise. */
static void no_secret_of_a_signing_key_lies_in_the_database(void **state)
{
    (void)state;
    (void)direct_sql(stage_market, "DELETE FROM identity.signing_key");
    turn_keys(COMMON_AUDIENCE_ADMIN);
    struct session_case c = open_session(PRINCIPAL_ADMIN);
    assert_int_equal(run(&c, do_verify), STATUS_OK);
    /* An Ed25519 secret of libsodium ends with the public key. */
    assert_string_equal(stage_cell("SELECT count(*) FROM identity.signing_key"
                                   " WHERE position(public_key IN secret_key) > 0"
                                   " OR position(public_key IN sealed_key) > 0"
                                   " OR secret_key <> decode(repeat('00', 64), 'hex')"),
                        "0");
}

static void a_secret_that_was_left_in_clear_is_replaced_and_wiped(void **state)
{
    (void)state;
    static const char clear[] = "SELECT count(*) FROM identity.signing_key WHERE sealed_key IS NULL"
                                " AND secret_key <> decode(repeat('00', 64), 'hex')";
    (void)direct_sql(stage_market, "DELETE FROM identity.signing_key");
    turn_keys(COMMON_AUDIENCE_ADMIN);
    /* As the version before has written it; that it signs nothing good does not matter here. */
    (void)direct_sql(stage_market, "UPDATE identity.signing_key SET sealed_key = NULL,"
                                   " secret_key = public_key || public_key");
    direct_advance(stage_market, 10 * second_us);
    turn_keys(COMMON_AUDIENCE_ADMIN);
    assert_string_equal(stage_cell("SELECT count(*) FROM identity.signing_key"), "2");
    assert_string_equal(stage_cell(clear), "1"); /* it signs until gateways can know the next one */
    direct_advance(stage_market, 10 * second_us);
    turn_keys(COMMON_AUDIENCE_ADMIN);
    assert_string_equal(stage_cell(clear), "0");
    assert_string_equal(stage_cell("SELECT count(*) FROM identity.signing_key"), "2");
    struct session_case c = open_session(PRINCIPAL_ADMIN);
    assert_int_equal(run(&c, do_verify), STATUS_OK);
}

static void a_key_that_was_sealed_for_another_name_signs_nothing(void **state)
{
    (void)state;
    (void)direct_sql(stage_market, "DELETE FROM identity.signing_key");
    turn_keys(COMMON_AUDIENCE_ADMIN);
    (void)direct_sql(stage_market, "UPDATE identity.signing_key SET kid = kid || 'x'");
    turn_keys(COMMON_AUDIENCE_ADMIN);
    assert_string_equal(stage_cell("SELECT count(*) FROM identity.signing_key"), "2");
    struct session_case c = open_session(PRINCIPAL_ADMIN);
    assert_int_equal(run(&c, do_verify), STATUS_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shopper_without_limits_has_no_extra_claims),
        cmocka_unit_test(member_acts_for_a_vendor_with_rights),
        cmocka_unit_test(rights_are_those_of_the_last_rotation),
        cmocka_unit_test(impersonator_is_named_and_ends_in_time),
        cmocka_unit_test(second_factor_outlives_rotation),
        cmocka_unit_test(ended_session_is_not_rotated),
        cmocka_unit_test(sessions_are_those_of_one_person),
        cmocka_unit_test(end_of_a_session_is_heard_for_a_day),
        cmocka_unit_test(many_ends_come_in_pages),
        cmocka_unit_test(sessions_are_trimmed_30_days_after_their_end),
        cmocka_unit_test(new_key_signs_once_gateways_can_know_it),
        cmocka_unit_test(keys_have_an_age_and_a_number),
        cmocka_unit_test(no_secret_of_a_signing_key_lies_in_the_database),
        cmocka_unit_test(a_secret_that_was_left_in_clear_is_replaced_and_wiped),
        cmocka_unit_test(a_key_that_was_sealed_for_another_name_signs_nothing),
    };
    return cmocka_run_group_tests(tests, stage_open, stage_close);
}

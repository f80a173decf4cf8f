/* Claims about passwords, second factors and erasures as identity's handlers answer for them with
 * what a domain lends; against a scratch database. */
#include "actors/identity/identity_api_key.h"
#include "actors/identity/identity_erasure.h"
#include "actors/identity/identity_password.h"
#include "actors/identity/identity_second_factor.h"
#include "actors/identity/identity_ticket.h"
#include "identity_handlers.h"
#include "tests/actors/identity/lender.h"
#include "tests/support/cmocka.h"

static const struct uuid nobody;
static const int64_t second_us = 1000000;

/* ---- a password that is changed ---- */

static enum status do_change_password(struct request *request, void *context)
{
    return identity_handle_change_password(request, stage_lent, context);
}

static enum status change_password(struct uuid session_id, const char *current, const char *new)
{
    struct identity_change_password command = { .current_password = text_of(current),
                                                .new_password = text_of(new) };
    return lender_run(session_id, do_change_password, &command);
}

struct password_question {
    struct text password;
    struct identity_password_match match;
};

static enum status do_ask_password(struct request *request, void *context)
{
    struct password_question *question = context;
    return identity_password_check(request, question->password, lender.person.password_hash,
                                   &question->match);
}

static bool is_password(const char *password)
{
    struct password_question question = { .password = text_of(password) };
    assert_int_equal(lender_run(nobody, do_ask_password, &question), STATUS_OK);
    return question.match.is_right;
}

static void a_password_is_the_same_however_it_is_typed(void **state)
{
    (void)state;
    lender_draw(TEXT("zoe@example.com"), "correct horse");
    assert_int_equal(change_password(nobody, "correct horse", "caf\xc3\xa9 au lait"), STATUS_OK);
    assert_true(is_password("caf\xc3\xa9 au lait"));
    assert_true(is_password("cafe\xcc\x81 au lait"));
    assert_true(is_password("caf\xc3\xa9\xc2\xa0"
                            "au lait"));
    assert_false(is_password("cafe au lait"));
    assert_int_equal(change_password(nobody, "cafe\xcc\x81 au lait", "battery\tstaple"),
                     STATUS_OUT_OF_RANGE);
}

static void a_new_password_ends_every_other_session(void **state)
{
    (void)state;
    lender_draw(TEXT("ada@example.com"), "correct horse");
    const struct uuid here = lender_sign_in(NULL), there = lender_sign_in(NULL);
    assert_int_equal(change_password(here, "correct horse", "battery staple"), STATUS_OK);
    assert_true(is_password("battery staple"));
    assert_false(is_password("correct horse"));
    assert_true(lender_is_open(here));
    assert_false(lender_is_open(there));
    assert_int_equal(lender.told_count, 1);
    assert_int_equal(lender.told[0], COMMON_NOTICE_KIND_PASSWORD_CHANGED);
}

static void a_password_that_is_refused_changes_nothing(void **state)
{
    (void)state;
    lender_draw(TEXT("bob@example.com"), "correct horse");
    const struct uuid here = lender_sign_in(NULL), there = lender_sign_in(NULL);
    assert_int_equal(change_password(here, "wrong horse", "battery staple"), STATUS_WRONG_PASSWORD);
    assert_string_equal(direct_last_fault(stage_market).pointer, "/current_password");
    /* Form comes before the proof, which costs the processor something: nothing is hashed, and
     * nothing counted. */
    const size_t failures = lender.failures;
    assert_int_equal(change_password(here, "wrong horse", "short"), STATUS_OUT_OF_RANGE);
    assert_int_equal(change_password(here, "wrong horse", "bob@example.com1"),
                     STATUS_PASSWORD_TOO_COMMON);
    assert_int_equal(lender.failures, failures);
    assert_int_equal(change_password(here, "correct horse", "short"), STATUS_OUT_OF_RANGE);
    assert_string_equal(direct_last_fault(stage_market).pointer, "/new_password");
    assert_int_equal(change_password(here, "correct horse", "bob@example.com1"),
                     STATUS_PASSWORD_TOO_COMMON);
    lender.is_kept_out = true;
    assert_int_equal(change_password(here, "correct horse", "battery staple"),
                     STATUS_UNAUTHENTICATED);
    assert_int_equal(lender.saves + lender.told_count, 0);
    assert_true(lender_is_open(there));
}

/* ---- the second factor ---- */

struct factor_case {
    struct text password, code;
    struct common_otp_enrolment enrolment;
    struct common_recovery_codes codes;
    struct common_otp_state shown;
};

static enum status do_begin(struct request *request, void *context)
{
    struct factor_case *c = context;
    const struct identity_begin_otp command = { .current_password = c->password };
    return identity_handle_begin_otp(request, stage_lent, &command, &c->enrolment);
}

static enum status do_confirm(struct request *request, void *context)
{
    struct factor_case *c = context;
    const struct identity_confirm_otp command = { .code = c->code };
    return identity_handle_confirm_otp(request, stage_lent, &command, &c->codes);
}

static enum status do_disable(struct request *request, void *context)
{
    const struct factor_case *c = context;
    const struct identity_disable_otp command = { .current_password = c->password,
                                                  .code = c->code };
    return identity_handle_disable_otp(request, stage_lent, &command);
}

static enum status do_renew(struct request *request, void *context)
{
    struct factor_case *c = context;
    const struct identity_renew_recovery_codes command = { .code = c->code };
    return identity_handle_renew_recovery_codes(request, stage_lent, &command, &c->codes);
}

static enum status do_show(struct request *request, void *context)
{
    struct factor_case *c = context;
    const struct identity_get_otp query = { 0 };
    return identity_handle_get_otp(request, stage_lent, &query, &c->shown);
}

static struct factor_case enrol(struct uuid session_id)
{
    struct factor_case c = { .password = TEXT("correct horse") };
    assert_int_equal(lender_run(session_id, do_begin, &c), STATUS_OK);
    c.code = stage_app_code(c.enrolment.secret);
    assert_int_equal(lender_run(session_id, do_confirm, &c), STATUS_OK);
    direct_advance(stage_market, 60 * second_us);
    c.code = stage_app_code(c.enrolment.secret);
    return c;
}

static void a_second_factor_begins_with_the_password_and_is_told_when_in_force(void **state)
{
    (void)state;
    lender_draw(TEXT("carl@example.com"), "correct horse");
    const struct uuid here = lender_sign_in(NULL);
    struct factor_case c = { .password = TEXT("wrong horse") };
    assert_int_equal(lender_run(here, do_begin, &c), STATUS_WRONG_PASSWORD);
    assert_int_equal(lender.requires, 0);
    c.password = TEXT("correct horse");
    assert_int_equal(lender_run(here, do_begin, &c), STATUS_OK);
    assert_int_equal(lender.requires, 1);
    assert_int_equal(lender_run(here, do_show, &c), STATUS_OK);
    assert_false(c.shown.is_enabled);
    assert_int_equal(lender.factors + lender.told_count, 0);

    c.code = stage_app_code(c.enrolment.secret);
    assert_int_equal(lender_run(here, do_confirm, &c), STATUS_OK);
    assert_int_equal(lender.factors, 1);
    assert_int_equal(lender.told[0], COMMON_NOTICE_KIND_SECOND_FACTOR_ON);
    assert_int_equal(lender_run(here, do_show, &c), STATUS_OK);
    assert_true(c.shown.is_enabled);
    assert_int_equal(c.shown.recovery_codes_left, c.codes.codes_count);
}

static void whoever_is_signed_out_or_kept_out_puts_none_in_force(void **state)
{
    (void)state;
    lender_draw(TEXT("dora@example.com"), "correct horse");
    const struct uuid here = lender_sign_in(NULL);
    struct factor_case c = { .password = TEXT("correct horse") };
    assert_int_equal(lender_run(here, do_begin, &c), STATUS_OK);
    c.code = stage_app_code(c.enrolment.secret);
    lender.is_kept_out = true;
    assert_int_equal(lender_run(here, do_confirm, &c), STATUS_UNAUTHENTICATED);
    assert_int_equal(lender_run(here, do_show, &c), STATUS_UNAUTHENTICATED);
    assert_int_equal(lender_run(here, do_begin, &c), STATUS_UNAUTHENTICATED);
    lender.is_kept_out = false;
    assert_int_equal(lender_run(stage_draw_account(), do_confirm, &c), STATUS_UNAUTHENTICATED);
    assert_int_equal(lender_run(here, do_show, &c), STATUS_OK);
    assert_false(c.shown.is_enabled);
    assert_int_equal(lender.factors + lender.told_count, 0);
}

static void giving_it_up_takes_password_and_code(void **state)
{
    (void)state;
    lender_draw(TEXT("emil@example.com"), "correct horse");
    const struct uuid here = lender_sign_in(NULL);
    struct factor_case c = enrol(here);
    const struct text code = c.code;
    c.password = TEXT("wrong horse");
    assert_int_equal(lender_run(here, do_disable, &c), STATUS_WRONG_PASSWORD);
    c.password = TEXT("correct horse");
    c.code = TEXT("no code");
    assert_int_equal(lender_run(here, do_disable, &c), STATUS_WRONG_OTP);
    assert_string_equal(direct_last_fault(stage_market).pointer, "/code");
    lender.is_fixed = true;
    c.code = code;
    assert_int_equal(lender_run(here, do_disable, &c), STATUS_FORBIDDEN);
    lender.is_fixed = false;
    assert_int_equal(lender_run(here, do_disable, &c), STATUS_OK);
    assert_int_equal(lender.told[lender.told_count - 1], COMMON_NOTICE_KIND_SECOND_FACTOR_OFF);
    assert_int_equal(lender_run(here, do_show, &c), STATUS_OK);
    assert_false(c.shown.is_enabled);
    assert_int_equal(c.shown.recovery_codes_left, 0);
}

static void where_none_is_in_force_none_is_given_up_or_used(void **state)
{
    (void)state;
    lender_draw(TEXT("fay@example.com"), "correct horse");
    const struct uuid here = lender_sign_in(NULL);
    struct factor_case c = { .password = TEXT("correct horse"), .code = TEXT("123456") };
    assert_int_equal(lender_run(here, do_disable, &c), STATUS_ILLEGAL_TRANSITION);
    assert_text_equal(direct_last_fault(stage_market).detail,
                      text_of(lender_whole.no_factor_detail));
    assert_int_equal(lender_run(here, do_renew, &c), STATUS_ILLEGAL_TRANSITION);
    stage_lent = &lender_bare;
    assert_int_equal(lender_run(here, do_disable, &c), STATUS_ILLEGAL_TRANSITION);
    assert_int_equal(direct_last_fault(stage_market).code, STATUS_OK); /* no sentence is lent */
    assert_int_equal(lender.told_count, 0);
    c = enrol(here);
    assert_int_equal(lender.factors, 0);
    assert_int_equal(lender_run(here, do_disable, &c), STATUS_OK);
}

static void a_recovery_code_is_told_of_and_new_ones_end_the_old(void **state)
{
    (void)state;
    lender_draw(TEXT("gus@example.com"), "correct horse");
    const struct uuid here = lender_sign_in(NULL);
    struct factor_case c = enrol(here);
    const struct text first = c.codes.codes[0], second = c.codes.codes[1];
    lender.told_count = 0;
    assert_int_equal(lender_run(here, do_renew, &c), STATUS_OK);
    assert_int_equal(lender.told_count, 0); /* by the app's code */
    c.code = first;
    assert_int_equal(lender_run(here, do_renew, &c), STATUS_WRONG_OTP);
    c.code = c.codes.codes[0];
    assert_int_equal(lender_run(here, do_renew, &c), STATUS_OK);
    assert_int_equal(lender.told[0], COMMON_NOTICE_KIND_RECOVERY_CODE_USED);
    c.code = second;
    assert_int_equal(lender_run(here, do_disable, &c), STATUS_WRONG_OTP);
    c.code = c.codes.codes[9];
    assert_int_equal(lender_run(here, do_disable, &c), STATUS_OK);
    assert_int_equal(lender.told[1], COMMON_NOTICE_KIND_RECOVERY_CODE_USED);
    assert_int_equal(lender.told[2], COMMON_NOTICE_KIND_SECOND_FACTOR_OFF);
}

/* ---- an erasure ---- */

static enum status do_open_ticket(struct request *request, void *context)
{
    (void)context;
    (void)identity_ticket_open(request, IDENTITY_TICKET_CHANGE_EMAIL, lender.person.account_id,
                               lender.person.id, lender.person.email, 3600 * second_us);
    return STATUS_OK;
}

static enum status do_make_key(struct request *request, void *context)
{
    const struct identity_api_key key = { .account_id = lender.person.account_id,
                                          .person_id = lender.person.id,
                                          .name = TEXT("till"),
                                          .rights = 1 };
    struct common_made_api_key made;
    (void)context;
    return identity_api_key_make(request, COMMON_AUDIENCE_STORE, &key, &made);
}

static enum status do_erase(struct request *request, void *context)
{
    (void)context;
    identity_erase_account(request, lender.person.account_id);
    return STATUS_OK;
}

static const char *rows_of(const char *what)
{
    char id[2 * sizeof lender.person.account_id.bytes + 1];
    const uint8_t *bytes = lender.person.account_id.bytes;
    for (size_t i = 0; i < sizeof lender.person.account_id.bytes; i++)
        (void)snprintf(id + 2 * i, 3, "%02x", bytes[i]);
    return stage_cell(
        text_string(stage_arena,
                    text_format(stage_arena, "SELECT count(*) FROM identity.%s = '%s'", what, id)));
}

static void an_erasure_leaves_only_what_gateways_must_hear(void **state)
{
    (void)state;
    lender_draw(TEXT("quin@example.com"), "correct horse");
    const struct uuid here = lender_sign_in(NULL);
    (void)enrol(here);
    assert_int_equal(lender_run(here, do_make_key, NULL), STATUS_OK);
    assert_int_equal(lender_run(here, do_open_ticket, NULL), STATUS_OK);
    assert_string_equal(rows_of("ticket WHERE account_id"), "1");
    assert_string_equal(rows_of("otp WHERE person_id"), "1");
    assert_int_equal(lender_run(here, do_erase, NULL), STATUS_OK);
    assert_string_equal(rows_of("ticket WHERE account_id"), "0");
    assert_string_equal(rows_of("otp WHERE person_id"), "0");
    assert_string_equal(rows_of("recovery_code WHERE person_id"), "0");
    assert_false(lender_is_open(here));
    /* Rows without a name and an address. */
    assert_string_equal(rows_of("session WHERE client = '' AND account_id"), "1");
    assert_string_equal(
        rows_of("api_key WHERE revoked_at IS NOT NULL AND name = '' AND account_id"), "1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_password_is_the_same_however_it_is_typed),
        cmocka_unit_test(a_new_password_ends_every_other_session),
        cmocka_unit_test(a_password_that_is_refused_changes_nothing),
        cmocka_unit_test(a_second_factor_begins_with_the_password_and_is_told_when_in_force),
        cmocka_unit_test(whoever_is_signed_out_or_kept_out_puts_none_in_force),
        cmocka_unit_test(giving_it_up_takes_password_and_code),
        cmocka_unit_test(where_none_is_in_force_none_is_given_up_or_used),
        cmocka_unit_test(a_recovery_code_is_told_of_and_new_ones_end_the_old),
        cmocka_unit_test(an_erasure_leaves_only_what_gateways_must_hear),
    };
    return cmocka_run_group_tests(tests, stage_open, stage_close);
}

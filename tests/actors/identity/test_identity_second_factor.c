/* Claims about second factors in force, against a scratch database. */
#include "actors/identity/identity_second_factor.h"

#include <string.h>

#include "actors/identity/identity_otp.h"
#include "tests/actors/identity/identity_stage.h"
#include "tests/support/cmocka.h"

static const struct uuid nobody;
static const int64_t second_us = 1000000;

struct factor_case {
    struct uuid person_id;
    struct text code;
    struct common_otp_enrolment enrolment;
    struct common_recovery_codes codes;
    struct identity_second_factor factor;
    bool is_on;
};

static enum status do_begin(struct request *request, void *context)
{
    struct factor_case *c = context;
    return identity_otp_begin(request, c->person_id, TEXT("Souk"), TEXT("ada@example.com"),
                              &c->enrolment);
}

static enum status do_confirm(struct request *request, void *context)
{
    struct factor_case *c = context;
    return identity_otp_confirm(request, c->person_id, c->code, &c->codes);
}

static enum status do_check(struct request *request, void *context)
{
    struct factor_case *c = context;
    return identity_otp_check(request, c->person_id, c->code, "/otp", &c->factor);
}

static enum status do_disable(struct request *request, void *context)
{
    identity_otp_disable(request, ((struct factor_case *)context)->person_id);
    return STATUS_OK;
}

static enum status do_renew(struct request *request, void *context)
{
    struct factor_case *c = context;
    identity_otp_renew_codes(request, c->person_id, &c->codes);
    return STATUS_OK;
}

static enum status do_ask_whether(struct request *request, void *context)
{
    struct factor_case *c = context;
    return identity_otp_is_on(request, c->person_id, &c->is_on);
}

static enum status run(struct factor_case *c, enum status (*work)(struct request *, void *))
{
    return stage_run(c->person_id, nobody, work, c);
}

static struct factor_case begin(void)
{
    struct factor_case c = { .person_id = stage_draw_account() };
    assert_int_equal(run(&c, do_begin), STATUS_OK);
    return c;
}

static struct factor_case enrol(void)
{
    struct factor_case c = begin();
    c.code = stage_app_code(c.enrolment.secret);
    assert_int_equal(run(&c, do_confirm), STATUS_OK);
    direct_advance(stage_market, 30 * second_us);
    return c;
}

static void nothing_is_asked_of_whoever_has_no_second_factor(void **state)
{
    (void)state;
    struct factor_case c = { .person_id = stage_draw_account(), .code = TEXT("123456") };
    c.factor.confirmed_us = 99;
    assert_int_equal(run(&c, do_check), STATUS_OK);
    assert_int_equal(c.factor.confirmed_us, 0);
}

static void unfinished_enrolment_asks_for_nothing_and_can_be_begun_again(void **state)
{
    (void)state;
    struct factor_case c = begin();
    assert_int_equal(run(&c, do_check), STATUS_OK);
    assert_int_equal(c.factor.confirmed_us, 0);
    assert_int_equal(run(&c, do_ask_whether), STATUS_OK);
    assert_false(c.is_on);
    const struct text first = c.enrolment.secret;
    assert_int_equal(run(&c, do_begin), STATUS_OK);
    assert_false(text_equals(first, c.enrolment.secret));
    c.code = stage_app_code(c.enrolment.secret);
    assert_int_equal(run(&c, do_confirm), STATUS_OK);
}

static void enrolment_is_confirmed_by_a_code_once(void **state)
{
    (void)state;
    struct factor_case c = { .person_id = stage_draw_account(), .code = TEXT("123456") };
    assert_int_equal(run(&c, do_confirm), STATUS_ILLEGAL_TRANSITION);
    c = begin();
    c.code = TEXT("12345");
    assert_int_equal(run(&c, do_confirm), STATUS_WRONG_OTP);
    assert_string_equal(direct_last_fault(stage_market).pointer, "/code");
    c.code = stage_app_code(c.enrolment.secret);
    assert_int_equal(run(&c, do_confirm), STATUS_OK);
    assert_int_equal(c.codes.codes_count, IDENTITY_RECOVERY_CODES);
    assert_int_equal(run(&c, do_ask_whether), STATUS_OK);
    assert_true(c.is_on);
    assert_int_equal(run(&c, do_confirm), STATUS_ILLEGAL_TRANSITION);
    assert_int_equal(run(&c, do_begin), STATUS_ILLEGAL_TRANSITION);
}

static void code_opens_once(void **state)
{
    (void)state;
    struct factor_case c = enrol();
    c.code = TEXT("");
    assert_int_equal(run(&c, do_check), STATUS_OTP_REQUIRED);
    assert_string_equal(direct_last_fault(stage_market).pointer, "/otp");
    c.code = stage_app_code(c.enrolment.secret);
    assert_int_equal(run(&c, do_check), STATUS_OK);
    assert_int_equal(c.factor.confirmed_us, direct_now_us(stage_market));
    assert_false(c.factor.was_recovery_code);
    assert_int_equal(run(&c, do_check), STATUS_WRONG_OTP);
    direct_advance(stage_market, 30 * second_us);
    c.code = stage_app_code(c.enrolment.secret);
    assert_int_equal(run(&c, do_check), STATUS_OK);
}

static void code_of_the_enrolment_does_not_open(void **state)
{
    (void)state;
    struct factor_case c = begin();
    c.code = stage_app_code(c.enrolment.secret);
    assert_int_equal(run(&c, do_confirm), STATUS_OK);
    assert_int_equal(run(&c, do_check), STATUS_WRONG_OTP);
}

static void recovery_code_opens_once_in_whatever_spelling(void **state)
{
    (void)state;
    struct factor_case c = enrol();
    c.code =
        text_format(stage_arena, " %.*s ", (int)c.codes.codes[3].length, c.codes.codes[3].data);
    assert_int_equal(run(&c, do_check), STATUS_OK);
    assert_true(c.factor.was_recovery_code);
    assert_int_equal(run(&c, do_check), STATUS_WRONG_OTP);
    c.code = c.codes.codes[4];
    assert_int_equal(run(&c, do_check), STATUS_OK);
}

static void recovery_code_of_another_does_not_open(void **state)
{
    (void)state;
    struct factor_case ada = enrol(), eve = enrol();
    eve.code = ada.codes.codes[0];
    assert_int_equal(run(&eve, do_check), STATUS_WRONG_OTP);
}

static void new_recovery_codes_end_the_old_ones(void **state)
{
    (void)state;
    struct factor_case c = enrol();
    const struct text old = c.codes.codes[0];
    assert_int_equal(run(&c, do_renew), STATUS_OK);
    c.code = old;
    assert_int_equal(run(&c, do_check), STATUS_WRONG_OTP);
    c.code = c.codes.codes[0];
    assert_int_equal(run(&c, do_check), STATUS_OK);
}

static void nonsense_is_refused_like_a_wrong_code(void **state)
{
    (void)state;
    struct factor_case c = enrol();
    static const char *const wrong[] = { " ", "12345", "abcdef", "0x1234" };
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++) {
        c.code = text_of(wrong[i]);
        assert_int_equal(run(&c, do_check), STATUS_WRONG_OTP);
    }
}

static void five_wrong_codes_lock_the_person(void **state)
{
    (void)state;
    struct factor_case c = enrol(), other = enrol();
    c.code = TEXT("nonsense");
    for (int i = 0; i < 5; i++)
        assert_int_equal(run(&c, do_check), STATUS_WRONG_OTP);
    c.code = stage_app_code(c.enrolment.secret);
    assert_int_equal(run(&c, do_check), STATUS_TOO_MANY_REQUESTS);
    assert_int_equal(direct_last_fault(stage_market).available, 900);
    other.code = stage_app_code(other.enrolment.secret);
    assert_int_equal(run(&other, do_check), STATUS_OK);
    direct_advance(stage_market, 900 * second_us);
    c.code = stage_app_code(c.enrolment.secret);
    assert_int_equal(run(&c, do_check), STATUS_OK);
}

static void disabled_factor_is_gone_with_its_codes(void **state)
{
    (void)state;
    struct factor_case c = enrol();
    assert_int_equal(run(&c, do_disable), STATUS_OK);
    c.code = c.codes.codes[0];
    assert_int_equal(run(&c, do_check), STATUS_OK);
    assert_int_equal(c.factor.confirmed_us, 0);
    assert_int_equal(run(&c, do_begin), STATUS_OK);
    c.code = stage_app_code(c.enrolment.secret);
    assert_int_equal(run(&c, do_confirm), STATUS_OK);
}

static void of_two_who_use_a_code_at_once_one_is_refused(void **state)
{
    (void)state;
    struct factor_case c = enrol();
    c.code = stage_app_code(c.enrolment.secret);
    direct_queue_units(stage_market);
    assert_int_equal(run(&c, do_check), STATUS_OK);
    assert_int_equal(run(&c, do_check), STATUS_OK);
    c.code = c.codes.codes[0];
    assert_int_equal(run(&c, do_check), STATUS_OK);
    assert_int_equal(run(&c, do_check), STATUS_OK);
    assert_int_equal(direct_commit_units(stage_market), 2);
}

static void secret_is_sealed_and_belongs_to_its_person(void **state)
{
    (void)state;
    struct factor_case ada = enrol(), eve = enrol();
    assert_string_equal(stage_cell("SELECT count(*) FROM identity.otp WHERE length(secret) <> 76"),
                        "0");
    (void)stage_cell("CREATE TEMPORARY TABLE swapped AS SELECT person_id, secret FROM identity.otp"
                     " ORDER BY created_at DESC LIMIT 2");
    (void)stage_cell("UPDATE identity.otp o SET secret = s.secret FROM swapped s"
                     " WHERE o.person_id IN (SELECT person_id FROM swapped)"
                     " AND s.person_id <> o.person_id");
    assert_int_equal(run(&ada, do_ask_whether), STATUS_CORRUPT);
    assert_int_equal(run(&eve, do_ask_whether), STATUS_CORRUPT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_asked_of_whoever_has_no_second_factor),
        cmocka_unit_test(unfinished_enrolment_asks_for_nothing_and_can_be_begun_again),
        cmocka_unit_test(enrolment_is_confirmed_by_a_code_once),
        cmocka_unit_test(code_opens_once),
        cmocka_unit_test(code_of_the_enrolment_does_not_open),
        cmocka_unit_test(recovery_code_opens_once_in_whatever_spelling),
        cmocka_unit_test(recovery_code_of_another_does_not_open),
        cmocka_unit_test(new_recovery_codes_end_the_old_ones),
        cmocka_unit_test(nonsense_is_refused_like_a_wrong_code),
        cmocka_unit_test(five_wrong_codes_lock_the_person),
        cmocka_unit_test(disabled_factor_is_gone_with_its_codes),
        cmocka_unit_test(of_two_who_use_a_code_at_once_one_is_refused),
        cmocka_unit_test(secret_is_sealed_and_belongs_to_its_person),
    };
    return cmocka_run_group_tests(tests, stage_open, stage_close);
}

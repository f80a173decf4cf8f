/* Claims about the signatures of webhooks. The digests come from Python's hmac. */
#include "tests/support/cmocka.h"

#include <stdio.h>
#include <string.h>

#include "actors/payment/stripe_signature.h"
#include "runtime/secret.h"
#include "status.h"

#define NOW_US (INT64_C(1700000000) * 1000000)
#define GOOD "c89214b5b5da833daed6f0b8c5bb6bd58cea9022bd80ccc78230f3942d632925"

static const struct text body = { "{\"id\":\"evt_1\"}", 14 };
static const struct text secrets[] = { { "whsec_next", 10 }, { "whsec_test", 10 } };

static enum status verify(const char *header, int64_t now_us)
{
    return stripe_signature_verify(secrets, ARRAY_LENGTH(secrets), text_of(header), body, now_us);
}

static void a_good_signature_under_either_secret_is_taken(void **state)
{
    (void)state;
    assert_int_equal(verify("t=1700000000,v1=" GOOD, NOW_US), STATUS_OK);
    assert_int_equal(verify("t=1700000000,v1=" GOOD ",v0=00", NOW_US), STATUS_OK);
    assert_int_equal(
        stripe_signature_verify(secrets, 1, TEXT("t=1700000000,v1=" GOOD), body, NOW_US),
        STATUS_SIGNATURE_INVALID);
    assert_int_equal(
        stripe_signature_verify(secrets, 0, TEXT("t=1700000000,v1=" GOOD), body, NOW_US),
        STATUS_SIGNATURE_INVALID);
}

static void while_secrets_change_one_of_two_signatures_is_enough(void **state)
{
    (void)state;
    char header[256];
    char other[65];
    memset(other, 'a', 64);
    other[64] = '\0';
    snprintf(header, sizeof header, "t=1700000000,v1=%s, v1=" GOOD, other);
    assert_int_equal(verify(header, NOW_US), STATUS_OK);
}

static void an_old_or_an_early_one_is_refused(void **state)
{
    (void)state;
    assert_int_equal(verify("t=1700000000,v1=" GOOD, NOW_US + STRIPE_TOLERANCE_US), STATUS_OK);
    assert_int_equal(verify("t=1700000000,v1=" GOOD, NOW_US + STRIPE_TOLERANCE_US + 1),
                     STATUS_SIGNATURE_INVALID);
    assert_int_equal(verify("t=1700000000,v1=" GOOD, NOW_US - STRIPE_TOLERANCE_US - 1),
                     STATUS_SIGNATURE_INVALID);
}

static void whatever_else_is_refused(void **state)
{
    (void)state;
    static const char *const headers[] = {
        "",
        "t=1700000000",
        "v1=" GOOD,
        "t=1700000001,v1=" GOOD,
        "t=,v1=" GOOD,
        "t=-1700000000,v1=" GOOD,
        "t=99999999999999999999,v1=" GOOD,
        "t=9223372036854775807,v1=" GOOD,
        "t=1700000000,v0=" GOOD,
        "t=1700000000,v1=" GOOD "00",
        "t=1700000000;v1=" GOOD,
        "t=1700000000,v1=zz",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(headers); i++)
        assert_int_equal(verify(headers[i], NOW_US), STATUS_SIGNATURE_INVALID);
    const struct text changed = { "{\"id\":\"evt_2\"}", 14 };
    assert_int_equal(
        stripe_signature_verify(secrets, 2, TEXT("t=1700000000,v1=" GOOD), changed, NOW_US),
        STATUS_SIGNATURE_INVALID);
}

static int open_library(void **state)
{
    (void)state;
    secret_open();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_signature_under_either_secret_is_taken),
        cmocka_unit_test(while_secrets_change_one_of_two_signatures_is_enough),
        cmocka_unit_test(an_old_or_an_early_one_is_refused),
        cmocka_unit_test(whatever_else_is_refused),
    };
    return cmocka_run_group_tests(tests, open_library, NULL);
}

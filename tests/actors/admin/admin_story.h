/* What the tests of the admin domain share: a market, and people in it. Included once per program.
 */
#pragma once

#include <string.h>

#include "actors/identity/identity_otp.h"
#include "admin_handlers.h"
#include "tests/support/cmocka.h"
#include "tests/support/direct_request.h"

extern const struct domain_definition admin_domain;

static struct direct_market *market;
static struct arena *arena;
static unsigned drawn;

static const struct text password = { "correct horse", 13 };

static inline int story_open(void **state)
{
    (void)state;
    market = direct_market_new(&admin_domain);
    arena = arena_new(65536);
    return 0;
}

static inline int story_close(void **state)
{
    (void)state;
    direct_market_destroy(&market);
    arena_destroy(&arena);
    return 0;
}

static inline struct text draw_email(void)
{
    drawn++;
    return text_format(arena, "ada%u@example.com", drawn);
}

static inline struct admin_staff create_owner(void)
{
    const struct admin_create_staff command = { .email = draw_email(), .password = password };
    struct admin_staff staff;
    assert_int_equal(direct_call(market, NULL, &admin_create_staff_message, &command, &staff),
                     STATUS_OK);
    return staff;
}

static inline enum status login(struct text email, struct text secret, const char *otp,
                                struct admin_signed_in *ret_reply)
{
    const struct admin_login command = {
        .email = email, .password = secret, .has_otp = otp != NULL, .otp = text_of(otp)
    };
    return direct_call(market, NULL, &admin_login_message, &command, ret_reply);
}

static inline enum status refresh(struct text token, struct admin_signed_in *ret_reply)
{
    const struct identity_refresh command = { .refresh_token = token };
    return direct_call(market, NULL, &admin_refresh_message, &command, ret_reply);
}

/* The session of a sign-in, as a gateway would say it. */
static inline struct principal principal_of(const struct admin_signed_in *signed_in)
{
    struct principal principal = { .kind = PRINCIPAL_ADMIN,
                                   .id = signed_in->staff.id,
                                   .rights = UINT64_MAX };
    assert_int_equal(
        id_parse((struct text){ signed_in->refresh_token.data, 30 }, "ses", &principal.session),
        STATUS_OK);
    return principal;
}

/* The code that an app would show. */
static inline const char *code_of(struct text secret_base32)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    static char code[8];
    uint8_t secret[IDENTITY_OTP_SECRET_BYTES];
    uint64_t bits = 0;
    size_t count = 0, length = 0;
    for (size_t i = 0; i < secret_base32.length; i++) {
        bits = bits << 5 | (uint64_t)(strchr(alphabet, secret_base32.data[i]) - alphabet);
        count += 5;
        if (count < 8) continue;
        count -= 8;
        secret[length++] = (uint8_t)(bits >> count);
    }
    assert_int_equal(length, sizeof secret);
    (void)snprintf(code, sizeof code, "%06u",
                   identity_otp_code(secret, identity_otp_step(direct_now_us(market))) % 1000000);
    return code;
}

/* Enrols a second factor for whoever has signed in; the secret for code_of(). */
static inline struct text enrol(const struct principal *principal,
                                struct common_recovery_codes *ret_codes)
{
    const struct identity_begin_otp begin = { .current_password = password };
    struct common_otp_enrolment enrolment;
    assert_int_equal(direct_call(market, principal, &admin_begin_otp_message, &begin, &enrolment),
                     STATUS_OK);
    const struct identity_confirm_otp confirm = { .code = text_of(code_of(enrolment.secret)) };
    assert_int_equal(
        direct_call(market, principal, &admin_confirm_otp_message, &confirm, ret_codes), STATUS_OK);
    direct_advance(market, INT64_C(30) * 1000000); /* no code works twice */
    return enrolment.secret;
}

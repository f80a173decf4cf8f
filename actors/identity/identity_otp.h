/* Time-based one-time codes and recovery codes. Pure. Sources: RFC 4226 (HOTP), RFC 6238 (TOTP with
 * HMAC-SHA-1, 6 digits, 30 s), RFC 4648, section 6 (base32). */
#pragma once

#include "messages/values.h"
#include "runtime/arena.h"

enum {
    IDENTITY_OTP_SECRET_BYTES = 20,
    IDENTITY_OTP_STEPS_AROUND = 1, /* clocks may be a step apart */
    IDENTITY_OTP_LABEL_MAX = 64,   /* bytes of the account's name in an app */
    IDENTITY_RECOVERY_CODES = 10,
    IDENTITY_RECOVERY_BYTES = 10, /* of randomness in each */
    IDENTITY_RECOVERY_LENGTH = 16 /* base32 characters */
};

/* The step that a time is in. */
int64_t identity_otp_step(int64_t real_us);
/* The code of a step, 0 to 999999. */
uint32_t identity_otp_code(const uint8_t secret[IDENTITY_OTP_SECRET_BYTES], int64_t step);
/* Whether `code` (6 digits; spaces do not count) is that of a step around now and after
 * `last_step`; then that step. */
bool identity_otp_matches(const uint8_t secret[IDENTITY_OTP_SECRET_BYTES], struct text code,
                          int64_t real_us, int64_t last_step, int64_t *ret_step);

/* base32 without padding. */
struct text identity_base32(struct arena *arena, const uint8_t *bytes, size_t length);
/* otpauth://totp/… as authenticator apps read it. Longer names are cut. */
struct text identity_otp_uri(struct arena *arena, struct text issuer, struct text account,
                             struct text secret_base32);

/* A recovery code as it is shown: "abcd-efgh-ijkl-mnop". */
struct text identity_recovery_code(struct arena *arena,
                                   const uint8_t random[IDENTITY_RECOVERY_BYTES]);
/* The code as it is compared; whatever case, with or without dashes and spaces. Statuses: OK,
 * MALFORMED. */
MUST_CHECK enum status identity_recovery_normalise(struct text code,
                                                   char ret_code[IDENTITY_RECOVERY_LENGTH]);

/* One-time codes: HMAC-SHA-1 of the time, and the texts that people type. */
#include "actors/identity/identity_otp.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

enum {
    STEP_SECONDS = 30,
    US_PER_SECOND = 1000000,
    CODE_LIMIT = 1000000,
    CODE_LENGTH = 6,
    COUNTER_BYTES = 8,
    SHA1_BYTES = 20,
    BASE32_BITS = 5,
    GROUP_LENGTH = 4,
    URI_MAX = 512, /* of common.otp_enrolment */
    ISSUER_MAX = 24
};

static const char base32_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

int64_t identity_otp_step(int64_t real_us)
{
    return real_us / US_PER_SECOND / STEP_SECONDS;
}

uint32_t identity_otp_code(const uint8_t secret[IDENTITY_OTP_SECRET_BYTES], int64_t step)
{
    uint8_t counter[COUNTER_BYTES], digest[EVP_MAX_MD_SIZE];
    for (size_t i = 0; i < COUNTER_BYTES; i++)
        counter[i] = (uint8_t)((uint64_t)step >> (8 * (COUNTER_BYTES - 1 - i)));
    unsigned length = 0;
    const uint8_t *made = HMAC(EVP_sha1(), secret, IDENTITY_OTP_SECRET_BYTES, counter,
                               sizeof counter, digest, &length);
    assert(made != NULL && length == SHA1_BYTES);
    const size_t offset = digest[SHA1_BYTES - 1] & 0xf; /* RFC 4226, section 5.3 */
    const uint32_t number = (uint32_t)(digest[offset] & 0x7f) << 24 |
                            (uint32_t)digest[offset + 1] << 16 | (uint32_t)digest[offset + 2] << 8 |
                            digest[offset + 3];
    return number % CODE_LIMIT;
}

static bool read_code(struct text text, uint32_t *ret_code)
{
    uint32_t code = 0;
    size_t digits = 0;
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] == ' ') continue;
        if (text.data[i] < '0' || text.data[i] > '9' || ++digits > CODE_LENGTH) return false;
        code = code * 10 + (uint32_t)(text.data[i] - '0');
    }
    *ret_code = code;
    return digits == CODE_LENGTH;
}

/* Steps up to the last used one are skipped, so a code works once, also for somebody who looked
 * over a shoulder. */
bool identity_otp_matches(const uint8_t secret[IDENTITY_OTP_SECRET_BYTES], struct text code,
                          int64_t real_us, int64_t last_step, int64_t *ret_step)
{
    assert(ret_step != NULL);
    uint32_t number;
    if (!read_code(code, &number)) return false;
    const int64_t now = identity_otp_step(real_us);
    for (int64_t step = now - IDENTITY_OTP_STEPS_AROUND; step <= now + IDENTITY_OTP_STEPS_AROUND;
         step++) {
        if (step <= last_step || identity_otp_code(secret, step) != number) continue;
        *ret_step = step;
        return true;
    }
    return false;
}

struct text identity_base32(struct arena *arena, const uint8_t *bytes, size_t length)
{
    assert(bytes != NULL);
    const size_t characters = (length * 8 + BASE32_BITS - 1) / BASE32_BITS;
    char *text = arena_allocate(arena, characters + 1);
    uint32_t bits = 0;
    unsigned count = 0;
    size_t used = 0;
    for (size_t i = 0; i < length; i++) {
        bits = bits << 8 | bytes[i];
        for (count += 8; count >= BASE32_BITS; count -= BASE32_BITS)
            text[used++] = base32_alphabet[bits >> (count - BASE32_BITS) & 31];
    }
    if (count > 0) text[used++] = base32_alphabet[bits << (BASE32_BITS - count) & 31];
    assert(used == characters);
    return (struct text){ text, characters };
}

static bool is_unreserved(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '-' || byte == '.' || byte == '_' || byte == '~';
}

/* RFC 3986, section 2.1; cut between characters. */
static void add_escaped(struct text_builder *uri, struct text text, size_t length_max)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t length = text.length < length_max ? text.length : length_max;
    while (length < text.length && length > 0 && ((uint8_t)text.data[length] & 0xc0) == 0x80)
        length--;
    for (size_t i = 0; i < length; i++) {
        const uint8_t byte = (uint8_t)text.data[i];
        if (is_unreserved(text.data[i])) {
            text_builder_add_byte(uri, text.data[i]);
            continue;
        }
        text_builder_add_byte(uri, '%');
        text_builder_add_byte(uri, digits[byte >> 4]);
        text_builder_add_byte(uri, digits[byte & 15]);
    }
}

struct text identity_otp_uri(struct arena *arena, struct text issuer, struct text account,
                             struct text secret_base32)
{
    struct text_builder uri;
    text_builder_init(&uri, arena, URI_MAX);
    text_builder_add(&uri, TEXT("otpauth://totp/"));
    add_escaped(&uri, issuer, ISSUER_MAX);
    text_builder_add_byte(&uri, ':');
    add_escaped(&uri, account, IDENTITY_OTP_LABEL_MAX);
    text_builder_add(&uri, TEXT("?secret="));
    text_builder_add(&uri, secret_base32);
    text_builder_add(&uri, TEXT("&issuer="));
    add_escaped(&uri, issuer, ISSUER_MAX);
    text_builder_add(&uri, TEXT("&algorithm=SHA1&digits=6&period=30"));
    assert(!uri.is_full);
    return text_builder_view(&uri);
}

static char lower(char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
}

struct text identity_recovery_code(struct arena *arena,
                                   const uint8_t random[IDENTITY_RECOVERY_BYTES])
{
    const struct text code = identity_base32(arena, random, IDENTITY_RECOVERY_BYTES);
    assert(code.length == IDENTITY_RECOVERY_LENGTH);
    char *shown = arena_allocate(arena, IDENTITY_RECOVERY_LENGTH * 2);
    size_t used = 0;
    for (size_t i = 0; i < code.length; i++) {
        if (i > 0 && i % GROUP_LENGTH == 0) shown[used++] = '-';
        shown[used++] = lower(code.data[i]);
    }
    return (struct text){ shown, used };
}

enum status identity_recovery_normalise(struct text code, char ret_code[IDENTITY_RECOVERY_LENGTH])
{
    char normal[IDENTITY_RECOVERY_LENGTH];
    size_t used = 0;
    for (size_t i = 0; i < code.length; i++) {
        const char byte = lower(code.data[i]);
        if (byte == '-' || byte == ' ') continue;
        const bool is_base32 = (byte >= 'a' && byte <= 'z') || (byte >= '2' && byte <= '7');
        if (!is_base32 || used == sizeof normal) return STATUS_MALFORMED;
        normal[used++] = byte;
    }
    if (used != sizeof normal) return STATUS_MALFORMED;
    memcpy(ret_code, normal, sizeof normal);
    return STATUS_OK;
}

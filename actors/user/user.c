/* The rules of accounts and sessions. */
#include "actors/user/user.h"

#include <string.h>

static char lower(char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
}

static bool is_visible(char byte)
{
    const unsigned char code = (unsigned char)byte;
    return code > ' ' && code != 0x7f;
}

/* At least two labels, none of them empty. */
static bool is_domain(struct text domain)
{
    size_t dots = 0;
    for (size_t i = 0; i < domain.length; i++) {
        if (domain.data[i] != '.') continue;
        if (i == 0 || i + 1 == domain.length || domain.data[i - 1] == '.') return false;
        dots++;
    }
    return dots > 0;
}

enum status user_normalise_email(struct text sent, struct user_email *ret_email)
{
    const struct text trimmed = text_trim(sent);
    if (trimmed.length == 0 || trimmed.length > USER_EMAIL_MAX) return STATUS_INVALID_VALUE;
    struct user_email email = { .length = trimmed.length };
    size_t ats = 0, at = 0;
    for (size_t i = 0; i < trimmed.length; i++) {
        if (!is_visible(trimmed.data[i])) return STATUS_INVALID_VALUE;
        if (trimmed.data[i] == '@') {
            ats++;
            at = i;
        }
        email.text[i] = lower(trimmed.data[i]);
    }
    if (ats != 1 || at == 0 || at > USER_EMAIL_LOCAL_MAX) return STATUS_INVALID_VALUE;
    if (!is_domain((struct text){ trimmed.data + at + 1, trimmed.length - at - 1 }))
        return STATUS_INVALID_VALUE;
    *ret_email = email;
    return STATUS_OK;
}

struct text user_email_text(const struct user_email *email)
{
    return (struct text){ email->text, email->length };
}

static bool is_name_byte(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '.' ||
           byte == '-' || byte == '_';
}

enum status user_normalise_name(struct text sent, struct user_name *ret_name)
{
    if (sent.length < USER_NAME_MIN || sent.length > USER_NAME_MAX) return STATUS_INVALID_VALUE;
    struct user_name name = { .length = sent.length };
    for (size_t i = 0; i < sent.length; i++) {
        name.text[i] = lower(sent.data[i]);
        if (!is_name_byte(name.text[i])) return STATUS_INVALID_VALUE;
    }
    *ret_name = name;
    return STATUS_OK;
}

struct text user_name_text(const struct user_name *name)
{
    return (struct text){ name->text, name->length };
}

/* Without a branch on the bytes, so that the time tells nothing. */
static bool digests_are_equal(const uint8_t a[USER_DIGEST_BYTES],
                              const uint8_t b[USER_DIGEST_BYTES])
{
    unsigned difference = 0;
    for (size_t i = 0; i < USER_DIGEST_BYTES; i++)
        difference |= (unsigned)(a[i] ^ b[i]);
    return difference == 0;
}

enum status user_session_rotate(struct user_session *session,
                                const uint8_t digest[USER_DIGEST_BYTES],
                                const uint8_t new_digest[USER_DIGEST_BYTES], int64_t real_us,
                                int64_t life_us)
{
    assert(life_us > 0);
    if (session->is_revoked || session->expires_at_us <= real_us)
        return STATUS_INVALID_REFRESH_TOKEN;
    const bool is_current = digests_are_equal(session->secret_hash, digest);
    const bool is_retry = session->has_previous &&
                          digests_are_equal(session->previous_hash, digest) &&
                          real_us - session->rotated_at_us <= USER_RETRY_GRACE_US;
    if (!is_current && !is_retry) return STATUS_INVALID_REFRESH_TOKEN;
    if (is_current) {
        memcpy(session->previous_hash, session->secret_hash, USER_DIGEST_BYTES);
        session->has_previous = true;
        session->rotated_at_us = real_us;
    }
    memcpy(session->secret_hash, new_digest, USER_DIGEST_BYTES);
    session->expires_at_us = real_us + life_us;
    session->version++;
    return STATUS_OK;
}

enum status user_split_refresh_token(struct text token, struct uuid *ret_session_id,
                                     struct text *ret_secret_text)
{
    if (token.length == 0 || token.length > USER_REFRESH_TOKEN_MAX) return STATUS_MALFORMED;
    const char *dot = memchr(token.data, '.', token.length);
    if (dot == NULL) return STATUS_MALFORMED;
    const size_t id_length = (size_t)(dot - token.data);
    TRY(id_parse((struct text){ token.data, id_length }, "ses", ret_session_id));
    *ret_secret_text = (struct text){ dot + 1, token.length - id_length - 1 };
    return STATUS_OK;
}

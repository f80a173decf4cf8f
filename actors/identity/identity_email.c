/* The normal form of e-mail addresses. */
#include "actors/identity/identity_email.h"

#include <string.h>

static char lower(char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
}

/* What RFC 5322 allows without quotes (its "specials" but '.' and '@' are not). */
static bool is_allowed(char byte)
{
    return byte > ' ' && byte <= '~' && strchr("\"(),:;<>[\\]", byte) == NULL;
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

enum status identity_email_normalise(struct text sent, struct identity_email *ret_email)
{
    const struct text trimmed = text_trim(sent);
    if (trimmed.length == 0 || trimmed.length > IDENTITY_EMAIL_MAX) return STATUS_INVALID_VALUE;
    struct identity_email email = { .length = trimmed.length };
    size_t ats = 0, at = 0;
    for (size_t i = 0; i < trimmed.length; i++) {
        if (!is_allowed(trimmed.data[i])) return STATUS_INVALID_VALUE;
        if (trimmed.data[i] == '@') {
            ats++;
            at = i;
        }
        email.text[i] = lower(trimmed.data[i]);
    }
    if (ats != 1 || at == 0 || at > IDENTITY_EMAIL_LOCAL_MAX) return STATUS_INVALID_VALUE;
    if (!is_domain((struct text){ trimmed.data + at + 1, trimmed.length - at - 1 }))
        return STATUS_INVALID_VALUE;
    *ret_email = email;
    return STATUS_OK;
}

struct text identity_email_text(const struct identity_email *email)
{
    return (struct text){ email->text, email->length };
}

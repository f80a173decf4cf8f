/* The normal form of e-mail addresses. */
#include "messages/email_form.h"

#include <string.h>

static char lower(char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
}

static bool is_alphanumeric(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9');
}

/* A dot-atom (RFC 5322, section 3.2.3): no dot stands first, last or beside another. */
static bool is_local_part(struct text local)
{
    static const char others[] = "!#$%&'*+-/=?^_`{|}~";
    bool is_behind_dot = true;
    for (size_t i = 0; i < local.length; i++) {
        const char byte = local.data[i];
        if (byte == '.' && is_behind_dot) return false;
        is_behind_dot = byte == '.';
        if (byte != '.' && !is_alphanumeric(byte) &&
            memchr(others, byte, sizeof others - 1) == NULL)
            return false;
    }
    return !is_behind_dot;
}

/* Letters, digits, and hyphens between them (RFC 1123, section 2.1). */
static bool is_label(struct text label)
{
    if (label.length == 0 || label.length > EMAIL_LABEL_MAX) return false;
    for (size_t i = 0; i < label.length; i++) {
        const bool is_inside = i > 0 && i + 1 < label.length;
        if (!is_alphanumeric(label.data[i]) && (label.data[i] != '-' || !is_inside)) return false;
    }
    return true;
}

/* At least two labels. */
static bool is_domain(struct text domain)
{
    size_t start = 0, labels = 0;
    for (size_t i = 0; i <= domain.length; i++) {
        if (i < domain.length && domain.data[i] != '.') continue;
        if (!is_label((struct text){ domain.data + start, i - start })) return false;
        start = i + 1;
        labels++;
    }
    return labels >= 2;
}

/* The local part is lowered, too: hardly any mail server tells case apart, and people do not
 * remember how they typed it. */
enum status email_normalise(struct text sent, struct email *ret_email)
{
    const struct text trimmed = text_trim(sent);
    if (trimmed.length == 0 || trimmed.length > EMAIL_MAX) return STATUS_INVALID_VALUE;
    struct email email = { .length = trimmed.length };
    const char *at = memchr(trimmed.data, '@', trimmed.length);
    if (at == NULL) return STATUS_INVALID_VALUE;
    const struct text local = { trimmed.data, (size_t)(at - trimmed.data) };
    const struct text domain = { at + 1, trimmed.length - local.length - 1 };
    if (local.length > EMAIL_LOCAL_MAX || !is_local_part(local) || !is_domain(domain))
        return STATUS_INVALID_VALUE;
    for (size_t i = 0; i < trimmed.length; i++)
        email.text[i] = lower(trimmed.data[i]);
    *ret_email = email;
    return STATUS_OK;
}

struct text email_text(const struct email *email)
{
    return (struct text){ email->text, email->length };
}

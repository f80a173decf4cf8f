/* What an e-mail address may look like, and the one form in which it is stored, compared and
 * decides the shard. Pure. */
#pragma once

#include "runtime/base.h"
#include "runtime/text.h"

enum {
    EMAIL_MAX = 254, /* bytes; RFC 5321, section 4.5.3.1.3 without the angle brackets */
    EMAIL_LOCAL_MAX = 64,
    EMAIL_LABEL_MAX = 63 /* of a domain; RFC 1035, section 2.3.4 */
};

/* The rule, to whoever has broken it. */
#define EMAIL_RULE                                                                                 \
    "An address such as ada@example.com: at most 254 characters, all ASCII, with a domain of two"  \
    " parts at least."

struct email {
    char text[EMAIL_MAX];
    size_t length;
};

/* Trims the address and lowers its ASCII letters. It must be a dot-atom, '@', and a domain of at
 * least two labels, in ASCII: the mailer reaches no other, and no letter looks like another.
 * Statuses: OK, INVALID_VALUE: EMAIL_RULE says why. */
MUST_CHECK enum status email_normalise(struct text sent, struct email *ret_email);
/* A view of the address; lives as long as `email`. */
struct text email_text(const struct email *email);

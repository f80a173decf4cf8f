/* Whether a text has the form of something. Pure. */
#pragma once

#include "runtime/base.h"
#include "runtime/text.h"

/* A code of ISO 3166-1 alpha-2 as of 2024, in capitals. */
bool text_is_country(struct text code);
/* "https://" and a host, without spaces, quotes, angle brackets and user information. */
bool text_is_https_url(struct text text);
/* The same, or "http://" and one of 127.0.0.1, [::1], localhost: nobody reads what never leaves the
 * machine. */
bool text_is_secure_url(struct text text);
/* E.164: + and 8 to 15 digits. */
bool text_is_telephone(struct text text);

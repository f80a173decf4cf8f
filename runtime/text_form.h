/* Whether a text has the form of something. …_RULE says it to whose text has not. Pure. */
#pragma once

#include "runtime/base.h"
#include "runtime/text.h"

/* A code of ISO 3166-1 alpha-2 as of 2024, in capitals. */
bool text_is_country(struct text code);
#define TEXT_COUNTRY_RULE "A country of ISO 3166-1 alpha-2 in capitals, such as DE."
/* "https://" and a host, without spaces, quotes, angle brackets and user information. */
bool text_is_https_url(struct text text);
#define TEXT_HTTPS_URL_RULE "https:// and a host, without spaces, quotes and user information."
/* The same, or "http://" and one of 127.0.0.1, [::1], localhost: nobody reads what never leaves the
 * machine. */
bool text_is_secure_url(struct text text);
/* E.164: + and 8 to 15 digits. */
bool text_is_telephone(struct text text);
#define TEXT_TELEPHONE_RULE "+ and 8 to 15 digits, such as +4930123456 (E.164)."

/* The language of answers that are said in several (RFC 9110, section 12.5.4; the lookup of RFC
 * 4647, section 3.4): of a GET whose message has a field with the header Accept-Language, in a
 * market of several languages. */
#pragma once

#include "gateway/exchange.h"

/* Whether the field is that of the reader's languages. */
bool answer_language_is_field(const struct route *route, const struct field *field);
/* The one that is answered; without data: the answer is the same in all, or there is no route. */
struct text answer_language(const struct exchange *exchange);

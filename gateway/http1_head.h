/* Refuses heads of HTTP/1 requests that libh2o 2.2.5 accepts although two readers may understand
 * them differently: a proxy and we would then disagree where a request ends ("request smuggling";
 * RFC 9112, sections 3.2, 5.2, 6.1, 6.3). Pure. */
#pragma once

#include "runtime/text.h"

/* Checks the bytes of a head, from the method to the empty line; what follows is not read.
 * Refused: a folded line, white space before a colon, a line without a colon, a bare CR or LF,
 * a NUL, Content-Length beside Transfer-Encoding, either of them twice, a length that is not
 * digits, any coding but chunked, Transfer-Encoding in HTTP/1.0, Host twice, no Host in HTTP/1.1.
 * Names are compared without case. Statuses: OK, MALFORMED. */
MUST_CHECK enum status http1_head_check(struct text bytes);

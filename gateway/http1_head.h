/* What libh2o 2.2.5 lets pass in the head of an HTTP/1 request though two readers may understand it
 * differently (RFC 9112, sections 3.2, 5.2, 6.1, 6.3; "request smuggling"). Pure. */
#pragma once

#include "runtime/text.h"

/* Checks the bytes of a head, from the method to the empty line; what comes after it is not looked
 * at. Refused: a folded line, white space before a colon, a line without a colon, a bare CR or LF,
 * a NUL, Content-Length beside Transfer-Encoding, either of them twice, a length that is not
 * digits, any coding but chunked, Transfer-Encoding in HTTP/1.0, Host twice, no Host in HTTP/1.1.
 * Names are compared without case. Statuses: OK, MALFORMED. */
MUST_CHECK enum status http1_head_check(struct text bytes);

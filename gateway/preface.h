/* The first bytes of a connection in clear text say which protocol it speaks: HTTP/2 by its preface
 * (RFC 9113, section 3.4), HTTP/1 by a request line. libh2o answers anything else in HTTP/1, which
 * a client of HTTP/2 cannot read. Pure. */
#pragma once

#include "runtime/text.h"

enum preface_verdict {
    PREFACE_UNDECIDED,
    PREFACE_GOOD, /* what follows is not looked at any more */
    PREFACE_WRONG /* neither: a preface that goes wrong after its method, or no version of HTTP */
};

/* How far the first line was read; zeroed memory is a new one. */
struct preface {
    enum preface_verdict verdict;
    bool is_request_line, has_begun; /* begun: behind the empty line that may come first */
    uint8_t matched;                 /* bytes of the preface, or of the version's name */
    uint8_t spaces;                  /* runs of them, in a request line */
    bool is_in_space;
};

/* Reads on. Bytes after the verdict change nothing. */
enum preface_verdict preface_read(struct preface *preface, struct text bytes);

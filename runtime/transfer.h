/* Outgoing transfers: libcurl's multi interface on our loop, waited for by fibers. Only http(s) and
 * smtp(s), no redirects, no proxies from the environment, servers' certificates always checked.
 * Everything that calls libcurl runs on the loop's stack and never blocks it. SMTP is RFC 5321:
 * libcurl connects, greets, encrypts and authenticates; the envelope and the message are sent here,
 * because libcurl 7.88 blocks from the end of a message until the server has answered. */
#pragma once

#include "runtime/fiber.h"
#include "runtime/loop.h"
#include "runtime/text.h"

struct transfers;

enum {
    TRANSFERS_MAX = 128, /* under way: a provider of cards takes a third of a second a call */
    TRANSFERS_QUEUE_MAX = 1024, /* waiting behind them */
    TRANSFER_URL_MAX = 2048,
    TRANSFER_HEADERS_MAX = 16,
    TRANSFER_HEADER_MAX = 2048,         /* name and value */
    TRANSFER_CREDENTIAL_MAX = 512,      /* user or password */
    TRANSFER_ADDRESS_MAX = 254,         /* of an envelope */
    TRANSFER_BODY_MAX = 64 * 1024,      /* of an answer */
    TRANSFER_REQUEST_MAX = 1024 * 1024, /* a request's body, a mail's message */
    TRANSFER_OBJECT_MAX = 4 << 20,      /* an object that is put or got, see below */
    TRANSFER_REPLY_MAX = 256,           /* of a mail server's line */
    TRANSFER_TIME_MAX_US = 300 * 1000 * 1000
};

struct transfer_header {
    struct text name, value;
};

enum transfer_method { TRANSFER_POST, TRANSFER_GET, TRANSFER_PUT, TRANSFER_DELETE };

/* A request; only POST and PUT have a body. All texts stay the caller's and must live until the
 * call returns. */
struct transfer_http {
    struct text url; /* http:// or https://, without user and password */
    struct text content_type, body;
    struct text user, password; /* Basic authentication; none when user is empty */
    struct text signed_for; /* "aws:amz:REGION:SERVICE": signed by AWS Signature Version 4 in place
                               of it; empty: not */
    const struct transfer_header *headers;
    size_t headers_count;
    const char *ca_file; /* PEM; NULL: the system's certificate authorities */
    int64_t deadline_us; /* monotonic; waiting in the queue counts; at most TRANSFER_TIME_MAX_US
                            from now are taken */
    int64_t timeout_us;  /* from now; 0: the deadline alone counts */
    enum transfer_method method;
    size_t answer_max; /* bytes of the answer, up to TRANSFER_OBJECT_MAX; 0: TRANSFER_BODY_MAX */
};

enum transfer_tls {
    TRANSFER_TLS_REQUIRED,      /* STARTTLS, or nothing is said */
    TRANSFER_TLS_OPPORTUNISTIC, /* STARTTLS where it is offered; then the certificate must be good
                                 */
    TRANSFER_TLS_NONE,          /* smtp:// stays clear */
};

/* One mail to one recipient. */
struct transfer_mail {
    struct text url; /* smtp:// or smtps://; its path is our name in EHLO, else the machine's */
    struct text user, password;
    enum transfer_tls tls; /* smtps:// is encrypted whatever this says */
    struct text from, to;  /* printable ASCII without space and <>; from may be empty */
    struct text message;   /* RFC 5322: lines of at most 998 bytes, each ended by CR LF */
    const char *ca_file;
    int64_t deadline_us;
};

enum transfer_outcome {
    TRANSFER_ACCEPTED,  /* 2xx */
    TRANSFER_TEMPORARY, /* again later may succeed: no connection, timeout, SMTP 4xx, HTTP 408 425
                           429 5xx */
    TRANSFER_PERMANENT, /* SMTP 5xx; other HTTP codes, redirects among them */
};

struct transfer_answer {
    enum transfer_outcome outcome;
    int code;         /* the server's last; 0: there was none */
    struct text body; /* HTTP: in the caller's arena */
    /* SMTP: the server's last line without its end, or why there was none; printable ASCII. */
    char reply[TRANSFER_REPLY_MAX];
    /* SMTP, TEMPORARY: the whole message was sent but not answered, so sending it again may deliver
     * it twice. */
    bool may_have_arrived;
};

/* Costs little until the first transfer, which sets up libcurl. */
struct transfers *transfers_new(struct loop *loop, struct fibers *fibers);
/* Ends every transfer, those under way too, and refuses later ones, with STATUS_STOPPING. Call it
 * on the loop's stack, before fibers_stop(), which does not end the waits of transfers. */
void transfers_stop(struct transfers *transfers);
/* Stops and frees; clears the pointer; NULL is fine. */
void transfers_destroy(struct transfers **transfers);
/* Transfers under way or waiting. */
size_t transfers_count(const struct transfers *transfers);

/* Posts or gets, and reads the answer, whatever its code. WAITS. Statuses: OK, INVALID_VALUE (an
 * unfit URL, a CR, LF or other control character in a header, too long), OVERLOADED (queue full),
 * BODY_TOO_LARGE (of the answer), UNAVAILABLE and DEADLINE_EXCEEDED (the outcome is unknown),
 * STOPPING. */
MUST_CHECK enum status transfer_http(struct transfers *transfers, const struct transfer_http *http,
                                     struct arena *arena, struct transfer_answer *ret_answer);
/* Sends a mail. WAITS. Statuses: OK (the answer says how it went, timeouts and dead servers too),
 * INVALID_VALUE, OVERLOADED, STOPPING (it may have arrived). Replies about our credentials or about
 * encryption (530, 534, 535, 538) count as TEMPORARY: they say nothing about the mail. */
MUST_CHECK enum status transfer_mail(struct transfers *transfers, const struct transfer_mail *mail,
                                     struct transfer_answer *ret_answer);

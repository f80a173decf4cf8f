/* One JSON line per request, without anything secret: no token, body, query or path, only the
 * template of the route. */
#pragma once

#include "runtime/text.h"

enum {
    ACCESS_LOG_BYTES = 256 * 1024, /* that wait to be written */
    ACCESS_LINE_MAX = 860
};

struct access_log;

/* All texts are made of bytes that JSON takes as they are; each is cut at 160. */
struct access_entry {
    int64_t real_us; /* when the request had arrived */
    const char *method;
    struct text route; /* "/v1/carts/{cart_id}/lines"; empty: none */
    int status;        /* 499: the client left first */
    size_t bytes;      /* of the body */
    int64_t duration_us;
    struct text request_id;
    const char *principal;
    struct text actor; /* who acts in its name, by id; empty: itself */
};

/* Appends to the file, which is made if need be; "-" is standard output. Each write ends with a
 * whole line, so that several processes may share a file, and a file may be moved with
 * copytruncate. Statuses: OK, UNAVAILABLE (cannot be opened). */
MUST_CHECK enum status access_log_open(const char *path, struct access_log **ret_log);
/* Writes what waits. */
void access_log_close(struct access_log **log);
/* Keeps a line until the next flush; never waits. Dropped when too much waits. */
void access_log_add(struct access_log *log, const struct access_entry *entry);
/* Writes what waits as far as the reader of a pipe takes it. WAITS for a disk only. */
void access_log_flush(struct access_log *log);
/* Lines dropped so far. */
uint64_t access_log_dropped(const struct access_log *log);

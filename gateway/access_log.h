/* One JSON line per request, without anything secret: no token, body, query or path, only the
 * template of the route. */
#pragma once

#include "runtime/text.h"

enum {
    ACCESS_LOG_BYTES = 256 * 1024, /* that wait to be written */
    ACCESS_LINE_MAX = 860
};

struct access_log;

/* What a line says. All texts consist of bytes that need no escape in JSON (the caller sees to it);
 * each is cut at 160 bytes. */
struct access_entry {
    int64_t real_us; /* when the request had arrived */
    const char *method;
    struct text route; /* "/v1/carts/{cart_id}/lines"; empty: none */
    int status;        /* 499: the client left first */
    size_t bytes;      /* of the body */
    int64_t duration_us;
    struct text request_id;
    const char *principal; /* its kind: "shopper", "none" */
    struct text actor;     /* id of the person who acts in its name; empty: itself */
};

/* Opens a log that appends to a file, which is made if need be; "-" is standard output. Each write
 * ends with a whole line, so that several processes may share a file, and a file may be rotated
 * (with copytruncate, or with SIGHUP and access_log_reopen()). Statuses: OK, UNAVAILABLE (cannot be
 * opened). */
MUST_CHECK enum status access_log_open(const char *path, struct access_log **ret_log);
/* Opens the file anew under its name, which may be another one now; if that cannot be, the old one
 * stays. NULL is fine. */
void access_log_reopen(struct access_log *log);
/* Writes what waits, closes the file and clears the pointer, which may be NULL. */
void access_log_close(struct access_log **log);
/* Adds a line to those that wait for the next flush. Never waits: a line for which there is no room
 * is dropped. */
void access_log_add(struct access_log *log, const struct access_entry *entry);
/* Writes what waits, as far as the reader of a pipe takes it; to be called once per turn. Blocks
 * for a disk only. Says in the log how many lines were dropped since it last said so. */
void access_log_flush(struct access_log *log);
/* How many lines were dropped since the log was opened. */
uint64_t access_log_dropped(const struct access_log *log);

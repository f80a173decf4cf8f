/* Stands between libh2o and libuv where libh2o starts and stops reading, for two reasons. It keeps
 * TLS connections alive: libh2o 2.2.5 takes libuv's "nothing to read now" (nread == 0) for an input
 * error and kills the connection, which happens whenever a burst exactly fills its 8192-byte buffer
 * (gateway/README.md, Decisions: the TLS read fix). And it lets the gateway decide when a
 * connection is read, which libh2o cannot. */
#pragma once

#include <stdbool.h>
#include <uv.h>

/* Observes and controls the reads of one stream. Zeroed but for the functions, and alive as long as
 * the stream. */
struct uv_read_meter {
    /* Called before a read. False: not now; the stream is held. */
    bool (*may_read)(struct uv_read_meter *meter);
    /* Called with what was read, before libh2o gets it. False: it gets the end of the stream, now
     * and ever after. NULL: not asked. */
    bool (*is_welcome)(struct uv_read_meter *meter, const char *bytes, size_t length);
    /* Called when libh2o has processed the bytes; may hold the stream. */
    void (*on_bytes)(struct uv_read_meter *meter, size_t bytes);
    /* Called at last, for each read that may_read() allowed; 0 bytes: the stream has ended. */
    void (*on_read)(struct uv_read_meter *meter, size_t bytes);
    size_t read_max;         /* bytes of the next read; 0: as many as libh2o has room for */
    uv_alloc_cb on_allocate; /* libh2o's */
    bool is_wanted;          /* libh2o wants to read */
    bool is_held;
    bool is_over; /* libh2o is told the end of the stream, whatever else comes */
};

/* True when libh2o calls this program's uv_read_start() and not libuv's. Calling it also links it
 * in. */
bool uv_read_fix_is_linked(void);
/* Attaches a meter to a stream that has not been read yet. It is found through a reserved word of
 * the handle, so every stream of the program that is ever read must have been zeroed before it was
 * opened: a stream without a meter has NULL there. */
void uv_read_fix_meter(uv_stream_t *stream, struct uv_read_meter *meter);
/* Reads nothing more from a metered stream, whatever libh2o wants, until it is resumed. */
void uv_read_fix_hold(uv_stream_t *stream);
/* Reads again if libh2o wants to; does nothing to a stream that is not held, or is closing. */
void uv_read_fix_resume(uv_stream_t *stream);
/* Resumes, and makes libh2o read the end of the stream in place of what has come. */
void uv_read_fix_end(uv_stream_t *stream);

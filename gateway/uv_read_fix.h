/* Stands between libh2o and libuv where libh2o starts and stops to read. It keeps libh2o's TLS
 * connections alive: libh2o 2.2.5 takes libuv's "nothing to read now" (nread == 0) for an input
 * error and kills the connection, which happens when a burst exactly fills its 8192-byte buffer.
 * And it lets the gateway hold back a connection that sends too much. */
#pragma once

#include <stdbool.h>
#include <uv.h>

/* Counts what a stream reads. Zeroed but for the functions. */
struct uv_read_meter {
    /* Before a read; false: not now, and the stream is held back. */
    bool (*may_read)(struct uv_read_meter *meter);
    /* After libh2o has had the bytes; may hold the stream back. */
    void (*on_bytes)(struct uv_read_meter *meter, size_t bytes);
    /* After whatever came of a read that may_read() allowed; 0: the stream has ended. */
    void (*on_read)(struct uv_read_meter *meter, size_t bytes);
    size_t read_max;         /* bytes of the next read; 0: as many as libh2o has room for */
    uv_alloc_cb on_allocate; /* libh2o's */
    bool is_wanted;          /* libh2o wants to read */
    bool is_held;
    bool is_over; /* whatever else comes is the end for libh2o */
};

/* True when this program's uv_read_start() is the one that drops such notices. Calling it also
 * links it in. */
bool uv_read_fix_is_linked(void);
/* Meters a stream that has not been read yet. Every stream of the program that is read must have
 * been zeroed before it was opened. */
void uv_read_fix_meter(uv_stream_t *stream, struct uv_read_meter *meter);
/* Reads nothing more from a metered stream, whatever libh2o wants, until it is let go. */
void uv_read_fix_hold(uv_stream_t *stream);
void uv_read_fix_resume(uv_stream_t *stream);
/* Lets go, and makes libh2o read the end of the stream in place of what has come. */
void uv_read_fix_end(uv_stream_t *stream);

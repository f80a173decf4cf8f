/* Stands in front of libuv's uv_read_start(): the symbol of the executable wins over the library's
 * for libh2o's calls. libuv's documentation says that nread == 0 is no error and may be ignored
 * (uv_read_cb). */
#include "gateway/uv_read_fix.h"

#include <assert.h>
#include <dlfcn.h>
#include <stddef.h>
#include <string.h>
#include <uv.h>

typedef int (*uv_read_start_function)(uv_stream_t *, uv_alloc_cb, uv_read_cb);

/* The word of a handle that libuv reserves and does not use; it holds the callback that libh2o
 * gave. */
enum { RESERVED_SLOT = 3 };

/* libuv 1.44's private flag of a stream that may be written to (uv_is_writable() reads it). */
enum { HANDLE_WRITABLE = 0x8000 };

static_assert(sizeof(uv_read_cb) == sizeof(void *), "a callback fits a reserved word");

static void on_read(uv_stream_t *stream, ssize_t nread, const uv_buf_t *buffer)
{
    if (nread == 0) return;
    /* After a reset libuv refuses writes at once and calls nobody; libh2o ignores the refusal of
     * its close_notify and would wait for ever. A write that is tried fails in the callback
     * instead. */
    if (nread < 0 && uv_is_writable(stream) == 0) stream->flags |= HANDLE_WRITABLE;
    uv_read_cb original;
    memcpy(&original, &stream->u.reserved[RESERVED_SLOT], sizeof(original));
    original(stream, nread, buffer);
}

int uv_read_start(uv_stream_t *stream, uv_alloc_cb on_allocate, uv_read_cb on_data)
{
    static uv_read_start_function next; /* looked up once; the same address in every thread */
    if (next == NULL) {
        void *symbol = dlsym(RTLD_NEXT, "uv_read_start");
        assert(symbol != NULL);
        memcpy(&next, &symbol, sizeof(next));
    }
    if (stream != NULL) memcpy(&stream->u.reserved[RESERVED_SLOT], &on_data, sizeof(on_data));
    return next(stream, on_allocate, on_data == NULL ? NULL : on_read);
}

bool uv_read_fix_is_linked(void)
{
    /* What every library in the process resolves the name to. */
    void *resolved = dlsym(RTLD_DEFAULT, "uv_read_start");
    void *own;
    const uv_read_start_function function = uv_read_start;
    memcpy(&own, &function, sizeof(own));
    return resolved == own;
}

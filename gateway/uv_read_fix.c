/* Defines uv_read_start() and uv_read_stop() anew: the dynamic linker prefers the executable's
 * symbols to those of libuv, for libh2o's calls, too. libuv's own functions are found with dlsym().
 */
#include "gateway/uv_read_fix.h"

#include <assert.h>
#include <dlfcn.h>
#include <stddef.h>
#include <string.h>
#include <sys/epoll.h>

typedef int (*uv_read_start_function)(uv_stream_t *, uv_alloc_cb, uv_read_cb);
typedef int (*uv_read_stop_function)(uv_stream_t *);

/* Words of a handle that libuv 1.44 reserves and does not use: for the meter, and for the callback
 * that libh2o gave. */
enum { METER_SLOT = 2, CALLBACK_SLOT = 3 };

/* libuv 1.44's private flag of a stream that can be written to; uv_is_writable() reads it. */
enum { HANDLE_WRITABLE = 0x8000 };

static_assert(sizeof(uv_read_cb) == sizeof(void *), "a callback fits a reserved word");

static struct uv_read_meter *meter_of(const uv_stream_t *stream)
{
    return stream->u.reserved[METER_SLOT];
}

/* A buffer without room makes libuv leave the bytes in the kernel and report UV_ENOBUFS: the only
 * way to refuse a read that libuv has decided on. */
static void on_allocate(uv_handle_t *handle, size_t suggested_size, uv_buf_t *buffer)
{
    struct uv_read_meter *meter = meter_of((uv_stream_t *)handle);
    assert(meter != NULL);
    assert(meter->on_allocate != NULL);
    *buffer = (uv_buf_t){ .base = NULL };
    if (!meter->may_read(meter)) return;
    meter->on_allocate(handle, suggested_size, buffer);
    if (meter->read_max > 0 && buffer->len > meter->read_max) buffer->len = meter->read_max;
}

static void on_read(uv_stream_t *stream, ssize_t nread, const uv_buf_t *buffer)
{
    if (nread == 0) return; /* EAGAIN: libuv says that it may be ignored (uv_read_cb) */
    if (nread == UV_ENOBUFS && meter_of(stream) != NULL) {
        uv_read_fix_hold(stream);
        return;
    }
    /* After a reset libuv refuses writes at once, without a callback; libh2o ignores the refusal of
     * its close_notify and would wait for that callback for ever. With the flag set the write is
     * tried, and fails in the callback. */
    if (nread < 0 && uv_is_writable(stream) == 0) stream->flags |= HANDLE_WRITABLE;
    uv_read_cb original;
    memcpy(&original, &stream->u.reserved[CALLBACK_SLOT], sizeof original);
    struct uv_read_meter *meter = meter_of(stream);
    if (meter != NULL && nread > 0 && meter->is_welcome != NULL && !meter->is_over)
        meter->is_over = !meter->is_welcome(meter, buffer->base, (size_t)nread);
    if (meter != NULL && meter->is_over && nread > 0) nread = UV_EOF;
    original(stream, nread, buffer);
    /* libh2o may have closed the handle; it is freed in a later phase of the loop, not here. */
    if (nread > 0 && meter != NULL && uv_is_closing((uv_handle_t *)stream) == 0)
        meter->on_bytes(meter, (size_t)nread);
    if (meter != NULL) meter->on_read(meter, nread > 0 ? (size_t)nread : 0);
}

static int read_start(uv_stream_t *stream, uv_alloc_cb allocate, uv_read_cb on_data)
{
    static uv_read_start_function next; /* looked up once; the same address in every thread */
    if (next == NULL) {
        void *symbol = dlsym(RTLD_NEXT, "uv_read_start");
        assert(symbol != NULL);
        memcpy(&next, &symbol, sizeof next);
    }
    return next(stream, allocate, on_data);
}

static int read_stop(uv_stream_t *stream)
{
    static uv_read_stop_function next; /* as above */
    if (next == NULL) {
        void *symbol = dlsym(RTLD_NEXT, "uv_read_stop");
        assert(symbol != NULL);
        memcpy(&next, &symbol, sizeof next);
    }
    return next(stream);
}

int uv_read_start(uv_stream_t *stream, uv_alloc_cb allocate, uv_read_cb on_data)
{
    if (stream == NULL) return read_start(stream, allocate, on_data);
    struct uv_read_meter *meter = meter_of(stream);
    memcpy(&stream->u.reserved[CALLBACK_SLOT], &on_data, sizeof on_data);
    if (meter != NULL) {
        meter->on_allocate = allocate;
        meter->is_wanted = true;
        if (meter->is_held) return 0;
    }
    return read_start(stream, meter == NULL ? allocate : on_allocate,
                      on_data == NULL ? NULL : on_read);
}

int uv_read_stop(uv_stream_t *stream)
{
    if (meter_of(stream) != NULL) meter_of(stream)->is_wanted = false;
    return read_stop(stream);
}

void uv_read_fix_meter(uv_stream_t *stream, struct uv_read_meter *meter)
{
    assert(meter_of(stream) == NULL);
    assert(meter->may_read != NULL);
    assert(meter->on_bytes != NULL);
    assert(meter->on_read != NULL);
    stream->u.reserved[METER_SLOT] = meter;
}

/* libuv 1.44 asks the kernel to stop watching a descriptor only after one more event
 * (uv__io_poll()), so each byte that comes for a held stream would still wake the loop. libuv adds
 * the descriptor again when it is wanted, as it does for a new one. */
static void unwatch(uv_stream_t *stream)
{
    if (stream->io_watcher.pevents != 0 || stream->io_watcher.fd < 0) return;
    /* Refused when libuv has not added it yet; then there is nothing to do. */
    (void)epoll_ctl(uv_backend_fd(stream->loop), EPOLL_CTL_DEL, stream->io_watcher.fd, NULL);
}

void uv_read_fix_hold(uv_stream_t *stream)
{
    assert(meter_of(stream) != NULL);
    meter_of(stream)->is_held = true;
    (void)read_stop(stream); /* always 0 */
    unwatch(stream);
}

void uv_read_fix_resume(uv_stream_t *stream)
{
    struct uv_read_meter *meter = meter_of(stream);
    assert(meter != NULL);
    const bool was_held = meter->is_held;
    meter->is_held = false;
    if (!meter->is_wanted || !was_held || uv_is_closing((uv_handle_t *)stream) != 0) return;
    /* Refused only when the handle is closing or has no socket any more. */
    (void)read_start(stream, on_allocate, on_read);
}

void uv_read_fix_end(uv_stream_t *stream)
{
    assert(meter_of(stream) != NULL);
    meter_of(stream)->is_over = true;
    uv_read_fix_resume(stream);
}

bool uv_read_fix_is_linked(void)
{
    /* RTLD_DEFAULT: what all libraries of the process resolve the name to. */
    void *resolved = dlsym(RTLD_DEFAULT, "uv_read_start");
    void *own;
    const uv_read_start_function function = uv_read_start;
    memcpy(&own, &function, sizeof own);
    return resolved == own;
}

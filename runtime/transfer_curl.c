/* Joins libcurl's multi interface with our loop: libcurl says which sockets and which time it waits
 * for, the loop says when they come. */
#include <stdlib.h>
#include <string.h>

#include "runtime/transfer_internal.h"

enum {
    CONNECTIONS_KEPT_MAX = 4,
    CONNECT_TIMEOUT_S = 15, /* names, TCP, TLS, and for SMTP greeting and login */
    RESPONSE_TIMEOUT_S = 15,
    SPEED_LEAST_BYTES = 1, /* per second, over the time below */
    SPEED_TIME_S = 60
};

/* On the heap: libuv lets go of the handle later than libcurl lets go of the socket. */
struct transfer_socket {
    uv_poll_t poll;
    struct transfers *transfers;
    curl_socket_t descriptor;
};

static void finish_done(struct transfers *transfers)
{
    int left;
    CURLMsg *message;
    while ((message = curl_multi_info_read(transfers->multi, &left)) != NULL) {
        if (message->msg != CURLMSG_DONE) continue;
        const CURLcode result = message->data.result; /* the message ends with its handle */
        char *private = NULL;
        (void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private);
        struct transfer_job *job = (void *)private;
        assert(job != NULL);
        job->protocol->on_done(job, result);
        if (transfers->multi == NULL) return; /* the waiter has stopped everything */
    }
}

static void act(struct transfers *transfers, curl_socket_t descriptor, int flags)
{
    int running;
    (void)curl_multi_socket_action(transfers->multi, descriptor, flags, &running);
    finish_done(transfers);
}

/* ---- sockets ---- */

static void on_poll(uv_poll_t *handle, int status, int events)
{
    const struct transfer_socket *socket = handle->data;
    int flags = status < 0 ? CURL_CSELECT_ERR : 0;
    if ((events & UV_READABLE) != 0) flags |= CURL_CSELECT_IN;
    if ((events & UV_WRITABLE) != 0) flags |= CURL_CSELECT_OUT;
    act(socket->transfers, socket->descriptor, flags);
}

static void on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static struct transfer_socket *watch_socket(struct transfers *transfers, curl_socket_t descriptor)
{
    struct transfer_socket *socket = calloc(1, sizeof *socket);
    if (socket == NULL) abort();
    socket->transfers = transfers;
    socket->descriptor = descriptor;
    socket->poll.data = socket;
    if (uv_poll_init_socket(loop_uv(transfers->loop), &socket->poll, descriptor) != 0) {
        free(socket);
        return NULL;
    }
    (void)curl_multi_assign(transfers->multi, descriptor, socket);
    return socket;
}

static int on_socket_wish(CURL *easy, curl_socket_t descriptor, int what, void *context,
                          void *socket_pointer)
{
    (void)easy;
    struct transfer_socket *socket = socket_pointer;
    if (what == CURL_POLL_REMOVE) {
        if (socket != NULL) uv_close((uv_handle_t *)&socket->poll, on_closed);
        return 0;
    }
    if (socket == NULL) socket = watch_socket(context, descriptor);
    if (socket == NULL) return -1;
    int events = 0;
    if (what == CURL_POLL_IN || what == CURL_POLL_INOUT) events |= UV_READABLE;
    if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT) events |= UV_WRITABLE;
    return uv_poll_start(&socket->poll, events, on_poll) == 0 ? 0 : -1;
}

/* ---- time ---- */

static void on_curl_time(struct timer *timer)
{
    act(CONTAINER_OF(timer, struct transfers, curl), CURL_SOCKET_TIMEOUT, 0);
}

static int on_time_wish(CURLM *multi, long timeout_ms, void *context)
{
    (void)multi;
    struct transfers *transfers = context;
    struct timers *timers = loop_timers(transfers->loop);
    if (timeout_ms < 0)
        timer_stop(timers, &transfers->curl);
    else
        timer_start(timers, &transfers->curl,
                    loop_now_us(transfers->loop) + (int64_t)timeout_ms * 1000);
    return 0;
}

/* ---- life ---- */

enum status transfers_open_curl(struct transfers *transfers)
{
    if (transfers->multi != NULL) return STATUS_OK;
    assert(fiber_current() == NULL);
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return STATUS_UNAVAILABLE;
    CURLM *multi = curl_multi_init();
    if (multi == NULL) {
        curl_global_cleanup();
        return STATUS_UNAVAILABLE;
    }
    transfers->multi = multi;
    transfers->curl.on_fire = on_curl_time;
    (void)curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket_wish);
    (void)curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, transfers);
    (void)curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_time_wish);
    (void)curl_multi_setopt(multi, CURLMOPT_TIMERDATA, transfers);
    (void)curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS_KEPT_MAX);
    return STATUS_OK;
}

void transfers_close_curl(struct transfers *transfers)
{
    if (transfers->multi == NULL) return;
    assert(fiber_current() == NULL);
    (void)curl_multi_cleanup(transfers->multi);
    transfers->multi = NULL;
    curl_global_cleanup();
    timer_stop(loop_timers(transfers->loop), &transfers->curl);
}

bool transfer_set_text(CURL *easy, CURLoption option, struct text text)
{
    if (text.length == 0) return true;
    char *string = strndup(text.data, text.length);
    if (string == NULL) abort();
    const CURLcode result = curl_easy_setopt(easy, option, string); /* libcurl copies it */
    free(string);
    return result == CURLE_OK;
}

static void set_common(CURL *easy, struct transfer_job *job)
{
    (void)curl_easy_setopt(easy, CURLOPT_PRIVATE, job);
    (void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    (void)curl_easy_setopt(easy, CURLOPT_PROXY, ""); /* whatever the environment says */
    (void)curl_easy_setopt(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_TIMEOUT_S);
    (void)curl_easy_setopt(easy, CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)RESPONSE_TIMEOUT_S);
    (void)curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, (long)SPEED_LEAST_BYTES);
    (void)curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)SPEED_TIME_S);
    /* Else giving up waits for the thread that looks up the name, on our loop. */
    (void)curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    (void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    if (job->ca_file != NULL) {
        (void)curl_easy_setopt(easy, CURLOPT_CAINFO, job->ca_file);
        (void)curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    } else {
        /* The hashed folder alone: reading the bundle takes tens of milliseconds of our loop and
         * megabytes, for each connection. */
        (void)curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
    }
}

enum status transfer_begin(struct transfer_job *job)
{
    struct transfers *transfers = job->transfers;
    TRY(transfers_open_curl(transfers));
    job->easy = curl_easy_init();
    if (job->easy == NULL) return STATUS_UNAVAILABLE;
    set_common(job->easy, job);
    TRY(job->protocol->prepare(job));
    const CURLMcode result = curl_multi_add_handle(transfers->multi, job->easy);
    return result == CURLM_OK ? STATUS_OK : STATUS_UNAVAILABLE;
}

void transfer_close_easy(struct transfer_job *job)
{
    if (job->easy != NULL) {
        (void)curl_multi_remove_handle(job->transfers->multi, job->easy);
        curl_easy_cleanup(job->easy);
        job->easy = NULL;
    }
    curl_slist_free_all(job->headers);
    job->headers = NULL;
}

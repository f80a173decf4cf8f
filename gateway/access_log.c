/* Lines are gathered in a buffer during a turn of the loop and leave in one write. */
#include "gateway/access_log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "messages/values.h"
#include "runtime/log.h"

enum { TEXT_SHOWN_MAX = 160 };

struct access_log {
    int descriptor;
    char *path;
    bool is_own;  /* opened here, so it is closed here */
    bool is_file; /* takes everything at once, unlike a pipe */
    bool is_cut;  /* it ends in the middle of a line, of which the rest is lost */
    uint64_t dropped, dropped_logged;
    size_t length; /* of `waiting` */
    char waiting[ACCESS_LOG_BYTES];
};

static_assert(ACCESS_LINE_MAX <= PIPE_BUF,
              "POSIX writes that much to a pipe as a whole or not at all");

/* Without waiting: a FIFO that nobody reads is refused, where it would hold the gateway. */
static int file_open(const char *path)
{
    return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0640);
}

enum status access_log_open(const char *path, struct access_log **ret_log)
{
    const bool is_own = strcmp(path, "-") != 0;
    const int descriptor = is_own ? file_open(path) : STDOUT_FILENO;
    struct stat about;
    if (descriptor < 0) return STATUS_UNAVAILABLE;
    if (fstat(descriptor, &about) != 0) {
        if (is_own) (void)close(descriptor);
        return STATUS_UNAVAILABLE;
    }
    struct access_log *log = calloc(1, sizeof *log);
    if (log == NULL) abort();
    log->descriptor = descriptor;
    log->path = strdup(path);
    if (log->path == NULL) abort();
    log->is_own = is_own;
    log->is_file = S_ISREG(about.st_mode);
    *ret_log = log;
    return STATUS_OK;
}

void access_log_reopen(struct access_log *log)
{
    if (log == NULL || !log->is_own) return;
    access_log_flush(log);
    const int descriptor = file_open(log->path);
    struct stat about;
    if (descriptor < 0 || fstat(descriptor, &about) != 0) {
        log_error("access_log_not_reopened", LOG_STRING("path", log->path));
        if (descriptor >= 0) (void)close(descriptor);
        return;
    }
    (void)close(log->descriptor);
    log->descriptor = descriptor;
    log->is_file = S_ISREG(about.st_mode);
}

void access_log_close(struct access_log **log)
{
    if (*log == NULL) return;
    access_log_flush(*log);
    if ((*log)->is_own) (void)close((*log)->descriptor);
    free((*log)->path);
    free(*log);
    *log = NULL;
}

static int shown(struct text text)
{
    return text.length < TEXT_SHOWN_MAX ? (int)text.length : TEXT_SHOWN_MAX;
}

void access_log_add(struct access_log *log, const struct access_entry *entry)
{
    assert(log->length <= ACCESS_LOG_BYTES);
    assert(entry->method != NULL);
    assert(entry->principal != NULL);
    if (ACCESS_LOG_BYTES - log->length <= ACCESS_LINE_MAX) access_log_flush(log);
    if (ACCESS_LOG_BYTES - log->length <= ACCESS_LINE_MAX) {
        log->dropped++;
        return;
    }
    if (log->is_cut && log->length == 0) log->waiting[log->length++] = '\n';
    log->is_cut = false;
    char time[TIME_TEXT_MAX + 1];
    (void)time_format(entry->real_us, time);
    const int length = snprintf(
        log->waiting + log->length, ACCESS_LINE_MAX,
        "{\"time\":\"%s\",\"method\":\"%.8s\",\"route\":\"%.*s\",\"status\":%d,\"bytes\":%zu,"
        "\"duration_us\":%lld,\"request_id\":\"%.*s\",\"principal\":\"%.10s\"%s%.*s%s}\n",
        time, entry->method, shown(entry->route), entry->route.data, entry->status, entry->bytes,
        (long long)entry->duration_us, shown(entry->request_id), entry->request_id.data,
        entry->principal, entry->actor.length > 0 ? ",\"actor\":\"" : "", shown(entry->actor),
        entry->actor.length > 0 ? entry->actor.data : "", entry->actor.length > 0 ? "\"" : "");
    /* 128 bytes of names, four numbers of 20, and the texts. */
    assert(length > 0 && length < ACCESS_LINE_MAX);
    log->length += (size_t)length;
}

/* How many bytes can be written now without waiting for a reader, as whole lines. A pipe that is
 * writable has room for PIPE_BUF bytes, and no more is promised. */
static size_t writable_bytes(const struct access_log *log)
{
    if (log->is_file) return log->length;
    struct pollfd pipe = { .fd = log->descriptor, .events = POLLOUT };
    if (poll(&pipe, 1, 0) != 1 || (pipe.revents & POLLOUT) == 0) return 0;
    if (log->length <= PIPE_BUF) return log->length;
    const char *end = memrchr(log->waiting, '\n', PIPE_BUF);
    assert(end != NULL);
    return (size_t)(end - log->waiting) + 1;
}

static void log_forget(struct access_log *log, size_t length)
{
    assert(length <= log->length);
    memmove(log->waiting, log->waiting + length, log->length - length);
    log->length -= length;
}

/* The end of what was written, if it is the beginning of a line: it is taken back, so that the line
 * stays whole. Gives how much of what was written stays. */
static size_t log_keep_whole(struct access_log *log, size_t written)
{
    const char *end = memrchr(log->waiting, '\n', written);
    const size_t whole = end == NULL ? 0 : (size_t)(end - log->waiting) + 1;
    if (whole == written || written == log->length) return written;
    log->is_cut = !log_take_back(log->descriptor, written - whole);
    return log->is_cut ? written : whole;
}

/* A full disk must not stop the gateway: what waits is dropped, and counted. */
static void log_give_up(struct access_log *log)
{
    for (size_t i = 0; i < log->length; i++) {
        if (log->waiting[i] == '\n') log->dropped++;
    }
    log->length = 0;
}

void access_log_flush(struct access_log *log)
{
    while (log->length > 0) {
        const size_t length = writable_bytes(log);
        if (length == 0) break;
        const ssize_t written = write(log->descriptor, log->waiting, length);
        if (written < 0 && (errno == EINTR || errno == EAGAIN)) break;
        if (written <= 0) {
            log_give_up(log);
            break;
        }
        log->is_cut = false;
        const size_t kept = log_keep_whole(log, (size_t)written);
        log_forget(log, kept);
        if (kept == (size_t)written) continue;
        log_give_up(log); /* there is no room for the next line */
        break;
    }
    if (log->dropped == log->dropped_logged || log->length > 0) return;
    log_warning("access_log_lines_dropped", LOG_INT("lines", log->dropped - log->dropped_logged));
    log->dropped_logged = log->dropped;
}

uint64_t access_log_dropped(const struct access_log *log)
{
    return log->dropped;
}

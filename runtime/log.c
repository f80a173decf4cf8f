/* One JSON line (RFC 8259) per event, written with one write(2) so that lines of several processes
 * do not mix, and never waited for. */
#include "runtime/log.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "runtime/folder.h"
#include "runtime/metrics.h"

enum {
    LOG_LINE_MAX = PIPE_BUF, /* a pipe takes that much whole or not at all */
    LOG_VALUE_MAX = 2048,    /* bytes of one text, before escaping */
    LOG_RESERVED = 32,       /* for `,"truncated":true}` and the line feed */
    LOG_PROGRAM_MAX = 64,
    LOG_PATH_MAX = 1024,
};

/* How standard error is written without waiting. */
enum log_way {
    LOG_WAY_UNKNOWN,
    LOG_WAY_PLAIN,  /* a file, which is always ready */
    LOG_WAY_SOCKET, /* says for each write that it is not to wait */
    LOG_WAY_OWN,    /* a pipe or a terminal: by a descriptor of our own */
    LOG_WAY_POLLED  /* the same, but it could not be opened again: asked before each write */
};

static struct {
    char program[LOG_PROGRAM_MAX];
    enum log_level level;
    char line[LOG_LINE_MAX]; /* not on the stack: fibers log */
    size_t length;
    bool is_full;
    bool is_cut;     /* the last line was taken in part */
    int64_t dropped; /* lines since the last one that was taken */
    volatile sig_atomic_t is_reopening;
    char path[LOG_PATH_MAX]; /* of the file behind standard error; "": none is known */
    enum log_way way;
    dev_t device; /* of what `way` is about */
    ino_t inode;
    int own;
} log_state = { .program = "souk", .level = LOG_INFO, .own = -1 };

/* ---- where lines go ---- */

/* O_NONBLOCK belongs to an open file, which standard error shares with other processes: with the
 * shell and its pipeline, even. So a pipe is opened once more, for us alone. */
static enum log_way log_find_way(const struct stat *about)
{
    if (log_state.own >= 0) (void)close(log_state.own);
    log_state.own = -1;
    if (S_ISREG(about->st_mode)) return LOG_WAY_PLAIN;
    if (S_ISSOCK(about->st_mode)) return LOG_WAY_SOCKET;
    log_state.own =
        open("/proc/self/fd/2", O_WRONLY | O_APPEND | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    return log_state.own >= 0 ? LOG_WAY_OWN : LOG_WAY_POLLED;
}

void log_own_stderr(void)
{
    struct stat about;
    if (fstat(STDERR_FILENO, &about) != 0 || log_find_way(&about) != LOG_WAY_OWN) return;
    (void)dup2(log_state.own, STDERR_FILENO);
    log_state.way = LOG_WAY_UNKNOWN;
}

static ssize_t log_send(const char *bytes, size_t length)
{
    struct stat about;
    if (fstat(STDERR_FILENO, &about) != 0) return -1;
    if (log_state.way == LOG_WAY_UNKNOWN || about.st_dev != log_state.device ||
        about.st_ino != log_state.inode) {
        log_state.way = log_find_way(&about);
        log_state.device = about.st_dev;
        log_state.inode = about.st_ino;
    }
    struct pollfd ready = { .fd = STDERR_FILENO, .events = POLLOUT };
    switch (log_state.way) {
    case LOG_WAY_SOCKET:
        return send(STDERR_FILENO, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
    case LOG_WAY_OWN:
        return write(log_state.own, bytes, length);
    case LOG_WAY_POLLED:
        if (poll(&ready, 1, 0) != 1 || (ready.revents & POLLOUT) == 0) return -1;
        break;
    case LOG_WAY_UNKNOWN:
    case LOG_WAY_PLAIN:
        break;
    }
    return write(STDERR_FILENO, bytes, length);
}

void log_reopen(void)
{
    const int flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW;
    if (log_state.path[0] == '\0') return;
    /* Root makes no file where somebody else may have put a link in the way. */
    const int fd =
        geteuid() == 0 ? folder_open_log(log_state.path, NULL) : open(log_state.path, flags, 0640);
    if (fd < 0) return;
    (void)dup2(fd, STDERR_FILENO);
    (void)close(fd);
}

bool log_take_back(int file, size_t bytes)
{
    struct stat about;
    const off_t end = lseek(file, 0, SEEK_CUR), length = (off_t)bytes;
    return fstat(file, &about) == 0 && S_ISREG(about.st_mode) && about.st_size == end &&
           end >= length && ftruncate(file, end - length) == 0 &&
           lseek(file, end - length, SEEK_SET) >= 0;
}

static void log_on_hangup(int number)
{
    (void)number;
    log_state.is_reopening = 1;
}

void log_reopen_at_hangup(void)
{
    (void)signal(SIGHUP, log_on_hangup);
}

/* The name has to be known before somebody moves the file. */
static void log_note_path(void)
{
    struct stat about, named;
    log_state.path[0] = '\0';
    if (fstat(STDERR_FILENO, &about) != 0 || !S_ISREG(about.st_mode)) return;
    const ssize_t length = readlink("/proc/self/fd/2", log_state.path, sizeof log_state.path - 1);
    if (length >= (ssize_t)sizeof log_state.path - 1)
        log_state.path[0] = '\0';
    else
        log_state.path[length > 0 ? length : 0] = '\0';
    /* Of a file that was removed the kernel tells a name that never was. */
    if (stat(log_state.path, &named) != 0 || named.st_ino != about.st_ino) log_state.path[0] = '\0';
}

/* ---- lines ---- */

static void log_add(const char *bytes, size_t length)
{
    if (log_state.is_full || length > LOG_LINE_MAX - LOG_RESERVED - log_state.length) {
        log_state.is_full = true;
        return;
    }
    memcpy(log_state.line + log_state.length, bytes, length);
    log_state.length += length;
}

static void log_add_string(const char *string)
{
    log_add(string, strlen(string));
}

static void log_add_character(struct text character)
{
    char escape[8] = { '\\', 0 };
    switch (character.data[0]) {
    case '"':
    case '\\':
        escape[1] = character.data[0];
        break;
    case '\n':
        escape[1] = 'n';
        break;
    case '\r':
        escape[1] = 'r';
        break;
    case '\t':
        escape[1] = 't';
        break;
    default:
        if ((unsigned char)character.data[0] >= 0x20) {
            log_add(character.data, character.length);
            return;
        }
        (void)snprintf(escape, sizeof escape, "\\u%04x", (unsigned)character.data[0]);
    }
    log_add_string(escape);
}

static void log_add_quoted(struct text text)
{
    if (text.length > LOG_VALUE_MAX) {
        /* Cut between characters: a cut inside one would read as a broken byte. */
        text.length = LOG_VALUE_MAX;
        while (text.length > LOG_VALUE_MAX - 4 &&
               ((unsigned char)text.data[text.length] & 0xC0) == 0x80)
            text.length--;
    }
    log_add_string("\"");
    while (text.length > 0) {
        size_t width = text_utf8_width(text);
        if (width > 0)
            log_add_character((struct text){ text.data, width });
        else
            log_add_string("\xEF\xBF\xBD"); /* U+FFFD stands for a byte that is not UTF-8 */
        if (width == 0) width = 1;
        text.data += width;
        text.length -= width;
    }
    log_add_string("\"");
}

static void log_add_uuid(struct uuid uuid)
{
    static const char hexadecimal[] = "0123456789abcdef";
    char digits[40];
    size_t length = 0;
    for (size_t i = 0; i < sizeof uuid.bytes; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) digits[length++] = '-';
        digits[length++] = hexadecimal[uuid.bytes[i] >> 4];
        digits[length++] = hexadecimal[uuid.bytes[i] & 15];
    }
    log_add_quoted((struct text){ digits, length });
}

/* Adds `,"name":value`, or nothing when it does not fit. */
static void log_add_field(const struct log_field *field)
{
    const size_t length_before = log_state.length;
    log_add_string(",");
    log_add_quoted(text_of(field->name));
    log_add_string(":");
    char digits[24];
    switch (field->kind) {
    case LOG_FIELD_INT:
        (void)snprintf(digits, sizeof digits, "%" PRId64, field->number);
        log_add_string(digits);
        break;
    case LOG_FIELD_TEXT:
        log_add_quoted(field->text);
        break;
    case LOG_FIELD_UUID:
        log_add_uuid(field->uuid);
        break;
    }
    if (log_state.is_full) log_state.length = length_before;
}

/* Civil date from days: the inverse of the day count of the proleptic Gregorian calendar, in eras
 * of 400 years. */
static void log_add_time(int64_t real_ms)
{
    const int64_t days = real_ms / 86400000, rest_ms = real_ms % 86400000;
    const int64_t shifted = days + 719468; /* since 0000-03-01 */
    const int64_t era = shifted / 146097, day_of_era = shifted % 146097;
    const int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const int64_t month_from_march = (5 * day_of_year + 2) / 153;
    const int64_t day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    const int64_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    const int64_t year = era * 400 + year_of_era + (month <= 2 ? 1 : 0);
    char digits[160];
    (void)snprintf(digits, sizeof digits,
                   "\"%04" PRId64 "-%02" PRId64 "-%02" PRId64 "T%02" PRId64 ":%02" PRId64
                   ":%02" PRId64 ".%03" PRId64 "Z\"",
                   year, month, day, rest_ms / 3600000, rest_ms / 60000 % 60, rest_ms / 1000 % 60,
                   rest_ms % 1000);
    log_add_string(digits);
}

void log_open(const char *program, enum log_level level)
{
    assert(program != NULL);
    (void)snprintf(log_state.program, sizeof log_state.program, "%s", program);
    log_state.level = level;
    log_note_path();
}

/* True if the whole line was taken. */
static bool log_write_line(enum log_level level, const char *event, const struct log_field *fields,
                           size_t count)
{
    static const char *const names[] = { "debug", "info", "warning", "error" };
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    log_state.length = 0;
    log_state.is_full = false;
    log_add_string(log_state.is_cut ? "\n{\"time\":" : "{\"time\":");
    log_add_time((int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000);
    log_add_string(",\"level\":\"");
    log_add_string(names[level]);
    log_add_string("\"");
    log_add_field(&LOG_STRING("program", log_state.program));
    log_add_field(&LOG_STRING("event", event));
    bool is_truncated = false;
    for (size_t i = 0; i < count; i++) {
        log_state.is_full = false;
        log_add_field(&fields[i]);
        if (log_state.is_full) is_truncated = true;
    }
    const char *end = is_truncated ? ",\"truncated\":true}\n" : "}\n";
    memcpy(log_state.line + log_state.length, end, strlen(end)); /* fits in LOG_RESERVED */
    log_state.length += strlen(end);
    const ssize_t written = log_send(log_state.line, log_state.length);
    if (written > 0)
        log_state.is_cut =
            (size_t)written < log_state.length && !log_take_back(STDERR_FILENO, (size_t)written);
    return written == (ssize_t)log_state.length;
}

/* True if all that was dropped has been spoken of. */
static bool log_tell_dropped(void)
{
    if (log_state.dropped == 0) return true;
    const struct log_field lines = LOG_INT("lines", log_state.dropped);
    if (!log_write_line(LOG_WARNING, "log_lines_dropped", &lines, 1)) return false;
    log_state.dropped = 0;
    return true;
}

void log_write(enum log_level level, const char *event, const struct log_field *fields,
               size_t count)
{
    assert(event != NULL);
    assert(level <= LOG_ERROR);
    if (level < log_state.level) return;
    if (log_state.is_reopening) {
        log_state.is_reopening = 0;
        log_reopen();
    }
    if (log_tell_dropped() && log_write_line(level, event, fields, count)) return;
    log_state.dropped++;
    metric_add(METRIC_LOG_LINES_DROPPED, 1);
}

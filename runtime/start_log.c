/* Reads the new end of a file and picks the lines that tell of an error. */
#include "runtime/start_log.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "runtime/log.h"

enum { READ_BYTES_MAX = 16384, LINES_MAX = 8 };

enum status start_log_open(const char *path, struct start_log *ret_log)
{
    assert(path != NULL);
    assert(ret_log != NULL);
    const int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (fd < 0) return STATUS_UNAVAILABLE;
    *ret_log = (struct start_log){ .fd = fd };
    return STATUS_OK;
}

/* From the word on that says how bad it is; NULL if the line tells of nothing bad. */
static const char *complaint_in(const char *line)
{
    static const char *const words[] = { "FATAL:", "PANIC:", "ERROR:", "error:" };
    for (size_t i = 0; i < ARRAY_LENGTH(words); i++) {
        const char *found = strstr(line, words[i]);
        if (found != NULL) return found;
    }
    return NULL;
}

static bool tell_line(struct start_log *log, const char *child, char *line)
{
    const char *complaint = complaint_in(line);
    if (complaint == NULL) return false;
    const size_t length = strnlen(complaint, START_LOG_LINE_MAX);
    if (strlen(log->last) == length && memcmp(log->last, complaint, length) == 0) return false;
    memcpy(log->last, complaint, length);
    log->last[length] = '\0';
    log_warning("child_complained", LOG_STRING("child", child), LOG_STRING("message", log->last));
    return true;
}

void start_log_tell(struct start_log *log, const char *child)
{
    assert(log != NULL);
    char text[READ_BYTES_MAX / 8 + 1];
    int told = 0;
    if (log->fd < 0) return;
    const int64_t end = lseek(log->fd, 0, SEEK_END);
    if (end - log->position > READ_BYTES_MAX) log->position = end - READ_BYTES_MAX;
    while (log->position < end && told < LINES_MAX) {
        const ssize_t length = pread(log->fd, text, sizeof text - 1, log->position);
        if (length <= 0) break;
        text[length] = '\0';
        char *line_end = memchr(text, '\n', (size_t)length);
        /* A line that is longer than the room, or not finished, is taken as it is. */
        log->position += line_end != NULL ? line_end - text + 1 : length;
        if (line_end != NULL) *line_end = '\0';
        if (tell_line(log, child, text)) told++;
    }
    log->position = end;
}

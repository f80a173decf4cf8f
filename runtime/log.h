/* One JSON line per event on standard error: time, level, program, event, then typed fields. A line
 * is never waited for: one that standard error does not take at once is dropped and counted, and
 * the count is said when it takes lines again. Events are constants in the past tense
 * ("unit_failed"); values are escaped; secrets are not passed in. Only dispatch, saga, gateway, bus
 * and supervisor log; lower layers return statuses. */
#pragma once

#include "runtime/base.h"
#include "runtime/text.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

struct log_field {
    const char *name;
    enum { LOG_FIELD_INT, LOG_FIELD_TEXT, LOG_FIELD_UUID } kind;
    int64_t number;
    struct text text;
    struct uuid uuid;
};

/* Sets the program's name and the least level written; call once, first. */
void log_open(const char *program, enum log_level level);
/* Makes standard error, when it is a pipe or a terminal, one that nobody in this process waits for,
 * libraries that print there included; other processes' stays as it is. */
void log_own_stderr(void);
/* Opens the file that standard error goes to anew under its name, which may be another file now;
 * when it is no file, or cannot be opened, everything stays as it is. */
void log_reopen(void);
/* From now on SIGHUP does so, at the next line. */
void log_reopen_at_hangup(void);
/* Takes back the last bytes of a file, right after they were written: of a line that was cut,
 * because the disk is full, no reader could tell where the next one begins. False if it is no file,
 * or somebody else has written since. */
bool log_take_back(int file, size_t bytes);
void log_write(enum log_level level, const char *event, const struct log_field *fields,
               size_t count);

#define LOG_INT(field_name, value)                                                                 \
    ((struct log_field){ .name = (field_name), .kind = LOG_FIELD_INT, .number = (int64_t)(value) })
#define LOG_TEXT(field_name, value)                                                                \
    ((struct log_field){ .name = (field_name), .kind = LOG_FIELD_TEXT, .text = (value) })
#define LOG_STRING(field_name, value)                                                              \
    ((struct log_field){ .name = (field_name), .kind = LOG_FIELD_TEXT, .text = text_of(value) })
#define LOG_UUID(field_name, value)                                                                \
    ((struct log_field){ .name = (field_name), .kind = LOG_FIELD_UUID, .uuid = (value) })
#define LOG_STATUS(value) LOG_STRING("status", status_name(value))

#define log_event(level, event, ...)                                                               \
    log_write((level), (event), (const struct log_field[]){ __VA_ARGS__ },                         \
              sizeof((const struct log_field[]){ __VA_ARGS__ }) / sizeof(struct log_field))
#define log_debug(event, ...) log_event(LOG_DEBUG, event, __VA_ARGS__)
#define log_info(event, ...) log_event(LOG_INFO, event, __VA_ARGS__)
#define log_warning(event, ...) log_event(LOG_WARNING, event, __VA_ARGS__)
#define log_error(event, ...) log_event(LOG_ERROR, event, __VA_ARGS__)

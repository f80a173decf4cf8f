/* What a child that speaks plain text complains of, for our log: its output goes to a file, and its
 * errors are looked up there when it has ended. */
#pragma once

#include "runtime/base.h"

enum { START_LOG_LINE_MAX = 300 };

struct start_log {
    int fd;           /* of the file; -1: none */
    int64_t position; /* up to which it has been read */
    char
        last[START_LOG_LINE_MAX + 1]; /* that was told: a child that is tried often says the same */
};

/* Makes the file (0640), empty. Statuses: OK, UNAVAILABLE (cannot write). */
MUST_CHECK enum status start_log_open(const char *path, struct start_log *ret_log);
/* Logs what is new in the file and says FATAL, PANIC or ERROR as warnings: at most eight lines, and
 * none twice in a row. */
void start_log_tell(struct start_log *log, const char *child);

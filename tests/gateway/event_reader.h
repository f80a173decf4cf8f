/* A client of live streams over HTTP/1.1. */
#pragma once

#include "tests/gateway/fixture.h"

enum { READER_TEXT_MAX = 1 << 16 };

struct reader {
    struct fixture *fixture;
    int socket;
    char text[READER_TEXT_MAX]; /* all that has come, chunks and all */
    size_t length;
};

/* Asks for a stream; `headers` are further lines that end in CRLF. */
struct reader *reader_open(struct fixture *fixture, const char *path, const char *headers);
/* Reads until `wanted` has come; false when the connection ends, or nothing comes for 5 s. */
bool reader_awaits(struct reader *reader, const char *wanted);
/* How often a text has come. */
size_t reader_count(const struct reader *reader, const char *wanted);
void reader_close(const struct reader *reader);
/* A gauge or counter, as /metrics tells it. */
int64_t metric_now(struct fixture *fixture, const char *name);

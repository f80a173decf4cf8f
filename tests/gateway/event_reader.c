/* Reads a stream byte by byte, as it comes. */
#include "tests/gateway/event_reader.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct reader *reader_open(struct fixture *fixture, const char *path, const char *headers)
{
    struct reader *reader = arena_allocate(fixture->arena, sizeof *reader);
    reader->fixture = fixture;
    reader->socket = client_connect(fixture);
    client_send(reader->socket,
                text_format(fixture->arena,
                            "GET %s HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\n%s\r\n",
                            path, headers));
    return reader;
}

bool reader_awaits(struct reader *reader, const char *wanted)
{
    while (memmem(reader->text, reader->length, wanted, strlen(wanted)) == NULL) {
        assert_true(reader->length < sizeof reader->text);
        const ssize_t got = recv(reader->socket, reader->text + reader->length,
                                 sizeof reader->text - reader->length, 0);
        if (got <= 0) return false;
        reader->length += (size_t)got;
    }
    return true;
}

size_t reader_count(const struct reader *reader, const char *wanted)
{
    size_t count = 0;
    const char *at = reader->text, *end = at + reader->length;
    while ((at = memmem(at, (size_t)(end - at), wanted, strlen(wanted))) != NULL) {
        count++;
        at += strlen(wanted);
    }
    return count;
}

void reader_close(const struct reader *reader)
{
    (void)close(reader->socket);
}

int64_t metric_now(struct fixture *fixture, const char *name)
{
    const struct answer answer = client_ask(fixture, "GET", "/metrics", "", "");
    const struct text line = text_format(fixture->arena, "\n%s{process=\"test\"} ", name);
    const char *found = memmem(answer.body.data, answer.body.length, line.data, line.length);
    assert_non_null(found);
    return strtoll(found + line.length, NULL, 10);
}

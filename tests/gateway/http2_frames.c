/* Frames of HTTP/2, written and read byte by byte. */
#include "tests/gateway/http2_frames.h"

#include <string.h>
#include <sys/socket.h>

void http2_add(struct text_builder *out, int type, int flags, unsigned stream, struct text payload)
{
    const size_t n = payload.length;
    const char header[9] = { (char)(n >> 16),      (char)(n >> 8),      (char)n,
                             (char)type,           (char)flags,         (char)(stream >> 24),
                             (char)(stream >> 16), (char)(stream >> 8), (char)stream };
    text_builder_add(out, (struct text){ header, sizeof header });
    text_builder_add(out, payload);
}

struct text_builder http2_begin(struct arena *arena, struct text settings)
{
    struct text_builder out;
    text_builder_init(&out, arena, 4 << 20);
    text_builder_add(&out, TEXT("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
    http2_add(&out, SETTINGS, 0, 0, settings);
    return out;
}

void http2_add_request(struct text_builder *out, const char *method, const char *path, int flags,
                       unsigned stream)
{
    char block[512];
    const size_t method_length = strlen(method), path_length = strlen(path);
    size_t at = 0;
    block[at++] = (char)0x86; /* :scheme http */
    block[at++] = 0x02;       /* :method as given */
    block[at++] = (char)method_length;
    memcpy(block + at, method, method_length);
    at += method_length;
    block[at++] = 0x04; /* :path as given */
    block[at++] = (char)path_length;
    memcpy(block + at, path, path_length);
    at += path_length;
    memcpy(block + at,
           "\x01\x01"
           "a", /* :authority a */
           3);
    http2_add(out, HEADERS, flags | END_HEADERS, stream, (struct text){ block, at + 3 });
}

static void add_literal(char *block, size_t *at, struct text lead, const char *value)
{
    memcpy(block + *at, lead.data, lead.length);
    *at += lead.length;
    block[(*at)++] = (char)strlen(value);
    memcpy(block + *at, value, strlen(value));
    *at += strlen(value);
}

void http2_add_event_source(struct text_builder *out, const char *path, unsigned stream)
{
    char block[512] = "\x82\x86"; /* :method GET, :scheme http */
    size_t at = 2;
    add_literal(block, &at, TEXT("\x04"), path); /* :path */
    add_literal(block, &at, TEXT("\x01"), "a");  /* :authority */
    add_literal(block, &at,
                TEXT("\x00\x06"
                     "accept"),
                "text/event-stream");
    http2_add(out, HEADERS, END_HEADERS | END_STREAM, stream, (struct text){ block, at });
}

/* Reads exactly so many bytes; false when the connection ends first. */
static bool read_all(int socket, char *bytes, size_t length)
{
    for (size_t got = 0; got < length;) {
        const ssize_t n = recv(socket, bytes + got, length - got, 0);
        if (n <= 0) return false;
        got += (size_t)n;
    }
    return true;
}

bool http2_read(struct arena *arena, int socket, struct http2_frame *ret_frame)
{
    uint8_t header[9];
    if (!read_all(socket, (char *)header, sizeof header)) return false;
    const size_t length = (size_t)header[0] << 16 | (size_t)header[1] << 8 | header[2];
    char *payload = arena_allocate(arena, length);
    *ret_frame = (struct http2_frame){ header[3], header[4], { payload, length } };
    return read_all(socket, payload, length);
}

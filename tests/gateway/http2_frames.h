/* HTTP/2 by hand, frame by frame (RFC 9113, RFC 7541): what no client library would send. */
#pragma once

#include "runtime/arena.h"
#include "runtime/text.h"

enum { DATA = 0, HEADERS = 1, RST_STREAM = 3, SETTINGS = 4, PING = 6, WINDOW_UPDATE = 8 };
enum { END_STREAM = 1, END_HEADERS = 4 };

struct http2_frame {
    int type, flags;
    struct text payload;
};

/* A buffer of up to 4 MiB with the preface and the client's settings in it. */
struct text_builder http2_begin(struct arena *arena, struct text settings);
void http2_add(struct text_builder *out, int type, int flags, unsigned stream, struct text payload);
/* HEADERS of a request whose method and path are literals. */
void http2_add_request(struct text_builder *out, const char *method, const char *path, int flags,
                       unsigned stream);
/* The same of a GET that asks for a live stream. */
void http2_add_event_source(struct text_builder *out, const char *path, unsigned stream);
/* Reads the next frame; false when the connection ends first. */
bool http2_read(struct arena *arena, int socket, struct http2_frame *ret_frame);

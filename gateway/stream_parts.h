/* What the files of live streams share. Included by these only. */
#pragma once

#include "gateway/api_keys.h"
#include "gateway/feed.h"
#include "gateway/server_parts.h"

/* Bytes on their way, of one stream or of many. */
struct piece {
    size_t references;
    size_t length;
    char bytes[];
};

struct stream {
    struct feed_member member; /* first */
    h2o_generator_t generator;
    struct streams *owner;
    h2o_req_t *req;
    struct connection *connection;
    struct stream *previous, *next;
    struct piece *first; /* waits until the headers are written, or NULL */
    struct piece *piece; /* on its way; NULL with is_busy: a heartbeat, or headers */
    enum principal_kind kind;
    struct uuid session, parent; /* of the token; zero: none */
    bool has_key;                /* an API key, whose session it is not */
    struct api_key_digest key;
    char *key_text; /* with has_key: itself, to ask for it again; wiped when the stream ends */
    size_t key_length;
    uint64_t rights;
    int64_t expires_real_us;   /* 0: never */
    int64_t ends_us;           /* monotonic */
    int64_t written_us;        /* when the last piece was sent */
    int64_t write_deadline_us; /* of it */
    struct rate_key counted_as;
    const char *end_reason; /* a static name; NULL: it goes on */
    bool is_final;          /* its last piece is on its way */
};

struct streams {
    struct server *server;
    struct feeds *feeds;
    struct stream *first;
    size_t count;
    size_t unread_bytes;
    struct key_counts *each;
    int64_t checked_us;
};

/* A piece of two texts; it has one reference, the caller's. */
struct piece *piece_new(struct text first, struct text second);
/* NULL is fine. */
void piece_release(struct piece *piece);

/* Keeps the key that the stream was opened with. */
void stream_keep_key(struct stream *stream, struct text key);
/* True when the client of a stream of HTTP/1 has closed its side: libh2o does not read there while
 * it answers. */
bool stream_has_left(const struct stream *stream);
/* Starts the answer, whose headers are set, and sends `first`. */
void stream_begin(struct stream *stream, struct piece *first);
/* Sends a piece, of which it takes a reference, over a stream that is not busy. May cut a
 * connection. */
void stream_send_piece(struct stream *stream, struct piece *piece);
void stream_send_heartbeat(struct stream *stream);
/* Sends the last event and ends the stream, once; what is on its way goes first. `reason` is a
 * static name. */
void stream_end(struct stream *stream, const char *reason);
/* What libh2o calls. */
void stream_on_proceed(h2o_generator_t *generator, h2o_req_t *req);
void stream_on_stopped(h2o_generator_t *generator, h2o_req_t *req);

/* What streams write: at most one piece of text of each is on its way, and libh2o says when it has
 * taken it, or that its client is gone. */
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "gateway/event_text.h"
#include "gateway/stream_parts.h"
#include "runtime/metrics.h"
#include "runtime/secret.h"

enum {
    UNREAD_BYTES_MAX = 64 << 20, /* of all streams */
    WIDE = 64                    /* see stream_begin() */
};

/* In the pool of libh2o's request, while the last piece is on its way: libh2o has let go of the
 * generator then, and disposes of the request when it is written, or its client is gone. */
struct stream_guard {
    struct stream *stream;
};

/* ---- pieces ---- */

struct piece *piece_new(struct text first, struct text second)
{
    struct piece *piece = malloc(sizeof *piece + first.length + second.length);
    if (piece == NULL) abort();
    piece->references = 1;
    piece->length = first.length + second.length;
    if (first.length > 0) memcpy(piece->bytes, first.data, first.length);
    if (second.length > 0) memcpy(piece->bytes + first.length, second.data, second.length);
    return piece;
}

void piece_release(struct piece *piece)
{
    if (piece != NULL && --piece->references == 0) free(piece);
}

/* ---- its client ---- */

void stream_keep_key(struct stream *stream, struct text key)
{
    stream->key = api_key_digest_of(key);
    stream->key_text = malloc(key.length);
    if (stream->key_text == NULL) abort();
    memcpy(stream->key_text, key.data, key.length);
    stream->key_length = key.length;
}

static void forget_key(struct stream *stream)
{
    if (stream->key_text == NULL) return;
    secret_wipe(stream->key_text, stream->key_length);
    free(stream->key_text);
    stream->key_text = NULL;
}

bool stream_has_left(const struct stream *stream)
{
    struct tcp_info info = { .tcpi_state = TCP_ESTABLISHED };
    socklen_t length = sizeof info;
    const struct connection *connection = stream->connection;
    if (stream->req->version >= 0x200 || connection->is_closed || connection->is_cut) return false;
    if (getsockopt(connection->descriptor, IPPROTO_TCP, TCP_INFO, &info, &length) != 0)
        return false;
    return info.tcpi_state == TCP_CLOSE_WAIT || info.tcpi_state == TCP_CLOSE;
}

/* ---- the end ---- */

static void drop_piece(struct stream *stream)
{
    if (stream->piece == NULL) return;
    stream->owner->unread_bytes -= stream->piece->length;
    piece_release(stream->piece);
    stream->piece = NULL;
}

/* libh2o has let go of the request. */
static void stream_free(struct stream *stream)
{
    struct streams *owner = stream->owner;
    struct connection *connection = stream->connection;
    assert(owner->count > 0);
    assert(connection->streams > 0);
    drop_piece(stream);
    forget_key(stream);
    piece_release(stream->first);
    feeds_leave(owner->feeds, &stream->member);
    if (stream->next != NULL) stream->next->previous = stream->previous;
    if (stream->previous != NULL)
        stream->previous->next = stream->next;
    else
        owner->first = stream->next;
    key_counts_remove(owner->each, &stream->counted_as);
    owner->count--;
    metric_set(METRIC_HTTP_STREAMS, (int64_t)owner->count);
    connection->streams--;
    connection_request_ends(connection, false, loop_now_us(owner->server->options.loop));
    connection_release(connection);
    free(stream);
}

static void on_final_disposed(void *data)
{
    stream_free(((struct stream_guard *)data)->stream);
}

void stream_on_stopped(h2o_generator_t *generator, h2o_req_t *req)
{
    (void)req;
    stream_free(CONTAINER_OF(generator, struct stream, generator));
}

/* ---- writing ---- */

/* The connection whose piece is on its way for the longest time. */
static struct connection *find_slow_reader(const struct streams *streams)
{
    const struct stream *oldest = NULL;
    for (const struct stream *s = streams->first; s != NULL; s = s->next) {
        if (s->piece == NULL || s->connection->is_cut) continue;
        if (oldest == NULL || s->written_us < oldest->written_us) oldest = s;
    }
    return oldest == NULL ? NULL : oldest->connection;
}

/* Hands bytes to libh2o, which has them until it calls stream_on_proceed(). */
static void stream_send(struct stream *stream, h2o_iovec_t bytes, h2o_send_state_t state)
{
    const struct server *server = stream->owner->server;
    h2o_iovec_t parts[WIDE] = { bytes };
    assert(!stream->member.is_busy);
    stream->written_us = loop_now_us(server->options.loop);
    stream->write_deadline_us = stream->written_us +
                                server->options.limits.connection.write_deadline_us +
                                (int64_t)bytes.len * 1000000 / ANSWER_RATE_MIN;
    feeds_set_busy(stream->owner->feeds, &stream->member, true);
    const size_t wide = stream->req->version >= 0x200 ? WIDE : 1;
    h2o_send(stream->req, parts, bytes.base == NULL ? 0 : wide, state);
}

static void send_piece(struct stream *stream, struct piece *piece, h2o_send_state_t state)
{
    struct streams *owner = stream->owner;
    assert(stream->piece == NULL);
    piece->references++;
    stream->piece = piece;
    owner->unread_bytes += piece->length;
    stream_send(stream, h2o_iovec_init(piece->bytes, piece->length), state);
    if (owner->unread_bytes <= UNREAD_BYTES_MAX) return;
    struct connection *slow = find_slow_reader(owner);
    if (slow != NULL) connection_cut(slow);
}

void stream_send_piece(struct stream *stream, struct piece *piece)
{
    send_piece(stream, piece, H2O_SEND_STATE_IN_PROGRESS);
}

void stream_send_heartbeat(struct stream *stream)
{
    stream_send(stream, h2o_iovec_init(H2O_STRLIT(EVENT_TEXT_HEARTBEAT)),
                H2O_SEND_STATE_IN_PROGRESS);
}

static void stream_send_end(struct stream *stream)
{
    h2o_req_t *req = stream->req;
    struct arena *arena = arena_new(256);
    struct piece *piece = piece_new(event_text_end(arena, stream->end_reason), TEXT(""));
    arena_destroy(&arena);
    struct stream_guard *guard = h2o_mem_alloc_shared(&req->pool, sizeof *guard, on_final_disposed);
    guard->stream = stream;
    stream->is_final = true;
    feeds_leave(stream->owner->feeds, &stream->member);
    send_piece(stream, piece, H2O_SEND_STATE_FINAL);
    piece_release(piece);
}

/* `reason` is a static name. What is on its way goes first. */
void stream_end(struct stream *stream, const char *reason)
{
    if (stream->end_reason != NULL) return;
    stream->end_reason = reason;
    if (!stream->member.is_busy) stream_send_end(stream);
}

/* Sends the headers. Of HTTP/2 the first piece follows when they are written: until then libh2o has
 * put into the request's pool what it has read and what it answers, and nothing of that is needed
 * any more, nor the 4 KiB of the pool. Emptied it stays so: the list of what is to be sent is all
 * that libh2o keeps there of a stream, once and for all, and one as long as WIDE is an allocation
 * of its own. */
void stream_begin(struct stream *stream, struct piece *first)
{
    h2o_start_response(stream->req, &stream->generator);
    if (stream->req->version < 0x200) {
        send_piece(stream, first, H2O_SEND_STATE_IN_PROGRESS);
        return;
    }
    first->references++;
    stream->first = first;
    stream_send(stream, h2o_iovec_init(NULL, 0), H2O_SEND_STATE_IN_PROGRESS);
}

static void stream_go_on(struct stream *stream)
{
    struct piece *first = stream->first;
    stream->first = NULL;
    h2o_mem_clear_pool(&stream->req->pool);
    send_piece(stream, first, H2O_SEND_STATE_IN_PROGRESS);
    piece_release(first);
}

/* The piece is written: the next may follow. */
void stream_on_proceed(h2o_generator_t *generator, h2o_req_t *req)
{
    struct stream *stream = CONTAINER_OF(generator, struct stream, generator);
    (void)req;
    assert(stream->member.is_busy);
    assert(!stream->is_final);
    drop_piece(stream);
    feeds_set_busy(stream->owner->feeds, &stream->member, false);
    if (stream->first != NULL)
        stream_go_on(stream);
    else if (stream->end_reason != NULL)
        stream_send_end(stream);
}

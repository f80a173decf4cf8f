/* The life of streams: they open, get what their feeds are answered, and end. What comes while a
 * piece is on its way is asked for when that has been taken, so a stream holds nothing while it
 * waits, and a slow one no more than one page, which it shares with all others of its feed. */
#include "gateway/stream.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/admit.h"
#include "gateway/authenticate.h"
#include "gateway/event_text.h"
#include "gateway/rate_request.h"
#include "gateway/respond.h"
#include "gateway/stream_parts.h"
#include "messages/codec_msgpack.h"
#include "runtime/log.h"
#include "runtime/metrics.h"

enum {
    HEARTBEATS_PER_TICK = 1024,
    WIDE = 64,         /* see stream_begin() */
    CHECK_US = 1000000 /* between two looks whether sessions have ended, and clients have left */
};

/* ---- events ---- */

/* What is refused will be refused again; what is an outage passes. */
static bool ends_streams(enum status status)
{
    const int http_status = status_http(status);
    return http_status >= 400 && http_status <= 499;
}

static void end_members(const struct feed *feed, enum status status)
{
    for (struct feed_member *m = feed_members(feed), *next; m != NULL; m = next) {
        next = m->next;
        stream_end((struct stream *)(void *)m, status_name(status));
    }
}

static void send_page(struct streams *streams, struct feed *feed, const struct event_page *page)
{
    struct piece *piece = piece_new(page->bytes, TEXT(""));
    for (struct feed_member *m = feed_members(feed), *next; m != NULL; m = next) {
        next = m->next;
        struct stream *stream = (struct stream *)(void *)m;
        if (m->is_busy || stream->end_reason != NULL) continue;
        metric_add(METRIC_HTTP_STREAM_EVENTS, (int64_t)page->count);
        stream_send_piece(stream, piece);
        feeds_move(streams->feeds, m, page->position);
        if (page->has_more) feeds_ask_soon(streams->feeds, m->feed);
    }
    piece_release(piece);
    /* Those that were busy ask for it when they can take it. */
    if (feed_members(feed) != NULL) feeds_ask_soon(streams->feeds, feed);
}

static void on_answer(void *context, struct feed *feed, const struct feed_answer *answer)
{
    struct streams *streams = context;
    const struct feed_question *question = feed_question_of(feed);
    struct event_page page;
    enum status status = answer->status;
    if (status == STATUS_OK)
        status = event_text_write(question->route->message->reply, answer->value,
                                  question->has_cursor_tag ? question->cursor_tag : NULL,
                                  answer->arena, &page);
    if (status != STATUS_OK) {
        if (ends_streams(status)) end_members(feed, status);
        return;
    }
    if (page.count > 0) send_page(streams, feed, &page);
}

/* ---- opening ---- */

bool stream_is_wanted(const struct exchange *exchange)
{
    const struct route *route = exchange->match.route;
    return route != NULL && route->is_stream && exchange_is(exchange, "GET") &&
           event_text_is_wanted(exchange_header(exchange, TEXT("accept")));
}

enum status stream_check(const struct exchange *exchange)
{
    const struct server *server = exchange->server;
    const struct streams *streams = server->streams;
    const struct server_limits *limits = &server->options.limits;
    const struct rate_key key = rate_key_of(exchange, 0);
    if (server->is_stopping) return STATUS_STOPPING;
    if (streams->count >= limits->streams_max) return STATUS_OVERLOADED;
    const bool has_room = exchange->connection->streams < limits->streams_per_connection &&
                          key_counts_of(streams->each, &key) < limits->streams_each_max;
    return has_room ? STATUS_OK : STATUS_TOO_MANY_REQUESTS;
}

/* What the path names, or whoever asks: what its hints are about. Zero: anything. */
static struct uuid subject_of(const struct route *route, const void *body,
                              const struct principal *principal)
{
    const struct uuid named = route_subject(route, body);
    return route->is_hinted_by_principal && uuid_is_zero(named) ? principal->id : named;
}

static void question_read(const struct exchange *exchange, struct feed_question *ret_question,
                          struct text *ret_position)
{
    const struct route *route = exchange->match.route;
    const struct schema *schema = route->message->body;
    struct arena *arena = exchange->arena;
    struct feed_question question = { .route = route,
                                      .has_cursor_tag = exchange->has_cursor_tag,
                                      .principal = exchange->principal,
                                      .request_id = exchange->request_id,
                                      .client = exchange->request.client };
    memcpy(question.cursor_tag, exchange->cursor_tag, CURSOR_TAG_BYTES);
    void *body = arena_allocate(arena, schema->size);
    /* It was encoded here, from what was read here. */
    enum status status = msgpack_decode(schema, exchange->request.body, arena, body);
    assert(status == STATUS_OK);
    question.subject = subject_of(route, body, &exchange->principal);
    *ret_position = event_text_take_after(schema, body, arena);
    status = msgpack_encode(schema, body, arena, ENVELOPE_BODY_MAX, &question.body);
    assert(status == STATUS_OK);
    *ret_question = question;
}

static enum status page_read(const struct exchange *exchange, struct event_page *ret_page)
{
    const struct schema *schema = exchange->match.route->message->reply;
    void *value = arena_allocate(exchange->arena, schema->size);
    if (msgpack_decode(schema, exchange->reply.body, exchange->arena, value) != STATUS_OK)
        return STATUS_CORRUPT;
    return event_text_write(schema, value, exchange->has_cursor_tag ? exchange->cursor_tag : NULL,
                            exchange->arena, ret_page);
}

/* Not started yet. */
static struct stream *stream_new(const struct exchange *exchange, struct uuid parent)
{
    struct streams *owner = exchange->server->streams;
    const struct principal *principal = &exchange->principal;
    struct stream *stream = calloc(1, sizeof *stream);
    if (stream == NULL) abort();
    stream->owner = owner;
    stream->req = exchange->req;
    stream->connection = exchange->connection;
    stream->generator =
        (h2o_generator_t){ .proceed = stream_on_proceed, .stop = stream_on_stopped };
    stream->kind = principal->kind;
    stream->session = principal->session;
    stream->rights = principal->rights;
    stream->parent = parent;
    stream->has_key = principal->is_api_key;
    if (stream->has_key)
        stream_keep_key(stream,
                        authenticate_bearer(exchange_header(exchange, TEXT("authorization"))));
    stream->expires_real_us = principal->expires_at_us;
    stream->ends_us = loop_now_us(owner->server->options.loop) + STREAM_LIFE_US;
    stream->counted_as = rate_key_of(exchange, 0);
    const bool is_counted = key_counts_add(owner->each, &stream->counted_as,
                                           owner->server->options.limits.streams_each_max);
    assert(is_counted); /* stream_check() */
    stream->next = owner->first;
    if (stream->next != NULL) stream->next->previous = stream;
    owner->first = stream;
    owner->count++;
    metric_set(METRIC_HTTP_STREAMS, (int64_t)owner->count);
    connection_keep(stream->connection);
    stream->connection->streams++;
    return stream;
}

enum status stream_open(struct exchange *exchange)
{
    struct streams *streams = exchange->server->streams;
    struct event_page page;
    struct feed_question question;
    struct text position;
    struct uuid parent;
    TRY(stream_check(exchange));
    TRY(admit_find_parent(exchange, &parent));
    TRY(page_read(exchange, &page));
    question_read(exchange, &question, &position);
    if (page.position.length > 0) position = page.position;
    struct stream *stream = stream_new(exchange, parent);
    metric_add(METRIC_HTTP_STREAM_EVENTS, (int64_t)page.count);
    /* What libh2o writes comes from its own memory, or ours; it has taken the headers when the
     * first piece is handed over. */
    respond_stream(exchange);
    struct piece *first = piece_new(TEXT(EVENT_TEXT_BEGIN), page.bytes);
    feeds_join(streams->feeds, &stream->member, &question, position);
    stream_begin(stream, first);
    piece_release(first);
    exchange_hand_over(exchange);
    return STATUS_OK;
}

/* ---- time ---- */

/* What is remembered of a key ends after a minute, and at once when the key does. Then its domain
 * is asked again; until it has answered, the principal has a few seconds left. NULL: it goes on. */
static const char *look_at_key(struct stream *stream)
{
    struct streams *owner = stream->owner;
    struct principal principal;
    const enum status status = api_keys_find(owner->server->api_keys, &stream->key, &principal);
    if (status == STATUS_UNAUTHENTICATED) return "session_ended";
    if (status == STATUS_NOT_FOUND) {
        const struct text token = { stream->key_text, stream->key_length };
        (void)!api_keys_ask(owner->server->api_keys, stream->kind, token, &stream->key);
    }
    if (status != STATUS_OK) return NULL;
    if (principal.rights != stream->rights) return "token_expired"; /* it comes back with these */
    if (principal.expires_at_us > stream->expires_real_us) {
        stream->expires_real_us = principal.expires_at_us;
        feeds_prolong(&stream->member, &principal);
    }
    return NULL;
}

static const char *why_over(struct stream *stream, int64_t now_us, int64_t real_us,
                            bool looks_at_sessions)
{
    const struct ended_sessions *ended = stream->owner->server->ended;
    if (stream->kind != PRINCIPAL_NONE && stream->expires_real_us <= real_us)
        return "token_expired";
    if (stream->ends_us <= now_us) return "timeout";
    if (!looks_at_sessions || stream->kind == PRINCIPAL_NONE) return NULL;
    const bool is_ended = ended_sessions_have(ended, stream->kind, stream->session) ||
                          ended_sessions_have(ended, PRINCIPAL_ADMIN, stream->parent);
    if (is_ended) return "session_ended";
    return stream->has_key ? look_at_key(stream) : NULL;
}

void streams_tick(struct streams *streams, int64_t now_us, int64_t real_us)
{
    const bool looks_at_sessions = now_us - streams->checked_us >= CHECK_US;
    size_t heartbeats = HEARTBEATS_PER_TICK;
    if (looks_at_sessions) streams->checked_us = now_us;
    for (struct stream *s = streams->first, *next; s != NULL; s = next) {
        next = s->next;
        if (s->member.is_busy) {
            if (now_us > s->write_deadline_us) connection_cut(s->connection);
            continue;
        }
        const char *reason = why_over(s, now_us, real_us, looks_at_sessions);
        if (reason != NULL) {
            stream_end(s, reason);
        } else if (looks_at_sessions && stream_has_left(s)) {
            /* The write fails, and libh2o disposes of the request. */
            connection_cut(s->connection);
            stream_send_heartbeat(s);
        } else if (now_us - s->written_us >= STREAM_HEARTBEAT_US && heartbeats > 0) {
            heartbeats--;
            stream_send_heartbeat(s);
        }
    }
    feeds_tick(streams->feeds, now_us);
}

void streams_end_turn(struct streams *streams)
{
    feeds_end_turn(streams->feeds);
}

void streams_stop(struct streams *streams)
{
    for (struct stream *s = streams->first, *next; s != NULL; s = next) {
        next = s->next;
        stream_end(s, "stopping");
    }
}

void streams_on_hint(struct streams *streams, const struct hint *hint)
{
    feeds_on_hint(streams->feeds, hint);
}

bool streams_are_quiet(const struct streams *streams)
{
    return !feeds_are_asking(streams->feeds);
}

/* ---- all of them ---- */

struct streams *streams_new(struct server *server)
{
    uint8_t seed[16];
    struct rng *rng = server->inquirer.rng;
    assert(rng != NULL);
    rng->fill(rng->context, seed, sizeof seed);
    struct streams *streams = calloc(1, sizeof *streams);
    if (streams == NULL) abort();
    const struct feeds_options options = { .inquirer = &server->inquirer,
                                           .loop = server->options.loop,
                                           .principal_key = server->options.principal_key,
                                           .context = streams,
                                           .on_answer = on_answer };
    streams->server = server;
    streams->feeds = feeds_new(&options);
    streams->each = key_counts_new(seed);
    return streams;
}

void streams_destroy(struct streams **streams)
{
    struct streams *gone = *streams;
    if (gone == NULL) return;
    assert(gone->count == 0);
    feeds_destroy(&gone->feeds);
    key_counts_destroy(&gone->each);
    free(gone);
    *streams = NULL;
}

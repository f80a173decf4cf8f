/* Whoever has signed in is answered from what is kept, too: a route with `cache = true` says the
 * same to everybody, and only Cache-Control differs. */
#include "gateway/from_cache.h"

#include "gateway/answer_cache.h"
#include "gateway/answer_language.h"
#include "gateway/server_parts.h"
#include "messages/codec_msgpack.h"

static bool is_asked_for(const struct exchange *exchange)
{
    const struct server *server = exchange->server;
    const bool is_read = exchange_is(exchange, "GET") || exchange_is_head(exchange);
    return exchange->match.route->is_cacheable && is_read && exchange->req->entity.len == 0 &&
           server->options.backend->hears_hints(server->options.backend->context);
}

/* Path and query as they were sent: who writes them in another way is asked for anew. And the
 * language that is answered, of which there are few, whatever was sent to choose it. */
static struct text target_of(const struct exchange *exchange)
{
    const struct text language = answer_language(exchange);
    return text_format(exchange->arena, "%.*s?%.*s%s%.*s", (int)exchange->path.length,
                       exchange->path.data, (int)exchange->query.length, exchange->query.data,
                       language.length > 0 ? "#" : "", (int)language.length,
                       language.length > 0 ? language.data : "");
}

bool from_cache_find(struct exchange *exchange)
{
    struct server *server = exchange->server;
    assert(exchange->match.route != NULL);
    assert(exchange->kept == NULL);
    if (!is_asked_for(exchange)) return false;
    exchange->target = target_of(exchange);
    exchange->kept =
        answer_cache_find(server->answers, exchange->target, loop_now_us(server->options.loop));
    return exchange->kept != NULL;
}

static struct uuid subject_of(const struct exchange *exchange)
{
    const struct route *route = exchange->match.route;
    const struct schema *schema = route->message->body;
    void *body = arena_allocate(exchange->arena, schema->size);
    /* It was encoded here, from what was read here. */
    const enum status status =
        msgpack_decode(schema, exchange->request.body, exchange->arena, body);
    assert(status == STATUS_OK);
    return route_subject(route, body);
}

void from_cache_keep(const struct exchange *exchange, struct text body, struct text tag)
{
    if (exchange->target.length == 0) return;
    const struct answer_subject subject = { .domain = exchange->match.route->message->domain,
                                            .id = subject_of(exchange) };
    answer_cache_keep(exchange->server->answers, exchange->target, &subject, exchange->started_us,
                      body, tag);
}

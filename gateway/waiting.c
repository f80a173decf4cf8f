/* A fiber per question to the backend, the queue of those that would be more than their asker's
 * share, and the list of requests that wait for keys. */
#include "gateway/waiting.h"

#include <string.h>

#include "gateway/picture_intake.h"
#include "gateway/server_parts.h"
#include "runtime/metrics.h"

/* ---- shares ---- */

/* (gateway/README.md, Decisions: shares) */
enum {
    SHARED_ASKS_MAX = 128, /* under way; below it, who asks first is served first */
    ASKS_EACH_MAX = 32     /* of one asker, when there are more */
};

static bool share_take(struct exchange *exchange)
{
    struct server *server = exchange->server;
    assert(exchange->is_counted);
    const size_t most = server->asking < SHARED_ASKS_MAX ? SHARED_ASKS_MAX : ASKS_EACH_MAX;
    return key_counts_add(server->asking_each, &exchange->counted_as, most);
}

static void share_give_back(struct exchange *exchange)
{
    exchange->server->has_asked = true;
    key_counts_remove(exchange->server->asking_each, &exchange->counted_as);
}

/* ---- questions ---- */

static void ask_in_fiber(void *argument)
{
    struct exchange *exchange = argument;
    struct server *server = exchange->server;
    const struct backend *backend = server->options.backend;
    exchange->outcome = picture_intake(exchange);
    if (exchange->match.route->body == BODY_PICTURE)
        exchange->ask_deadline_us =
            loop_now_us(server->options.loop) + server->options.limits.ask_deadline_us;
    if (exchange->outcome == STATUS_OK)
        exchange->outcome =
            backend->ask(backend->context, &exchange->request, exchange->ask_deadline_us,
                         exchange->arena, &exchange->reply);
    if (exchange->outcome == STATUS_OK) exchange->outcome = picture_fetch(exchange);
    exchange->is_asking = false;
    exchange->connection->asks--;
    server->asking--;
    server->waiting--;
    share_give_back(exchange);
    if (exchange->req == NULL) {
        exchange_free(exchange);
        return;
    }
    /* Not answered here: OpenSSL does not fit a fiber's stack. */
    exchange_list_append(&server->answered, exchange);
    loop_wake(server->options.loop);
}

/* With its share taken, and counted as waiting; without both when it fails. */
static enum status start_asking(struct exchange *exchange)
{
    struct server *server = exchange->server;
    assert(!exchange->is_asking);
    exchange->is_asking = true;
    exchange->connection->asks++;
    server->asking++;
    const enum status status = fiber_spawn(server->options.fibers, ask_in_fiber, exchange);
    if (status == STATUS_OK) return STATUS_OK;
    exchange->is_asking = false;
    exchange->connection->asks--;
    server->asking--;
    server->waiting--;
    share_give_back(exchange);
    return status;
}

enum status waiting_ask(struct exchange *exchange)
{
    struct server *server = exchange->server;
    assert(exchange->req != NULL);
    assert(exchange->list == NULL);
    exchange->ask_deadline_us =
        loop_now_us(server->options.loop) + server->options.limits.ask_deadline_us;
    server->waiting++;
    if (share_take(exchange)) return start_asking(exchange);
    exchange_list_append(&server->queued, exchange);
    metric_set(METRIC_HTTP_QUEUED, metric_value(METRIC_HTTP_QUEUED) + 1);
    return STATUS_OK;
}

static void unqueue(struct exchange *exchange)
{
    exchange_list_remove(exchange);
    metric_set(METRIC_HTTP_QUEUED, metric_value(METRIC_HTTP_QUEUED) - 1);
}

static void answer_unasked(struct exchange *exchange, enum status outcome)
{
    exchange->outcome = outcome;
    exchange_list_append(&exchange->server->answered, exchange);
    loop_wake(exchange->server->options.loop);
}

void waiting_go_on(struct server *server)
{
    if (!server->has_asked) return;
    server->has_asked = false;
    const struct rate_key *refused = NULL; /* most that wait are of one asker */
    for (struct exchange *e = server->queued.first, *next; e != NULL; e = next) {
        next = e->next;
        if (refused != NULL && memcmp(refused, &e->counted_as, sizeof *refused) == 0) continue;
        if (!share_take(e)) {
            refused = &e->counted_as;
            continue;
        }
        unqueue(e);
        const enum status status = start_asking(e);
        if (status != STATUS_OK) answer_unasked(e, status);
    }
}

void waiting_expire(struct server *server, int64_t now_us)
{
    for (struct exchange *e = server->queued.first, *next; e != NULL; e = next) {
        next = e->next;
        if (e->ask_deadline_us > now_us) return; /* they stand in the order of their coming */
        unqueue(e);
        server->waiting--;
        metric_add(METRIC_EXPIRED, 1);
        answer_unasked(e, STATUS_DEADLINE_EXCEEDED);
    }
}

/* ---- keys ---- */

void waiting_park(struct exchange *exchange)
{
    struct server *server = exchange->server;
    assert(!exchange->was_parked);
    exchange->was_parked = true;
    exchange_list_append(&server->parked, exchange);
    server->waiting++;
}

void waiting_unpark(struct exchange *exchange)
{
    struct server *server = exchange->server;
    if (exchange->list != &server->parked) return;
    assert(server->waiting > 0);
    server->waiting--;
    exchange_list_remove(exchange);
}

void waiting_release(struct exchange *exchange)
{
    assert(exchange->req == NULL);
    struct server *server = exchange->server;
    waiting_unpark(exchange);
    if (exchange->list == &server->queued) {
        unqueue(exchange);
        server->waiting--;
    }
    exchange_list_remove(exchange);
    if (!exchange->is_asking) exchange_free(exchange);
}

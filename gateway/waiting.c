/* A fiber per question to the backend, and the list of requests that wait for keys. */
#include "gateway/waiting.h"

#include "gateway/server_parts.h"

static void ask_in_fiber(void *argument)
{
    struct exchange *exchange = argument;
    struct server *server = exchange->server;
    const struct backend *backend = server->options.backend;
    const int64_t deadline_us =
        loop_now_us(server->options.loop) + server->options.limits.ask_deadline_us;
    exchange->outcome = backend->ask(backend->context, &exchange->request, deadline_us,
                                     exchange->arena, &exchange->reply);
    exchange->is_asking = false;
    exchange->connection->asks--;
    server->waiting--;
    if (exchange->req == NULL) {
        exchange_free(exchange);
        return;
    }
    /* Not answered here: OpenSSL does not fit a fiber's stack. */
    exchange_list_append(&server->answered, exchange);
    loop_wake(server->options.loop);
}

enum status waiting_ask(struct exchange *exchange)
{
    struct server *server = exchange->server;
    assert(exchange->req != NULL);
    assert(exchange->list == NULL);
    assert(!exchange->is_asking);
    exchange->is_asking = true;
    exchange->connection->asks++;
    server->waiting++;
    const enum status status = fiber_spawn(server->options.fibers, ask_in_fiber, exchange);
    if (status == STATUS_OK) return STATUS_OK;
    exchange->is_asking = false;
    exchange->connection->asks--;
    server->waiting--;
    return status;
}

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
    waiting_unpark(exchange);
    exchange_list_remove(exchange);
    if (!exchange->is_asking) exchange_free(exchange);
}

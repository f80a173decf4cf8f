/* A bus without sockets: asks are answered in this process. */
#include "tests/support/fake_bus.h"

#include "runtime/arena.h"

#include <stdlib.h>

struct bus_ask {
    uint64_t number;
    struct arena *arena;
    struct completion done;
    struct envelope reply;
    struct bus_ask *next;
};

struct bus {
    struct bus_options options;
    struct members members;
    struct bus_ask *asks;
    uint64_t asks_count;
};

/* bus_new() has no parameter for it. */
static const struct fake_peers *the_peers;

void fake_bus_set_peers(const struct fake_peers *peers)
{
    the_peers = peers;
}

static struct members the_members;

void fake_bus_set_members(const struct members *members)
{
    the_members = *members;
}

enum status bus_new(const struct bus_options *options, struct bus **ret_bus)
{
    struct bus *bus = calloc(1, sizeof *bus);
    if (bus == NULL) abort();
    bus->options = *options;
    bus->members = the_members;
    *ret_bus = bus;
    return STATUS_OK;
}

void bus_destroy(struct bus **bus)
{
    free(*bus);
    *bus = NULL;
}

void bus_set_ready(struct bus *bus, bool is_ready)
{
    (void)bus;
    if (is_ready) the_peers->on_ready(the_peers->context);
}

const struct members *bus_members(const struct bus *bus)
{
    return &bus->members;
}

bool bus_reaches_agent(const struct bus *bus)
{
    (void)bus;
    return true;
}

uint64_t bus_incarnation(const struct bus *bus)
{
    return (uint64_t)loop_real_us(bus->options.loop);
}

void bus_hint(struct bus *bus, const struct hint *hint)
{
    (void)bus;
    (void)hint;
}

static void deliver(struct bus *bus, const struct envelope *request, int64_t deadline_us,
                    const struct bus_ask *ask)
{
    struct envelope envelope = *request;
    envelope.ask = ask->number;
    envelope.budget_ms = (uint32_t)((deadline_us - loop_now_us(bus->options.loop)) / 1000);
    struct return_address from = { .ask = ask->number, .number = request->number };
    from.kind = request->principal.kind == PRINCIPAL_NODE ? MEMBER_NODE : MEMBER_GATEWAY;
    bus->options.on_request(bus->options.context, &envelope, &from);
}

enum status bus_ask_begin(struct bus *bus, const struct envelope *request, int64_t deadline_us,
                          struct arena *arena, struct bus_ask **ret_ask)
{
    struct bus_ask *ask = arena_allocate(arena, sizeof *ask);
    *ask = (struct bus_ask){ .number = ++bus->asks_count, .arena = arena, .next = bus->asks };
    completion_init(&ask->done, bus->options.fibers);
    bus->asks = ask;
    *ret_ask = ask;
    if ((bus->options.domains >> request->domain & 1) != 0) {
        deliver(bus, request, deadline_us, ask);
        return STATUS_OK;
    }
    completion_finish(&ask->done,
                      the_peers->answer(the_peers->context, request, arena, &ask->reply));
    return STATUS_OK;
}

enum status bus_ask_end(struct bus *bus, struct bus_ask **ask, struct envelope *ret_reply)
{
    const enum status status = completion_wait(&(*ask)->done, INT64_MAX);
    struct bus_ask **link = &bus->asks;
    while (*link != *ask)
        link = &(*link)->next;
    *link = (*ask)->next;
    if (status == STATUS_OK) *ret_reply = (*ask)->reply;
    *ask = NULL;
    return status;
}

enum status bus_ask(struct bus *bus, const struct envelope *request, int64_t deadline_us,
                    struct arena *arena, struct envelope *ret_reply)
{
    struct bus_ask *ask;
    TRY(bus_ask_begin(bus, request, deadline_us, arena, &ask));
    return bus_ask_end(bus, &ask, ret_reply);
}

void bus_reply(struct bus *bus, const struct return_address *to, const struct envelope *reply)
{
    struct bus_ask *ask = bus->asks;
    while (ask != NULL && ask->number != to->ask)
        ask = ask->next;
    if (ask == NULL) return; /* the asker is gone */
    ask->reply = *reply;
    ask->reply.body = text_copy(ask->arena, reply->body);
    completion_finish(&ask->done, STATUS_OK);
}

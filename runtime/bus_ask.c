/* Asks: where a request goes, the credit that it needs, and how its fiber gets the answer or the
 * reason why there is none. */
#include <sodium.h>
#include <stdlib.h>

#include "runtime/bus_internal.h"
#include "runtime/metrics.h"

/* ---- the table ---- */

static void ask_make_known(struct bus *bus, struct bus_ask *ask)
{
    ask->number = ++bus->last_ask;
    LIST_INSERT_HEAD(&bus->buckets[ask->number % BUS_ASK_BUCKETS], ask, bucket);
    ask->is_known = true;
    bus->asks_count++;
    metric_add(METRIC_ASKS, 1);
    metric_set(METRIC_ASKS_IN_FLIGHT, (int64_t)bus->asks_count);
}

static struct bus_ask *bus_find_ask(const struct bus *bus, uint64_t number)
{
    struct bus_ask *ask;
    LIST_FOREACH(ask, &bus->buckets[number % BUS_ASK_BUCKETS], bucket)
    {
        if (ask->number == number) return ask;
    }
    return NULL;
}

/* After this no reply finds it and no peer knows of it. */
static void ask_forget(struct bus_ask *ask)
{
    struct bus *bus = ask->bus;
    if (ask->is_waiting) {
        assert(ask->peer != NULL);
        TAILQ_REMOVE(&ask->peer->waiting, ask, waiting);
        ask->peer->waiting_count--;
        ask->is_waiting = false;
    }
    if (ask->peer != NULL) TAILQ_REMOVE(&ask->peer->asks, ask, of_peer);
    ask->peer = NULL;
    if (!ask->is_known) return;
    LIST_REMOVE(ask, bucket);
    ask->is_known = false;
    bus->asks_count--;
    metric_set(METRIC_ASKS_IN_FLIGHT, (int64_t)bus->asks_count);
}

void bus_end_ask(struct bus_ask *ask, enum status outcome)
{
    assert(!ask->is_ended);
    ask_forget(ask);
    ask->outcome = outcome;
    ask->is_ended = true;
    TAILQ_INSERT_TAIL(&ask->bus->ended, ask, ended);
    links_wake(ask->bus->links);
}

void bus_end_sent_asks(struct peer *peer)
{
    struct bus_ask *ask, *next;
    for (ask = TAILQ_FIRST(&peer->asks); ask != NULL; ask = next) {
        next = TAILQ_NEXT(ask, of_peer);
        if (!ask->is_waiting) bus_end_ask(ask, STATUS_UNAVAILABLE);
    }
    peer->sent_done = peer->sent;
}

static void ask_keep_answer(struct bus_ask *ask, const struct envelope *reply)
{
    ask->reply = envelope_copy(ask->arena, reply);
    bus_end_ask(ask, STATUS_OK);
}

void bus_receive_reply(struct bus *bus, const struct peer *peer, const struct envelope *reply)
{
    struct bus_ask *ask = bus_find_ask(bus, reply->ask);
    /* Too late, or not from the one that was asked. */
    if (ask == NULL || ask->peer != peer || ask->is_waiting) return;
    ask_keep_answer(ask, reply);
}

/* ---- sending ---- */

static bool peer_has_credit(const struct bus *bus, const struct peer *peer)
{
    return peer->sent - peer->sent_done < bus->options.credit_messages &&
           !outbox_is_blocked(&peer->lanes[LANE_DATA]);
}

static enum status ask_send(struct bus_ask *ask, const struct envelope *request)
{
    struct peer *peer = ask->peer;
    const int64_t left_us = ask->deadline_us - loop_now_us(ask->bus->options.loop);
    if (left_us <= 0) return STATUS_DEADLINE_EXCEEDED;
    const int64_t left_ms = (left_us + 999) / 1000;
    struct envelope envelope = *request;
    envelope.kind = ENVELOPE_REQUEST;
    envelope.ask = ask->number;
    envelope.budget_ms = left_ms > UINT32_MAX ? UINT32_MAX : (uint32_t)left_ms;
    envelope.sequence = peer->sent + 1;
    TRY(outbox_add(&peer->lanes[LANE_DATA], &envelope));
    peer->sent++;
    links_wake(ask->bus->links);
    return STATUS_OK;
}

void bus_pump(struct bus *bus, struct peer *peer)
{
    struct bus_ask *ask;
    while ((ask = TAILQ_FIRST(&peer->waiting)) != NULL && peer_has_credit(bus, peer)) {
        const enum status status = ask_send(ask, &ask->request);
        if (status == STATUS_OVERLOADED) return;
        if (status == STATUS_DEADLINE_EXCEEDED) metric_add(METRIC_EXPIRED, 1);
        if (status != STATUS_OK) {
            bus_end_ask(ask, status);
            continue;
        }
        TAILQ_REMOVE(&peer->waiting, ask, waiting);
        peer->waiting_count--;
        ask->is_waiting = false;
    }
}

static enum status ask_wait_for_credit(struct bus_ask *ask, const struct envelope *request)
{
    struct peer *peer = ask->peer;
    if (peer->waiting_count >= ask->bus->options.queue_max) return STATUS_OVERLOADED;
    ask->request = envelope_copy(ask->arena, request);
    TAILQ_INSERT_TAIL(&peer->waiting, ask, waiting);
    peer->waiting_count++;
    ask->is_waiting = true;
    metric_add(METRIC_CREDIT_STALLS, 1);
    return STATUS_OK;
}

static enum status ask_send_to_peer(struct bus_ask *ask, const struct envelope *request)
{
    const struct peer *peer = ask->peer;
    if (peer->waiting_count > 0 || !peer_has_credit(ask->bus, peer))
        return ask_wait_for_credit(ask, request);
    const enum status status = ask_send(ask, request);
    if (status == STATUS_OVERLOADED) return ask_wait_for_credit(ask, request);
    return status;
}

static enum status ask_send_locally(struct bus_ask *ask, const struct envelope *request)
{
    struct bus *bus = ask->bus;
    if (bus->local_count >= bus->options.queue_max) return STATUS_OVERLOADED;
    const int64_t left_us = ask->deadline_us - loop_now_us(bus->options.loop);
    if (left_us <= 0) return STATUS_DEADLINE_EXCEEDED;
    const int64_t left_ms = (left_us + 999) / 1000;
    struct arena *arena = arena_new(sizeof(struct local_request) + request->body.length + 256);
    struct local_request *local = arena_allocate(arena, sizeof *local);
    local->arena = arena;
    /* The asker may be gone before the turn ends: nothing of the request may point at its memory.
     */
    local->envelope = envelope_copy(arena, request);
    local->envelope.kind = ENVELOPE_REQUEST;
    local->envelope.ask = ask->number;
    local->envelope.budget_ms = left_ms > UINT32_MAX ? UINT32_MAX : (uint32_t)left_ms;
    local->from = (struct return_address){ .kind = bus->self.kind,
                                           .incarnation = bus->self.incarnation,
                                           .ask = ask->number,
                                           .number = request->number };
    static_assert(sizeof local->from.member == sizeof bus->self.name, "names have one size");
    for (size_t i = 0; i < sizeof local->from.member; i++)
        local->from.member[i] = bus->self.name[i];
    STAILQ_INSERT_TAIL(&bus->local, local, entry);
    bus->local_count++;
    links_wake(bus->links);
    return STATUS_OK;
}

/* ---- routing ---- */

static bool member_serves(const struct member *member, unsigned domain)
{
    return member->kind == MEMBER_NODE && member->is_ready && domain < 32 &&
           (member->domains & (uint32_t)1 << domain) != 0;
}

static struct peer *bus_next_of_domain(struct bus *bus, unsigned domain)
{
    for (size_t i = 0; i < bus->peers_count; i++) {
        struct peer *peer = bus->peers[bus->next_peer++ % bus->peers_count];
        if (member_serves(&peer->member, domain)) return peer;
    }
    return NULL;
}

/* Gives NULL in ret_peer for this process. */
static enum status bus_route(struct bus *bus, const struct envelope *request,
                             struct peer **ret_peer)
{
    const unsigned domain = request->domain, shard = request->shard;
    const bool is_for_any = sodium_is_zero(request->key.bytes, sizeof request->key.bytes) != 0;
    if (member_serves(&bus->self, domain) &&
        (is_for_any || (shard >= bus->self.shard_first && shard <= bus->self.shard_last))) {
        *ret_peer = NULL;
        return STATUS_OK;
    }
    struct peer *peer = NULL;
    if (is_for_any) {
        peer = bus_next_of_domain(bus, domain);
    } else {
        const struct member *owner = members_owner(&bus->members, domain, shard);
        if (owner != NULL) peer = bus_find_peer(bus, owner->incarnation);
    }
    if (peer == NULL) return STATUS_UNAVAILABLE;
    *ret_peer = peer;
    return STATUS_OK;
}

/* ---- for the fibers ---- */

enum status bus_ask_begin(struct bus *bus, const struct envelope *request, int64_t deadline_us,
                          struct arena *arena, struct bus_ask **ret_ask)
{
    assert(bus != NULL);
    assert(request != NULL);
    assert(arena != NULL);
    assert(request->body.length <= ENVELOPE_BODY_MAX);
    if (bus->is_stopping) return STATUS_STOPPING;
    if (bus->asks_count >= BUS_ASKS_MAX) {
        metric_add(METRIC_OVERLOADED, 1);
        return STATUS_OVERLOADED;
    }
    struct peer *peer = NULL;
    TRY(bus_route(bus, request, &peer));
    struct bus_ask *ask = calloc(1, sizeof *ask);
    if (ask == NULL) abort();
    ask->bus = bus;
    ask->arena = arena;
    ask->deadline_us = deadline_us;
    ask->peer = peer;
    completion_init(&ask->completion, bus->options.fibers);
    ask_make_known(bus, ask);
    if (peer != NULL) TAILQ_INSERT_TAIL(&peer->asks, ask, of_peer);
    const enum status status =
        peer != NULL ? ask_send_to_peer(ask, request) : ask_send_locally(ask, request);
    if (status != STATUS_OK) {
        if (status == STATUS_OVERLOADED) metric_add(METRIC_OVERLOADED, 1);
        ask_forget(ask);
        free(ask);
        return status;
    }
    *ret_ask = ask;
    return STATUS_OK;
}

enum status bus_ask_end(struct bus *bus, struct bus_ask **ask_pointer, struct envelope *ret_reply)
{
    (void)bus; /* may be gone; the ask knows */
    assert(ask_pointer != NULL);
    assert(ret_reply != NULL);
    struct bus_ask *ask = *ask_pointer;
    assert(ask != NULL);
    enum status status = completion_wait(&ask->completion, ask->deadline_us);
    if (ask->bus != NULL) {
        if (ask->is_ended) TAILQ_REMOVE(&ask->bus->ended, ask, ended);
        ask_forget(ask);
    }
    if (status == STATUS_OK) *ret_reply = ask->reply;
    free(ask);
    *ask_pointer = NULL;
    return status;
}

enum status bus_ask(struct bus *bus, const struct envelope *request, int64_t deadline_us,
                    struct arena *arena, struct envelope *ret_reply)
{
    struct bus_ask *ask = NULL;
    TRY(bus_ask_begin(bus, request, deadline_us, arena, &ask));
    return bus_ask_end(bus, &ask, ret_reply);
}

/* ---- answering ---- */

static void bus_reply_locally(struct bus *bus, const struct envelope *reply)
{
    struct bus_ask *ask = bus_find_ask(bus, reply->ask);
    if (ask != NULL && ask->peer == NULL) ask_keep_answer(ask, reply);
}

void bus_reply(struct bus *bus, const struct return_address *to, const struct envelope *reply)
{
    assert(bus != NULL);
    assert(to != NULL);
    assert(reply != NULL);
    struct envelope envelope = *reply;
    envelope.kind = ENVELOPE_REPLY;
    envelope.ask = to->ask;
    envelope.number = to->number;
    envelope.budget_ms = 0;
    if (envelope.body.length > ENVELOPE_BODY_MAX) {
        envelope.body = (struct text){ 0 };
        envelope.status = STATUS_INTERNAL;
    }
    if (to->incarnation == bus->self.incarnation) {
        bus_reply_locally(bus, &envelope);
        return;
    }
    struct peer *peer = bus_find_peer(bus, to->incarnation);
    if (peer == NULL) return;
    /* A request of an earlier opening was never counted in this one. */
    if (to->count == peer->count) peer->seen_done++;
    peer->is_credit_due = true;
    if (outbox_add(&peer->lanes[LANE_DATA], &envelope) != STATUS_OK)
        metric_add(METRIC_ENVELOPES_DROPPED, 1);
    links_wake(bus->links);
}

/* ---- the end of a turn ---- */

static bool bus_run_one(struct bus *bus)
{
    struct bus_ask *ask = TAILQ_FIRST(&bus->ended);
    if (ask != NULL) {
        TAILQ_REMOVE(&bus->ended, ask, ended);
        ask->is_ended = false;
        completion_finish(&ask->completion, ask->outcome);
        return true;
    }
    struct local_request *local = STAILQ_FIRST(&bus->local);
    if (local == NULL) return false;
    STAILQ_REMOVE_HEAD(&bus->local, entry);
    bus->local_count--;
    struct arena *arena = local->arena;
    bus->options.on_request(bus->options.context, &local->envelope, &local->from);
    arena_destroy(&arena);
    return true;
}

void bus_run_local(struct bus *bus)
{
    size_t done = 0;
    while (done < BUS_LOCAL_BUDGET && bus_run_one(bus))
        done++;
    if (done == BUS_LOCAL_BUDGET) loop_wake(bus->options.loop);
}

void bus_end_all_asks(struct bus *bus)
{
    for (size_t i = 0; i < BUS_ASK_BUCKETS; i++) {
        while (!LIST_EMPTY(&bus->buckets[i]))
            bus_end_ask(LIST_FIRST(&bus->buckets[i]), STATUS_STOPPING);
    }
    struct bus_ask *ask;
    while ((ask = TAILQ_FIRST(&bus->ended)) != NULL) {
        TAILQ_REMOVE(&bus->ended, ask, ended);
        ask->is_ended = false;
        ask->bus = NULL; /* whoever ends it later finds no bus */
        completion_finish(&ask->completion, ask->outcome);
    }
    struct local_request *local;
    while ((local = STAILQ_FIRST(&bus->local)) != NULL) {
        STAILQ_REMOVE_HEAD(&bus->local, entry);
        struct arena *arena = local->arena;
        arena_destroy(&arena);
    }
    bus->local_count = 0;
}

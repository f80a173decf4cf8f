/* The bus of one process: its sockets and name, its standing with the agent, and the work at each
 * turn's end. */
#include "runtime/bus.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/bus_internal.h"
#include "runtime/log.h"
#include "runtime/metrics.h"

enum { BUS_PATH_MAX = 512, BUS_OLD_FILES_MAX = 4096 };

const uint8_t *bus_key_of(const struct bus *bus, enum member_kind kind)
{
    return kind == MEMBER_CLIENT ? bus->options.keys->operator_ : bus->options.keys->mesh;
}

/* ---- towards the agent ---- */

void bus_send_join(struct bus *bus)
{
    /* What the agent has not taken yet says the same. */
    if (outbox_is_blocked(&bus->agent)) return;
    struct arena *arena = arena_new(1024);
    const struct envelope join = { .kind = ENVELOPE_JOIN,
                                   .body = member_encode(arena, &bus->self) };
    if (outbox_add(&bus->agent, &join) == STATUS_OK) {
        bus->is_join_due = false;
        bus->joined_at_us = loop_now_us(bus->options.loop);
    }
    arena_destroy(&arena);
    links_wake(bus->links);
}

static void bus_send_ping(struct bus *bus)
{
    const struct envelope ping = { .kind = ENVELOPE_PING };
    if (outbox_is_blocked(&bus->agent)) return;
    if (outbox_add(&bus->agent, &ping) != STATUS_OK) metric_add(METRIC_ENVELOPES_DROPPED, 1);
}

/* In their order, so that a peer that missed some is told before it hears of others. */
static void peer_hint(struct peer *peer, const struct envelope *hint)
{
    const struct envelope lost = { .kind = ENVELOPE_HINT, .domain = HINT_LOST };
    struct outbox *outbox = &peer->lanes[LANE_CONTROL];
    const bool has_room = outbox->backlog_bytes <= BUS_HINT_BACKLOG_MAX;
    if (has_room && peer->has_missed_hints && outbox_add(outbox, &lost) == STATUS_OK)
        peer->has_missed_hints = false;
    if (hint == NULL) return;
    if (has_room && outbox_add(outbox, hint) == STATUS_OK) return;
    peer->has_missed_hints = true;
    metric_add(METRIC_ENVELOPES_DROPPED, 1);
}

/* Says to every peer that we are there, and how many requests we have sent, so that lost ones do
 * not hold credit for ever. It says so on the data lane, so that it is missed soon what was lost
 * there, be it the last that was said. */
static void bus_ping_peers(struct bus *bus)
{
    for (size_t i = 0; i < bus->peers_count; i++) {
        struct peer *peer = bus->peers[i];
        peer->is_credit_due = true;
        if (peer->has_missed_hints) peer_hint(peer, NULL);
        if (outbox_is_blocked(&peer->lanes[LANE_DATA])) continue;
        const struct envelope count = { .kind = ENVELOPE_PING, .sequence = peer->sent };
        if (outbox_add(&peer->lanes[LANE_DATA], &count) != STATUS_OK)
            metric_add(METRIC_ENVELOPES_DROPPED, 1);
    }
}

static void bus_on_tick(struct timer *timer)
{
    struct bus *bus = CONTAINER_OF(timer, struct bus, tick);
    const int64_t now_us = loop_now_us(bus->options.loop);
    timer_start(loop_timers(bus->options.loop), timer, now_us + BUS_TICK_US);
    bus_forgive_silence(bus, absence_measure(&bus->absence, now_us, BUS_TICK_US));
    const bool is_silent =
        now_us - bus->heard_at_us >= BUS_SILENCE_US && now_us - bus->joined_at_us >= BUS_SILENCE_US;
    const bool is_repeated =
        bus->self.kind == MEMBER_CLIENT && now_us - bus->joined_at_us >= BUS_CLIENT_JOIN_US;
    if (bus->is_join_due || is_silent || is_repeated) bus_send_join(bus);
    bus_send_ping(bus);
    bus_ping_peers(bus);
    bus_drop_early(bus, now_us - BUS_EARLY_WAIT_US);
}

/* ---- the turn's end ---- */

static void bus_announce_credit(struct peer *peer)
{
    if (!peer->is_credit_due || outbox_is_blocked(&peer->lanes[LANE_CONTROL])) return;
    const struct envelope credit = { .kind = ENVELOPE_CREDIT, .sequence = peer->seen_done };
    if (outbox_add(&peer->lanes[LANE_CONTROL], &credit) == STATUS_OK) peer->is_credit_due = false;
}

static void bus_on_retry(struct timer *timer)
{
    (void)timer; /* the turn that it makes tries again */
}

static void bus_retry_later(struct bus *bus, bool is_blocked)
{
    struct loop *loop = bus->options.loop;
    if (!is_blocked) {
        bus->retry_delay_us = BUS_RETRY_MIN_US;
        return;
    }
    if (timer_is_started(&bus->retry)) return;
    timer_start(loop_timers(loop), &bus->retry, loop_now_us(loop) + bus->retry_delay_us);
    if (bus->retry_delay_us < BUS_RETRY_MAX_US) bus->retry_delay_us *= 2;
}

static void bus_on_turn_end(void *context)
{
    struct bus *bus = context;
    bus_run_local(bus);
    bool is_blocked = false;
    for (size_t i = 0; i < bus->peers_count; i++) {
        struct peer *peer = bus->peers[i];
        bus_announce_credit(peer);
        outbox_flush(&peer->lanes[LANE_CONTROL]);
        outbox_flush(&peer->lanes[LANE_DATA]);
        bus_pump(bus, peer);
        outbox_flush(&peer->lanes[LANE_DATA]);
        is_blocked = is_blocked || outbox_is_blocked(&peer->lanes[LANE_DATA]) ||
                     outbox_is_blocked(&peer->lanes[LANE_CONTROL]);
    }
    outbox_flush(&bus->agent);
    bus_retry_later(bus, is_blocked || outbox_is_blocked(&bus->agent));
    if (!TAILQ_EMPTY(&bus->ended)) loop_wake(bus->options.loop);
}

static void bus_on_frame(void *context, enum lane lane, struct text frame)
{
    bus_read_frame(context, lane, frame);
}

/* ---- life ---- */

/* Sockets of earlier lives are of no use to anybody: their paths carry the incarnation. */
static void bus_unlink_old(const char *run_dir, const char *name)
{
    DIR *directory = opendir(run_dir);
    if (directory == NULL) return;
    const size_t name_length = strlen(name);
    const struct dirent *entry;
    for (size_t i = 0; i < BUS_OLD_FILES_MAX && (entry = readdir(directory)) != NULL; i++) {
        const char *rest = entry->d_name + name_length;
        if (strncmp(entry->d_name, name, name_length) != 0 || rest[0] != '-') continue;
        if (strspn(rest + 1, "0123456789abcdef") != 16) continue;
        if (strcmp(rest + 17, ".data") != 0 && strcmp(rest + 17, ".control") != 0) continue;
        (void)unlinkat(dirfd(directory), entry->d_name, 0);
    }
    (void)closedir(directory);
}

static enum status bus_check_run_dir(const char *run_dir)
{
    struct stat information;
    if (mkdir(run_dir, 0700) != 0 && errno != EEXIST) return STATUS_UNAVAILABLE;
    if (lstat(run_dir, &information) != 0 || !S_ISDIR(information.st_mode))
        return STATUS_UNAVAILABLE;
    if (information.st_uid != geteuid() || (information.st_mode & 077) != 0) {
        log_error("run_dir_refused", LOG_STRING("path", run_dir));
        return STATUS_UNAVAILABLE;
    }
    return STATUS_OK;
}

/* Grows over restarts as long as the clock does; the random bits keep two starts in one microsecond
 * apart. */
static uint64_t incarnation_make(struct loop *loop)
{
    const struct rng *rng = loop_rng(loop);
    uint8_t low = 0;
    rng->fill(rng->context, &low, sizeof low);
    return (uint64_t)loop_real_us(loop) << 8 | low;
}

static enum status bus_bind(struct bus *bus)
{
    struct member *self = &bus->self;
    const int data_length =
        snprintf(self->data_endpoint, sizeof self->data_endpoint, "ipc://%s/%s-%016llx.data",
                 bus->options.run_dir, self->name, (unsigned long long)self->incarnation);
    const int control_length = snprintf(self->control_endpoint, sizeof self->control_endpoint,
                                        "ipc://%s/%s-%016llx.control", bus->options.run_dir,
                                        self->name, (unsigned long long)self->incarnation);
    if (data_length >= (int)sizeof self->data_endpoint ||
        control_length >= (int)sizeof self->control_endpoint)
        return STATUS_UNAVAILABLE;
    TRY(links_bind(bus->links, LANE_CONTROL, self->control_endpoint));
    return links_bind(bus->links, LANE_DATA, self->data_endpoint);
}

static void bus_open_agent(struct bus *bus)
{
    char endpoint[BUS_PATH_MAX];
    (void)snprintf(endpoint, sizeof endpoint, "ipc://%s/agent", bus->options.run_dir);
    struct frame_header header = { .sender = text_of(bus->self.name),
                                   .sender_kind = (uint8_t)bus->self.kind,
                                   .incarnation = bus->self.incarnation };
    frame_prove(bus_key_of(bus, bus->self.kind), 0, &header);
    outbox_init(&bus->agent, links_net(bus->links), endpoint, &header);
}

static struct bus *bus_make(const struct bus_options *options)
{
    struct bus *bus = calloc(1, sizeof *bus);
    if (bus == NULL) abort();
    bus->options = *options;
    bus->options.run_dir = strdup(options->run_dir);
    if (bus->options.run_dir == NULL) abort();
    struct member *self = &bus->self;
    (void)snprintf(self->name, sizeof self->name, "%s", options->name);
    self->kind = options->kind;
    self->incarnation = incarnation_make(options->loop);
    self->domains = options->domains;
    self->shard_first = options->shard_first;
    self->shard_last = options->shard_last;
    bus->heard_at_us = bus->joined_at_us = loop_now_us(bus->options.loop);
    absence_init(&bus->absence, bus->heard_at_us);
    bus->retry_delay_us = BUS_RETRY_MIN_US;
    bus->tick.on_fire = bus_on_tick;
    bus->retry.on_fire = bus_on_retry;
    TAILQ_INIT(&bus->ended);
    STAILQ_INIT(&bus->local);
    bus->links = links_new(&(struct links_options){ .loop = options->loop,
                                                    .context = bus,
                                                    .on_frame = bus_on_frame,
                                                    .on_turn_end = bus_on_turn_end });
    return bus;
}

static void bus_free(struct bus *bus)
{
    outbox_clear(&bus->agent);
    links_destroy(&bus->links);
    bus_drop_early(bus, INT64_MAX);
    free((void *)(uintptr_t)bus->options.run_dir);
    free(bus);
}

enum status bus_new(const struct bus_options *options, struct bus **ret_bus)
{
    assert(options != NULL);
    assert(options->loop != NULL);
    assert(options->fibers != NULL);
    assert(options->keys != NULL);
    assert(options->on_request != NULL);
    assert(options->credit_messages > 0);
    assert(strlen(options->name) <= MEMBER_NAME_MAX);
    TRY(bus_check_run_dir(options->run_dir));
    bus_unlink_old(options->run_dir, options->name);
    struct bus *bus = bus_make(options);
    bus_open_agent(bus);
    const enum status status = bus_bind(bus);
    if (status != STATUS_OK) {
        bus_free(bus);
        return status;
    }
    bus_send_join(bus);
    timer_start(loop_timers(options->loop), &bus->tick, loop_now_us(options->loop) + BUS_TICK_US);
    *ret_bus = bus;
    return STATUS_OK;
}

bool bus_reaches_agent(const struct bus *bus)
{
    assert(bus != NULL);
    return bus->agent.has_link && !outbox_is_blocked(&bus->agent);
}

/* Others are restarted by their supervisor, and keep their place. */
static void bus_say_goodbye(struct bus *bus)
{
    const struct envelope leave = { .kind = ENVELOPE_LEAVE };
    if (bus->self.kind != MEMBER_CLIENT || outbox_is_blocked(&bus->agent)) return;
    if (outbox_add(&bus->agent, &leave) != STATUS_OK) return;
    outbox_flush(&bus->agent);
    links_set_linger(bus->links, bus->agent.link, BUS_GOODBYE_MS);
}

void bus_destroy(struct bus **bus_pointer)
{
    assert(bus_pointer != NULL);
    struct bus *bus = *bus_pointer;
    if (bus == NULL) return;
    bus->is_stopping = true;
    struct timers *timers = loop_timers(bus->options.loop);
    timer_stop(timers, &bus->tick);
    timer_stop(timers, &bus->retry);
    bus_end_all_asks(bus);
    bus_drop_peers(bus);
    bus_say_goodbye(bus);
    bus_free(bus);
    *bus_pointer = NULL;
}

void bus_set_ready(struct bus *bus, bool is_ready)
{
    assert(bus != NULL);
    bus->self.is_ready = is_ready;
    bus->is_join_due = true;
    bus_send_join(bus);
}

const struct members *bus_members(const struct bus *bus)
{
    return &bus->members;
}

uint64_t bus_incarnation(const struct bus *bus)
{
    return bus->self.incarnation;
}

void bus_hint(struct bus *bus, const struct hint *hint)
{
    assert(bus != NULL);
    const struct envelope envelope = hint_write(hint);
    for (size_t i = 0; i < bus->peers_count; i++)
        if (bus->peers[i]->member.kind != MEMBER_CLIENT) peer_hint(bus->peers[i], &envelope);
    links_wake(bus->links);
}

/* The agent's links and clock: what it hears goes into the table of members, and what changes there
 * goes out in snapshots whose versions grow. */
#include "storage/agent.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/absence.h"
#include "runtime/arena.h"
#include "runtime/link.h"
#include "runtime/log.h"
#include "runtime/metrics.h"
#include "storage/listeners.h"
#include "storage/member_table.h"

enum {
    AGENT_TICK_US = 250000,
    AGENT_REPEAT_US = 1000000,
    AGENT_RETRY_US = 5000,
    AGENT_SNAPSHOT_BYTES = 32 << 10
};

/* The way to the member in the same place of the table. */
struct lane_out {
    struct outbox outbox;
    bool is_open, is_snapshot_due;
};

struct agent {
    struct agent_options options;
    struct links *links;
    int lock;
    int64_t started_us, told_us;
    struct absence absence;
    struct frame_header header; /* of every frame that it sends */
    struct member_table table;
    struct lane_out lanes[MEMBERS_MAX];
    struct listeners listeners;
    struct timer tick, retry;
};

static void agent_close_lane(struct agent *agent, size_t place)
{
    struct lane_out *lane = &agent->lanes[place];
    if (lane->is_open) outbox_clear(&lane->outbox);
    lane->is_open = false;
}

static void agent_open_lane(struct agent *agent, size_t place)
{
    struct lane_out *lane = &agent->lanes[place];
    agent_close_lane(agent, place);
    outbox_init(&lane->outbox, links_net(agent->links),
                agent->table.members.list[place].control_endpoint, &agent->header);
    lane->is_open = true;
}

/* ---- coming and going ---- */

static void agent_bury(struct agent *agent, size_t place)
{
    const struct member *member = &agent->table.members.list[place];
    if (member->kind != MEMBER_CLIENT)
        log_warning("member_lost", LOG_STRING("member", member->name));
    agent_close_lane(agent, place);
    const size_t moved = member_table_bury(&agent->table, place);
    if (moved == place) return;
    /* Clients are few and their links cheap: the one that moves gets a new one. */
    agent_close_lane(agent, moved);
    agent->lanes[place].is_snapshot_due = agent->lanes[moved].is_snapshot_due;
    agent->lanes[moved].is_snapshot_due = false;
    agent_open_lane(agent, place);
}

static void agent_receive_join(struct agent *agent, const struct member *joined)
{
    size_t place = 0;
    enum member_joining joining = MEMBER_REFUSED;
    if (member_has_sockets_in(joined, agent->options.run_dir))
        joining =
            member_table_join(&agent->table, joined, loop_now_us(agent->options.loop), &place);
    if (joining == MEMBER_REFUSED) {
        log_warning("join_refused", LOG_STRING("member", joined->name));
        metric_add(METRIC_ENVELOPES_DROPPED, 1);
        return;
    }
    if (joining == MEMBER_OUTDATED) return;
    listeners_answered(&agent->listeners, joined->incarnation);
    agent->lanes[place].is_snapshot_due = true;
    if (joining != MEMBER_REBORN) return;
    agent_open_lane(agent, place);
    log_info("member_joined", LOG_STRING("member", joined->name));
}

/* ---- frames ---- */

static bool agent_proves_frame(const struct agent *agent, const struct frame_header *header)
{
    const uint8_t *key = NULL;
    if (header->sender_kind == MEMBER_NODE || header->sender_kind == MEMBER_GATEWAY)
        key = agent->options.keys->mesh;
    else if (header->sender_kind == MEMBER_CLIENT)
        key = agent->options.keys->operator_;
    return key != NULL && header->incarnation != 0 && frame_is_proved(key, 0, header);
}

static void agent_receive_envelope(struct agent *agent, const struct frame_header *header,
                                   const struct envelope *envelope)
{
    struct member joined;
    if (envelope->kind == ENVELOPE_PING) {
        member_table_hear(&agent->table, header->sender, header->incarnation,
                          loop_now_us(agent->options.loop));
        return;
    }
    if (envelope->kind == ENVELOPE_LEAVE && header->sender_kind == MEMBER_CLIENT) {
        const size_t place = member_table_find(&agent->table, header->sender, header->incarnation);
        if (place != MEMBERS_MAX) agent_bury(agent, place);
        return;
    }
    /* Nobody joins in another's name. */
    if (envelope->kind != ENVELOPE_JOIN || member_decode(envelope->body, &joined) != STATUS_OK ||
        joined.kind != header->sender_kind || joined.incarnation != header->incarnation ||
        !text_equals_string(header->sender, joined.name)) {
        metric_add(METRIC_ENVELOPES_DROPPED, 1);
        return;
    }
    agent_receive_join(agent, &joined);
}

static void agent_on_frame(void *context, enum lane lane, struct text frame)
{
    struct agent *agent = context;
    struct frame_reader reader;
    struct frame_header header;
    (void)lane;
    if (frame_open(frame, &reader, &header) != STATUS_OK || !agent_proves_frame(agent, &header)) {
        metric_add(METRIC_FRAMES_DROPPED, 1);
        return;
    }
    struct envelope envelope;
    while (frame_next(&reader, &envelope) == STATUS_OK)
        agent_receive_envelope(agent, &header, &envelope);
}

/* ---- telling ---- */

static void agent_find_dead(struct agent *agent, int64_t now_us)
{
    if (now_us - agent->started_us < AGENT_GRACE_US) return;
    listeners_give_up(&agent->listeners);
    size_t place = MEMBERS_MAX;
    while ((place = member_table_find_dead(&agent->table, place, now_us)) != MEMBERS_MAX)
        agent_bury(agent, place);
}

static void agent_tell_all(struct agent *agent)
{
    for (size_t i = 0; i < agent->table.members.count; i++)
        agent->lanes[i].is_snapshot_due = true;
}

static void agent_on_tick(struct timer *timer)
{
    struct agent *agent = CONTAINER_OF(timer, struct agent, tick);
    const int64_t now_us = loop_now_us(agent->options.loop);
    timer_start(loop_timers(agent->options.loop), timer, now_us + AGENT_TICK_US);
    const int64_t absence_us = absence_measure(&agent->absence, now_us, AGENT_TICK_US);
    if (absence_us > 0) {
        log_warning("agent_was_away", LOG_INT("ms", absence_us / 1000));
        member_table_forgive(&agent->table, absence_us);
        agent->started_us += absence_us;
    }
    agent_find_dead(agent, now_us);
    if (now_us - agent->told_us < AGENT_REPEAT_US) return;
    agent->told_us = now_us;
    agent_tell_all(agent);
}

static void agent_on_retry(struct timer *timer)
{
    (void)timer; /* the turn that it makes tries again */
}

/* Gives true if somebody's link does not take it yet. */
static bool agent_send(struct agent *agent, struct text snapshot)
{
    bool is_blocked = false;
    const struct envelope envelope = { .kind = ENVELOPE_SNAPSHOT, .body = snapshot };
    for (size_t i = 0; i < agent->table.members.count; i++) {
        struct lane_out *lane = &agent->lanes[i];
        if (!lane->is_open) continue;
        outbox_flush(&lane->outbox);
        if (lane->is_snapshot_due && !outbox_is_blocked(&lane->outbox) &&
            outbox_add(&lane->outbox, &envelope) == STATUS_OK)
            lane->is_snapshot_due = false;
        outbox_flush(&lane->outbox);
        is_blocked = is_blocked || outbox_is_blocked(&lane->outbox);
    }
    return is_blocked;
}

static void agent_on_turn_end(void *context)
{
    struct agent *agent = context;
    struct loop *loop = agent->options.loop;
    bool is_blocked = listeners_flush(&agent->listeners);
    /* A snapshot without those who have not answered yet would cut them off. */
    if (agent->listeners.left == 0) {
        if (member_table_renew(&agent->table)) agent_tell_all(agent);
        struct arena *arena = arena_new(AGENT_SNAPSHOT_BYTES);
        is_blocked = agent_send(agent, members_encode(arena, &agent->table.members)) || is_blocked;
        arena_destroy(&arena);
    }
    if (is_blocked && !timer_is_started(&agent->retry))
        timer_start(loop_timers(loop), &agent->retry, loop_now_us(loop) + AGENT_RETRY_US);
}

/* ---- start ---- */

static enum status agent_lock(struct agent *agent)
{
    char path[MEMBER_ENDPOINT_MAX];
    const int length = snprintf(path, sizeof path, "%s/agent.lock", agent->options.run_dir);
    if (length < 0 || length >= (int)sizeof path) return STATUS_UNAVAILABLE;
    if (mkdir(agent->options.run_dir, 0700) != 0 && errno != EEXIST) return STATUS_UNAVAILABLE;
    agent->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (agent->lock < 0) return STATUS_UNAVAILABLE;
    if (flock(agent->lock, LOCK_EX | LOCK_NB) != 0) return STATUS_CONFLICT;
    return STATUS_OK;
}

static enum status agent_start(struct agent *agent)
{
    char endpoint[MEMBER_ENDPOINT_MAX + 1];
    TRY(agent_lock(agent));
    const int length =
        snprintf(endpoint, sizeof endpoint, "ipc://%s/agent", agent->options.run_dir);
    if (length < 0 || length >= (int)sizeof endpoint) return STATUS_UNAVAILABLE;
    TRY(links_bind(agent->links, LANE_CONTROL, endpoint));
    listeners_ask(&agent->listeners, agent->options.run_dir, links_net(agent->links),
                  &agent->header);
    struct loop *loop = agent->options.loop;
    timer_start(loop_timers(loop), &agent->tick, loop_now_us(loop) + AGENT_TICK_US);
    return STATUS_OK;
}

enum status agent_new(const struct agent_options *options, struct agent **ret_agent)
{
    assert(options != NULL);
    assert(options->loop != NULL);
    assert(options->keys != NULL);
    struct agent *agent = calloc(1, sizeof *agent);
    if (agent == NULL) abort();
    agent->options = *options;
    agent->options.run_dir = strdup(options->run_dir);
    if (agent->options.run_dir == NULL) abort();
    agent->lock = -1;
    agent->started_us = loop_now_us(options->loop);
    absence_init(&agent->absence, agent->started_us);
    agent->tick.on_fire = agent_on_tick;
    agent->retry.on_fire = agent_on_retry;
    /* Real time, so that both grow from one life of the agent to the next. */
    const uint64_t incarnation = (uint64_t)loop_real_us(options->loop);
    agent->header = (struct frame_header){ .sender = TEXT("agent"),
                                           .sender_kind = MEMBER_AGENT,
                                           .incarnation = incarnation };
    frame_prove(options->keys->mesh, 0, &agent->header);
    member_table_init(&agent->table, options->configured, incarnation);
    agent->links = links_new(&(struct links_options){ .loop = options->loop,
                                                      .context = agent,
                                                      .on_frame = agent_on_frame,
                                                      .on_turn_end = agent_on_turn_end });
    const enum status status = agent_start(agent);
    if (status != STATUS_OK) {
        agent_destroy(&agent);
        return status;
    }
    *ret_agent = agent;
    return STATUS_OK;
}

void agent_destroy(struct agent **agent_pointer)
{
    assert(agent_pointer != NULL);
    struct agent *agent = *agent_pointer;
    if (agent == NULL) return;
    timer_stop(loop_timers(agent->options.loop), &agent->tick);
    timer_stop(loop_timers(agent->options.loop), &agent->retry);
    for (size_t i = 0; i < MEMBERS_MAX; i++)
        agent_close_lane(agent, i);
    listeners_give_up(&agent->listeners);
    links_destroy(&agent->links);
    if (agent->lock >= 0) (void)close(agent->lock);
    free((void *)(uintptr_t)agent->options.run_dir);
    free(agent);
    *agent_pointer = NULL;
}

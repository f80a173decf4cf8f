/* Keeps the newest life of each member, declares silent ones dead, and tells everybody in snapshots
 * whose versions grow. */
#include "storage/agent.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "runtime/arena.h"
#include "runtime/link.h"
#include "runtime/log.h"
#include "runtime/metrics.h"
#include "runtime/outbox.h"

enum {
    AGENT_TICK_US = 250000,
    AGENT_REPEAT_US = 1000000,
    AGENT_RETRY_US = 5000,
    AGENT_ASKED_MAX = MEMBERS_MAX,
    AGENT_FILES_MAX = 4096,
    AGENT_SNAPSHOT_BYTES = 32 << 10
};

/* What is known of a member beyond what the others need. */
struct entry {
    struct outbox outbox;
    bool has_outbox, is_snapshot_due;
    int64_t heard_at_us, joined_at_us;
};

/* A process that listens from before our start and has not joined again yet. */
struct asked {
    struct outbox outbox;
    uint64_t incarnation; /* 0: answered, or given up */
};

struct agent {
    struct agent_options options;
    struct links *links;
    int lock;
    uint64_t incarnation;
    int64_t started_at_us, told_at_us;
    struct members members;
    size_t configured_count; /* these come first in members.list, clients after them */
    struct entry entries[MEMBERS_MAX];
    struct asked asked[AGENT_ASKED_MAX];
    size_t asked_count, asked_left;
    bool is_changed;
    struct timer tick, retry;
};

static void agent_open_outbox(struct agent *agent, struct outbox *outbox, const char *endpoint)
{
    struct frame_header header = { .sender = TEXT("agent"),
                                   .sender_kind = MEMBER_AGENT,
                                   .incarnation = agent->incarnation };
    frame_prove(agent->options.keys->mesh, 0, &header);
    outbox_init(outbox, links_net(agent->links), endpoint, &header);
}

/* ---- coming and going ---- */

static void entry_close(struct entry *entry)
{
    if (entry->has_outbox) outbox_clear(&entry->outbox);
    entry->has_outbox = false;
}

static void agent_forget_asked(struct agent *agent, struct asked *asked)
{
    if (asked->incarnation == 0) return;
    outbox_clear(&asked->outbox);
    asked->incarnation = 0;
    agent->asked_left--;
}

static void agent_drop_client(struct agent *agent, size_t position)
{
    entry_close(&agent->entries[position]);
    const size_t last = --agent->members.count;
    if (position != last) {
        /* Clients are few and their links cheap: the one that moves gets a new one. */
        entry_close(&agent->entries[last]);
        agent->members.list[position] = agent->members.list[last];
        agent->entries[position] = agent->entries[last];
        agent_open_outbox(agent, &agent->entries[position].outbox,
                          agent->members.list[position].control_endpoint);
        agent->entries[position].has_outbox = true;
    }
    memset(&agent->members.list[last], 0, sizeof(struct member));
    memset(&agent->entries[last], 0, sizeof(struct entry));
    agent->is_changed = true;
}

static void agent_declare_dead(struct agent *agent, size_t position)
{
    struct member *member = &agent->members.list[position];
    log_warning("member_lost", LOG_STRING("member", member->name));
    entry_close(&agent->entries[position]);
    member->incarnation = 0;
    member->is_ready = false;
    agent->is_changed = true;
}

/* Room for a joining client; NULL when there are too many. */
static struct member *agent_add_client(struct agent *agent, const struct member *joined)
{
    if (strncmp(joined->name, "client-", 7) != 0) return NULL;
    if (agent->members.count >= MEMBERS_MAX) return NULL;
    if (agent->members.count - agent->configured_count >= AGENT_CLIENTS_MAX) return NULL;
    struct member *member = &agent->members.list[agent->members.count++];
    *member = (struct member){ .kind = MEMBER_CLIENT };
    (void)snprintf(member->name, sizeof member->name, "%s", joined->name);
    return member;
}

static struct member *agent_place_of(struct agent *agent, const struct member *joined)
{
    for (size_t i = 0; i < agent->members.count; i++) {
        struct member *member = &agent->members.list[i];
        if (strcmp(member->name, joined->name) != 0) continue;
        return member->kind == joined->kind ? member : NULL;
    }
    return joined->kind == MEMBER_CLIENT ? agent_add_client(agent, joined) : NULL;
}

/* "ipc://RUN_DIR/NAME-": sockets elsewhere are nobody's. */
static bool agent_allows_endpoint(const struct agent *agent, const char *endpoint, const char *name)
{
    char prefix[MEMBER_ENDPOINT_MAX + 1];
    const int length =
        snprintf(prefix, sizeof prefix, "ipc://%s/%s-", agent->options.run_dir, name);
    if (length < 0 || length >= (int)sizeof prefix) return false;
    return strncmp(endpoint, prefix, (size_t)length) == 0 && strchr(endpoint + length, '/') == NULL;
}

static void agent_receive_join(struct agent *agent, const struct member *joined)
{
    struct member *member = NULL;
    if (agent_allows_endpoint(agent, joined->data_endpoint, joined->name) &&
        agent_allows_endpoint(agent, joined->control_endpoint, joined->name))
        member = agent_place_of(agent, joined);
    if (member == NULL) {
        log_warning("join_refused", LOG_STRING("member", joined->name));
        metric_add(METRIC_ENVELOPES_DROPPED, 1);
        return;
    }
    if (joined->incarnation < member->incarnation) return;
    struct entry *entry = &agent->entries[member - agent->members.list];
    const int64_t now_us = loop_now_us(agent->options.loop);
    entry->heard_at_us = entry->joined_at_us = now_us;
    for (size_t i = 0; i < agent->asked_count; i++)
        if (agent->asked[i].incarnation == joined->incarnation)
            agent_forget_asked(agent, &agent->asked[i]);
    entry->is_snapshot_due = true;
    if (joined->incarnation == member->incarnation && joined->is_ready == member->is_ready) return;
    if (joined->incarnation != member->incarnation) {
        entry_close(entry);
        agent_open_outbox(agent, &entry->outbox, joined->control_endpoint);
        entry->has_outbox = true;
        log_info("member_joined", LOG_STRING("member", joined->name));
    }
    *member = *joined;
    agent->is_changed = true;
}

static void agent_receive_ping(struct agent *agent, const struct frame_header *header)
{
    for (size_t i = 0; i < agent->members.count; i++) {
        const struct member *member = &agent->members.list[i];
        if (member->incarnation != header->incarnation ||
            !text_equals_string(header->sender, member->name))
            continue;
        agent->entries[i].heard_at_us = loop_now_us(agent->options.loop);
        return;
    }
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
        agent_receive_ping(agent, header);
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

static void agent_find_dead(struct agent *agent)
{
    const int64_t now_us = loop_now_us(agent->options.loop);
    if (now_us - agent->started_at_us < AGENT_GRACE_US) return;
    for (size_t i = 0; i < agent->asked_count; i++)
        agent_forget_asked(agent, &agent->asked[i]);
    for (size_t i = agent->members.count; i > 0; i--) {
        const struct member *member = &agent->members.list[i - 1];
        const struct entry *entry = &agent->entries[i - 1];
        if (member->incarnation == 0) continue;
        if (member->kind == MEMBER_CLIENT) {
            if (now_us - entry->joined_at_us >= AGENT_CLIENT_DEAD_US)
                agent_drop_client(agent, i - 1);
        } else if (now_us - entry->heard_at_us >= AGENT_DEAD_US) {
            agent_declare_dead(agent, i - 1);
        }
    }
}

static void agent_on_tick(struct timer *timer)
{
    struct agent *agent = CONTAINER_OF(timer, struct agent, tick);
    const int64_t now_us = loop_now_us(agent->options.loop);
    timer_start(loop_timers(agent->options.loop), timer, now_us + AGENT_TICK_US);
    agent_find_dead(agent);
    if (now_us - agent->told_at_us < AGENT_REPEAT_US) return;
    agent->told_at_us = now_us;
    for (size_t i = 0; i < agent->members.count; i++)
        agent->entries[i].is_snapshot_due = true;
}

static void agent_on_retry(struct timer *timer)
{
    (void)timer; /* the turn that it makes tries again */
}

/* Gives true if somebody's link does not take it yet. */
static bool agent_tell(struct agent *agent, struct text snapshot)
{
    bool is_blocked = false;
    const struct envelope envelope = { .kind = ENVELOPE_SNAPSHOT, .body = snapshot };
    for (size_t i = 0; i < agent->members.count; i++) {
        struct entry *entry = &agent->entries[i];
        if (!entry->has_outbox) continue;
        outbox_flush(&entry->outbox);
        if (entry->is_snapshot_due && !outbox_is_blocked(&entry->outbox) &&
            outbox_add(&entry->outbox, &envelope) == STATUS_OK)
            entry->is_snapshot_due = false;
        outbox_flush(&entry->outbox);
        is_blocked = is_blocked || outbox_is_blocked(&entry->outbox);
    }
    return is_blocked;
}

static bool agent_flush_asked(struct agent *agent)
{
    bool is_blocked = false;
    for (size_t i = 0; i < agent->asked_count; i++) {
        if (agent->asked[i].incarnation == 0) continue;
        outbox_flush(&agent->asked[i].outbox);
        is_blocked = is_blocked || outbox_is_blocked(&agent->asked[i].outbox);
    }
    return is_blocked;
}

static void agent_on_turn_end(void *context)
{
    struct agent *agent = context;
    bool is_blocked = agent_flush_asked(agent);
    /* A snapshot without those who have not answered yet would cut them off. */
    if (agent->asked_left == 0) {
        if (agent->is_changed) {
            agent->members.version++;
            agent->is_changed = false;
            for (size_t i = 0; i < agent->members.count; i++)
                agent->entries[i].is_snapshot_due = true;
        }
        struct arena *arena = arena_new(AGENT_SNAPSHOT_BYTES);
        is_blocked = agent_tell(agent, members_encode(arena, &agent->members)) || is_blocked;
        arena_destroy(&arena);
    }
    struct loop *loop = agent->options.loop;
    if (is_blocked && !timer_is_started(&agent->retry))
        timer_start(loop_timers(loop), &agent->retry, loop_now_us(loop) + AGENT_RETRY_US);
}

/* ---- start ---- */

static bool socket_is_alive(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    if (strlen(path) >= sizeof address.sun_path) return false;
    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return false;
    const bool is_alive =
        connect(fd, (const struct sockaddr *)&address, sizeof address) == 0 || errno == EAGAIN;
    (void)close(fd);
    return is_alive;
}

/* NAME-INCARNATION.control; gives 0 for any other name. */
static uint64_t incarnation_in(const char *file)
{
    const char *suffix = strrchr(file, '.');
    if (suffix == NULL || strcmp(suffix, ".control") != 0 || suffix - file < 18) return 0;
    if (suffix[-17] != '-' || strspn(suffix - 16, "0123456789abcdef") != 16) return 0;
    return strtoull(suffix - 16, NULL, 16);
}

static void agent_ask_one(struct agent *agent, const char *file)
{
    char path[MEMBER_ENDPOINT_MAX], endpoint[MEMBER_ENDPOINT_MAX + 8];
    const uint64_t incarnation = incarnation_in(file);
    if (incarnation == 0 || agent->asked_count >= AGENT_ASKED_MAX) return;
    const int length = snprintf(path, sizeof path, "%s/%s", agent->options.run_dir, file);
    if (length < 0 || length >= (int)sizeof path) return;
    if (!socket_is_alive(path)) {
        (void)unlink(path);
        return;
    }
    (void)snprintf(endpoint, sizeof endpoint, "ipc://%s", path);
    struct asked *asked = &agent->asked[agent->asked_count++];
    asked->incarnation = incarnation;
    agent->asked_left++;
    agent_open_outbox(agent, &asked->outbox, endpoint);
    /* Version 0 says nothing and asks for a JOIN. */
    static const struct members nobody;
    struct arena *arena = arena_new(1024);
    const struct envelope envelope = { .kind = ENVELOPE_SNAPSHOT,
                                       .body = members_encode(arena, &nobody) };
    if (outbox_add(&asked->outbox, &envelope) != STATUS_OK) metric_add(METRIC_ENVELOPES_DROPPED, 1);
    arena_destroy(&arena);
}

static void agent_ask_listeners(struct agent *agent)
{
    DIR *directory = opendir(agent->options.run_dir);
    if (directory == NULL) return;
    const struct dirent *entry;
    for (size_t i = 0; i < AGENT_FILES_MAX && (entry = readdir(directory)) != NULL; i++)
        agent_ask_one(agent, entry->d_name);
    (void)closedir(directory);
}

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

static void agent_add_configured(struct agent *agent, const struct members *configured)
{
    for (size_t i = 0; i < configured->count; i++) {
        const struct member *from = &configured->list[i];
        if (from->kind != MEMBER_NODE && from->kind != MEMBER_GATEWAY) continue;
        struct member *member = &agent->members.list[agent->members.count++];
        *member = *from;
        member->incarnation = 0;
        member->is_ready = false;
    }
    agent->configured_count = agent->members.count;
}

static enum status agent_start(struct agent *agent)
{
    char endpoint[MEMBER_ENDPOINT_MAX + 1];
    TRY(agent_lock(agent));
    const int length =
        snprintf(endpoint, sizeof endpoint, "ipc://%s/agent", agent->options.run_dir);
    if (length < 0 || length >= (int)sizeof endpoint) return STATUS_UNAVAILABLE;
    TRY(links_bind(agent->links, LANE_CONTROL, endpoint));
    agent_ask_listeners(agent);
    struct loop *loop = agent->options.loop;
    timer_start(loop_timers(loop), &agent->tick, loop_now_us(loop) + AGENT_TICK_US);
    return STATUS_OK;
}

enum status agent_new(const struct agent_options *options, struct agent **ret_agent)
{
    assert(options != NULL);
    assert(options->loop != NULL);
    assert(options->configured->count <= MEMBERS_MAX);
    struct agent *agent = calloc(1, sizeof *agent);
    if (agent == NULL) abort();
    agent->options = *options;
    agent->options.run_dir = strdup(options->run_dir);
    if (agent->options.run_dir == NULL) abort();
    agent->lock = -1;
    agent->started_at_us = loop_now_us(agent->options.loop);
    agent->tick.on_fire = agent_on_tick;
    agent->retry.on_fire = agent_on_retry;
    /* Real time, so that both grow from one life of the agent to the next. */
    agent->incarnation = agent->members.version = (uint64_t)loop_real_us(options->loop);
    agent_add_configured(agent, options->configured);
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
    struct timers *timers = loop_timers(agent->options.loop);
    timer_stop(timers, &agent->tick);
    timer_stop(timers, &agent->retry);
    for (size_t i = 0; i < MEMBERS_MAX; i++)
        entry_close(&agent->entries[i]);
    for (size_t i = 0; i < agent->asked_count; i++)
        agent_forget_asked(agent, &agent->asked[i]);
    links_destroy(&agent->links);
    if (agent->lock >= 0) (void)close(agent->lock);
    free((void *)(uintptr_t)agent->options.run_dir);
    free(agent);
    *agent_pointer = NULL;
}

const struct members *agent_members(const struct agent *agent)
{
    return &agent->members;
}

/* Builds the stage of node_stage.h. */
#include "tests/support/node_stage.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actors/host/address.h"
#include "messages/codec_msgpack.h"
#include "runtime/secret.h"
#include "storage/agent.h"
#include "tests/support/scratch_database.h"
#include "tests/support/time_skip.h"

enum {
    ASK_US = 20 * 1000 * 1000,
    READY_TRIES = 2000,
    STORY_PAUSE_US = 5000,
    SKIP_STEP_US = 100 * 1000,
    SKIP_REST_US = 3000,
    FIXED_ARGUMENTS = 3
};

struct stage {
    struct scratch *scratch;
    struct loop *loop;
    struct time_skip skip;
    struct fibers *fibers;
    struct config *config;
    struct mesh_keys keys;
    struct agent *agent;
    struct bus *gateway, *client;
    struct host host;
    struct arena *arena;
    uint32_t domains;
    char directory[64];
    void (*story)(struct stage *stage, void *context);
    void *context;
    bool is_story_done;
};

static void must(bool is_good, const char *what)
{
    if (is_good) return;
    fprintf(stderr, "stage: %s\n", what);
    abort();
}

static void load_config(struct stage *stage, const char *const *domains, size_t count,
                        const char *const *settings, size_t settings_count)
{
    static char program[] = "test", test_mode[] = "--test-mode";
    char data_dir[100];
    char *arguments[20] = { program, test_mode, data_dir };
    must(count + settings_count + FIXED_ARGUMENTS <= ARRAY_LENGTH(arguments), "too many domains");
    (void)snprintf(data_dir, sizeof data_dir, "--data-dir=%s", stage->directory);
    for (size_t i = 0; i < count; i++)
        must(asprintf(&arguments[FIXED_ARGUMENTS + i], "--database.%s=%s", domains[i],
                      scratch_conninfo(stage->scratch, domains[i])) > 0,
             "no memory");
    for (size_t i = 0; i < settings_count; i++)
        must(asprintf(&arguments[FIXED_ARGUMENTS + count + i], "%s", settings[i]) > 0, "no memory");
    count += settings_count;
    int first;
    char *environment[] = { NULL };
    stage->config = config_new();
    const enum status status =
        config_load(stage->config, (int)(FIXED_ARGUMENTS + count), arguments, environment, &first);
    must(status == STATUS_OK, config_problem(stage->config));
    for (size_t i = 0; i < count; i++)
        free(arguments[FIXED_ARGUMENTS + i]);
}

static void refuse(void *context, const struct envelope *envelope,
                   const struct return_address *from)
{
    struct bus **bus = context;
    (void)envelope;
    const struct envelope reply = { .kind = ENVELOPE_REPLY, .status = STATUS_UNSUPPORTED };
    bus_reply(*bus, from, &reply);
}

static struct bus *open_bus(struct stage *stage, const char *name, enum member_kind kind,
                            struct bus **slot)
{
    const struct bus_options options = {
        .loop = stage->loop,
        .fibers = stage->fibers,
        .name = name,
        .kind = kind,
        .run_dir = stage->directory,
        .keys = &stage->keys,
        .credit_messages = 1024,
        .queue_max = 4096,
        .context = slot,
        .on_request = refuse,
    };
    struct bus *bus = NULL;
    must(bus_new(&options, &bus) == STATUS_OK, "the bus does not open");
    return bus;
}

static void start_agent(struct stage *stage)
{
    struct members *configured = calloc(1, sizeof *configured);
    must(configured != NULL, "no memory");
    configured->count = 2;
    snprintf(configured->list[0].name, sizeof configured->list[0].name, "node-1");
    configured->list[0].kind = MEMBER_NODE;
    snprintf(configured->list[1].name, sizeof configured->list[1].name, "gateway-1");
    configured->list[1].kind = MEMBER_GATEWAY;
    const struct agent_options options = {
        .loop = stage->loop,
        .run_dir = stage->directory,
        .keys = &stage->keys,
        .configured = configured,
    };
    must(agent_new(&options, &stage->agent) == STATUS_OK, "the agent does not start");
    free(configured);
}

static void start_node(struct stage *stage)
{
    const struct node_options options = {
        .loop = stage->loop,
        .fibers = stage->fibers,
        .config = stage->config,
        .keys = &stage->keys,
        .name = "node-1",
        .run_dir = stage->directory,
        .domains = stage->domains,
        .shard_first = 0,
        .shard_last = SHARD_COUNT - 1,
    };
    must(node_start(&stage->host, &options) == STATUS_OK, "the node does not start");
}

static bool is_ready_for(const struct bus *bus, uint32_t domains)
{
    const struct members *members = bus_members(bus);
    for (unsigned domain = 0; domain < DOMAIN_LIMIT; domain++) {
        if ((domains >> domain & 1) != 0 && members_owner(members, domain, 0) == NULL) return false;
    }
    return members->count > 0;
}

static void wait_ready(struct stage *stage, void *context)
{
    (void)context;
    for (int i = 0; i < READY_TRIES; i++) {
        if (is_ready_for(stage->gateway, stage->domains) &&
            is_ready_for(stage->client, stage->domains) &&
            is_ready_for(stage->host.bus, stage->domains))
            return;
        stage_sleep(stage, STORY_PAUSE_US);
    }
    must(false, "the node is not ready in time");
}

struct stage *stage_new(const char *const *domains, size_t count)
{
    return stage_new_with(domains, count, NULL, 0);
}

struct stage *stage_new_with(const char *const *domains, size_t count, const char *const *settings,
                             size_t settings_count)
{
    struct stage *stage = calloc(1, sizeof *stage);
    must(stage != NULL, "no memory");
    snprintf(stage->directory, sizeof stage->directory, "/tmp/souk-stage-XXXXXX");
    must(mkdtemp(stage->directory) != NULL, "no directory");
    stage->scratch = scratch_new(domains, count, "actors");
    load_config(stage, domains, count, settings, settings_count);
    for (size_t i = 0; i < count; i++) {
        enum domain number;
        must(domain_find(domains[i], strlen(domains[i]), &number), "an unknown domain");
        stage->domains |= (uint32_t)1 << number;
    }
    stage->loop = loop_new();
    time_skip_init(&stage->skip, stage->loop);
    stage->fibers = fibers_new(loop_timers(stage->loop), loop_clock(stage->loop));
    stage->arena = arena_new(64 * 1024);
    const struct rng *rng = loop_rng(stage->loop);
    rng->fill(rng->context, &stage->keys, sizeof stage->keys);
    start_agent(stage);
    stage->gateway = open_bus(stage, "gateway-1", MEMBER_GATEWAY, &stage->gateway);
    stage->client = open_bus(stage, "client-1", MEMBER_CLIENT, &stage->client);
    start_node(stage);
    stage->is_story_done = true; /* there was none */
    stage_run(stage, wait_ready, NULL);
    return stage;
}

/* A claim that fails jumps out of the story's fiber, which then never ends: what comes after would
 * wait for it for ever. The failure has been printed. */
static void stage_end_if_broken(const struct stage *stage)
{
    if (stage->is_story_done) return;
    (void)fprintf(stderr, "a story has failed inside the node: the program ends here\n");
    exit(EXIT_FAILURE);
}

void stage_restart_node(struct stage *stage)
{
    /* The other buses wait on no fiber here, so stopping the waits touches the node alone; fibers
     * are then new. */
    node_destroy(&stage->host);
    bus_destroy(&stage->gateway);
    bus_destroy(&stage->client);
    fibers_destroy(&stage->fibers);
    stage->fibers = fibers_new(loop_timers(stage->loop), loop_clock(stage->loop));
    stage->gateway = open_bus(stage, "gateway-1", MEMBER_GATEWAY, &stage->gateway);
    stage->client = open_bus(stage, "client-1", MEMBER_CLIENT, &stage->client);
    start_node(stage);
    stage_run(stage, wait_ready, NULL);
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *position)
{
    (void)info;
    (void)type;
    (void)position;
    (void)remove(path);
    return 0;
}

void stage_destroy(struct stage **stage)
{
    struct stage *gone = *stage;
    stage_end_if_broken(gone);
    node_destroy(&gone->host);
    bus_destroy(&gone->gateway);
    bus_destroy(&gone->client);
    agent_destroy(&gone->agent);
    fibers_destroy(&gone->fibers);
    loop_destroy(&gone->loop);
    scratch_destroy(&gone->scratch);
    config_destroy(&gone->config);
    arena_destroy(&gone->arena);
    (void)nftw(gone->directory, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    free(gone);
    *stage = NULL;
}

static void story_fiber(void *argument)
{
    struct stage *stage = argument;
    stage->story(stage, stage->context);
    stage->is_story_done = true;
    loop_stop(stage->loop);
}

void stage_run(struct stage *stage, void (*story)(struct stage *stage, void *context),
               void *context)
{
    stage_end_if_broken(stage);
    stage->story = story;
    stage->context = context;
    stage->is_story_done = false;
    must(fiber_spawn(stage->fibers, story_fiber, stage) == STATUS_OK, "no fiber");
    while (!stage->is_story_done)
        loop_run(stage->loop);
}

static struct bus *bus_of(struct stage *stage, enum message_role role)
{
    if (role == ROLE_NODE) return stage->host.bus;
    return role == ROLE_OPERATOR ? stage->client : stage->gateway;
}

void stage_sign(struct stage *stage, const struct principal *principal, struct envelope *envelope)
{
    envelope->principal = *principal;
    if (principal->expires_at_us == 0)
        envelope->principal.expires_at_us = loop_real_us(stage->loop) + 600 * 1000000LL;
    principal_prove(stage->keys.principal, envelope->msg_id, &envelope->principal,
                    envelope->principal_proof);
}

void stage_address(struct stage *stage, struct uuid shopper, const struct message *message,
                   const void *body, struct envelope *ret_envelope)
{
    struct envelope envelope;
    const enum status status =
        address_message(message, body, stage_new_id(stage, 0), stage->arena, &envelope);
    must(status == STATUS_OK, "the message cannot be encoded");
    envelope.principal = (struct principal){ .kind = PRINCIPAL_NONE };
    const struct principal principal = { .kind = PRINCIPAL_SHOPPER,
                                         .id = shopper,
                                         .rights = UINT64_MAX };
    if (!uuid_is_zero(shopper)) stage_sign(stage, &principal, &envelope);
    unsigned shard = 0;
    const struct uuid sender = envelope_sender(&envelope.principal, envelope.msg_id);
    if (message_key_of(message, body, sender, &envelope.key, &shard))
        envelope.shard = (uint8_t)shard;
    *ret_envelope = envelope;
}

enum status stage_send(struct stage *stage, enum message_role as, const struct envelope *envelope,
                       int64_t wait_us, struct envelope *ret_reply)
{
    return bus_ask(bus_of(stage, as), envelope, loop_now_us(stage->loop) + wait_us, stage->arena,
                   ret_reply);
}

enum status stage_ask_with_key(struct stage *stage, struct uuid shopper, const char *key,
                               const struct message *message, const void *body, void *ret_reply,
                               bool *ret_is_replay, int *ret_http_status)
{
    struct envelope envelope, reply;
    stage_address(stage, shopper, message, body, &envelope);
    if (key != NULL) {
        envelope.has_idempotency = true;
        memcpy(envelope.idempotency_key, key, strnlen(key, sizeof envelope.idempotency_key));
        memcpy(envelope.idempotency_fingerprint, envelope.body.data,
               envelope.body.length < 16 ? envelope.body.length : 16);
    }
    const enum status status = stage_send(stage, message->role, &envelope, ASK_US, &reply);
    if (status != STATUS_OK) return status;
    if (ret_is_replay != NULL) *ret_is_replay = reply.is_replayed;
    if (ret_http_status != NULL) *ret_http_status = reply.http_status;
    return address_read_reply(message, &reply, stage->arena, ret_reply);
}

enum status stage_ask(struct stage *stage, struct uuid shopper, const struct message *message,
                      const void *body, void *ret_reply)
{
    return stage_ask_with_key(stage, shopper, NULL, message, body, ret_reply, NULL, NULL);
}

struct arena *stage_arena(struct stage *stage)
{
    return stage->arena;
}

struct uuid stage_new_id(struct stage *stage, unsigned shard)
{
    uint8_t random[10];
    const struct rng *rng = loop_rng(stage->loop);
    rng->fill(rng->context, random, sizeof random);
    return uuid_make(loop_real_us(stage->loop), random, shard);
}

void stage_sleep(struct stage *stage, int64_t duration_us)
{
    must(fiber_sleep(stage->fibers, duration_us) == STATUS_OK, "the stage stops");
}

void stage_skip(struct stage *stage, int64_t duration_us)
{
    for (int64_t left_us = duration_us; left_us > 0; left_us -= SKIP_STEP_US) {
        time_skip_by(&stage->skip, left_us < SKIP_STEP_US ? left_us : SKIP_STEP_US);
        stage_sleep(stage, SKIP_REST_US);
    }
}

int64_t stage_now_us(const struct stage *stage)
{
    return loop_market_us(stage->loop);
}

const char *stage_sql(const struct stage *stage, const char *domain, const char *sql)
{
    return scratch_sql(stage->scratch, domain, sql);
}

const char *stage_admin_conninfo(const struct stage *stage, const char *domain)
{
    return scratch_admin_conninfo(stage->scratch, domain);
}

const char *stage_directory(const struct stage *stage)
{
    return stage->directory;
}

struct host *stage_host(struct stage *stage)
{
    return &stage->host;
}

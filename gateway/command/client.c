/* Joins the mesh, asks, and repeats what an outage has swallowed. */
#include "gateway/command/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common_messages.h"
#include "messages/codec_msgpack.h"
#include "runtime/bus.h"
#include "runtime/log.h"
#include "runtime/program.h"
#include "runtime/secret.h"

enum { JOIN_PAUSE_US = 20 * 1000 };

struct client {
    struct loop *loop;
    struct fibers *fibers;
    struct bus *bus;
    struct mesh_keys keys;
    char name[MEMBER_NAME_MAX + 1];
    char run_dir[PATHS_MAX];
    int64_t patience_us, attempt_us;
    bool is_giving_up;
    void (*entry)(void *argument);
    void *argument;
    bool has_ended;
};

/* A client answers no message. */
static void on_request(void *context, const struct envelope *envelope,
                       const struct return_address *from)
{
    struct client *client = context;
    const struct envelope reply = { .kind = ENVELOPE_REPLY,
                                    .domain = envelope->domain,
                                    .number = envelope->number,
                                    .msg_id = envelope->msg_id,
                                    .status = STATUS_UNSUPPORTED };
    bus_reply(client->bus, from, &reply);
}

static enum status open_bus(struct client *client)
{
    const struct bus_options options = {
        .loop = client->loop,
        .fibers = client->fibers,
        .name = client->name,
        .kind = MEMBER_CLIENT,
        .run_dir = client->run_dir,
        .keys = &client->keys,
        .credit_messages = CLIENT_CREDIT_MESSAGES,
        .queue_max = CLIENT_QUEUE_MAX,
        .context = client,
        .on_request = on_request,
    };
    return bus_new(&options, &client->bus);
}

enum status client_open(const struct config *config, const char *program,
                        struct client **ret_client)
{
    const char *data_dir = config_text(config, SETTING_PATHS_DATA_DIR);
    struct client *client = calloc(1, sizeof *client);
    if (client == NULL) abort();
    client->patience_us = CLIENT_JOIN_US;
    client->attempt_us = CLIENT_ATTEMPT_US;
    /* Nobody at a prompt wants to read which links came and went. */
    log_open(program, LOG_ERROR);
    (void)snprintf(client->name, sizeof client->name, "client-%s-%d", program, (int)getpid());
    /* Root's sockets beside those of the market's user could not be answered: the agent and the
     * nodes may not connect to them. */
    enum status status = program_join(data_dir, client->run_dir);
    if (status == STATUS_OK) status = mesh_keys_load(data_dir, &client->keys);
    if (status == STATUS_OK) {
        client->loop = loop_new();
        client->fibers = fibers_new(loop_timers(client->loop), loop_clock(client->loop));
        status = open_bus(client);
    }
    if (status != STATUS_OK)
        client_close(&client);
    else
        *ret_client = client;
    return status;
}

void client_close(struct client **client)
{
    struct client *closed = *client;
    if (closed == NULL) return;
    if (closed->fibers != NULL) fibers_stop(closed->fibers);
    if (closed->bus != NULL) bus_destroy(&closed->bus);
    if (closed->fibers != NULL) fibers_destroy(&closed->fibers);
    if (closed->loop != NULL) loop_destroy(&closed->loop);
    explicit_bzero(&closed->keys, sizeof closed->keys);
    free(closed);
    *client = NULL;
}

struct loop *client_loop(struct client *client)
{
    return client->loop;
}

struct fibers *client_fibers(struct client *client)
{
    return client->fibers;
}

void client_set_patience_us(struct client *client, int64_t patience_us)
{
    assert(patience_us > 0);
    client->patience_us = patience_us;
}

void client_set_attempt_us(struct client *client, int64_t attempt_us)
{
    assert(attempt_us > 0);
    client->attempt_us = attempt_us;
}

void client_give_up(struct client *client)
{
    client->is_giving_up = true;
}

bool client_is_giving_up(const struct client *client)
{
    return client->is_giving_up;
}

static void run_fiber(void *argument)
{
    struct client *client = argument;
    client->entry(client->argument);
    client->has_ended = true;
    loop_stop(client->loop);
}

void client_run(struct client *client, void (*entry)(void *argument), void *argument)
{
    assert(entry != NULL);
    client->entry = entry;
    client->argument = argument;
    client->has_ended = false;
    const enum status status = fiber_spawn(client->fibers, run_fiber, client);
    assert(status == STATUS_OK);
    if (!client->has_ended) loop_run(client->loop);
}

enum status client_join(struct client *client)
{
    const int64_t until_us = loop_now_us(client->loop) + CLIENT_JOIN_US;
    while (bus_members(client->bus)->count == 0) {
        if (client->is_giving_up) return STATUS_STOPPING;
        if (loop_now_us(client->loop) >= until_us)
            return bus_reaches_agent(client->bus) ? STATUS_OVERLOADED : STATUS_UNAVAILABLE;
        TRY(fiber_sleep(client->fibers, JOIN_PAUSE_US));
    }
    return STATUS_OK;
}

bool client_knows(struct client *client, enum domain domain)
{
    return members_owner(bus_members(client->bus), domain, 0) != NULL;
}

bool client_is_outage(enum status status)
{
    /* A conflict is somebody else's write at the same moment: the next try sees it. */
    return status_is_outage(status) || status == STATUS_CONFLICT;
}

/* The envelope of a new message, to the shard that its key says. */
static enum status make_request(struct client *client, const struct message *message,
                                const void *body, struct arena *arena,
                                struct envelope *ret_envelope)
{
    assert(message->body != NULL);
    const struct rng *rng = loop_rng(client->loop);
    uint8_t random[10];
    rng->fill(rng->context, random, sizeof random);
    struct envelope envelope = {
        .kind = ENVELOPE_REQUEST,
        .domain = (uint8_t)message->domain,
        .number = message->number,
        .msg_id = uuid_make(loop_real_us(client->loop), random, 0),
        .principal = { .kind = PRINCIPAL_OPERATOR },
    };
    unsigned shard = 0;
    if (message_key_of(message, body, (struct uuid){ { 0 } }, &envelope.key, &shard))
        envelope.shard = (uint8_t)shard;
    TRY(msgpack_encode(message->body, body, arena, ENVELOPE_BODY_MAX, &envelope.body));
    *ret_envelope = envelope;
    return STATUS_OK;
}

/* One attempt: the transport's status, or the answer's own. */
static enum status attempt(struct client *client, const struct envelope *request, int64_t until_us,
                           struct arena *arena, struct text *ret_body)
{
    const int64_t attempt_until_us = loop_now_us(client->loop) + client->attempt_us;
    struct envelope reply;
    TRY(bus_ask(client->bus, request, attempt_until_us < until_us ? attempt_until_us : until_us,
                arena, &reply));
    *ret_body = reply.body;
    return reply.status;
}

static enum status accept_reply(const struct message *message, struct text body,
                                struct arena *arena, void *ret_reply)
{
    if (ret_reply == NULL || message->reply == NULL || message->reply == &empty_schema)
        return STATUS_OK;
    void *decoded = arena_allocate(arena, message->reply->size);
    if (msgpack_decode(message->reply, body, arena, decoded) != STATUS_OK) return STATUS_CORRUPT;
    memcpy(ret_reply, decoded, message->reply->size);
    return STATUS_OK;
}

static struct client_fault read_fault(struct text body, struct arena *arena)
{
    struct common_problem_detail *problem = arena_allocate(arena, sizeof *problem);
    if (body.length == 0 ||
        msgpack_decode(&common_problem_detail_schema, body, arena, problem) != STATUS_OK)
        return (struct client_fault){ 0 };
    if (problem->errors_count == 0) return (struct client_fault){ .detail = problem->detail };
    return (struct client_fault){ .pointer = problem->errors[0].pointer,
                                  .detail = problem->errors[0].detail };
}

/* Repeats the request over outages. */
static enum status call(struct client *client, const struct message *message,
                        const struct envelope *request, struct arena *arena, void *ret_reply,
                        struct client_fault *ret_fault)
{
    struct text answer = { 0 };
    const int64_t until_us = loop_now_us(client->loop) + client->patience_us;
    enum status status = attempt(client, request, until_us, arena, &answer);
    for (int64_t pause_us = CLIENT_PAUSE_MIN_US; client_is_outage(status); pause_us *= 2) {
        if (pause_us > CLIENT_PAUSE_MAX_US) pause_us = CLIENT_PAUSE_MAX_US;
        if (client->is_giving_up || loop_now_us(client->loop) + pause_us >= until_us) return status;
        TRY(fiber_sleep(client->fibers, pause_us));
        answer = (struct text){ 0 };
        status = attempt(client, request, until_us, arena, &answer);
    }
    if (status == STATUS_OK) return accept_reply(message, answer, arena, ret_reply);
    if (ret_fault != NULL) *ret_fault = read_fault(answer, arena);
    return status;
}

enum status client_call(struct client *client, const struct message *message, const void *body,
                        struct arena *arena, void *ret_reply, struct client_fault *ret_fault)
{
    struct envelope request;
    TRY(make_request(client, message, body, arena, &request));
    return call(client, message, &request, arena, ret_reply, ret_fault);
}

enum status client_call_as(struct client *client, struct client_name name,
                           const struct message *message, const void *body, struct arena *arena,
                           void *ret_reply, struct client_fault *ret_fault)
{
    struct envelope request;
    TRY(make_request(client, message, body, arena, &request));
    request.msg_id = name.msg_id;
    request.has_idempotency = true;
    secret_digest((struct text){ (const char *)name.key.bytes, sizeof name.key.bytes },
                  request.idempotency_key, sizeof request.idempotency_key);
    secret_digest(request.body, request.idempotency_fingerprint,
                  sizeof request.idempotency_fingerprint);
    return call(client, message, &request, arena, ret_reply, ret_fault);
}

enum status client_call_at(struct client *client, enum domain domain, unsigned shard,
                           const struct message *message, const void *body, struct arena *arena,
                           void *ret_reply, struct client_fault *ret_fault)
{
    struct envelope request;
    TRY(make_request(client, message, body, arena, &request));
    assert(shard < SHARD_COUNT);
    request.domain = (uint8_t)domain;
    request.shard = (uint8_t)shard;
    /* The message has no key of its own, and one without a key goes to any node of the domain. */
    request.key = request.msg_id;
    return call(client, message, &request, arena, ret_reply, ret_fault);
}

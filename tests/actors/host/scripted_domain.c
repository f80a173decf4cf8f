/* Builds the domain of scripted_domain.h. */
#include "tests/actors/host/scripted_domain.h"

#include "actors/host/dispatch.h"
#include "actors/host/receive.h"
#include "messages/codec_msgpack.h"
#include "tests/support/cmocka.h"
#include "tests/support/fake_bus.h"

enum { WAIT_US = 10 * 1000 * 1000 };

struct body {
    struct uuid id;
};

static const struct field body_fields[] = {
    { .name = "id", .type = FIELD_ID, .offset = offsetof(struct body, id) }
};
static const struct field reply_fields[] = {
    { .name = "number",
      .type = FIELD_INT,
      .min = INT64_MIN,
      .max = INT64_MAX,
      .offset = offsetof(struct scripted_reply, number) },
    { .name = "token",
      .type = FIELD_TEXT,
      .flags = FIELD_SECRET | FIELD_OPTIONAL,
      .max = 100,
      .offset = offsetof(struct scripted_reply, token),
      .presence_offset = offsetof(struct scripted_reply, has_token) },
};
static const struct schema body_schema = { "test.act", sizeof(struct body), body_fields, 1 };
static const struct schema plain_schema = { "test.acted", sizeof(struct scripted_reply),
                                            reply_fields, 1 };
static const struct schema secret_schema = { "test.acted_in_secret", sizeof(struct scripted_reply),
                                             reply_fields, 2 };
static const struct message command = { .number = COMMAND_NUMBER,
                                        .name = "test.act",
                                        .kind = MESSAGE_COMMAND,
                                        .role = ROLE_PUBLIC,
                                        .domain = DOMAIN_ORDER,
                                        .key = KEY_FIELD,
                                        .body = &body_schema,
                                        .reply = &plain_schema };
static const struct message query = { .number = QUERY_NUMBER,
                                      .name = "test.look",
                                      .kind = MESSAGE_QUERY,
                                      .role = ROLE_NODE,
                                      .domain = DOMAIN_ORDER,
                                      .key = KEY_NONE,
                                      .body = &empty_schema,
                                      .reply = &plain_schema };
static const struct message secret_command = { .number = SECRET_NUMBER,
                                               .name = "test.act_in_secret",
                                               .kind = MESSAGE_COMMAND,
                                               .role = ROLE_PUBLIC,
                                               .domain = DOMAIN_ORDER,
                                               .key = KEY_FIELD,
                                               .body = &body_schema,
                                               .reply = &secret_schema };
static const struct statement count_statement = {
    .name = "count",
    .sql = "INSERT INTO host.cursor (source, shard, seq) VALUES ($1, $2, 1) "
           "ON CONFLICT (source, shard) DO UPDATE SET seq = cursor.seq + 1",
};
static const struct statement conflict_statement = {
    .name = "conflict",
    .sql = "SELECT host.require_one(0 * $1)",
};

struct host_stage *domain_stage;
struct script script;
struct envelope domain_answer;

/* ---- handlers ---- */

static void explain(struct request *request, const char *pointer)
{
    if (script.explains)
        request_add_fault(request,
                          &(struct request_fault){ .pointer = pointer, .code = script.outcome });
}

static void queue_writes(struct request *request)
{
    if (script.runs <= script.conflicts)
        param_int(request_write(request, &conflict_statement), request_arena(request), 1);
    if (!script.writes) return;
    struct store_params *params = request_write(request, &count_statement);
    param_text(params, request_arena(request), TEXT("wallet"));
    param_small(params, request_arena(request), DOMAIN_SHARD);
}

static enum status act(struct request *request, const void *body, void *ret_reply)
{
    (void)body;
    script.runs++;
    script.recalled = -1;
    (void)request_recall(request, &script.recalled, sizeof script.recalled);
    explain(request, "/id");
    if (script.outcome != STATUS_OK) return script.outcome;
    queue_writes(request);
    const int64_t kept = script.runs;
    if (script.remembers) request_remember(request, &kept, sizeof kept);
    request_set_http_status(request, 201);
    *(struct scripted_reply *)ret_reply = (struct scripted_reply){ .number = script.runs,
                                                                   .has_token = script.has_token,
                                                                   .token = TEXT("a token") };
    return STATUS_OK;
}

static enum status look(struct request *request, const void *body, void *ret_reply)
{
    (void)body;
    script.runs++;
    explain(request, "/q");
    ((struct scripted_reply *)ret_reply)->number = script.runs;
    return script.outcome;
}

static const struct dispatch_entry entries[] = { { &command, act, false },
                                                 { &query, look, false },
                                                 { &secret_command, act, false } };

/* ---- the stage ---- */

int domain_open(void **state)
{
    static const struct fake_peers nobody;
    const int result = host_stage_open(state);
    struct host_stage *stage = domain_stage = *state;
    fake_bus_set_peers(&nobody);
    stage->dispatch.entries = entries;
    stage->dispatch.entries_count = ARRAY_LENGTH(entries);
    stage->host.hosted[DOMAIN_ORDER] = stage->hosted;
    dispatch_prepare_actors(&stage->host.hosted[DOMAIN_ORDER], 16, 4);
    const struct bus_options bus = { .loop = stage->loop,
                                     .fibers = stage->fibers,
                                     .domains = UINT32_MAX,
                                     .context = &stage->host,
                                     .on_request = receive_request };
    assert_int_equal(bus_new(&bus, &stage->host.bus), STATUS_OK);
    script = (struct script){ .writes = true };
    return result;
}

int domain_close(void **state)
{
    struct host_stage *stage = *state;
    assert_int_equal(stage->host.jobs, 0); /* whatever came has been answered */
    fibers_stop(stage->fibers);
    actors_destroy(&stage->host.hosted[DOMAIN_ORDER].actors);
    jobs_drop_arenas(&stage->host);
    bus_destroy(&stage->host.bus);
    return host_stage_close(state);
}

/* ---- words ---- */

static struct arena *arena; /* of the story */
static void (*story_inside)(void);

static void in_story(struct host_stage *stage)
{
    (void)stage;
    arena = arena_new(65536);
    story_inside();
    arena_destroy(&arena);
}

void domain_tell(void (*story)(void))
{
    story_inside = story;
    host_stage_tell(domain_stage, in_story);
}

struct envelope domain_envelope(uint16_t number, uint8_t n)
{
    const struct body body = { .id = uuid_make(INT64_C(1800000000000000), (const uint8_t[10]){ 1 },
                                               DOMAIN_SHARD) };
    struct envelope envelope = { .domain = DOMAIN_ORDER, .number = number, .msg_id = { { n } } };
    if (number == QUERY_NUMBER) {
        envelope.body = TEXT("\x80"); /* a map of nothing */
        return envelope;
    }
    envelope.shard = DOMAIN_SHARD;
    envelope.key = body.id;
    assert_int_equal(msgpack_encode(&body_schema, &body, arena, ENVELOPE_BODY_MAX, &envelope.body),
                     STATUS_OK);
    return envelope;
}

enum status domain_say_within(const struct envelope *envelope, int64_t wait_us)
{
    const int64_t deadline_us = loop_now_us(domain_stage->loop) + wait_us;
    assert_int_equal(bus_ask(domain_stage->host.bus, envelope, deadline_us, arena, &domain_answer),
                     STATUS_OK);
    return domain_answer.status;
}

enum status domain_say(const struct envelope *envelope)
{
    return domain_say_within(envelope, WAIT_US);
}

struct scripted_reply domain_read_reply(void)
{
    struct scripted_reply read = { 0 };
    assert_int_equal(msgpack_decode(&secret_schema, domain_answer.body, arena, &read), STATUS_OK);
    return read;
}

const char *domain_read_fault(void)
{
    struct request_fault fault;
    return faults_decode_first(arena, domain_answer.body, &fault) ? fault.pointer : "";
}

void domain_assert_effects(const char *expected)
{
    assert_string_equal(host_stage_sql("SELECT coalesce(sum(seq), 0) FROM host.cursor"), expected);
}

/* Builds the domain of event_domain.h. */
#include "tests/actors/host/event_domain.h"

#include <stdio.h>
#include <string.h>

#include "messages/codec_msgpack.h"
#include "tests/support/cmocka.h"

enum { EVENTS_MAX = 64 };

struct event_body {
    int64_t number;
};

struct collected {
    int64_t numbers[EVENTS_MAX];
    size_t count;
};

static const struct field body_fields[] = { { .name = "number",
                                              .type = FIELD_INT,
                                              .min = INT64_MIN,
                                              .max = INT64_MAX,
                                              .offset = offsetof(struct event_body, number) } };
static const struct schema body_schema = { "test.event", sizeof(struct event_body), body_fields,
                                           1 };
static const struct message batched = { .number = BATCHED,
                                        .name = "test.batched",
                                        .kind = MESSAGE_EVENT,
                                        .domain = DOMAIN_CATALOG,
                                        .body = &body_schema };
static const struct message single = { .number = SINGLE,
                                       .name = "test.single",
                                       .kind = MESSAGE_EVENT,
                                       .domain = DOMAIN_CATALOG,
                                       .body = &body_schema };
static const struct statement insert_number = {
    .name = "insert_number",
    .sql = "INSERT INTO host.cursor (source, shard, seq) VALUES ('seen', 0, $1) "
           "ON CONFLICT (source, shard) DO UPDATE SET seq = cursor.seq + $1",
};

struct host_stage *event_stage;
struct consumer *event_consumer;
struct arena *event_arena;
char event_trace[512];
int64_t event_poison;
enum status event_failure;

static enum status collect(struct request *request, const void *body, void *reply)
{
    struct collected *collected = request_intake(request);
    const int64_t number = ((const struct event_body *)body)->number;
    (void)reply;
    if (number == event_poison) return event_failure;
    collected->numbers[collected->count++] = number;
    return STATUS_OK;
}

static void note(int64_t number)
{
    const size_t length = strlen(event_trace);
    (void)snprintf(event_trace + length, sizeof event_trace - length, "%s%lld",
                   length > 0 ? " " : "", (long long)number);
}

static enum status end(struct request *request)
{
    const struct collected *collected = request_intake(request);
    for (size_t i = 0; i < collected->count; i++) {
        param_int(request_write(request, &insert_number), request_arena(request),
                  collected->numbers[i]);
        note(collected->numbers[i]);
    }
    return STATUS_OK;
}

static enum status run_single(struct request *request, const void *body, void *reply)
{
    const int64_t number = ((const struct event_body *)body)->number;
    (void)reply;
    assert_null(request->unit); /* it only sends commands */
    if (number == event_poison) return event_failure;
    note(number);
    return STATUS_OK;
}

static const struct dispatch_entry consumers[] = { { &batched, collect, true },
                                                   { &single, run_single, false } };
static const struct domain_intake intake = { .size = sizeof(struct collected), .end = end };

int event_open(void **state)
{
    const int result = host_stage_open(state);
    event_stage = *state;
    event_stage->dispatch.consumers = consumers;
    event_stage->dispatch.consumers_count = ARRAY_LENGTH(consumers);
    event_stage->definition.intake = &intake;
    event_arena = arena_new(65536);
    event_consumer = arena_allocate(event_arena, sizeof *event_consumer);
    *event_consumer = (struct consumer){ .hosted = &event_stage->hosted, .source = DOMAIN_CATALOG };
    memset(event_consumer->is_open, true, sizeof event_consumer->is_open);
    (void)host_stage_sql("INSERT INTO host.cursor (source, shard, seq) SELECT 'catalog', i, 0 FROM "
                         "generate_series(0, 63) i");
    event_trace[0] = '\0';
    event_poison = -1;
    event_failure = STATUS_WRONG_TYPE;
    return result;
}

int event_close(void **state)
{
    arena_destroy(&event_arena);
    return host_stage_close(state);
}

struct text event_body(int64_t number)
{
    const struct event_body body = { .number = number };
    struct text bytes;
    assert_int_equal(msgpack_encode(&body_schema, &body, event_arena, ENVELOPE_BODY_MAX, &bytes),
                     STATUS_OK);
    return bytes;
}

/* The plans of a domain, few and looked through; the names of all points, made from its tables. */
#include "actors/host/fault_points.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host_messages.h"
#include "messages/codec_msgpack.h"

enum { POINT_BYTES_MAX = 120, POINTS_MAX = 1024 };

struct fault_plan {
    char point[POINT_BYTES_MAX + 1];
    enum common_fault_action action;
    int64_t times; /* 0: a free place */
    int64_t delay_us;
};

static struct text name_point(char ret_name[POINT_BYTES_MAX + 1], const struct hosted *hosted,
                              const char *what, const char *part, const char *moment)
{
    const int length = snprintf(ret_name, POINT_BYTES_MAX + 1, "%s.%s.%s.%s",
                                domain_name(hosted->domain), what, part, moment);
    assert(length > 0 && length <= POINT_BYTES_MAX);
    return (struct text){ ret_name, (size_t)length };
}

static struct fault_plan *find_plan(const struct hosted *hosted, struct text point)
{
    if (hosted->fault_plans == NULL) return NULL;
    for (size_t i = 0; i < FAULT_PLANS_MAX; i++) {
        struct fault_plan *plan = &hosted->fault_plans[i];
        if (plan->times > 0 && text_equals_string(point, plan->point)) return plan;
    }
    return NULL;
}

enum status fault_points_meet(struct hosted *hosted, const char *what, const char *part,
                              const char *moment)
{
    char name[POINT_BYTES_MAX + 1];
    struct fault_plan *plan = find_plan(hosted, name_point(name, hosted, what, part, moment));
    if (plan == NULL) return STATUS_OK;
    plan->times--;
    log_warning("fault_met", LOG_STRING("point", name));
    switch (plan->action) {
    case COMMON_FAULT_ACTION_KILL:
        (void)raise(SIGKILL);
        abort();
    case COMMON_FAULT_ACTION_ERROR:
        return STATUS_UNAVAILABLE;
    case COMMON_FAULT_ACTION_DELAY:
        return fiber_sleep(hosted->host->fibers, plan->delay_us);
    }
    return STATUS_OK;
}

void fault_points_destroy(struct hosted *hosted)
{
    free(hosted->fault_plans);
    hosted->fault_plans = NULL;
}

/* ---- the names ---- */

struct points {
    const struct hosted *hosted;
    struct arena *arena;
    struct text *names;
    size_t count;
};

static void add_point(struct points *points, const char *what, const char *part, const char *moment)
{
    char name[POINT_BYTES_MAX + 1];
    assert(points->count < POINTS_MAX);
    points->names[points->count++] =
        text_copy(points->arena, name_point(name, points->hosted, what, part, moment));
}

static void add_saga(struct points *points, const struct saga_kind *kind)
{
    for (size_t i = 0; i < kind->steps_count; i++) {
        const struct saga_step *step = &kind->steps[i];
        add_point(points, kind->name, step->name, "before");
        add_point(points, kind->name, step->name, "after");
        if (step->undo == NULL) continue;
        add_point(points, kind->name, step->name, "undo_before");
        add_point(points, kind->name, step->name, "undo_after");
    }
}

static struct points list_points(const struct hosted *hosted, struct arena *arena)
{
    static const char *const ways[] = { "http", "mail" };
    const struct domain_definition *definition = hosted->definition;
    const struct dispatch_table *table = definition->dispatch;
    struct points points = { .hosted = hosted, .arena = arena };
    points.names = arena_allocate_array(arena, POINTS_MAX, sizeof *points.names);
    for (size_t i = 0; i < definition->sagas_count; i++)
        add_saga(&points, definition->sagas[i]);
    for (size_t i = 0; i < table->entries_count; i++) {
        const struct message *message = table->entries[i].message;
        if (message->kind != MESSAGE_COMMAND) continue;
        add_point(&points, fault_name_of(message), "commit", "before");
        add_point(&points, fault_name_of(message), "commit", "after");
    }
    const struct domain_service *service = definition->service;
    for (size_t i = 0; service != NULL && i < service->steps_count; i++) {
        add_point(&points, service->name, service->steps[i], "before");
        add_point(&points, service->name, service->steps[i], "after");
    }
    for (size_t i = 0; i < ARRAY_LENGTH(ways); i++) {
        add_point(&points, "transfer", ways[i], "before");
        add_point(&points, "transfer", ways[i], "after");
    }
    return points;
}

static bool is_point(const struct hosted *hosted, struct arena *arena, struct text name)
{
    const struct points points = list_points(hosted, arena);
    for (size_t i = 0; i < points.count; i++)
        if (text_equals(points.names[i], name)) return true;
    return false;
}

/* ---- what is asked ---- */

static struct fault_plan *free_plan(struct hosted *hosted)
{
    if (hosted->fault_plans == NULL) {
        hosted->fault_plans = calloc(FAULT_PLANS_MAX, sizeof *hosted->fault_plans);
        if (hosted->fault_plans == NULL) abort();
    }
    for (size_t i = 0; i < FAULT_PLANS_MAX; i++)
        if (hosted->fault_plans[i].times == 0) return &hosted->fault_plans[i];
    return NULL;
}

enum status fault_points_answer_set(struct hosted *hosted, struct arena *arena, struct text body,
                                    int64_t deadline_us, struct text *ret_body)
{
    struct host_set_fault command;
    const struct host_reached reached = { .shard_last = hosted->shard_last };
    (void)deadline_us; /* it waits for nothing */
    TRY(msgpack_decode(&host_set_fault_schema, body, arena, &command));
    if (!is_point(hosted, arena, command.point)) return STATUS_INVALID_VALUE;
    struct fault_plan *plan = find_plan(hosted, command.point);
    if (plan == NULL) plan = free_plan(hosted);
    if (plan == NULL) return STATUS_TOO_MANY_FAULTS;
    *plan = (struct fault_plan){ .action = command.action,
                                 .times = command.times,
                                 .delay_us = command.delay_ms * 1000 };
    assert(command.point.length <= POINT_BYTES_MAX);
    memcpy(plan->point, command.point.data, command.point.length);
    return msgpack_encode(&host_reached_schema, &reached, arena, ENVELOPE_BODY_MAX, ret_body);
}

enum status fault_points_answer_list(struct hosted *hosted, struct arena *arena, struct text body,
                                     int64_t deadline_us, struct text *ret_body)
{
    (void)body;        /* says nothing */
    (void)deadline_us; /* it waits for nothing */
    const struct points points = list_points(hosted, arena);
    const struct host_fault_points reply = {
        .shard_last = hosted->shard_last,
        .points = points.names,
        .points_count = points.count,
    };
    return msgpack_encode(&host_fault_points_schema, &reply, arena, ENVELOPE_BODY_MAX, ret_body);
}

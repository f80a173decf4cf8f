/* What tests do with a whole market: move its time, let things go wrong. All nodes of all domains
 * are told before it is answered. Outside of test mode these routes do not exist. */
#include <string.h>

#include "actors/host/all_domains.h"
#include "actors/host/test_mode.h"
#include "admin_handlers.h"
#include "host_messages.h"

enum {
    DUE_ROUNDS = 3, /* what falls due in one domain by the sweeps of another is found, too */
    FAULT_DELAY_MS = 1000,
    FAULT_POINTS_MAX = 4096
};

/* ---- time ---- */

static struct admin_clock describe_clock(const struct request *request, int64_t now_us)
{
    return (struct admin_clock){
        .now_us = now_us,
        .offset_seconds = (now_us - request_real_us(request)) / 1000000,
    };
}

enum status admin_handle_get_clock(struct request *request, const struct admin_get_clock *query,
                                   struct admin_clock *ret_reply)
{
    (void)query; /* says nothing */
    if (!test_mode_is_on(request)) return STATUS_NOT_FOUND;
    *ret_reply = describe_clock(request, request_now_us(request));
    return STATUS_OK;
}

enum status admin_handle_move_clock(struct request *request, const struct admin_move_clock *command,
                                    struct admin_moved_clock *ret_reply)
{
    if (!test_mode_is_on(request)) return STATUS_NOT_FOUND;
    return test_mode_move_clock(request, command->advance * 1000000, &ret_reply->offset);
}

static int64_t take_reached(void *context, enum domain domain, const void *reply)
{
    (void)context; /* nothing to gather */
    (void)domain;
    const struct host_reached *reached = reply;
    return reached->shard_last;
}

enum status admin_handle_advance_clock(struct request *request,
                                       const struct admin_advance_clock *command,
                                       struct admin_clock *ret_reply)
{
    if (!test_mode_is_on(request)) return STATUS_NOT_FOUND;
    const struct admin_move_clock move = { .what = TEXT("clock"), .advance = command->advance };
    const struct host_run_due due = { 0 };
    struct admin_moved_clock moved;
    TRY(request_ask(request, &admin_move_clock_message, &move, &moved));
    const struct host_set_market_time time = { .offset = moved.offset };
    TRY(all_domains_ask(request, &host_set_market_time_message, &time, take_reached, NULL));
    for (int round = 0; round < DUE_ROUNDS; round++)
        TRY(all_domains_ask(request, &host_run_due_message, &due, take_reached, NULL));
    *ret_reply = describe_clock(request, request_real_us(request) + moved.offset);
    return STATUS_OK;
}

/* ---- faults ---- */

/* All nodes of a domain have the same points, so the first one's are enough. */
static int64_t take_points(void *context, enum domain domain, const void *reply)
{
    (void)domain;
    struct admin_fault_points *all = context;
    const struct host_fault_points *points = reply;
    struct text *names = (struct text *)(uintptr_t)all->data;
    for (size_t i = 0; i < points->points_count && all->data_count < FAULT_POINTS_MAX; i++)
        names[all->data_count++] = points->points[i];
    return SHARD_COUNT - 1;
}

enum status admin_handle_list_fault_points(struct request *request,
                                           const struct admin_list_fault_points *query,
                                           struct admin_fault_points *ret_reply)
{
    (void)query; /* says nothing */
    if (!test_mode_is_on(request)) return STATUS_NOT_FOUND;
    const struct host_list_fault_points list = { 0 };
    ret_reply->data =
        arena_allocate_array(request_arena(request), FAULT_POINTS_MAX, sizeof *ret_reply->data);
    return all_domains_ask(request, &host_list_fault_points_message, &list, take_points, ret_reply);
}

/* A point begins with the name of its domain. */
static bool find_domain(struct text point, enum domain *ret_domain)
{
    const char *dot = memchr(point.data, '.', point.length);
    return dot != NULL && domain_find(point.data, (size_t)(dot - point.data), ret_domain) &&
           *ret_domain != DOMAIN_HOST;
}

enum status admin_handle_set_fault(struct request *request, const struct admin_set_fault *command)
{
    if (!test_mode_is_on(request)) return STATUS_NOT_FOUND;
    const struct host_set_fault fault = {
        .point = command->point,
        .action = command->action,
        .times = command->has_times ? command->times : 1,
        .delay_ms = command->has_delay_ms ? command->delay_ms : FAULT_DELAY_MS,
    };
    enum domain domain;
    static const char unknown[] = "That is none of GET /v1/test/faults.";
    if (!find_domain(command->point, &domain))
        return request_refuse(request, "/point", STATUS_INVALID_VALUE, unknown);
    const enum status status =
        domain_ask(request, domain, &host_set_fault_message, &fault, take_reached, NULL);
    if (status == STATUS_INVALID_VALUE)
        return request_refuse(request, "/point", STATUS_INVALID_VALUE, unknown);
    return status;
}

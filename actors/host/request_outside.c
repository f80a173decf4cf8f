/* What a handler gets from outside of itself: rows, the memory of its key, the answers of other
 * actors, the pool of threads, other servers, the clock and chance. */
#include "actors/host/address.h"
#include "actors/host/fault_points.h"
#include "actors/host/pool_share.h"
#include "actors/host/request_internal.h"
#include "storage/columns.h"
#include "storage/gather.h"
#include "storage/query.h"

/* ---- runs ---- */

void request_init(struct request *request, struct hosted *hosted, struct arena *arena,
                  const struct envelope *envelope, int64_t deadline_us)
{
    assert(hosted != NULL);
    assert(arena != NULL);
    assert(envelope != NULL);
    const struct loop *loop = hosted->host->loop;
    *request = (struct request){
        .hosted = hosted,
        .arena = arena,
        .envelope = envelope,
        .asker = asker_of(envelope, hosted->host->asker_seed),
        .now_us = loop_market_us(loop),
        .deadline_us = deadline_us,
        .id_time_us = loop_real_us(loop),
    };
}

enum status request_run_free(struct hosted *hosted, struct uuid msg_id,
                             enum status (*run)(struct request *request, void *context),
                             void *context)
{
    assert(run != NULL);
    struct arena *arena = arena_new(FREE_ARENA_BYTES);
    const struct envelope envelope = {
        .domain = (uint8_t)hosted->domain,
        .msg_id = msg_id,
        .principal = { .kind = PRINCIPAL_NODE },
    };
    struct request request;
    request_init(&request, hosted, arena, &envelope,
                 loop_now_us(hosted->host->loop) + FREE_TIMEOUT_US);
    const enum status status = run(&request, context);
    arena_destroy(&arena);
    return status;
}

/* ---- the clock and chance ---- */

int64_t request_real_us(const struct request *request)
{
    return loop_real_us(request->hosted->host->loop);
}

void request_random(struct request *request, void *bytes, size_t length)
{
    const struct rng *rng = loop_rng(request->hosted->host->loop);
    rng->fill(rng->context, bytes, length);
}

/* ---- rows and memory ---- */

enum status request_query(struct request *request, const struct statement *statement,
                          const struct store_params *params, struct rows *ret_rows)
{
    return query_run_for(request->hosted->database, request->asker, request->arena, statement,
                         params, request->deadline_us, ret_rows);
}

enum status request_query_by_key(struct request *request, const struct statement *statement,
                                 struct uuid key, struct rows *ret_rows)
{
    return query_run_by_key(request->hosted->database, request->arena, statement, key,
                            request->deadline_us, ret_rows);
}

enum status request_query_row(struct request *request, const struct statement *statement,
                              struct store_params *row, struct rows *ret_rows)
{
    columns_of_row(row, request->arena);
    return query_run_row(request->hosted->database, request->arena, statement, row,
                         request->deadline_us, ret_rows);
}

/* ---- parts ---- */

struct parts {
    void (*run)(struct request *part, void *argument, size_t index);
    void *argument;
    size_t left;
    struct completion all_done;
};

struct part {
    struct parts *parts;
    struct request *request;
    size_t index;
};

static void part_fiber(void *argument)
{
    const struct part *part = argument;
    struct parts *parts = part->parts;
    parts->run(part->request, parts->argument, part->index);
    assert(parts->left > 0);
    if (--parts->left == 0) completion_finish(&parts->all_done, STATUS_OK);
}

void request_run_parts(struct request *request, struct request **ret_parts, size_t count,
                       void (*run)(struct request *part, void *argument, size_t index),
                       void *argument)
{
    assert(count >= 1);
    assert(count <= REQUEST_PARTS_MAX);
    assert(request->activation != NULL);
    struct fibers *fibers = request->hosted->host->fibers;
    struct parts parts = { .run = run, .argument = argument, .left = count };
    completion_init(&parts.all_done, fibers);
    for (size_t i = 0; i < count; i++) {
        struct part *part = arena_allocate(request->arena, sizeof *part);
        *part = (struct part){ &parts, request_part(request, i), i };
        ret_parts[i] = part->request;
        /* Without another fiber it runs on this one. */
        if (fiber_spawn(fibers, part_fiber, part) != STATUS_OK) part_fiber(part);
    }
    /* They use the arena: nobody leaves before the last has ended, which its own deadline sees to.
     */
    IGNORE(completion_wait_out(&parts.all_done));
}

/* ---- memory ---- */

bool request_recall(struct request *request, void *ret_aggregate, size_t size)
{
    return request->activation != NULL &&
           activation_recall(request->activation, ret_aggregate, size);
}

/* ---- other actors ---- */

struct request_ask {
    const struct message *message;
    struct bus_ask *ask;
};

static enum status begin(struct request *request, struct uuid msg_id, const struct message *message,
                         const void *body, struct request_ask **ret_ask)
{
    assert(request != NULL);
    assert(message != NULL);
    assert(ret_ask != NULL);
    struct envelope envelope;
    TRY(address_message(message, body, msg_id, request->arena, &envelope));
    if (request_is_to_itself(request, message, envelope.key)) {
        log_error("actor_asks_itself", LOG_STRING("message", message->name));
        return STATUS_INTERNAL;
    }
    envelope.request_id = request->envelope->request_id;
    envelope.trace = request->envelope->trace;
    envelope.client = request->envelope->client;
    struct request_ask *ask = arena_allocate(request->arena, sizeof *ask);
    ask->message = message;
    TRY(bus_ask_begin(request->hosted->host->bus, &envelope, request->deadline_us, request->arena,
                      &ask->ask));
    *ret_ask = ask;
    return STATUS_OK;
}

enum status request_ask_begin(struct request *request, const struct message *message,
                              const void *body, struct request_ask **ret_ask)
{
    return begin(request, request_next_ask_id(request), message, body, ret_ask);
}

enum status request_ask_end(struct request *request, struct request_ask **ask, void *ret_reply)
{
    assert(*ask != NULL);
    struct envelope reply;
    const struct message *message = (*ask)->message;
    const enum status status = bus_ask_end(request->hosted->host->bus, &(*ask)->ask, &reply);
    *ask = NULL;
    TRY(status);
    if (reply.status != STATUS_OK) {
        request->asked_refusal = reply.status;
        request->asked_faults = reply.body;
    }
    return address_read_reply(message, &reply, request->arena, ret_reply);
}

enum status request_ask(struct request *request, const struct message *message, const void *body,
                        void *ret_reply)
{
    struct request_ask *ask;
    TRY(request_ask_begin(request, message, body, &ask));
    return request_ask_end(request, &ask, ret_reply);
}

enum status request_ask_once_begin(struct request *request, const struct message *message,
                                   const void *body, struct request_ask **ret_ask)
{
    return begin(request, request_next_ask_id_by_key(request), message, body, ret_ask);
}

enum status request_ask_once(struct request *request, const struct message *message,
                             const void *body, void *ret_reply)
{
    struct request_ask *ask;
    TRY(request_ask_once_begin(request, message, body, &ask));
    return request_ask_end(request, &ask, ret_reply);
}

enum status request_ask_within(struct request *request, int64_t limit_us,
                               const struct message *message, const void *body, void *ret_reply)
{
    const int64_t limit_at_us = loop_now_us(request->hosted->host->loop) + limit_us;
    const int64_t deadline_us = request->deadline_us;
    if (limit_at_us < deadline_us) request->deadline_us = limit_at_us;
    const enum status status = request_ask(request, message, body, ret_reply);
    request->deadline_us = deadline_us;
    return status;
}

/* ---- the pool and other servers ---- */

enum status request_offload(struct request *request, void (*work)(void *argument), void *argument)
{
    assert(work != NULL);
    struct host *host = request->hosted->host;
    const int64_t places = config_int(host->config, SETTING_PASSWORD_CHECKS_MAX);
    struct pool_asker asker;
    if (host->offloads >= places) return STATUS_OVERLOADED;
    pool_asker_init(&asker, &request->envelope->principal, request->envelope->client);
    if (!pool_share_take(&host->pool_askers, &asker, pool_share_of(places)))
        return STATUS_OVERLOADED;
    host->offloads++;
    const enum status status = offload_run(host->offload, work, argument);
    host->offloads--;
    pool_share_return(&host->pool_askers, &asker);
    return status;
}

/* Made when first needed: most nodes never send anything out. */
static struct transfers *transfers_of(const struct request *request)
{
    struct host *host = request->hosted->host;
    if (host->transfers == NULL) host->transfers = transfers_new(host->loop, host->fibers);
    return host->transfers;
}

static int64_t earlier_deadline_us(const struct request *request, int64_t deadline_us)
{
    const bool is_earlier = deadline_us != 0 && deadline_us < request->deadline_us;
    return is_earlier ? deadline_us : request->deadline_us;
}

enum status request_transfer_http(struct request *request, const struct transfer_http *http,
                                  struct transfer_answer *ret_answer)
{
    struct transfer_http timed = *http;
    timed.deadline_us = earlier_deadline_us(request, http->deadline_us);
    TRY(fault_point(request->hosted, "transfer", "http", "before"));
    TRY(transfer_http(transfers_of(request), &timed, request->arena, ret_answer));
    return fault_point(request->hosted, "transfer", "http", "after");
}

enum status request_transfer_mail(struct request *request, const struct transfer_mail *mail,
                                  struct transfer_answer *ret_answer)
{
    struct transfer_mail timed = *mail;
    timed.deadline_us = earlier_deadline_us(request, mail->deadline_us);
    TRY(fault_point(request->hosted, "transfer", "mail", "before"));
    TRY(transfer_mail(transfers_of(request), &timed, ret_answer));
    return fault_point(request->hosted, "transfer", "mail", "after");
}

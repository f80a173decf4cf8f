/* The direct market: its database, its clock, and units in one transaction each. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actors/host/slug_book.h"
#include "messages/codec_msgpack.h"
#include "runtime/secret.h"
#include "storage/result.h"
#include "storage/unit_private.h"
#include "tests/support/direct_internal.h"
#include "tests/support/scratch_database.h"

static struct config *test_config(void)
{
    struct config *config = config_new();
    char *arguments[] = { (char *)"test", (char *)"--test-mode", NULL };
    int positional;
    const enum status configured = config_load_arguments(config, 2, arguments, &positional);
    assert(configured == STATUS_OK);
    const enum status checked = config_check(config);
    assert(checked == STATUS_OK);
    return config;
}

struct direct_market *direct_market_new(const struct domain_definition *domain)
{
    secret_open();
    struct direct_market *market = calloc(1, sizeof *market);
    assert(market != NULL);
    market->arena = arena_new(65536);
    market->now_us = 1767225600000000;
    market->config = test_config();
    market->clock = platform_clock;
    market->fibers = fibers_new(&market->timers, &market->clock);
    market->host = (struct host){ .fibers = market->fibers,
                                  .config = market->config,
                                  .principal_key = { 42 } };
    market->hosted = (struct hosted){ .host = &market->host,
                                      .definition = domain,
                                      .domain = domain->dispatch->domain,
                                      .shard_last = SHARD_COUNT - 1 };

    const char *const name = domain_name(domain->dispatch->domain);
    market->scratch = scratch_new(&name, 1, "actors");
    market->connection = PQconnectdb(scratch_conninfo(market->scratch, name));
    assert(PQstatus(market->connection) == CONNECTION_OK);
    market->admin = PQconnectdb(scratch_admin_conninfo(market->scratch, name));
    assert(PQstatus(market->admin) == CONNECTION_OK);
    return market;
}

void direct_market_destroy(struct direct_market **market)
{
    struct direct_market *old = *market;
    if (old == NULL) return;
    PQfinish(old->connection);
    PQfinish(old->admin);
    scratch_destroy(&old->scratch);
    fibers_destroy(&old->fibers);
    config_destroy(&old->config);
    arena_destroy(&old->arena);
    slug_claims_destroy(&old->hosted.slug_claims);
    free(old);
    *market = NULL;
}

struct direct_market *direct_of(const struct request *request)
{
    return CONTAINER_OF(request->hosted, struct direct_market, hosted);
}

void direct_set_peer(struct direct_market *market,
                     enum status (*answer)(void *context, const struct message *message,
                                           const void *body, void *ret_reply),
                     void *context)
{
    market->peer = answer;
    market->peer_context = context;
}

void direct_set(struct direct_market *market, const char *setting)
{
    char *arguments[] = { (char *)"test", (char *)setting, NULL };
    int positional;
    const enum status status = config_load_arguments(market->config, 2, arguments, &positional);
    assert(status == STATUS_OK);
}

void direct_advance(struct direct_market *market, int64_t duration_us)
{
    market->now_us += duration_us;
}

int64_t direct_now_us(const struct direct_market *market)
{
    return market->now_us;
}

size_t direct_events(const struct direct_market *market, uint16_t number)
{
    size_t count = 0;
    for (size_t i = 0; i < market->events_count; i++)
        count += market->events[i].number == number;
    return count;
}

size_t direct_hints(struct direct_market *market, struct uuid id)
{
    size_t count = 0;
    for (size_t i = 0; i < market->hints_count && i < DIRECT_EVENTS_MAX; i++)
        count += uuid_equals(market->hints[i], id);
    return count;
}

void direct_forget_hints(struct direct_market *market)
{
    market->hints_count = 0;
}

void direct_last_event(const struct direct_market *market, const struct message *event,
                       void *ret_body)
{
    size_t i = market->events_count;
    while (i > 0 && market->events[i - 1].number != event->number)
        i--;
    assert(i > 0);
    const enum status status =
        msgpack_decode(event->body, market->events[i - 1].body, market->arena, ret_body);
    assert(status == STATUS_OK);
}

struct request_fault direct_last_fault(const struct direct_market *market)
{
    return market->fault;
}

/* ---- SQL ---- */

static struct text first_cell(struct arena *arena, PGconn *connection, const char *sql)
{
    PGresult *result = PQexec(connection, sql);
    const ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
        (void)fprintf(stderr, "%s\n%s\n", PQerrorMessage(connection), sql);
    struct text cell = TEXT("");
    if (PQntuples(result) > 0) cell = text_copy(arena, text_of(PQgetvalue(result, 0, 0)));
    PQclear(result);
    return cell;
}

struct text direct_sql(struct direct_market *market, const char *sql)
{
    return first_cell(market->arena, market->admin, sql);
}

struct text direct_sql_as_role(struct direct_market *market, const char *sql)
{
    return first_cell(market->arena, market->connection, sql);
}

PGresult *direct_run(struct direct_market *market, const struct statement *statement,
                     const struct store_params *params)
{
    Oid types[STORE_PARAMS_MAX];
    const char *values[STORE_PARAMS_MAX];
    int lengths[STORE_PARAMS_MAX], formats[STORE_PARAMS_MAX];
    for (size_t i = 0; i < params->count; i++) {
        types[i] = params->values[i].type_oid;
        values[i] = params->values[i].length < 0 ? NULL : params->values[i].data;
        lengths[i] = params->values[i].length;
        formats[i] = 1;
    }
    market->statements++;
    return PQexecParams(market->connection, statement->sql, (int)params->count, types, values,
                        lengths, formats, 1);
}

size_t direct_statements(const struct direct_market *market)
{
    return market->statements;
}

/* ---- units ---- */

static void must_run(PGconn *connection, const char *sql)
{
    PGresult *result = PQexec(connection, sql);
    const ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK)
        (void)fprintf(stderr, "%s%s\n", PQerrorMessage(connection), sql);
    assert(status == PGRES_COMMAND_OK);
    PQclear(result);
}

static enum status write_statement(struct direct_market *market, const struct store_call *call)
{
    struct store_result result;
    PGresult *got = direct_run(market, call->statement, &call->params);
    result_read(got, call->statement, market->arena, &result);
    PQclear(got);
    if (result.status == STATUS_INTERNAL)
        (void)fprintf(stderr, "%s: %s\n", call->statement->name, result.detail);
    return result.status;
}

enum status direct_commit(struct direct_market *market, const struct unit *unit, struct uuid key)
{
    must_run(market->connection, "BEGIN");
    for (const struct unit_write *write = unit->first_write; write != NULL; write = write->next) {
        const enum status status = write_statement(market, &write->call);
        if (status == STATUS_OK) continue;
        must_run(market->connection, "ROLLBACK");
        direct_forget_key(market, key);
        return status;
    }
    must_run(market->connection, "COMMIT");
    assert(market->events_count + unit->events_count <= DIRECT_EVENTS_MAX);
    for (const struct unit_hint *hint = unit->hints; hint != NULL; hint = hint->next)
        market->hints[market->hints_count++ % DIRECT_EVENTS_MAX] = hint->id;
    for (size_t i = 0; i < unit->events_count; i++)
        market->events[market->events_count++] =
            (struct direct_event){ unit->events[i].number,
                                   text_copy(market->arena, unit->events[i].body) };
    return STATUS_OK;
}

enum status direct_settle(struct direct_market *market, struct unit *unit, struct uuid key)
{
    if (!market->is_queueing) return direct_commit(market, unit, key);
    assert(market->queued_count < DIRECT_UNITS_MAX);
    market->queued[market->queued_count++] = (struct direct_unit){ .unit = unit, .key = key };
    return STATUS_OK;
}

void direct_queue_units(struct direct_market *market)
{
    market->is_queueing = true;
}

size_t direct_commit_units(struct direct_market *market)
{
    size_t refused = 0;
    for (size_t i = 0; i < market->queued_count; i++)
        refused +=
            direct_commit(market, market->queued[i].unit, market->queued[i].key) != STATUS_OK;
    market->queued_count = 0;
    market->is_queueing = false;
    return refused;
}

/* ---- memory of keys ---- */

struct direct_memory *direct_recall(struct direct_market *market, struct uuid key)
{
    for (size_t i = 0; i < market->memories_count; i++)
        if (uuid_equals(market->memories[i].key, key)) return &market->memories[i];
    return NULL;
}

void direct_forget_key(struct direct_market *market, struct uuid key)
{
    struct direct_memory *memory = direct_recall(market, key);
    if (memory != NULL) *memory = market->memories[--market->memories_count];
}

void direct_remember(struct direct_market *market, const struct request *request)
{
    struct direct_memory *memory = direct_recall(market, request->envelope->key);
    if (memory == NULL) {
        assert(market->memories_count < DIRECT_KEYS_MAX);
        memory = &market->memories[market->memories_count++];
    }
    assert(request->remembered_size <= AGGREGATE_MAX);
    memory->key = request->envelope->key;
    memory->size = request->remembered_size;
    memset(memory->aggregate, 0, request->remembered_size);
    memcpy(memory->aggregate, request->remembered, request->remembered_used);
}

void direct_forget(struct direct_market *market)
{
    market->memories_count = 0;
}

/* Implements actors/host/request.h over one blocking connection, for tests. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/secret.h"
#include "tests/support/direct_internal.h"
#include "tests/support/scratch_database.h"

/* ---- the market ---- */

static void must_run(PGconn *connection, const char *sql)
{
    PGresult *result = PQexec(connection, sql);
    const ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        (void)fprintf(stderr, "%s\n%s\n", PQerrorMessage(connection), sql);
    assert(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK);
    PQclear(result);
}

struct direct_market *direct_market_new(const struct domain_definition *domain)
{
    secret_open();
    struct direct_market *market = calloc(1, sizeof *market);
    assert(market != NULL);
    market->domain = domain;
    market->arena = arena_new(65536);
    market->now_us = 1767225600000000;
    market->config = config_new();
    char *arguments[] = { (char *)"test", (char *)"--test-mode", NULL };
    int positional;
    const enum status configured = config_load_arguments(market->config, 2, arguments, &positional);
    assert(configured == STATUS_OK);
    const enum status checked = config_check(market->config);
    assert(checked == STATUS_OK);

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
    config_destroy(&old->config);
    arena_destroy(&old->arena);
    free(old);
    *market = NULL;
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

void direct_forget(struct direct_market *market)
{
    market->memories_count = 0;
}

size_t direct_events(const struct direct_market *market, uint16_t number)
{
    size_t count = 0;
    for (size_t i = 0; i < market->events_count; i++)
        count += market->events[i] == number;
    return count;
}

struct request_fault direct_last_fault(const struct direct_market *market)
{
    return market->fault;
}

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

/* ---- statements ---- */

static PGresult *run_statement(struct direct_market *market, const struct statement *statement,
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
    return PQexecParams(market->connection, statement->sql, (int)params->count, types, values,
                        lengths, formats, 1);
}

static enum status outcome_of(const struct statement *statement, PGresult *result)
{
    const ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) return STATUS_OK;
    const char *code = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    if (strcmp(code, "SK002") == 0) return STATUS_CONFLICT;
    if (strcmp(code, "23505") == 0 && statement->on_duplicate != STATUS_OK)
        return statement->on_duplicate;
    if (strcmp(code, "23514") == 0 && statement->on_check != STATUS_OK) return statement->on_check;
    (void)fprintf(stderr, "%s: %s\n", statement->name, PQresultErrorMessage(result));
    return STATUS_INTERNAL;
}

static void forget_key(struct direct_market *market, struct uuid key)
{
    for (size_t i = 0; i < market->memories_count; i++) {
        if (uuid_equals(market->memories[i].key, key)) {
            market->memories[i] = market->memories[--market->memories_count];
            return;
        }
    }
}

enum status direct_commit_unit(struct direct_market *market, const struct direct_unit *unit)
{
    must_run(market->connection, "BEGIN");
    for (size_t i = 0; i < unit->writes_count; i++) {
        PGresult *result =
            run_statement(market, unit->writes[i].statement, &unit->writes[i].params);
        const enum status outcome = outcome_of(unit->writes[i].statement, result);
        PQclear(result);
        if (outcome != STATUS_OK) {
            must_run(market->connection, "ROLLBACK");
            forget_key(market, unit->key);
            return outcome;
        }
    }
    must_run(market->connection, "COMMIT");
    for (size_t i = 0; i < unit->events_count; i++)
        market->events[market->events_count++ % ARRAY_LENGTH(market->events)] = unit->events[i];
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
        refused += direct_commit_unit(market, market->queued[i]) != STATUS_OK;
    market->queued_count = 0;
    market->is_queueing = false;
    return refused;
}

/* ---- calls ---- */

static const struct dispatch_entry *find_entry(const struct direct_market *market,
                                               const struct message *message)
{
    const struct dispatch_table *table = market->domain->dispatch;
    for (size_t i = 0; i < table->entries_count; i++) {
        if (table->entries[i].message == message) return &table->entries[i];
    }
    assert(false && "no such message in this domain");
    return NULL;
}

static void remember(struct direct_market *market, const struct request *request)
{
    forget_key(market, request->key);
    assert(market->memories_count < DIRECT_KEYS_MAX && request->remembered_size <= AGGREGATE_MAX);
    struct direct_memory *memory = &market->memories[market->memories_count++];
    memory->key = request->key;
    memory->size = request->remembered_size;
    memcpy(memory->aggregate, request->remembered, request->remembered_size);
}

static enum status run_once(struct direct_market *market, struct request *request,
                            const struct dispatch_entry *entry, const void *body, void *reply)
{
    request->unit = arena_allocate(market->arena, sizeof *request->unit);
    request->unit->key = request->key;
    request->remembered = NULL;
    const enum status outcome = entry->handle(request, body, reply);
    if (outcome != STATUS_OK) return outcome;
    if (request->remembered != NULL) remember(market, request);
    if (request->unit->writes_count == 0) return STATUS_OK;
    if (!market->is_queueing) return direct_commit_unit(market, request->unit);
    assert(market->queued_count < DIRECT_UNITS_MAX);
    market->queued[market->queued_count++] = request->unit;
    return STATUS_OK;
}

enum status direct_call(struct direct_market *market, const struct principal *principal,
                        const struct message *message, const void *body, void *ret_reply)
{
    struct request request = { .market = market, .message_id = { { 1 } } };
    if (principal != NULL) request.principal = *principal;
    request.has_key =
        message_key_of(message, body, request.principal.id, &request.key, &request.shard);
    void *reply = arena_allocate(market->arena, message->reply->size);
    market->fault = (struct request_fault){ .code = STATUS_OK };
    enum status outcome = STATUS_CONFLICT;
    for (int run = 0; run < RUNS_MAX && outcome == STATUS_CONFLICT; run++) {
        if (run > 0) forget_key(market, request.key);
        memset(reply, 0, message->reply->size);
        outcome = run_once(market, &request, find_entry(market, message), body, reply);
    }
    if (outcome == STATUS_OK && ret_reply != NULL) memcpy(ret_reply, reply, message->reply->size);
    return outcome;
}

enum status direct_sweep(struct direct_market *market, size_t index)
{
    struct request request = { .market = market };
    assert(index < market->domain->sweeps_count);
    return market->domain->sweeps[index].run(&request, 0, SHARD_COUNT - 1);
}

/* ---- actors/host/request.h ---- */

struct arena *request_arena(struct request *request)
{
    return request->market->arena;
}

int64_t request_now_us(const struct request *request)
{
    return request->market->now_us;
}

int64_t request_real_us(const struct request *request)
{
    return request->market->now_us;
}

const struct principal *request_principal(const struct request *request)
{
    return &request->principal;
}

enum domain request_domain(const struct request *request)
{
    return request->market->domain->dispatch->domain;
}

const struct config *request_config(const struct request *request)
{
    return request->market->config;
}

struct uuid request_key(const struct request *request)
{
    assert(request->has_key);
    return request->key;
}

unsigned request_shard(const struct request *request)
{
    assert(request->has_key);
    return request->shard;
}

struct uuid request_new_id(struct request *request)
{
    uint8_t random[10];
    request_random(request, random, sizeof random);
    return uuid_make(request->market->now_us, random, request_shard(request));
}

struct uuid request_new_id_beside(struct request *request, struct uuid other)
{
    uint8_t random[10];
    request_random(request, random, sizeof random);
    return uuid_make(request->market->now_us, random, uuid_shard(other));
}

struct uuid request_new_root_id(struct request *request)
{
    uint8_t random[10];
    request_random(request, random, sizeof random);
    return uuid_make(request->market->now_us, random, randombytes_uniform(SHARD_COUNT));
}

enum status request_query(struct request *request, const struct statement *statement,
                          const struct store_params *params, struct rows *ret_rows)
{
    struct arena *arena = request->market->arena;
    PGresult *got = run_statement(request->market, statement, params);
    if (outcome_of(statement, got) != STATUS_OK) {
        PQclear(got);
        return STATUS_INTERNAL;
    }
    struct store_result *result = arena_allocate(arena, sizeof *result);
    result->rows_count = (size_t)PQntuples(got);
    result->columns_count = (size_t)PQnfields(got);
    result->cells = arena_allocate_array(arena, result->rows_count * result->columns_count,
                                         sizeof *result->cells);
    for (size_t i = 0; i < result->rows_count * result->columns_count; i++) {
        const int row = (int)(i / result->columns_count), column = (int)(i % result->columns_count);
        const bool is_null = PQgetisnull(got, row, column) == 1;
        const int length = PQgetlength(got, row, column);
        result->cells[i] = (struct store_value){
            .type_oid = PQftype(got, column),
            .length = is_null ? -1 : length,
            .data =
                is_null ? NULL : arena_copy(arena, PQgetvalue(got, row, column), (size_t)length),
        };
    }
    PQclear(got);
    *ret_rows = (struct rows){ .result = result, .count = result->rows_count };
    return STATUS_OK;
}

struct store_params *request_write(struct request *request, const struct statement *statement)
{
    struct direct_unit *unit = request->unit;
    assert(unit->writes_count < WRITES_MAX);
    struct direct_write *write = &unit->writes[unit->writes_count++];
    write->statement = statement;
    return &write->params;
}

bool request_recall(struct request *request, void *ret_aggregate, size_t size)
{
    for (size_t i = 0; request->has_key && i < request->market->memories_count; i++) {
        const struct direct_memory *memory = &request->market->memories[i];
        if (uuid_equals(memory->key, request->key)) {
            assert(memory->size == size);
            memcpy(ret_aggregate, memory->aggregate, size);
            return true;
        }
    }
    return false;
}

void request_remember(struct request *request, const void *aggregate, size_t size)
{
    request->remembered = arena_copy(request->market->arena, aggregate, size);
    request->remembered_size = size;
}

enum status request_publish(struct request *request, const struct message *event, const void *body)
{
    assert(body != NULL && request->unit->events_count < DIRECT_EVENTS_MAX);
    request->unit->events[request->unit->events_count++] = event->number;
    return STATUS_OK;
}

enum status request_ask(struct request *request, const struct message *message, const void *body,
                        void *ret_reply)
{
    const struct principal node = { .kind = PRINCIPAL_NODE };
    struct direct_market *market = request->market;
    if (message->domain != market->domain->dispatch->domain && market->peer != NULL)
        return market->peer(market->peer_context, message, body, ret_reply);
    return direct_call(market, &node, message, body, ret_reply);
}

enum status request_ask_within(struct request *request, int64_t limit_us,
                               const struct message *message, const void *body, void *ret_reply)
{
    (void)limit_us;
    return request_ask(request, message, body, ret_reply);
}

struct request_ask {
    enum status outcome;
    void *reply;
    size_t reply_size;
};

enum status request_ask_begin(struct request *request, const struct message *message,
                              const void *body, struct request_ask **ret_ask)
{
    struct request_ask *ask = arena_allocate(request->market->arena, sizeof *ask);
    ask->reply_size = message->reply->size;
    ask->reply = arena_allocate(request->market->arena, ask->reply_size);
    ask->outcome = request_ask(request, message, body, ask->reply);
    *ret_ask = ask;
    return STATUS_OK;
}

enum status request_ask_end(struct request *request, struct request_ask **ask, void *ret_reply)
{
    (void)request;
    const enum status outcome = (*ask)->outcome;
    if (outcome == STATUS_OK && ret_reply != NULL)
        memcpy(ret_reply, (*ask)->reply, (*ask)->reply_size);
    *ask = NULL;
    return outcome;
}

void request_audit(struct request *request, const char *prefix, struct uuid subject,
                   struct text before)
{
    (void)request;
    (void)prefix;
    (void)subject;
    (void)before;
}

void request_add_fault(struct request *request, const struct request_fault *fault)
{
    request->market->fault = *fault;
}

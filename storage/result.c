/* Copies what libpq has parsed, so that the PGresult can be freed at once; and the one table of
 * SQLSTATEs. */
#include "storage/result.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* PostgreSQL 15, appendix A; the class SK is ours (storage/migrations/0001_common.sql). */
static const struct sqlstate_meaning {
    const char *prefix;
    enum status status;
    enum store_fault fault;
} sqlstate_meanings[] = {
    { "SK001", STATUS_FENCED, STORE_FAULT_OWN },
    { "SK002", STATUS_CONFLICT, STORE_FAULT_OWN },
    { "40001", STATUS_UNAVAILABLE, STORE_FAULT_LOCK },   /* serialization_failure */
    { "40P01", STATUS_UNAVAILABLE, STORE_FAULT_LOCK },   /* deadlock_detected */
    { "55P03", STATUS_UNAVAILABLE, STORE_FAULT_LOCK },   /* lock_not_available: lock_timeout */
    { "53", STATUS_UNAVAILABLE, STORE_FAULT_SERVER },    /* disk full, memory, connections */
    { "58030", STATUS_UNAVAILABLE, STORE_FAULT_SERVER }, /* io_error */
    { "25006", STATUS_UNAVAILABLE, STORE_FAULT_SERVER }, /* read_only_sql_transaction */
    { "57014", STATUS_DEADLINE_EXCEEDED, STORE_FAULT_SERVER }, /* statement_timeout */
    { "08", STATUS_UNAVAILABLE, STORE_FAULT_LOST },            /* connection exceptions */
    { "57P0", STATUS_UNAVAILABLE, STORE_FAULT_LOST },          /* shut down, crashed, starting */
    { "25P03", STATUS_UNAVAILABLE, STORE_FAULT_LOST }, /* idle in transaction for too long */
};

static const struct sqlstate_meaning *find_meaning(const char *sqlstate)
{
    for (size_t i = 0; i < ARRAY_LENGTH(sqlstate_meanings); i++) {
        const char *prefix = sqlstate_meanings[i].prefix;
        if (strncmp(sqlstate, prefix, strlen(prefix)) == 0) return &sqlstate_meanings[i];
    }
    return NULL;
}

enum store_fault result_fault(const char *sqlstate)
{
    const struct sqlstate_meaning *meaning = find_meaning(sqlstate);
    return meaning == NULL ? STORE_FAULT_OWN : meaning->fault;
}

enum status result_status(const char *sqlstate, const struct statement *statement)
{
    enum status status = STATUS_OK;
    if (strcmp(sqlstate, "23505") == 0) status = statement->on_duplicate;
    if (strcmp(sqlstate, "23514") == 0 || strcmp(sqlstate, "23P01") == 0)
        status = statement->on_check;
    if (strcmp(sqlstate, "23503") == 0) status = statement->on_reference;
    const struct sqlstate_meaning *meaning = find_meaning(sqlstate);
    if (status == STATUS_OK && meaning != NULL) status = meaning->status;
    return status == STATUS_OK ? STATUS_INTERNAL : status;
}

static const char *result_copy_field(const PGresult *from, int field, struct arena *arena)
{
    return text_string(arena, text_of(PQresultErrorField(from, field)));
}

static void result_read_error(const PGresult *from, const struct statement *statement,
                              struct arena *arena, struct store_result *ret_result)
{
    const char *sqlstate = PQresultErrorField(from, PG_DIAG_SQLSTATE);
    /* libpq reports a lost connection as an error without a SQLSTATE. */
    if (sqlstate == NULL) {
        ret_result->status = STATUS_UNAVAILABLE;
        ret_result->fault = STORE_FAULT_LOST;
        return;
    }
    (void)snprintf(ret_result->sqlstate, sizeof ret_result->sqlstate, "%s", sqlstate);
    ret_result->status = result_status(sqlstate, statement);
    ret_result->fault = result_fault(sqlstate);
    if (arena == NULL) return;
    ret_result->constraint = result_copy_field(from, PG_DIAG_CONSTRAINT_NAME, arena);
    ret_result->detail = result_copy_field(from, PG_DIAG_MESSAGE_DETAIL, arena);
    /* A bug and an outage are explained by their message, refusals by their DETAIL. */
    if (ret_result->status == STATUS_INTERNAL || ret_result->fault != STORE_FAULT_OWN)
        ret_result->detail = result_copy_field(from, PG_DIAG_MESSAGE_PRIMARY, arena);
}

static void result_read_cell(const PGresult *from, int row, int column, struct arena *arena,
                             struct store_value *ret_cell)
{
    ret_cell->type_oid = PQftype(from, column);
    ret_cell->length = -1;
    ret_cell->data = NULL;
    if (PQgetisnull(from, row, column)) return;
    const int length = PQgetlength(from, row, column);
    char *data = arena_reserve(arena, (size_t)length + 1);
    memcpy(data, PQgetvalue(from, row, column), (size_t)length + 1); /* libpq ends all with NUL */
    ret_cell->length = length;
    ret_cell->data = data;
}

static void result_read_rows(const PGresult *from, struct arena *arena,
                             struct store_result *ret_result)
{
    const int rows = PQntuples(from), columns = PQnfields(from);
    assert(columns <= STORE_COLUMNS_MAX);
    ret_result->rows_count = (size_t)rows;
    ret_result->columns_count = (size_t)columns;
    if (arena == NULL) return;
    ret_result->cells =
        arena_allocate_array(arena, (size_t)rows * (size_t)columns, sizeof *ret_result->cells);
    for (int row = 0; row < rows; row++)
        for (int column = 0; column < columns; column++)
            result_read_cell(from, row, column, arena, &ret_result->cells[row * columns + column]);
}

void result_read(const PGresult *from, const struct statement *statement, struct arena *arena,
                 struct store_result *ret_result)
{
    *ret_result = (struct store_result){ .constraint = "", .detail = "" };
    switch (PQresultStatus(from)) {
    case PGRES_TUPLES_OK:
        result_read_rows(from, arena, ret_result);
        ret_result->rows_affected = (int64_t)ret_result->rows_count;
        return;
    case PGRES_COMMAND_OK:
        ret_result->rows_affected = strtoll(PQcmdTuples((PGresult *)from), NULL, 10);
        return;
    case PGRES_PIPELINE_ABORTED:
        ret_result->status = STATUS_UNAVAILABLE;
        return;
    default:
        result_read_error(from, statement, arena, ret_result);
        return;
    }
}

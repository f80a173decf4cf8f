/* A gathering waits like any read of the node's own, and takes in keys, or rows of parameters,
 * until it is sent. */
#include "storage/gather.h"

#include <stdlib.h>

#include "storage/columns.h"
#include "storage/database_private.h"
#include "storage/query.h"

enum { GATHER_ARENA_BYTES = 16 * 1024 };

/* One who waits; on its own stack. */
struct gather_reader {
    struct uuid key;
    const struct store_params *row; /* NULL: reads by its key */
    struct arena *arena;
    struct gathering *gathering; /* NULL: it is done, and gone */
    struct completion completion;
    struct rows rows;
    enum store_fault fault;
};

/* It lives on the heap, since readers leave at their deadlines. */
struct gathering {
    struct read read;
    struct store_call call;
    struct database *database;
    struct arena *arena;
    size_t count;
    struct uuid keys[GATHER_KEYS_MAX];
    const struct store_params *rows[GATHER_KEYS_MAX]; /* in the arena; NULL: keys are read */
    struct gather_reader *readers[GATHER_KEYS_MAX];   /* NULL: it has left */
};

static struct store_result *copy_row(const struct store_result *from, size_t row,
                                     struct arena *arena)
{
    const size_t columns = from->columns_count;
    struct store_result *result = arena_copy(arena, from, sizeof *result);
    result->rows_count = 1;
    result->rows_affected = 1;
    result->cells = arena_copy(arena, &from->cells[row * columns], columns * sizeof *result->cells);
    for (size_t i = 0; i < columns; i++) {
        struct store_value *cell = &result->cells[i];
        if (cell->data != NULL) cell->data = arena_copy(arena, cell->data, (size_t)cell->length);
    }
    return result;
}

/* `place`: of the reader, from 1. */
static void give_row(struct gather_reader *reader, int64_t place, const struct store_result *from)
{
    reader->rows = (struct rows){ .result = from };
    for (size_t i = 0; i < from->rows_count; i++) {
        struct row row = { .result = from, .index = i };
        const bool is_its_own =
            reader->row == NULL ? uuid_equals(row_uuid(&row), reader->key) : row_int(&row) == place;
        if (!is_its_own) continue;
        reader->rows.result = copy_row(from, i, reader->arena);
        reader->rows.count = 1;
        return;
    }
}

static void close_gathering(struct gathering *gathering)
{
    struct gathering **open = gathering->database->gatherings;
    for (size_t i = 0; i < GATHER_STATEMENTS_MAX; i++)
        if (open[i] == gathering) open[i] = NULL;
}

static void on_gathering_done(struct read *read)
{
    struct gathering *gathering = CONTAINER_OF(read, struct gathering, read);
    const enum status status = query_judge(&read->segment);
    close_gathering(gathering);
    for (size_t i = 0; i < gathering->count; i++) {
        struct gather_reader *reader = gathering->readers[i];
        if (reader == NULL) continue;
        reader->gathering = NULL;
        reader->fault = read->segment.fault;
        if (status == STATUS_OK) give_row(reader, (int64_t)i + 1, &gathering->call.result);
        completion_finish(&reader->completion, status);
    }
    arena_destroy(&gathering->arena);
    free(gathering);
}

static void on_gathering_send(struct store_segment *segment)
{
    struct gathering *gathering = CONTAINER_OF(segment, struct gathering, read.segment);
    struct store_params *params = &gathering->call.params;
    params->count = 0;
    if (gathering->rows[0] != NULL)
        columns_join(gathering->arena, gathering->rows, gathering->count, params);
    else
        param_uuid_array(params, gathering->arena, gathering->keys, gathering->count);
}

/* The gathering of this statement that can take one more, or a new one. */
static struct gathering *find_gathering(struct database *database,
                                        const struct statement *statement)
{
    struct gathering **place = NULL;
    for (size_t i = 0; i < GATHER_STATEMENTS_MAX; i++) {
        struct gathering **open = &database->gatherings[i];
        if (*open != NULL && ((*open)->read.segment.is_sent || (*open)->count == GATHER_KEYS_MAX))
            *open = NULL;
        if (*open != NULL && (*open)->call.statement == statement) return *open;
        if (*open == NULL) place = open;
    }
    struct gathering *gathering = calloc(1, sizeof *gathering);
    if (gathering == NULL) abort();
    gathering->database = database;
    gathering->arena = arena_new(GATHER_ARENA_BYTES);
    gathering->call.statement = statement;
    gathering->read.segment = (struct store_segment){ .calls = &gathering->call,
                                                      .calls_count = 1,
                                                      .arena = gathering->arena,
                                                      .on_send = on_gathering_send };
    gathering->read.on_done = on_gathering_done;
    if (place != NULL) *place = gathering;
    return gathering;
}

/* The reader may leave before the gathering is sent. */
static const struct store_params *copy_params(const struct store_params *from, struct arena *arena)
{
    if (from == NULL) return NULL;
    struct store_params *params = arena_copy(arena, from, sizeof *params);
    for (size_t i = 0; i < params->count; i++) {
        struct store_value *value = &params->values[i];
        assert(value->data != NULL);
        value->data = arena_copy(arena, value->data, (size_t)value->length);
    }
    return params;
}

static enum status gather_once(struct database *database, const struct statement *statement,
                               struct gather_reader *reader, int64_t deadline_us)
{
    struct gathering *gathering = find_gathering(database, statement);
    const size_t index = gathering->count++;
    gathering->keys[index] = reader->key;
    gathering->readers[index] = reader;
    gathering->rows[index] = copy_params(reader->row, gathering->arena);
    reader->gathering = gathering;
    completion_init(&reader->completion, database->options.fibers);
    if (index == 0) readers_submit(database->readers, &gathering->read);
    const enum status status = completion_wait(&reader->completion, deadline_us);
    if (reader->gathering != NULL) reader->gathering->readers[index] = NULL;
    return status;
}

static enum status gather(struct database *database, const struct statement *statement,
                          struct gather_reader *reader, int64_t deadline_us, struct rows *ret_rows)
{
    enum status status;
    unsigned attempts = 0;
    do {
        reader->fault = STORE_FAULT_NONE;
        status = gather_once(database, statement, reader, deadline_us);
        attempts++;
    } while (query_is_repeated(database, reader->fault, attempts, deadline_us));
    if (status == STATUS_OK) *ret_rows = reader->rows;
    return status;
}

enum status query_run_by_key(struct database *database, struct arena *arena,
                             const struct statement *statement, struct uuid key,
                             int64_t deadline_us, struct rows *ret_rows)
{
    struct gather_reader reader = { .key = key, .arena = arena };
    return gather(database, statement, &reader, deadline_us, ret_rows);
}

enum status query_run_row(struct database *database, struct arena *arena,
                          const struct statement *statement, const struct store_params *row,
                          int64_t deadline_us, struct rows *ret_rows)
{
    assert(row->count > 0);
    struct gather_reader reader = { .row = row, .arena = arena };
    return gather(database, statement, &reader, deadline_us, ret_rows);
}

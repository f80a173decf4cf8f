/* libpq in pipeline mode for limit_checkout: statements, text parameters, segments. Whatever fails
 * ends the process. */
#pragma once
#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>

enum { UNITS_MAX = 64, SHARDS = 64 };

enum sql {
    SQL_FENCE,
    SQL_INBOX,
    SQL_OUTBOX,
    SQL_RESERVE,
    SQL_SETTLE,
    SQL_HOLD,
    SQL_POST,
    SQL_BEGIN,
    SQL_PLACE,
    SQL_SAGA,
    SQL_PIVOT,
    SQL_DONE,
    SQL_IDEMPOTENCY,
    SQL_COMPLETE,
    SQL_COUNT
};
extern const char SQL_TEXT_GRANT[], SQL_TEXT_CART[];

struct db {
    PGconn *connection;
    size_t expected; /* results of the segment under way, without its Sync */
    bool is_busy;
    char epochs[SHARDS][24];
};

/* What the units of one segment have in common. */
struct batch {
    const char *keys[UNITS_MAX];
    bool has_event[UNITS_MAX];
    size_t answer_bytes[UNITS_MAX], count, events;
};

void sql_give_up(const char *what) __attribute__((noreturn));
double sql_now_s(void);
long sql_time_us(void);

/* Opens a database of the market and reads the epochs of its shards. */
struct db *sql_open(const char *conninfo);
/* Prepares what all databases have and the statements from `first` to `last`; then only pipelined
 * calls are possible. */
void sql_prepare(struct db *db, enum sql first, enum sql last);
/* A statement outside of the pipeline, with one parameter or none. */
PGresult *sql_query(struct db *db, const char *text, const char *parameter);

/* Texts for parameters; they live until the next sql_begin of any database. */
const char *sql_int(long value);
const char *sql_bytes(size_t count);
const char *sql_list(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* A UUIDv7 of the same shard as `like`, or of a random one. */
const char *sql_new_id(const char *like);
const char *sql_shard(const char *id);
void sql_copy_id(char copy[40], const char *id);

void sql_begin(struct db *db);
void sql_call(struct db *db, enum sql statement, int count, ...);
void sql_batch_add(struct batch *batch, const char *key, bool has_event, size_t answer_bytes);
void sql_fence_and_inbox(struct db *db, const struct batch *batch);
void sql_outbox(struct db *db, const struct batch *batch);
void sql_sync(struct db *db);
bool sql_is_busy(const struct db *db);
/* True when all is written. */
bool sql_flush(struct db *db);
/* Reads what is there; true when the segment has been committed. */
bool sql_receive(struct db *db);

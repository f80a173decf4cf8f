/* Statements as in actors/ and storage/ (look there for why), sent with text parameters. */
#include "tests/bench/limit_sql.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TEXTS_BYTES = 1 << 20, PARAMETERS_MAX = 20 };

#define BALANCE                                                                                    \
    "WITH b AS (UPDATE wallet.balance SET balance = $3, held = $4, version = version + 1"          \
    " WHERE wallet_id = $1 AND currency = $2 AND version = $5 RETURNING 1)"

static const char *const statements[SQL_COUNT] = {
    [SQL_FENCE] = "SELECT host.fence_shards($1, $2, $3)",
    [SQL_INBOX] =
        "INSERT INTO host.inbox (msg_id, number, status, http_status, body, at) SELECT * FROM "
        "unnest("
        "$1::uuid[], $2::smallint[], $3::text[], $4::smallint[], $5::bytea[], $6::bigint[])",
    [SQL_OUTBOX] =
        "INSERT INTO host.outbox (shard, seq, msg_id, number, key, body, at) SELECT e.shard, "
        "f.next_seq -"
        " e.back, e.msg_id, e.number, e.key, e.body, e.at FROM unnest($1::smallint[], $2::bigint[],"
        " $3::uuid[], $4::smallint[], $5::uuid[], $6::bytea[], $7::bigint[]) AS e (shard, back, "
        "msg_id,"
        " number, key, body, at) JOIN host.shard_fence f ON f.shard = e.shard",
    [SQL_RESERVE] =
        "WITH s AS (UPDATE catalog.stock SET held = $2, version = version + 1 WHERE variant_id = $1"
        " AND version = $3 RETURNING 1), r AS (INSERT INTO catalog.reservation (reservation_id,"
        " variant_id, quantity, state, expires_at, shard) VALUES ($4, $1, $5, 1, $6, $7))"
        " SELECT host.require_one(count(*)) FROM s",
    [SQL_SETTLE] =
        "WITH s AS (UPDATE catalog.stock SET on_hand = $2, held = $3, sold = $4, version = version "
        "+ 1"
        " WHERE variant_id = $1 AND version = $5 RETURNING 1), r AS (UPDATE catalog.reservation SET"
        " state = $7 WHERE reservation_id = $6 AND variant_id = $1 AND state = 1 RETURNING "
        "quantity),"
        " m AS (INSERT INTO catalog.stock_movement (variant_id, version, kind, delta, reference, "
        "at) SELECT $1, $5 + 1, 2, -r.quantity, $6, 0 FROM r WHERE $7 = 3)"
        " SELECT host.require_one((SELECT count(*) FROM s) * (SELECT count(*) FROM r))",
    [SQL_HOLD] = BALANCE
    ", h AS (INSERT INTO wallet.hold (id, wallet_id, shard, currency, amount, state, reference,"
    " expires_at, created_at) VALUES ($7, $1, $8, $2, $9, 'pending', $10, $11, $12))"
    " SELECT host.require_count(count(*), $6) FROM b",
    [SQL_POST] = BALANCE
    ", h AS (UPDATE wallet.hold SET state = 'posted', settled_at = $8 WHERE id = $7 AND"
    " wallet_id = $1 AND state = 'pending' RETURNING amount, reference)"
    " SELECT host.require_count((SELECT count(*) FROM b), $6),"
    " host.require_one((SELECT count(*) FROM h)), (SELECT wallet.post_transaction($9, $10, $1,"
    " 'purchase', 'clearing', $2, -h.amount, $3, h.reference, $8) FROM h)",
    [SQL_BEGIN] =
        "WITH cart AS (UPDATE \"order\".cart SET status = 'locked', group_id = $4, version = "
        "version + 1,"
        " updated_at = $3 WHERE id = $1 AND version = $2 AND status = 'active' RETURNING user_id),"
        " made AS (INSERT INTO \"order\".order_group (id, cart_id, user_id, status, "
        "payment_status, total,"
        " currency, created_at) SELECT $4, $1, cart.user_id, 'pending', 'unpaid', $5, $6, $3 FROM "
        "cart)"
        " SELECT CASE WHEN EXISTS (SELECT 1 FROM \"order\".leaving_shopper l JOIN cart ON"
        " l.user_id = cart.user_id WHERE l.until > $3) THEN \"order\".refuse_leaving_shopper()"
        " ELSE host.require_one((SELECT count(*) FROM cart)) END",
    [SQL_PLACE] =
        "WITH cart AS (UPDATE \"order\".cart SET status = 'ordered', version = version + 1, "
        "updated_at = $3"
        " WHERE id = $1 AND version = $2 AND status = 'locked' AND group_id = $4 RETURNING 1),"
        " placed AS (UPDATE \"order\".order_group SET status = 'placed', payment_status = 'paid', "
        "number = $5,"
        " placed_at = $3 WHERE id = $4 AND status = 'pending' RETURNING 1),"
        " orders AS (INSERT INTO \"order\".vendor_order (id, group_id, user_id, vendor_id, "
        "vendor_name, number, status,"
        " payment_status, items, total, currency, placed_at) SELECT o.id, $4, $6, o.vendor_id, "
        "o.vendor_name, o.number,"
        " 'placed', 'paid', o.items, o.items, $7, $3 FROM unnest($8::uuid[], $9::uuid[], "
        "$10::text[], $11::text[],"
        " $12::bigint[]) AS o (id, vendor_id, vendor_name, number, items)),"
        " lines AS (INSERT INTO \"order\".order_line (id, order_id, group_id, position, "
        "variant_id, product_id, name,"
        " sku, quantity, unit_amount, total) SELECT l.id, l.order_id, $4, l.position, "
        "l.variant_id, l.product_id,"
        " l.name, nullif(l.sku, ''), l.quantity, l.unit_amount, l.quantity * l.unit_amount FROM "
        "unnest($13::uuid[],"
        " $14::uuid[], $15::uuid[], $16::uuid[], $17::text[], $18::text[], $19::bigint[], "
        "$20::bigint[])"
        " WITH ORDINALITY AS l (id, order_id, variant_id, product_id, name, sku, quantity, "
        "unit_amount, position))"
        " SELECT host.require_count((SELECT count(*) FROM cart) + (SELECT count(*) FROM placed), "
        "2)",
    [SQL_SAGA] =
        "INSERT INTO host.saga (id, shard, kind, version, direction, point, data, idempotency_key,"
        " fingerprint, started_at, deadline) VALUES ($1, $2, $3, $4::bigint, $5, $6, $7, $8, $9, "
        "$10, $11)",
    [SQL_PIVOT] =
        "WITH u AS (UPDATE host.saga SET point = 1 WHERE id = $1 AND NOT is_done AND point = 0 AND"
        " direction = 0 RETURNING 1) SELECT host.require_one(count(*)) FROM u",
    [SQL_DONE] =
        "WITH u AS (UPDATE host.saga SET is_done = true WHERE id = $1 AND NOT is_done RETURNING 1)"
        " SELECT host.require_one(count(*)) FROM u",
    [SQL_IDEMPOTENCY] = "INSERT INTO host.idempotency (key, fingerprint, at) VALUES "
                        "(convert_to($1, 'UTF8'), $2, $3)",
    [SQL_COMPLETE] =
        "INSERT INTO host.idempotency AS i (key, fingerprint, at, status, http_status, body) VALUES"
        " (convert_to($1, 'UTF8'), $2, $3, $4, $5, $6) ON CONFLICT (key) DO UPDATE SET status ="
        " EXCLUDED.status, http_status = EXCLUDED.http_status, body = EXCLUDED.body WHERE i.status "
        "IS NULL",
};

const char SQL_TEXT_GRANT[] = "WITH b AS (INSERT INTO wallet.balance (wallet_id, currency, "
                              "balance) VALUES ($1, 'EUR', 1000000000))"
                              " SELECT wallet.post_transaction(0::smallint, gen_random_uuid(), $1, "
                              "'grant', 'grants', 'EUR', 1000000000,"
                              " 1000000000, 'limit line', 1)";
const char SQL_TEXT_CART[] =
    "INSERT INTO \"order\".cart (id, user_id, shard, status, currency, version, created_at,"
    " updated_at) VALUES ($1, $1, 0, 'active', 'EUR', 1, 1, 1)";

static char texts[TEXTS_BYTES];
static size_t texts_length;

void sql_give_up(const char *what)
{
    fprintf(stderr, "limit_checkout: %s\n", what);
    exit(1);
}

double sql_now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

long sql_time_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* --- texts --- */

static const char *keep(const char *format, va_list arguments)
{
    char *text = texts + texts_length;
    const int length = vsnprintf(text, TEXTS_BYTES - texts_length, format, arguments);
    if (length < 0 || (size_t)length >= TEXTS_BYTES - texts_length) sql_give_up("too many texts");
    texts_length += (size_t)length + 1;
    return text;
}

static const char *text(const char *format, ...) __attribute__((format(printf, 1, 2)));
static const char *text(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const char *kept = keep(format, arguments);
    va_end(arguments);
    return kept;
}

const char *sql_int(long value)
{
    return text("%ld", value);
}

const char *sql_bytes(size_t count)
{
    return text("\\x%0*d", (int)(2 * count), 7);
}

const char *sql_list(const char *format, ...)
{
    va_list arguments;
    char *list = texts + texts_length++;
    *list = '{';
    va_start(arguments, format);
    (void)keep(format, arguments);
    va_end(arguments);
    texts[texts_length - 1] = '}';
    texts[texts_length++] = '\0';
    return list;
}

static unsigned shard_of(const char *id)
{
    return (unsigned)strtoul(id + 34, NULL, 16) & (SHARDS - 1);
}

const char *sql_shard(const char *id)
{
    return sql_int(shard_of(id));
}

const char *sql_new_id(const char *like)
{
    static unsigned long state = 0, count = 0;
    if (state == 0) state = (unsigned long)sql_time_us();
    if (TEXTS_BYTES - texts_length < 4096) texts_length = 0; /* set-up makes many and copies each */
    const unsigned long ms = (unsigned long)sql_time_us() / 1000;
    state = state * 6364136223846793005u + 1442695040888963407u;
    count++;
    const unsigned long last =
        (state >> 16 & ~63ul & 0xffffffffffff) | (like == NULL ? count & 63 : shard_of(like));
    return text("%08lx-%04lx-7%03lx-8%03lx-%012lx", ms >> 16, ms & 0xffff, count >> 12 & 0xfff,
                count & 0xfff, last);
}

void sql_copy_id(char copy[40], const char *id)
{
    (void)snprintf(copy, 40, "%s", id);
}

/* --- segments --- */

struct db *sql_open(const char *conninfo)
{
    struct db *db = calloc(1, sizeof *db);
    if (db == NULL || conninfo == NULL) sql_give_up("no database is named");
    db->connection = PQconnectdb(conninfo);
    if (PQstatus(db->connection) != CONNECTION_OK) sql_give_up(PQerrorMessage(db->connection));
    PGresult *rows = sql_query(db, "SELECT epoch FROM host.shard_fence ORDER BY shard", NULL);
    for (int i = 0; i < PQntuples(rows) && i < SHARDS; i++)
        (void)snprintf(db->epochs[i], sizeof db->epochs[i], "%s", PQgetvalue(rows, i, 0));
    PQclear(rows);
    return db;
}

PGresult *sql_query(struct db *db, const char *query, const char *parameter)
{
    PGresult *result = PQexecParams(db->connection, query, parameter == NULL ? 0 : 1, NULL,
                                    &parameter, NULL, NULL, 0);
    const ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
        sql_give_up(PQerrorMessage(db->connection));
    return result;
}

static void prepare_one(struct db *db, enum sql statement)
{
    char name[8];
    (void)snprintf(name, sizeof name, "s%d", (int)statement);
    PGresult *result = PQprepare(db->connection, name, statements[statement], 0, NULL);
    if (PQresultStatus(result) != PGRES_COMMAND_OK) sql_give_up(PQerrorMessage(db->connection));
    PQclear(result);
}

void sql_prepare(struct db *db, enum sql first, enum sql last)
{
    for (enum sql statement = SQL_FENCE; statement <= SQL_OUTBOX; statement++)
        prepare_one(db, statement);
    for (enum sql statement = first; statement <= last; statement++)
        prepare_one(db, statement);
    if (PQsetnonblocking(db->connection, 1) != 0 || !PQenterPipelineMode(db->connection))
        sql_give_up("pipeline");
}

void sql_begin(struct db *db)
{
    texts_length = 0;
    db->expected = 0;
    db->is_busy = true;
}

static void call(struct db *db, enum sql statement, int count, const char *const *values)
{
    char name[8];
    (void)snprintf(name, sizeof name, "s%d", (int)statement);
    if (!PQsendQueryPrepared(db->connection, name, count, values, NULL, NULL, 0))
        sql_give_up(PQerrorMessage(db->connection));
    db->expected++;
}

void sql_call(struct db *db, enum sql statement, int count, ...)
{
    const char *values[PARAMETERS_MAX];
    va_list arguments;
    va_start(arguments, count);
    for (int i = 0; i < count; i++)
        values[i] = va_arg(arguments, const char *);
    va_end(arguments);
    call(db, statement, count, values);
}

void sql_sync(struct db *db)
{
    if (!PQpipelineSync(db->connection)) sql_give_up("sync");
}

bool sql_is_busy(const struct db *db)
{
    return db->is_busy;
}

bool sql_flush(struct db *db)
{
    return PQflush(db->connection) == 0;
}

bool sql_receive(struct db *db)
{
    if (!PQconsumeInput(db->connection)) sql_give_up(PQerrorMessage(db->connection));
    (void)PQflush(db->connection);
    while (db->is_busy && !PQisBusy(db->connection)) {
        PGresult *result = PQgetResult(db->connection);
        if (result == NULL) continue; /* the end of a query */
        const ExecStatusType status = PQresultStatus(result);
        if (status == PGRES_PIPELINE_SYNC) {
            if (db->expected != 0) sql_give_up("results are missing");
            db->is_busy = false;
        } else if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) {
            db->expected--;
        } else {
            sql_give_up(PQresultErrorMessage(result));
        }
        PQclear(result);
    }
    return !db->is_busy;
}

/* --- what units share --- */

void sql_batch_add(struct batch *batch, const char *key, bool has_event, size_t answer_bytes)
{
    batch->keys[batch->count] = key;
    batch->has_event[batch->count] = has_event;
    batch->answer_bytes[batch->count++] = answer_bytes;
    if (has_event) batch->events++;
}

/* Writes an array: one item per call, the last call closes it. */
struct array {
    char data[131072];
    size_t length;
};

static void array_add(struct array *array, const char *item)
{
    const int length = snprintf(array->data + array->length, sizeof array->data - array->length,
                                "%c%s", array->length == 0 ? '{' : ',', item);
    array->length += (size_t)length;
    if (array->length >= sizeof array->data - 2) sql_give_up("the array is too long");
}

static const char *array_end(struct array *array)
{
    memcpy(array->data + array->length, "}", 2);
    array->length = 0;
    return array->data;
}

void sql_fence_and_inbox(struct db *db, const struct batch *batch)
{
    static struct array arrays[6];
    unsigned events[SHARDS] = { 0 };
    bool is_fenced[SHARDS] = { false };
    for (size_t i = 0; i < batch->count; i++) {
        const unsigned shard = shard_of(batch->keys[i]);
        is_fenced[shard] = true;
        if (batch->has_event[i]) events[shard]++;
    }
    for (unsigned shard = 0; shard < SHARDS; shard++) {
        if (!is_fenced[shard]) continue;
        array_add(&arrays[0], sql_int(shard));
        array_add(&arrays[1], db->epochs[shard]);
        array_add(&arrays[2], sql_int(events[shard]));
    }
    sql_call(db, SQL_FENCE, 3, array_end(&arrays[0]), array_end(&arrays[1]), array_end(&arrays[2]));
    for (size_t i = 0; i < batch->count; i++) {
        array_add(&arrays[0], sql_new_id(batch->keys[i]));
        array_add(&arrays[1], "300");
        array_add(&arrays[2], "ok");
        array_add(&arrays[3], "200");
        array_add(&arrays[4], text("\\%s", sql_bytes(batch->answer_bytes[i])));
        array_add(&arrays[5], sql_int(sql_time_us()));
    }
    sql_call(db, SQL_INBOX, 6, array_end(&arrays[0]), array_end(&arrays[1]), array_end(&arrays[2]),
             array_end(&arrays[3]), array_end(&arrays[4]), array_end(&arrays[5]));
}

void sql_outbox(struct db *db, const struct batch *batch)
{
    static struct array arrays[7];
    unsigned left[SHARDS] = { 0 };
    if (batch->events == 0) return;
    for (size_t i = 0; i < batch->count; i++)
        if (batch->has_event[i]) left[shard_of(batch->keys[i])]++;
    for (size_t i = 0; i < batch->count; i++) {
        if (!batch->has_event[i]) continue;
        array_add(&arrays[0], sql_shard(batch->keys[i]));
        array_add(&arrays[1], sql_int(left[shard_of(batch->keys[i])]--));
        array_add(&arrays[2], sql_new_id(batch->keys[i]));
        array_add(&arrays[3], "500");
        array_add(&arrays[4], batch->keys[i]);
        array_add(&arrays[5], text("\\%s", sql_bytes(60)));
        array_add(&arrays[6], sql_int(sql_time_us()));
    }
    sql_call(db, SQL_OUTBOX, 7, array_end(&arrays[0]), array_end(&arrays[1]), array_end(&arrays[2]),
             array_end(&arrays[3]), array_end(&arrays[4]), array_end(&arrays[5]),
             array_end(&arrays[6]));
}

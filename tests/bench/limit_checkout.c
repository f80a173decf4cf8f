/* Limit line: the statements that a checkout of 3 lines and 2 vendors writes, as eleven units of
 * work over three databases, one pipelined connection each, without anything of Souk: begin; 3
 * reserves and a hold side by side; place (the pivot, at which the shopper has the answer); 3
 * commits and a post side by side; end. Units that wait together share fence, inbox and outbox
 * statements and one Sync (at most 64). The SQL is that of actors/ and storage/; parameters travel
 * as text. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/limit_sql.h"

enum { LINES = 3, VARIANTS_MAX = 65536, CHECKOUTS_MAX = 65536, WALLETS = 256, POLL_MS = 5000 };

struct variant {
    char id[40], product[40], vendor[40];
    long on_hand, held, sold, version;
};

struct wallet {
    char id[40];
    long balance, held, version;
};

struct checkout {
    char group[40], cart[40];
    struct wallet *wallet;
    struct variant *variants[LINES];
    unsigned waits_for; /* units of this stage */
    unsigned stage;
    double started_s;
};

enum kind { BEGIN, RESERVE, HOLD, PLACE, COMMIT, POST, END };

struct unit {
    enum kind kind;
    struct checkout *checkout;
    unsigned line;
};

struct queue {
    struct db *db;
    struct unit waiting[8 * 1024], sent[UNITS_MAX];
    size_t first, count, sent_count;
};

static struct {
    struct queue queues[3]; /* catalog, wallet, order */
    struct variant *variants;
    struct wallet wallets[WALLETS];
    struct checkout *checkouts;
    double *latencies_s;
    size_t variants_count, total, started, placed, ended, units, segments;
    double placed_s;
} run;

enum { CATALOG, WALLET, ORDER };
static const size_t queue_of[] = { ORDER, CATALOG, WALLET, ORDER, CATALOG, WALLET, ORDER };

static void push(enum kind kind, struct checkout *checkout, unsigned line)
{
    struct queue *queue = &run.queues[queue_of[kind]];
    const size_t room = sizeof queue->waiting / sizeof queue->waiting[0];
    if (queue->count == room) sql_give_up("too many units wait");
    queue->waiting[(queue->first + queue->count++) % room] = (struct unit){ kind, checkout, line };
    checkout->waits_for++;
    run.units++;
}

static void push_side_by_side(enum kind stock, enum kind money, struct checkout *checkout)
{
    for (unsigned line = 0; line < LINES; line++)
        push(stock, checkout, line);
    push(money, checkout, 0);
}

static void begin_next(void)
{
    if (run.started == run.total) return;
    struct checkout *checkout = &run.checkouts[run.started++];
    checkout->started_s = sql_now_s();
    push(BEGIN, checkout, 0);
}

/* --- writes: state in memory moves when a unit is sent, as with early release --- */

static void write_stock(struct db *db, const struct unit *unit)
{
    struct variant *variant = unit->checkout->variants[unit->line];
    variant->version++;
    if (unit->kind == RESERVE) {
        variant->held++;
        sql_call(db, SQL_RESERVE, 7, variant->id, sql_int(variant->held),
                 sql_int(variant->version - 1), unit->checkout->group, "1",
                 sql_int(sql_time_us() + 1200000000), sql_shard(variant->id));
        return;
    }
    variant->held--;
    variant->on_hand--;
    variant->sold++;
    sql_call(db, SQL_SETTLE, 7, variant->id, sql_int(variant->on_hand), sql_int(variant->held),
             sql_int(variant->sold), sql_int(variant->version - 1), unit->checkout->group, "3");
}

static void write_wallet(struct db *db, const struct unit *unit)
{
    struct wallet *wallet = unit->checkout->wallet;
    wallet->version++;
    if (unit->kind == HOLD) {
        wallet->held += LINES;
        sql_call(db, SQL_HOLD, 12, wallet->id, "EUR", sql_int(wallet->balance),
                 sql_int(wallet->held), sql_int(wallet->version - 1), "1", unit->checkout->group,
                 sql_shard(wallet->id), sql_int(LINES), "og_00000000000000000000000000",
                 sql_int(sql_time_us() + 1200000000), sql_int(sql_time_us()));
        return;
    }
    wallet->held -= LINES;
    wallet->balance -= LINES;
    sql_call(db, SQL_POST, 10, wallet->id, "EUR", sql_int(wallet->balance), sql_int(wallet->held),
             sql_int(wallet->version - 1), "1", unit->checkout->group, sql_int(sql_time_us()),
             sql_shard(wallet->id), sql_new_id(wallet->id));
}

static void write_begin(struct db *db, const struct checkout *checkout)
{
    const char *key = sql_bytes(32), *print = sql_bytes(16);
    sql_call(db, SQL_BEGIN, 6, checkout->cart, "1", sql_int(sql_time_us()), checkout->group,
             sql_int(LINES), "EUR");
    sql_call(db, SQL_SAGA, 11, checkout->group, sql_shard(checkout->cart), "limit", "1", "0", "0",
             sql_bytes(450), key, print, sql_int(sql_time_us()), sql_int(sql_time_us()));
    sql_call(db, SQL_IDEMPOTENCY, 3, checkout->group, print, sql_int(sql_time_us()));
}

static void write_place(struct db *db, const struct checkout *checkout)
{
    const char *orders[2] = { sql_new_id(checkout->cart), sql_new_id(checkout->cart) };
    struct variant *const *v = checkout->variants;
    const char *lines = sql_list("%s,%s,%s", sql_new_id(checkout->cart), sql_new_id(checkout->cart),
                                 sql_new_id(checkout->cart));
    sql_call(db, SQL_PLACE, 20, checkout->cart, "2", sql_int(sql_time_us()), checkout->group,
             sql_int((long)run.placed + 1), checkout->wallet->id, "EUR",
             sql_list("%s,%s", orders[0], orders[1]), sql_list("%s,%s", v[0]->vendor, v[1]->vendor),
             "{A vendor's name,Another vendor's}", "{100001-1,100001-2}", "{2,1}", lines,
             sql_list("%s,%s,%s", orders[0], orders[1], orders[0]),
             sql_list("%s,%s,%s", v[0]->id, v[1]->id, v[2]->id),
             sql_list("%s,%s,%s", v[0]->product, v[1]->product, v[2]->product),
             "{A product's name,Another product's name,And a third one}", "{sku-a,sku-b,sku-c}",
             "{1,1,1}", "{1,1,1}");
    sql_call(db, SQL_PIVOT, 1, checkout->group);
    sql_call(db, SQL_COMPLETE, 6, checkout->group, sql_bytes(16), sql_int(sql_time_us()), "ok",
             "201", sql_bytes(700));
}

static void write_unit(struct db *db, const struct unit *unit)
{
    switch (unit->kind) {
    case BEGIN:
        write_begin(db, unit->checkout);
        break;
    case RESERVE:
    case COMMIT:
        write_stock(db, unit);
        break;
    case HOLD:
    case POST:
        write_wallet(db, unit);
        break;
    case PLACE:
        write_place(db, unit->checkout);
        break;
    case END:
        sql_call(db, SQL_DONE, 1, unit->checkout->group);
        break;
    }
}

static const char *key_of(const struct unit *unit)
{
    if (unit->kind == RESERVE || unit->kind == COMMIT)
        return unit->checkout->variants[unit->line]->id;
    if (unit->kind == HOLD || unit->kind == POST) return unit->checkout->wallet->id;
    return unit->checkout->cart;
}

/* Fence, inbox, the units' own writes, outbox, Sync. */
static void send_segment(struct queue *queue)
{
    const size_t room = sizeof queue->waiting / sizeof queue->waiting[0];
    struct batch batch = { 0 };
    sql_begin(queue->db);
    for (queue->sent_count = 0; queue->count > 0 && queue->sent_count < UNITS_MAX; queue->count--) {
        const struct unit unit = queue->waiting[queue->first];
        queue->first = (queue->first + 1) % room;
        queue->sent[queue->sent_count++] = unit;
        sql_batch_add(&batch, key_of(&unit), unit.kind == PLACE, unit.kind == PLACE ? 700 : 1);
    }
    sql_fence_and_inbox(queue->db, &batch);
    for (size_t i = 0; i < queue->sent_count; i++)
        write_unit(queue->db, &queue->sent[i]);
    sql_outbox(queue->db, &batch);
    sql_sync(queue->db);
    run.segments++;
}

static void advance(struct checkout *checkout)
{
    if (--checkout->waits_for > 0) return;
    switch (++checkout->stage) {
    case 1:
        push_side_by_side(RESERVE, HOLD, checkout);
        break;
    case 2:
        push(PLACE, checkout, 0);
        break;
    case 3:
        run.placed_s = sql_now_s();
        run.latencies_s[run.placed++] = run.placed_s - checkout->started_s;
        push_side_by_side(COMMIT, POST, checkout);
        begin_next();
        break;
    case 4:
        push(END, checkout, 0);
        break;
    default:
        run.ended++;
    }
}

static void drive(void)
{
    struct pollfd polls[3];
    while (run.ended < run.total) {
        for (size_t i = 0; i < 3; i++) {
            struct queue *queue = &run.queues[i];
            if (!sql_is_busy(queue->db) && queue->count > 0) send_segment(queue);
            polls[i] = (struct pollfd){ .fd = PQsocket(queue->db->connection), .events = POLLIN };
            if (!sql_flush(queue->db)) polls[i].events |= POLLOUT;
        }
        if (poll(polls, 3, POLL_MS) <= 0) sql_give_up("nothing happens");
        for (size_t i = 0; i < 3; i++) {
            struct queue *queue = &run.queues[i];
            if (polls[i].revents == 0 || !sql_receive(queue->db)) continue;
            const size_t count = queue->sent_count;
            queue->sent_count = 0;
            for (size_t k = 0; k < count; k++)
                advance(queue->sent[k].checkout);
        }
    }
}

/* --- rows of our own: wallets and carts are new, the variants are those whose MD5 begins with f
 * --- */

static void load_variants(void)
{
    PGresult *rows = sql_query(
        run.queues[CATALOG].db,
        "SELECT k.variant_id, k.product_id, p.vendor_id, k.on_hand, k.held, k.sold, k.version"
        " FROM catalog.stock k JOIN catalog.product p ON p.id = k.product_id WHERE k.is_active"
        " AND k.on_hand - k.held > 10000 AND md5(k.variant_id::text) >= 'f' LIMIT 65536",
        NULL);
    run.variants_count = (size_t)PQntuples(rows);
    if (run.variants_count < LINES) sql_give_up("too few variants with stock");
    run.variants = calloc(run.variants_count, sizeof *run.variants);
    for (int i = 0; i < PQntuples(rows); i++) {
        struct variant *variant = &run.variants[i];
        sql_copy_id(variant->id, PQgetvalue(rows, i, 0));
        sql_copy_id(variant->product, PQgetvalue(rows, i, 1));
        sql_copy_id(variant->vendor, PQgetvalue(rows, i, 2));
        variant->on_hand = strtol(PQgetvalue(rows, i, 3), NULL, 10);
        variant->held = strtol(PQgetvalue(rows, i, 4), NULL, 10);
        variant->sold = strtol(PQgetvalue(rows, i, 5), NULL, 10);
        variant->version = strtol(PQgetvalue(rows, i, 6), NULL, 10);
    }
    PQclear(rows);
}

static void make_rows(void)
{
    for (size_t i = 0; i < WALLETS; i++) {
        struct wallet *wallet = &run.wallets[i];
        *wallet = (struct wallet){ .balance = 1000000000, .version = 1 };
        sql_copy_id(wallet->id, sql_new_id(NULL));
        PQclear(sql_query(run.queues[WALLET].db, SQL_TEXT_GRANT, wallet->id));
    }
    for (size_t i = 0; i < run.total; i++) {
        struct checkout *checkout = &run.checkouts[i];
        sql_copy_id(checkout->cart, sql_new_id(NULL));
        sql_copy_id(checkout->group, sql_new_id(checkout->cart));
        checkout->wallet = &run.wallets[i % WALLETS];
        for (size_t k = 0; k < LINES; k++) /* a prime step, so that the lines differ */
            checkout->variants[k] = &run.variants[(i * 7919 + k) % run.variants_count];
    }
    for (size_t i = 0; i < run.total; i++)
        PQclear(sql_query(run.queues[ORDER].db, SQL_TEXT_CART, run.checkouts[i].cart));
}

static int compare(const void *a, const void *b)
{
    const double left = *(const double *)a, right = *(const double *)b;
    return left < right ? -1 : left > right;
}

int main(int argc, char **argv)
{
    static const char *const names[] = { "LIMIT_CATALOG", "LIMIT_WALLET", "LIMIT_ORDER" };
    const size_t outstanding = argc == 3 ? strtoul(argv[1], NULL, 10) : 0;
    run.total = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
    if (outstanding == 0 || outstanding > 1024 || run.total == 0 || run.total > CHECKOUTS_MAX)
        sql_give_up(
            "usage: LIMIT_{CATALOG,WALLET,ORDER}=CONNINFO limit_checkout OUTSTANDING COUNT");
    run.checkouts = calloc(run.total, sizeof *run.checkouts);
    run.latencies_s = calloc(run.total, sizeof *run.latencies_s);
    for (size_t i = 0; i < 3; i++)
        run.queues[i].db = sql_open(getenv(names[i]));
    load_variants();
    make_rows();
    for (size_t i = 0; i < 3; i++)
        sql_prepare(run.queues[i].db,
                    i == CATALOG  ? SQL_RESERVE
                    : i == WALLET ? SQL_HOLD
                                  : SQL_BEGIN,
                    i == CATALOG  ? SQL_SETTLE
                    : i == WALLET ? SQL_POST
                                  : SQL_COMPLETE);
    printf("ready\n");
    fflush(stdout);
    (void)getchar(); /* the caller reads the CPU times first */
    const double started_s = sql_now_s();
    for (size_t i = 0; i < outstanding; i++)
        begin_next();
    drive();
    qsort(run.latencies_s, run.total, sizeof(double), compare);
    printf("{\"done\": %zu, \"seconds\": %.4f, \"rate\": %.1f, \"p50_ms\": %.3f, \"p99_ms\": %.3f, "
           "\"units\": %zu, \"segments\": %zu}\n",
           run.total, run.placed_s - started_s, (double)run.total / (run.placed_s - started_s),
           1000 * run.latencies_s[run.total / 2], 1000 * run.latencies_s[run.total * 99 / 100],
           run.units, run.segments);
    return 0;
}

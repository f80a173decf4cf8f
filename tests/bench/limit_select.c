/* Limit line: h2o -> ZeroMQ -> libpq, one pipelined connection, one Sync per loop turn: the row of
 * the product whose UUID the path names, as text. LIMIT_CATALOG in the environment says where the
 * database is. */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/limit_front.h"
#include "tests/bench/limit_hop.h"

enum { ID_LENGTH = 36, ANSWER_MAX = 256 * 1024, SYNC = UINT32_MAX, RING_MAX = 2 * FRONT_SLOTS_MAX };

static struct {
    PGconn *connection;
    uv_poll_t poll;
    uv_prepare_t prepare;
    struct hop hop;
    uint32_t ring[RING_MAX]; /* what results are expected: numbers of requests, and SYNC */
    size_t first, count;
    bool is_dirty, is_writing;
    char answer[ANSWER_MAX];
} back_side;

static const char select_product[] =
    "SELECT id, vendor_id, category_id, name, slug, description, price_amount, price_currency,"
    " images, created_at FROM catalog.product WHERE id = $1 AND is_listed";

static void expect(uint32_t number)
{
    if (back_side.count == RING_MAX) front_give_up("too many queries at once");
    back_side.ring[(back_side.first + back_side.count++) % RING_MAX] = number;
}

static void on_record(void *context, uint32_t number, const char *bytes, size_t length)
{
    char id[ID_LENGTH + 1] = { 0 };
    const char *const values[] = { id };
    (void)context;
    if (length < ID_LENGTH) front_give_up("no id in the path");
    memcpy(id, bytes + length - ID_LENGTH, ID_LENGTH);
    if (!PQsendQueryPrepared(back_side.connection, "p", 1, values, NULL, NULL, 1))
        front_give_up(PQerrorMessage(back_side.connection));
    expect(number);
    back_side.is_dirty = true;
}

static void answer_row(uint32_t number, const PGresult *result)
{
    size_t length = 0;
    if (PQresultStatus(result) != PGRES_TUPLES_OK) front_give_up(PQresultErrorMessage(result));
    if (PQntuples(result) != 1) front_give_up("no such product");
    for (int column = 0; column < PQnfields(result); column++) {
        const size_t part = (size_t)PQgetlength(result, 0, column);
        if (part > sizeof back_side.answer - length) front_give_up("the row is too long");
        memcpy(back_side.answer + length, PQgetvalue(result, 0, column), part);
        length += part;
    }
    hop_send(&back_side.hop, number, back_side.answer, length);
}

static void read_results(void)
{
    while (back_side.count > 0 && !PQisBusy(back_side.connection)) {
        const uint32_t number = back_side.ring[back_side.first];
        PGresult *result = PQgetResult(back_side.connection);
        if (result == NULL) front_give_up("a result is missing");
        if (number != SYNC) answer_row(number, result);
        PQclear(result);
        if (number != SYNC && PQgetResult(back_side.connection) != NULL)
            front_give_up("a result too many");
        back_side.first = (back_side.first + 1) % RING_MAX;
        back_side.count--;
    }
}

static void on_socket(uv_poll_t *poll, int status, int events);

static void flush(void)
{
    const bool is_writing = PQflush(back_side.connection) == 1;
    if (is_writing == back_side.is_writing) return;
    back_side.is_writing = is_writing;
    uv_poll_start(&back_side.poll, UV_READABLE | (is_writing ? UV_WRITABLE : 0), on_socket);
}

static void on_socket(uv_poll_t *poll, int status, int events)
{
    (void)poll;
    if (status != 0) front_give_up("the database is gone");
    if ((events & UV_READABLE) != 0) {
        if (!PQconsumeInput(back_side.connection)) front_give_up("the database is gone");
        read_results();
    }
    flush();
}

static void on_prepare(uv_prepare_t *prepare)
{
    (void)prepare;
    if (!back_side.is_dirty) return;
    back_side.is_dirty = false;
    if (!PQpipelineSync(back_side.connection)) front_give_up("sync");
    expect(SYNC);
    flush();
}

static void back(void *endpoint)
{
    uv_loop_t *loop = uv_default_loop();
    PGconn *connection = PQconnectdb(getenv("LIMIT_CATALOG"));
    back_side.connection = connection;
    if (PQstatus(connection) != CONNECTION_OK) front_give_up(PQerrorMessage(connection));
    PGresult *result = PQprepare(connection, "p", select_product, 1, NULL);
    if (PQresultStatus(result) != PGRES_COMMAND_OK) front_give_up(PQerrorMessage(connection));
    PQclear(result);
    if (PQsetnonblocking(connection, 1) != 0 || !PQenterPipelineMode(connection))
        front_give_up("pipeline");
    uv_poll_init(loop, &back_side.poll, PQsocket(connection));
    uv_poll_start(&back_side.poll, UV_READABLE, on_socket);
    uv_prepare_init(loop, &back_side.prepare);
    uv_prepare_start(&back_side.prepare, on_prepare);
    hop_open(&back_side.hop, loop, endpoint, false, on_record, NULL);
}

int main(int argc, char **argv)
{
    if (argc != 3 || getenv("LIMIT_CATALOG") == NULL)
        front_give_up("usage: LIMIT_CATALOG=CONNINFO limit_select PORT ENDPOINT");
    front_fork_back(back, argv[2]);
    front_relay((int)strtol(argv[1], NULL, 10), argv[2]);
}

/* Answers on their way: handed to libh2o, and counted until they are taken. */
#include "gateway/sending.h"

#include "gateway/server_parts.h"
#include "runtime/metrics.h"

enum {
    UNREAD_ANSWERS_MAX = 4096,
    UNREAD_BYTES_MAX = 64 << 20,
    SLOW_SOUGHT_MAX = 64 /* of the oldest answers are looked at */
};

/* Whom to cut when too many answers are unread: the client of the oldest one that has no credit
 * (read_schedule.h), else of the oldest. A client that reads well may have an old answer under way,
 * and must not pay for one that reads nothing. */
static struct connection *find_slow_reader(const struct server *server)
{
    const struct exchange *e = server->unread.first;
    assert(e != NULL);
    for (size_t i = 0; i < SLOW_SOUGHT_MAX && e != NULL; i++, e = e->next) {
        if (!connection_has_credit(e->connection)) return e->connection;
    }
    return server->unread.first->connection;
}

static void count_unread(struct exchange *exchange, size_t bytes)
{
    struct server *server = exchange->server;
    exchange->answer_bytes = bytes;
    exchange_list_append(&server->unread, exchange);
    server->unread_count++;
    server->unread_bytes += bytes;
    const bool is_much =
        server->unread_count > UNREAD_ANSWERS_MAX || server->unread_bytes > UNREAD_BYTES_MAX;
    if (is_much) connection_cut(find_slow_reader(server));
}

void sending_start(struct exchange *exchange, struct text body)
{
    static h2o_generator_t generator; /* nothing to proceed with, nothing to stop */
    struct server *server = exchange->server;
    h2o_req_t *req = exchange->req;
    assert(req != NULL);
    assert(exchange->answered_us == 0);
    exchange->answered_us = loop_now_us(server->options.loop);
    exchange->write_deadline_us = exchange->answered_us +
                                  server->options.limits.connection.write_deadline_us +
                                  (int64_t)body.length * 1000000 / ANSWER_RATE_MIN;
    metric_observe_us(METRIC_HTTP_TIME, exchange->answered_us - exchange->started_us);
    if (req->res.status >= 500) metric_add(METRIC_HTTP_SERVER_ERRORS, 1);
    count_unread(exchange, body.length);
    req->res.content_length =
        req->res.status == 204 || req->res.status == 304 ? SIZE_MAX : body.length;
    h2o_iovec_t buffer = { .base = (char *)(uintptr_t)body.data, .len = body.length };
    /* libh2o would send the body of a HEAD. */
    const bool has_body = body.length > 0 && !exchange_is_head(exchange);
    exchange_write_access(exchange, req->res.status, has_body ? body.length : 0);
    h2o_start_response(req, &generator);
    h2o_send(req, &buffer, has_body ? 1 : 0, H2O_SEND_STATE_FINAL);
}

void sending_end(struct exchange *exchange)
{
    struct server *server = exchange->server;
    assert(exchange->list == &server->unread);
    assert(server->unread_count > 0);
    assert(server->unread_bytes >= exchange->answer_bytes);
    server->unread_count--;
    server->unread_bytes -= exchange->answer_bytes;
    exchange_list_remove(exchange);
}

void sending_cut_slow(struct server *server, int64_t now_us)
{
    const int64_t write_us = server->options.limits.connection.write_deadline_us;
    /* The list is in the order of the answers, and no deadline is shorter than write_us. */
    for (struct exchange *e = server->unread.first; e != NULL && now_us > e->answered_us + write_us;
         e = e->next) {
        if (now_us > e->write_deadline_us) connection_cut(e->connection);
    }
}

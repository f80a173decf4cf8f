/* One request in the order of its story: it arrives, limits of size and load, its route, who sends
 * it, its rate, its body; then a domain is asked, and its answer leaves. */
#include "gateway/serve.h"

#include <string.h>

#include "common_messages.h"
#include "gateway/admit.h"
#include "gateway/from_cache.h"
#include "gateway/http1_head.h"
#include "gateway/media.h"
#include "gateway/rate_request.h"
#include "gateway/raw_body.h"
#include "gateway/request.h"
#include "gateway/respond.h"
#include "gateway/server_parts.h"
#include "gateway/service.h"
#include "gateway/stream.h"
#include "gateway/waiting.h"
#include "messages/codec_msgpack.h"
#include "runtime/log.h"
#include "runtime/metrics.h"

/* ---- it arrives: its names, and who sent it ---- */

static bool is_request_id(struct text text)
{
    if (text.length == 0 || text.length > REQUEST_ID_MAX) return false;
    for (size_t i = 0; i < text.length; i++) {
        const char c = text.data[i];
        const bool is_alphanumeric =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!is_alphanumeric && c != '.' && c != '_' && c != '-') return false;
    }
    return true;
}

/* Keeps the client's request id, else makes one; and makes the message id of this request. */
static void serve_identify(struct exchange *exchange)
{
    struct server *server = exchange->server;
    struct rng *rng = loop_rng(server->options.loop);
    uint8_t random[10];
    rng->fill(rng->context, random, sizeof random);
    exchange->request.msg_id =
        uuid_make(loop_real_us(server->options.loop), random, random[9] % SHARD_COUNT);
    const struct text given = exchange_header(exchange, TEXT("x-request-id"));
    if (is_request_id(given)) {
        exchange->request_id = text_copy(exchange->arena, given);
        return;
    }
    char text[ID_TEXT_MAX + 1];
    const size_t length = id_format("req", exchange->request.msg_id, text);
    exchange->request_id = text_copy(exchange->arena, (struct text){ text, length });
}

/* No header is believed but what the site's own proxies say. */
static void serve_find_client(struct exchange *exchange)
{
    struct sockaddr_storage peer = { .ss_family = AF_UNSPEC };
    h2o_conn_t *connection = exchange->req->conn;
    (void)connection->callbacks->get_peername(connection, (struct sockaddr *)&peer);
    exchange->client = client_address_of_peer((const struct sockaddr *)&peer);
    const struct proxies *proxies = &exchange->server->options.limits.connection.proxies;
    if (!proxies_have(proxies, &exchange->client)) return;
    struct text fields[FORWARDED_MAX];
    const size_t count =
        exchange_last_headers(exchange, TEXT("x-forwarded-for"), fields, FORWARDED_MAX);
    exchange->client = client_address_find(proxies, exchange->client, fields, count);
}

/* ---- limits ---- */

/* libh2o drops some fields and keeps the last of others, so that only the bytes of the head tell
 * what another reader would have understood. They are still at the front of what its socket has
 * read, though it may have written names in lower case. */
static enum status serve_check_head(struct exchange *exchange)
{
    h2o_req_t *req = exchange->req;
    if (req->version >= 0x200) return STATUS_OK;
    const h2o_buffer_t *input = req->conn->callbacks->get_socket(req->conn)->input;
    const enum status status = http1_head_check((struct text){ input->bytes, input->size });
    /* Whatever follows may be meant as part of this request. */
    if (status != STATUS_OK) req->http1_is_persistent = 0;
    return status;
}

static bool headers_fit(const h2o_headers_t *headers)
{
    size_t total = 0;
    for (size_t i = 0; i < headers->size; i++)
        total += headers->entries[i].name->len + headers->entries[i].value.len;
    return total <= HTTP_HEADERS_MAX && headers->size <= HTTP_FIELDS_MAX;
}

static enum status refuse_size(struct problem *problem, enum status status, enum field_place place,
                               size_t maximum)
{
    problem->place = place;
    problem->maximum = (int64_t)maximum;
    return status;
}

/* To decode such a head costs more than to send it, and its answer is earned for nothing: whoever
 * goes on is cut. */
static enum status refuse_head(const struct exchange *exchange, struct problem *problem)
{
    connection_head_is_refused(exchange->connection);
    return refuse_size(problem, STATUS_HEADERS_TOO_LARGE, PLACE_HEADER, HTTP_HEADERS_MAX);
}

/* Of a body that is longer than JSON may be, its route says whether it may be so long. */
static enum status check_body_size(const struct exchange *exchange, struct problem *problem)
{
    size_t most = exchange->server->options.limits.body_max;
    if (exchange->req->entity.len <= most) return STATUS_OK;
    const h2o_iovec_t method = exchange->req->input.method;
    struct route_match match;
    if (router_find(exchange->server->router, (struct text){ method.base, method.len },
                    exchange->path, &match) == STATUS_OK &&
        match.route->body != BODY_JSON)
        most = match.route->body_max;
    if (exchange->req->entity.len <= most) return STATUS_OK;
    return refuse_size(problem, STATUS_BODY_TOO_LARGE, PLACE_BODY, most);
}

static enum status serve_check_sizes(const struct exchange *exchange, struct problem *problem)
{
    if (exchange->req->input.path.len > HTTP_URL_MAX)
        return refuse_size(problem, STATUS_URI_TOO_LONG, PLACE_PATH, HTTP_URL_MAX);
    if (!headers_fit(&exchange->req->headers)) return refuse_head(exchange, problem);
    return check_body_size(exchange, problem);
}

/* What waits for a domain or for keys counts, not what has only just arrived, nor answers that are
 * not read (sending.c bounds these): one client must not keep all others out. */
static enum status serve_check_load(const struct exchange *exchange)
{
    const struct server *server = exchange->server;
    if (server->waiting >= server->options.limits.in_flight_max) return STATUS_OVERLOADED;
    return exchange->connection->asks < CONNECTION_ASKS_MAX ? STATUS_OK : STATUS_OVERLOADED;
}

/* ---- its route ---- */

static enum status serve_find_route(struct exchange *exchange, struct problem *problem)
{
    const h2o_iovec_t method = exchange->req->input.method;
    const struct text method_text = { method.base, method.len };
    const enum status status =
        router_find(exchange->server->router, method_text, exchange->path, &exchange->match);
    if (status == STATUS_METHOD_NOT_ALLOWED) {
        char allow[ROUTE_ALLOW_MAX + 1];
        const size_t length = route_allowed(exchange->match.node, allow);
        problem->allow = text_copy(exchange->arena, (struct text){ allow, length });
    }
    return status;
}

/* Says what a resource takes, to anyone: a preflight carries no token. */
static enum status serve_options(struct exchange *exchange, struct problem *problem)
{
    enum status status = STATUS_METHOD_NOT_ALLOWED;
    if (text_equals_string(exchange->path, "*"))
        problem->allow = TEXT("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
    else if (exchange->service != NULL)
        problem->allow = TEXT(SERVICE_ALLOW);
    else
        status = serve_find_route(exchange, problem);
    if (status != STATUS_METHOD_NOT_ALLOWED) return status;
    TRY(rate_count(exchange));
    respond_options(exchange, problem->allow);
    return STATUS_OK;
}

/* ---- all of it ---- */

/* Nobody has all of the requests that may be under way. */
static enum status serve_count_in_flight(struct exchange *exchange)
{
    struct server *server = exchange->server;
    exchange->counted_as = rate_key_of(exchange, 0);
    exchange->is_counted = key_counts_add(server->in_flight_each, &exchange->counted_as,
                                          server->options.limits.in_flight_each_max);
    return exchange->is_counted ? STATUS_OK : STATUS_OVERLOADED;
}

/* A route is found, its sender admitted, its body read, its domain asked. */
static enum status serve_route(struct exchange *exchange, struct problem *problem)
{
    bool is_parked = false;
    TRY(serve_check_load(exchange));
    TRY(serve_find_route(exchange, problem));
    TRY(admit_principal(exchange, &is_parked));
    if (is_parked) return STATUS_OK;
    TRY(rate_count(exchange));
    TRY(raw_body_check(exchange, problem));
    if (from_cache_find(exchange)) {
        respond_kept(exchange);
        return STATUS_OK;
    }
    if (stream_is_wanted(exchange)) TRY(stream_check(exchange));
    TRY(serve_count_in_flight(exchange));
    TRY(raw_body_count(exchange));
    TRY(request_read(exchange, problem));
    return waiting_ask(exchange);
}

/* OK: answered, or asked for, or parked. */
static enum status serve_start(struct exchange *exchange, struct problem *problem)
{
    exchange->service = service_find(exchange->path);
    if (!exchange->was_parked) serve_identify(exchange);
    TRY(serve_check_head(exchange));
    TRY(serve_check_sizes(exchange, problem));
    serve_find_client(exchange);
    if (exchange_is(exchange, "OPTIONS")) return serve_options(exchange, problem);
    if (exchange->service == NULL) return serve_route(exchange, problem);
    service_answer(exchange);
    return STATUS_OK;
}

void serve_request(struct exchange *exchange)
{
    assert(exchange->req != NULL);
    assert(exchange->answered_us == 0);
    struct problem problem = { .allow = { .data = NULL } };
    problem.status = serve_start(exchange, &problem);
    if (problem.status == STATUS_OK) return; /* it may be gone already */
    /* What was refused before its rate was counted counts for its address. */
    if (exchange->rate_policy == NULL && rate_count(exchange) != STATUS_OK)
        problem = (struct problem){ .status = STATUS_TOO_MANY_REQUESTS };
    metric_add(METRIC_HTTP_REFUSED, 1);
    respond_problem(exchange, &problem);
}

/* ---- the answer ---- */

/* What a client may see of a failure between processes. */
static enum status status_for_clients(enum status status)
{
    switch (status) {
    case STATUS_MOVED:
    case STATUS_FENCED:
        return STATUS_UNAVAILABLE;
    case STATUS_DUPLICATE:
    case STATUS_UNSUPPORTED:
    case STATUS_CORRUPT:
        return STATUS_INTERNAL;
    default:
        return status;
    }
}

/* Which right was missing; empty when that is not why. */
static struct text serve_missing_right(const struct exchange *exchange, enum status status)
{
    const struct message *message = exchange->match.route->message;
    const struct principal *principal = &exchange->principal;
    if (status != STATUS_FORBIDDEN || principal->kind == PRINCIPAL_NONE)
        return (struct text){ .data = NULL };
    if (message->right == 0 && principal->is_api_key)
        return TEXT("No API key may do this: it takes somebody who has signed in.");
    if (message->right == 0 || (principal->rights & message->right) != 0)
        return (struct text){ .data = NULL };
    return text_format(exchange->arena, "It needs the permission %s.", message->right_name);
}

/* The field that the refusal is about, where the domain has named none: a taken name that only the
 * database knew of. */
static const struct common_problem_detail *serve_field_of(const struct exchange *exchange,
                                                          enum status status)
{
    const char *name = status_field(status);
    const struct schema *body = exchange->match.route->message->body;
    for (size_t i = 0; name != NULL && i < body->fields_count; i++) {
        const struct field *field = &body->fields[i];
        const bool is_sent_in_body = (field->flags & (FIELD_IN_PATH | FIELD_IN_HEADER)) == 0;
        if (strcmp(field->name, name) != 0 || !is_sent_in_body) continue;
        struct common_problem_item *item = arena_allocate(exchange->arena, sizeof *item);
        struct common_problem_detail *detail = arena_allocate(exchange->arena, sizeof *detail);
        *item = (struct common_problem_item){ .pointer = text_format(exchange->arena, "/%s", name),
                                              .code = text_of(status_name(status)) };
        *detail = (struct common_problem_detail){ .errors = item, .errors_count = 1 };
        return detail;
    }
    return NULL;
}

static void serve_refusal(struct exchange *exchange, enum status status)
{
    struct problem problem = { .status = status_for_clients(status),
                               .http_status = exchange->reply.http_status };
    const struct text body = exchange->reply.body;
    struct common_problem_detail *detail = arena_allocate(exchange->arena, sizeof *detail);
    const bool has_detail =
        exchange->outcome == STATUS_OK && body.length > 0 && problem.status == status &&
        status != STATUS_INTERNAL &&
        msgpack_decode(&common_problem_detail_schema, body, exchange->arena, detail) == STATUS_OK;
    problem.detail = has_detail ? detail : serve_field_of(exchange, status);
    problem.place = strcmp(exchange->match.route->method, "GET") == 0 ? PLACE_QUERY : PLACE_BODY;
    problem.reason = serve_missing_right(exchange, status);
    if (exchange->outcome != STATUS_OK || problem.status != status) problem.http_status = 0;
    if (problem.status == STATUS_INTERNAL || problem.status != status) {
        log_warning("request_failed", LOG_TEXT("request_id", exchange->request_id),
                    LOG_STRING("message", exchange->match.route->message->name),
                    LOG_STATUS(status));
    }
    respond_problem(exchange, &problem);
}

/* Its query was answered: the answer goes on. */
static void serve_stream(struct exchange *exchange)
{
    const enum status status = stream_open(exchange);
    if (status == STATUS_OK) return;
    exchange->reply.body = (struct text){ .data = NULL }; /* no detail of a refusal */
    serve_refusal(exchange, status);
}

void serve_answer(struct exchange *exchange)
{
    assert(exchange->req != NULL);
    assert(exchange->answered_us == 0);
    assert(!exchange->is_asking);
    if (exchange->service != NULL) {
        media_answer(exchange);
        return;
    }
    if (exchange->outcome != STATUS_OK) {
        serve_refusal(exchange, exchange->outcome);
    } else if (exchange->reply.status != STATUS_OK) {
        serve_refusal(exchange, exchange->reply.status);
    } else if (stream_is_wanted(exchange)) {
        serve_stream(exchange);
    } else {
        admit_note_reply(exchange);
        respond_reply(exchange);
    }
}

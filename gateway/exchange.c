/* One request, read downward: limits, route, token, message, ask; then the answer. */
#include "gateway/exchange.h"

#include <string.h>
#include <strings.h>

#include "common_messages.h"
#include "gateway/access_log.h"
#include "gateway/admit.h"
#include "gateway/http1_head.h"
#include "gateway/rate_request.h"
#include "gateway/request.h"
#include "gateway/respond.h"
#include "gateway/server_parts.h"
#include "gateway/service.h"
#include "messages/codec_msgpack.h"
#include "runtime/log.h"
#include "runtime/metrics.h"

void exchange_list_append(struct exchange_list *list, struct exchange *exchange)
{
    assert(exchange->list == NULL);
    exchange->list = list;
    exchange->previous = list->last;
    exchange->next = NULL;
    if (list->last != NULL)
        list->last->next = exchange;
    else
        list->first = exchange;
    list->last = exchange;
}

void exchange_list_remove(struct exchange *exchange)
{
    struct exchange_list *list = exchange->list;
    if (list == NULL) return;
    if (exchange->previous != NULL)
        exchange->previous->next = exchange->next;
    else
        list->first = exchange->next;
    if (exchange->next != NULL)
        exchange->next->previous = exchange->previous;
    else
        list->last = exchange->previous;
    exchange->list = NULL;
    exchange->previous = exchange->next = NULL;
}

/* `name` in lower case. */
static bool header_is(const h2o_header_t *header, struct text name)
{
    return header->name->len == name.length &&
           strncasecmp(header->name->base, name.data, name.length) == 0;
}

struct text exchange_header(const struct exchange *exchange, struct text name)
{
    const h2o_headers_t *headers = &exchange->req->headers;
    for (size_t i = 0; i < headers->size; i++) {
        const h2o_header_t *header = &headers->entries[i];
        if (!header_is(header, name)) continue;
        const struct text value = text_trim((struct text){ header->value.base, header->value.len });
        return value.length > 0 ? value : TEXT("");
    }
    return (struct text){ .data = NULL };
}

bool exchange_is(const struct exchange *exchange, const char *method)
{
    const h2o_iovec_t given = exchange->req->input.method;
    return text_equals_string((struct text){ given.base, given.len }, method);
}

bool exchange_is_head(const struct exchange *exchange)
{
    return exchange_is(exchange, "HEAD");
}

/* ---- the access log ---- */

const char *exchange_method_name(h2o_iovec_t method)
{
    static const char *const names[] = {
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"
    };
    const struct text given = { method.base, method.len };
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        if (text_equals_string(given, names[i])) return names[i];
    }
    return "OTHER";
}

static const char *principal_name(enum principal_kind kind)
{
    switch (kind) {
    case PRINCIPAL_SHOPPER:
        return "shopper";
    case PRINCIPAL_VENDOR:
        return "vendor";
    case PRINCIPAL_ADMIN:
        return "admin";
    default:
        return "none";
    }
}

/* A vendor's member, or staff in a shopper's name; empty for everybody else. */
static struct text exchange_actor(const struct exchange *exchange)
{
    const struct principal *principal = &exchange->principal;
    if (uuid_is_zero(principal->actor)) return (struct text){ .data = NULL };
    const struct surface *surface = surface_of(principal->kind);
    char id[ID_TEXT_MAX + 1];
    const size_t length = id_format(surface->actor_prefix, principal->actor, id);
    return text_copy(exchange->arena, (struct text){ id, length });
}

static struct text exchange_route_path(const struct exchange *exchange)
{
    if (exchange->match.route != NULL) return text_of(exchange->match.route->path);
    if (exchange->match.node != NULL) return text_of(route_path_of(exchange->match.node));
    return exchange->service != NULL ? text_of(exchange->service->path) : TEXT("");
}

void exchange_write_access(struct exchange *exchange, int http_status, size_t bytes)
{
    const struct server *server = exchange->server;
    if (server->options.access_log == NULL) return;
    const int64_t duration_us = server_now_us(server) - exchange->started_us;
    const struct access_entry entry = {
        .real_us = server_real_us(server) - duration_us,
        .method = exchange->method,
        .route = exchange_route_path(exchange),
        .status = http_status,
        .bytes = bytes,
        .duration_us = duration_us,
        .request_id = exchange->request_id,
        .principal = principal_name(exchange->principal.kind),
        .actor = exchange_actor(exchange),
    };
    access_log_add(server->options.access_log, &entry);
}

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

/* Takes the client's request id, else makes one; and a fresh message id for this HTTP request. */
static void exchange_identify(struct exchange *exchange)
{
    if (exchange->request_id.length > 0) return;
    struct server *server = exchange->server;
    struct rng *rng = loop_rng(server->options.loop);
    uint8_t random[10];
    rng->fill(rng->context, random, sizeof random);
    exchange->request.msg_id = uuid_make(server_real_us(server), random, random[9] % SHARD_COUNT);
    const struct text given = exchange_header(exchange, TEXT("x-request-id"));
    if (is_request_id(given)) {
        exchange->request_id = text_copy(exchange->arena, given);
        return;
    }
    char text[ID_TEXT_MAX + 1];
    const size_t length = id_format("req", exchange->request.msg_id, text);
    exchange->request_id = text_copy(exchange->arena, (struct text){ text, length });
}

/* No header is believed but what our own proxies say. */
static void exchange_find_client(struct exchange *exchange)
{
    struct sockaddr_storage peer = { .ss_family = AF_UNSPEC };
    struct text fields[FORWARDED_MAX];
    size_t count = 0;
    h2o_conn_t *connection = exchange->req->conn;
    (void)connection->callbacks->get_peername(connection, (struct sockaddr *)&peer);
    exchange->client = client_address_of_peer((const struct sockaddr *)&peer);
    const struct proxies *proxies = &exchange->server->options.limits.connection.proxies;
    if (!proxies_have(proxies, &exchange->client)) return;
    const h2o_headers_t *headers = &exchange->req->headers;
    for (size_t i = headers->size; i > 0 && count < FORWARDED_MAX; i--) {
        const h2o_header_t *header = &headers->entries[i - 1];
        if (!header_is(header, TEXT("x-forwarded-for"))) continue;
        fields[FORWARDED_MAX - ++count] = (struct text){ header->value.base, header->value.len };
    }
    exchange->client =
        client_address_find(proxies, exchange->client, fields + FORWARDED_MAX - count, count);
}

static bool headers_fit(const h2o_headers_t *headers)
{
    size_t total = 0;
    for (size_t i = 0; i < headers->size; i++)
        total += headers->entries[i].name->len + headers->entries[i].value.len;
    return total <= HTTP_HEADERS_MAX;
}

static enum status exchange_check_limits(const struct exchange *exchange)
{
    const struct server *server = exchange->server;
    if (exchange->req->input.path.len > HTTP_URL_MAX) return STATUS_URI_TOO_LONG;
    if (!headers_fit(&exchange->req->headers)) return STATUS_HEADERS_TOO_LARGE;
    if (exchange->req->entity.len > server->options.limits.body_max) return STATUS_BODY_TOO_LARGE;
    return STATUS_OK;
}

/* libh2o drops some fields and takes the last of others; the bytes of the head are still there,
 * at the front of what its socket has read. Names may be in lower case by now. */
static enum status exchange_check_head(struct exchange *exchange)
{
    h2o_req_t *req = exchange->req;
    if (req->version >= 0x200) return STATUS_OK;
    const h2o_buffer_t *input = req->conn->callbacks->get_socket(req->conn)->input;
    const enum status status = http1_head_check((struct text){ input->bytes, input->size });
    /* Whatever follows may be meant as part of this request. */
    if (status != STATUS_OK) req->http1_is_persistent = 0;
    return status;
}

static enum status exchange_check_load(const struct exchange *exchange)
{
    const struct server *server = exchange->server;
    /* Not what has only just arrived, nor answers that somebody does not take (bounded elsewhere):
     * one client must not keep all others out. */
    if (server->waiting >= server->options.limits.in_flight_max) return STATUS_OVERLOADED;
    return exchange->connection->asks < CONNECTION_ASKS_MAX ? STATUS_OK : STATUS_OVERLOADED;
}

/* Nobody has all of the requests that may be under way. */
static enum status exchange_count_under_way(struct exchange *exchange)
{
    struct server *server = exchange->server;
    exchange->counted_as = rate_key_of(exchange, 0);
    exchange->is_counted = tally_add(server->under_way, &exchange->counted_as,
                                     server->options.limits.in_flight_each_max);
    return exchange->is_counted ? STATUS_OK : STATUS_OVERLOADED;
}

static enum status exchange_route(struct exchange *exchange, struct problem *problem)
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
static enum status exchange_answer_options(struct exchange *exchange, struct problem *problem)
{
    enum status status = STATUS_METHOD_NOT_ALLOWED;
    if (text_equals_string(exchange->path, "*"))
        problem->allow = TEXT("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
    else if (exchange->service != NULL)
        problem->allow = TEXT(SERVICE_ALLOW);
    else
        status = exchange_route(exchange, problem);
    if (status != STATUS_METHOD_NOT_ALLOWED) return status;
    TRY(rate_count(exchange));
    respond_options(exchange, problem->allow);
    return STATUS_OK;
}

static enum status exchange_start(struct exchange *exchange, struct problem *problem)
{
    bool is_parked = false;
    exchange_identify(exchange);
    TRY(exchange_check_head(exchange));
    TRY(exchange_check_limits(exchange));
    exchange_find_client(exchange);
    if (exchange_is(exchange, "OPTIONS")) return exchange_answer_options(exchange, problem);
    if (exchange->service != NULL) {
        service_answer(exchange);
        return STATUS_OK;
    }
    TRY(exchange_check_load(exchange));
    TRY(exchange_route(exchange, problem));
    TRY(admit_principal(exchange, &is_parked));
    if (is_parked) return STATUS_OK;
    TRY(rate_count(exchange));
    TRY(exchange_count_under_way(exchange));
    TRY(request_read(exchange, problem));
    return server_ask(exchange);
}

void exchange_run(struct exchange *exchange)
{
    struct problem problem = { .allow = { .data = NULL } };
    exchange->service = service_find(exchange->path);
    problem.status = exchange_start(exchange, &problem);
    if (problem.status == STATUS_OK) return; /* it may be gone already */
    /* What was refused before its turn to be counted counts for its address. */
    if (exchange->rate_policy == NULL && rate_count(exchange) != STATUS_OK)
        problem = (struct problem){ .status = STATUS_TOO_MANY_REQUESTS };
    metric_add(METRIC_HTTP_REFUSED, 1);
    respond_problem(exchange, &problem);
}

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

static void exchange_refuse(struct exchange *exchange, enum status status)
{
    struct problem problem = { .status = status_for_clients(status),
                               .http_status = exchange->reply.http_status };
    const struct text body = exchange->reply.body;
    struct common_problem_detail *detail = arena_allocate(exchange->arena, sizeof *detail);
    const bool has_detail =
        exchange->outcome == STATUS_OK && body.length > 0 && problem.status == status &&
        status != STATUS_INTERNAL &&
        msgpack_decode(&common_problem_detail_schema, body, exchange->arena, detail) == STATUS_OK;
    if (has_detail) problem.detail = detail;
    if (exchange->outcome != STATUS_OK || problem.status != status) problem.http_status = 0;
    if (problem.status == STATUS_INTERNAL || problem.status != status) {
        log_warning("request_failed", LOG_TEXT("request_id", exchange->request_id),
                    LOG_STRING("message", exchange->match.route->message->name),
                    LOG_STATUS(status));
    }
    respond_problem(exchange, &problem);
}

void exchange_finish(struct exchange *exchange)
{
    assert(exchange->req != NULL);
    if (exchange->outcome != STATUS_OK) {
        exchange_refuse(exchange, exchange->outcome);
    } else if (exchange->reply.status != STATUS_OK) {
        exchange_refuse(exchange, exchange->reply.status);
    } else {
        admit_note_reply(exchange);
        respond_reply(exchange);
    }
}

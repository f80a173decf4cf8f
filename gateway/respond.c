/* Answers are written into one buffer of the exchange's arena, which lives until they are sent. */
#include "gateway/respond.h"

#include <string.h>

#include "common_messages.h"
#include "gateway/answer_cache.h"
#include "gateway/answer_language.h"
#include "gateway/cors.h"
#include "gateway/entity_tag.h"
#include "gateway/event_text.h"
#include "gateway/from_cache.h"
#include "gateway/next_link.h"
#include "gateway/packing.h"
#include "gateway/rate_request.h"
#include "gateway/sending.h"
#include "gateway/server_parts.h"
#include "messages/codec_json.h"
#include "messages/codec_msgpack.h"
#include "messages/values.h"
#include "runtime/log.h"
#include "runtime/metrics.h"
#include "runtime/secret.h"

enum {
    ANSWER_BYTES_MAX = 8 << 20,
    PROBLEM_BYTES_MAX = 64 * 1024,
};

static const char *reason_of(int http_status)
{
    switch (http_status) {
    case 200:
        return "OK";
    case 201:
        return "Created";
    case 202:
        return "Accepted";
    case 204:
        return "No Content";
    case 302:
        return "Found";
    case 304:
        return "Not Modified";
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 409:
        return "Conflict";
    case 412:
        return "Precondition Failed";
    case 413:
        return "Content Too Large";
    case 414:
        return "URI Too Long";
    case 415:
        return "Unsupported Media Type";
    case 422:
        return "Unprocessable Content";
    case 429:
        return "Too Many Requests";
    case 431:
        return "Request Header Fields Too Large";
    case 500:
        return "Internal Server Error";
    case 503:
        return "Service Unavailable";
    default:
        return "Status";
    }
}

static void header_add(struct exchange *exchange, const h2o_token_t *name, struct text value)
{
    h2o_req_t *req = exchange->req;
    h2o_add_header(&req->pool, &req->res.headers, name, NULL, value.data, value.length);
}

/* libh2o keeps the pointers: the name must be static, and in lower case for HTTP/2; the value must
 * live as long as the exchange. */
static void header_add_named(struct exchange *exchange, struct text name, struct text value)
{
    h2o_req_t *req = exchange->req;
    h2o_add_header_by_str(&req->pool, &req->res.headers, name.data, name.length, 0, NULL,
                          value.data, value.length);
}

static void respond_add_rate(struct exchange *exchange)
{
    struct arena *arena = exchange->arena;
    const struct rate_state *rate = &exchange->rate;
    const char *name = exchange->rate_policy->name;
    header_add_named(exchange, TEXT("ratelimit-policy"),
                     text_format(arena, "\"%s\";q=%lld;w=%d", name, (long long)rate_quota(exchange),
                                 RATE_WINDOW_S));
    header_add_named(exchange, TEXT("ratelimit"),
                     text_format(arena, "\"%s\";r=%lld;t=%lld", name, (long long)rate->remaining,
                                 (long long)rate->full_s));
    if (!rate->is_allowed)
        header_add_named(exchange, TEXT("retry-after"),
                         text_format(arena, "%lld", (long long)rate->retry_s));
}

static void respond_add_cors(struct exchange *exchange)
{
    const struct text list = exchange->server->options.cors_origins;
    if (list.length == 0) return;
    const struct text origin = exchange_header(exchange, TEXT("origin"));
    header_add(exchange, H2O_TOKEN_VARY, TEXT("Origin"));
    if (!cors_is_listed(list, origin)) return;
    /* No Allow-Credentials: there are no cookies, and a script sets Authorization itself. */
    header_add_named(exchange, TEXT("access-control-allow-origin"), origin);
    header_add_named(exchange, TEXT("access-control-expose-headers"), TEXT(CORS_EXPOSED));
}

/* Staff that acts in a shopper's name is reminded of it by each answer. */
static void respond_add_impersonator(struct exchange *exchange)
{
    char id[ID_TEXT_MAX + 1];
    const size_t length = id_format("adm", exchange->principal.actor, id);
    header_add_named(exchange, TEXT("souk-impersonated-by"),
                     text_copy(exchange->arena, (struct text){ id, length }));
}

static void respond_begin(struct exchange *exchange, int http_status, struct text cache_control)
{
    assert(exchange->req != NULL);
    assert(exchange->request_id.length > 0);
    exchange->req->res.status = http_status;
    exchange->req->res.reason = reason_of(http_status);
    header_add(exchange, H2O_TOKEN_CACHE_CONTROL, cache_control);
    header_add_named(exchange, TEXT("x-request-id"), exchange->request_id);
    header_add_named(exchange, TEXT("x-content-type-options"), TEXT("nosniff"));
    header_add_named(exchange, TEXT("content-security-policy"),
                     exchange->policy.length > 0
                         ? exchange->policy
                         : TEXT("default-src 'none'; frame-ancestors 'none'"));
    header_add_named(exchange, TEXT("referrer-policy"), TEXT("no-referrer"));
    if (principal_is_impersonated(&exchange->principal)) respond_add_impersonator(exchange);
    if (exchange->reply.is_replayed)
        header_add_named(exchange, TEXT("idempotent-replayed"), TEXT("true"));
    if (exchange->rate_policy != NULL) respond_add_rate(exchange);
    respond_add_cors(exchange);
    if (exchange->req->scheme == &H2O_URL_SCHEME_HTTPS) {
        header_add_named(exchange, TEXT("strict-transport-security"), TEXT("max-age=31536000"));
    }
}

static bool is_unmodified(const struct exchange *exchange, struct text tag)
{
    const bool is_read = exchange_is_head(exchange) || exchange_is(exchange, "GET");
    return is_read && entity_tag_is_listed(exchange_header(exchange, TEXT("if-none-match")), tag);
}

/* ---- replies ---- */

static struct text etag_of_version(struct exchange *exchange, const void *value)
{
    const struct schema *schema = exchange->match.route->message->reply;
    for (size_t i = 0; i < schema->fields_count; i++) {
        const struct field *field = &schema->fields[i];
        if (field->type != FIELD_INT || field->list_max > 0 || strcmp(field->name, "version") != 0)
            continue;
        if (!field_is_present(field, value)) break;
        int64_t version;
        memcpy(&version, (const char *)value + field->offset, sizeof version);
        return text_format(exchange->arena, "\"%lld\"", (long long)version);
    }
    return (struct text){ .data = NULL };
}

/* Both, so that whoever asks whether anything is new hears of prices that have moved, too. */
static struct text etag_of_state(struct exchange *exchange, const void *value, struct text body)
{
    const struct text version = entity_tag_inside(etag_of_version(exchange, value));
    const struct text digest = entity_tag_inside(entity_tag_of(exchange->arena, body));
    return text_format(exchange->arena, "\"%.*s.%.*s\"", (int)version.length, version.data,
                       (int)digest.length, digest.data);
}

static struct text cache_control_of(const struct exchange *exchange)
{
    const struct route *route = exchange->match.route;
    if (exchange->principal.kind != PRINCIPAL_NONE) return TEXT("no-store");
    if (route->is_cacheable) return TEXT("public, max-age=0, must-revalidate");
    return TEXT("no-store");
}

/* What is sent, or 304 in its place. */
struct representation {
    struct text type, body;
    const struct text *packed; /* the body packed already in each coding; NULL: it is not */
    struct text tag;           /* of the plain body; empty: none */
    struct text link;          /* where the next page is; empty: there is none */
    struct text location;
    bool is_file; /* to be kept, and not to be looked at */
};

static void respond_represent(struct exchange *exchange, int http_status, struct text cache_control,
                              struct representation sent)
{
    const bool has_tag = sent.tag.length > 0;
    const bool is_same = has_tag && http_status == 200 && is_unmodified(exchange, sent.tag);
    const bool is_varied = sent.body.length >= CODING_BYTES_MIN;
    struct text body;
    const enum coding coding = packing_of(exchange, sent.body, sent.packed, is_same, &body);
    respond_begin(exchange, is_same ? 304 : http_status, cache_control);
    if (is_varied) header_add(exchange, H2O_TOKEN_VARY, TEXT("Accept-Encoding"));
    const struct text language = answer_language(exchange);
    if (language.length > 0) {
        header_add(exchange, H2O_TOKEN_VARY, TEXT("Accept-Language"));
        if (http_status == 200) header_add_named(exchange, TEXT("content-language"), language);
    }
    if (has_tag)
        header_add(exchange, H2O_TOKEN_ETAG,
                   coding == CODING_NONE ? sent.tag
                                         : entity_tag_of_packed(exchange->arena, sent.tag, coding));
    if (is_same) {
        sending_start(exchange, (struct text){ .data = NULL });
        return;
    }
    if (sent.body.length > 0) header_add(exchange, H2O_TOKEN_CONTENT_TYPE, sent.type);
    if (sent.link.length > 0) header_add(exchange, H2O_TOKEN_LINK, sent.link);
    if (sent.location.length > 0) header_add(exchange, H2O_TOKEN_LOCATION, sent.location);
    if (sent.is_file) {
        header_add_named(exchange, TEXT("content-disposition"), TEXT("attachment"));
        header_add(exchange, H2O_TOKEN_VARY, TEXT("Accept"));
    }
    if (coding != CODING_NONE)
        header_add(exchange, H2O_TOKEN_CONTENT_ENCODING, coding_name(coding));
    sending_start(exchange, body);
}

static void respond_empty(struct exchange *exchange, int http_status)
{
    struct representation sent = { .type = TEXT("application/json") };
    if (http_status != 204) sent.body = TEXT("{}");
    respond_represent(exchange, http_status, cache_control_of(exchange), sent);
}

static void respond_internal(struct exchange *exchange, const char *event)
{
    const struct problem problem = { .status = STATUS_INTERNAL };
    log_error(event, LOG_TEXT("request_id", exchange->request_id),
              LOG_STRING("message", exchange->match.route->message->name));
    respond_problem(exchange, &problem);
}

void respond_picture(struct exchange *exchange, struct text webp, struct text cache_control,
                     struct text tag)
{
    respond_begin(exchange, 200, cache_control);
    header_add(exchange, H2O_TOKEN_CONTENT_TYPE, TEXT("image/webp"));
    if (tag.length > 0) header_add(exchange, H2O_TOKEN_ETAG, tag);
    sending_start(exchange, webp);
}

bool respond_unmodified(struct exchange *exchange, struct text cache_control, struct text tag)
{
    if (!is_unmodified(exchange, tag)) return false;
    respond_begin(exchange, 304, cache_control);
    header_add(exchange, H2O_TOKEN_ETAG, tag);
    sending_start(exchange, (struct text){ .data = NULL });
    return true;
}

void respond_elsewhere(struct exchange *exchange, struct text url)
{
    respond_begin(exchange, 302, TEXT("public, max-age=86400"));
    header_add(exchange, H2O_TOKEN_LOCATION, url);
    sending_start(exchange, (struct text){ .data = NULL });
}

static void bind_cursor(struct exchange *exchange, const struct schema *schema, void *value)
{
    if (!exchange->has_cursor_tag) return;
    if (exchange->match.route->is_stream)
        event_text_bind(schema, value, exchange->cursor_tag, exchange->arena);
    const struct field *next = cursor_field(schema, "next");
    if (next == NULL || !field_is_present(next, value)) return;
    struct text *cursor = (struct text *)(void *)((char *)value + next->offset);
    *cursor = cursor_bind(exchange->arena, exchange->cursor_tag, *cursor);
}

/* ---- files ---- */

static const struct field *field_of(const struct schema *schema, const char *name)
{
    for (size_t i = 0; i < schema->fields_count; i++)
        if (strcmp(schema->fields[i].name, name) == 0) return &schema->fields[i];
    return NULL;
}

/* True if the reply is a file, which is then sent. */
static bool respond_file(struct exchange *exchange, const void *value)
{
    const struct route *route = exchange->match.route;
    if (route->file_type == NULL) return false;
    const struct field *file = field_of(route->message->reply, "file");
    assert(file != NULL && file->type == FIELD_TEXT);
    if (!field_is_present(file, value)) return false;
    const struct field *next = cursor_field(route->message->reply, "next");
    const bool has_next = next != NULL && field_is_present(next, value);
    struct representation sent = {
        .type = text_format(exchange->arena, "%s; charset=utf-8", route->file_type),
        .body = *(const struct text *)(const void *)((const char *)value + file->offset),
        .is_file = true,
    };
    if (has_next)
        sent.link =
            next_link(exchange->arena, exchange->path, exchange->query,
                      *(const struct text *)(const void *)((const char *)value + next->offset));
    respond_represent(exchange, 200, TEXT("no-store"), sent);
    return true;
}

/* Where what is under way is read later; empty: nowhere. */
static struct text location_of(struct exchange *exchange, const void *value)
{
    const struct route *route = exchange->match.route;
    if (route->location == NULL) return (struct text){ 0 };
    const struct field *field = &route->message->reply->fields[route->location_field];
    char id[ID_TEXT_MAX + 1];
    (void)id_format(field->prefixes[0],
                    *(const struct uuid *)(const void *)((const char *)value + field->offset), id);
    return text_format(exchange->arena, "%s%s", route->location, id);
}

void respond_reply(struct exchange *exchange)
{
    assert(exchange->match.route != NULL);
    assert(exchange->reply.status == STATUS_OK);
    const struct route *route = exchange->match.route;
    const struct schema *schema = route->message->reply;
    if (route->answers_picture) {
        respond_picture(exchange, exchange->picture, TEXT("private, no-store"), TEXT(""));
        return;
    }
    const int http_status =
        exchange->reply.http_status != 0 ? exchange->reply.http_status : route->http_status;
    struct text tag = { .data = NULL };
    if (schema->fields_count == 0) {
        respond_empty(exchange, http_status);
        return;
    }
    void *value = arena_allocate(exchange->arena, schema->size);
    if (msgpack_decode(schema, exchange->reply.body, exchange->arena, value) != STATUS_OK) {
        respond_internal(exchange, "reply_not_understood");
        return;
    }
    bind_cursor(exchange, schema, value);
    if (respond_file(exchange, value)) return;
    struct text_builder builder;
    text_builder_init(&builder, exchange->arena, ANSWER_BYTES_MAX);
    json_encode(schema, value, &builder);
    if (builder.is_full) {
        respond_internal(exchange, "reply_too_long");
        return;
    }
    const struct text body = text_builder_view(&builder);
    if (route->etag == ETAG_VERSION) tag = etag_of_version(exchange, value);
    if (route->etag == ETAG_BODY) tag = entity_tag_of(exchange->arena, body);
    if (route->etag == ETAG_STATE) tag = etag_of_state(exchange, value, body);
    if (http_status == 200) from_cache_keep(exchange, body, tag);
    struct representation sent = { .type = TEXT("application/json"), .tag = tag };
    if (http_status != 204) sent.body = body;
    if (http_status == 202) sent.location = location_of(exchange, value);
    respond_represent(exchange, http_status, cache_control_of(exchange), sent);
}

void respond_kept(struct exchange *exchange)
{
    const struct kept_answer *kept = exchange->kept;
    assert(kept != NULL);
    packing_of_kept(exchange, kept);
    respond_represent(exchange, 200, cache_control_of(exchange),
                      (struct representation){ .type = TEXT("application/json"),
                                               .body = kept->body,
                                               .packed = kept->packed,
                                               .tag = kept->tag });
}

void respond_stream(struct exchange *exchange)
{
    h2o_req_t *req = exchange->req;
    respond_begin(exchange, 200, TEXT("no-store"));
    header_add(exchange, H2O_TOKEN_CONTENT_TYPE, TEXT("text/event-stream"));
    header_add(exchange, H2O_TOKEN_VARY, TEXT("Accept"));
    req->res.content_length = SIZE_MAX;
    req->compress_hint = H2O_COMPRESS_HINT_DISABLE;
    metric_observe_us(METRIC_HTTP_TIME,
                      loop_now_us(exchange->server->options.loop) - exchange->started_us);
    exchange_write_access(exchange, req->res.status, 0);
}

void respond_page(struct exchange *exchange, struct text type, struct text body,
                  const struct text *packed, struct text tag)
{
    const struct representation sent = { .type = type, .body = body, .packed = packed, .tag = tag };
    respond_represent(
        exchange, 200,
        tag.length > 0 ? TEXT("public, max-age=0, must-revalidate") : TEXT("no-store"), sent);
}

void respond_text(struct exchange *exchange, struct text type, struct text body, struct text tag)
{
    respond_page(exchange, type, body, NULL, tag);
}

void respond_options(struct exchange *exchange, struct text allow)
{
    const struct text list = exchange->server->options.cors_origins;
    const bool is_preflight =
        cors_is_listed(list, exchange_header(exchange, TEXT("origin"))) &&
        exchange_header(exchange, TEXT("access-control-request-method")).data != NULL;
    respond_begin(exchange, 204, TEXT("no-store"));
    header_add_named(exchange, TEXT("allow"), allow);
    if (is_preflight) {
        header_add_named(exchange, TEXT("access-control-allow-methods"), allow);
        header_add_named(exchange, TEXT("access-control-allow-headers"), TEXT(CORS_ALLOWED));
        header_add_named(exchange, TEXT("access-control-max-age"), TEXT(CORS_MAX_AGE));
    }
    sending_start(exchange, (struct text){ .data = NULL });
}

/* ---- problems ---- */

/* A second for outages, which pass by themselves. For too many requests a domain says how many
 * seconds, as `available` of its first reason; the gateway's own rate limits have said so with
 * their other headers. */
static void add_retry_after(struct exchange *exchange, const struct problem *problem)
{
    const struct common_problem_detail *detail = problem->detail;
    struct text seconds = { .data = NULL };
    if (status_is_outage(problem->status) || problem->status == STATUS_REQUEST_IN_PROGRESS)
        seconds = TEXT("1");
    /* Not by their rate: the sender has as many streams as he may have. */
    if (problem->status == STATUS_TOO_MANY_REQUESTS &&
        (exchange->rate_policy == NULL || exchange->rate.is_allowed))
        seconds = TEXT("5");
    if (problem->status == STATUS_TOO_MANY_REQUESTS && detail != NULL && detail->errors_count > 0 &&
        detail->errors[0].has_available)
        seconds = text_format(exchange->arena, "%lld", (long long)detail->errors[0].available);
    if (seconds.length > 0) header_add_named(exchange, TEXT("retry-after"), seconds);
}

void respond_problem(struct exchange *exchange, const struct problem *problem)
{
    const int http_status = problem_http_status(problem);
    struct text path = exchange->path; /* a longer one is what is refused */
    if (path.length > HTTP_URL_MAX) path.length = HTTP_URL_MAX;
    struct text_builder builder;
    text_builder_init(&builder, exchange->arena, PROBLEM_BYTES_MAX);
    problem_write(problem, path, exchange->request_id, &builder);
    respond_begin(exchange, http_status, TEXT("no-store"));
    header_add(exchange, H2O_TOKEN_CONTENT_TYPE, TEXT("application/problem+json"));
    /* RFC 9110, section 15.5.2: of every 401. */
    if (http_status == 401) header_add(exchange, H2O_TOKEN_WWW_AUTHENTICATE, TEXT("Bearer"));
    add_retry_after(exchange, problem);
    if (problem->allow.length > 0) header_add_named(exchange, TEXT("allow"), problem->allow);
    if (problem->accepts.length > 0)
        header_add_named(exchange, TEXT("accept-post"), problem->accepts);
    sending_start(exchange, text_builder_view(&builder));
}

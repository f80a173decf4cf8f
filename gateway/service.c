/* The gateway's own resources: probes for whoever runs it, the contract for whoever calls it. */
#include "gateway/service.h"

#include <stdlib.h>
#include <string.h>

#include "common_messages.h"
#include "gateway/admit.h"
#include "gateway/entity_tag.h"
#include "gateway/media.h"
#include "gateway/packing.h"
#include "gateway/rate_request.h"
#include "gateway/respond.h"
#include "gateway/server_parts.h"
#include "messages/codec_json.h"
#include "runtime/metrics.h"
#include "runtime/paseto.h"
#include "runtime/secret.h"

enum {
    KEYS_BYTES_MAX = 16384,
    SERVICE_ITEMS_MAX = 16 /* as many as a problem has */
};

/* What is not ready, as the items of a problem. */
struct unready {
    struct common_problem_item items[SERVICE_ITEMS_MAX];
    size_t count;
};

static void unready_add(struct unready *unready, struct exchange *exchange, unsigned domain,
                        const char *why)
{
    if (unready->count == SERVICE_ITEMS_MAX) return;
    unready->items[unready->count++] = (struct common_problem_item){
        .pointer = TEXT(""),
        .code = text_of(status_name(STATUS_UNAVAILABLE)),
        .has_detail = true,
        .detail = text_format(exchange->arena, "%s: %s.", domain_name((enum domain)domain), why),
    };
}

/* Ready: tokens of all surfaces can be verified, and every domain that a route needs has a node for
 * each of its shards, which has been heard just now and whose database answers and takes writes:
 * who owns them is known for longer than a node that hangs, or whose link is broken, can answer. */
static enum status service_readiness(struct exchange *exchange, struct unready *unready)
{
    const struct server *server = exchange->server;
    const struct backend *backend = server->options.backend;
    if (server->is_stopping) return STATUS_STOPPING;
    for (unsigned domain = 0; domain < DOMAIN_LIMIT; domain++) {
        if ((server->domains >> domain & 1) == 0) continue;
        if (!backend->is_ready(backend->context, domain))
            unready_add(unready, exchange, domain, "some of its shards have no node");
        else if (!node_health_is_good(server->health, domain))
            unready_add(unready, exchange, domain, node_health_problem(server->health, domain));
    }
    return unready->count == 0 && admit_is_ready(server) ? STATUS_OK : STATUS_UNAVAILABLE;
}

static void service_answer_health(struct exchange *exchange)
{
    respond_text(exchange, TEXT("application/json"), TEXT("{\"status\":\"ok\"}"), TEXT(""));
}

static void service_answer_readiness(struct exchange *exchange)
{
    struct unready *unready = arena_allocate(exchange->arena, sizeof *unready);
    const enum status status = service_readiness(exchange, unready);
    const struct common_problem_detail detail = { .errors = unready->items,
                                                  .errors_count = unready->count };
    const struct problem problem = { .status = status, .detail = &detail };
    if (problem.status == STATUS_OK) {
        respond_text(exchange, TEXT("application/json"), TEXT("{\"status\":\"ready\"}"), TEXT(""));
        return;
    }
    respond_problem(exchange, &problem);
}

static void service_answer_metrics(struct exchange *exchange)
{
    struct metric_report reports[NODE_REPORTS_MAX];
    const struct server *server = exchange->server;
    const size_t count = node_health_reports(server->health, reports);
    const struct text text = metrics_export(exchange->arena, server->options.name, reports, count);
    respond_text(exchange, TEXT("text/plain; version=0.0.4; charset=utf-8"), text, TEXT(""));
}

/* Counts the request; when there were too many, it is refused. */
static bool service_refuses(struct exchange *exchange)
{
    if (rate_count(exchange) == STATUS_OK) return false;
    const struct problem problem = { .status = STATUS_TOO_MANY_REQUESTS };
    respond_problem(exchange, &problem);
    return true;
}

static void page_make(struct service_page *page, struct exchange *exchange, struct text body)
{
    const struct text tag = entity_tag_of(exchange->arena, body);
    assert(tag.length > 0);
    assert(tag.length < SERVICE_TAG_BYTES);
    memcpy(page->tag, tag.data, tag.length);
}

void service_forget_pages(struct server *server)
{
    for (int i = 0; i < CODING_COUNT; i++) {
        free((void *)(uintptr_t)server->openapi.packed[i].data);
        free((void *)(uintptr_t)server->docs.packed[i].data);
    }
    server->openapi = server->docs = (struct service_page){ .tag = "" };
}

/* A page that is long and always the same: it has a tag and packed forms, made once, and counts as
 * a request. */
static void service_answer_page(struct exchange *exchange, struct text type, struct text body,
                                struct service_page *page)
{
    if (page->tag[0] == '\0') page_make(page, exchange, body);
    if (service_refuses(exchange)) return;
    packing_of_page(exchange, body, page->packed);
    respond_page(exchange, type, body, page->packed, text_of(page->tag));
}

static void service_answer_openapi(struct exchange *exchange)
{
    struct server *server = exchange->server;
    service_answer_page(exchange, TEXT("application/json"), server->options.openapi,
                        &server->openapi);
}

static void service_answer_docs(struct exchange *exchange)
{
    struct server *server = exchange->server;
    exchange->policy = server->options.docs_policy;
    service_answer_page(exchange, TEXT("text/html; charset=utf-8"), server->options.docs,
                        &server->docs);
}

/* What a problem's `type` leads to: what its code means, and what can be done. */
static void service_answer_problem(struct exchange *exchange)
{
    const size_t prefix = sizeof PROBLEM_PAGES - 1;
    const struct text code = { exchange->path.data + prefix, exchange->path.length - prefix };
    enum status status;
    if (!status_find(code.data, code.length, &status) || status == STATUS_OK) {
        const struct problem problem = { .status = STATUS_NOT_FOUND };
        respond_problem(exchange, &problem);
        return;
    }
    /* The generator refuses titles and helps that would have to be escaped. */
    const struct text page =
        text_format(exchange->arena,
                    "<!doctype html>\n<html lang=\"en\"><head><meta "
                    "charset=\"utf-8\"><title>%s</title></head>\n"
                    "<body><h1>%s</h1>\n<p><code>%s</code>, answered with %d.</p>\n<p>%s</p>\n"
                    "<p><a href=\"/docs\">The API</a></p></body></html>\n",
                    status_name(status), status_title(status), status_name(status),
                    status_http(status), status_help(status));
    if (service_refuses(exchange)) return;
    respond_text(exchange, TEXT("text/html; charset=utf-8"), page,
                 entity_tag_of(exchange->arena, page));
}

/* For servers that verify tokens themselves: each key as PASERK writes it
 * (https://github.com/paseto-standard/paserk, type k4.public), its name in footers, and what is
 * signed without being sent. */
static void service_answer_keys(struct exchange *exchange)
{
    const struct server *server = exchange->server;
    if (service_refuses(exchange)) return;
    struct text_builder out;
    text_builder_init(&out, exchange->arena, KEYS_BYTES_MAX);
    text_builder_add(&out,
                     TEXT("{\"issuer\":\"souk\",\"implicit_assertion\":\"" TOKEN_IMPLICIT_ASSERTION
                          "\",\"keys\":["));
    bool is_first = true;
    for (size_t i = 0; i < SURFACES; i++) {
        size_t count;
        const struct token_key *keys = token_keys_list(server->keys, surfaces[i].kind, &count);
        for (size_t k = 0; k < count; k++) {
            const struct text public_key = { (const char *)keys[k].public_key,
                                             sizeof keys[k].public_key };
            text_builder_add(&out, is_first ? TEXT("{\"kid\":") : TEXT(",{\"kid\":"));
            json_encode_text(text_of(keys[k].kid), &out);
            text_builder_add(&out, TEXT(",\"audience\":\""));
            text_builder_add(&out, text_of(surfaces[i].audience));
            text_builder_add(&out, TEXT("\",\"public_key\":\"k4.public."));
            text_builder_add(&out, base64url_encode(exchange->arena, public_key));
            text_builder_add(&out, TEXT("\"}"));
            is_first = false;
        }
    }
    text_builder_add(&out, TEXT("]}"));
    const struct text body = text_builder_view(&out);
    respond_text(exchange, TEXT("application/json"), body, entity_tag_of(exchange->arena, body));
}

static const struct service media = { MEDIA_PATH, media_begin, false };
static const struct service problem_pages = { PROBLEM_PAGES, service_answer_problem, false };

static const struct service services[] = {
    { "/healthz", service_answer_health, true },
    { "/readyz", service_answer_readiness, true },
    { "/metrics", service_answer_metrics, true },
    { "/openapi.json", service_answer_openapi, false },
    { "/docs", service_answer_docs, false },
    { "/.well-known/souk-token-keys", service_answer_keys, false },
};

const struct service *service_find(struct text path)
{
    for (size_t i = 0; i < ARRAY_LENGTH(services); i++) {
        if (text_equals_string(path, services[i].path)) return &services[i];
    }
    if (text_starts_with(path, TEXT(MEDIA_PATH))) return &media;
    return text_starts_with(path, TEXT(PROBLEM_PAGES)) ? &problem_pages : NULL;
}

void service_answer(struct exchange *exchange)
{
    assert(exchange->service != NULL);
    if (exchange_is_head(exchange) || exchange_is(exchange, "GET")) {
        exchange->service->answer(exchange);
        return;
    }
    const struct problem problem = { .status = STATUS_METHOD_NOT_ALLOWED,
                                     .allow = TEXT(SERVICE_ALLOW) };
    respond_problem(exchange, &problem);
}

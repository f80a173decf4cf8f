/* Bodies that are not JSON (gateway/README.md, Decisions: raw bodies are judged first). */
#include "gateway/raw_body.h"

#include <strings.h>

#include "gateway/server_parts.h"

enum { ACCEPTS_MAX = 1024 };

/* Domains judge rights again (actors/host/authorise.c); this saves the work for those without. */
static enum status check_rights(const struct exchange *exchange, struct problem *problem)
{
    const struct message *message = exchange->match.route->message;
    const struct principal *principal = &exchange->principal;
    if (principal->kind == PRINCIPAL_NONE) return STATUS_OK; /* the route asks for nobody */
    if (message->right == 0 && principal->is_api_key) {
        problem->reason = TEXT("No API key may do this: it takes somebody who has signed in.");
        return STATUS_FORBIDDEN;
    }
    if (message->right != 0 && (principal->rights & message->right) == 0) {
        problem->reason =
            text_format(exchange->arena, "It needs the permission %s.", message->right_name);
        return STATUS_FORBIDDEN;
    }
    if (message->refuses_impersonation && principal_is_impersonated(principal))
        return STATUS_IMPERSONATION_REFUSED;
    return STATUS_OK;
}

/* The type without its parameters, which are the handler's. */
static bool takes_type(const struct route *route, struct text type)
{
    size_t length = 0;
    while (length < type.length && type.data[length] != ';')
        length++;
    const struct text bare = text_trim((struct text){ type.data, length });
    for (size_t i = 0; i < ROUTE_TAKES_MAX && route->takes[i] != NULL; i++) {
        const struct text taken = text_of(route->takes[i]);
        if (bare.length == taken.length && strncasecmp(bare.data, taken.data, bare.length) == 0)
            return true;
    }
    return false;
}

static struct text taken_types(const struct exchange *exchange)
{
    const struct route *route = exchange->match.route;
    struct text_builder out;
    text_builder_init(&out, exchange->arena, ACCEPTS_MAX);
    for (size_t i = 0; i < ROUTE_TAKES_MAX && route->takes[i] != NULL; i++) {
        if (i > 0) text_builder_add(&out, TEXT(", "));
        text_builder_add(&out, text_of(route->takes[i]));
    }
    return text_builder_view(&out);
}

static enum status check_type(const struct exchange *exchange, struct problem *problem)
{
    const struct text coding = exchange_header(exchange, TEXT("content-encoding"));
    const bool is_coded = coding.length > 0 && !text_equals_string(coding, "identity");
    const struct text type = exchange_header(exchange, TEXT("content-type"));
    if (!is_coded && type.length > 0 && takes_type(exchange->match.route, type)) return STATUS_OK;
    problem->accepts = taken_types(exchange);
    problem->reason =
        text_format(exchange->arena, "The body is sent as %.*s, without a content encoding.",
                    (int)problem->accepts.length, problem->accepts.data);
    return STATUS_UNSUPPORTED_MEDIA_TYPE;
}

enum status raw_body_check(const struct exchange *exchange, struct problem *problem)
{
    if (exchange->match.route->body == BODY_JSON) return STATUS_OK;
    assert(exchange->match.route->takes[0] != NULL);
    TRY(check_rights(exchange, problem));
    const size_t most = exchange->match.route->body_max; /* it may be less than that of JSON */
    if (exchange->req->entity.len > most) {
        problem->place = PLACE_BODY;
        problem->maximum = (int64_t)most;
        return STATUS_BODY_TOO_LARGE;
    }
    return check_type(exchange, problem);
}

enum status raw_body_count(struct exchange *exchange)
{
    struct server *server = exchange->server;
    assert(exchange->body_bytes == 0);
    if (exchange->match.route->body == BODY_JSON) return STATUS_OK;
    const size_t bytes = exchange->req->entity.len;
    if (server->bodies_bytes + bytes > server->options.limits.bodies_max) return STATUS_OVERLOADED;
    server->bodies_bytes += bytes;
    exchange->body_bytes = bytes;
    return STATUS_OK;
}

enum status raw_body_read(const struct exchange *exchange, void *value, struct field_faults *faults)
{
    const struct route *route = exchange->match.route;
    const struct field *field = &route->message->body->fields[route->body_field];
    if (route->body == BODY_PICTURE) return STATUS_OK;
    assert(field->type == FIELD_BYTES);
    *(struct text *)(void *)((char *)value + field->offset) =
        (struct text){ exchange->req->entity.base, exchange->req->entity.len };
    const struct field_path all_of_it = { .place = PLACE_BODY };
    return validate_field(field, value, &all_of_it, faults);
}

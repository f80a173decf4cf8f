/* Tokens and API keys, and the requests that wait until these can be judged. */
#include "gateway/admit.h"

#include "gateway/rate_request.h"
#include "gateway/server_parts.h"
#include "gateway/waiting.h"

static bool is_needed(const struct server *server, enum principal_kind kind)
{
    return (server->surfaces_needed >> kind & 1) != 0;
}

/* What the parked request waits for is still being asked for. */
static bool is_awaited(const struct exchange *exchange)
{
    const struct server *server = exchange->server;
    if (exchange->awaited_key != NULL)
        return api_keys_are_asking(server->api_keys, exchange->awaited_key);
    return token_keys_is_refreshing(server->keys, exchange->awaited_kind);
}

/* A question to a domain has ended: those that waited for it are served again at the end of the
 * turn. */
static void on_settled(void *context)
{
    struct server *server = context;
    for (struct exchange *e = server->parked.first, *next; e != NULL; e = next) {
        next = e->next;
        if (is_awaited(e)) continue;
        waiting_unpark(e);
        exchange_list_append(&server->arrived, e);
    }
    loop_wake(server->options.loop);
}

void admit_open(struct server *server)
{
    struct loop *loop = server->options.loop;
    assert(server->keys == NULL);
    server->inquirer = (struct inquirer){ .backend = server->options.backend,
                                          .fibers = server->options.fibers,
                                          .clock = loop_clock(loop),
                                          .rng = loop_rng(loop) };
    server->keys = token_keys_new(&server->inquirer, on_settled, server);
    server->api_keys = api_keys_new(&server->inquirer, on_settled, server);
    server->ended = ended_sessions_new(&server->inquirer, server->api_keys);
    server->authenticator = authenticator_new(server->keys, server->ended);
}

void admit_close(struct server *server)
{
    authenticator_destroy(&server->authenticator);
    ended_sessions_destroy(&server->ended);
    api_keys_destroy(&server->api_keys);
    token_keys_destroy(&server->keys);
}

void admit_tick(struct server *server)
{
    for (size_t i = 0; i < SURFACES && !server->is_stopping; i++) {
        const enum principal_kind kind = surfaces[i].kind;
        if (!is_needed(server, kind)) continue;
        if (!token_keys_are_known(server->keys, kind)) (void)token_keys_refresh(server->keys, kind);
        ended_sessions_tick(server->ended, kind);
    }
}

bool admit_is_quiet(const struct server *server)
{
    for (size_t i = 0; i < SURFACES; i++) {
        if (token_keys_is_refreshing(server->keys, surfaces[i].kind)) return false;
    }
    return !api_keys_are_asking(server->api_keys, NULL) &&
           !ended_sessions_is_polling(server->ended);
}

bool admit_is_ready(const struct server *server)
{
    for (size_t i = 0; i < SURFACES; i++) {
        const enum principal_kind kind = surfaces[i].kind;
        if (!is_needed(server, kind)) continue;
        if (!token_keys_are_known(server->keys, kind)) return false;
        if (!ended_sessions_are_known(server->ended, kind)) return false;
    }
    return true;
}

/* ---- tokens ---- */

static enum status admit_token(struct exchange *exchange, struct text header,
                               enum principal_kind kind, bool *ret_is_parked)
{
    struct server *server = exchange->server;
    bool is_key_unknown;
    const enum status status =
        authenticate(server->authenticator, header, kind, loop_real_us(server->options.loop),
                     exchange->arena, &exchange->principal, &is_key_unknown);
    if (status == STATUS_OK || !is_key_unknown) return status;
    if (!exchange->was_parked) {
        exchange->awaited_kind = kind;
        exchange->awaited_key = NULL;
        waiting_park(
            exchange); /* first, because the question may be settled inside the next call */
        *ret_is_parked = token_keys_refresh(server->keys, kind);
        if (*ret_is_parked) return STATUS_OK;
        waiting_unpark(exchange);
    }
    return token_keys_are_known(server->keys, kind) ? STATUS_UNAUTHENTICATED : STATUS_UNAVAILABLE;
}

/* ---- API keys ---- */

static enum status use_principal(struct exchange *exchange, enum principal_kind kind,
                                 const struct principal *principal)
{
    if (principal->kind != kind) return STATUS_UNAUTHENTICATED;
    exchange->principal = *principal;
    return STATUS_OK;
}

static enum status admit_api_key(struct exchange *exchange, struct text token,
                                 enum principal_kind kind, bool *ret_is_parked)
{
    struct api_keys *keys = exchange->server->api_keys;
    struct principal principal;
    const struct api_key_digest digest = api_key_digest_of(token);
    const enum status found = api_keys_find(keys, &digest, &principal);
    if (found == STATUS_OK) return use_principal(exchange, kind, &principal);
    if (found != STATUS_NOT_FOUND) return found;
    if (exchange->was_parked) return STATUS_UNAVAILABLE;
    /* Each key that is made up costs a domain a question, so keys are counted like requests. */
    TRY(rate_count_guess(exchange));
    exchange->awaited_key = arena_copy(exchange->arena, &digest, sizeof digest);
    waiting_park(exchange);
    const enum status asked = api_keys_ask(keys, kind, token, &digest);
    *ret_is_parked = asked == STATUS_OK;
    if (asked != STATUS_OK) waiting_unpark(exchange);
    return asked;
}

/* ---- requests ---- */

enum status admit_principal(struct exchange *exchange, bool *ret_is_parked)
{
    assert(exchange->match.route != NULL);
    assert(exchange->principal.kind == PRINCIPAL_NONE);
    const enum message_role role = exchange->match.route->message->role;
    if (role == ROLE_PUBLIC) return STATUS_OK;
    const enum principal_kind kind = admit_kind_of(role);
    if (kind == PRINCIPAL_NONE) return STATUS_NOT_FOUND; /* the generator gives these no route */
    const struct text header = exchange_header(exchange, TEXT("authorization"));
    if (header.data == NULL && role == ROLE_STORE_OPTIONAL) return STATUS_OK;
    const struct text token = authenticate_bearer(header);
    if (api_key_is_one(token)) return admit_api_key(exchange, token, kind, ret_is_parked);
    return admit_token(exchange, header, kind, ret_is_parked);
}

enum principal_kind admit_kind_of(enum message_role role)
{
    switch (role) {
    case ROLE_STORE_OPTIONAL:
    case ROLE_STORE:
        return PRINCIPAL_SHOPPER;
    case ROLE_VENDOR:
        return PRINCIPAL_VENDOR;
    case ROLE_ADMIN:
        return PRINCIPAL_ADMIN;
    default:
        return PRINCIPAL_NONE;
    }
}

enum status admit_find_parent(const struct exchange *exchange, struct uuid *ret_parent)
{
    struct uuid parent = { { 0 } };
    if (principal_is_impersonated(&exchange->principal) &&
        !authenticate_find_parent(exchange->server->authenticator,
                                  exchange_header(exchange, TEXT("authorization")), &parent))
        return STATUS_UNAVAILABLE;
    *ret_parent = parent;
    return STATUS_OK;
}

void admit_note_reply(struct exchange *exchange)
{
    const struct principal *principal = &exchange->principal;
    if (!exchange->match.route->message->ends_session) return;
    if (principal->kind == PRINCIPAL_NONE || principal->is_api_key) return;
    ended_sessions_add(exchange->server->ended, principal->kind, principal->session);
}

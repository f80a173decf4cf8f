/* The scripted backend, the server's thread and the client of the gateway's tests. */
#include "tests/gateway/fixture.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gateway/inquiry.h"
#include "gateway/tls.h"
#include "host_messages.h"
#include "messages/codec_msgpack.h"
#include "runtime/metrics.h"
#include "runtime/paseto.h"
#include "runtime/secret.h"
#include "user_messages.h"

/* libh2o keeps free memory per thread and does not give it back when the thread ends. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:h2o_mem_alloc_recycle";
}

/* ---- the backend ---- */

struct fixture_thread {
    pthread_t id;
    pthread_barrier_t started;
    struct fixture *fixture;
    struct fibers *fibers;
    struct arena *arena; /* what the backend keeps */
    struct server *server;
    uv_async_t hint;
    uint8_t public_key[32];
    char directory[64];
};

static enum status backend_keys(struct fixture *fixture, const struct surface *surface,
                                struct arena *arena, struct envelope *ret_reply)
{
    static const char *const kids[SURFACES] = { "good", "vendor-key", "admin-key" };
    static const enum common_audience audiences[SURFACES] = { COMMON_AUDIENCE_STORE,
                                                              COMMON_AUDIENCE_VENDOR,
                                                              COMMON_AUDIENCE_ADMIN };
    fixture->seen.key_asks++;
    if (fixture->script.keys_are_away || fixture->script.away == surface->kind)
        return STATUS_UNAVAILABLE;
    if (fixture->script.unsupported == surface->kind) {
        ret_reply->status = STATUS_UNSUPPORTED;
        return STATUS_OK;
    }
    const size_t which = (size_t)(surface - surfaces);
    const struct text public_key = { (const char *)fixture->thread->public_key, 32 };
    /* And one of a surface that it does not speak for. */
    const struct common_token_key keys[] = {
        { .kid = text_of(kids[which]), .public_key = public_key, .audience = audiences[which] },
        { .kid = TEXT("foreign"),
          .public_key = public_key,
          .audience = audiences[(which + 1) % SURFACES] },
    };
    const struct common_token_keys reply = { .keys = keys, .keys_count = ARRAY_LENGTH(keys) };
    return msgpack_encode(&common_token_keys_schema, &reply, arena, 4096, &ret_reply->body);
}

static enum status backend_ended(struct fixture *fixture, const struct envelope *request,
                                 struct arena *arena, struct envelope *ret_reply)
{
    struct identity_list_ended_sessions question;
    TRY(msgpack_decode(&identity_list_ended_sessions_schema, request->body, arena, &question));
    fixture->seen.ended_asks++;
    fixture->seen.ended_after_us = question.after_us;
    const struct common_ended_sessions reply = {
        .session_ids = fixture->script.ended,
        .session_ids_count = fixture->script.ended_count,
        .key_ids = &fixture->script.ended_key,
        .key_ids_count = uuid_is_zero(fixture->script.ended_key) ? 0 : 1,
        .ended_through_us = question.after_us + 1,
    };
    return msgpack_encode(&common_ended_sessions_schema, &reply, arena, 4096, &ret_reply->body);
}

static enum status backend_api_key(struct fixture *fixture, struct arena *arena,
                                   struct envelope *ret_reply)
{
    fixture->seen.api_key_asks++;
    if (fixture->script.key_delay_us > 0)
        TRY(fiber_sleep(fixture->thread->fibers, fixture->script.key_delay_us));
    ret_reply->status = fixture->script.key_status;
    if (ret_reply->status != STATUS_OK) return STATUS_OK;
    return msgpack_encode(&common_api_key_use_schema, &fixture->script.key_use, arena, 4096,
                          &ret_reply->body);
}

static enum status backend_health(const struct fixture *fixture, struct arena *arena,
                                  struct envelope *ret_reply)
{
    const struct host_metric metric = { .name = TEXT("souk_units_total"), .value = 42 };
    const struct host_health reply = { .is_answering = !fixture->script.database_is_away,
                                       .has_is_writable = true,
                                       .is_writable = !fixture->script.database_is_full,
                                       .process = TEXT("some-node"),
                                       .shard_last = SHARD_COUNT - 1,
                                       .metrics = &metric,
                                       .metrics_count = 1 };
    return msgpack_encode(&host_health_schema, &reply, arena, 4096, &ret_reply->body);
}

/* What the gateway asks for itself; false for everything else. */
static bool backend_answer_gateway(struct fixture *fixture, const struct envelope *request,
                                   struct arena *arena, struct envelope *ret_reply,
                                   enum status *ret_status)
{
    if (request->number == host_check_health_message.number) {
        *ret_status = backend_health(fixture, arena, ret_reply);
        return true;
    }
    for (size_t i = 0; i < SURFACES; i++) {
        const struct surface *surface = &surfaces[i];
        if (request->number == surface->messages->get_token_keys->number)
            *ret_status = backend_keys(fixture, surface, arena, ret_reply);
        else if (request->number == surface->messages->list_ended_sessions->number)
            *ret_status = backend_ended(fixture, request, arena, ret_reply);
        else if (request->number == surface->messages->use_api_key->number)
            *ret_status = backend_api_key(fixture, arena, ret_reply);
        else
            continue;
        return true;
    }
    return false;
}

static enum status backend_ask(void *context, const struct envelope *request, int64_t deadline_us,
                               struct arena *arena, struct envelope *ret_reply)
{
    struct fixture_thread *thread = context;
    struct fixture *fixture = thread->fixture;
    const struct script script = fixture->script;
    (void)deadline_us;
    *ret_reply = (struct envelope){ .kind = ENVELOPE_REPLY };
    enum status status;
    if (backend_answer_gateway(fixture, request, arena, ret_reply, &status)) return status;
    if (request->number == LIST_EVENTS_NUMBER || request->number == LIST_NEWS_NUMBER)
        return fixture_answer_events(&fixture->events, request, arena, ret_reply);
    fixture->seen.last = *request;
    fixture->seen.last.request_id = text_copy(thread->arena, request->request_id);
    fixture->seen.last.trace = text_copy(thread->arena, request->trace);
    fixture->seen.body = text_copy(thread->arena, request->body);
    fixture->seen.asks++;
    if (script.delay_us > 0) TRY(fiber_sleep(thread->fibers, script.delay_us));
    if (script.transport != STATUS_OK) return script.transport;
    ret_reply->status = script.status;
    ret_reply->http_status = script.http_status;
    ret_reply->is_replayed = script.is_replayed;
    if (script.reply_schema == NULL) return STATUS_OK;
    return msgpack_encode(script.reply_schema, script.reply_value, arena, 1 << 20,
                          &ret_reply->body);
}

static bool backend_is_ready(void *context, unsigned domain)
{
    (void)context;
    return domain == DOMAIN_USER;
}

static bool backend_hears_hints(void *context)
{
    const struct fixture_thread *thread = context;
    return !thread->fixture->is_deaf;
}

/* ---- the server's thread ---- */

static void on_stopped(void *context)
{
    loop_stop(context);
}

static void on_hint(uv_async_t *async)
{
    const struct fixture_thread *thread = async->data;
    const struct uuid subject = thread->fixture->hinted;
    struct hint hint;
    hint_begin(&hint, uuid_shard(subject), thread->fixture->hints_no_event ? 0 : 1);
    hint_add(&hint, subject);
    hint.domain = DOMAIN_USER;
    server_on_hint(thread->server, &hint);
}

struct stopping {
    struct server *server;
    struct loop *loop;
};

static void on_stop_signal(void *context)
{
    struct stopping *stopping = context;
    server_stop(stopping->server, on_stopped, stopping->loop);
}

static SSL_CTX *fixture_tls(const char *directory)
{
    char certificate[96], key[96];
    SSL_CTX *tls;
    (void)snprintf(certificate, sizeof certificate, "%s/gateway.crt", directory);
    (void)snprintf(key, sizeof key, "%s/gateway.key", directory);
    assert_int_equal(tls_certificate_make(certificate, key, 7), STATUS_OK);
    assert_int_equal(tls_context_new(certificate, key, &tls), STATUS_OK);
    (void)unlink(certificate);
    (void)unlink(key);
    return tls;
}

static void *fixture_serve(void *argument)
{
    struct fixture_thread *thread = argument;
    struct fixture *fixture = thread->fixture;
    struct loop *loop = loop_new();
    thread->fibers = fibers_new(loop_timers(loop), loop_clock(loop));
    thread->arena = arena_new(4096);
    const struct backend backend = { thread, backend_ask, backend_is_ready, backend_hears_hints };
    SSL_CTX *tls = fixture_tls(thread->directory);
    struct server_options options = {
        .loop = loop,
        .fibers = thread->fibers,
        .backend = &backend,
        .routes = fixture_routes,
        .routes_count = fixture_routes_count,
        .openapi = TEXT("{\"openapi\":\"3.1.0\"}"),
        .docs = TEXT("<!doctype html>"),
        .docs_policy = TEXT("default-src 'none'; style-src 'sha256-x'"),
        .name = "test",
        .principal_key = fixture->principal_key,
        .tls = tls,
        .address = "127.0.0.1",
        .cors_origins = text_of(fixture->edge.cors_origins),
        .access_log = fixture->edge.access_log,
        .limits = fixture->limits,
    };
    struct stopping stopping = { NULL, loop };
    assert_int_equal(server_new(&options, &stopping.server), STATUS_OK);
    fixture->clear_port = server_clear_port(stopping.server);
    fixture->tls_port = server_tls_port(stopping.server);
    loop_on_stop_signal(loop, on_stop_signal, &stopping);
    thread->server = stopping.server;
    thread->hint.data = thread;
    assert_int_equal(uv_async_init(loop_uv(loop), &thread->hint, on_hint), 0);
    (void)pthread_barrier_wait(&thread->started);
    loop_run(loop);
    uv_close((uv_handle_t *)&thread->hint, NULL);
    server_destroy(&stopping.server);
    SSL_CTX_free(tls);
    fibers_destroy(&thread->fibers);
    loop_destroy(&loop);
    arena_destroy(&thread->arena);
    return NULL;
}

void fixture_start(struct fixture *fixture, const struct server_limits *limits)
{
    const struct fixture_edge edge = { .cors_origins = NULL };
    fixture_start_edge(fixture, limits, &edge);
}

void fixture_start_edge(struct fixture *fixture, const struct server_limits *limits,
                        const struct fixture_edge *edge)
{
    memset(fixture, 0, sizeof *fixture);
    secret_open();
    fixture->edge = *edge;
    fixture->limits = limits != NULL ? *limits : server_limits_default();
    fixture->arena = arena_new(4096);
    fixture->thing = (struct thing){ .id = { .bytes = { 1, 2, 3, 4, 5, 6, 0x70, 8, 0x80, 10, 11, 12,
                                                        13, 14, 15, 9 } },
                                     .name = TEXT("Lamp"),
                                     .version = 7 };
    char id[ID_TEXT_MAX + 1];
    (void)id_format("thg", fixture->thing.id, id);
    (void)snprintf(fixture->thing_path, sizeof fixture->thing_path, "/v1/things/%s", id);
    fixture->events.page_max = 100;
    fixture->script.reply_schema = &thing_schema;
    fixture->script.reply_value = &fixture->thing;
    memset(fixture->principal_key, 3, sizeof fixture->principal_key);
    struct fixture_thread *thread = calloc(1, sizeof *thread);
    fixture->thread = thread;
    thread->fixture = fixture;
    const uint8_t seed[PASETO_SEED_BYTES] = { 9 };
    paseto_v4_keys(seed, thread->public_key, fixture->secret_key);
    (void)snprintf(thread->directory, sizeof thread->directory, "/tmp/souk-test-XXXXXX");
    assert_non_null(mkdtemp(thread->directory));
    assert_int_equal(pthread_barrier_init(&thread->started, NULL, 2), 0);
    assert_int_equal(pthread_create(&thread->id, NULL, fixture_serve, thread), 0);
    (void)pthread_barrier_wait(&thread->started);
}

void fixture_hint(struct fixture *fixture)
{
    fixture_hint_about(fixture, fixture->thing.id);
}

void fixture_hint_about(struct fixture *fixture, struct uuid id)
{
    fixture->hinted = id;
    assert_int_equal(uv_async_send(&fixture->thread->hint), 0);
}

void fixture_begin_stop(struct fixture *fixture)
{
    (void)fixture;
    assert_int_equal(kill(getpid(), SIGTERM), 0);
}

void fixture_stop(struct fixture *fixture)
{
    fixture_begin_stop(fixture);
    assert_int_equal(pthread_join(fixture->thread->id, NULL), 0);
    (void)pthread_barrier_destroy(&fixture->thread->started);
    (void)rmdir(fixture->thread->directory);
    free(fixture->thread);
    arena_destroy(&fixture->arena);
}

int fixture_setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    fixture_start(fixture, NULL);
    *state = fixture;
    return 0;
}

int fixture_teardown(void **state)
{
    fixture_stop(*state);
    free(*state);
    return 0;
}

/* ---- the client ---- */

int client_connect(const struct fixture *fixture)
{
    const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const struct timeval patience = { .tv_sec = 5 };
    const struct sockaddr_in name = { .sin_family = AF_INET,
                                      .sin_port = htons(fixture->clear_port),
                                      .sin_addr = { htonl(INADDR_LOOPBACK) } };
    assert_int_equal(setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience),
                     0);
    assert_int_equal(connect(descriptor, (const struct sockaddr *)&name, sizeof name), 0);
    return descriptor;
}

void client_send(int socket, struct text bytes)
{
    while (bytes.length > 0) {
        const ssize_t sent = send(socket, bytes.data, bytes.length, MSG_NOSIGNAL);
        if (sent <= 0) return; /* the peer has cut us; what follows will tell */
        bytes = (struct text){ bytes.data + sent, bytes.length - (size_t)sent };
    }
}

static size_t content_length(const struct answer *answer)
{
    const struct text value = answer_header(answer, "content-length");
    int64_t length = 0;
    if (value.length > 0) assert_int_equal(text_parse_int(value, &length), STATUS_OK);
    return (size_t)length;
}

struct answer client_read(struct fixture *fixture, int socket, bool is_head)
{
    enum { ANSWER_MAX = 1 << 20 };
    char *buffer = arena_allocate(fixture->arena, ANSWER_MAX);
    size_t length = 0;
    struct answer answer = { .status = 0 };
    while (length < ANSWER_MAX) {
        const ssize_t got = recv(socket, buffer + length, ANSWER_MAX - length, 0);
        if (got <= 0) break;
        length += (size_t)got;
        const char *end = memmem(buffer, length, "\r\n\r\n", 4);
        if (end == NULL) continue;
        answer.head = (struct text){ buffer, (size_t)(end - buffer) + 2 };
        answer.body = (struct text){ end + 4, length - answer.head.length - 2 };
        if (is_head || answer.body.length >= content_length(&answer)) {
            answer.status = (int)strtol(buffer + strlen("HTTP/1.1 "), NULL, 10);
            break;
        }
    }
    return answer;
}

struct answer client_ask(struct fixture *fixture, const char *method, const char *target,
                         const char *headers, const char *body)
{
    const int descriptor = client_connect(fixture);
    const size_t length = strlen(body);
    const struct text request = text_format(
        fixture->arena, "%s %s HTTP/1.1\r\nHost: localhost\r\n%sContent-Length: %zu\r\n\r\n%s",
        method, target, headers, length, body);
    client_send(descriptor, request);
    const struct answer answer = client_read(fixture, descriptor, strcmp(method, "HEAD") == 0);
    (void)close(descriptor);
    return answer;
}

struct text answer_header(const struct answer *answer, const char *name)
{
    const size_t name_length = strlen(name);
    const char *line = answer->head.data, *end = line + answer->head.length;
    while (line < end) {
        const char *next = memmem(line, (size_t)(end - line), "\r\n", 2);
        if (next == NULL) break;
        const bool is_it = (size_t)(next - line) > name_length &&
                           strncasecmp(line, name, name_length) == 0 && line[name_length] == ':';
        if (is_it)
            return text_trim(
                (struct text){ line + name_length + 1, (size_t)(next - line) - name_length - 1 });
        line = next + 2;
    }
    return (struct text){ .data = "" };
}

bool answer_contains(const struct answer *answer, const char *text)
{
    return answer->body.length > 0 &&
           memmem(answer->body.data, answer->body.length, text, strlen(text)) != NULL;
}

bool client_is_closed(int socket)
{
    char buffer[2048];
    for (;;) {
        const ssize_t got = recv(socket, buffer, sizeof buffer, 0);
        if (got == 0) return true;
        if (got < 0) return errno == ECONNRESET;
    }
}

void assert_refused(const struct answer *answer, int status, const char *code)
{
    assert_int_equal(answer->status, status);
    assert_text_equal(answer_header(answer, "content-type"), TEXT("application/problem+json"));
    char expected[80];
    (void)snprintf(expected, sizeof expected, "\"code\":\"%s\"", code);
    assert_true(answer_contains(answer, expected));
}

struct answer post_thing(struct fixture *fixture, const char *more_headers, const char *body)
{
    const char *token = token_header(fixture, "store", "good", 60);
    const struct text headers = text_format(fixture->arena, "%s%s%s", token,
                                            "Content-Type: application/json\r\n", more_headers);
    return client_ask(fixture, "POST", "/v1/things", text_string(fixture->arena, headers), body);
}

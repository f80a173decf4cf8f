/* Requests: what is wrong with them before anything is executed, faults, the journal. */
#include "tests/testbank/front.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/log.h"
#include "tests/testbank/render.h"
#include "tests/testbank/webhooks.h"

enum { REQUEST_ID_CHARACTERS = 14, SCRATCH_BLOCK_BYTES = 64 * 1024, METHOD_MAX = 16 };

/* A request on its way to its answer. */
struct visit {
    struct front *front;
    struct http_request *request;
    const struct route *route;
    struct command command;
    struct call call; /* for refusals, and the form */
    struct fault fault;
};

int64_t front_now_us(const struct front *front)
{
    return loop_real_us(front->loop) - front->behind_us + front->bank->offset_us;
}

static bool on_record(void *context, struct text payload)
{
    struct front *front = context;
    struct command command;
    if (command_decode(payload, &command) != STATUS_OK) return false;
    struct arena *arena = arena_new(SCRATCH_BLOCK_BYTES);
    struct answer answer;
    const enum status status = command_execute(front->bank, &command, arena, &answer);
    arena_destroy(&arena);
    return status == STATUS_OK;
}

static void arm_due(struct front *front)
{
    const int64_t at_us = bank_next_due_us(front->bank);
    if (at_us == INT64_MAX) {
        timer_stop(loop_timers(front->loop), &front->due);
        return;
    }
    const int64_t wait_us = at_us - front_now_us(front);
    timer_start(loop_timers(front->loop), &front->due,
                loop_now_us(front->loop) + (wait_us > 0 ? wait_us : 0));
}

static void do_due(struct front *front)
{
    if (bank_next_due_us(front->bank) > front_now_us(front)) return;
    struct command tick = { .kind = COMMAND_TICK };
    front_do(front, &tick);
}

static void on_due(struct timer *timer)
{
    do_due(CONTAINER_OF(timer, struct front, due));
}

enum status front_open(struct front *front, struct loop *loop, const char *journal_path)
{
    *front = (struct front){ .loop = loop, .bank = bank_new() };
    front->due.on_fire = on_due;
    return journal_open(journal_path, on_record, front, &front->journal);
}

/* Nobody is told before the end of the turn, when the journal is written. */
static enum status keep_and_execute(struct front *front, struct command *command,
                                    struct arena *arena, struct answer *ret_answer)
{
    command->time_us = front_now_us(front);
    if (command->time_us < front->bank->now_us) command->time_us = front->bank->now_us;
    TRY(journal_append(front->journal, command_encode(arena, command)));
    return command_execute(front->bank, command, arena, ret_answer);
}

void front_do(struct front *front, struct command *command)
{
    struct arena *arena = arena_new(SCRATCH_BLOCK_BYTES);
    struct answer answer;
    const enum status status = keep_and_execute(front, command, arena, &answer);
    if (status != STATUS_OK) front->is_broken = true;
    arena_destroy(&arena);
}

enum status front_start(struct front *front, struct command *start)
{
    struct arena *arena = arena_new(SCRATCH_BLOCK_BYTES);
    struct answer answer;
    enum status status = keep_and_execute(front, start, arena, &answer);
    if (status == STATUS_OK) status = journal_write(front->journal, true);
    arena_destroy(&arena);
    return status;
}

static void make_request_id(struct front *front, struct arena *arena, struct text *ret_id)
{
    static const char letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    uint8_t random[REQUEST_ID_CHARACTERS];
    struct rng *rng = loop_rng(front->loop);
    rng->fill(rng->context, random, sizeof random);
    char id[REQUEST_ID_CHARACTERS + 1];
    for (size_t i = 0; i < sizeof random; i++)
        id[i] = letters[random[i] % (sizeof letters - 1)];
    id[REQUEST_ID_CHARACTERS] = '\0';
    *ret_id = text_format(arena, "req_%s", id);
}

/* One for each request of a turn: more than there are connections when clients hang up. */
static void grow_waiting(struct front *front)
{
    front->waiting_capacity = front->waiting_capacity == 0 ? 64 : 2 * front->waiting_capacity;
    front->waiting = realloc(front->waiting, front->waiting_capacity * sizeof *front->waiting);
    if (front->waiting == NULL) abort();
}

static void wait_for_turn_end(struct visit *visit, const struct http_reply *reply)
{
    struct front *front = visit->front;
    if (front->waiting_count == front->waiting_capacity) grow_waiting(front);
    struct waiting_answer *waiting = &front->waiting[front->waiting_count++];
    *waiting = (struct waiting_answer){ .request = visit->request, .reply = *reply };
    if (waiting->reply.request_id.data == NULL) {
        waiting->reply.request_id = visit->command.request_id;
    }
}

static void reply_json(struct visit *visit, int code, struct text body)
{
    const struct http_reply reply = {
        .code = code,
        .body = body,
        .content_type = "application/json",
    };
    wait_for_turn_end(visit, &reply);
}

static bool refuse(struct visit *visit, struct refusal refusal)
{
    const struct text body = refusal_text(visit->request->arena, visit->front->bank, &refusal);
    reply_json(visit, refusal.code, body);
    return false;
}

static bool refuse_plainly(struct visit *visit, int code, const char *reason, const char *name,
                           struct text message)
{
    const struct refusal refusal = {
        .code = code,
        .type = "invalid_request_error",
        .reason = reason,
        .param = name,
        .message = message,
    };
    return refuse(visit, refusal);
}

/* Any bytes from outside into a message: what is no UTF-8 is not said again. */
static struct text quoted(struct text text)
{
    return text_is_utf8(text) ? text : TEXT("?");
}

static bool find_route(struct visit *visit)
{
    struct http_request *request = visit->request;
    struct arena *arena = request->arena;
    if (request->path.length <= REQUEST_PATH_MAX && request->method.length <= METHOD_MAX &&
        text_is_utf8(request->path)) {
        visit->route = route_find(request->method, request->path, &visit->call.id);
    }
    if (visit->route != NULL) return true;
    return refuse_plainly(
        visit, 404, NULL, NULL,
        text_format(arena, "Unrecognized request URL (%.*s: %.*s).",
                    (int)quoted(request->method).length, quoted(request->method).data,
                    (int)quoted(request->path).length, quoted(request->path).data));
}

static bool find_account(struct visit *visit)
{
    static const struct text scheme = { "Bearer ", 7 };
    const struct bank *bank = visit->front->bank;
    const struct text given = visit->request->authorization;
    if (visit->route->access == ACCESS_PAGE) return true;
    if (visit->route->access == ACCESS_CONTROL && given.data == NULL) return true;
    if (given.length > scheme.length && text_starts_with(given, scheme)) {
        const struct text key = { given.data + scheme.length, given.length - scheme.length };
        for (unsigned i = 0; i < bank->accounts_count; i++) {
            if (!bank->accounts[i].is_open || !text_equals_string(key, bank->accounts[i].key)) {
                continue;
            }
            visit->command.account = i;
            return true;
        }
    }
    return refuse_plainly(visit, 401, NULL, NULL,
                          given.data == NULL ? TEXT("You did not provide an API key.")
                                             : TEXT("Invalid API Key provided."));
}

static bool check_headers(struct visit *visit)
{
    const struct http_request *request = visit->request;
    const struct text version = request->stripe_version;
    if (version.data != NULL && !text_equals_string(version, BANK_API_VERSION)) {
        return refuse_plainly(
            visit, 400, NULL, NULL,
            TEXT("Invalid Stripe API version: this bank speaks " BANK_API_VERSION "."));
    }
    if (request->body.length > 0 &&
        !text_starts_with(request->content_type, TEXT("application/x-www-form-urlencoded"))) {
        return refuse_plainly(
            visit, 400, NULL, NULL,
            TEXT("Invalid request: bodies are application/x-www-form-urlencoded."));
    }
    if (request->idempotency_key.length > IDEMPOTENCY_KEY_MAX ||
        !text_is_utf8(request->idempotency_key)) {
        return refuse_plainly(visit, 400, NULL, NULL,
                              TEXT("An Idempotency-Key has at most 255 characters."));
    }
    return true;
}

static bool check_field(struct visit *visit, const struct form_field *field)
{
    struct arena *arena = visit->request->arena;
    const bool is_number = form_name_is_allowed(field->name, "number cvc card[number] card[cvc] "
                                                             "payment_method_data[card][number] "
                                                             "payment_method_data[card][cvc]");
    if (is_number || form_holds_card_number(field->value) || form_holds_card_number(field->name)) {
        return refuse_plainly(visit, 400, NULL, field->name.data,
                              TEXT("Card numbers are never taken: use a token."));
    }
    if (form_name_is_allowed(field->name, visit->route->params)) return true;
    if (form_child(field->name, "expand").data != NULL) return true;
    return refuse_plainly(visit, 400, "parameter_unknown", field->name.data,
                          text_format(arena, "Received unknown parameter: %s", field->name.data));
}

static bool read_form(struct visit *visit)
{
    const struct http_request *request = visit->request;
    const bool reads = visit->route->only_reads;
    visit->command.form = reads ? request->query : request->body;
    if ((reads ? request->body : request->query).length > 0) {
        return refuse_plainly(visit, 400, "parameter_unknown", NULL,
                              reads ? TEXT("A GET has no body.")
                                    : TEXT("Parameters come in the body."));
    }
    if (form_parse(request->arena, visit->command.form, &visit->call.form) != STATUS_OK) {
        return refuse_plainly(visit, 400, NULL, NULL,
                              TEXT("Invalid request: the form cannot be read."));
    }
    for (size_t i = 0; i < visit->call.form.count; i++) {
        if (!check_field(visit, &visit->call.form.fields[i])) return false;
    }
    return true;
}

/* What the fault makes of an answer; the body of half an answer is the answer's own. */
static void damage(enum fault_kind kind, struct http_reply *reply)
{
    switch (kind) {
    case FAULT_ERROR:
        reply->code = 500;
        reply->body = TEXT("{\"error\":{\"message\":\"An unknown error occurred\","
                           "\"type\":\"api_error\"}}");
        break;
    case FAULT_TOO_MANY:
        reply->code = 429;
        reply->body = TEXT("{\"error\":{\"message\":\"Request rate limit exceeded.\","
                           "\"type\":\"invalid_request_error\",\"code\":\"rate_limit\"}}");
        break;
    case FAULT_REDIRECT:
        reply->code = 302;
        reply->location = "http://127.0.0.1:1/";
        reply->body = TEXT("<p>It is over there.</p>");
        reply->content_type = "text/html";
        break;
    case FAULT_GARBAGE:
        reply->damage = HTTP_GARBAGE;
        break;
    case FAULT_HALF:
        reply->damage = HTTP_HALF;
        break;
    case FAULT_NOTHING:
        reply->damage = HTTP_NOTHING;
        break;
    case FAULT_CLOSE:
        reply->damage = HTTP_CLOSE;
        break;
    default:
        break;
    }
}

/* Whether the request is new to its key; answered if it is not. */
static bool check_key(struct visit *visit)
{
    const struct text key = visit->request->idempotency_key;
    if (visit->route->only_reads || key.length == 0) return true;
    visit->command.key = key;
    uint8_t digest[IDEMPOTENCY_DIGEST_BYTES];
    command_digest(visit->request->arena, visit->request->method, visit->request->path,
                   &visit->call.form, digest);
    const struct stored_answer *stored = NULL;
    struct refusal refusal = { .code = 400, .type = "idempotency_error" };
    switch (idempotency_look(visit->front->bank->answers, visit->command.account, key, digest,
                             front_now_us(visit->front), &stored)) {
    case IDEMPOTENCY_NEW:
        return true;
    case IDEMPOTENCY_AGAIN: {
        struct http_reply reply = { .code = stored->code,
                                    .body = stored->body,
                                    .content_type = "application/json",
                                    .original_request = stored->request_id };
        if (visit->fault.kind != FAULT_ERROR) damage(visit->fault.kind, &reply);
        wait_for_turn_end(visit, &reply);
        return false;
    }
    case IDEMPOTENCY_RUNNING:
        refusal.code = 409;
        refusal.type = "invalid_request_error";
        refusal.reason = "idempotency_key_in_use";
        refusal.message = TEXT("Another request with this Idempotency-Key is under way.");
        return refuse(visit, refusal);
    case IDEMPOTENCY_OTHER:
        refusal.message =
            TEXT("An Idempotency-Key can only be used again with the parameters that it was first "
                 "used with.");
        return refuse(visit, refusal);
    }
    return true;
}

static void reply_with(struct visit *visit, const struct answer *answer)
{
    struct http_reply reply = {
        .code = answer->code,
        .body = answer->body,
        .content_type = answer->body.length > 0 ? answer->content_type : NULL,
        .location = answer->location,
        .delay_us = answer->delay_us,
        .damage = answer->is_silent ? HTTP_NOTHING : HTTP_WHOLE,
    };
    if (visit->fault.kind != FAULT_ERROR) damage(visit->fault.kind, &reply);
    wait_for_turn_end(visit, &reply);
}

static void execute(struct visit *visit)
{
    struct front *front = visit->front;
    struct answer answer;
    if (visit->route->only_reads) {
        visit->command.time_us = front_now_us(front);
        const enum status status =
            command_read(front->bank, &visit->command, visit->request->arena, &answer);
        assert(status == STATUS_OK);
        reply_with(visit, &answer);
        return;
    }
    if (bank_is_full(front->bank)) {
        refuse(visit, (struct refusal){ .code = 500,
                                        .type = "api_error",
                                        .message = TEXT("The bank is full: start a new one.") });
        return;
    }
    visit->command.answers_error = visit->fault.kind == FAULT_ERROR;
    const enum status status =
        keep_and_execute(front, &visit->command, visit->request->arena, &answer);
    assert(status == STATUS_OK || status == STATUS_OVERLOADED);
    if (status != STATUS_OK) {
        refuse(visit, (struct refusal){ .code = 500,
                                        .type = "api_error",
                                        .message = TEXT("The bank cannot keep anything.") });
        return;
    }
    reply_with(visit, &answer);
}

void front_on_request(void *context, struct http_request *request)
{
    struct front *front = context;
    struct visit visit = { .front = front, .request = request };
    visit.call.arena = request->arena;
    visit.call.bank = front->bank;
    visit.command.kind = COMMAND_REQUEST;
    visit.command.method = request->method;
    visit.command.path = request->path;
    make_request_id(front, request->arena, &visit.command.request_id);
    do_due(front);
    if (text_equals(request->path, TEXT("/test/faults"))) {
        const struct http_reply reply = faults_answer(&front->faults, request);
        wait_for_turn_end(&visit, &reply);
        return;
    }
    if (!find_route(&visit) || !find_account(&visit) || !check_headers(&visit) ||
        !read_form(&visit)) {
        return;
    }
    if (visit.route->access == ACCESS_KEY) {
        visit.fault = faults_take(&front->faults, visit.route->operation);
    }
    if (visit.fault.kind != FAULT_NONE && !visit.fault.does_work) {
        struct http_reply reply = {
            .code = 200,
            .body = TEXT("{\"id\": \"pi_of_which_half_is_lost\", \"object\": \"payment_intent\"}"),
            .content_type = "application/json",
        };
        damage(visit.fault.kind, &reply);
        wait_for_turn_end(&visit, &reply);
        return;
    }
    if (check_key(&visit)) execute(&visit);
}

/* Nobody knows what is on the disk: answering would be a lie, and going on, too. */
static void give_up(void)
{
    log_write(LOG_ERROR, "journal_failed", NULL, 0);
    _exit(70);
}

void front_on_turn_end(void *context)
{
    struct front *front = context;
    const bool is_told = front->waiting_count > 0 || webhooks_have_work(front->webhooks);
    if (front->is_broken || journal_write(front->journal, is_told) != STATUS_OK) give_up();
    for (size_t i = 0; i < front->waiting_count; i++)
        http_reply(front->waiting[i].request, &front->waiting[i].reply);
    front->waiting_count = 0;
    webhooks_start_due(front->webhooks);
    arm_due(front);
}

void front_close(struct front *front)
{
    if (front->journal != NULL && !front->is_broken) IGNORE(journal_write(front->journal, true));
    timer_stop(loop_timers(front->loop), &front->due);
    journal_destroy(&front->journal);
    bank_destroy(&front->bank);
    free(front->waiting);
}

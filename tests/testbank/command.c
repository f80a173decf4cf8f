/* Commands: their bytes, and what they do. */
#include "tests/testbank/command.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/secret.h"
#include "runtime/wire.h"
#include "tests/testbank/events.h"
#include "tests/testbank/money.h"
#include "tests/testbank/payments.h"
#include "tests/testbank/render.h"

enum { FIELDS_OF_COMMAND = 17 + ACCOUNTS_MAX, SEED_BYTES = 32 };

static void put_text(struct wire_writer *writer, struct text text)
{
    wire_put_text(writer, text.data == NULL ? TEXT("") : text);
}

/* Of each number at most 9 bytes, of each text 5 more than it has. */
static size_t bytes_max_of(const struct command *command)
{
    size_t bytes = 3 + FIELDS_OF_COMMAND * 9;
    bytes += command->seed.length + command->public_url.length + command->method.length;
    bytes += command->path.length + command->form.length + command->key.length;
    bytes += command->request_id.length;
    for (size_t i = 0; i < ACCOUNTS_MAX; i++)
        bytes += command->keys[i].length;
    return bytes;
}

struct text command_encode(struct arena *arena, const struct command *command)
{
    const size_t bytes_max = bytes_max_of(command);
    struct wire_writer writer = { .data = arena_reserve(arena, bytes_max), .capacity = bytes_max };
    wire_put_array(&writer, FIELDS_OF_COMMAND);
    wire_put_uint(&writer, command->kind);
    wire_put_int(&writer, command->time_us);
    wire_put_int(&writer, command->settings.async_us);
    wire_put_int(&writer, command->settings.slow_us);
    wire_put_int(&writer, command->settings.dispute_us);
    wire_put_int(&writer, command->settings.retry_us);
    wire_put_bytes(&writer, command->seed.data == NULL ? "" : command->seed.data,
                   command->seed.length);
    put_text(&writer, command->public_url);
    for (size_t i = 0; i < ACCOUNTS_MAX; i++)
        put_text(&writer, command->keys[i]);
    wire_put_uint(&writer, command->delivery);
    wire_put_int(&writer, command->code);
    wire_put_uint(&writer, command->account);
    put_text(&writer, command->method);
    put_text(&writer, command->path);
    put_text(&writer, command->form);
    put_text(&writer, command->key);
    put_text(&writer, command->request_id);
    wire_put_bool(&writer, command->answers_error);
    assert(!writer.is_full);
    return (struct text){ .data = writer.data, .length = writer.length };
}

enum status command_decode(struct text bytes, struct command *ret_command)
{
    struct wire_reader reader = { .data = (const unsigned char *)bytes.data,
                                  .length = bytes.length };
    struct command command = { .kind = COMMAND_TICK };
    wire_read_array(&reader, FIELDS_OF_COMMAND);
    command.kind = (enum command_kind)wire_read_uint(&reader, COMMAND_KINDS - 1);
    command.time_us = wire_read_int(&reader);
    command.settings.async_us = wire_read_int(&reader);
    command.settings.slow_us = wire_read_int(&reader);
    command.settings.dispute_us = wire_read_int(&reader);
    command.settings.retry_us = wire_read_int(&reader);
    command.seed = wire_read_bytes(&reader, SEED_BYTES);
    command.public_url = wire_read_text(&reader, URL_MAX);
    for (size_t i = 0; i < ACCOUNTS_MAX; i++)
        command.keys[i] = wire_read_text(&reader, ACCOUNT_KEY_MAX);
    command.delivery = wire_read_uint(&reader, SIZE_MAX);
    command.code = (int)wire_read_int(&reader);
    command.account = (unsigned)wire_read_uint(&reader, ACCOUNTS_MAX - 1);
    command.method = wire_read_text(&reader, REQUEST_PATH_MAX);
    command.path = wire_read_text(&reader, REQUEST_PATH_MAX);
    command.form = wire_read_text(&reader, FORM_BYTES_MAX);
    command.key = wire_read_text(&reader, IDEMPOTENCY_KEY_MAX);
    command.request_id = wire_read_text(&reader, ID_MAX);
    command.answers_error = wire_read_bool(&reader);
    if (reader.is_bad || reader.position != reader.length) return STATUS_MALFORMED;
    *ret_command = command;
    return STATUS_OK;
}

static bool open_account(struct bank *bank, struct text key)
{
    for (size_t i = 0; i < bank->accounts_count; i++) {
        if (!text_equals_string(key, bank->accounts[i].key)) continue;
        bank->accounts[i].is_open = true;
        return true;
    }
    if (bank->accounts_count == ACCOUNTS_MAX) return false;
    struct account *account = &bank->accounts[bank->accounts_count++];
    account->key = text_string(bank->arena, key);
    const char *id = bank_secret(bank, "acct_", 16);
    memcpy(account->id, id, strlen(id) + 1);
    account->is_open = true;
    return true;
}

static enum status start(struct bank *bank, const struct command *command)
{
    if (command->seed.length != SEED_BYTES) return STATUS_MALFORMED;
    if (bank->accounts_count == 0) memcpy(bank->seed, command->seed.data, SEED_BYTES);
    bank->settings = command->settings;
    bank->public_url = text_string(bank->arena, command->public_url);
    for (size_t i = 0; i < bank->accounts_count; i++)
        bank->accounts[i].is_open = false;
    for (size_t i = 0; i < ACCOUNTS_MAX; i++) {
        if (command->keys[i].length > 0 && !open_account(bank, command->keys[i]))
            return STATUS_MALFORMED;
    }
    return STATUS_OK;
}

static void do_due(struct bank *bank)
{
    bank->request_id = NULL;
    bank->key = NULL;
    struct due due;
    while (bank_take_due(bank, &due)) {
        switch (due.kind) {
        case DUE_SETTLE: {
            struct intent *intent = due.what;
            intent_settled(bank, intent,
                           intent->method == NULL || !intent->method->behaviour->fails_later);
            break;
        }
        case DUE_DISPUTE:
            (void)dispute_open(bank, due.what);
            break;
        case DUE_EXPIRY:
            intent_expired(bank, due.what);
            break;
        case DUE_REFUND:
            refund_settled(bank, due.what);
            break;
        case DUE_DELIVERY:
            delivery_is_due(bank, due.what);
            break;
        }
    }
}

struct text refusal_text(struct arena *arena, const struct bank *bank,
                         const struct refusal *refusal)
{
    json_t *error = json_pack("{s:s%}", "message", refusal->message.data, refusal->message.length);
    if (error == NULL) abort();
    const struct {
        const char *name, *value;
    } texts[] = {
        { "type", refusal->type },
        { "code", refusal->reason },
        { "decline_code", refusal->decline_code },
        { "param", refusal->param },
        { "charge", refusal->charge == NULL ? NULL : refusal->charge->object.id },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        if (texts[i].value == NULL) continue;
        (void)json_object_set_new(error, texts[i].name, json_string(texts[i].value));
    }
    if (refusal->object != NULL) {
        const bool is_intent = refusal->object->kind == OBJECT_INTENT;
        (void)json_object_set_new(error, is_intent ? "payment_intent" : "setup_intent",
                                  render(bank, refusal->object));
    }
    json_t *whole = json_pack("{s:o}", "error", error);
    const struct text text = render_text(arena, whole);
    json_decref(whole);
    return text;
}

static int compare_fields(const void *a, const void *b)
{
    const struct form_field *first = a, *second = b;
    const int names = text_compare(first->name, second->name);
    return names != 0 ? names : text_compare(first->value, second->value);
}

void command_digest(struct arena *arena, struct text method, struct text path,
                    const struct form *form, uint8_t ret_digest[IDEMPOTENCY_DIGEST_BYTES])
{
    struct form_field *sorted = arena_copy(arena, form->fields, form->count * sizeof *form->fields);
    if (form->count > 1) qsort(sorted, form->count, sizeof *sorted, compare_fields);
    struct text_builder builder;
    text_builder_init(&builder, arena, 2 * FORM_BYTES_MAX);
    text_builder_add(&builder, method);
    text_builder_add_byte(&builder, ' ');
    text_builder_add(&builder, path);
    for (size_t i = 0; i < form->count; i++) {
        text_builder_add_byte(&builder, '\0'); /* no field has one */
        text_builder_add(&builder, sorted[i].name);
        text_builder_add_byte(&builder, '\0');
        text_builder_add(&builder, sorted[i].value);
    }
    assert(!builder.is_full);
    secret_digest(text_builder_view(&builder), ret_digest, IDEMPOTENCY_DIGEST_BYTES);
}

/* Calls the handler and makes its answer. */
static void run(struct call *call, const struct route *route, struct answer *answer)
{
    answer->content_type = "application/json";
    json_t *json = expand_check(call) ? route->handle(call) : NULL;
    if (json != NULL) expand(call, json);
    assert(call->is_refused || json != NULL || call->page.data != NULL ||
           call->redirect_to != NULL);
    answer->code = 200;
    if (call->is_refused) {
        answer->code = call->refusal.code;
        answer->body = refusal_text(call->arena, call->bank, &call->refusal);
    } else if (json != NULL) {
        answer->body = render_text(call->arena, json);
    } else if (call->redirect_to != NULL) {
        answer->code = 303;
        answer->location = call->redirect_to;
    } else {
        answer->content_type = "text/html; charset=utf-8";
        answer->body = call->page;
    }
    json_decref(json);
    answer->is_silent = call->is_silent;
    answer->delay_us = call->delay_us;
}

static void answer_with_error(struct answer *answer)
{
    answer->code = 500;
    answer->content_type = "application/json";
    answer->body = TEXT("{\"error\":{\"message\":\"An unknown error occurred\","
                        "\"type\":\"api_error\"}}");
    answer->location = NULL;
}

static enum status request(struct bank *bank, const struct command *command, struct arena *arena,
                           struct answer *ret_answer)
{
    struct call call = { .bank = bank, .arena = arena, .account = command->account };
    const struct route *route = route_find(command->method, command->path, &call.id);
    if (route == NULL || command->account >= bank->accounts_count) return STATUS_MALFORMED;
    TRY(form_parse(arena, command->form, &call.form));
    struct answer answer = { .request_id = command->request_id };
    bank->request_id = NULL;
    bank->key = NULL;
    if (!route->only_reads) {
        bank->request_id = bank_text(bank, command->request_id);
        bank->key = bank_text(bank, command->key);
    }
    run(&call, route, &answer);
    if (command->answers_error) answer_with_error(&answer);
    if (command->key.length > 0 && !call.is_unstored && !route->only_reads) {
        uint8_t digest[IDEMPOTENCY_DIGEST_BYTES];
        command_digest(arena, command->method, command->path, &call.form, digest);
        const struct stored_answer stored = { answer.code, answer.body, command->request_id };
        idempotency_keep(bank->answers, command->account, command->key, digest, bank->now_us,
                         bank->now_us + answer.delay_us, &stored);
    }
    *ret_answer = answer;
    return STATUS_OK;
}

enum status command_read(struct bank *bank, const struct command *command, struct arena *arena,
                         struct answer *ret_answer)
{
    if (command->time_us > bank->now_us) bank->now_us = command->time_us;
    return request(bank, command, arena, ret_answer);
}

enum status command_execute(struct bank *bank, const struct command *command, struct arena *arena,
                            struct answer *ret_answer)
{
    if (command->time_us > bank->now_us) bank->now_us = command->time_us;
    if (command->kind == COMMAND_START) return start(bank, command);
    do_due(bank);
    if (command->kind == COMMAND_REQUEST) return request(bank, command, arena, ret_answer);
    if (command->kind == COMMAND_DELIVERED) {
        if (command->delivery >= bank->deliveries.count) return STATUS_MALFORMED;
        delivery_ended(bank, bank->deliveries.items[command->delivery], command->code);
    }
    return STATUS_OK;
}

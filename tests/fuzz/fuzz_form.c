/* Fuzzes the test bank with a few requests: "METHOD PATH FORM" in each line, where @i stands for
 * the last intent, @c for the last charge, and so on; a line of anything else is only read as a
 * form. */
#include <string.h>

#include "tests/testbank/command.h"

enum { LINES_MAX = 12, LINE_BYTES_MAX = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct {
    char letter;
    enum object_kind kind;
} places[] = {
    { 'i', OBJECT_INTENT },   { 'c', OBJECT_CHARGE }, { 'r', OBJECT_REFUND },
    { 'u', OBJECT_CUSTOMER }, { 'm', OBJECT_METHOD }, { 's', OBJECT_SETUP },
    { 'd', OBJECT_DISPUTE },  { 'e', OBJECT_EVENT },  { 'w', OBJECT_ENDPOINT },
};

static const char *last_id(const struct bank *bank, char letter)
{
    for (size_t i = 0; i < ARRAY_LENGTH(places); i++) {
        const struct list *all = &bank->objects[places[i].kind];
        if (places[i].letter != letter || all->count == 0) continue;
        return ((const struct object *)all->items[all->count - 1])->id;
    }
    return NULL;
}

static struct text with_ids(const struct bank *bank, struct arena *arena, struct text line)
{
    struct text_builder builder;
    text_builder_init(&builder, arena, 2 * LINE_BYTES_MAX);
    for (size_t i = 0; i < line.length; i++) {
        const bool is_place = line.data[i] == '@' && i + 1 < line.length;
        const char *id = is_place ? last_id(bank, line.data[i + 1]) : NULL;
        if (id == NULL) {
            text_builder_add_byte(&builder, line.data[i]);
        } else {
            text_builder_add(&builder, text_of(id));
            i++;
        }
    }
    return line.length == 0 ? TEXT("") : text_builder_view(&builder);
}

static struct text take_word(struct text *line)
{
    const char *space = line->length == 0 ? NULL : memchr(line->data, ' ', line->length);
    const size_t length = space == NULL ? line->length : (size_t)(space - line->data);
    const struct text word = { line->data, length };
    const size_t taken = space == NULL ? length : length + 1;
    *line = (struct text){ line->data + taken, line->length - taken };
    return word;
}

static bool is_taken(const struct form *form, const struct route *route)
{
    for (size_t i = 0; i < form->count; i++) {
        const struct text name = form->fields[i].name;
        const bool is_expand = form_child(name, "expand").data != NULL;
        if (!is_expand && !form_name_is_allowed(name, route->params)) return false;
        (void)form_holds_card_number(form->fields[i].value);
    }
    return true;
}

static void run(struct bank *bank, struct arena *arena, struct text line, int64_t now_us)
{
    struct command command = { .kind = COMMAND_REQUEST, .time_us = now_us };
    struct form form;
    struct text id;
    line = with_ids(bank, arena, line);
    if (form_parse(arena, line, &form) == STATUS_OK) assert(form.count <= FORM_FIELDS_MAX);
    command.method = take_word(&line);
    command.path = take_word(&line);
    command.form = line;
    command.key = TEXT("");
    if (!text_is_utf8(command.path) || command.path.length > REQUEST_PATH_MAX) return;
    const struct route *route = route_find(command.method, command.path, &id);
    if (route == NULL || form_parse(arena, command.form, &form) != STATUS_OK) return;
    if (!is_taken(&form, route)) return;
    struct answer answer;
    if (route->only_reads) {
        const enum status status = command_read(bank, &command, arena, &answer);
        assert(status == STATUS_OK);
        return;
    }
    struct command again;
    const enum status decoded = command_decode(command_encode(arena, &command), &again);
    assert(decoded == STATUS_OK);
    const enum status status = command_execute(bank, &again, arena, &answer);
    assert(status == STATUS_OK);
    assert(answer.code == 200 || answer.code == 303 || answer.code == 400 || answer.code == 402 ||
           answer.code == 404);
}

/* What came in is what is there, and what went out again. */
static void check_books(const struct bank *bank)
{
    int64_t moved = 0, wanted = 0;
    for (size_t i = 0; i < bank->objects[OBJECT_BALANCE].count; i++)
        moved += ((const struct balance *)bank->objects[OBJECT_BALANCE].items[i])->amount;
    for (size_t i = 0; i < bank->objects[OBJECT_INTENT].count; i++) {
        const struct intent *intent = bank->objects[OBJECT_INTENT].items[i];
        wanted += intent->payment.captured - intent->payment.refunded;
    }
    for (size_t i = 0; i < bank->objects[OBJECT_DISPUTE].count; i++) {
        const struct dispute *dispute = bank->objects[OBJECT_DISPUTE].items[i];
        const bool is_back = dispute->charge->intent->payment.dispute == DISPUTE_WON;
        if (!is_back) wanted -= dispute->amount;
    }
    assert(moved == wanted);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bank *bank = bank_new();
    struct arena *arena = arena_new(64 * 1024);
    struct answer answer;
    const struct command start = {
        .kind = COMMAND_START,
        .seed = TEXT("01234567890123456789012345678901"),
        .public_url = TEXT("http://127.0.0.1:1"),
        .keys = { TEXT("sk_test_fuzz") },
    };
    const enum status started = command_execute(bank, &start, arena, &answer);
    assert(started == STATUS_OK);
    struct text rest = { (const char *)data, size };
    for (int i = 0; i < LINES_MAX && rest.length > 0; i++) {
        const char *end = memchr(rest.data, '\n', rest.length);
        const size_t length = end == NULL ? rest.length : (size_t)(end - rest.data);
        if (length <= LINE_BYTES_MAX) {
            run(bank, arena, (struct text){ rest.data, length }, (i + 1) * SECONDS_US);
        }
        const size_t taken = end == NULL ? length : length + 1;
        rest = (struct text){ rest.data + taken, rest.length - taken };
    }
    check_books(bank);
    bank_destroy(&bank);
    arena_destroy(&arena);
    return 0;
}

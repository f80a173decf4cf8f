/* The lists of events of the gateway's tests, by number and by cursor, and what they answer. */
#include <stdlib.h>
#include <string.h>

#include "messages/codec_msgpack.h"
#include "tests/gateway/fixture.h"

/* ---- what they say ---- */

static const struct field list_events_fields[] = {
    { .name = "id",
      .type = FIELD_ID,
      .flags = FIELD_IN_PATH,
      .offset = offsetof(struct list_events, id),
      .prefixes = { "thg" } },
    { .name = "after",
      .type = FIELD_INT,
      .flags = FIELD_OPTIONAL,
      .offset = offsetof(struct list_events, after),
      .presence_offset = offsetof(struct list_events, has_after),
      .max = INT64_MAX,
      .default_value = "0" },
};
const struct schema list_events_schema = { "test.list_events", sizeof(struct list_events),
                                           list_events_fields, ARRAY_LENGTH(list_events_fields) };

static const struct field list_news_fields[] = {
    { .name = "after",
      .type = FIELD_TEXT,
      .flags = FIELD_OPTIONAL,
      .offset = offsetof(struct list_news, after),
      .presence_offset = offsetof(struct list_news, has_after),
      .min = 2,
      .max = 40 },
};
const struct schema list_news_schema = { "test.list_news", sizeof(struct list_news),
                                         list_news_fields, ARRAY_LENGTH(list_news_fields) };

#define NOTE_FIELD                                                                                 \
    {                                                                                              \
        .name = "note", .type = FIELD_TEXT, .offset = offsetof(struct thing_event, note),          \
        .max = 20000                                                                               \
    }

static const struct field thing_event_fields[] = {
    { .name = "sequence",
      .type = FIELD_INT,
      .offset = offsetof(struct thing_event, sequence),
      .min = 1,
      .max = INT64_MAX },
    NOTE_FIELD,
};
static const struct schema thing_event_schema = { "test.thing_event", sizeof(struct thing_event),
                                                  thing_event_fields, 2 };

static const struct field thing_news_fields[] = {
    { .name = "cursor",
      .type = FIELD_TEXT,
      .offset = offsetof(struct thing_event, cursor),
      .min = 2,
      .max = 40 },
    NOTE_FIELD,
};
static const struct schema thing_news_entry_schema = { "test.thing_news",
                                                       sizeof(struct thing_event),
                                                       thing_news_fields, 2 };

#define PAGE_FIELDS(schema)                                                                        \
    { .name = "data",                                                                              \
      .type = FIELD_RECORD,                                                                        \
      .list_max = 100,                                                                             \
      .offset = offsetof(struct thing_events, data),                                               \
      .presence_offset = offsetof(struct thing_events, data_count),                                \
      .record = (schema) },                                                                        \
    {                                                                                              \
        .name = "has_more", .type = FIELD_BOOL, .offset = offsetof(struct thing_events, has_more)  \
    }

static const struct field thing_events_fields[] = { PAGE_FIELDS(&thing_event_schema) };
const struct schema thing_events_schema = { "test.thing_events", sizeof(struct thing_events),
                                            thing_events_fields, 2 };
static const struct field thing_news_page_fields[] = { PAGE_FIELDS(&thing_news_entry_schema) };
const struct schema thing_news_schema = { "test.thing_news_page", sizeof(struct thing_events),
                                          thing_news_page_fields, 2 };

/* ---- what they answer ---- */

/* Positions of news are "n1", "n2" ..., so that nobody takes them for numbers. */
static int64_t events_after(const struct envelope *request, struct arena *arena)
{
    int64_t after = 0;
    if (request->number == LIST_EVENTS_NUMBER) {
        struct list_events query;
        if (msgpack_decode(&list_events_schema, request->body, arena, &query) != STATUS_OK) abort();
        return query.has_after ? query.after : 0;
    }
    struct list_news query;
    if (msgpack_decode(&list_news_schema, request->body, arena, &query) != STATUS_OK) abort();
    if (!query.has_after) return 0;
    const struct text number = { query.after.data + 1, query.after.length - 1 };
    if (text_parse_int(number, &after) != STATUS_OK) abort();
    return after;
}

enum status fixture_answer_events(struct event_script *script, const struct envelope *request,
                                  struct arena *arena, struct envelope *ret_reply)
{
    const bool is_news = request->number == LIST_NEWS_NUMBER;
    const int64_t after = events_after(request, arena), last = script->count;
    int64_t count = last > after ? last - after : 0;
    const bool has_more = count > script->page_max;
    if (has_more) count = script->page_max;
    struct thing_event *data = arena_allocate_array(arena, (size_t)count, sizeof *data);
    char *note = arena_allocate(arena, (size_t)script->note_bytes + 1);
    memset(note, 'x', (size_t)script->note_bytes);
    for (int64_t i = 0; i < count; i++) {
        const int64_t number = after + 1 + i;
        data[i] = (struct thing_event){ .sequence = number,
                                        .cursor = text_format(arena, "n%lld", (long long)number),
                                        .note = { note, (size_t)script->note_bytes } };
    }
    const struct thing_events reply = { data, (size_t)count, has_more };
    atomic_fetch_add(&script->asks, 1);
    ret_reply->status = (enum status)script->status;
    if (ret_reply->status != STATUS_OK) return STATUS_OK;
    return msgpack_encode(is_news ? &thing_news_schema : &thing_events_schema, &reply, arena,
                          1 << 20, &ret_reply->body);
}

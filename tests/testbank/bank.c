/* The bank's memory: objects by id and kind, what is due, ids. What happens to them stands in the
 * files of the routes. */
#include "tests/testbank/bank.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/secret.h"

enum { ARENA_BLOCK_BYTES = 1024 * 1024, BUCKETS_AT_FIRST = 4096, ID_CHARACTERS = 24 };

struct bank *bank_new(void)
{
    struct bank *bank = calloc(1, sizeof *bank);
    if (bank == NULL) abort();
    bank->arena = arena_new(ARENA_BLOCK_BYTES);
    bank->buckets_count = BUCKETS_AT_FIRST;
    bank->buckets = calloc(bank->buckets_count, sizeof(struct object *));
    if (bank->buckets == NULL) abort();
    bank->answers = idempotency_new(bank->arena);
    return bank;
}

void bank_destroy(struct bank **bank)
{
    if (*bank == NULL) return;
    for (int kind = 0; kind < OBJECT_KINDS; kind++)
        free((*bank)->objects[kind].items);
    free((*bank)->deliveries.items);
    free((*bank)->due_deliveries.items);
    free((*bank)->buckets);
    free((*bank)->dues);
    idempotency_destroy(&(*bank)->answers);
    arena_destroy(&(*bank)->arena);
    free(*bank);
    *bank = NULL;
}

bool bank_is_full(const struct bank *bank)
{
    return arena_used(bank->arena) >= BANK_BYTES_MAX;
}

void list_add(struct list *list, void *item)
{
    if (list->count == list->capacity) {
        list->capacity = list->capacity == 0 ? 64 : list->capacity * 2;
        list->items = realloc(list->items, list->capacity * sizeof(void *));
        if (list->items == NULL) abort();
    }
    list->items[list->count++] = item;
}

static size_t bucket_of(const struct bank *bank, struct text id)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < id.length; i++)
        hash = (hash ^ (unsigned char)id.data[i]) * UINT64_C(0x100000001b3);
    return hash % bank->buckets_count;
}

static void enter(struct bank *bank, struct object *object)
{
    struct object **bucket = &bank->buckets[bucket_of(bank, text_of(object->id))];
    object->next_of_bucket = *bucket;
    *bucket = object;
}

static void grow_buckets(struct bank *bank)
{
    free(bank->buckets);
    bank->buckets_count *= 2;
    bank->buckets = calloc(bank->buckets_count, sizeof(struct object *));
    if (bank->buckets == NULL) abort();
    for (int kind = 0; kind < OBJECT_KINDS; kind++) {
        for (size_t i = 0; i < bank->objects[kind].count; i++)
            enter(bank, bank->objects[kind].items[i]);
    }
}

const char *bank_secret(struct bank *bank, const char *prefix, size_t length)
{
    static const char letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    uint8_t digest[SECRET_DIGEST_BYTES_MAX];
    assert(length <= sizeof digest);
    const uint64_t number = bank->ids_made++;
    secret_digest_keyed(bank->seed, (struct text){ (const char *)&number, sizeof number }, digest,
                        sizeof digest);
    const size_t start = strlen(prefix);
    char *text = arena_allocate(bank->arena, start + length + 1);
    memcpy(text, prefix, start);
    for (size_t i = 0; i < length; i++)
        text[start + i] = letters[digest[i] % (sizeof letters - 1)];
    return text;
}

void *bank_make(struct bank *bank, enum object_kind kind, unsigned account, size_t size,
                const char *prefix)
{
    if (bank->objects_count == bank->buckets_count) grow_buckets(bank);
    struct object *object = arena_allocate(bank->arena, size);
    const char *id = bank_secret(bank, prefix, ID_CHARACTERS);
    assert(strlen(id) < ID_MAX);
    memcpy(object->id, id, strlen(id) + 1);
    object->kind = kind;
    object->account = account;
    object->created_us = bank->now_us;
    object->position = bank->objects[kind].count;
    enter(bank, object);
    list_add(&bank->objects[kind], object);
    bank->objects_count++;
    return object;
}

struct object *bank_find_any(const struct bank *bank, unsigned account, struct text id)
{
    struct object *object = bank->buckets[bucket_of(bank, id)];
    while (object != NULL && !(object->account == account && text_equals_string(id, object->id)))
        object = object->next_of_bucket;
    return object;
}

void *bank_find(const struct bank *bank, unsigned account, enum object_kind kind, struct text id)
{
    struct object *object = bank_find_any(bank, account, id);
    return object != NULL && object->kind == kind ? object : NULL;
}

const char *bank_text(struct bank *bank, struct text text)
{
    return text.data == NULL || text.length == 0 ? NULL : text_string(bank->arena, text);
}

static bool is_before(const struct due *a, const struct due *b)
{
    return a->at_us != b->at_us ? a->at_us < b->at_us : a->order < b->order;
}

void bank_plan(struct bank *bank, int64_t at_us, enum due_kind kind, void *what)
{
    if (bank->dues_count == bank->dues_capacity) {
        bank->dues_capacity = bank->dues_capacity == 0 ? 64 : bank->dues_capacity * 2;
        bank->dues = realloc(bank->dues, bank->dues_capacity * sizeof *bank->dues);
        if (bank->dues == NULL) abort();
    }
    const struct due due = { at_us, bank->dues_made++, kind, what };
    size_t i = bank->dues_count++;
    while (i > 0 && is_before(&due, &bank->dues[(i - 1) / 2])) {
        bank->dues[i] = bank->dues[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    bank->dues[i] = due;
}

int64_t bank_next_due_us(const struct bank *bank)
{
    return bank->dues_count == 0 ? INT64_MAX : bank->dues[0].at_us;
}

bool bank_take_due(struct bank *bank, struct due *ret_due)
{
    if (bank_next_due_us(bank) > bank->now_us) return false;
    *ret_due = bank->dues[0];
    const struct due last = bank->dues[--bank->dues_count];
    size_t i = 0;
    while (2 * i + 1 < bank->dues_count) {
        size_t child = 2 * i + 1;
        if (child + 1 < bank->dues_count && is_before(&bank->dues[child + 1], &bank->dues[child]))
            child++;
        if (!is_before(&bank->dues[child], &last)) break;
        bank->dues[i] = bank->dues[child];
        i = child;
    }
    if (bank->dues_count > 0) bank->dues[i] = last;
    return true;
}

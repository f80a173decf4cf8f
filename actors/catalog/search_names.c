/* A list by number, and an open hash table that finds numbers by kind and key. */
#include "actors/catalog/search_names.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "actors/catalog/search_text.h"

enum { SLOTS_MIN = 1024 }; /* a power of 2 */

struct entry {
    struct uuid key;
    uint32_t parent;
    uint8_t kind;
    uint8_t length;
    char *name;
};

struct search_names {
    struct entry *entries;
    uint32_t count, capacity;
    uint32_t *slots; /* number + 1; 0: free. Never more than half of them are taken. */
    uint32_t slots_count;
};

static_assert(SEARCH_NAME_TEXT_MAX <= UINT8_MAX, "lengths of names are bytes");

static void *checked(void *memory)
{
    if (memory == NULL) abort();
    return memory;
}

struct search_names *search_names_new(void)
{
    struct search_names *names = checked(calloc(1, sizeof *names));
    names->slots_count = SLOTS_MIN;
    names->slots = checked(calloc(names->slots_count, sizeof *names->slots));
    return names;
}

void search_names_destroy(struct search_names **names)
{
    if (*names == NULL) return;
    for (uint32_t i = 0; i < (*names)->count; i++)
        free((*names)->entries[i].name);
    free((*names)->entries);
    free((*names)->slots);
    free(*names);
    *names = NULL;
}

static void rename_entry(struct entry *entry, struct text name)
{
    char *copy = checked(malloc(name.length + 1));
    memcpy(copy, name.data, name.length);
    free(entry->name);
    entry->name = copy;
    entry->length = (uint8_t)name.length;
}

struct search_names *search_names_copy(const struct search_names *names)
{
    struct search_names *copy = checked(malloc(sizeof *copy));
    *copy = *names;
    copy->slots = checked(malloc(names->slots_count * sizeof *names->slots));
    memcpy(copy->slots, names->slots, names->slots_count * sizeof *names->slots);
    copy->capacity = names->count;
    copy->entries = checked(malloc((names->count + 1) * sizeof *names->entries));
    for (uint32_t i = 0; i < names->count; i++) {
        copy->entries[i] = names->entries[i];
        copy->entries[i].name = NULL;
        rename_entry(&copy->entries[i],
                     (struct text){ names->entries[i].name, names->entries[i].length });
    }
    return copy;
}

uint32_t search_names_count(const struct search_names *names)
{
    return names->count;
}

struct search_name search_names_get(const struct search_names *names, uint32_t number)
{
    assert(number < names->count);
    const struct entry *entry = &names->entries[number];
    return (struct search_name){ .kind = (enum search_name_kind)entry->kind,
                                 .parent = entry->parent,
                                 .key = entry->key,
                                 .name = { entry->name, entry->length } };
}

/* Keys end with what is random in them. */
static uint32_t slot_of(const struct search_names *names, enum search_name_kind kind,
                        struct uuid key)
{
    uint64_t first, last;
    memcpy(&first, key.bytes, sizeof first);
    memcpy(&last, key.bytes + sizeof first, sizeof last);
    const uint64_t mixed = (first ^ last ^ (uint64_t)kind) * UINT64_C(0x9E3779B97F4A7C15);
    return (uint32_t)(mixed >> 32) & (names->slots_count - 1);
}

uint32_t search_names_find(const struct search_names *names, enum search_name_kind kind,
                           struct uuid key)
{
    uint32_t slot = slot_of(names, kind, key);
    for (; names->slots[slot] != 0; slot = (slot + 1) & (names->slots_count - 1)) {
        const struct entry *entry = &names->entries[names->slots[slot] - 1];
        const bool is_it = entry->kind == (uint8_t)kind &&
                           memcmp(entry->key.bytes, key.bytes, sizeof key.bytes) == 0;
        if (is_it) return names->slots[slot] - 1;
    }
    return SEARCH_NAME_NONE;
}

struct uuid search_names_key(struct text name, const struct text *value)
{
    char folded[2 * SEARCH_FOLDED_MAX + 1];
    size_t length = search_text_fold(name, folded);
    if (value != NULL) {
        folded[length++] = '\0';
        char other[SEARCH_FOLDED_MAX];
        const size_t other_length = search_text_fold(*value, other);
        memcpy(folded + length, other, other_length);
        length += other_length;
    }
    struct uuid key;
    crypto_generichash(key.bytes, sizeof key.bytes, (const unsigned char *)folded, length, NULL, 0);
    return key;
}

static void enter(struct search_names *names, uint32_t number)
{
    const struct entry *entry = &names->entries[number];
    uint32_t slot = slot_of(names, (enum search_name_kind)entry->kind, entry->key);
    while (names->slots[slot] != 0)
        slot = (slot + 1) & (names->slots_count - 1);
    names->slots[slot] = number + 1;
}

static uint32_t add(struct search_names *names, const struct search_name *name)
{
    if (names->count == names->capacity) {
        names->capacity = names->capacity == 0 ? SLOTS_MIN : names->capacity * 2;
        names->entries = checked(realloc(names->entries, names->capacity * sizeof *names->entries));
    }
    if (2 * (names->count + 1) > names->slots_count) {
        names->slots_count *= 2;
        free(names->slots);
        names->slots = checked(calloc(names->slots_count, sizeof *names->slots));
        for (uint32_t i = 0; i < names->count; i++)
            enter(names, i);
    }
    names->entries[names->count] =
        (struct entry){ .key = name->key, .parent = name->parent, .kind = (uint8_t)name->kind };
    enter(names, names->count);
    return names->count++;
}

/* At most SEARCH_NAME_TEXT_MAX bytes, cut before a byte that begins a character. */
static struct text cut(struct text name)
{
    if (name.length <= SEARCH_NAME_TEXT_MAX) return name.data == NULL ? TEXT("") : name;
    size_t length = SEARCH_NAME_TEXT_MAX;
    while (length > 0 && ((unsigned char)name.data[length] & 0xC0) == 0x80)
        length--;
    return (struct text){ name.data, length };
}

static bool is_renamed(const struct search_names *names, uint32_t number, bool is_new,
                       struct text name)
{
    if (is_new) return true;
    const struct search_name old = search_names_get(names, number);
    const int order = text_compare(name, old.name);
    return old.kind <= SEARCH_NAME_VENDOR ? order != 0 : order < 0;
}

uint32_t search_names_put(struct search_names *names, const struct search_name *name,
                          char ret_record[SEARCH_NAME_RECORD_MAX], size_t *ret_length)
{
    assert(name->kind < SEARCH_NAME_KINDS);
    *ret_length = 0;
    uint32_t number = search_names_find(names, name->kind, name->key);
    const bool is_new = number == SEARCH_NAME_NONE;
    if (is_new && names->count == SEARCH_NAMES_MAX) return SEARCH_NAME_NONE;
    if (is_new) number = add(names, name);
    if (is_renamed(names, number, is_new, cut(name->name))) {
        rename_entry(&names->entries[number], cut(name->name));
        *ret_length = search_names_record(names, number, ret_record);
    }
    return number;
}

/* A record: kind, number, parent, key, length, name; numbers with the most significant byte first.
 */
enum { RECORD_HEAD = 1 + 4 + 4 + 16 + 2 };

static void write_number(char *bytes, uint32_t number, size_t width)
{
    for (size_t i = 0; i < width; i++)
        bytes[i] = (char)(number >> 8 * (width - 1 - i));
}

static uint32_t read_number(const char *bytes, size_t width)
{
    uint32_t number = 0;
    for (size_t i = 0; i < width; i++)
        number = number << 8 | (unsigned char)bytes[i];
    return number;
}

size_t search_names_record(const struct search_names *names, uint32_t number,
                           char ret_record[SEARCH_NAME_RECORD_MAX])
{
    const struct search_name name = search_names_get(names, number);
    ret_record[0] = (char)name.kind;
    write_number(ret_record + 1, number, 4);
    write_number(ret_record + 5, name.parent, 4);
    memcpy(ret_record + 9, name.key.bytes, sizeof name.key.bytes);
    write_number(ret_record + 25, (uint32_t)name.name.length, 2);
    memcpy(ret_record + RECORD_HEAD, name.name.data, name.name.length);
    return RECORD_HEAD + name.name.length;
}

enum status search_names_replay(struct search_names *names, struct text records)
{
    while (records.length > 0) {
        if (records.length < RECORD_HEAD) return STATUS_CORRUPT;
        const uint32_t kind = (unsigned char)records.data[0];
        const uint32_t number = read_number(records.data + 1, 4);
        struct search_name name = { .kind = (enum search_name_kind)kind,
                                    .parent = read_number(records.data + 5, 4) };
        memcpy(name.key.bytes, records.data + 9, sizeof name.key.bytes);
        const size_t length = read_number(records.data + 25, 2);
        if (kind >= SEARCH_NAME_KINDS || length > SEARCH_NAME_TEXT_MAX) return STATUS_CORRUPT;
        if (number > names->count || number >= SEARCH_NAMES_MAX) return STATUS_CORRUPT;
        if (length > records.length - RECORD_HEAD) return STATUS_CORRUPT;
        if (number == names->count) (void)add(names, &name);
        rename_entry(&names->entries[number], (struct text){ records.data + RECORD_HEAD, length });
        const size_t taken = RECORD_HEAD + length;
        records = (struct text){ records.data + taken, records.length - taken };
    }
    return STATUS_OK;
}

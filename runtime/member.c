/* Reads the members of a site: their kind, their domains, their shards. */
#include "runtime/member.h"

#include <string.h>

static const char *const kind_names[] = { "node", "gateway", "agent" };
static const struct text default_domains = TEXT("user,vendor,catalog,order,wallet");
static const struct text default_shards = TEXT("0-63");

static_assert(ARRAY_LENGTH(kind_names) == MEMBER_AGENT + 1, "each kind has a name");

static enum status member_fail(enum status status, const char *problem, const char **ret_problem)
{
    *ret_problem = problem;
    return status;
}

bool member_name_is_valid(struct text name)
{
    if (name.length == 0 || name.length > MEMBER_NAME_MAX) return false;
    for (size_t i = 0; i < name.length; i++) {
        const char byte = name.data[i];
        const bool is_letter = byte >= 'a' && byte <= 'z';
        const bool is_other = (byte >= '0' && byte <= '9') || byte == '-' || byte == '_';
        if (!is_letter && (i == 0 || !is_other)) return false;
    }
    return true;
}

/* Takes the piece before the next comma off a list; false at its end. */
static bool list_next(struct text *list, struct text *ret_item)
{
    if (list->data == NULL) return false;
    const char *comma = list->length > 0 ? memchr(list->data, ',', list->length) : NULL;
    if (comma == NULL) {
        *ret_item = text_trim(*list);
        *list = (struct text){ 0 };
        return true;
    }
    const size_t length = (size_t)(comma - list->data);
    *ret_item = text_trim((struct text){ list->data, length });
    *list = (struct text){ comma + 1, list->length - length - 1 };
    return true;
}

static enum status member_set_kind(struct member *member, struct text value,
                                   const char **ret_problem)
{
    for (size_t i = 0; i < ARRAY_LENGTH(kind_names); i++) {
        if (!text_equals_string(value, kind_names[i])) continue;
        member->kind = (enum member_kind)i;
        member->has_kind = true;
        return STATUS_OK;
    }
    return member_fail(STATUS_MALFORMED, "a kind is node, gateway or agent", ret_problem);
}

static enum status member_set_domains(struct member *member, struct arena *arena, struct text value,
                                      const char **ret_problem)
{
    const char *domains[MEMBER_DOMAINS_MAX];
    size_t count = 0;
    struct text item;
    while (list_next(&value, &item)) {
        if (!member_name_is_valid(item))
            return member_fail(STATUS_MALFORMED, "domains are names between commas", ret_problem);
        if (count == MEMBER_DOMAINS_MAX)
            return member_fail(STATUS_OVERLOADED, "too many domains", ret_problem);
        domains[count] = text_string(arena, item);
        for (size_t i = 0; i < count; i++)
            if (text_equals_string(item, domains[i]))
                return member_fail(STATUS_MALFORMED, "a domain is named twice", ret_problem);
        count++;
    }
    memcpy(member->domains, domains, count * sizeof(domains[0]));
    member->domains_count = count;
    return STATUS_OK;
}

/* Reads "7" or "0-31". */
static enum status shards_parse(struct text item, int64_t *ret_first, int64_t *ret_last)
{
    const char *dash = item.length > 0 ? memchr(item.data, '-', item.length) : NULL;
    struct text first = item, last = item;
    if (dash != NULL) {
        first.length = (size_t)(dash - item.data);
        last = (struct text){ dash + 1, item.length - first.length - 1 };
    }
    int64_t from, to;
    TRY(text_parse_int(first, &from));
    TRY(text_parse_int(last, &to));
    if (from < 0 || from > to || to >= MEMBER_SHARDS) return STATUS_MALFORMED;
    *ret_first = from;
    *ret_last = to;
    return STATUS_OK;
}

static enum status member_set_shards(struct member *member, struct text value,
                                     const char **ret_problem)
{
    uint64_t shards = 0;
    struct text item;
    while (list_next(&value, &item)) {
        int64_t first, last;
        if (shards_parse(item, &first, &last) != STATUS_OK)
            return member_fail(STATUS_MALFORMED, "shards are numbers or ranges from 0 to 63",
                               ret_problem);
        for (int64_t shard = first; shard <= last; shard++)
            shards |= (uint64_t)1 << shard;
    }
    member->shards = shards;
    return STATUS_OK;
}

const struct member *members_find(const struct members *members, struct text name)
{
    assert(members != NULL);
    for (size_t i = 0; i < members->count; i++)
        if (text_equals_string(name, members->list[i].name)) return &members->list[i];
    return NULL;
}

enum status member_set(struct members *members, struct arena *arena, struct text name,
                       struct text key, struct text value, const char **ret_problem)
{
    assert(ret_problem != NULL);
    if (!member_name_is_valid(name))
        return member_fail(STATUS_MALFORMED, "a member's name is lower-case letters, digits, '-'",
                           ret_problem);
    struct member *member = (struct member *)members_find(members, name);
    if (member == NULL) {
        if (members->count == MEMBERS_MAX)
            return member_fail(STATUS_OVERLOADED, "too many members", ret_problem);
        member = &members->list[members->count++];
        *member = (struct member){ .name = text_string(arena, name) };
    }
    if (text_equals(key, TEXT("kind"))) return member_set_kind(member, value, ret_problem);
    if (text_equals(key, TEXT("domains")))
        return member_set_domains(member, arena, value, ret_problem);
    if (text_equals(key, TEXT("shards"))) return member_set_shards(member, value, ret_problem);
    return member_fail(STATUS_UNKNOWN_FIELD, "a member has kind, domains and shards", ret_problem);
}

enum status members_complete(struct members *members, struct arena *arena, const char **ret_problem)
{
    assert(members != NULL);
    if (members->count == 0) {
        TRY(member_set(members, arena, TEXT("gateway-1"), TEXT("kind"), TEXT("gateway"),
                       ret_problem));
        TRY(member_set(members, arena, TEXT("node-1"), TEXT("kind"), TEXT("node"), ret_problem));
    }
    for (size_t i = 0; i < members->count; i++) {
        struct member *member = &members->list[i];
        if (!member->has_kind)
            return member_fail(STATUS_MISSING_FIELD, "a member has no kind", ret_problem);
        if (member->kind != MEMBER_NODE && (member->domains_count > 0 || member->shards != 0))
            return member_fail(STATUS_INVALID_VALUE, "only a node has domains and shards",
                               ret_problem);
        if (member->kind != MEMBER_NODE) continue;
        if (member->domains_count == 0)
            TRY(member_set_domains(member, arena, default_domains, ret_problem));
        if (member->shards == 0) TRY(member_set_shards(member, default_shards, ret_problem));
    }
    return STATUS_OK;
}

/* Reads the members of a site: their kind, their domains, their shards. */
#include "runtime/config_member.h"

#include <string.h>

#include "domains.h"

static const struct {
    const char *name;
    enum member_kind kind;
} kinds[] = { { "node", MEMBER_NODE }, { "gateway", MEMBER_GATEWAY }, { "agent", MEMBER_AGENT } };

static_assert((int)DOMAIN_LIMIT <= (int)MEMBER_DOMAINS_MAX, "a node may have all domains");

static enum status member_fail(enum status status, const char *problem, const char **ret_problem)
{
    *ret_problem = problem;
    return status;
}

bool config_member_name_is_valid(struct text name)
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

static enum status member_set_kind(struct config_member *member, struct text value,
                                   const char **ret_problem)
{
    for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
        if (!text_equals_string(value, kinds[i].name)) continue;
        member->kind = kinds[i].kind;
        member->has_kind = true;
        return STATUS_OK;
    }
    return member_fail(STATUS_MALFORMED, "a kind is node, gateway or agent", ret_problem);
}

static void member_add_domain(struct config_member *member, enum domain domain)
{
    member->domains[member->domains_count++] = domain_name(domain);
    member->domain_bits |= (uint32_t)1 << domain;
}

static enum status member_set_domains(struct config_member *member, struct text value,
                                      const char **ret_problem)
{
    struct config_member changed = *member;
    changed.domains_count = 0;
    changed.domain_bits = 0;
    struct text item;
    while (list_next(&value, &item)) {
        enum domain domain;
        if (!domain_find(item.data, item.length, &domain) || domain == DOMAIN_HOST)
            return member_fail(STATUS_MALFORMED, "domains are names of domains between commas",
                               ret_problem);
        if ((changed.domain_bits >> domain & 1) != 0)
            return member_fail(STATUS_MALFORMED, "a domain is named twice", ret_problem);
        member_add_domain(&changed, domain);
    }
    *member = changed;
    return STATUS_OK;
}

/* Every domain but the node program's own. */
static void member_add_all_domains(struct config_member *member)
{
    for (int domain = 1; domain < DOMAIN_LIMIT; domain++) {
        const bool is_known = strcmp(domain_name((enum domain)domain), "unknown") != 0;
        if (is_known && domain != DOMAIN_HOST) member_add_domain(member, (enum domain)domain);
    }
}

/* Reads "7" or "0-31". */
static enum status shards_parse(struct text value, int64_t *ret_first, int64_t *ret_last)
{
    const char *dash = value.length > 0 ? memchr(value.data, '-', value.length) : NULL;
    struct text first = value, last = value;
    if (dash != NULL) {
        first.length = (size_t)(dash - value.data);
        last = (struct text){ dash + 1, value.length - first.length - 1 };
    }
    int64_t from, to;
    TRY(text_parse_int(text_trim(first), &from));
    TRY(text_parse_int(text_trim(last), &to));
    if (from < 0 || from > to || to >= CONFIG_SHARDS) return STATUS_MALFORMED;
    *ret_first = from;
    *ret_last = to;
    return STATUS_OK;
}

static enum status member_set_shards(struct config_member *member, struct text value,
                                     const char **ret_problem)
{
    int64_t first, last;
    if (shards_parse(value, &first, &last) != STATUS_OK)
        return member_fail(STATUS_MALFORMED, "shards are a number or a range from 0 to 63",
                           ret_problem);
    member->shard_first = (unsigned)first;
    member->shard_last = (unsigned)last;
    member->has_shards = true;
    return STATUS_OK;
}

const struct config_member *config_members_find(const struct config_members *members,
                                                struct text name)
{
    assert(members != NULL);
    for (size_t i = 0; i < members->count; i++)
        if (text_equals_string(name, members->list[i].name)) return &members->list[i];
    return NULL;
}

enum status config_member_set(struct config_members *members, struct arena *arena, struct text name,
                              struct text key, struct text value, const char **ret_problem)
{
    assert(ret_problem != NULL);
    if (!config_member_name_is_valid(name))
        return member_fail(STATUS_MALFORMED, "a member's name is lower-case letters, digits, '-'",
                           ret_problem);
    struct config_member *member = (struct config_member *)config_members_find(members, name);
    if (member == NULL) {
        if (members->count == MEMBERS_MAX)
            return member_fail(STATUS_OVERLOADED, "too many members", ret_problem);
        member = &members->list[members->count++];
        *member = (struct config_member){ .name = text_string(arena, name) };
    }
    if (text_equals(key, TEXT("kind"))) return member_set_kind(member, value, ret_problem);
    if (text_equals(key, TEXT("domains"))) return member_set_domains(member, value, ret_problem);
    if (text_equals(key, TEXT("shards"))) return member_set_shards(member, value, ret_problem);
    return member_fail(STATUS_UNKNOWN_FIELD, "a member has kind, domains and shards", ret_problem);
}

enum status config_members_complete(struct config_members *members, struct arena *arena,
                                    const char **ret_problem)
{
    assert(members != NULL);
    if (members->count == 0) {
        TRY(config_member_set(members, arena, TEXT("gateway-1"), TEXT("kind"), TEXT("gateway"),
                              ret_problem));
        TRY(config_member_set(members, arena, TEXT("node-1"), TEXT("kind"), TEXT("node"),
                              ret_problem));
    }
    for (size_t i = 0; i < members->count; i++) {
        struct config_member *member = &members->list[i];
        if (!member->has_kind)
            return member_fail(STATUS_MISSING_FIELD, "a member has no kind", ret_problem);
        if (member->kind != MEMBER_NODE && (member->domains_count > 0 || member->has_shards))
            return member_fail(STATUS_INVALID_VALUE, "only a node has domains and shards",
                               ret_problem);
        if (member->kind != MEMBER_NODE) continue;
        if (member->domains_count == 0) member_add_all_domains(member);
        if (!member->has_shards) member->shard_last = CONFIG_SHARDS - 1;
    }
    return STATUS_OK;
}

/* The processes of a site, as the [member.<name>] sections of the configuration name them. Pure. */
#pragma once

#include "runtime/arena.h"
#include "runtime/base.h"
#include "runtime/text.h"

enum {
    MEMBERS_MAX = 64,
    MEMBER_NAME_MAX = 32,
    MEMBER_DOMAINS_MAX = 16,
    MEMBER_SHARDS = 64, /* per domain, for ever */
};

enum member_kind { MEMBER_NODE, MEMBER_GATEWAY, MEMBER_AGENT };

struct member {
    const char *name;
    enum member_kind kind;
    const char *domains[MEMBER_DOMAINS_MAX]; /* of a node */
    size_t domains_count;
    uint64_t shards; /* of a node: bit n is set if it serves shard n of its domains */
    bool has_kind;   /* private: the section said so */
};

struct members {
    struct member list[MEMBERS_MAX];
    size_t count;
};

/* True for a lower-case letter followed by lower-case letters, digits, '-' or '_', at most
 * MEMBER_NAME_MAX bytes. */
bool member_name_is_valid(struct text name);
/* Sets one key (kind, domains, shards) of the member called `name`, which is added if it is new.
 * `ret_problem` is a static sentence when it fails. Statuses: OK, UNKNOWN_FIELD, MALFORMED,
 * OVERLOADED (too many members or domains). */
MUST_CHECK enum status member_set(struct members *members, struct arena *arena, struct text name,
                                  struct text key, struct text value, const char **ret_problem);
/* Fills in what was not said: no members at all: gateway-1 and node-1; a node without domains or
 * shards has all. Statuses: OK, MISSING_FIELD (no kind), INVALID_VALUE (domains or shards of
 * something else). */
MUST_CHECK enum status members_complete(struct members *members, struct arena *arena,
                                        const char **ret_problem);
/* The member of that name, or NULL. */
const struct member *members_find(const struct members *members, struct text name);

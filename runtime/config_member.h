/* The processes of a site, as the [member.<name>] sections of the configuration name them. Pure. */
#pragma once

#include "runtime/arena.h"
#include "runtime/base.h"
#include "runtime/members.h"
#include "runtime/text.h"

enum { CONFIG_SHARDS = 64 /* per domain, for ever */ };

struct config_member {
    const char *name;
    enum member_kind kind;
    const char *domains[MEMBER_DOMAINS_MAX]; /* of a node */
    size_t domains_count;
    uint32_t domain_bits;             /* the same: bit (1 << enum domain) */
    unsigned shard_first, shard_last; /* of a node, inclusive */
    bool has_kind, has_shards;        /* private: the section said so */
};

struct config_members {
    struct config_member list[MEMBERS_MAX];
    size_t count;
};

/* True for a lower-case letter followed by lower-case letters, digits, '-' or '_', at most
 * MEMBER_NAME_MAX bytes. */
bool config_member_name_is_valid(struct text name);
/* Sets one key (kind, domains, shards) of the member called `name`, which is added if it is new.
 * `ret_problem` is a static sentence when it fails. Statuses: OK, UNKNOWN_FIELD, MALFORMED,
 * OVERLOADED (too many members or domains). */
MUST_CHECK enum status config_member_set(struct config_members *members, struct arena *arena,
                                         struct text name, struct text key, struct text value,
                                         const char **ret_problem);
/* Fills in what was not said: no members at all: gateway-1 and node-1; a node without domains or
 * shards has all. Statuses: OK, MISSING_FIELD (no kind), INVALID_VALUE (domains or shards of
 * something else). */
MUST_CHECK enum status config_members_complete(struct config_members *members, struct arena *arena,
                                               const char **ret_problem);
/* The member of that name, or NULL. */
const struct config_member *config_members_find(const struct config_members *members,
                                                struct text name);

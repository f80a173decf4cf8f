/* Who takes part, who owns which shards: the snapshot that the agent pushes, and the keys of the
 * mesh. */
#pragma once

#include "runtime/base.h"
#include "runtime/platform.h"
#include "runtime/text.h"

enum { MEMBERS_MAX = 64, MEMBER_NAME_MAX = 40, MEMBER_ENDPOINT_MAX = 104, MEMBER_DOMAINS_MAX = 16 };

enum member_kind { MEMBER_AGENT = 1, MEMBER_NODE = 2, MEMBER_GATEWAY = 3, MEMBER_CLIENT = 4 };

struct member {
    char name[MEMBER_NAME_MAX + 1];
    enum member_kind kind;
    uint64_t incarnation;                        /* never reused; 0: not running */
    char data_endpoint[MEMBER_ENDPOINT_MAX + 1]; /* ipc://…, carries the incarnation */
    char control_endpoint[MEMBER_ENDPOINT_MAX + 1];
    uint32_t domains;                /* bit (1 << enum domain) */
    uint8_t shard_first, shard_last; /* inclusive */
    bool is_ready;                   /* a node that has claimed its shards */
};

struct members {
    uint64_t version;
    size_t count;
    struct member list[MEMBERS_MAX];
};

/* The keys that let a process into the mesh, read from DATA_DIR/keys (0600). */
struct mesh_keys {
    uint8_t mesh[32];      /* proves frames of agent, nodes, gateways */
    uint8_t operator_[32]; /* proves frames of clients */
    uint8_t principal[32]; /* gateways prove principals with it, nodes check */
};

/* Bytes for ENVELOPE_SNAPSHOT and ENVELOPE_JOIN, and back. Statuses of decoding: OK, CORRUPT. */
struct text members_encode(struct arena *arena, const struct members *members);
MUST_CHECK enum status members_decode(struct text bytes, struct members *ret_members);
struct text member_encode(struct arena *arena, const struct member *member);
MUST_CHECK enum status member_decode(struct text bytes, struct member *ret_member);

/* The running, ready node that owns the shard of a domain; NULL if there is none. */
const struct member *members_owner(const struct members *members, unsigned domain, unsigned shard);
const struct member *members_find(const struct members *members, struct text name);

/* Reads the keys. Statuses: OK, NOT_FOUND, CORRUPT (wrong size), FORBIDDEN (readable by others). */
MUST_CHECK enum status mesh_keys_load(const char *data_dir, struct mesh_keys *ret_keys);
/* The same, but waits up to 10 s for the agent to make them. Blocks: only before the loop runs. */
MUST_CHECK enum status mesh_keys_wait(const char *data_dir, struct mesh_keys *ret_keys);
/* Makes those that are missing (0600). Statuses: OK, UNAVAILABLE (cannot write). */
MUST_CHECK enum status mesh_keys_make(const char *data_dir, const struct rng *rng);

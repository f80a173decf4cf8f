/* Who takes part, as an agent knows it: the members of a site, the newest life of each, and when
 * each was last heard. Pure: time is a parameter, and the links to the members are the caller's.
 *
 * The configuration says which nodes and gateways there are; they keep their places. Clients come
 * and go behind them, and the last one fills the place of one that leaves. */
#pragma once

#include "runtime/members.h"

enum {
    MEMBER_CLIENTS_MAX = 24,
    MEMBER_DEAD_US = 3000000,       /* a node or gateway without PING or JOIN */
    MEMBER_CLIENT_DEAD_US = 5000000 /* a client without JOIN */
};

struct member_life {
    int64_t heard_us, joined_us; /* monotonic */
};

struct member_table {
    struct members members; /* what a snapshot says */
    size_t configured_count;
    struct member_life lives[MEMBERS_MAX]; /* in the places of members.list */
    bool is_changed;                       /* since the version that members.version names */
};

enum member_joining {
    MEMBER_REFUSED,  /* unknown, of another kind, or too many clients; nothing has changed */
    MEMBER_OUTDATED, /* of a life that is over; nothing has changed */
    MEMBER_REPEATED, /* it says what is known */
    MEMBER_CHANGED,  /* the same life says something new */
    MEMBER_REBORN    /* a new life: links to the former one are of no use any more */
};

/* The nodes and gateways of `configured`, none of them running. Versions count from `version`. */
void member_table_init(struct member_table *table, const struct members *configured,
                       uint64_t version);
/* True if both sockets of the member are called RUN_DIR/NAME-...: sockets elsewhere are nobody's.
 */
bool member_has_sockets_in(const struct member *member, const char *run_dir);
/* A member says that it runs. ret_place is its place, unless it was refused or outdated. */
enum member_joining member_table_join(struct member_table *table, const struct member *joined,
                                      int64_t now_us, size_t *ret_place);
/* That life of the member has been heard of; unknown ones are ignored. */
void member_table_hear(struct member_table *table, struct text name, uint64_t incarnation,
                       int64_t now_us);
/* The place of that life of a member; MEMBERS_MAX if there is none. */
size_t member_table_find(const struct member_table *table, struct text name, uint64_t incarnation);
/* So long nobody could be heard, because the agent itself did not run: nobody's silence counts it.
 */
void member_table_forgive(struct member_table *table, int64_t absence_us);
/* The last place before `end` whose member runs but has been silent for too long; MEMBERS_MAX if
 * there is none. */
size_t member_table_find_dead(const struct member_table *table, size_t end, int64_t now_us);
/* Declares the member at `place` dead. Returns the place whose member stands at `place` now: of a
 * client that was the last one, of all others the same. */
size_t member_table_bury(struct member_table *table, size_t place);
/* Gives what has changed a new version; false if nothing has. */
bool member_table_renew(struct member_table *table);

/* Search on one node: the index beside the database, who feeds it, who asks it. For the files
 * catalog_search*.c; handlers see catalog_find.h. Everything here is of the loop's thread; work on
 * the pool is lent what it needs. */
#pragma once

#include "actors/catalog/catalog_counts.h"
#include "actors/catalog/catalog_id_map.h"
#include "actors/catalog/catalog_search_store.h"
#include "actors/host/service.h"
#include "actors/host/turnstile.h"
#include "runtime/paths.h"

enum {
    CATALOG_SEARCH_READERS_MAX = 16,
    CATALOG_SEARCH_WAITING_MAX = 1 << 17, /* products that wait to be indexed */
    CATALOG_SEARCH_VENDORS_MAX = 4096,    /* vendors that do */
    CATALOG_SEARCH_CATEGORIES_MAX = 8192, /* categories that do */
    CATALOG_SEARCH_CURSORS_BYTES = 8 * SHARD_COUNT,
};

#define CATALOG_SEARCH_COMMIT_EVERY_US (INT64_C(500) * 1000)
#define CATALOG_SEARCH_SOLD_EVERY_US (INT64_C(10) * 1000 * 1000)
/* Whoever began to search before a commit has answered by then. */
#define CATALOG_SEARCH_ANSWERED_US (INT64_C(30) * 1000 * 1000)
#define CATALOG_SEARCH_FOR_NOW INT64_MAX /* until a commit has it */

/* What events have named. The number of a product is 1 if no shopper may see it any more, that of a
 * vendor 1 if it was closed. */
struct catalog_named {
    struct catalog_id_map products, vendors, categories;
};

/* An index that is being written. `taken` is what is put into it now, in one or several commits;
 * when all of it is, the cursors of the moment when it was taken are committed with it. */
struct catalog_target {
    char folder[PATHS_MAX];
    struct search_writer *writer; /* NULL: it is not open */
    bool is_fed;                  /* events are collected for it */
    bool is_busy;                 /* there is something taken */
    bool is_dirty;                /* something is put and not committed */
    struct catalog_named waiting, taken;
    struct catalog_id_map
        sold;        /* products that only sold: they wait longer, and cursors for them */
    int64_t sold_us; /* monotonic: since when there are any */
    size_t products_done, vendors_done, categories_done; /* of taken: places in the maps */
    struct uuid walked_after; /* products of the vendor or category that is walked */
    uint64_t taken_through[SHARD_COUNT];
    uint64_t kept[SHARD_COUNT]; /* cursors that are committed */
    int64_t committed_us;       /* monotonic */
};

/* What staff says about searches, as it was read once: shared by whoever uses it. */
struct catalog_rules {
    struct arena *arena;
    size_t users;
    uint64_t number; /* another one for each reading */
    struct search_synonyms *groups;
    size_t groups_count;
    struct catalog_place *pins; /* by query, then place */
    size_t pins_count;
};

/* A handle of a reader, of whoever has its place in the turnstile. */
struct catalog_search_slot {
    struct search_reader *reader; /* NULL: not open */
    uint64_t epoch, commits, rules;
};

struct catalog_unfound; /* searches that found nothing (catalog_unfound.h) */

struct catalog_search {
    struct service *service;
    char folder[PATHS_MAX]; /* of this node, made before each rebuild */
    struct search_languages languages;

    /* ---- answers ---- */
    bool is_ready; /* `current` may be asked */
    struct turnstile *turnstile;
    struct catalog_search_slot slots[CATALOG_SEARCH_READERS_MAX];
    size_t slots_count;
    uint64_t epoch;   /* which index `current` is: grows with each that takes its place */
    uint64_t commits; /* of it */
    struct catalog_rules *rules;
    /* Left out of answers, until a commit and everybody who may have begun before it is done: the
     * number is when (monotonic), or CATALOG_SEARCH_FOR_NOW. */
    struct catalog_id_map hidden, closed;
    struct catalog_unfound *unfound;
    struct catalog_counts counts;

    /* ---- feeding ---- */
    bool has_cursors;
    bool is_behind; /* events wait, or cannot be read: answers are compared with the rows */
    uint64_t seen[SHARD_COUNT]; /* events up to there have been read */
    unsigned turn;              /* which shard is read first */
    struct catalog_target current, next;
    bool is_opened;     /* the index that was there at the start has been looked at */
    bool is_broken;     /* `current` cannot be read: it must go */
    bool is_lost;       /* events were missed: so must both */
    bool wants_rebuild; /* as soon as `retry_us` */
    bool is_rebuilding; /* into `next` */
    bool is_walked;     /* `next` has every product that there was */
    unsigned rounds;    /* since then */
    struct uuid walked; /* up to there */
    size_t uncommitted; /* products that the walk has put since its last commit */
    int64_t retry_us;   /* monotonic: not before it */
    int64_t begun_us;   /* monotonic: the last rebuild */
    int64_t pause_us;   /* from the next one to the one after it */
    int64_t unmade_us;  /* monotonic: when it was said last that there is no folder */
    bool are_rules_stale;
    int64_t rules_us, spoken_us, looked_us; /* monotonic: when that was done last */
    size_t files_count;                     /* of the index, when it was looked at last */
    uint64_t folder_number;                 /* its inode then */
    struct completion *writer_rest;         /* NULL: the fiber that writes is at work */
};

/* ---- catalog_search_state.c ---- */

/* How many things there are. */
size_t catalog_named_count(const struct catalog_named *named);
/* Ends the rest of the fiber that writes. */
void catalog_search_wake_writer(struct catalog_search *search);
/* A source for one read, in that arena. */
struct catalog_search_source catalog_search_source(const struct catalog_search *search,
                                                   struct arena *arena);
/* `current` is not asked and not fed any more; it is rebuilt. */
void catalog_search_break(struct catalog_search *search, const char *why);

/* ---- catalog_search_follow.c: events ---- */

/* Reads what there is of new events and hands it to the indexes that are fed; reads the rules of
 * staff, says that this reader lives, looks after the folder, when it is time for that. WAITS. */
void catalog_search_follow(struct catalog_search *search);

/* ---- catalog_search_write.c: one index ---- */

/* Opens the index in its folder to write, or a new one. WAITS. Statuses: those of
 * search_writer_open(), STOPPING. */
MUST_CHECK enum status catalog_target_open(struct catalog_search *search,
                                           struct catalog_target *target, bool is_new);
/* Closes it; what was not committed will be put again. WAITS. */
void catalog_target_close(struct catalog_search *search, struct catalog_target *target);
/* Forgets everything that waits for it. */
void catalog_target_clear(struct catalog_target *target);
/* True if there is work for catalog_target_step() now. */
bool catalog_target_is_due(const struct catalog_search *search,
                           const struct catalog_target *target);
/* Does some of what is to be done, a batch or so, and commits when it is time. WAITS. Statuses: OK,
 * CORRUPT (rebuild it), UNAVAILABLE (the index or the database refuses: again later), STOPPING and
 * those of query_run(). */
MUST_CHECK enum status catalog_target_step(struct catalog_search *search,
                                           struct catalog_target *target);
/* Puts these products as they are now: those that shoppers may not see are taken out. WAITS. As
 * above. */
MUST_CHECK enum status catalog_target_put(struct catalog_search *search,
                                          struct catalog_target *target, const struct uuid *ids,
                                          size_t count);
/* Commits what was put, with those cursors. WAITS. As above. */
MUST_CHECK enum status catalog_target_commit(struct catalog_search *search,
                                             struct catalog_target *target,
                                             const uint64_t cursors[SHARD_COUNT]);
/* The cursors that the index was committed with, and whether events that they are past have asked
 * for another index. WAITS. Also CORRUPT (it has no cursors). */
MUST_CHECK enum status catalog_target_read_cursors(struct catalog_search *search,
                                                   struct catalog_target *target,
                                                   bool *ret_has_wish);

/* ---- catalog_search_rebuild.c: another index ---- */

/* Opens the index that is there, or says that it must be rebuilt. WAITS. Statuses: OK, UNAVAILABLE
 * (again later), STOPPING. */
MUST_CHECK enum status catalog_search_open_current(struct catalog_search *search);
/* Begins a rebuild, or puts it off a little where its folder cannot be made. WAITS. As
 * catalog_target_step(). */
MUST_CHECK enum status catalog_search_begin_rebuild(struct catalog_search *search);
/* Does some of it; at its end the new index takes the place of the old. WAITS. As above. */
MUST_CHECK enum status catalog_search_go_on_rebuilding(struct catalog_search *search);
void catalog_search_end_rebuild(struct catalog_search *search);
/* True unless somebody has taken the index away, or parts of it. */
bool catalog_search_is_in_place(struct catalog_search *search);

/* ---- catalog_search_rules.c ---- */

/* Reads the rules again. WAITS. */
void catalog_search_read_rules(struct catalog_search *search);
void catalog_rules_release(struct catalog_rules **rules);

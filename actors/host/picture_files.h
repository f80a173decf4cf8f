/* Files of uploaded pictures: which there are, and which may go because nobody uses them. Gateways
 * keep the files (gateway/picture/README.md); a domain that takes pictures keeps these rows:
 *     digest bytea PRIMARY KEY, touched_at bigint, is_going boolean, told_at bigint
 * and a table of its own whose rows use them by their column `digest`. The lock of a row decides
 * between whoever begins to use its files and whoever retires them. A digest is 32 bytes in a row
 * and its 64 digits everywhere else. */
#pragma once

#include "actors/host/request.h"
#include "common_messages.h"

struct picture_files {
    const struct statement *check, *touch, *note, *going, *tell, *retire, *forget;
};

/* The statements of a domain, whose table and user are string literals. */
#define PICTURE_FILES_CHECK_SQL(table)                                                             \
    "SELECT is_going FROM " table " WHERE digest = decode($1, 'hex')"
#define PICTURE_FILES_TOUCH_SQL(table)                                                             \
    "WITH u AS (UPDATE " table " SET touched_at = $2"                                              \
    " WHERE digest = decode($1, 'hex') AND NOT is_going RETURNING 1)"                              \
    " SELECT require_one(count(*)) FROM u"
#define PICTURE_FILES_NOTE_SQL(table)                                                              \
    "WITH u AS (INSERT INTO " table " AS f (digest, touched_at)"                                   \
    " VALUES (decode($1, 'hex'), $2) ON CONFLICT (digest) DO UPDATE SET touched_at = $2"           \
    " WHERE NOT f.is_going RETURNING 1) SELECT require_one(count(*)) FROM u"
#define PICTURE_FILES_GOING_SQL(table)                                                             \
    "SELECT encode(digest, 'hex') FROM " table " WHERE is_going"                                   \
    " AND coalesce(told_at, 0) < $1 LIMIT 64"
#define PICTURE_FILES_TELL_SQL(table)                                                              \
    "UPDATE " table " SET told_at = $2 WHERE is_going AND digest IN"                               \
    " (SELECT decode(d, 'hex') FROM unnest($1::text[]) AS d)"
/* Whoever has touched one while this waited for its lock has made it young: the row is looked at
 * again then. */
#define PICTURE_FILES_RETIRE_SQL(table, user)                                                      \
    "UPDATE " table " f SET is_going = true FROM ("                                                \
    "SELECT digest FROM " table " o WHERE touched_at < $1 AND NOT is_going"                        \
    " AND NOT EXISTS (SELECT FROM " user " p WHERE p.digest = o.digest)"                           \
    " ORDER BY touched_at LIMIT 64) AS old"                                                        \
    " WHERE f.digest = old.digest AND f.touched_at < $1 AND NOT f.is_going"                        \
    " AND NOT EXISTS (SELECT FROM " user " p WHERE p.digest = f.digest)"
#define PICTURE_FILES_FORGET_SQL(table)                                                            \
    "DELETE FROM " table " WHERE is_going AND digest IN"                                           \
    " (SELECT decode(d, 'hex') FROM unnest($1::text[]) AS d)"

/* Whether files of a picture may be used. WAITS. Statuses: OK, NOT_FOUND (nobody has noted them),
 * UNAVAILABLE (they are being deleted) and those of request_query(). */
MUST_CHECK enum status picture_files_check(struct request *request,
                                           const struct picture_files *files, struct text digest);
/* Queues that files which are known are used from now on. The unit ends with CONFLICT when they are
 * being deleted. */
void picture_files_touch(struct request *request, const struct picture_files *files,
                         struct text digest);
/* A gateway is about to write files: queues that they stay for a while. WAITS. Statuses: OK,
 * INVALID_VALUE (no digest), UNAVAILABLE (those of before are being deleted) and those of
 * request_query(). */
MUST_CHECK enum status picture_files_note(struct request *request,
                                          const struct picture_files *files, struct text digest);
/* What a gateway that sweeps is answered: forgets those that it has deleted, names those that it is
 * to delete, and retires what nobody has used for so long as the setting says. WAITS. Statuses: OK,
 * INVALID_VALUE (no digest) and those of request_query(). */
MUST_CHECK enum status picture_files_sweep(struct request *request,
                                           const struct picture_files *files,
                                           const struct text *gone, size_t gone_count,
                                           struct common_retired_pictures *ret_reply);

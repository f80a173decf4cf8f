/* Slugs of things of one kind: each leads to one thing, and a thing that is renamed keeps those it
 * had, so that links to it go on leading there. The rows are the domain's own:
 *     slug text COLLATE "C" PRIMARY KEY, subject_id uuid, is_current boolean, given_at bigint
 * with one current row per subject (a partial unique index) and an index of (subject_id). */
#pragma once

#include "actors/host/request.h"

enum {
    SLUG_BOOK_KEPT_MAX = 20,                    /* of one thing, the current one included */
    SLUG_BOOK_MAX_LEAST = 2 + ID_TEXT_MAX + 32, /* bytes: the least `max` */
    SLUG_BOOK_CLAIMS = 256,                     /* of a domain on one node */
    SLUG_BOOK_CLAIM_US = 500 * 1000,
};

struct slug_book {
    const char *prefix; /* of ids */
    size_t max;         /* bytes of a slug */
    const struct statement *look, *find, *retire, *take, *make;
};

/* The statements of a book, whose table is a string literal. */
#define SLUG_BOOK_LOOK_SQL(table)                                                                  \
    "SELECT u.place, coalesce((SELECT s.slug FROM " table " s WHERE s.subject_id = u.id"           \
    " AND s.is_current), ''), ARRAY(SELECT s.slug FROM " table " s"                                \
    " WHERE s.slug = ANY (u.slugs::text[]) AND s.subject_id <> u.id)"                              \
    " FROM unnest($1::uuid[], $2::text[]) WITH ORDINALITY AS u (id, slugs, place)"
#define SLUG_BOOK_FIND_SQL(table) "SELECT s.subject_id FROM " table " s WHERE s.slug = $1"
#define SLUG_BOOK_RETIRE_SQL(table)                                                                \
    "WITH gone AS (DELETE FROM " table " g USING (SELECT s.slug FROM " table " s"                  \
    " WHERE s.subject_id = $1 AND NOT s.is_current ORDER BY s.given_at DESC, s.slug OFFSET 18) o"  \
    " WHERE g.slug = o.slug)"                                                                      \
    " UPDATE " table " SET is_current = false WHERE subject_id = $1 AND is_current"
#define SLUG_BOOK_TAKE_SQL(table)                                                                  \
    "WITH u AS (INSERT INTO " table " AS s (slug, subject_id, is_current, given_at)"               \
    " VALUES ($1, $2, true, $3) ON CONFLICT (slug) DO UPDATE SET is_current = true,"               \
    " given_at = excluded.given_at WHERE s.subject_id = excluded.subject_id RETURNING 1)"          \
    " SELECT require_one(count(*)) FROM u"
/* Of a thing that has none yet; such a statement adds rows, and its duplicate is a CONFLICT. */
#define SLUG_BOOK_MAKE_SQL(table)                                                                  \
    "INSERT INTO " table " (slug, subject_id, is_current, given_at) SELECT u.slug, u.id, true,"    \
    " u.at FROM unnest($1::text[], $2::uuid[], $3::bigint[]) AS u (slug, id, at)"

/* What a thing of that name and id is called in addresses: what it is called by now, if the name
 * may stay that; else the name's slug, if no other thing has or had it; else with the end of the id
 * behind it, at last with all of it. In the request's arena. WAITS. Statuses: OK, CONFLICT (others
 * have them all), those of request_query(). */
MUST_CHECK enum status slug_book_choose(struct request *request, const struct slug_book *book,
                                        struct uuid subject, struct text name,
                                        struct text *ret_slug, bool *ret_is_new);
/* The thing is about to be given a slug that was chosen as a new one: for SLUG_BOOK_CLAIM_US others
 * on this node choose another one. Without this two of one name that come at once both choose it;
 * the second is refused by its unit and runs again, and with it all that is committed together. The
 * newest SLUG_BOOK_CLAIMS count. */
void slug_book_claim(struct request *request, const struct slug_book *book, struct uuid subject,
                     struct text slug);
struct slug_claims;
/* For who ends a domain. Clears the pointer, which may be NULL. */
void slug_claims_destroy(struct slug_claims **claims);
/* Queues that a slug which was chosen as a new one leads to the thing from now on; those it had
 * before go on leading there, the newest SLUG_BOOK_KEPT_MAX of them. The unit ends with CONFLICT
 * when another thing has taken it. `is_made`: the thing had none. */
void slug_book_give(struct request *request, const struct slug_book *book, struct uuid subject,
                    struct text slug, bool is_made);
/* The thing that a slug leads to, however it is typed: case, accents and normal form are those of
 * slug_of_text(). WAITS. Statuses: OK, NOT_FOUND and those of request_query(). */
MUST_CHECK enum status slug_book_find(struct request *request, const struct slug_book *book,
                                      struct text slug, struct uuid *ret_subject);

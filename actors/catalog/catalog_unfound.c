/* Counts searches that found nothing. */
#include "actors/catalog/catalog_unfound.h"

#include <stdlib.h>
#include <string.h>

#include "actors/catalog/catalog_query_form.h"
#include "runtime/arena.h"
#include "storage/query.h"

enum { NOTES_MAX = 256, ARENA_BYTES = 16 * 1024 };

struct note {
    struct text query;
    int64_t count, first_us, last_us;
};

/* The texts live in the arena until they are written. */
struct catalog_unfound {
    struct arena *arena;
    struct note notes[NOTES_MAX];
    size_t count;
};

struct catalog_unfound *catalog_unfound_new(void)
{
    struct catalog_unfound *unfound = calloc(1, sizeof *unfound);
    if (unfound == NULL) abort();
    unfound->arena = arena_new(ARENA_BYTES);
    return unfound;
}

void catalog_unfound_destroy(struct catalog_unfound **unfound)
{
    if (*unfound == NULL) return;
    arena_destroy(&(*unfound)->arena);
    free(*unfound);
    *unfound = NULL;
}

static void add(struct catalog_unfound *unfound, const struct note *more)
{
    for (size_t i = 0; i < unfound->count; i++) {
        struct note *note = &unfound->notes[i];
        if (!text_equals(note->query, more->query)) continue;
        note->count += more->count;
        if (more->first_us < note->first_us) note->first_us = more->first_us;
        if (more->last_us > note->last_us) note->last_us = more->last_us;
        return;
    }
    if (unfound->count == NOTES_MAX) return;
    struct note *note = &unfound->notes[unfound->count++];
    *note = *more;
    note->query = text_copy(unfound->arena, more->query);
}

void catalog_unfound_note(struct catalog_unfound *unfound, struct text query, int64_t now_us)
{
    if (!catalog_query_is_nobodys(query)) return;
    add(unfound,
        &(struct note){ .query = query, .count = 1, .first_us = now_us, .last_us = now_us });
}

/* Several nodes write: each adds what it has counted. */
static const struct statement unfound_save = {
    .name = "catalog_unfound_save",
    .sql = "WITH known AS (SELECT count(*) AS rows FROM catalog.zero_result),"
           " saved AS (INSERT INTO catalog.zero_result AS z (query, count, first_at, last_at)"
           " SELECT u.query, u.count, u.first_at, u.last_at"
           " FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[])"
           " AS u (query, count, first_at, last_at), known k WHERE k.rows < $5"
           " OR EXISTS (SELECT 1 FROM catalog.zero_result o WHERE o.query = u.query)"
           " ORDER BY u.query ON CONFLICT (query) DO UPDATE SET count = z.count + excluded.count,"
           " last_at = greatest(z.last_at, excluded.last_at) RETURNING 1)"
           " SELECT count(*) FROM saved",
};

static enum status save(const struct service *service, struct arena *arena,
                        const struct note *notes, size_t count)
{
    struct store_params params = { .count = 0 };
    struct rows rows;
    struct text *queries = arena_allocate_array(arena, count, sizeof *queries);
    int64_t *counts = arena_allocate_array(arena, count, sizeof *counts);
    int64_t *firsts = arena_allocate_array(arena, count, sizeof *firsts);
    int64_t *lasts = arena_allocate_array(arena, count, sizeof *lasts);
    for (size_t i = 0; i < count; i++) {
        queries[i] = notes[i].query;
        counts[i] = notes[i].count;
        firsts[i] = notes[i].first_us;
        lasts[i] = notes[i].last_us;
    }
    param_text_array(&params, arena, queries, count);
    param_int_array(&params, arena, counts, count);
    param_int_array(&params, arena, firsts, count);
    param_int_array(&params, arena, lasts, count);
    param_int(&params, arena, CATALOG_UNFOUND_ROWS_MAX);
    return query_run(service_database(service), arena, &unfound_save, &params,
                     service_deadline_us(service), &rows);
}

/* The notes are taken out first: searches are noted while this waits. */
void catalog_unfound_save(struct catalog_unfound *unfound, const struct service *service)
{
    if (unfound->count == 0) return;
    CLEANUP(arena_destroy) struct arena *arena = unfound->arena;
    const size_t count = unfound->count;
    const struct note *notes = arena_copy(arena, unfound->notes, count * sizeof *notes);
    unfound->arena = arena_new(ARENA_BYTES);
    unfound->count = 0;
    if (save(service, arena, notes, count) == STATUS_OK) return;
    for (size_t i = 0; i < count; i++)
        add(unfound, &notes[i]);
}

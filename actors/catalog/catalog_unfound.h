/* Searches that found nothing, for staff: counted in memory, and written now and then. Nothing says
 * whose they were. */
#pragma once

#include "actors/host/service.h"
#include "runtime/text.h"

struct catalog_unfound;

enum {
    CATALOG_UNFOUND_ROWS_MAX = 10000, /* of the market */
};

struct catalog_unfound *catalog_unfound_new(void);
void catalog_unfound_destroy(struct catalog_unfound **unfound);
/* Counts a search, in the form in which searches are compared, at that market time. Beyond some
 * hundred different ones before the next writing, others are not counted. */
void catalog_unfound_note(struct catalog_unfound *unfound, struct text query, int64_t now_us);
/* Writes what was counted; tries again the next time if the database does not answer. A market that
 * has CATALOG_UNFOUND_ROWS_MAX takes no new ones. WAITS. */
void catalog_unfound_save(struct catalog_unfound *unfound, const struct service *service);

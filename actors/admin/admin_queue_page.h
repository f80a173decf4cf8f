/* The operators' queue, put together from what the domains say: order, pages, and what can be done
 * about an item. Pure. */
#pragma once

#include "admin_messages.h"
#include "messages/schema.h"
#include "runtime/arena.h"

enum { ADMIN_QUEUE_PAGE_MAX = 50, ADMIN_QUEUE_ASKED_MAX = ADMIN_QUEUE_PAGE_MAX + 1 };

/* A place in the list: behind the item of that id, which has waited since then. */
struct admin_queue_place {
    int64_t since_us;
    struct text id; /* empty: the beginning */
};

struct text admin_queue_place_write(struct arena *arena, const struct admin_queue_place *place);
/* The place views the text. Statuses: OK, INVALID_PARAMETER (not one of ours). */
MUST_CHECK enum status admin_queue_place_read(struct text text,
                                              struct admin_queue_place *ret_place);

/* Sorts what several domains have said: the oldest first, then by id. */
void admin_queue_sort(struct common_stuck_item *items, size_t count);
/* What is shown of an item at that time, in the arena. */
struct admin_queue_item admin_queue_describe(struct arena *arena,
                                             const struct common_stuck_item *item, int64_t now_us);

/* Whose node is to be asked about an item that can be retried: its domain, and the shard there.
 * False for all others, and what is none. */
bool admin_queue_find_owner(struct text id, enum domain *ret_domain, unsigned *ret_shard);

/* Vendors in PostgreSQL. Loads WAIT and see committed rows only; saves are queued. Statuses of
 * loads: OK, NOT_FOUND and those of request_query(). Texts live in the request's arena. */
#pragma once

#include "actors/host/request.h"
#include "actors/vendor/vendor.h"

MUST_CHECK enum status vendor_store_load(struct request *request, struct uuid id,
                                         struct vendor *ret_vendor);
MUST_CHECK enum status vendor_store_find(struct request *request, struct text name,
                                         struct vendor *ret_vendor);
/* Whether a vendor but `own_id` (zero: any) has that name or one that looks like it, or it looks
 * like the market's own or that of one of its offices. */
MUST_CHECK enum status vendor_store_is_name_taken(struct request *request, struct text name,
                                                  struct uuid own_id, bool *ret_is_taken);
/* Approved vendors with ids below `before`, newest first. Gives limit + 1 at most. */
MUST_CHECK enum status vendor_store_list(struct request *request, struct uuid before, int64_t limit,
                                         struct vendor **ret_vendors, size_t *ret_count);
/* What staff looks for. */
struct vendor_search {
    bool has_status;
    enum vendor_vendor_status status;
    struct text begin; /* of the name, in lower case; may be empty */
    struct uuid before;
    int64_t limit;
};
MUST_CHECK enum status vendor_store_search(struct request *request,
                                           const struct vendor_search *search,
                                           struct vendor **ret_vendors, size_t *ret_count);
/* Vendors of those shards that the clock opens or closes now, at most `max`. */
MUST_CHECK enum status vendor_store_list_due(struct request *request, unsigned shard_first,
                                             unsigned shard_last, size_t max, struct uuid *ret_ids,
                                             size_t *ret_count);

/* Queues a new vendor. Another of that name ends the unit in `on_duplicate`: CONFLICT for imports
 * (which find it then), VENDOR_NAME_TAKEN for applicants. */
void vendor_store_import(struct request *request, const struct vendor *vendor);
void vendor_store_insert(struct request *request, const struct vendor *vendor);
/* Queues a changed vendor, with the next time that the clock changes it; the unit ends with
 * CONFLICT when the row is not at the version before, with VENDOR_NAME_TAKEN when another has the
 * name. */
void vendor_store_save(struct request *request, const struct vendor *vendor);

/* Queues a row of the history; `from` is NULL for a vendor that was made. */
void vendor_store_add_history(struct request *request, const struct vendor *vendor,
                              const enum vendor_vendor_status *from, struct text actor);
/* The newest first, at most VENDOR_HISTORY_LISTED_MAX. */
MUST_CHECK enum status vendor_store_list_history(struct request *request, struct uuid vendor_id,
                                                 const struct vendor_history_entry **ret_entries,
                                                 size_t *ret_count);

/* As its team and staff see it. */
void vendor_describe(const struct request *request, const struct vendor *vendor,
                     struct vendor_own_vendor *ret_vendor);

/* An opaque cursor over ids, and back. Statuses: OK, INVALID_PARAMETER (with its fault). */
struct text vendor_cursor_of(struct request *request, struct uuid id);
MUST_CHECK enum status vendor_cursor_read(struct request *request, struct text text,
                                          struct uuid *ret_id);

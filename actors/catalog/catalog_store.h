/* Stock, reservations, categories and copies of vendors in PostgreSQL. Loads WAIT and see committed
 * rows only; saves are queued. Statuses of loads: OK, NOT_FOUND and those of request_query(). */
#pragma once

#include "actors/catalog/catalog.h"
#include "actors/host/request.h"

enum { CATALOG_DUE_MAX = 200 };

/* ---- stock ---- */

/* Loads the stock of a variant, from memory or from its row, and how the reservation stands. While
 * it comes from memory and the reservation is not among the recent ones, `may_be_new` is trusted
 * (state NONE without asking the table): a wrong guess ends in a violated key when it is inserted,
 * and the handler runs again on committed rows. */
MUST_CHECK enum status catalog_store_load_stock(struct request *request, struct uuid variant_id,
                                                struct uuid reservation_id, bool may_be_new,
                                                struct catalog_stock *ret_stock,
                                                struct catalog_reservation *ret_reservation);
/* Loads both from the rows if the stock's row is newer than `stock`, whose memory is then outdated
 * (an import has written the row), and the reservation alone if it has a row (it is a repeat that
 * the memory has lost). ret_is_newer says that something was loaded. Statuses: OK, NOT_FOUND and
 * those of request_query(). */
MUST_CHECK enum status catalog_store_refresh_stock(struct request *request,
                                                   struct catalog_stock *stock,
                                                   struct catalog_reservation *reservation,
                                                   bool *ret_is_newer);
/* Queue a changed stock together with the changed reservation, and remember the stock. The row must
 * still be at the version before, the reservation in the state before, or the unit ends in
 * CONFLICT. */
void catalog_store_save_reserved(struct request *request, const struct catalog_stock *stock,
                                 const struct catalog_reservation *reservation);
void catalog_store_save_mark(struct request *request, const struct catalog_stock *stock,
                             const struct catalog_reservation *reservation);
/* Of released, committed and expired ones. */
void catalog_store_save_settled(struct request *request, const struct catalog_stock *stock,
                                const struct catalog_reservation *reservation);

/* The stock as it will stand when everything that is queued is committed, from memory or from its
 * row, whichever is newer. Statuses: OK, NOT_FOUND and those of request_query(). */
MUST_CHECK enum status catalog_store_load_level(struct request *request, struct uuid variant_id,
                                                struct catalog_stock *ret_stock);
/* Queues how many units there are, by `delta` more than before, and remembers the stock. */
void catalog_store_save_level(struct request *request, const struct catalog_stock *stock,
                              int64_t delta);

struct catalog_due {
    struct uuid reservation_id, variant_id;
};

/* Held reservations of the shards whose time is over, longest overdue first; at most
 * CATALOG_DUE_MAX. */
MUST_CHECK enum status catalog_store_list_due(struct request *request, unsigned shard_first,
                                              unsigned shard_last, struct catalog_due *ret_due,
                                              size_t *ret_count);

/* ---- categories ---- */

struct catalog_category_row {
    struct uuid id;
    size_t ancestors_count;
    struct uuid ancestors[CATALOG_LEVELS_MAX]; /* from the root down to itself */
};

MUST_CHECK enum status catalog_store_find_category(struct request *request, struct text path,
                                                   struct catalog_category_row *ret_category);
MUST_CHECK enum status catalog_store_get_category(struct request *request, struct uuid id,
                                                  struct text *ret_path,
                                                  struct catalog_category_row *ret_category);
/* How many of the path's levels exist already, counted from the root. */
MUST_CHECK enum status catalog_store_count_levels(struct request *request,
                                                  const struct catalog_path *path,
                                                  size_t *ret_levels);
/* Queues the last level of `path`; parent is NULL at the root. Another one of that path ends the
 * unit in CONFLICT. */
void catalog_store_insert_category(struct request *request, struct uuid id,
                                   const struct catalog_path *path,
                                   const struct catalog_category_row *parent);

/* ---- vendors ---- */

struct catalog_copy_vendor;
struct catalog_vendor_copy;
/* Queues the copy unless it is older than the one there is; a new name also enters the search of
 * the vendor's products. */
void catalog_store_save_vendor(struct request *request, const struct catalog_copy_vendor *vendor);
/* What was heard of it last. WAITS. Statuses: OK, NOT_FOUND, those of request_query(). */
MUST_CHECK enum status catalog_store_find_vendor(struct request *request, struct uuid vendor_id,
                                                 struct catalog_vendor_copy *ret_copy);

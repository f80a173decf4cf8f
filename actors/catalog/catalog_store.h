/* Stock, reservations and copies of vendors in PostgreSQL. Loads WAIT and see committed rows only;
 * saves are queued. Statuses of loads: OK, NOT_FOUND and those of request_query(). */
#pragma once

#include "actors/catalog/catalog.h"
#include "actors/host/request.h"

enum { CATALOG_DUE_MAX = 200 }; /* reservations of one list */

/* ---- stock ---- */

/* Loads the stock of a variant, as the activation remembers it or else from its row, and how the
 * reservation stands (state NONE: it is unknown). `may_be_new` spares a query: a reservation that
 * the memory does not know is then taken for unknown without asking the table. If that is wrong,
 * inserting it violates a key, the unit ends with CONFLICT, and the handler runs again on committed
 * rows. */
MUST_CHECK enum status catalog_store_load_stock(struct request *request, struct uuid variant_id,
                                                struct uuid reservation_id, bool may_be_new,
                                                struct catalog_stock *ret_stock,
                                                struct catalog_reservation *ret_reservation);
/* Looks at the rows before a refusal. If the stock's row is newer than `stock` (an import has
 * written it), both are loaded from their rows; if it is not, the reservation alone, if it has a
 * row (it is a repetition that the memory has lost). `*ret_is_newer` says whether anything was
 * loaded. */
MUST_CHECK enum status catalog_store_refresh_stock(struct request *request,
                                                   struct catalog_stock *stock,
                                                   struct catalog_reservation *reservation,
                                                   bool *ret_is_newer);
/* Each queues one statement for what one rule has changed, stock and reservation together, and the
 * activation remembers the stock. When the stock's row is not at the version before, or the
 * reservation not in the state before, the unit ends with CONFLICT and the handler runs again. */

/* A reservation that catalog_stock_reserve() has made. */
void catalog_store_save_reserved(struct request *request, const struct catalog_stock *stock,
                                 const struct catalog_reservation *reservation);
/* The mark that catalog_stock_release() has made of an unknown reservation. */
void catalog_store_save_mark(struct request *request, const struct catalog_stock *stock,
                             const struct catalog_reservation *reservation);
/* A held reservation that is kept beyond its time. */
void catalog_store_save_kept(struct request *request, const struct catalog_stock *stock,
                             const struct catalog_reservation *reservation);
/* A reservation that was held, or expired, and now is released, committed or expired. */
void catalog_store_save_settled(struct request *request, const struct catalog_stock *stock,
                                const struct catalog_reservation *reservation);

/* How many units of these variants are sold and not there yet, those of bundles none. WAITS. */
MUST_CHECK enum status catalog_store_list_owed(struct request *request,
                                               const struct uuid *variant_ids, size_t ids_count,
                                               struct catalog_owed_units **ret_owed,
                                               size_t *ret_count);
/* The stock as it will be when everything that is queued is committed: what the activation
 * remembers or the row, whichever is newer. */
MUST_CHECK enum status catalog_store_load_level(struct request *request, struct uuid variant_id,
                                                struct catalog_stock *ret_stock);
/* Queues how many units there are now, `delta` more than before (or fewer, if negative), with the
 * movement, and the activation remembers the stock. CONFLICT as above. */
void catalog_store_save_level(struct request *request, const struct catalog_stock *stock,
                              enum catalog_movement_kind kind, int64_t delta);
/* Queues what may be sold ahead. CONFLICT as above. */
void catalog_store_save_ahead(struct request *request, const struct catalog_stock *stock);
/* The same for whoever is not the variant's actor, which finds out by the version: the row is set
 * if it is at `version` still, otherwise the unit ends with CONFLICT. */
void catalog_store_put_level(struct request *request, struct uuid variant_id, int64_t on_hand,
                             int64_t version, int64_t delta);

struct catalog_due {
    struct uuid reservation_id, variant_id;
};

/* Held reservations of the shards `shard_first` to `shard_last` whose time is over, the longest
 * overdue first, at most CATALOG_DUE_MAX, for which `ret_due` has room. Never NOT_FOUND. */
MUST_CHECK enum status catalog_store_list_due(struct request *request, unsigned shard_first,
                                              unsigned shard_last, struct catalog_due *ret_due,
                                              size_t *ret_count);

/* ---- vendors ---- */

struct catalog_copy_vendor;
struct catalog_vendor_copy;
/* Queues the copy of a vendor's name and whether it is open, unless the copy that is there is as
 * new. */
void catalog_store_save_vendor(struct request *request, const struct catalog_copy_vendor *vendor);
/* What the catalogue heard last of a vendor. */
MUST_CHECK enum status catalog_store_find_vendor(struct request *request, struct uuid vendor_id,
                                                 struct catalog_vendor_copy *ret_copy);

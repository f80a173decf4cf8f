/* How cells that several of the catalogue's statements select are read. */
#pragma once

#include "actors/catalog/catalog_ahead.h"
#include "actors/catalog/catalog_price.h"
#include "storage/values.h"

/* Reads two cells: an amount in minor units, then its currency. */
struct money catalog_row_money(struct row *row);

/* What a row of catalog.variant_price, which may be missing, says beside the price: five cells. */
#define SALE_AND_TIERS_SQL                                                                         \
    " coalesce(r.sale_amount, 0), coalesce(r.sale_from, 0), coalesce(r.sale_to, 0),"               \
    " r.tier_quantities, r.tier_amounts"
/* Read the first three of them, and the other two; none: amount 0, count 0. Tiers live in the
 * arena.
 */
struct catalog_sale catalog_row_sale(struct row *row);
size_t catalog_row_tiers(struct row *row, struct arena *arena,
                         const struct catalog_tier **ret_tiers);

/* How many of a variant are sold together: three cells. */
#define QUANTITIES_SQL                                                                             \
    " coalesce(w.quantity_min, 0), coalesce(w.quantity_step, 0), coalesce(w.quantity_max, 0)"
struct catalog_quantities catalog_row_quantities(struct row *row);

/* How far a row of catalog.stock moves on when somebody else than its actor writes it. The actor has
 * several units under way, each made of what the one before leaves and checked by a version one
 * higher: were the row one further, the first would be refused and the second fit by chance, with
 * numbers that rest on the first. No chain is as long as this. */
#define STOCK_LEAP "1048576"

/* What may be sold ahead, of a row `k` of catalog.stock: three cells. */
#define AHEAD_SQL " k.policy, k.ahead_limit, coalesce(k.available_on, 0)"
struct catalog_ahead catalog_row_ahead(struct row *row);

/* The rules of catalog_ahead.h for a row `k` of catalog.stock at the time `now`. */
#define AHEAD_LIMIT_SQL(now)                                                                       \
    "CASE WHEN k.policy = 1 OR k.available_on > " now " THEN k.ahead_limit ELSE 0 END"
#define AVAILABLE_SQL(now) "greatest(k.on_hand - k.held + " AHEAD_LIMIT_SQL(now) ", 0)"
/* The day of a variant in pre-order; of a bundle, that of its last part; else NULL. */
#define AVAILABLE_ON_SQL(now)                                                                      \
    "CASE WHEN k.is_bundle THEN (SELECT max(s.available_on) FROM catalog.bundle_part b"            \
    " JOIN catalog.stock s ON s.variant_id = b.part_id WHERE b.bundle_id = k.variant_id"           \
    " AND s.available_on > " now " HAVING catalog.bundle_availability(k.variant_id, " now ") = 1)" \
    " WHEN k.available_on > " now " AND " AVAILABLE_SQL(now) " > 0 THEN k.available_on END"
/* enum catalog_availability, of which the least counts for a product, bundles included */
#define AVAILABILITY_SQL(now)                                                                      \
    "CASE WHEN k.is_bundle THEN catalog.bundle_availability(k.variant_id, " now ")"                \
    " WHEN k.on_hand - k.held + " AHEAD_LIMIT_SQL(                                                 \
        now) " <= 0 THEN 3"                                                                        \
             " WHEN k.available_on > " now " THEN 1 WHEN k.on_hand > k.held THEN 0 ELSE 2 END"

/* How a promotion stands in its row, for all statements that read one. */
#pragma once

#include "actors/order/promotion.h"
#include "storage/values.h"

/* Of the table as p. */
#define PROMOTION_COLUMNS                                                                          \
    "p.id, p.owner_id, p.vendor_id, p.name, p.code, p.code_key, p.status, p.kind, p.off_ppm,"      \
    " p.currency, p.fixed_amount, p.buy_quantity, p.get_quantity, p.target_products,"              \
    " p.target_category, p.qualifying_products, p.qualifying_category, p.quantity_min,"            \
    " p.subtotal_min, p.group_ids, p.needs_first_order, p.starts_at, p.ends_at, p.is_exclusive,"   \
    " p.priority, p.cap, p.bearer, p.market_ppm, p.limit_total, p.limit_per_customer, p.held,"     \
    " p.used, p.version, p.created_at, p.updated_at"

/* Reads these columns; texts and lists live in the arena. Statuses: OK, CORRUPT (a name that this
 * version of the program does not know). */
MUST_CHECK enum status promotion_row_read(struct row *row, struct arena *arena,
                                          struct promotion *ret_promotion);
/* The place of a name among `count`. Statuses: OK, CORRUPT. */
MUST_CHECK enum status promotion_row_enum(struct text name, const char *const *names, int count,
                                          int *ret_value);

/* SQL of where the units of lines come from: those that are not there yet, and what bundles are
 * made of. */
#pragma once

#include "actors/host/request.h"
#include "order_messages.h"
#include "storage/values.h"

/* Queues what the lines of the group say of it, behind the statement that makes them; of a group
 * whose units are all there, and which has no bundles, nothing. */
void order_supply_store_place(struct request *request, const struct order_group *group);

/* Queues that units of a new line are not there yet; at most CART_LINES_MAX lines. */
struct order_supply_late {
    struct uuid line_id;
    int64_t units, available_on_us; /* 0: nobody has said */
};
void order_supply_store_mark(struct request *request, const struct order_supply_late *late,
                             size_t count);

/* What order_supply_read() reads, of a row of "order".order_line: six cells. */
#define ORDER_SUPPLY_COLUMNS                                                                       \
    "backordered, coalesce(available_on, 0), part_ids, part_quantities, part_names, part_skus "
MUST_CHECK enum status order_supply_read(struct row *row, struct arena *arena,
                                         struct order_order_line *line);

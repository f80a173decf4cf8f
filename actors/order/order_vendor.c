/* What the order domain knows of one vendor: how many orders and checkouts are still open. A vendor
 * who leaves waits for them. */
#include "actors/host/request.h"
#include "order_handlers.h"

enum { OPENINGS_COUNTED_MAX = 1000 };

/* Orders without an end; and locked carts, which may become orders. Counting
 * ends at a bound, since the caller only needs to know whether there are any, and roughly how many.
 */
static const struct statement openings_statement = {
    .name = "order_vendor_openings",
    .sql = "SELECT (SELECT count(*) FROM (SELECT 1 FROM \"order\".vendor_order o"
           " WHERE o.vendor_id = $1 AND o.ended_at IS NULL LIMIT $2) a),"
           " (SELECT count(*) FROM (SELECT 1 FROM \"order\".cart c WHERE c.status = 'locked'"
           " AND EXISTS (SELECT 1 FROM \"order\".cart_line l"
           " WHERE l.cart_id = c.id AND l.vendor_id = $1) LIMIT $2) b)",
};

enum status
order_handle_count_open_orders_of_vendor(struct request *request,
                                         const struct order_count_open_orders_of_vendor *query,
                                         struct order_vendor_openings *ret_reply)
{
    struct store_params params = { 0 };
    struct rows rows;
    param_uuid(&params, request_arena(request), query->vendor_id);
    param_int(&params, request_arena(request), OPENINGS_COUNTED_MAX);
    TRY(request_query(request, &openings_statement, &params, &rows));
    struct row row = rows_at(&rows, 0);
    ret_reply->open_orders = row_int(&row);
    ret_reply->open_checkouts = row_int(&row);
    return STATUS_OK;
}

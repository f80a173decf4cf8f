/* Handlers of stock (reserve, release, commit, expire) and of what the catalogue hears of vendors,
 * the sweep of overdue reservations, and the definition of the domain for the host. */
#include "actors/catalog/catalog_bundles.h"
#include "actors/catalog/catalog_category_task.h"
#include "actors/catalog/catalog_import_worker.h"
#include "actors/catalog/catalog_locations.h"
#include "actors/catalog/catalog_news.h"
#include "actors/catalog/catalog_offer_store.h"
#include "actors/catalog/catalog_preorder.h"
#include "actors/catalog/catalog_price_history_store.h"
#include "actors/catalog/catalog_sale.h"
#include "actors/catalog/catalog_search_service.h"
#include "actors/catalog/catalog_store.h"
#include "actors/host/ask_each.h"
#include "actors/host/domain.h"
#include "actors/host/trim.h"
#include "catalog_handlers.h"
#include "order_messages.h"

enum {
    CATALOG_SWEEP_EVERY_US = 1000000,
    KEEP_US = 60000000 /* until the orders are asked again */
};

struct stock_work {
    struct catalog_stock stock;
    struct catalog_reservation reservation;
    struct catalog_news_before before;
    bool is_changed;
};

/* The stock with its memory is too large for a fiber's frame. */
static struct stock_work *new_work(struct request *request)
{
    return arena_allocate(request_arena(request), sizeof(struct stock_work));
}

static enum status tell_news(struct request *request, const struct stock_work *work)
{
    return catalog_news_of_stock(request, work->before, &work->stock);
}

static void explain_shortage(struct request *request, const struct catalog_stock *stock,
                             int64_t requested)
{
    const struct request_fault fault = { .pointer = "",
                                         .code = STATUS_INSUFFICIENT_STOCK,
                                         .has_amounts = true,
                                         .requested = requested,
                                         .available = catalog_stock_available(stock) };
    request_add_fault(request, &fault);
}

/* A reservation of the same name with another quantity is not a repetition, and is refused. */
static enum status reserve(struct stock_work *work, const struct catalog_reserve_stock *command)
{
    if (work->reservation.state == CATALOG_RESERVATION_NONE) {
        work->reservation.quantity = command->quantity;
        work->reservation.expires_at_us = command->expires_at_us;
    }
    work->before = catalog_news_before(&work->stock);
    TRY(catalog_stock_reserve(&work->stock, &work->reservation, &work->is_changed));
    return work->reservation.quantity == command->quantity ? STATUS_OK : STATUS_ILLEGAL_TRANSITION;
}

enum status catalog_handle_reserve_stock(struct request *request,
                                         const struct catalog_reserve_stock *command,
                                         struct catalog_stock_reserved *ret_reply)
{
    struct stock_work *work = new_work(request);
    TRY(catalog_store_load_stock(request, command->variant_id, command->reservation_id, true,
                                 &work->stock, &work->reservation));
    enum status status = reserve(work, command);
    if (status == STATUS_INSUFFICIENT_STOCK) {
        /* A refusal writes nothing, so no version check would find out that what the activation
         * remembers is old: the row decides (actors/catalog/README.md, Decisions: a shortage looks
         * again). */
        bool is_newer;
        TRY(catalog_store_refresh_stock(request, &work->stock, &work->reservation, &is_newer));
        if (is_newer) status = reserve(work, command);
    }
    if (status == STATUS_INSUFFICIENT_STOCK)
        explain_shortage(request, &work->stock, command->quantity);
    TRY(status);
    if (work->is_changed) catalog_store_save_reserved(request, &work->stock, &work->reservation);
    ret_reply->available = catalog_stock_available(&work->stock);
    return tell_news(request, work);
}

enum status catalog_handle_release_stock(struct request *request,
                                         const struct catalog_release_stock *command)
{
    struct stock_work *work = new_work(request);
    const enum status status =
        catalog_store_load_stock(request, command->variant_id, command->reservation_id, false,
                                 &work->stock, &work->reservation);
    /* Nothing can ever be reserved of a variant that does not exist, so no mark is needed. */
    if (status == STATUS_NOT_FOUND) return STATUS_OK;
    TRY(status);
    const bool is_unknown = work->reservation.state == CATALOG_RESERVATION_NONE;
    work->before = catalog_news_before(&work->stock);
    TRY(catalog_stock_release(&work->stock, &work->reservation, &work->is_changed));
    if (!work->is_changed) return STATUS_OK;
    if (is_unknown) {
        catalog_store_save_mark(request, &work->stock, &work->reservation);
    } else {
        catalog_store_save_settled(request, &work->stock, &work->reservation);
    }
    return tell_news(request, work);
}

enum status catalog_handle_commit_stock(struct request *request,
                                        const struct catalog_commit_stock *command)
{
    struct stock_work *work = new_work(request);
    TRY(catalog_store_load_stock(request, command->variant_id, command->reservation_id, false,
                                 &work->stock, &work->reservation));
    work->before = catalog_news_before(&work->stock);
    TRY(catalog_stock_commit(&work->stock, &work->reservation, &work->is_changed));
    if (!work->is_changed) return STATUS_OK;
    catalog_store_save_settled(request, &work->stock, &work->reservation);
    return tell_news(request, work);
}

enum status catalog_handle_expire_stock(struct request *request,
                                        const struct catalog_expire_stock *command)
{
    struct stock_work *work = new_work(request);
    TRY(catalog_store_load_stock(request, command->variant_id, command->reservation_id, false,
                                 &work->stock, &work->reservation));
    work->before = catalog_news_before(&work->stock);
    catalog_stock_expire(&work->stock, &work->reservation, request_now_us(request),
                         &work->is_changed);
    if (!work->is_changed) return STATUS_OK;
    catalog_store_save_settled(request, &work->stock, &work->reservation);
    return tell_news(request, work);
}

enum status catalog_handle_keep_stock(struct request *request,
                                      const struct catalog_keep_stock *command)
{
    struct stock_work *work = new_work(request);
    TRY(catalog_store_load_stock(request, command->variant_id, command->reservation_id, false,
                                 &work->stock, &work->reservation));
    catalog_stock_keep(&work->stock, &work->reservation, request_now_us(request), command->until_us,
                       &work->is_changed);
    if (work->is_changed) catalog_store_save_kept(request, &work->stock, &work->reservation);
    return STATUS_OK;
}

/* ---- by the clock ---- */

/* Reservations whose time is over, and the checkouts of them that have let go. */
struct overdue {
    struct catalog_due due[CATALOG_DUE_MAX];
    size_t count;
    struct order_lapsed_groups lapsed;
    int64_t now_us;
};

/* A reservation has the id of the checkout that it was made for. */
static bool has_lapsed(const struct overdue *overdue, struct uuid reservation_id)
{
    for (size_t i = 0; i < overdue->lapsed.group_ids_count; i++) {
        if (uuid_equals(overdue->lapsed.group_ids[i], reservation_id)) return true;
    }
    return false;
}

static enum status begin_expire_or_keep(struct request *request, const void *context, size_t index,
                                        struct request_ask **ret_ask)
{
    const struct overdue *overdue = context;
    const struct catalog_due *due = &overdue->due[index];
    const struct catalog_expire_stock expire = { .variant_id = due->variant_id,
                                                 .reservation_id = due->reservation_id };
    const struct catalog_keep_stock keep = { .variant_id = due->variant_id,
                                             .reservation_id = due->reservation_id,
                                             .until_us = overdue->now_us + KEEP_US };
    return has_lapsed(overdue, due->reservation_id)
               ? request_ask_begin(request, &catalog_expire_stock_message, &expire, ret_ask)
               : request_ask_begin(request, &catalog_keep_stock_message, &keep, ret_ask);
}

/* When the orders do not answer, nothing is freed: their word may be that it was promised. */
static enum status settle_overdue_reservations(struct request *request, unsigned shard_first,
                                               unsigned shard_last)
{
    struct overdue *overdue = arena_allocate(request_arena(request), sizeof *overdue);
    overdue->now_us = request_now_us(request);
    TRY(catalog_store_list_due(request, shard_first, shard_last, overdue->due, &overdue->count));
    if (overdue->count == 0) return STATUS_OK;
    /* The lines of one checkout are reservations of one id: it is asked about as often. */
    struct uuid *ids = arena_allocate_array(request_arena(request), overdue->count, sizeof *ids);
    for (size_t i = 0; i < overdue->count; i++)
        ids[i] = overdue->due[i].reservation_id;
    const struct order_find_lapsed_groups query = { .group_ids = ids,
                                                    .group_ids_count = overdue->count };
    TRY(request_ask(request, &order_find_lapsed_groups_message, &query, &overdue->lapsed));
    return request_ask_each(request, overdue->count, begin_expire_or_keep, overdue);
}

/* ---- what other domains announce ---- */

enum status catalog_on_vendor_profile_was_changed(struct request *request,
                                                  const struct vendor_profile_was_changed *event)
{
    const struct catalog_copy_vendor command = {
        .vendor_id = event->vendor_id,
        .version = event->version,
        .name = event->name,
        .is_open = event->is_open,
    };
    struct empty reply;
    return request_ask(request, &catalog_copy_vendor_message, &command, &reply);
}

/* Handlers of events write nothing and so tell nobody: commands to the vendor's actor do. */
enum status catalog_on_vendor_shipping_was_changed(struct request *request,
                                                   const struct vendor_shipping_was_changed *event)
{
    struct catalog_tell_of_shipping command = { .vendor_id = event->vendor_id };
    struct catalog_shipping_told reply = { .has_next = true };
    for (size_t i = 0; i < CATALOG_SHIPPING_PAGES_MAX && reply.has_next; i++) {
        TRY(request_ask(request, &catalog_tell_of_shipping_message, &command, &reply));
        command.has_after = true;
        command.after = reply.next;
    }
    if (!reply.has_next) return STATUS_OK;
    command.has_is_about_all = command.is_about_all = true;
    return request_ask(request, &catalog_tell_of_shipping_message, &command, &reply);
}

enum status catalog_handle_copy_vendor(struct request *request,
                                       const struct catalog_copy_vendor *command)
{
    catalog_store_save_vendor(request, command);
    return catalog_news_of_vendor(request, command->vendor_id);
}

enum status catalog_handle_get_vendor_copy(struct request *request,
                                           const struct catalog_get_vendor_copy *query,
                                           struct catalog_vendor_copy *ret_reply)
{
    return catalog_store_find_vendor(request, query->vendor_id, ret_reply);
}

/* The states are numbers: 1 is held, which never ends by its age. */
static const struct statement trim_reservations = {
    .name = "catalog_trim_reservations",
    .sql = "WITH gone AS (DELETE FROM catalog.reservation r USING ("
           "SELECT reservation_id, variant_id FROM catalog.reservation WHERE state <> 1"
           " AND expires_at < $1 AND shard BETWEEN $2 AND $3 LIMIT $4) o"
           " WHERE r.reservation_id = o.reservation_id AND r.variant_id = o.variant_id"
           " AND r.state <> 1 RETURNING 1) SELECT count(*) FROM gone",
};

static enum status forget_old_reservations(struct request *request, unsigned shard_first,
                                           unsigned shard_last)
{
    return request_trim(request, &trim_reservations, SETTING_RETENTION_SETTLED, shard_first,
                        shard_last);
}

static const struct statement trim_unfound = {
    .name = "catalog_trim_unfound",
    .sql = "WITH gone AS (DELETE FROM catalog.zero_result z USING ("
           "SELECT query FROM catalog.zero_result WHERE last_at < $1"
           " AND $2 = 0 AND $3 >= 0 LIMIT $4) o"
           " WHERE z.query = o.query RETURNING 1) SELECT count(*) FROM gone",
};

/* They belong to no shard: whoever has the first one forgets them. */
static enum status forget_unfound(struct request *request, unsigned shard_first,
                                  unsigned shard_last)
{
    return request_trim(request, &trim_unfound, SETTING_SEARCH_UNFOUND_KEPT, shard_first,
                        shard_last);
}

static const struct domain_sweep sweeps[] = {
    { .name = "overdue_reservations",
      .every_us = CATALOG_SWEEP_EVERY_US,
      .run = settle_overdue_reservations },
    { .name = "old_reservations", .every_us = 60 * 1000000LL, .run = forget_old_reservations },
    { .name = "unfound_searches", .every_us = 3600 * 1000000LL, .run = forget_unfound },
    { .name = "categories",
      .every_us = CATALOG_CATEGORY_SWEEP_EVERY_US,
      .run = catalog_category_sweep },
    { .name = "old_prices",
      .every_us = CATALOG_PRICE_SWEEP_EVERY_S * 1000000LL,
      .run = catalog_price_history_sweep },
    { .name = "sales", .every_us = CATALOG_SALE_SWEEP_EVERY_US, .run = catalog_sale_sweep },
    { .name = "bundles", .every_us = CATALOG_BUNDLE_SWEEP_EVERY_US, .run = catalog_bundle_sweep },
    { .name = "stock_places",
      .every_us = CATALOG_SETTLE_SWEEP_EVERY_US,
      .run = catalog_settle_sweep },
    { .name = "preorders",
      .every_us = CATALOG_PREORDER_SWEEP_EVERY_US,
      .run = catalog_preorder_sweep },
    { .name = "imports", .every_us = CATALOG_IMPORT_SWEEP_EVERY_US, .run = catalog_import_sweep },
    { .name = "old_imports", .every_us = 3600 * 1000000LL, .run = catalog_import_forget },
};

/* ---- what must hold ---- */

static const struct statement stock_violations = {
    .name = "catalog_stock_violations",
    .sql = "WITH found AS MATERIALIZED (SELECT * FROM catalog.check_stock()) "
           "SELECT invariant, id::text FROM found LIMIT $1",
};

static const struct statement stock_rows = {
    .name = "catalog_stock_rows",
    .sql = "SELECT count(*) FROM catalog.stock",
};

static const struct statement bundle_violations = {
    .name = "catalog_bundle_violations",
    .sql = "WITH found AS MATERIALIZED (SELECT * FROM catalog.check_bundles()) "
           "SELECT invariant, id::text FROM found LIMIT $1",
};

static const struct statement bundle_rows = {
    .name = "catalog_bundle_rows",
    .sql = "SELECT count(*) FROM catalog.bundle_part",
};

static const struct statement place_violations = {
    .name = "catalog_place_violations",
    .sql = "WITH found AS MATERIALIZED (SELECT * FROM catalog.check_locations()) "
           "SELECT invariant, id::text FROM found LIMIT $1",
};

static const struct statement place_rows = {
    .name = "catalog_place_rows",
    .sql = "SELECT count(*) FROM catalog.located_stock",
};

static const struct statement product_violations = {
    .name = "catalog_product_violations",
    .sql = "WITH found AS MATERIALIZED (SELECT * FROM catalog.check_products()) "
           "SELECT invariant, id::text FROM found LIMIT $1",
};

static const struct statement product_rows = {
    .name = "catalog_product_rows",
    .sql = "SELECT count(*) FROM catalog.variant",
};

static const struct domain_check checks[] = {
    { .name = "catalog.products",
      .covers = "documents, listings and variants are of products, prices of variants",
      .violations = &product_violations,
      .compared = &product_rows },
    { .name = "catalog.stock",
      .covers = "I3 stock is the sum of its movements, and what is set aside that of reservations",
      .violations = &stock_violations,
      .compared = &stock_rows },
    { .name = "catalog.bundles",
      .covers = "I3 no bundle is a part, and each has parts of its own vendor",
      .violations = &bundle_violations,
      .compared = &bundle_rows },
    { .name = "catalog.stock_places",
      .covers = "I3 what lies at locations, and what is not split yet, is the stock",
      .violations = &place_violations,
      .compared = &place_rows },
};

const struct domain_definition catalog_domain = {
    .dispatch = &catalog_dispatch,
    .service = &catalog_search_service,
    .sweeps = sweeps,
    .sweeps_count = ARRAY_LENGTH(sweeps),
    .checks = checks,
    .checks_count = ARRAY_LENGTH(checks),
};

/* Handlers of stock (reserve, release, commit, expire) and of what the catalogue hears of vendors,
 * the sweep of overdue reservations, and the definition of the domain for the host. */
#include "actors/catalog/catalog_store.h"
#include "actors/host/domain.h"
#include "catalog_handlers.h"

enum { CATALOG_SWEEP_WINDOW = 16, CATALOG_SWEEP_EVERY_US = 1000000 };

struct stock_work {
    struct catalog_stock stock;
    struct catalog_reservation reservation;
    bool is_changed;
};

/* The stock with its memory is too large for a fiber's frame. */
static struct stock_work *new_work(struct request *request)
{
    return arena_allocate(request_arena(request), sizeof(struct stock_work));
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
         * remembers is old: the row decides (README.md, Decisions: a shortage looks again). */
        bool is_newer;
        TRY(catalog_store_refresh_stock(request, &work->stock, &work->reservation, &is_newer));
        if (is_newer) status = reserve(work, command);
    }
    if (status == STATUS_INSUFFICIENT_STOCK)
        explain_shortage(request, &work->stock, command->quantity);
    TRY(status);
    if (work->is_changed) catalog_store_save_reserved(request, &work->stock, &work->reservation);
    ret_reply->available = catalog_stock_available(&work->stock);
    return STATUS_OK;
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
    TRY(catalog_stock_release(&work->stock, &work->reservation, &work->is_changed));
    if (!work->is_changed) return STATUS_OK;
    if (is_unknown) {
        catalog_store_save_mark(request, &work->stock, &work->reservation);
    } else {
        catalog_store_save_settled(request, &work->stock, &work->reservation);
    }
    return STATUS_OK;
}

enum status catalog_handle_commit_stock(struct request *request,
                                        const struct catalog_commit_stock *command)
{
    struct stock_work *work = new_work(request);
    TRY(catalog_store_load_stock(request, command->variant_id, command->reservation_id, false,
                                 &work->stock, &work->reservation));
    TRY(catalog_stock_commit(&work->stock, &work->reservation, &work->is_changed));
    if (work->is_changed) catalog_store_save_settled(request, &work->stock, &work->reservation);
    return STATUS_OK;
}

enum status catalog_handle_expire_stock(struct request *request,
                                        const struct catalog_expire_stock *command)
{
    struct stock_work *work = new_work(request);
    TRY(catalog_store_load_stock(request, command->variant_id, command->reservation_id, false,
                                 &work->stock, &work->reservation));
    catalog_stock_expire(&work->stock, &work->reservation, request_now_us(request),
                         &work->is_changed);
    if (work->is_changed) catalog_store_save_settled(request, &work->stock, &work->reservation);
    return STATUS_OK;
}

/* ---- by the clock ---- */

/* Asks the actors of up to CATALOG_SWEEP_WINDOW variants, side by side, to expire a reservation.
 * What fails is still due at the next sweep, a second later. */
static enum status expire_window(struct request *request, const struct catalog_due *due,
                                 size_t count)
{
    assert(count <= CATALOG_SWEEP_WINDOW);
    struct request_ask *asks[CATALOG_SWEEP_WINDOW];
    size_t begun = 0;
    enum status status = STATUS_OK;
    while (begun < count && status == STATUS_OK) {
        const struct catalog_expire_stock command = { .variant_id = due[begun].variant_id,
                                                      .reservation_id = due[begun].reservation_id };
        status = request_ask_begin(request, &catalog_expire_stock_message, &command, &asks[begun]);
        if (status == STATUS_OK) begun++;
    }
    for (size_t i = 0; i < begun; i++) {
        struct empty reply;
        const enum status ended = request_ask_end(request, &asks[i], &reply);
        if (status == STATUS_OK) status = ended;
    }
    return status;
}

static enum status sweep_reservations(struct request *request, unsigned shard_first,
                                      unsigned shard_last)
{
    struct catalog_due *due =
        arena_allocate_array(request_arena(request), CATALOG_DUE_MAX, sizeof *due);
    size_t count;
    TRY(catalog_store_list_due(request, shard_first, shard_last, due, &count));
    enum status status = STATUS_OK;
    for (size_t i = 0; i < count && status != STATUS_STOPPING; i += CATALOG_SWEEP_WINDOW) {
        const size_t left = count - i;
        const enum status window = expire_window(
            request, &due[i], left < CATALOG_SWEEP_WINDOW ? left : CATALOG_SWEEP_WINDOW);
        if (window != STATUS_OK) status = window;
    }
    return status;
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

enum status catalog_handle_copy_vendor(struct request *request,
                                       const struct catalog_copy_vendor *command)
{
    catalog_store_save_vendor(request, command);
    return STATUS_OK;
}

enum status catalog_handle_get_vendor_copy(struct request *request,
                                           const struct catalog_get_vendor_copy *query,
                                           struct catalog_vendor_copy *ret_reply)
{
    return catalog_store_find_vendor(request, query->vendor_id, ret_reply);
}

static const struct domain_sweep sweeps[] = {
    { .name = "expire_reservations",
      .every_us = CATALOG_SWEEP_EVERY_US,
      .run = sweep_reservations },
};

const struct domain_definition catalog_domain = {
    .dispatch = &catalog_dispatch,
    .sweeps = sweeps,
    .sweeps_count = ARRAY_LENGTH(sweeps),
};

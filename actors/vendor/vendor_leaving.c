/* Vendors that leave: a row per vendor says what it still waits for; a sweep looks when it is due.
 */
#include "actors/vendor/vendor_leaving.h"

#include "actors/identity/identity_api_key.h"
#include "actors/identity/identity_session_store.h"
#include "catalog_messages.h"
#include "order_messages.h"
#include "vendor_handlers.h"

#define ASK_AGAIN_US (INT64_C(2) * 1000000)    /* has the catalogue heard of it? */
#define COUNT_AGAIN_US (INT64_C(30) * 1000000) /* is anything still open? */

struct leaving {
    int64_t version;
    bool is_known;
    int64_t due_us;
};

/* ---- rows ---- */

void vendor_leaving_begin(struct request *request, const struct vendor *vendor)
{
    assert(vendor != NULL);
    static const struct statement add = {
        .name = "vendor_leaving_add",
        .sql = "INSERT INTO vendor.leaving (vendor_id, shard, version, due_at)"
               " VALUES ($1, $2, $3, $4)",
        .on_duplicate = STATUS_CONFLICT,
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &add);
    param_uuid(params, arena, vendor->id);
    param_small(params, arena, (int16_t)uuid_shard(vendor->id));
    param_int(params, arena, vendor->version);
    param_int(params, arena, request_now_us(request));
}

static enum status find(struct request *request, struct uuid vendor_id, struct leaving *ret_leaving)
{
    static const struct statement load = {
        .name = "vendor_leaving_find",
        .sql = "SELECT version, is_known, due_at FROM vendor.leaving WHERE vendor_id = $1",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, vendor_id);
    TRY(request_query(request, &load, params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    ret_leaving->version = row_int(&row);
    ret_leaving->is_known = row_bool(&row);
    ret_leaving->due_us = row_int(&row);
    return STATUS_OK;
}

static void look_again(struct request *request, struct uuid vendor_id, bool is_known,
                       int64_t delay_us)
{
    static const struct statement save = {
        .name = "vendor_leaving_save",
        .sql = "UPDATE vendor.leaving SET is_known = $2, due_at = $3 WHERE vendor_id = $1",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &save);
    param_uuid(params, arena, vendor_id);
    param_bool(params, arena, is_known);
    param_int(params, arena, request_now_us(request) + delay_us);
}

static void forget(struct request *request, struct uuid vendor_id)
{
    static const struct statement remove = {
        .name = "vendor_leaving_remove",
        .sql = "DELETE FROM vendor.leaving WHERE vendor_id = $1",
    };
    param_uuid(request_write(request, &remove), request_arena(request), vendor_id);
}

/* ---- looking ---- */

enum status vendor_leaving_count(struct request *request, struct uuid vendor_id,
                                 int64_t *ret_open_orders, int64_t *ret_open_checkouts)
{
    assert(ret_open_orders != NULL);
    assert(ret_open_checkouts != NULL);
    const struct order_count_open_orders_of_vendor query = { .vendor_id = vendor_id };
    struct order_vendor_openings openings;
    TRY(request_ask(request, &order_count_open_orders_of_vendor_message, &query, &openings));
    *ret_open_orders = openings.open_orders;
    *ret_open_checkouts = openings.open_checkouts;
    return STATUS_OK;
}

/* The copy must be as new as the termination: an older one may still be priced. */
static enum status ask_catalogue(struct request *request, struct uuid vendor_id, int64_t version,
                                 bool *ret_is_known)
{
    const struct catalog_get_vendor_copy query = { .vendor_id = vendor_id };
    struct catalog_vendor_copy copy;
    const enum status asked = request_ask(request, &catalog_get_vendor_copy_message, &query, &copy);
    if (asked != STATUS_OK && asked != STATUS_NOT_FOUND) return asked;
    *ret_is_known = asked == STATUS_OK && copy.version >= version && !copy.is_open;
    return STATUS_OK;
}

/* Nobody of the team can sign in from here on, so what they hold ends, too. */
static enum status leave(struct request *request, struct vendor *vendor)
{
    TRY(vendor_move(request, vendor, VENDOR_ACT_LEAVE, vendor->status_reason));
    forget(request, vendor->id);
    identity_sessions_end_of_account(request, vendor->id);
    identity_api_keys_revoke_of_account(request, vendor->id);
    const struct vendor_notice notice = { .kind = COMMON_NOTICE_KIND_VENDOR_TERMINATED,
                                          .vendor = vendor,
                                          .reason = vendor->status_reason };
    return vendor_raise_notice(request, &notice);
}

/* May run at any time and more than once: it looks what the row says that is missing, and goes on
 * from there. */
enum status vendor_handle_finish_termination(struct request *request,
                                             const struct vendor_finish_termination *command)
{
    const struct uuid vendor_id = command->vendor_id;
    struct leaving leaving;
    struct vendor vendor;
    int64_t open_orders, open_checkouts;
    const enum status found = find(request, vendor_id, &leaving);
    if (found == STATUS_NOT_FOUND) return STATUS_OK;
    TRY(found);
    if (leaving.due_us > request_now_us(request)) return STATUS_OK;
    if (!leaving.is_known) {
        TRY(ask_catalogue(request, vendor_id, leaving.version, &leaving.is_known));
        const int64_t delay_us =
            config_duration_us(request_config(request), SETTING_VENDOR_LEAVE_DELAY);
        look_again(request, vendor_id, leaving.is_known,
                   leaving.is_known ? delay_us : ASK_AGAIN_US);
        return STATUS_OK;
    }
    TRY(vendor_leaving_count(request, vendor_id, &open_orders, &open_checkouts));
    if (!vendor_can_leave(open_orders, open_checkouts)) {
        look_again(request, vendor_id, true, COUNT_AGAIN_US);
        return STATUS_OK;
    }
    TRY(vendor_store_load(request, vendor_id, &vendor));
    return leave(request, &vendor);
}

static enum status list_due(struct request *request, unsigned shard_first, unsigned shard_last,
                            struct uuid ret_ids[VENDOR_SWEEP_MAX], size_t *ret_count)
{
    static const struct statement list = {
        .name = "vendor_leaving_due",
        .sql = "SELECT vendor_id FROM vendor.leaving WHERE due_at <= $1"
               " AND shard BETWEEN $2 AND $3 ORDER BY due_at LIMIT $4",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_int(params, arena, request_now_us(request));
    param_small(params, arena, (int16_t)shard_first);
    param_small(params, arena, (int16_t)shard_last);
    param_int(params, arena, VENDOR_SWEEP_MAX);
    TRY(request_query(request, &list, params, &rows));
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        ret_ids[i] = row_uuid(&row);
    }
    *ret_count = rows.count;
    return STATUS_OK;
}

enum status vendor_leaving_sweep(struct request *request, unsigned shard_first, unsigned shard_last)
{
    struct uuid ids[VENDOR_SWEEP_MAX];
    size_t count;
    TRY(list_due(request, shard_first, shard_last, ids, &count));
    enum status status = STATUS_OK;
    for (size_t i = 0; i < count; i++) {
        const struct vendor_finish_termination command = { .vendor_id = ids[i] };
        struct empty nothing;
        const enum status asked =
            request_ask(request, &vendor_finish_termination_message, &command, &nothing);
        if (asked != STATUS_OK) status = asked; /* tried again by the next sweep */
        if (asked == STATUS_STOPPING) break;
    }
    return status;
}

/* What a promotion does for checkouts: one use held, used, released, returned; and the sweeps of
 * redemptions. Every command may come twice and has its effect once. */
#include "actors/order/promotion_redeem.h"

#include "actors/host/ask_each.h"
#include "actors/host/trim.h"
#include "actors/order/redemption_store.h"
#include "order_handlers.h"

enum { KEEP_US = 60000000 }; /* until the orders are asked again */

static enum status refuse_exhausted(struct request *request, const struct promotion_uses *uses,
                                    enum redemption_limit limit)
{
    const bool is_total = limit == REDEMPTION_LIMIT_TOTAL;
    request_add_fault(
        request, &(struct request_fault){
                     .pointer = is_total ? "/limit_total" : "/limit_per_customer",
                     .code = STATUS_PROMOTION_EXHAUSTED,
                     .detail = is_total ? TEXT("As many orders use it as may.")
                                        : TEXT("As many of this customer's orders use it as may."),
                     .has_amounts = true,
                     .requested = (is_total ? uses->limit_total : uses->limit_per_customer) + 1,
                     .available = is_total ? uses->limit_total : uses->limit_per_customer });
    return STATUS_PROMOTION_EXHAUSTED;
}

enum status order_handle_hold_redemption(struct request *request,
                                         const struct order_hold_redemption *command)
{
    struct promotion_uses *uses;
    struct redemption redemption;
    enum redemption_limit limit;
    int64_t customer_uses = 0;
    bool is_changed;
    TRY(redemption_store_load(request, command->promotion_id, command->group_id, &uses,
                              &redemption));
    /* The same checkout of somebody else is no repetition. */
    if (redemption_counts(&redemption) && !uuid_equals(redemption.customer, command->customer))
        return STATUS_ILLEGAL_TRANSITION;
    if (!redemption.exists) {
        redemption.expires_at_us = command->expires_at_us;
        redemption.customer = command->customer;
        if (uses->has_limit_per_customer)
            TRY(redemption_store_count_of(request, uses, command->customer, &customer_uses));
    }
    const enum status status = redemption_hold(uses, &redemption, customer_uses,
                                               command->priced_at_us, &is_changed, &limit);
    if (status == STATUS_PROMOTION_EXHAUSTED) return refuse_exhausted(request, uses, limit);
    TRY(status);
    if (is_changed) redemption_store_save_held(request, uses, &redemption, customer_uses);
    return STATUS_OK;
}

static enum status move(struct request *request, struct uuid promotion_id, struct uuid group_id,
                        enum order_trigger trigger)
{
    struct promotion_uses *uses;
    struct redemption redemption;
    bool is_changed;
    TRY(redemption_store_load(request, promotion_id, group_id, &uses, &redemption));
    const bool is_unknown = !redemption.exists;
    const enum order_state from = redemption.state;
    TRY(redemption_step(uses, &redemption, trigger, &is_changed));
    if (is_changed && is_unknown) redemption_store_save_mark(request, uses, &redemption);
    if (is_changed && !is_unknown) redemption_store_save_moved(request, uses, &redemption, from);
    return STATUS_OK;
}

enum status order_handle_use_redemption(struct request *request,
                                        const struct order_use_redemption *command)
{
    return move(request, command->promotion_id, command->group_id, ORDER_TRIGGER_USE);
}

/* Nothing can ever be held of a promotion that does not exist, so no mark is needed. */
enum status order_handle_release_redemption(struct request *request,
                                            const struct order_release_redemption *command)
{
    const enum status status =
        move(request, command->promotion_id, command->group_id, ORDER_TRIGGER_RELEASE);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

enum status order_handle_return_redemption(struct request *request,
                                           const struct order_return_redemption *command)
{
    return move(request, command->promotion_id, command->group_id, ORDER_TRIGGER_GIVE_BACK);
}

enum status order_handle_keep_redemption(struct request *request,
                                         const struct order_keep_redemption *command)
{
    struct promotion_uses *uses;
    struct redemption redemption;
    bool is_changed;
    TRY(redemption_store_load(request, command->promotion_id, command->group_id, &uses,
                              &redemption));
    redemption_keep(uses, &redemption, request_now_us(request), command->until_us, &is_changed);
    if (is_changed) redemption_store_save_kept(request, uses, &redemption);
    return STATUS_OK;
}

/* ---- by the clock ---- */

/* Redemptions whose time is over, and the checkouts of them that have let go. */
struct overdue {
    const struct due_object *due; /* uses of promotions by checkouts */
    size_t count;
    struct order_lapsed_groups lapsed;
    int64_t now_us;
};

static bool has_lapsed(const struct overdue *overdue, struct uuid group_id)
{
    for (size_t i = 0; i < overdue->lapsed.group_ids_count; i++)
        if (uuid_equals(overdue->lapsed.group_ids[i], group_id)) return true;
    return false;
}

static enum status begin_release_or_keep(struct request *request, const void *context, size_t index,
                                         struct request_ask **ret_ask)
{
    const struct overdue *overdue = context;
    const struct due_object *due = &overdue->due[index];
    const struct order_release_redemption release = { .promotion_id = due->owner_id,
                                                      .group_id = due->id };
    const struct order_keep_redemption keep = { .promotion_id = due->owner_id,
                                                .group_id = due->id,
                                                .until_us = overdue->now_us + KEEP_US };
    return has_lapsed(overdue, due->id)
               ? request_ask_begin(request, &order_release_redemption_message, &release, ret_ask)
               : request_ask_begin(request, &order_keep_redemption_message, &keep, ret_ask);
}

/* No use is freed because of its age: a checkout that is under way, or has become orders, keeps it.
 */
enum status promotion_sweep_overdue(struct request *request, unsigned shard_first,
                                    unsigned shard_last)
{
    struct overdue overdue = { .now_us = request_now_us(request) };
    TRY(redemption_store_list_due(request, shard_first, shard_last, &overdue.due, &overdue.count));
    if (overdue.count == 0) return STATUS_OK;
    struct uuid *ids = arena_allocate_array(request_arena(request), overdue.count, sizeof *ids);
    for (size_t i = 0; i < overdue.count; i++)
        ids[i] = overdue.due[i].id;
    const struct order_find_lapsed_groups query = { .group_ids = ids,
                                                    .group_ids_count = overdue.count };
    TRY(order_handle_find_lapsed_groups(request, &query, &overdue.lapsed));
    return request_ask_each(request, overdue.count, begin_release_or_keep, &overdue);
}

/* Used ones stay: limits count them. */
static const struct statement trim_redemptions = {
    .name = "order_trim_redemptions",
    .sql = "WITH gone AS (DELETE FROM \"order\".redemption r USING ("
           "SELECT promotion_id, group_id FROM \"order\".redemption"
           " WHERE state IN ('released', 'returned') AND settled_at < $1"
           " AND shard BETWEEN $2 AND $3 LIMIT $4) o"
           " WHERE r.promotion_id = o.promotion_id AND r.group_id = o.group_id RETURNING 1)"
           " SELECT count(*) FROM gone",
};

enum status promotion_sweep_old(struct request *request, unsigned shard_first, unsigned shard_last)
{
    return request_trim(request, &trim_redemptions, SETTING_RETENTION_SETTLED, shard_first,
                        shard_last);
}

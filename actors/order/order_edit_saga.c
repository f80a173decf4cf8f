/* The process that changes an order. Each attempt has an id of its own, which names process,
 * reservation and hold: a hold that was given back takes no money any more. */
#include "actors/order/order_edit_saga.h"

#include "actors/order/line_stock.h"
#include "actors/order/order_life_recall.h"
#include "actors/order/stock_steps.h"
#include "order_handlers.h"
#include "wallet_messages.h"

enum {
    SET_ASIDE_GIVE_UP_US = 10 * 1000 * 1000,
    REFUND_ASKS_MAX = 1 + ORDER_EDITS_MAX /* by the group's hold, and by those of edits */
};

static enum status reserve_stock(struct saga *saga, void *data);
static enum status release_stock(struct saga *saga, void *data);
static enum status hold_funds(struct saga *saga, void *data);
static enum status void_hold(struct saga *saga, void *data);
static enum status apply(struct saga *saga, void *data);
static enum status commit_stock(struct saga *saga, void *data);
static enum status post_hold(struct saga *saga, void *data);
static enum status restock(struct saga *saga, void *data);
static enum status refund(struct saga *saga, void *data);
static enum status end_undone(struct saga *saga, void *data, enum status refusal);

/* The first version knew of additions only: it ends with those of the steps. */
enum { STEPS_OF_ADDITIONS = 5 };

static const struct saga_step edit_steps[] = {
    { .name = "reserve_stock",
      .stage = 1,
      .act = reserve_stock,
      .undo = release_stock,
      .give_up_us = SET_ASIDE_GIVE_UP_US },
    { .name = "hold_funds",
      .stage = 1,
      .act = hold_funds,
      .undo = void_hold,
      .give_up_us = SET_ASIDE_GIVE_UP_US },
    { .name = "apply", .stage = 2, .act = apply, .is_pivot = true },
    { .name = "commit_stock", .stage = 3, .act = commit_stock },
    { .name = "post_hold", .stage = 3, .act = post_hold },
    { .name = "restock", .stage = 3, .act = restock },
    { .name = "refund", .stage = 3, .act = refund },
};
static_assert((int)LINE_STOCK_MAX < (int)SAGA_ASKS_MAX, "one ask per variant");
static_assert((int)ORDER_LINES_MAX <= (int)LINE_STOCK_MAX, "or one per line");

const struct saga_kind order_edit_saga_1 = {
    .name = "order_edit",
    .version = 1,
    .data = &order_edit_data_schema,
    .steps = edit_steps,
    .steps_count = STEPS_OF_ADDITIONS,
    .end_undone = end_undone,
};

const struct saga_kind order_edit_saga = {
    .name = "order_edit",
    .version = ORDER_EDIT_PROCESS,
    .data = &order_edit_data_schema,
    .steps = edit_steps,
    .steps_count = ARRAY_LENGTH(edit_steps),
    .end_undone = end_undone,
};

/* ---- how it begins ---- */

static const struct order_order_line *find_line(const struct order_order *order, struct uuid id)
{
    for (size_t i = 0; i < order->lines_count; i++)
        if (uuid_equals(order->lines[i].id, id)) return &order->lines[i];
    return NULL;
}

/* What is added. Statuses: OK, CONFLICT (a line is not there), TOO_MANY_LINES (with the parts of
 * bundles). */
static enum status list_goods(struct arena *arena, const struct order_edit *edit,
                              const struct order_order *order, struct order_edit_data *data)
{
    struct line_stock *stock = arena_allocate(arena, sizeof *stock);
    for (size_t i = 0; i < edit->lines_count; i++) {
        const struct order_order_line *line = find_line(order, edit->lines[i].line_id);
        if (line == NULL) return STATUS_CONFLICT;
        line_stock_add_line(stock, line->variant_id, line->parts, line->parts_count,
                            edit->lines[i].quantity);
    }
    for (size_t i = 0; i < edit->goods_count; i++)
        line_stock_add(stock, edit->goods[i].variant_id, edit->goods[i].quantity);
    if (stock->is_full ||
        !line_stock_holds_more(arena, order, edit->lines_count + edit->goods_count))
        return STATUS_TOO_MANY_LINES;
    struct order_edit_goods *goods = arena_allocate_array(arena, stock->count, sizeof *goods);
    for (size_t i = 0; i < stock->count; i++)
        goods[i] =
            (struct order_edit_goods){ stock->units[i].variant_id, stock->units[i].quantity };
    data->lines = goods;
    data->lines_count = stock->count;
    return STATUS_OK;
}

/* What goes. The attempt names the refund, and that the restocks. Statuses: OK, CONFLICT likewise.
 */
static enum status list_fewer(struct arena *arena, const struct order_edit *edit,
                              const struct order_order *order, struct order_edit_data *data)
{
    if (edit->fewer_count == 0) return STATUS_OK;
    struct line_stock *parts = arena_allocate(arena, sizeof *parts);
    struct order_recall_line *fewer =
        arena_allocate_array(arena, edit->fewer_count + LINE_STOCK_MAX, sizeof *fewer);
    size_t count = 0;
    data->has_refund_id = true;
    data->refund_id = uuid_derive_named(data->attempt_id, TEXT("refund"), 0);
    for (size_t i = 0; i < edit->fewer_count; i++) {
        const struct order_order_line *line = find_line(order, edit->fewer[i].line_id);
        if (line == NULL) return STATUS_CONFLICT;
        line_stock_add_parts(parts, line->parts, line->parts_count, edit->fewer[i].quantity);
        if (line->parts_count > 0) continue;
        fewer[count++] = (struct order_recall_line){ .line_id = line->id,
                                                     .has_restock_id = true,
                                                     .restock_id = uuid_derive(data->refund_id, i),
                                                     .variant_id = line->variant_id,
                                                     .quantity = edit->fewer[i].quantity };
    }
    assert(!parts->is_full);
    data->fewer = fewer;
    data->fewer_count = line_stock_give_back(parts, data->refund_id, fewer, count);
    return STATUS_OK;
}

enum status order_edit_begin(struct request *request, const struct order_life *life,
                             const struct order_edit *edit, const struct order_order *order,
                             const struct order_edit_late_units *late)
{
    const struct config *config = request_config(request);
    const int64_t now_us = request_now_us(request);
    const bool pays = edit->payment == ORDER_EDIT_PAYMENT_WALLET;
    struct order_edit_data data = {
        .attempt_id = request_new_id(request),
        .order_id = life->order_id,
        .edit_id = edit->id,
        .user_id = life->user_id,
        .from_wallet = money_make(pays ? edit->total.amount : 0, life->currency),
        .expires_at_us = now_us + config_duration_us(config, SETTING_TTL_RESERVATION),
        .has_group_id = true,
        .group_id = life->group_id,
        .late = late->late,
        .late_count = late->count,
    };
    TRY(list_goods(request_arena(request), edit, order, &data));
    TRY(list_fewer(request_arena(request), edit, order, &data));
    return saga_begin(request, &order_edit_saga, data.attempt_id, &data,
                      now_us + config_duration_us(config, SETTING_SAGA_DEADLINE));
}

/* ---- stock ---- */

/* `ret_parts` has room for all of them. */
static struct stock_wish stock_of(const struct order_edit_data *edit,
                                  struct stock_part ret_parts[LINE_STOCK_MAX])
{
    assert(edit->lines_count <= LINE_STOCK_MAX);
    for (size_t i = 0; i < edit->lines_count; i++)
        ret_parts[i] = (struct stock_part){ .variant_id = edit->lines[i].variant_id,
                                            .quantity = edit->lines[i].quantity };
    return (struct stock_wish){ .reservation_id = edit->attempt_id,
                                .expires_at_us = edit->expires_at_us,
                                .parts = ret_parts,
                                .count = (unsigned)edit->lines_count };
}

static enum status reserve_stock(struct saga *saga, void *data)
{
    struct stock_part parts[LINE_STOCK_MAX];
    const struct stock_wish wish = stock_of(data, parts);
    return stock_reserve(saga, &wish);
}

static enum status release_stock(struct saga *saga, void *data)
{
    struct stock_part parts[LINE_STOCK_MAX];
    const struct stock_wish wish = stock_of(data, parts);
    return stock_release(saga, &wish);
}

static enum status commit_stock(struct saga *saga, void *data)
{
    struct stock_part parts[LINE_STOCK_MAX];
    const struct stock_wish wish = stock_of(data, parts);
    return stock_commit(saga, &wish);
}

/* ---- money: where nothing comes from the wallet, it is not asked ---- */

static enum status hold_funds(struct saga *saga, void *data)
{
    const struct order_edit_data *edit = data;
    if (edit->from_wallet.amount == 0) return STATUS_OK;
    char order_id[ID_TEXT_MAX + 1];
    (void)id_format("ord", edit->order_id, order_id);
    const struct wallet_hold_funds command = { .wallet_id = edit->user_id,
                                               .hold_id = edit->attempt_id,
                                               .amount = edit->from_wallet,
                                               .reference = text_of(order_id),
                                               .expires_at_us = edit->expires_at_us };
    return saga_ask(saga, 0, &wallet_hold_funds_message, &command, NULL);
}

static enum status void_hold(struct saga *saga, void *data)
{
    const struct order_edit_data *edit = data;
    if (edit->from_wallet.amount == 0) return STATUS_OK;
    const struct wallet_void_hold command = { .wallet_id = edit->user_id,
                                              .hold_id = edit->attempt_id };
    return saga_ask(saga, 0, &wallet_void_hold_message, &command, NULL);
}

static enum status post_hold(struct saga *saga, void *data)
{
    const struct order_edit_data *edit = data;
    if (edit->from_wallet.amount == 0) return STATUS_OK;
    const struct wallet_post_hold command = { .wallet_id = edit->user_id,
                                              .hold_id = edit->attempt_id };
    return saga_ask(saga, 0, &wallet_post_hold_message, &command, NULL);
}

/* ---- what goes: it is a recall of its own ---- */

static struct order_recall_data recall_of(const struct order_edit_data *edit)
{
    return (struct order_recall_data){ .order_id = edit->order_id,
                                       .has_refund_id = true,
                                       .refund_id = edit->refund_id,
                                       .group_id = edit->group_id,
                                       .user_id = edit->user_id,
                                       .lines = edit->fewer,
                                       .lines_count = edit->fewer_count };
}

static enum status restock(struct saga *saga, void *data)
{
    const struct order_recall_data recall = recall_of(data);
    return order_recall_restock(saga, &recall);
}

/* By which holds it was paid is known since the pivot, which has written it down. */
static enum status refund(struct saga *saga, void *data)
{
    const struct order_edit_data *edit = data;
    if (!edit->has_refund_id) return STATUS_OK;
    const struct order_find_edit_refund query = { .order_id = edit->order_id,
                                                  .refund_id = edit->refund_id };
    struct order_edit_refund found;
    TRY(saga_ask(saga, REFUND_ASKS_MAX, &order_find_edit_refund_message, &query, &found));
    struct order_recall_data recall = recall_of(edit);
    recall.refund = found.refund;
    recall.other_refunds = found.other_refunds;
    recall.other_refunds_count = found.other_refunds_count;
    TRY(order_recall_refund(saga, &recall));
    if (!found.has_has_card || !found.has_card) return STATUS_OK;
    return order_recall_pursue(saga, REFUND_ASKS_MAX + 1, edit->order_id, edit->refund_id);
}

/* ---- the order ---- */

static enum status apply(struct saga *saga, void *data)
{
    const struct order_edit_data *edit = data;
    const struct order_apply_edit command = { .order_id = edit->order_id, .edit = *edit };
    return saga_ask(saga, 0, &order_apply_edit_message, &command, NULL);
}

static enum status end_undone(struct saga *saga, void *data, enum status refusal)
{
    const struct order_edit_data *edit = data;
    const struct order_abandon_edit command = { .order_id = edit->order_id,
                                                .attempt_id = edit->attempt_id,
                                                .refusal = text_of(status_name(refusal)),
                                                .has_edit_id = true,
                                                .edit_id = edit->edit_id };
    return saga_ask(saga, 0, &order_abandon_edit_message, &command, NULL);
}

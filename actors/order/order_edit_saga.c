/* The process that adds units to an order. Each attempt has an id of its own, which names process,
 * reservation and hold: a hold that was given back takes no money any more. */
#include "actors/order/order_edit_saga.h"

#include "actors/order/stock_steps.h"
#include "order_handlers.h"
#include "wallet_messages.h"

enum { SET_ASIDE_GIVE_UP_US = 10 * 1000 * 1000 };

static enum status reserve_stock(struct saga *saga, void *data);
static enum status release_stock(struct saga *saga, void *data);
static enum status hold_funds(struct saga *saga, void *data);
static enum status void_hold(struct saga *saga, void *data);
static enum status apply(struct saga *saga, void *data);
static enum status commit_stock(struct saga *saga, void *data);
static enum status post_hold(struct saga *saga, void *data);
static enum status end_undone(struct saga *saga, void *data, enum status refusal);

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
};
static_assert((int)ORDER_LINES_MAX <= (int)SAGA_ASKS_MAX, "one ask per line");

const struct saga_kind order_edit_saga = {
    .name = "order_edit",
    .version = 1,
    .data = &order_edit_data_schema,
    .steps = edit_steps,
    .steps_count = ARRAY_LENGTH(edit_steps),
    .end_undone = end_undone,
};

/* ---- how it begins ---- */

static size_t list_goods(const struct order_edit *edit, const struct order_order *order,
                         struct order_edit_goods *ret_goods)
{
    size_t count = 0;
    for (size_t i = 0; i < edit->lines_count; i++)
        for (size_t line = 0; line < order->lines_count; line++)
            if (uuid_equals(order->lines[line].id, edit->lines[i].line_id))
                ret_goods[count++] = (struct order_edit_goods){ order->lines[line].variant_id,
                                                                edit->lines[i].quantity };
    return count;
}

enum status order_edit_begin(struct request *request, const struct order_life *life,
                             const struct order_edit *edit, const struct order_order *order)
{
    const struct config *config = request_config(request);
    const int64_t now_us = request_now_us(request);
    const bool from_wallet = edit->payment == ORDER_EDIT_PAYMENT_WALLET;
    struct order_edit_goods *goods =
        arena_allocate_array(request_arena(request), edit->lines_count, sizeof *goods);
    const struct order_edit_data data = {
        .attempt_id = request_new_id(request),
        .order_id = life->order_id,
        .edit_id = edit->id,
        .user_id = life->user_id,
        .from_wallet = money_make(from_wallet ? edit->total.amount : 0, life->currency),
        .expires_at_us = now_us + config_duration_us(config, SETTING_TTL_RESERVATION),
        .lines = goods,
        .lines_count = list_goods(edit, order, goods),
    };
    if (data.lines_count != edit->lines_count) return STATUS_CONFLICT;
    return saga_begin(request, &order_edit_saga, data.attempt_id, &data,
                      now_us + config_duration_us(config, SETTING_SAGA_DEADLINE));
}

/* ---- stock ---- */

/* `ret_parts` has room for all lines. */
static struct stock_wish stock_of(const struct order_edit_data *edit,
                                  struct stock_part ret_parts[ORDER_LINES_MAX])
{
    assert(edit->lines_count <= ORDER_LINES_MAX);
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
    struct stock_part parts[ORDER_LINES_MAX];
    const struct stock_wish wish = stock_of(data, parts);
    return stock_reserve(saga, &wish);
}

static enum status release_stock(struct saga *saga, void *data)
{
    struct stock_part parts[ORDER_LINES_MAX];
    const struct stock_wish wish = stock_of(data, parts);
    return stock_release(saga, &wish);
}

static enum status commit_stock(struct saga *saga, void *data)
{
    struct stock_part parts[ORDER_LINES_MAX];
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
                                                .refusal = text_of(status_name(refusal)) };
    return saga_ask(saga, 0, &order_abandon_edit_message, &command, NULL);
}

enum status order_handle_abandon_edit(struct request *request,
                                      const struct order_abandon_edit *command)
{
    return saga_end_undone(request, command->attempt_id, saga_read_refusal(command->refusal));
}

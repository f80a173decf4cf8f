/* The process that sends goods of a return again. The id of the order that is made also names the
 * reservation, so that every step is safe to repeat. */
#include "actors/order/replacement.h"

#include "actors/order/line_stock.h"
#include "actors/order/stock_steps.h"
#include "catalog_messages.h"
#include "order_handlers.h"

enum { SET_ASIDE_GIVE_UP_US = 10 * 1000 * 1000 };

static enum status reserve_stock(struct saga *saga, void *data);
static enum status release_stock(struct saga *saga, void *data);
static enum status place_replacement(struct saga *saga, void *data);
static enum status commit_stock(struct saga *saga, void *data);
static enum status restock(struct saga *saga, void *data);
static enum status end_undone(struct saga *saga, void *data, enum status refusal);

static const struct saga_step replacement_steps[] = {
    { .name = "reserve_stock",
      .stage = 1,
      .act = reserve_stock,
      .undo = release_stock,
      .give_up_us = SET_ASIDE_GIVE_UP_US },
    { .name = "place_replacement", .stage = 2, .act = place_replacement, .is_pivot = true },
    { .name = "commit_stock", .stage = 3, .act = commit_stock },
    { .name = "restock", .stage = 3, .act = restock },
};
static_assert((int)LINE_STOCK_MAX < (int)SAGA_ASKS_MAX, "one ask each, and one that tells");

const struct saga_kind replacement_saga = {
    .name = "replacement",
    .version = 1,
    .data = &order_replacement_data_schema,
    .steps = replacement_steps,
    .steps_count = ARRAY_LENGTH(replacement_steps),
    .end_undone = end_undone,
};

/* ---- how it begins ---- */

enum status replacement_require_room(struct request *request, const struct order_life *life)
{
    if (life->siblings_count < ORDER_SIBLINGS_MAX) return STATUS_OK;
    return request_refuse_full(request, "", STATUS_TOO_MANY_ORDERS, ORDER_SIBLINGS_MAX + 1,
                               "A checkout has so many orders, replacements too.");
}

const struct replacement_cause *replacement_cause_of_return(struct request *request,
                                                            const struct order_return *exchanged)
{
    struct replacement_cause *cause = arena_allocate(request_arena(request), sizeof *cause);
    cause->id = exchanged->id;
    for (size_t i = 0; i < exchanged->parts_count; i++)
        cause->parts[cause->parts_count++] = (struct replacement_part){
            .line = exchanged->parts[i].line,
            .quantity = exchanged->parts[i].received - exchanged->parts[i].given_back,
            .restocked = exchanged->stock_is_back ? 0 : exchanged->parts[i].restocked
        };
    return cause;
}

/* What is set aside and what goes back, where it is something else than the lines. */
static void list_stock(struct arena *arena, const struct replacement_cause *cause,
                       const struct order_order *order, struct order_replacement_data *data)
{
    struct line_stock *stock = arena_allocate(arena, sizeof *stock);
    struct line_stock *back = arena_allocate(arena, sizeof *back);
    bool has_parts = false;
    for (size_t i = 0; i < cause->parts_count; i++) {
        const struct replacement_part *part = &cause->parts[i];
        const struct order_order_line *line = &order->lines[part->line];
        if (part->quantity == 0) continue;
        has_parts = has_parts || line->parts_count > 0;
        line_stock_add_line(stock, line->variant_id, line->parts, line->parts_count,
                            part->quantity);
        if (part->restocked > 0)
            line_stock_add_line(back, line->variant_id, line->parts, line->parts_count,
                                part->restocked);
    }
    if (!has_parts) return;
    assert(!stock->is_full);
    struct order_recall_line *restocks =
        arena_allocate_array(arena, LINE_STOCK_MAX, sizeof *restocks);
    data->stock = stock->units;
    data->stock_count = stock->count;
    data->restocks = restocks;
    data->restocks_count = line_stock_give_back(back, data->replacement_id, restocks, 0);
}

static size_t list_lines(struct request *request, const struct order_life *life,
                         const struct replacement_cause *cause, const struct order_order *order,
                         struct order_replacement_line *ret_lines)
{
    size_t count = 0;
    for (size_t i = 0; i < cause->parts_count; i++) {
        const struct replacement_part *part = &cause->parts[i];
        if (part->quantity == 0) continue;
        ret_lines[count++] =
            (struct order_replacement_line){ .line_id = life->lines[part->line].id,
                                             .new_line_id = request_new_id(request),
                                             .variant_id = order->lines[part->line].variant_id,
                                             .quantity = part->quantity,
                                             .restocked = part->restocked };
    }
    return count;
}

enum status replacement_begin(struct request *request, const struct order_life *life,
                              const struct replacement_cause *cause,
                              const struct order_order *order)
{
    assert(order->lines_count == life->lines_count);
    const struct config *config = request_config(request);
    const int64_t now_us = request_now_us(request);
    struct order_replacement_line *lines =
        arena_allocate_array(request_arena(request), cause->parts_count, sizeof *lines);
    struct order_replacement_data data = {
        .replacement_id = request_new_id(request),
        .order_id = life->order_id,
        .return_id = cause->id,
        .group_id = life->group_id,
        .expires_at_us = now_us + config_duration_us(config, SETTING_TTL_RESERVATION),
        .lines = lines,
        .lines_count = list_lines(request, life, cause, order, lines),
        .tells_buyer = request_principal(request)->kind == PRINCIPAL_ADMIN,
        .has_is_claim = cause->is_claim,
        .is_claim = cause->is_claim,
    };
    list_stock(request_arena(request), cause, order, &data);
    return saga_begin(request, &replacement_saga, data.replacement_id, &data,
                      now_us + config_duration_us(config, SETTING_SAGA_DEADLINE));
}

/* ---- stock ---- */

/* `ret_parts` has room for all of them. */
static struct stock_wish stock_of(const struct order_replacement_data *replacement,
                                  struct stock_part ret_parts[LINE_STOCK_MAX])
{
    const bool has_stock = replacement->stock_count > 0;
    assert(replacement->lines_count <= LINE_STOCK_MAX);
    assert(replacement->stock_count <= LINE_STOCK_MAX);
    for (size_t i = 0; i < replacement->stock_count; i++)
        ret_parts[i] = (struct stock_part){ .variant_id = replacement->stock[i].variant_id,
                                            .quantity = replacement->stock[i].quantity };
    for (size_t i = 0; !has_stock && i < replacement->lines_count; i++)
        ret_parts[i] = (struct stock_part){ .variant_id = replacement->lines[i].variant_id,
                                            .quantity = replacement->lines[i].quantity };
    return (struct stock_wish){ .reservation_id = replacement->replacement_id,
                                .expires_at_us = replacement->expires_at_us,
                                .parts = ret_parts,
                                .count = (unsigned)(has_stock ? replacement->stock_count
                                                              : replacement->lines_count) };
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

static enum status begin_restock(struct saga *saga, const void *data, unsigned index,
                                 struct saga_ask **ret_ask)
{
    const struct order_replacement_data *replacement = data;
    const struct order_replacement_line *line = &replacement->lines[index];
    if (line->restocked == 0) return STATUS_OK;
    const struct catalog_restock_units command = { .variant_id = line->variant_id,
                                                   .restock_id = line->new_line_id,
                                                   .group_id = replacement->group_id,
                                                   .quantity = line->restocked };
    return saga_ask_begin(saga, index, &catalog_restock_units_message, &command, ret_ask);
}

static enum status begin_restock_parts(struct saga *saga, const void *data, unsigned index,
                                       struct saga_ask **ret_ask)
{
    const struct order_replacement_data *replacement = data;
    const struct order_recall_line *line = &replacement->restocks[index];
    const struct catalog_restock_units command = { .variant_id = line->variant_id,
                                                   .restock_id = line->restock_id,
                                                   .group_id = replacement->group_id,
                                                   .quantity = line->quantity };
    return saga_ask_begin(saga, index, &catalog_restock_units_message, &command, ret_ask);
}

/* A variant that is gone has no stock to which units could go back. */
static enum status restock(struct saga *saga, void *data)
{
    const struct order_replacement_data *replacement = data;
    const bool has_stock = replacement->stock_count > 0;
    const struct saga_asks asks = { .count = (unsigned)(has_stock ? replacement->restocks_count
                                                                  : replacement->lines_count),
                                    .begin = has_stock ? begin_restock_parts : begin_restock,
                                    .data = data,
                                    .as_good = STATUS_NOT_FOUND };
    TRY(saga_ask_all(saga, &asks, NULL));
    bool has_grown = false;
    for (size_t i = 0; i < replacement->lines_count; i++)
        has_grown = has_grown || replacement->lines[i].restocked > 0;
    if (!has_grown) return STATUS_OK;
    const struct order_note_restocked command = { .order_id = replacement->order_id,
                                                  .return_id = replacement->return_id };
    return saga_ask(saga, asks.count, &order_note_restocked_message, &command, NULL);
}

/* ---- the order ---- */

static enum status place_replacement(struct saga *saga, void *data)
{
    const struct order_replacement_data *replacement = data;
    const struct order_place_replacement command = { .order_id = replacement->order_id,
                                                     .replacement = *replacement };
    return saga_ask(saga, 0, &order_place_replacement_message, &command, NULL);
}

static enum status end_undone(struct saga *saga, void *data, enum status refusal)
{
    const struct order_replacement_data *replacement = data;
    const struct order_abandon_replacement command = { .order_id = replacement->order_id,
                                                       .replacement_id =
                                                           replacement->replacement_id,
                                                       .refusal = text_of(status_name(refusal)) };
    return saga_ask(saga, 0, &order_abandon_replacement_message, &command, NULL);
}

enum status order_handle_abandon_replacement(struct request *request,
                                             const struct order_abandon_replacement *command)
{
    return saga_end_undone(request, command->replacement_id, saga_read_refusal(command->refusal));
}

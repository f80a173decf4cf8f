/* The process of a recall: units were cancelled before it begins, so it only goes forward. The
 * refund's id names it, and each restock has an id of its own. */
#include "actors/order/order_life_recall.h"

#include "actors/order/order_life.h"
#include "actors/order/price.h"
#include "catalog_messages.h"
#include "order_messages.h"
#include "wallet_messages.h"

static enum status tell_recalled(struct saga *saga, void *data);
static enum status restock(struct saga *saga, void *data);
static enum status refund(struct saga *saga, void *data);
static enum status return_redemptions(struct saga *saga, void *data);
static enum status refund_card(struct saga *saga, void *data);
static enum status end_undone(struct saga *saga, void *data, enum status refusal);

/* The pivot stands in stage 0: before a later one, a process that was hindered for longer than its
 * deadline would be undone. */
static const struct saga_step recall_steps[] = {
    { .name = "tell_recalled", .stage = 0, .act = tell_recalled, .is_pivot = true },
    { .name = "restock", .stage = 1, .act = restock },
    { .name = "refund", .stage = 1, .act = refund },
    { .name = "return_redemptions", .stage = 1, .act = return_redemptions },
    { .name = "refund_card", .stage = 1, .act = refund_card },
};
/* Before there were cards: the table ends with those of the steps. */
enum { STEPS_WITHOUT_CARDS = 4 };
static_assert((int)PRICE_PROMOTIONS_MAX <= (int)SAGA_ASKS_MAX, "one ask per promotion");
static_assert((int)ORDER_LINES_MAX < (int)SAGA_ASKS_MAX, "one ask per line, and one that tells");

/* The first steps are the same: by what is in its data each knows what names it. A program that
 * knows version 1 only would restock and refund part of an order as if it were all of it, one that
 * knows 2 would keep what edits have paid, and one that knows 3 what cards have. */
const struct saga_kind recall_saga_1 = {
    .name = "recall",
    .version = 1,
    .data = &order_recall_data_schema,
    .steps = recall_steps,
    .steps_count = STEPS_WITHOUT_CARDS,
    .end_undone = end_undone,
};

const struct saga_kind recall_saga_2 = {
    .name = "recall",
    .version = 2,
    .data = &order_recall_data_schema,
    .steps = recall_steps,
    .steps_count = STEPS_WITHOUT_CARDS,
    .end_undone = end_undone,
};

const struct saga_kind recall_saga_3 = {
    .name = "recall",
    .version = 3,
    .data = &order_recall_data_schema,
    .steps = recall_steps,
    .steps_count = STEPS_WITHOUT_CARDS,
    .end_undone = end_undone,
};

const struct saga_kind recall_saga = {
    .name = "recall",
    .version = 4,
    .data = &order_recall_data_schema,
    .steps = recall_steps,
    .steps_count = ARRAY_LENGTH(recall_steps),
    .end_undone = end_undone,
};

static enum status tell_recalled(struct saga *saga, void *data)
{
    const struct order_recall_data *recall = data;
    const struct order_tell_recalled command = { .order_id = recall->order_id,
                                                 .has_refund_id = recall->has_refund_id,
                                                 .refund_id = recall->refund_id,
                                                 .has_is_created = recall->has_is_created,
                                                 .is_created = recall->is_created,
                                                 .tells_buyer = recall->tells_buyer };
    return saga_ask(saga, 0, &order_tell_recalled_message, &command, NULL);
}

/* Nothing before the pivot can be refused: it only reads what the first unit has written. */
static enum status end_undone(struct saga *saga, void *data, enum status refusal)
{
    (void)saga;
    (void)data;
    (void)refusal;
    return STATUS_INTERNAL;
}

static enum status begin_restock(struct saga *saga, const void *data, unsigned index,
                                 struct saga_ask **ret_ask)
{
    const struct order_recall_data *recall = data;
    const struct order_recall_line *line = &recall->lines[index];
    const struct catalog_restock_units command = {
        .variant_id = line->variant_id,
        .restock_id = line->has_restock_id ? line->restock_id : line->line_id,
        .group_id = recall->group_id,
        .quantity = line->quantity,
    };
    return saga_ask_begin(saga, index, &catalog_restock_units_message, &command, ret_ask);
}

/* A variant that is gone has no stock to which units could go back. */
enum status order_recall_restock(struct saga *saga, const struct order_recall_data *recall)
{
    const struct saga_asks asks = { .count = (unsigned)recall->lines_count,
                                    .begin = begin_restock,
                                    .data = recall,
                                    .as_good = STATUS_NOT_FOUND };
    TRY(saga_ask_all(saga, &asks, NULL));
    if (!recall->has_return_id || recall->lines_count == 0) return STATUS_OK;
    const struct order_note_restocked command = { .order_id = recall->order_id,
                                                  .return_id = recall->return_id };
    return saga_ask(saga, asks.count, &order_note_restocked_message, &command, NULL);
}

static enum status restock(struct saga *saga, void *data)
{
    return order_recall_restock(saga, data);
}

static enum status begin_return_use(struct saga *saga, const void *data, unsigned index,
                                    struct saga_ask **ret_ask)
{
    const struct order_recall_data *recall = data;
    const struct order_return_redemption command = { .promotion_id = recall->promotion_ids[index],
                                                     .group_id = recall->group_id };
    return saga_ask_begin(saga, index, &order_return_redemption_message, &command, ret_ask);
}

/* A use that the checkout has not taken yet is refused, and tried again until it was. */
static enum status return_redemptions(struct saga *saga, void *data)
{
    const struct order_recall_data *recall = data;
    const struct saga_asks asks = { .count = (unsigned)recall->promotion_ids_count,
                                    .begin = begin_return_use,
                                    .data = data };
    return saga_ask_all(saga, &asks, NULL);
}

static enum status refund_hold(struct saga *saga, unsigned index,
                               const struct order_recall_data *recall,
                               const struct order_other_refund *part, struct uuid refund_id)
{
    if (part->amount.amount == 0) return STATUS_OK;
    char order_id[ID_TEXT_MAX + 1];
    (void)id_format("ord", recall->order_id, order_id);
    const struct wallet_refund_purchase command = { .wallet_id = recall->user_id,
                                                    .refund_id = refund_id,
                                                    .hold_id = part->hold_id,
                                                    .amount = part->amount,
                                                    .reference = text_of(order_id) };
    return saga_ask(saga, index, &wallet_refund_purchase_message, &command, NULL);
}

/* A wallet has the id of its user. A refund that comes before the purchase was posted is refused,
 * and tried again until it was. What was paid by another hold goes back by a refund of its own. */
enum status order_recall_refund(struct saga *saga, const struct order_recall_data *recall)
{
    const struct uuid id = recall->has_refund_id ? recall->refund_id : recall->order_id;
    const struct order_other_refund whole = { .hold_id = recall->group_id,
                                              .amount = recall->refund };
    TRY(refund_hold(saga, 0, recall, &whole, id));
    for (unsigned i = 0; i < recall->other_refunds_count; i++)
        TRY(refund_hold(saga, i + 1, recall, &recall->other_refunds[i],
                        uuid_derive_named(id, TEXT("edit"), i)));
    return STATUS_OK;
}

static enum status refund(struct saga *saga, void *data)
{
    return order_recall_refund(saga, data);
}

enum status order_recall_pursue(struct saga *saga, unsigned index, struct uuid order_id,
                                struct uuid refund_id)
{
    const struct order_pursue_refund command = { .order_id = order_id, .refund_id = refund_id };
    return saga_ask(saga, index, &order_pursue_refund_message, &command, NULL);
}

/* The refund's row says what is to be done, and what was. */
static enum status refund_card(struct saga *saga, void *data)
{
    const struct order_recall_data *recall = data;
    if (!recall->has_card_refund && !recall->has_card_to_wallet) return STATUS_OK;
    return order_recall_pursue(saga, 0, recall->card_order_id, recall->card_refund_id);
}

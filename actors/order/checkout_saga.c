/* A checkout: stock and money are set aside side by side, then the orders are placed (the pivot),
 * then stock is committed and money posted. The group's id also names the reservation and the hold,
 * so that every step is safe to repeat. */
#include "actors/order/checkout_saga.h"

#include "actors/order/card_steps.h"
#include "actors/order/line_stock.h"
#include "actors/order/order.h"
#include "catalog_messages.h"
#include "order_messages.h"
#include "wallet_messages.h"

enum { SET_ASIDE_GIVE_UP_US = 10 * 1000 * 1000 };

static enum status reserve_stock(struct saga *saga, void *data);
static enum status release_stock(struct saga *saga, void *data);
static enum status hold_funds(struct saga *saga, void *data);
static enum status void_hold(struct saga *saga, void *data);
static enum status place_group(struct saga *saga, void *data);
static enum status commit_stock(struct saga *saga, void *data);
static enum status post_hold(struct saga *saga, void *data);
static enum status hold_redemptions(struct saga *saga, void *data);
static enum status release_redemptions(struct saga *saga, void *data);
static enum status use_redemptions(struct saga *saga, void *data);
static enum status abandon_group(struct saga *saga, void *data, enum status refusal);

/* Checkouts of before promotions: a table of steps is never edited. It goes when no market can have
 * one under way any more. */
static const struct saga_step checkout_steps_1[] = {
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
    { .name = "place_group", .stage = 2, .act = place_group, .is_pivot = true },
    { .name = "commit_stock", .stage = 3, .act = commit_stock },
    { .name = "post_hold", .stage = 3, .act = post_hold },
};
static const struct saga_step checkout_steps[] = {
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
    { .name = "hold_redemptions",
      .stage = 1,
      .act = hold_redemptions,
      .undo = release_redemptions,
      .give_up_us = SET_ASIDE_GIVE_UP_US },
    { .name = "place_group", .stage = 2, .act = place_group, .is_pivot = true },
    { .name = "commit_stock", .stage = 3, .act = commit_stock },
    { .name = "post_hold", .stage = 3, .act = post_hold },
    { .name = "use_redemptions", .stage = 3, .act = use_redemptions },
};
static const struct saga_step checkout_card_steps[] = {
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
    { .name = "hold_redemptions",
      .stage = 1,
      .act = hold_redemptions,
      .undo = release_redemptions,
      .give_up_us = SET_ASIDE_GIVE_UP_US },
    { .name = "authorise_card",
      .stage = 1,
      .act = card_steps_authorise,
      .undo = card_steps_release,
      .give_up_us = SET_ASIDE_GIVE_UP_US },
    { .name = "place_group", .stage = 2, .act = place_group, .is_pivot = true },
    { .name = "commit_stock", .stage = 3, .act = commit_stock },
    { .name = "post_hold", .stage = 3, .act = post_hold },
    { .name = "use_redemptions", .stage = 3, .act = use_redemptions },
    { .name = "take_card", .stage = 3, .act = card_steps_take },
};
static_assert(ARRAY_LENGTH(checkout_steps) <= SAGA_STEPS_MAX, "too many steps");
static_assert(ARRAY_LENGTH(checkout_card_steps) <= SAGA_STEPS_MAX, "too many steps");
static_assert((int)LINE_STOCK_MAX < (int)SAGA_ASKS_MAX, "one ask per variant");
static_assert((int)CART_LINES_MAX <= (int)LINE_STOCK_MAX, "or one per line");
static_assert((int)PRICE_PROMOTIONS_MAX <= (int)SAGA_ASKS_MAX, "one ask per promotion");

const struct saga_kind checkout_saga_1 = {
    .name = "checkout",
    .version = 1,
    .data = &order_checkout_data_schema,
    .steps = checkout_steps_1,
    .steps_count = ARRAY_LENGTH(checkout_steps_1),
    .end_undone = abandon_group,
};

const struct saga_kind checkout_saga = {
    .name = "checkout",
    .version = 2,
    .data = &order_checkout_data_schema,
    .steps = checkout_steps,
    .steps_count = ARRAY_LENGTH(checkout_steps),
    .end_undone = abandon_group,
};

const struct saga_kind checkout_card_saga = {
    .name = "checkout",
    .version = 3,
    .data = &order_checkout_data_schema,
    .steps = checkout_card_steps,
    .steps_count = ARRAY_LENGTH(checkout_card_steps),
    .end_undone = abandon_group,
};

/* --- stock: one ask per line, all at once; where there are bundles, one per variant, summed over
 * the basket --- */

static size_t stock_count(const struct order_checkout_data *checkout)
{
    return checkout->stock_count > 0 ? checkout->stock_count : checkout->lines_count;
}

static struct order_stock_units stock_at(const struct order_checkout_data *checkout, size_t index)
{
    if (checkout->stock_count > 0) return checkout->stock[index];
    return (struct order_stock_units){ checkout->lines[index].variant_id,
                                       checkout->lines[index].quantity };
}

struct line_outcome {
    enum status status;
    bool is_known; /* how many there are */
    int64_t available;
};

static void hear_line(struct saga *saga, void *listener, unsigned index, enum status status)
{
    struct line_outcome *outcome = &((struct line_outcome *)listener)[index];
    struct request_fault fault;
    *outcome = (struct line_outcome){ .status = status };
    if (status == STATUS_INSUFFICIENT_STOCK && saga_last_fault(saga, &fault)) {
        outcome->is_known = fault.has_amounts;
        outcome->available = fault.available;
    }
}

static enum status ask_for_lines(struct saga *saga, const struct order_checkout_data *checkout,
                                 saga_begin_one *begin)
{
    const struct saga_asks asks = { .count = (unsigned)stock_count(checkout),
                                    .begin = begin,
                                    .data = checkout };
    return saga_ask_all(saga, &asks, NULL);
}

static enum status begin_reserve(struct saga *saga, const void *data, unsigned index,
                                 struct saga_ask **ret_ask)
{
    const struct order_checkout_data *checkout = data;
    const struct order_stock_units units = stock_at(checkout, index);
    const struct catalog_reserve_stock command = { .variant_id = units.variant_id,
                                                   .reservation_id = checkout->group_id,
                                                   .quantity = units.quantity,
                                                   .expires_at_us = checkout->expires_at_us };
    return saga_ask_begin(saga, index, &catalog_reserve_stock_message, &command, ret_ask);
}

static void explain_line(struct saga *saga, const struct order_checkout_line *line,
                         const struct line_outcome *outcome)
{
    char line_id[ID_TEXT_MAX + 1];
    (void)id_format("lin", line->line_id, line_id);
    const struct request_fault fault = {
        .pointer = text_format(saga_arena(saga), "/lines/%s", line_id).data,
        .code = STATUS_INSUFFICIENT_STOCK,
        .detail = line->name,
        .has_amounts = outcome->is_known,
        .requested = line->quantity,
        .available = outcome->available
    };
    saga_add_fault(saga, &fault);
}

/* Of a bundle there are as many as its scarcest part allows. False: none of it is short. */
static bool find_shortage(const struct order_checkout_data *checkout,
                          const struct order_checkout_line *line,
                          const struct line_outcome *outcomes, struct line_outcome *ret_outcome)
{
    bool is_short = false;
    for (size_t i = 0; i < stock_count(checkout); i++) {
        const struct uuid variant_id = stock_at(checkout, i).variant_id;
        struct line_outcome outcome = outcomes[i];
        if (outcome.status != STATUS_INSUFFICIENT_STOCK) continue;
        bool is_of_line = line->parts_count == 0 && uuid_equals(variant_id, line->variant_id);
        for (size_t k = 0; k < line->parts_count; k++) {
            if (!uuid_equals(variant_id, line->parts[k].variant_id)) continue;
            is_of_line = true;
            outcome.available /= line->parts[k].quantity;
        }
        if (!is_of_line || (is_short && ret_outcome->available <= outcome.available)) continue;
        *ret_outcome = outcome;
        is_short = true;
    }
    return is_short;
}

static void explain_shortage(struct saga *saga, const struct order_checkout_data *checkout,
                             const struct line_outcome *outcomes)
{
    struct line_outcome outcome;
    for (size_t i = 0; i < checkout->lines_count; i++)
        if (find_shortage(checkout, &checkout->lines[i], outcomes, &outcome))
            explain_line(saga, &checkout->lines[i], &outcome);
}

static enum status reserve_stock(struct saga *saga, void *data)
{
    const struct order_checkout_data *checkout = data;
    struct line_outcome outcomes[LINE_STOCK_MAX];
    const struct saga_asks asks = { .count = (unsigned)stock_count(checkout),
                                    .begin = begin_reserve,
                                    .data = data,
                                    .hear = hear_line,
                                    .listener = outcomes };
    const enum status status = saga_ask_all(saga, &asks, NULL);
    if (status == STATUS_OK || saga_is_undecided(status)) return status;
    explain_shortage(saga, checkout, outcomes);
    return status;
}

static enum status begin_release(struct saga *saga, const void *data, unsigned index,
                                 struct saga_ask **ret_ask)
{
    const struct order_checkout_data *checkout = data;
    const struct catalog_release_stock command = { .variant_id =
                                                       stock_at(checkout, index).variant_id,
                                                   .reservation_id = checkout->group_id };
    return saga_ask_begin(saga, index, &catalog_release_stock_message, &command, ret_ask);
}

static enum status release_stock(struct saga *saga, void *data)
{
    return ask_for_lines(saga, data, begin_release);
}

static enum status begin_commit(struct saga *saga, const void *data, unsigned index,
                                struct saga_ask **ret_ask)
{
    const struct order_checkout_data *checkout = data;
    const struct catalog_commit_stock command = { .variant_id =
                                                      stock_at(checkout, index).variant_id,
                                                  .reservation_id = checkout->group_id };
    return saga_ask_begin(saga, index, &catalog_commit_stock_message, &command, ret_ask);
}

static enum status commit_stock(struct saga *saga, void *data)
{
    return ask_for_lines(saga, data, begin_commit);
}

/* --- money: a wallet has the id of its user; where nothing comes from it, it is not asked --- */

static enum status hold_funds(struct saga *saga, void *data)
{
    const struct order_checkout_data *checkout = data;
    const struct money amount = order_wallet_part(checkout);
    if (amount.amount == 0) return STATUS_OK;
    char group_id[ID_TEXT_MAX + 1];
    (void)id_format("og", checkout->group_id, group_id);
    const struct wallet_hold_funds command = { .wallet_id = checkout->user_id,
                                               .hold_id = checkout->group_id,
                                               .amount = amount,
                                               .reference = text_of(group_id),
                                               .expires_at_us = checkout->expires_at_us };
    return saga_ask(saga, 0, &wallet_hold_funds_message, &command, NULL);
}

static enum status void_hold(struct saga *saga, void *data)
{
    const struct order_checkout_data *checkout = data;
    if (order_wallet_part(checkout).amount == 0) return STATUS_OK;
    const struct wallet_void_hold command = { .wallet_id = checkout->user_id,
                                              .hold_id = checkout->group_id };
    return saga_ask(saga, 0, &wallet_void_hold_message, &command, NULL);
}

static enum status post_hold(struct saga *saga, void *data)
{
    const struct order_checkout_data *checkout = data;
    if (order_wallet_part(checkout).amount == 0) return STATUS_OK;
    const struct wallet_post_hold command = { .wallet_id = checkout->user_id,
                                              .hold_id = checkout->group_id };
    return saga_ask(saga, 0, &wallet_post_hold_message, &command, NULL);
}

/* --- promotions with limits: one use of each is set aside, by its own actor --- */

static enum status ask_for_promotions(struct saga *saga, const struct order_checkout_data *checkout,
                                      saga_begin_one *begin, unsigned *ret_index)
{
    const struct saga_asks asks = { .count = (unsigned)checkout->promotions_count,
                                    .begin = begin,
                                    .data = checkout };
    return saga_ask_all(saga, &asks, ret_index);
}

static enum status begin_hold(struct saga *saga, const void *data, unsigned index,
                              struct saga_ask **ret_ask)
{
    const struct order_checkout_data *checkout = data;
    if (!checkout->promotions[index].is_limited) return STATUS_OK;
    const struct order_hold_redemption command = {
        .promotion_id = checkout->promotions[index].promotion_id,
        .group_id = checkout->group_id,
        .customer = checkout->customer,
        .priced_at_us = checkout->priced_at_us,
        .expires_at_us = checkout->expires_at_us,
    };
    return saga_ask_begin(saga, index, &order_hold_redemption_message, &command, ret_ask);
}

/* What it would cost without what is used up; false: nobody can say now. */
static bool requote(struct saga *saga, const struct order_checkout_data *checkout,
                    struct money *ret_total)
{
    const struct order_requote_cart query = { .cart_id = checkout->cart_id,
                                              .group_id = checkout->group_id,
                                              .customer = checkout->customer };
    struct order_requoted_total now;
    if (saga_ask(saga, PRICE_PROMOTIONS_MAX, &order_requote_cart_message, &query, &now) !=
            STATUS_OK ||
        !money_same_currency(now.total, checkout->total))
        return false;
    *ret_total = now.total;
    return true;
}

/* A use that somebody else has taken meanwhile means another price. */
static enum status hold_redemptions(struct saga *saga, void *data)
{
    const struct order_checkout_data *checkout = data;
    unsigned index = 0;
    const enum status status = ask_for_promotions(saga, checkout, begin_hold, &index);
    if (status != STATUS_PROMOTION_EXHAUSTED && status != STATUS_PROMOTION_UNAVAILABLE)
        return status;
    const struct order_checkout_promotion *promotion = &checkout->promotions[index];
    struct money total = checkout->total;
    struct request_fault fault = {
        .pointer = "/expected_total",
        .code = status,
        .detail = promotion->has_code ? promotion->code : promotion->name,
    };
    fault.has_amounts = requote(saga, checkout, &total);
    fault.requested = checkout->total.amount;
    fault.available = total.amount;
    saga_add_fault(saga, &fault);
    return STATUS_TOTALS_CHANGED;
}

static enum status begin_release_use(struct saga *saga, const void *data, unsigned index,
                                     struct saga_ask **ret_ask)
{
    const struct order_checkout_data *checkout = data;
    if (!checkout->promotions[index].is_limited) return STATUS_OK;
    const struct order_release_redemption command = { .promotion_id =
                                                          checkout->promotions[index].promotion_id,
                                                      .group_id = checkout->group_id };
    return saga_ask_begin(saga, index, &order_release_redemption_message, &command, ret_ask);
}

static enum status release_redemptions(struct saga *saga, void *data)
{
    return ask_for_promotions(saga, data, begin_release_use, NULL);
}

static enum status begin_use(struct saga *saga, const void *data, unsigned index,
                             struct saga_ask **ret_ask)
{
    const struct order_checkout_data *checkout = data;
    if (!checkout->promotions[index].is_limited) return STATUS_OK;
    const struct order_use_redemption command = { .promotion_id =
                                                      checkout->promotions[index].promotion_id,
                                                  .group_id = checkout->group_id };
    return saga_ask_begin(saga, index, &order_use_redemption_message, &command, ret_ask);
}

static enum status use_redemptions(struct saga *saga, void *data)
{
    return ask_for_promotions(saga, data, begin_use, NULL);
}

/* --- orders: this domain's own commands --- */

static enum status place_group(struct saga *saga, void *data)
{
    const struct order_checkout_data *checkout = data;
    const struct order_place_group command = { .cart_id = checkout->cart_id,
                                               .checkout = *checkout };
    return saga_ask(saga, 0, &order_place_group_message, &command, NULL);
}

static enum status abandon_group(struct saga *saga, void *data, enum status refusal)
{
    const struct order_checkout_data *checkout = data;
    const struct order_abandon_group command = { .cart_id = checkout->cart_id,
                                                 .group_id = checkout->group_id,
                                                 .refusal = text_of(status_name(refusal)) };
    return saga_ask(saga, 0, &order_abandon_group_message, &command, NULL);
}

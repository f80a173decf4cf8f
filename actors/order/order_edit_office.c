/* Edits as vendors and staff propose them, and buyers agree to them or do not. */
#include "actors/order/order_edit_saga.h"
#include "actors/order/order_life_door.h"
#include "actors/order/order_life_notice.h"
#include "order_handlers.h"

/* ---- proposed ---- */

struct proposal {
    struct uuid order_id;
    struct versions versions;
    const struct order_shipment_line *lines;
    size_t lines_count;
    struct text reason;
};
#define PROPOSAL_OF(command)                                                                       \
    (&(struct proposal){ (command)->order_id, VERSIONS_OF(command), (command)->lines,              \
                         (command)->lines_count, (command)->reason })

static enum status require_room(struct request *request, const struct order_life *life,
                                size_t added)
{
    if (life->lines_count + added <= ORDER_LINES_MAX) return STATUS_OK;
    return request_refuse_full(request, "/lines", STATUS_TOO_MANY_LINES, ORDER_LINES_MAX,
                               "What is added stands in lines of its own.");
}

static enum status require_none_open(struct request *request, const struct order_edit_row *edits,
                                     size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (edits[i].shown.status == ORDER_EDIT_STATUS_OPEN)
            return request_refuse(request, "", STATUS_EDIT_OPEN, NULL);
    if (count < ORDER_EDITS_MAX) return STATUS_OK;
    return request_refuse_full(request, "", STATUS_TOO_MANY_EDITS, ORDER_EDITS_MAX,
                               "An order has so many edits, those that have ended too.");
}

static enum status choose(struct request *request, const struct order_life *life,
                          const struct proposal *proposal, const struct order_order *order,
                          size_t ret_lines[ORDER_LINES_MAX])
{
    struct shipment_wish wishes[ORDER_LINES_MAX];
    order_life_wishes(proposal->lines, proposal->lines_count, wishes);
    const struct shipment_refusal refusal =
        order_edit_choose(life, wishes, proposal->lines_count, ret_lines);
    TRY(order_life_refuse_units(request, &refusal, proposal->lines));
    /* A reservation sets goods aside once: two lines may have the same since an earlier edit. */
    for (size_t i = 0; i < proposal->lines_count; i++)
        for (size_t before = 0; before < i; before++)
            if (uuid_equals(order->lines[ret_lines[i]].variant_id,
                            order->lines[ret_lines[before]].variant_id))
                return request_refuse(request, request_pointer_at(request, "/lines", i),
                                      STATUS_INVALID_VALUE,
                                      "The goods stand there before: name goods once.");
    return STATUS_OK;
}

struct rates {
    const struct order_edit_rate *all;
    size_t count;
};

static enum status price_part(struct request *request, const struct order_order_line *line,
                              int64_t quantity, const struct rates *rates,
                              struct order_edit_part *part)
{
    struct uuid *rate_ids =
        arena_allocate_array(request_arena(request), PRICE_RATES_MAX, sizeof *rate_ids);
    int64_t ppm[PRICE_RATES_MAX];
    struct order_edit_terms terms = { .unit_amount = line->unit_price.amount, .ppm = ppm };
    for (size_t i = 0; i < rates->count; i++) {
        if (!uuid_equals(rates->all[i].line_id, line->id)) continue;
        if (terms.rates_count == PRICE_RATES_MAX) return STATUS_CORRUPT;
        rate_ids[terms.rates_count] = rates->all[i].rate_id;
        ppm[terms.rates_count++] = rates->all[i].ppm;
        terms.prices_include_tax = rates->all[i].is_included;
    }
    const char *currency = line->unit_price.currency;
    TRY(order_edit_price(&terms, quantity, &part->price));
    part->rate_ids = rate_ids;
    part->rates_count = terms.rates_count;
    part->line = (struct order_edit_line){ .line_id = line->id,
                                           .new_line_id = request_new_id(request),
                                           .quantity = quantity,
                                           .unit_price = line->unit_price,
                                           .tax = money_make(part->price.tax, currency),
                                           .total = money_make(part->price.items, currency) };
    return STATUS_OK;
}

/* Prices what is added, and sums it up. */
static enum status make_parts(struct request *request, const struct proposal *proposal,
                              const struct order_order *order, const size_t *places,
                              struct order_edit *edit, const struct order_edit_part **ret_parts)
{
    struct arena *arena = request_arena(request);
    const size_t count = proposal->lines_count;
    struct order_edit_part *parts = arena_allocate_array(arena, count, sizeof *parts);
    struct order_edit_line *lines = arena_allocate_array(arena, count, sizeof *lines);
    struct rates rates;
    int64_t items = 0, total = order->totals.total.amount;
    TRY(order_edit_store_load_rates(request, order->id, &rates.all, &rates.count));
    for (size_t i = 0; i < count; i++) {
        const enum status priced = price_part(request, &order->lines[places[i]],
                                              proposal->lines[i].quantity, &rates, &parts[i]);
        if (priced != STATUS_OK && priced != STATUS_OUT_OF_RANGE) return priced;
        if (priced == STATUS_OUT_OF_RANGE ||
            __builtin_add_overflow(total, parts[i].price.total, &total))
            return request_refuse(request, "/lines", STATUS_OUT_OF_RANGE,
                                  "It would cost more than an order can.");
        items += parts[i].price.items;
        lines[i] = parts[i].line;
    }
    const char *currency = order->totals.total.currency;
    edit->lines = lines;
    edit->lines_count = count;
    edit->total = money_make(total - order->totals.total.amount, currency);
    edit->tax = money_make(edit->total.amount - items, currency);
    *ret_parts = parts;
    return STATUS_OK;
}

static enum status propose(struct request *request, const struct proposal *proposal,
                           struct order_edit *ret_reply)
{
    struct order_life *life;
    struct order_order order;
    struct order_edit_row *edits;
    size_t places[ORDER_LINES_MAX], count;
    bool from_wallet;
    const struct order_edit_part *parts;
    const struct order_terms terms = order_life_terms(request);
    TRY(order_life_open(request, proposal->order_id, TEXT(""), &life));
    if (!versions_have(proposal->versions, life->version)) return STATUS_PRECONDITION_FAILED;
    TRY(order_life_require(request, life->state, ORDER_TRIGGER_PROPOSE_EDIT));
    TRY(order_edit_pays(life, &from_wallet));
    TRY(order_edit_store_list(request, life, &edits, &count));
    TRY(require_none_open(request, edits, count));
    TRY(require_room(request, life, proposal->lines_count));
    TRY(order_life_answer(request, life, &order));
    TRY(choose(request, life, proposal, &order, places));
    struct order_edit edit = {
        .id = request_new_id(request),
        .order_id = life->order_id,
        .status = ORDER_EDIT_STATUS_OPEN,
        .reason = proposal->reason,
        .payment = from_wallet ? ORDER_EDIT_PAYMENT_WALLET : ORDER_EDIT_PAYMENT_ON_DELIVERY,
        .proposed_at_us = terms.now_us,
        .expires_at_us = terms.now_us +
                         config_duration_us(request_config(request), SETTING_MARKET_EDIT_DEADLINE),
    };
    TRY(make_parts(request, proposal, &order, places, &edit, &parts));
    TRY(order_life_pull(life, ORDER_TRIGGER_PROPOSE_EDIT, &terms));
    life->changes[life->changes_count - 1].note = proposal->reason;
    order_edit_store_add(request, &edit, parts);
    TRY(order_life_save(request, life));
    TRY(order_life_tell(request, life, NULL));
    request_audit(request, "edt", edit.id, (struct text){ 0 });
    *ret_reply = edit;
    return STATUS_OK;
}

enum status order_handle_propose_edit(struct request *request,
                                      const struct order_propose_edit *command,
                                      struct order_edit *ret_reply)
{
    return propose(request, PROPOSAL_OF(command), ret_reply);
}

enum status order_handle_propose_any_edit(struct request *request,
                                          const struct order_propose_any_edit *command,
                                          struct order_edit *ret_reply)
{
    return propose(request, PROPOSAL_OF(command), ret_reply);
}

/* ---- seen ---- */

static enum status list(struct request *request, struct uuid order_id, struct text token,
                        struct order_edit_list *ret_reply)
{
    struct order_life *life;
    struct order_edit_row *rows;
    size_t count;
    TRY(order_life_open(request, order_id, token, &life));
    TRY(order_edit_store_list(request, life, &rows, &count));
    struct order_edit *edits = arena_allocate_array(request_arena(request), count, sizeof *edits);
    for (size_t i = 0; i < count; i++)
        edits[i] = rows[i].shown;
    ret_reply->data = edits;
    ret_reply->data_count = count;
    return STATUS_OK;
}

enum status order_handle_list_edits(struct request *request, const struct order_list_edits *query,
                                    struct order_edit_list *ret_reply)
{
    return list(request, query->order_id, query->has_token ? query->token : TEXT(""), ret_reply);
}

enum status order_handle_list_vendor_edits(struct request *request,
                                           const struct order_list_vendor_edits *query,
                                           struct order_edit_list *ret_reply)
{
    return list(request, query->order_id, TEXT(""), ret_reply);
}

enum status order_handle_list_any_edits(struct request *request,
                                        const struct order_list_any_edits *query,
                                        struct order_edit_list *ret_reply)
{
    return list(request, query->order_id, TEXT(""), ret_reply);
}

/* ---- answered ---- */

static enum status find_edit(struct request *request, const struct order_life *life,
                             struct uuid edit_id, struct order_edit_row *ret_edit)
{
    struct order_edit_row *rows;
    size_t count;
    TRY(order_edit_store_list(request, life, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        if (!uuid_equals(rows[i].shown.id, edit_id)) continue;
        *ret_edit = rows[i];
        return STATUS_OK;
    }
    return STATUS_NOT_FOUND;
}

static enum status require_open(struct request *request, const struct order_edit *edit)
{
    return edit->status == ORDER_EDIT_STATUS_OPEN
               ? STATUS_OK
               : request_refuse(request, "", STATUS_EDIT_ENDED, NULL);
}

enum status order_handle_decline_edit(struct request *request,
                                      const struct order_decline_edit *command,
                                      struct order_edit *ret_reply)
{
    struct order_life *life;
    struct order_edit_row edit;
    const struct order_terms terms = order_life_terms(request);
    TRY(order_life_open(request, command->order_id, command->has_token ? command->token : TEXT(""),
                        &life));
    if (!versions_have(VERSIONS_OF(command), life->version)) return STATUS_PRECONDITION_FAILED;
    TRY(find_edit(request, life, command->edit_id, &edit));
    TRY(require_open(request, &edit.shown));
    TRY(order_life_require(request, life->state, ORDER_TRIGGER_DECLINE_EDIT));
    TRY(order_life_pull(life, ORDER_TRIGGER_DECLINE_EDIT, &terms));
    life->changes[life->changes_count - 1].note = edit.shown.reason;
    order_edit_store_decline(request, &edit.shown);
    TRY(order_life_save(request, life));
    TRY(order_life_tell(request, life, NULL));
    *ret_reply = edit.shown;
    ret_reply->status = ORDER_EDIT_STATUS_DECLINED;
    ret_reply->has_ended_at = true;
    ret_reply->ended_at_us = terms.now_us;
    return STATUS_OK;
}

/* What it is paid by is what was proposed: an order of which units were cancelled meanwhile may owe
 * nothing any more. */
static enum status require_payment(const struct order_life *life, const struct order_edit *edit)
{
    bool from_wallet;
    TRY(order_edit_pays(life, &from_wallet));
    return from_wallet == (edit->payment == ORDER_EDIT_PAYMENT_WALLET) ? STATUS_OK
                                                                       : STATUS_NOT_EDITABLE;
}

/* Nothing is written yet: two who agree at once both set aside what they need, and the pivot takes
 * the first. */
enum status order_handle_accept_edit(struct request *request,
                                     const struct order_accept_edit *command,
                                     struct order_edit *ret_reply)
{
    struct order_life *life;
    struct order_edit_row edit;
    struct order_order order;
    TRY(order_life_open(request, command->order_id, command->has_token ? command->token : TEXT(""),
                        &life));
    if (!versions_have(VERSIONS_OF(command), life->version)) return STATUS_PRECONDITION_FAILED;
    TRY(find_edit(request, life, command->edit_id, &edit));
    TRY(require_open(request, &edit.shown));
    TRY(order_life_require(request, life->state, ORDER_TRIGGER_APPLY_EDIT));
    TRY(require_payment(life, &edit.shown));
    TRY(require_room(request, life, edit.shown.lines_count));
    TRY(order_life_answer(request, life, &order));
    TRY(order_edit_begin(request, life, &edit.shown, &order));
    *ret_reply = edit.shown;
    return STATUS_OK;
}

/* The pivot. Asked again, the edit was applied by this very attempt. */
enum status order_handle_apply_edit(struct request *request, const struct order_apply_edit *command,
                                    struct order_edit *ret_reply)
{
    struct order_life *life;
    struct order_edit_row edit;
    const struct order_edit_data *made = &command->edit;
    const struct order_terms terms = order_life_terms(request);
    TRY(order_life_open(request, command->order_id, TEXT(""), &life));
    TRY(find_edit(request, life, made->edit_id, &edit));
    *ret_reply = edit.shown;
    if (uuid_equals(edit.attempt_id, made->attempt_id)) return STATUS_OK;
    TRY(require_open(request, &edit.shown));
    if (terms.now_us > made->expires_at_us) return STATUS_CHECKOUT_EXPIRED;
    TRY(order_life_require(request, life->state, ORDER_TRIGGER_APPLY_EDIT));
    TRY(require_payment(life, &edit.shown));
    TRY(require_room(request, life, edit.shown.lines_count));
    TRY(order_edit_apply(life, edit.shown.total.amount,
                         edit.shown.payment == ORDER_EDIT_PAYMENT_WALLET, edit.shown.reason,
                         &terms));
    order_edit_store_apply(request, &edit.shown, made->attempt_id);
    TRY(order_life_save(request, life));
    TRY(order_life_tell(request, life, NULL));
    ret_reply->status = ORDER_EDIT_STATUS_APPLIED;
    ret_reply->has_ended_at = true;
    ret_reply->ended_at_us = terms.now_us;
    return saga_reach_pivot(request, made->attempt_id, 200);
}

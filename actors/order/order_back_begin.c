/* Takes units out of an order and begins to bring them back. */
#include "actors/order/order_back_begin.h"

#include "actors/order/line_stock.h"
#include "actors/order/order_approval.h"
#include "actors/order/order_back_store.h"
#include "actors/order/order_history.h"
#include "actors/order/order_life_recall.h"
#include "actors/order/order_offline.h"

/* Both were read from what is committed, but not at the same time. */
static enum status place_units(const struct order_life *life, const int64_t line_units[],
                               bool with_deliveries, const struct order_back *back,
                               int64_t ret_units[])
{
    if (back->subjects_count < life->lines_count) return STATUS_CONFLICT;
    for (size_t i = 0; i < back->subjects_count; i++) {
        const struct order_subject *subject = &back->subjects[i];
        const bool is_line = i < life->lines_count;
        if (is_line && !uuid_equals(subject->id, life->lines[i].id)) return STATUS_CONFLICT;
        ret_units[i] = 0;
        if (is_line)
            ret_units[i] = line_units[i];
        else if (with_deliveries)
            ret_units[i] = subject->price.quantity - subject->gone;
    }
    return STATUS_OK;
}

enum status order_back_require_room(struct request *request, const struct order_order *order)
{
    if (order->cancellations_count < ORDER_CANCELLATIONS_MAX) return STATUS_OK;
    return request_refuse_full(request, "", STATUS_TOO_MANY_CANCELLATIONS, ORDER_CANCELLATIONS_MAX,
                               "An order is cancelled in so many parts.");
}

enum status order_back_reckon(struct request *request, const struct order_life *life,
                              const struct order_back_wish *wish, struct order_back *ret_back)
{
    struct order_back back = { .id = uuid_is_zero(wish->id) ? request_new_id(request) : wish->id,
                               .order_id = life->order_id,
                               .sequence = wish->sequence };
    int64_t all_units[ORDER_SUBJECTS_MAX];
    TRY(order_back_store_load(request, life->order_id, &back.subjects, &back.subjects_count));
    TRY(place_units(life, wish->units, wish->with_deliveries, &back, all_units));
    const enum status planned =
        order_back_plan(back.subjects, back.subjects_count, all_units, order_back_sources_of(life),
                        wish->destination, request_arena(request), &back);
    if (planned == STATUS_OUT_OF_RANGE) return STATUS_CONFLICT;
    if (planned != STATUS_OK) return STATUS_CORRUPT;
    *ret_back = back;
    return STATUS_OK;
}

/* Only where a line tells of an edit that was paid are there other holds than the group's. */
static enum status share_holds(struct request *request, struct uuid order_id,
                               struct order_back *back)
{
    bool has_holds = back->subjects_count == 0; /* a plain amount: it is not known */
    for (size_t i = 0; i < back->subjects_count; i++)
        has_holds = has_holds || !uuid_is_zero(back->subjects[i].hold_id);
    if (!has_holds || back->ways.wallet == 0) return STATUS_OK;
    const struct order_back_hold *left;
    size_t count;
    TRY(order_back_store_load_holds(request, order_id, &left, &count));
    order_back_share(left, count, request_arena(request), back);
    return STATUS_OK;
}

enum status order_back_write(struct request *request, struct order_life *life,
                             struct order_back *back)
{
    TRY(share_holds(request, life->order_id, back));
    order_back_apply(life, back);
    order_back_store_add(request, life->order_id, back);
    return STATUS_OK;
}

enum status order_back_take(struct request *request, struct order_life *life,
                            const struct order_back_wish *wish, struct order_back *ret_back)
{
    struct order_back back;
    TRY(order_back_reckon(request, life, wish, &back));
    TRY(order_back_write(request, life, &back));
    *ret_back = back;
    return STATUS_OK;
}

bool order_back_gives_delivery(struct request *request, bool is_whole)
{
    enum { WHOLE, NEVER }; /* in the order of the setting */
    return is_whole && config_int(request_config(request), SETTING_MARKET_RETURN_DELIVERY) != NEVER;
}

enum status order_back_take_arrived(struct request *request, struct order_life *life,
                                    const int64_t units[], bool is_whole,
                                    struct order_back *ret_back)
{
    const struct order_back_wish wish = {
        .units = units,
        .with_deliveries = order_back_gives_delivery(request, is_whole),
        .sequence = life->version,
    };
    return order_back_take(request, life, &wish, ret_back);
}

/* ---- what is answered ---- */

static struct order_cancelled_line
show_part(const struct order_back *back, const struct order_back_part *part, const char *currency)
{
    return (struct order_cancelled_line){ .line_id = back->subjects[part->subject].id,
                                          .quantity = part->units,
                                          .discount = money_make(part->share.discount, currency),
                                          .tax = money_make(part->share.tax, currency),
                                          .total = money_make(part->share.total, currency) };
}

static struct order_cancellation show(struct request *request, const struct order_life *life,
                                      const struct order_back *back, const char *currency)
{
    struct order_cancelled_line *lines =
        arena_allocate_array(request_arena(request), back->parts_count, sizeof *lines);
    size_t count = 0;
    int64_t delivery = back->total;
    for (size_t i = 0; i < back->parts_count; i++) {
        if (back->parts[i].subject >= life->lines_count) continue;
        lines[count++] = show_part(back, &back->parts[i], currency);
        delivery -= back->parts[i].share.total;
    }
    const int64_t first = life->version - (int64_t)life->changes_count + 1;
    const struct text reason = life->changes[back->sequence - first].note;
    return (struct order_cancellation){
        .id = back->id,
        .sequence = back->sequence,
        .actor = order_history_actor_of(request),
        .at_us = request_now_us(request),
        .has_reason = reason.length > 0,
        .reason = reason,
        .lines = lines,
        .lines_count = count,
        .delivery = money_make(delivery, currency),
        .total = money_make(back->total, currency),
        .has_set_off = back->set_off > 0,
        .set_off = money_make(back->set_off, currency),
        .waived = money_make(back->ways.waived, currency),
        .refunded = money_make(order_back_to_wallet(back), currency),
        .has_card = back->ways.card > 0,
        .card = { .amount = money_make(back->ways.card, currency) },
        .has_manual = order_back_manual(back) > 0,
        .manual = money_make(order_back_manual(back), currency),
        .has_refund_id = order_back_manual(back) > 0 || back->ways.card > 0,
        .refund_id = back->id,
    };
}

static void add_cancellation(struct request *request, const struct order_life *life,
                             const struct order_back *back, struct order_order *order)
{
    const size_t count = order->cancellations_count;
    struct order_cancellation *all =
        arena_allocate_array(request_arena(request), count + 1, sizeof *all);
    for (size_t i = 0; i < count; i++)
        all[i] = order->cancellations[i];
    all[count] = show(request, life, back, order->totals.total.currency);
    order->cancellations = all;
    order->cancellations_count = count + 1;
}

/* ---- the process ---- */

/* What stays with its buyer is given away, also where it is not asked for any more; of what goes
 * only money counts. */
static int64_t given_away(const struct order_back *back, const struct order_back *paid)
{
    return back->is_kept ? back->total - back->set_off : order_back_paid(paid);
}

static size_t list_goods(const struct order_life *life, const struct order_back *back,
                         const int64_t *restocked, const struct order_order *order,
                         struct order_recall_line *ret_lines)
{
    struct line_stock parts = { .count = 0 };
    size_t count = 0;
    for (size_t i = 0; i < back->parts_count; i++) {
        const struct order_back_part *part = &back->parts[i];
        if (part->subject >= life->lines_count) continue;
        const int64_t quantity = restocked == NULL ? part->units : restocked[part->subject];
        if (quantity == 0) continue;
        const struct order_order_line *line = &order->lines[part->subject];
        line_stock_add_parts(&parts, line->parts, line->parts_count, quantity);
        if (line->parts_count > 0) continue;
        ret_lines[count++] =
            (struct order_recall_line){ .line_id = line->id,
                                        .has_restock_id = true,
                                        .restock_id = uuid_derive(back->id, part->subject),
                                        .variant_id = line->variant_id,
                                        .quantity = quantity };
    }
    assert(!parts.is_full);
    return line_stock_give_back(&parts, back->id, ret_lines, count);
}

/* What goes back by holds that are not the group's. Returns their sum. */
static int64_t list_other_refunds(const struct order_back *back, const char *currency,
                                  struct order_other_refund *ret_refunds)
{
    int64_t sum = 0;
    for (size_t i = 0; i < back->holds_count; i++) {
        ret_refunds[i] = (struct order_other_refund){ back->holds[i].id,
                                                      money_make(back->holds[i].amount, currency) };
        sum += back->holds[i].amount;
    }
    return sum;
}

enum status order_back_begin(struct request *request, const struct order_life *life,
                             const struct order_back *back, const struct order_back_terms *terms,
                             struct order_order *order)
{
    assert(order->lines_count == life->lines_count);
    const struct order_back *paid = back->origin != NULL ? back->origin : back;
    TRY(order_approval_require(request, life, given_away(back, paid)));
    struct order_recall_line *lines = arena_allocate_array(
        request_arena(request), back->parts_count + LINE_STOCK_MAX, sizeof *lines);
    const char *currency = order->totals.total.currency;
    struct order_other_refund *others =
        arena_allocate_array(request_arena(request), paid->holds_count, sizeof *others);
    const int64_t of_others = list_other_refunds(paid, currency, others);
    const struct order_recall_data recall = {
        .promotion_ids = terms->promotion_ids,
        .promotion_ids_count = terms->promotions_count,
        .order_id = life->order_id,
        .has_refund_id = true,
        .refund_id = back->id,
        .has_is_created = true,
        .is_created = terms->is_created,
        .group_id = life->group_id,
        .user_id = life->user_id,
        .refund = money_make(paid->ways.wallet - of_others, currency),
        .has_card_refund = paid->ways.card > 0,
        .card_refund = money_make(paid->ways.card, currency),
        .has_card_to_wallet = paid->ways.credit > 0,
        .card_to_wallet = money_make(paid->ways.credit, currency),
        .has_card_order_id = true,
        .card_order_id = paid->order_id,
        .has_card_refund_id = true,
        .card_refund_id = paid->id,
        .other_refunds = others,
        .other_refunds_count = paid->holds_count,
        .lines = lines,
        .lines_count = list_goods(life, back, terms->restocked, order, lines),
        .tells_buyer = request_principal(request)->kind == PRINCIPAL_ADMIN,
        .has_return_id = !uuid_is_zero(terms->return_id),
        .return_id = terms->return_id,
    };
    if (terms->restocked == NULL) add_cancellation(request, life, back, order);
    const int64_t deadline_us = request_now_us(request) +
                                config_duration_us(request_config(request), SETTING_SAGA_DEADLINE);
    return saga_begin(request, &recall_saga, back->id, &recall, deadline_us);
}

/* Edits as vendors and staff propose them: several changes at once, priced, of which nothing
 * happens yet. */
#include "actors/order/order_edit_propose.h"

#include <string.h>

#include "actors/order/cart_answer.h"
#include "actors/order/order.h"
#include "actors/order/order_back_begin.h"
#include "actors/order/order_buyer.h"
#include "actors/order/order_edit_sold.h"
#include "actors/order/order_life_door.h"
#include "actors/order/order_life_notice.h"
#include "order_handlers.h"

/* What both commands have. */
struct proposal {
    struct uuid order_id;
    struct versions versions;
    const struct order_shipment_line *more, *fewer;
    size_t more_count, fewer_count;
    const struct order_edit_wish *goods;
    size_t goods_count;
    struct text reason;
};
#define PROPOSAL_OF(command)                                                                       \
    (&(struct proposal){ (command)->order_id, VERSIONS_OF(command), (command)->lines,              \
                         (command)->fewer, (command)->lines_count, (command)->fewer_count,         \
                         (command)->variants, (command)->variants_count, (command)->reason })

/* What is known of the order, and what is made of it. */
struct drafting {
    const struct proposal *proposal;
    struct order_life *life;
    struct order_order order;
    struct order_edit_choice choice;
    const struct order_edit_rate *rates; /* of the order's lines */
    size_t rates_count;
    struct order_edit_part *parts;
    struct order_edit_draft draft;
};

/* ---- what may be changed ---- */

enum status order_edit_require_room(struct request *request, const struct order_life *life,
                                    size_t added)
{
    if (life->lines_count + added <= ORDER_LINES_MAX) return STATUS_OK;
    return request_refuse_full(request, "/lines", STATUS_TOO_MANY_LINES, ORDER_LINES_MAX,
                               "What is added stands in lines of its own.");
}

static enum status require_none_open(struct request *request, const struct order_life *life)
{
    struct order_edit_row *edits;
    size_t count;
    TRY(order_edit_store_list(request, life, &edits, &count));
    for (size_t i = 0; i < count; i++)
        if (edits[i].shown.status == ORDER_EDIT_STATUS_OPEN)
            return request_refuse(request, "", STATUS_EDIT_OPEN, NULL);
    if (count < ORDER_EDITS_MAX) return STATUS_OK;
    return request_refuse_full(request, "", STATUS_TOO_MANY_EDITS, ORDER_EDITS_MAX,
                               "An order has so many edits, those that have ended too.");
}

static enum status choose_lines(struct request *request, struct drafting *drafting)
{
    const struct proposal *proposal = drafting->proposal;
    struct shipment_wish more[ORDER_LINES_MAX], fewer[ORDER_LINES_MAX];
    order_life_wishes(proposal->more, proposal->more_count, more);
    order_life_wishes(proposal->fewer, proposal->fewer_count, fewer);
    const struct order_edit_wishes wishes = { more, fewer, proposal->more_count,
                                              proposal->fewer_count };
    const struct order_edit_refusal refusal =
        order_edit_choose(drafting->life, &wishes, &drafting->choice);
    return refusal.is_of_fewer
               ? order_life_refuse_units_at(request, "/fewer", &refusal.refusal, proposal->fewer)
               : order_life_refuse_units_at(request, "/lines", &refusal.refusal, proposal->more);
}

static bool stands_in_lines(const struct drafting *drafting, struct uuid variant_id)
{
    const struct order_order_line *lines = drafting->order.lines;
    for (size_t i = 0; i < drafting->proposal->more_count; i++)
        if (uuid_equals(lines[drafting->choice.more[i]].variant_id, variant_id)) return true;
    for (size_t i = 0; i < drafting->order.lines_count; i++)
        if (drafting->choice.fewer[i] > 0 && uuid_equals(lines[i].variant_id, variant_id))
            return true;
    return false;
}

static enum status refuse_twice(struct request *request, const char *list, size_t index)
{
    return request_refuse(request, request_pointer_at(request, list, index), STATUS_INVALID_VALUE,
                          "The goods stand there before: name goods once.");
}

/* A reservation sets goods aside once: two lines may have the same since an earlier edit. What goes
 * and comes of the same goods would be another price for them, not another order. */
static enum status require_goods_once(struct request *request, const struct drafting *drafting)
{
    const struct proposal *proposal = drafting->proposal;
    const struct order_order_line *lines = drafting->order.lines;
    const size_t *more = drafting->choice.more;
    for (size_t i = 0; i < proposal->more_count; i++)
        for (size_t before = 0; before < i; before++)
            if (uuid_equals(lines[more[i]].variant_id, lines[more[before]].variant_id))
                return refuse_twice(request, "/lines", i);
    for (size_t i = 0; i < proposal->goods_count; i++) {
        if (stands_in_lines(drafting, proposal->goods[i].variant_id))
            return refuse_twice(request, "/variants", i);
        for (size_t before = 0; before < i; before++)
            if (uuid_equals(proposal->goods[i].variant_id, proposal->goods[before].variant_id))
                return refuse_twice(request, "/variants", i);
    }
    return STATUS_OK;
}

static enum status choose(struct request *request, struct drafting *drafting)
{
    const struct proposal *proposal = drafting->proposal;
    const size_t added = proposal->more_count + proposal->goods_count;
    if (added + proposal->fewer_count == 0)
        return request_refuse(request, "/lines", STATUS_MISSING_FIELD,
                              "Name units that are added, that go, or other goods.");
    TRY(choose_lines(request, drafting));
    TRY(require_goods_once(request, drafting));
    TRY(order_edit_require_room(request, drafting->life, added));
    if (proposal->fewer_count > 0) TRY(order_back_require_room(request, &drafting->order));
    if (added == 0 && order_edit_takes_all(drafting->life, drafting->choice.fewer))
        return request_refuse(request, "/fewer", STATUS_EDIT_EMPTIES_ORDER, NULL);
    return STATUS_OK;
}

/* ---- more units of a line ---- */

static enum status price_more(struct request *request, const struct drafting *drafting,
                              const struct order_order_line *line, int64_t quantity,
                              struct order_edit_part *ret_part)
{
    struct uuid *rate_ids =
        arena_allocate_array(request_arena(request), PRICE_RATES_MAX, sizeof *rate_ids);
    int64_t ppm[PRICE_RATES_MAX];
    struct order_edit_terms terms = { .unit_amount = line->unit_price.amount, .ppm = ppm };
    for (size_t i = 0; i < drafting->rates_count; i++) {
        const struct order_edit_rate *rate = &drafting->rates[i];
        if (!uuid_equals(rate->line_id, line->id)) continue;
        if (terms.rates_count == PRICE_RATES_MAX) return STATUS_CORRUPT;
        rate_ids[terms.rates_count] = rate->rate_id;
        ppm[terms.rates_count++] = rate->ppm;
        terms.prices_include_tax = rate->is_included;
    }
    *ret_part = (struct order_edit_part){ .line_id = line->id,
                                          .new_line_id = request_new_id(request),
                                          .quantity = quantity,
                                          .rate_ids = rate_ids,
                                          .rates_count = terms.rates_count };
    return order_edit_price(&terms, quantity, &ret_part->price);
}

static enum status add_more(struct request *request, struct drafting *drafting)
{
    const struct proposal *proposal = drafting->proposal;
    struct order_edit_line *lines =
        arena_allocate_array(request_arena(request), proposal->more_count, sizeof *lines);
    for (size_t i = 0; i < proposal->more_count; i++) {
        const struct order_order_line *line = &drafting->order.lines[drafting->choice.more[i]];
        struct order_edit_part *part = &drafting->parts[drafting->draft.parts_count++];
        TRY(price_more(request, drafting, line, proposal->more[i].quantity, part));
        const char *currency = line->unit_price.currency;
        lines[i] = (struct order_edit_line){ .line_id = line->id,
                                             .new_line_id = part->new_line_id,
                                             .quantity = part->quantity,
                                             .unit_price = line->unit_price,
                                             .tax = money_make(part->price.tax, currency),
                                             .total = money_make(part->price.items, currency) };
    }
    drafting->draft.shown.lines = lines;
    drafting->draft.shown.lines_count = proposal->more_count;
    return STATUS_OK;
}

/* ---- other goods ---- */

/* Units of the goods that the order has already: a vendor sells at most so many at once. */
static int64_t units_there(const struct drafting *drafting, struct uuid variant_id)
{
    int64_t units = 0;
    for (size_t i = 0; i < drafting->order.lines_count; i++)
        if (uuid_equals(drafting->order.lines[i].variant_id, variant_id))
            units += drafting->order.lines[i].quantity - drafting->order.lines[i].cancelled;
    return units;
}

static enum status check_goods(struct request *request, const struct drafting *drafting,
                               const struct cart *cart, size_t index,
                               const struct catalog_offers *offers)
{
    const struct cart_line *line = &cart->lines[index];
    const struct cart_line_state state = cart_examine_line(cart, line, offers);
    const char *place = request_pointer_at(request, "/variants", index);
    const char *id = text_format(request_arena(request), "%s/variant_id", place).data;
    if (state.offer == NULL || !uuid_equals(state.offer->vendor_id, drafting->life->vendor_id))
        return request_refuse(request, id, STATUS_NOT_FOUND,
                              "The order's vendor sells no such goods.");
    if (state.offer->parts_count > 0)
        return request_refuse(
            request, id, STATUS_PRODUCT_UNAVAILABLE,
            "A bundle is ordered by itself; more of one that is there can be added.");
    enum status problem = cart_line_problem(&state);
    if (problem == STATUS_OK && state.offer->has_quantity_max &&
        units_there(drafting, line->variant_id) + line->quantity > state.offer->quantity_max)
        problem = STATUS_QUANTITY_NOT_SOLD;
    if (problem == STATUS_OK) return STATUS_OK;
    return request_refuse(request,
                          problem == STATUS_QUANTITY_NOT_SOLD
                              ? text_format(request_arena(request), "%s/quantity", place).data
                              : id,
                          problem, NULL);
}

/* The goods as a cart of their own, of the place that the order goes to. */
static enum status fill_cart(struct request *request, const struct drafting *drafting,
                             struct cart *cart, struct catalog_offers *ret_offers)
{
    struct order_edit_place place;
    TRY(order_edit_store_load_place(request, drafting->life->group_id, &place));
    if (place.country.length >= sizeof cart->country || place.region.length >= sizeof cart->region)
        return STATUS_CORRUPT;
    memcpy(cart->country, place.country.data, place.country.length);
    memcpy(cart->region, place.region.data, place.region.length);
    memcpy(cart->currency, drafting->life->currency, sizeof cart->currency);
    cart->user_id = drafting->life->user_id;
    for (size_t i = 0; i < drafting->proposal->goods_count; i++)
        cart->lines[cart->lines_count++] =
            (struct cart_line){ .id = request_new_id(request),
                                .variant_id = drafting->proposal->goods[i].variant_id,
                                .quantity = drafting->proposal->goods[i].quantity,
                                .position = (int64_t)i };
    struct text language;
    TRY(order_buyer_language(request, cart->user_id, drafting->life->group_id, &language));
    TRY(cart_ask_offers_in(request, cart, NULL, language, ret_offers));
    for (size_t i = 0; i < cart->lines_count; i++)
        TRY(check_goods(request, drafting, cart, i, ret_offers));
    return STATUS_OK;
}

/* An order has one kind of prices. */
static enum status require_same_prices(struct request *request, const struct drafting *drafting)
{
    for (size_t i = 0; i < drafting->rates_count; i++)
        if (drafting->rates[i].is_included != drafting->draft.prices_include_tax)
            return request_refuse(request, "/variants", STATUS_NOT_EDITABLE,
                                  "The order's prices and today's do not agree on whether they "
                                  "contain tax.");
    return STATUS_OK;
}

static void show_goods(const struct order_checkout_line *line, const struct order_edit_part *part,
                       struct order_edit_goods_line *ret_shown)
{
    *ret_shown = (struct order_edit_goods_line){
        .new_line_id = line->line_id,
        .variant_id = line->variant_id,
        .product_id = line->product_id,
        .name = line->name,
        .has_slug = line->has_slug,
        .slug = line->slug,
        .options = line->options,
        .options_count = line->options_count,
        .has_image = line->has_image,
        .image = line->image,
        .has_sku = line->has_sku,
        .sku = line->sku,
        .quantity = line->quantity,
        .unit_price = line->unit_price,
        .has_list_price = line->has_list_price,
        .list_price = line->list_price,
        .tax = money_make(part->price.tax, line->total.currency),
        .total = line->total,
    };
}

/* As price_cart() has taxed them. */
static struct order_edit_part part_of(struct request *request,
                                      const struct order_checkout_data *priced,
                                      const struct order_checkout_line *line)
{
    struct uuid *rate_ids =
        arena_allocate_array(request_arena(request), line->taxes_count, sizeof *rate_ids);
    struct order_edit_part part = { .new_line_id = line->line_id,
                                    .quantity = line->quantity,
                                    .price = { .items = line->total.amount },
                                    .rate_ids = rate_ids,
                                    .rates_count = line->taxes_count };
    assert(line->taxes_count <= PRICE_RATES_MAX);
    for (size_t i = 0; i < line->taxes_count; i++) {
        rate_ids[i] = priced->rates[line->taxes[i].rate].rate_id;
        part.price.bases[i] = line->taxes[i].base;
        part.price.amounts[i] = line->taxes[i].amount;
        part.price.tax += line->taxes[i].amount;
    }
    part.price.total = part.price.items + (priced->prices_include_tax ? 0 : part.price.tax);
    return part;
}

/* The rates that tax them; of an order there are at most PRICE_RATES_MAX. */
static enum status keep_rates(struct request *request, const struct order_checkout_data *priced,
                              struct drafting *drafting)
{
    struct order_checkout_rate *rates =
        arena_allocate_array(request_arena(request), priced->rates_count, sizeof *rates);
    bool is_used[PRICE_RATES_MAX] = { false };
    size_t count = 0;
    for (size_t i = 0; i < priced->lines_count; i++)
        for (size_t k = 0; k < priced->lines[i].taxes_count; k++)
            is_used[priced->lines[i].taxes[k].rate] = true;
    size_t others = drafting->order.totals.taxes_count;
    for (size_t i = 0; i < priced->rates_count; i++) {
        if (!is_used[i]) continue;
        rates[count++] = priced->rates[i];
        others++;
        for (size_t k = 0; k < drafting->rates_count; k++)
            if (uuid_equals(drafting->rates[k].rate_id, priced->rates[i].rate_id)) {
                others--;
                break;
            }
    }
    if (others > PRICE_RATES_MAX)
        return request_refuse(request, "/variants", STATUS_NOT_EDITABLE,
                              "An order cannot be taxed by so many rates.");
    drafting->draft.rates = rates;
    drafting->draft.rates_count = count;
    return STATUS_OK;
}

static enum status add_goods(struct request *request, struct drafting *drafting)
{
    struct arena *arena = request_arena(request);
    if (drafting->proposal->goods_count == 0) return STATUS_OK;
    struct cart *cart = arena_allocate(arena, sizeof *cart);
    struct order_checkout_data *priced = arena_allocate(arena, sizeof *priced);
    struct catalog_offers offers;
    struct cart_quote *quote;
    TRY(fill_cart(request, drafting, cart, &offers));
    TRY(cart_ask_goods_quote(request, cart, &offers, drafting->order.business_number, &quote));
    order_snapshot(cart, quote, arena, priced);
    drafting->draft.prices_include_tax = priced->prices_include_tax;
    TRY(require_same_prices(request, drafting));
    TRY(keep_rates(request, priced, drafting));
    struct order_edit_goods_line *shown =
        arena_allocate_array(arena, priced->lines_count, sizeof *shown);
    for (size_t i = 0; i < priced->lines_count; i++) {
        struct order_edit_part *part = &drafting->parts[drafting->draft.parts_count++];
        *part = part_of(request, priced, &priced->lines[i]);
        show_goods(&priced->lines[i], part, &shown[i]);
    }
    drafting->draft.goods = priced->lines;
    drafting->draft.goods_count = priced->lines_count;
    drafting->draft.shown.goods = shown;
    drafting->draft.shown.goods_count = priced->lines_count;
    return STATUS_OK;
}

/* ---- units that go ---- */

static enum status add_fewer(struct request *request, struct drafting *drafting)
{
    const char *currency = drafting->life->currency;
    struct order_edit *edit = &drafting->draft.shown;
    struct order_back back;
    edit->given_back = money_make(0, currency);
    if (drafting->proposal->fewer_count == 0) return STATUS_OK;
    const struct order_back_wish wish = { .units = drafting->choice.fewer };
    TRY(order_back_reckon(request, drafting->life, &wish, &back));
    struct order_edit_fewer *fewer =
        arena_allocate_array(request_arena(request), back.parts_count, sizeof *fewer);
    for (size_t i = 0; i < back.parts_count; i++) {
        const struct order_back_part *part = &back.parts[i];
        fewer[i] = (struct order_edit_fewer){
            .line_id = back.subjects[part->subject].id,
            .quantity = part->units,
            .discount = money_make(part->share.discount, currency),
            .tax = money_make(part->share.tax, currency),
            .total = money_make(part->share.total, currency),
        };
    }
    edit->fewer = fewer;
    edit->fewer_count = back.parts_count;
    edit->given_back.amount = back.total;
    return STATUS_OK;
}

/* ---- all of it ---- */

static enum status sum_up(struct drafting *drafting)
{
    const char *currency = drafting->life->currency;
    struct order_edit_draft *draft = &drafting->draft;
    struct order_edit *edit = &draft->shown;
    int64_t items = 0, total = drafting->life->total;
    for (size_t i = 0; i < draft->parts_count; i++) {
        if (__builtin_add_overflow(total, draft->parts[i].price.total, &total))
            return STATUS_OUT_OF_RANGE;
        items += draft->parts[i].price.items;
    }
    edit->added = money_make(total - drafting->life->total, currency);
    edit->tax = money_make(edit->added.amount - items, currency);
    edit->total = money_make(edit->added.amount - edit->given_back.amount, currency);
    edit->payment = order_edit_payment_of(draft->from_wallet, edit->total.amount);
    const struct order_edit_settlement settlement = order_edit_settle(
        drafting->life, draft->from_wallet, edit->added.amount, edit->given_back.amount);
    edit->has_to_wallet = settlement.to_wallet > 0;
    edit->to_wallet = money_make(settlement.to_wallet, currency);
    return STATUS_OK;
}

static enum status fill(struct request *request, struct drafting *drafting)
{
    const size_t added = drafting->proposal->more_count + drafting->proposal->goods_count;
    drafting->parts = arena_allocate_array(request_arena(request), added, sizeof *drafting->parts);
    drafting->draft.parts = drafting->parts;
    TRY(order_edit_store_load_rates(request, drafting->order.id, &drafting->rates,
                                    &drafting->rates_count));
    enum status priced = add_more(request, drafting);
    if (priced == STATUS_OK) priced = add_goods(request, drafting);
    if (priced == STATUS_OK) priced = add_fewer(request, drafting);
    if (priced == STATUS_OK) priced = sum_up(drafting);
    return priced == STATUS_OUT_OF_RANGE ? request_refuse(request, "/lines", STATUS_OUT_OF_RANGE,
                                                          "It would cost more than an order can.")
                                         : priced;
}

static enum status propose(struct request *request, const struct proposal *proposal,
                           struct order_edit *ret_reply)
{
    struct order_life *life;
    struct drafting *drafting = arena_allocate(request_arena(request), sizeof *drafting);
    const struct order_terms terms = order_life_terms(request);
    TRY(order_life_open(request, proposal->order_id, TEXT(""), &life));
    if (!versions_have(proposal->versions, life->version)) return STATUS_PRECONDITION_FAILED;
    TRY(order_life_require(request, life->state, ORDER_TRIGGER_PROPOSE_EDIT));
    TRY(order_edit_pays(life, &drafting->draft.from_wallet));
    TRY(require_none_open(request, life));
    TRY(order_life_answer(request, life, &drafting->order));
    drafting->proposal = proposal;
    drafting->life = life;
    drafting->draft.shown = (struct order_edit){
        .id = request_new_id(request),
        .order_id = life->order_id,
        .status = ORDER_EDIT_STATUS_OPEN,
        .proposed_by = request_principal(request)->kind == PRINCIPAL_ADMIN
                           ? ORDER_EDIT_PARTY_STAFF
                           : ORDER_EDIT_PARTY_VENDOR,
        .reason = proposal->reason,
        .proposed_at_us = terms.now_us,
        .expires_at_us = terms.now_us +
                         config_duration_us(request_config(request), SETTING_MARKET_EDIT_DEADLINE),
    };
    TRY(choose(request, drafting));
    TRY(fill(request, drafting));
    struct order_edit_late_units *late = arena_allocate(request_arena(request), sizeof *late);
    TRY(order_edit_require_sold(request, &drafting->draft.shown, &drafting->order, late));
    order_edit_show_late(request_arena(request), &drafting->draft.shown, late);
    TRY(order_life_pull(life, ORDER_TRIGGER_PROPOSE_EDIT, &terms));
    life->changes[life->changes_count - 1].note = proposal->reason;
    order_edit_store_add(request, &drafting->draft);
    TRY(order_life_save(request, life));
    TRY(order_life_tell(request, life, NULL));
    request_audit(request, "edt", drafting->draft.shown.id, (struct text){ 0 });
    *ret_reply = drafting->draft.shown;
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

/* What may stand in a promotion. */
#include "actors/order/promotion.h"

#include "runtime/plain_text.h"

#include <string.h>

static_assert((int)ORDER_PROMOTION_KIND_PERCENT == (int)PRICE_PROMOTION_PERCENT, "same order");
static_assert((int)ORDER_PROMOTION_KIND_FIXED == (int)PRICE_PROMOTION_FIXED, "same order");
static_assert((int)ORDER_PROMOTION_KIND_FREE_DELIVERY == (int)PRICE_PROMOTION_FREE_DELIVERY,
              "same order");
static_assert((int)ORDER_PROMOTION_KIND_BUY_X_GET_Y == (int)PRICE_PROMOTION_BUY_X_GET_Y,
              "same order");
static_assert((int)ORDER_PROMOTION_BEARER_MARKET == (int)PRICE_BEARER_MARKET, "same order");
static_assert((int)ORDER_PROMOTION_BEARER_VENDOR == (int)PRICE_BEARER_VENDOR, "same order");
static_assert((int)ORDER_PROMOTION_BEARER_SHARED == (int)PRICE_BEARER_SHARED, "same order");

static enum status refuse(struct promotion_fault *fault, enum status code, const char *pointer,
                          const char *detail)
{
    *fault = (struct promotion_fault){ .pointer = pointer, .code = code, .detail = detail };
    return code;
}

static enum status contradict(struct promotion_fault *fault, const char *pointer,
                              const char *detail)
{
    return refuse(fault, STATUS_INVALID_VALUE, pointer, detail);
}

/* ---- names and codes ---- */

static char upper(char byte)
{
    return byte >= 'a' && byte <= 'z' ? (char)(byte - 'a' + 'A') : byte;
}

static bool is_code_byte(char byte)
{
    return (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') || byte == '-' ||
           byte == '_';
}

bool promotion_code_normalise(struct text typed, char ret_code[PROMOTION_CODE_MAX],
                              size_t *ret_length)
{
    const struct text trimmed = text_trim(typed);
    if (trimmed.length < PROMOTION_CODE_MIN || trimmed.length > PROMOTION_CODE_MAX) return false;
    for (size_t i = 0; i < trimmed.length; i++) {
        ret_code[i] = upper(trimmed.data[i]);
        if (!is_code_byte(ret_code[i])) return false;
    }
    *ret_length = trimmed.length;
    return true;
}

bool promotion_set_name(struct promotion *promotion, struct text name)
{
    promotion->name = text_trim(name);
    return plain_text_is_name(promotion->name);
}

/* ---- what it takes off ---- */

static enum status set_share(struct promotion *promotion, const struct order_promotion_terms *terms,
                             struct promotion_fault *fault)
{
    struct price_promotion *price = &promotion->price;
    price->ppm = terms->has_off_ppm ? terms->off_ppm : 0;
    switch (terms->kind) {
    case ORDER_PROMOTION_KIND_PERCENT:
        if (!terms->has_off_ppm)
            return refuse(fault, STATUS_MISSING_FIELD, "/terms/off_ppm",
                          "A promotion of percent says how much, from 1 to 1000000 millionths.");
        return STATUS_OK;
    case ORDER_PROMOTION_KIND_BUY_X_GET_Y:
        if (!terms->has_off_ppm) price->ppm = PRICE_PPM;
        return STATUS_OK;
    default:
        if (terms->has_off_ppm)
            return contradict(fault, "/terms/off_ppm",
                              "Only percent and buy_x_get_y take a share off.");
        return STATUS_OK;
    }
}

static enum status set_fixed(struct promotion *promotion, const struct order_promotion_terms *terms,
                             struct promotion_fault *fault)
{
    promotion->price.fixed_amount = terms->has_amount ? terms->amount.amount : 0;
    const bool is_fixed = terms->kind == ORDER_PROMOTION_KIND_FIXED;
    if (is_fixed && !terms->has_amount)
        return refuse(fault, STATUS_MISSING_FIELD, "/terms/amount",
                      "A fixed promotion says how much, in a currency.");
    if (!is_fixed && terms->has_amount)
        return contradict(fault, "/terms/amount", "Only fixed takes an amount off.");
    return STATUS_OK;
}

static enum status set_units(struct promotion *promotion, const struct order_promotion_terms *terms,
                             struct promotion_fault *fault)
{
    struct price_promotion *price = &promotion->price;
    price->buy_quantity = terms->has_buy_quantity ? terms->buy_quantity : 0;
    price->get_quantity = terms->has_get_quantity ? terms->get_quantity : 0;
    if (terms->kind != ORDER_PROMOTION_KIND_BUY_X_GET_Y) {
        if (terms->has_buy_quantity)
            return contradict(fault, "/terms/buy_quantity", "Only buy_x_get_y counts units.");
        if (terms->has_get_quantity)
            return contradict(fault, "/terms/get_quantity", "Only buy_x_get_y counts units.");
        return STATUS_OK;
    }
    if (!terms->has_buy_quantity)
        return refuse(fault, STATUS_MISSING_FIELD, "/terms/buy_quantity",
                      "How many units are to be bought, 1 to 10000.");
    if (!terms->has_get_quantity)
        return refuse(fault, STATUS_MISSING_FIELD, "/terms/get_quantity",
                      "How many units are given with them, 1 to 10000.");
    return STATUS_OK;
}

static enum status set_cap(struct promotion *promotion, const struct order_promotion_terms *terms,
                           struct promotion_fault *fault)
{
    promotion->price.has_cap = terms->has_cap;
    promotion->price.cap_amount = terms->has_cap ? terms->cap.amount : 0;
    if (terms->has_cap && terms->kind == ORDER_PROMOTION_KIND_FIXED)
        return contradict(fault, "/terms/cap", "A fixed amount is the most that it takes off.");
    return STATUS_OK;
}

/* All amounts are in one currency, whichever of them there are. */
static enum status set_currency(struct promotion *promotion,
                                const struct order_promotion_terms *terms,
                                struct promotion_fault *fault)
{
    const struct {
        const char *pointer;
        bool is_there;
        const struct money *money;
    } amounts[] = {
        { "/terms/amount", terms->has_amount, &terms->amount },
        { "/terms/subtotal_min", terms->has_subtotal_min, &terms->subtotal_min },
        { "/terms/cap", terms->has_cap, &terms->cap },
    };
    promotion->currency[0] = '\0';
    for (size_t i = 0; i < ARRAY_LENGTH(amounts); i++) {
        if (!amounts[i].is_there) continue;
        const char *currency = amounts[i].money->currency;
        if (currency_exponent(currency) < 0)
            return contradict(fault, amounts[i].pointer, "The currency is not one of ISO 4217.");
        if (promotion->currency[0] == '\0')
            memcpy(promotion->currency, currency, sizeof promotion->currency);
        if (strcmp(promotion->currency, currency) != 0)
            return contradict(fault, amounts[i].pointer,
                              "All amounts of a promotion are in one currency.");
    }
    return STATUS_OK;
}

/* ---- for what, for whom and when ---- */

static enum status set_selection(bool is_there, const struct order_promotion_selection *wish,
                                 const char *pointer, struct price_selection *ret_selection,
                                 struct promotion_fault *fault)
{
    struct price_selection selection = { .kind = PRICE_SELECT_ALL };
    if (is_there && wish->product_ids_count > 0) {
        if (wish->has_category_id)
            return contradict(fault, pointer, "Either products are chosen or a category.");
        selection.kind = PRICE_SELECT_PRODUCTS;
        selection.products = wish->product_ids;
        selection.products_count = wish->product_ids_count;
    } else if (is_there && wish->has_category_id) {
        selection.kind = PRICE_SELECT_CATEGORY;
        selection.category_id = wish->category_id;
    }
    *ret_selection = selection;
    return STATUS_OK;
}

static enum status set_period(struct price_period *period,
                              const struct order_promotion_terms *terms,
                              struct promotion_fault *fault)
{
    if (terms->has_starts_at) period->starts_us = terms->starts_at_us;
    period->has_end = terms->has_ends_at;
    period->ends_us = terms->has_ends_at ? terms->ends_at_us : 0;
    if (period->has_end && period->ends_us <= period->starts_us)
        return contradict(fault, "/terms/ends_at", "It ends before it starts.");
    return STATUS_OK;
}

static enum status set_limits(struct promotion *promotion,
                              const struct order_promotion_terms *terms,
                              struct promotion_fault *fault)
{
    promotion->has_limit_total = terms->has_limit_total;
    promotion->limit_total = terms->has_limit_total ? terms->limit_total : 0;
    promotion->has_limit_per_customer = terms->has_limit_per_customer;
    promotion->limit_per_customer = terms->has_limit_per_customer ? terms->limit_per_customer : 0;
    if (terms->has_limit_total && terms->has_limit_per_customer &&
        terms->limit_per_customer > terms->limit_total)
        return contradict(fault, "/terms/limit_per_customer",
                          "One customer cannot use it more often than all together.");
    if (terms->has_limit_total && terms->limit_total < promotion->held + promotion->used)
        return contradict(fault, "/terms/limit_total", "It was used more often already.");
    return STATUS_OK;
}

static void set_conditions(struct promotion *promotion, const struct order_promotion_terms *terms)
{
    struct price_promotion *price = &promotion->price;
    price->quantity_min = terms->has_quantity_min ? terms->quantity_min : 0;
    price->subtotal_min_amount = terms->has_subtotal_min ? terms->subtotal_min.amount : 0;
    promotion->group_ids = terms->group_ids;
    promotion->group_ids_count = terms->group_ids_count;
    price->has_group = terms->group_ids_count > 0;
    price->needs_first_order = terms->has_first_order_only && terms->first_order_only;
    price->is_exclusive = terms->has_is_exclusive && terms->is_exclusive;
    price->priority = terms->has_priority ? terms->priority : 0;
}

enum status promotion_set_terms(struct promotion *promotion,
                                const struct order_promotion_terms *terms,
                                struct promotion_fault *ret_fault)
{
    assert(promotion != NULL);
    assert(terms != NULL);
    struct price_promotion *price = &promotion->price;
    price->kind = (enum price_promotion_kind)terms->kind;
    TRY(set_share(promotion, terms, ret_fault));
    TRY(set_fixed(promotion, terms, ret_fault));
    TRY(set_units(promotion, terms, ret_fault));
    TRY(set_cap(promotion, terms, ret_fault));
    TRY(set_currency(promotion, terms, ret_fault));
    TRY(set_selection(terms->has_target, &terms->target, "/terms/target", &price->target,
                      ret_fault));
    TRY(set_selection(terms->has_qualifying, &terms->qualifying, "/terms/qualifying",
                      &price->qualifying, ret_fault));
    TRY(set_period(&price->period, terms, ret_fault));
    TRY(set_limits(promotion, terms, ret_fault));
    set_conditions(promotion, terms);
    return STATUS_OK;
}

enum status promotion_set_bearer(struct promotion *promotion, enum order_promotion_bearer bearer,
                                 bool has_market_ppm, int64_t market_ppm,
                                 struct promotion_fault *ret_fault)
{
    assert(promotion != NULL);
    promotion->price.bearer = (enum price_bearer)bearer;
    promotion->price.market_ppm = has_market_ppm ? market_ppm : 0;
    const bool is_shared = bearer == ORDER_PROMOTION_BEARER_SHARED;
    if (is_shared && !has_market_ppm)
        return refuse(ret_fault, STATUS_MISSING_FIELD, "/market_ppm",
                      "What is shared says the market's part, from 1 to 999999 millionths.");
    if (!is_shared && has_market_ppm)
        return contradict(ret_fault, "/market_ppm", "One alone pays for all of it.");
    return STATUS_OK;
}

enum status promotion_check_new(const struct promotion *promotion, int64_t now_us,
                                struct promotion_fault *ret_fault)
{
    const struct price_period *period = &promotion->price.period;
    if (!period->has_end || period->ends_us > now_us) return STATUS_OK;
    return contradict(ret_fault, "/terms/ends_at", "It would have ended already.");
}

bool promotion_may_run(const struct promotion *promotion, int64_t now_us)
{
    const struct price_period *period = &promotion->price.period;
    return promotion->status != ORDER_PROMOTION_STATUS_ARCHIVED &&
           (!period->has_end || period->ends_us > now_us);
}

bool promotion_is_automatic_now(const struct promotion *promotion, int64_t now_us)
{
    return promotion->status == ORDER_PROMOTION_STATUS_ACTIVE && !promotion->price.needs_code &&
           promotion_may_run(promotion, now_us);
}

/* ---- as it is answered ---- */

static void describe_selection(const struct price_selection *selection, bool *ret_has,
                               struct order_promotion_selection *ret_selection)
{
    *ret_has = selection->kind != PRICE_SELECT_ALL;
    *ret_selection = (struct order_promotion_selection){ 0 };
    if (selection->kind == PRICE_SELECT_PRODUCTS) {
        ret_selection->product_ids = selection->products;
        ret_selection->product_ids_count = selection->products_count;
    } else if (selection->kind == PRICE_SELECT_CATEGORY) {
        ret_selection->has_category_id = true;
        ret_selection->category_id = selection->category_id;
    }
}

/* Of a promotion without amounts nothing is said of a currency either. */
static struct money in_currency(const struct promotion *promotion, int64_t amount)
{
    return promotion->currency[0] == '\0' ? (struct money){ 0 }
                                          : money_make(amount, promotion->currency);
}

static void describe_terms(const struct promotion *promotion, struct order_promotion_terms *terms)
{
    const struct price_promotion *price = &promotion->price;
    *terms = (struct order_promotion_terms){
        .kind = (enum order_promotion_kind)price->kind,
        .has_off_ppm = price->ppm > 0,
        .off_ppm = price->ppm,
        .has_amount = price->fixed_amount > 0,
        .amount = in_currency(promotion, price->fixed_amount),
        .has_buy_quantity = price->buy_quantity > 0,
        .buy_quantity = price->buy_quantity,
        .has_get_quantity = price->get_quantity > 0,
        .get_quantity = price->get_quantity,
        .has_quantity_min = price->quantity_min > 0,
        .quantity_min = price->quantity_min,
        .has_subtotal_min = price->subtotal_min_amount > 0,
        .subtotal_min = in_currency(promotion, price->subtotal_min_amount),
        .group_ids = promotion->group_ids,
        .group_ids_count = promotion->group_ids_count,
        .has_first_order_only = true,
        .first_order_only = price->needs_first_order,
        .has_starts_at = true,
        .starts_at_us = price->period.starts_us,
        .has_ends_at = price->period.has_end,
        .ends_at_us = price->period.ends_us,
        .has_is_exclusive = true,
        .is_exclusive = price->is_exclusive,
        .has_priority = true,
        .priority = price->priority,
        .has_cap = price->has_cap,
        .cap = in_currency(promotion, price->cap_amount),
        .has_limit_total = promotion->has_limit_total,
        .limit_total = promotion->limit_total,
        .has_limit_per_customer = promotion->has_limit_per_customer,
        .limit_per_customer = promotion->limit_per_customer,
    };
    describe_selection(&price->target, &terms->has_target, &terms->target);
    describe_selection(&price->qualifying, &terms->has_qualifying, &terms->qualifying);
}

void promotion_describe(const struct promotion *promotion, struct order_promotion *ret_promotion)
{
    assert(promotion != NULL);
    const struct price_promotion *price = &promotion->price;
    *ret_promotion = (struct order_promotion){
        .id = price->id,
        .owner = uuid_is_zero(promotion->owner_id) ? ORDER_PROMOTION_OWNER_MARKET
                                                   : ORDER_PROMOTION_OWNER_VENDOR,
        .has_vendor_id = !uuid_is_zero(price->vendor_id),
        .vendor_id = price->vendor_id,
        .name = promotion->name,
        .has_code = price->needs_code,
        .code = promotion->code_typed,
        .status = promotion->status,
        .bearer = (enum order_promotion_bearer)price->bearer,
        .has_market_ppm = price->bearer == PRICE_BEARER_SHARED,
        .market_ppm = price->market_ppm,
        .held = promotion->held,
        .used = promotion->used,
        .version = promotion->version,
        .created_at_us = promotion->created_at_us,
        .updated_at_us = promotion->updated_at_us,
    };
    describe_terms(promotion, &ret_promotion->terms);
}

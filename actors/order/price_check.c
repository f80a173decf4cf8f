/* The limits of what may be priced. Edges keep them; a request beyond them is refused, never
 * priced wrongly. */
#include "actors/order/cart.h"
#include "actors/order/price_internal.h"

static_assert((int)PRICE_LINES_MAX == (int)CART_LINES_MAX, "every cart can be priced");
static_assert((int)PRICE_QUANTITY_MAX == (int)CART_LINE_UNITS_MAX, "every line can be priced");

static bool is_share(int64_t ppm)
{
    return ppm >= 0 && ppm <= PRICE_PPM;
}

static bool are_counts_good(const struct price_request *request)
{
    return request->lines_count <= PRICE_LINES_MAX && request->vendors_count <= PRICE_VENDORS_MAX &&
           request->consignments_count <= PRICE_CONSIGNMENTS_MAX &&
           request->rates_count <= PRICE_RATES_MAX &&
           request->promotions_count <= PRICE_PROMOTIONS_MAX &&
           request->codes_count <= PRICE_CODES_MAX && request->groups_count <= PRICE_GROUPS_MAX;
}

static bool is_line_good(const struct price_request *request, const struct price_line *line)
{
    if (line->vendor >= request->vendors_count) return false;
    if (!line->is_digital) {
        if (line->consignment >= request->consignments_count) return false;
        if (request->consignments[line->consignment].vendor != line->vendor) return false;
    }
    if (line->categories_count > PRICE_CATEGORIES_MAX) return false;
    if (line->tiers_count > PRICE_TIERS_MAX) return false;
    if (line->quantity < 1 || line->quantity > PRICE_QUANTITY_MAX) return false;
    if (line->weight_grams < 0 || line->list_amount < 0 || line->sale_amount < 0) return false;
    for (size_t i = 0; i < line->tiers_count; i++)
        if (line->tiers[i].from_quantity < 1 || line->tiers[i].unit_amount < 0) return false;
    if (line->group_prices_count > PRICE_GROUP_PRICES_MAX) return false;
    for (size_t i = 0; i < line->group_prices_count; i++)
        if (line->group_prices[i].from_quantity < 1 || line->group_prices[i].unit_amount < 0)
            return false;
    return true;
}

static bool is_consignment_good(const struct price_request *request,
                                const struct price_consignment *consignment)
{
    if (consignment->vendor >= request->vendors_count) return false;
    if (consignment->methods_count > PRICE_METHODS_MAX) return false;
    for (size_t i = 0; i < consignment->methods_count; i++) {
        const struct price_method *method = &consignment->methods[i];
        if (method->countries_count > PRICE_COUNTRIES_MAX) return false;
        if (method->amount < 0 || method->per_kg_amount < 0) return false;
        if (method->free_above_amount < 0 || method->weight_max_grams < 0) return false;
    }
    return true;
}

static bool is_promotion_good(const struct price_promotion *promotion)
{
    if (promotion->target.products_count > PRICE_PRODUCTS_MAX) return false;
    if (promotion->qualifying.products_count > PRICE_PRODUCTS_MAX) return false;
    if (promotion->fixed_amount < 0 || promotion->cap_amount < 0) return false;
    if (promotion->quantity_min < 0 || promotion->subtotal_min_amount < 0) return false;
    if (promotion->kind == PRICE_PROMOTION_BUY_X_GET_Y) {
        if (promotion->buy_quantity < 1 || promotion->buy_quantity > PRICE_QUANTITY_MAX)
            return false;
        if (promotion->get_quantity < 1 || promotion->get_quantity > PRICE_QUANTITY_MAX)
            return false;
    }
    return is_share(promotion->ppm) && is_share(promotion->market_ppm);
}

enum status price_check_request(const struct price_request *request)
{
    if (!are_counts_good(request)) return STATUS_OUT_OF_RANGE;
    for (size_t i = 0; i < request->lines_count; i++)
        if (!is_line_good(request, &request->lines[i])) return STATUS_OUT_OF_RANGE;
    for (size_t i = 0; i < request->consignments_count; i++)
        if (!is_consignment_good(request, &request->consignments[i])) return STATUS_OUT_OF_RANGE;
    for (size_t i = 0; i < request->rates_count; i++)
        if (!is_share(request->rates[i].ppm)) return STATUS_OUT_OF_RANGE;
    for (size_t i = 0; i < request->promotions_count; i++)
        if (!is_promotion_good(&request->promotions[i])) return STATUS_OUT_OF_RANGE;
    return STATUS_OK;
}

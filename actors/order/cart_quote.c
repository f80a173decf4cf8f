/* Turns a cart into the question of its price. */
#include "actors/order/cart_quote.h"

#include <string.h>

#include "actors/order/business_number.h"
#include "runtime/arena.h"

static_assert((int)CART_LINES_MAX <= (int)PRICE_VENDORS_MAX, "a vendor for each line");
static_assert((int)CART_LINES_MAX <= (int)PRICE_CONSIGNMENTS_MAX, "a consignment for each line");

struct text cart_tax_country(const struct cart *cart, const struct cart_market_rules *rules)
{
    return cart->country[0] == '\0' ? rules->country : text_of(cart->country);
}

static struct uuid vendor_of(const struct cart_line *line, const struct catalog_offer *offer)
{
    return offer == NULL ? line->vendor_id : offer->vendor_id;
}

static size_t find_id(const struct uuid *ids, size_t count, struct uuid id)
{
    size_t i = 0;
    while (i < count && !uuid_equals(ids[i], id))
        i++;
    return i;
}

size_t cart_vendors(const struct cart *cart, const struct catalog_offers *offers,
                    struct uuid *ret_vendors)
{
    size_t count = 0;
    for (size_t i = 0; i < cart->lines_count; i++) {
        const struct cart_line *line = &cart->lines[i];
        const struct uuid id = vendor_of(line, cart_find_offer(offers, line->variant_id));
        if (find_id(ret_vendors, count, id) == count) ret_vendors[count++] = id;
    }
    return count;
}

/* ---- what is sent together ---- */

static const struct vendor_terms *find_terms(const struct vendor_many_terms *terms, struct uuid id)
{
    for (size_t i = 0; i < terms->terms_count; i++)
        if (uuid_equals(terms->terms[i].vendor_id, id)) return &terms->terms[i];
    return NULL;
}

/* The profile that the product names, if its vendor still has it; else the vendor's default, else
 * its first; NULL: the vendor has said nothing of how it sends. */
static const struct vendor_shipping_profile_terms *find_profile(const struct vendor_terms *terms,
                                                                const struct catalog_offer *offer)
{
    if (terms == NULL || terms->profiles_count == 0) return NULL;
    const struct vendor_shipping_profile_terms *fallback = &terms->profiles[0];
    for (size_t i = 0; i < terms->profiles_count; i++) {
        const struct vendor_shipping_profile_terms *profile = &terms->profiles[i];
        if (offer != NULL && offer->has_profile_id && uuid_equals(offer->profile_id, profile->id))
            return profile;
        if (profile->is_default) fallback = profile;
    }
    return fallback;
}

static void convert_method(const struct vendor_method_terms *terms, struct price_method *ret_method)
{
    static const struct text nowhere = TEXT("");
    static const enum price_method_kind kinds[VENDOR_SHIPPING_KIND_COUNT] = {
        [VENDOR_SHIPPING_KIND_FLAT] = PRICE_METHOD_FLAT,
        [VENDOR_SHIPPING_KIND_WEIGHT] = PRICE_METHOD_WEIGHT,
        [VENDOR_SHIPPING_KIND_FREE_ABOVE] = PRICE_METHOD_FREE_ABOVE,
    };
    *ret_method = (struct price_method){
        .id = terms->id,
        .kind = kinds[terms->kind],
        .amount = terms->price.amount,
        .per_kg_amount = terms->has_price_per_kg ? terms->price_per_kg.amount : 0,
        .free_above_amount = terms->has_free_above ? terms->free_above.amount : 0,
        .has_weight_max = terms->has_weight_max_grams,
        .weight_max_grams = terms->weight_max_grams,
        /* The vendor was asked for one country, and has judged by it. */
        .countries = &nowhere,
        .countries_count = terms->is_sent_there ? 0 : 1,
    };
}

static void convert_consignment(const struct vendor_shipping_profile_terms *profile, size_t vendor,
                                struct arena *arena, struct price_consignment *ret_consignment)
{
    struct price_consignment consignment = { .vendor = vendor };
    if (profile != NULL) {
        struct price_method *methods =
            arena_allocate_array(arena, profile->methods_count, sizeof *methods);
        for (size_t i = 0; i < profile->methods_count; i++)
            convert_method(&profile->methods[i], &methods[i]);
        consignment.id = profile->id;
        consignment.methods = methods;
        consignment.methods_count = profile->methods_count;
    }
    *ret_consignment = consignment;
}

/* Where a question is put together. */
struct draft {
    const struct cart *cart;
    const struct cart_market_rules *rules;
    const struct cart_quote_sources *sources;
    struct arena *arena;
    struct cart_quote *quote;
    struct uuid *vendors;
    struct price_line *lines;
    struct price_consignment *consignments;
};

/* The consignment of the vendor's goods of that profile; made when it is not there yet. */
static size_t consignment_of(struct draft *draft, size_t vendor,
                             const struct vendor_shipping_profile_terms *profile)
{
    struct price_request *request = &draft->quote->request;
    for (size_t i = 0; i < request->consignments_count; i++)
        if (draft->consignments[i].vendor == vendor && draft->quote->profiles[i] == profile)
            return i;
    const size_t index = request->consignments_count++;
    assert(index < CART_LINES_MAX);
    convert_consignment(profile, vendor, draft->arena, &draft->consignments[index]);
    draft->quote->profiles[index] = profile;
    return index;
}

/* Goods of one profile are sent alike: what the first line of them wishes that wishes anything. */
static void wish(struct price_consignment *consignment, struct uuid method_id)
{
    if (consignment->has_choice || uuid_is_zero(method_id)) return;
    consignment->has_choice = true;
    consignment->chosen_method_id = method_id;
}

/* ---- lines ---- */

/* They come the lowest first, so of each quantity the first is the one that counts. */
static void add_group_price(const struct catalog_group_price *offered,
                            struct price_group_price *prices, size_t *count)
{
    for (size_t i = 0; i < *count; i++)
        if (prices[i].from_quantity == offered->from_quantity) return;
    if (*count == PRICE_GROUP_PRICES_MAX) return;
    prices[(*count)++] = (struct price_group_price){ .list_id = offered->list_id,
                                                     .from_quantity = offered->from_quantity,
                                                     .unit_amount = offered->unit_price.amount };
}

static void add_group_prices(const struct catalog_offer *offer, const struct uuid *groups,
                             size_t groups_count, struct arena *arena, struct price_line *line)
{
    if (groups_count == 0 || offer->group_prices_count == 0) return;
    struct price_group_price *prices =
        arena_allocate_array(arena, PRICE_GROUP_PRICES_MAX, sizeof *prices);
    for (size_t i = 0; i < offer->group_prices_count; i++) {
        const struct catalog_group_price *offered = &offer->group_prices[i];
        if (find_id(groups, groups_count, offered->group_id) < groups_count)
            add_group_price(offered, prices, &line->group_prices_count);
    }
    line->group_prices = prices;
}

void cart_price_as_offered(const struct catalog_offer *offer, const struct uuid *groups,
                           size_t groups_count, struct arena *arena, struct price_line *line)
{
    line->product_id = offer->product_id;
    line->categories = offer->categories;
    line->categories_count = offer->categories_count;
    line->tax_class = (unsigned)offer->tax_class;
    line->is_digital = offer->is_digital;
    line->weight_grams = offer->weight_grams;
    line->has_sale = offer->has_sale_price;
    if (line->has_sale) {
        line->sale_amount = offer->sale_price.amount;
        line->sale_period =
            (struct price_period){ offer->has_sale_from ? offer->sale_from_us : 0,
                                   offer->has_sale_to ? offer->sale_to_us : 0, offer->has_sale_to };
    }
    struct price_tier *tiers = arena_allocate_array(arena, offer->tiers_count, sizeof *tiers);
    for (size_t i = 0; i < offer->tiers_count; i++)
        tiers[i] =
            (struct price_tier){ offer->tiers[i].from_quantity, offer->tiers[i].unit_price.amount };
    line->tiers = tiers;
    line->tiers_count = offer->tiers_count;
    add_group_prices(offer, groups, groups_count, arena, line);
}

static void add_line(struct draft *draft, size_t index)
{
    struct price_request *request = &draft->quote->request;
    const struct cart_line *from = &draft->cart->lines[index];
    const struct cart_line_state state =
        cart_examine_line(draft->cart, from, &draft->sources->offers);
    struct price_line *line = &draft->lines[index];
    *line = (struct price_line){ .id = from->id,
                                 .product_id = from->product_id,
                                 .quantity = from->quantity,
                                 .list_amount = state.list_amount };
    /* What has no price is shown at the last one, without what today's price would be made of. */
    if (state.offer != NULL && !state.is_without_price)
        cart_price_as_offered(state.offer, draft->sources->groups, draft->sources->groups_count,
                              draft->arena, line);
    const struct uuid vendor_id = vendor_of(from, state.offer);
    line->vendor = find_id(draft->vendors, request->vendors_count, vendor_id);
    assert(line->vendor < request->vendors_count);
    if (line->is_digital) return;
    const struct vendor_shipping_profile_terms *profile =
        find_profile(find_terms(&draft->sources->terms, vendor_id), state.offer);
    if (profile == NULL && !draft->rules->must_deliver) {
        line->is_digital = true; /* vendor and shopper arrange it */
        return;
    }
    line->consignment = consignment_of(draft, line->vendor, profile);
    wish(&draft->consignments[line->consignment], from->method_id);
}

/* ---- the question ---- */

static enum status find_rates(const struct draft *draft, struct price_request *request)
{
    const struct cart *cart = draft->cart;
    struct price_rate *rates = arena_allocate_array(draft->arena, PRICE_RATES_MAX, sizeof *rates);
    TRY(tax_rates_find(draft->sources->tax_table, draft->sources->tax_table_count,
                       cart_tax_country(cart, draft->rules), text_of(cart->region),
                       draft->sources->now_us, rates, &request->rates_count));
    request->rates = rates;
    return STATUS_OK;
}

/* ---- an exempt business ---- */

static enum status make_net(const struct draft *draft, unsigned tax_class, int64_t *amount)
{
    const struct price_request *request = &draft->quote->request;
    int64_t divisor, remainder;
    return business_net_amount(*amount, request->rates, request->rates_count, tax_class, &divisor,
                               amount, &remainder);
}

static enum status make_groups_net(const struct draft *draft, struct price_line *line)
{
    struct price_group_price *prices =
        arena_allocate_array(draft->arena, line->group_prices_count, sizeof *prices);
    for (size_t i = 0; i < line->group_prices_count; i++) {
        prices[i] = line->group_prices[i];
        TRY(make_net(draft, line->tax_class, &prices[i].unit_amount));
    }
    line->group_prices = prices;
    return STATUS_OK;
}

static enum status make_line_net(const struct draft *draft, struct price_line *line,
                                 struct cart_net *ret_net)
{
    const struct price_request *request = &draft->quote->request;
    struct price_tier *tiers = arena_allocate_array(draft->arena, line->tiers_count, sizeof *tiers);
    ret_net->gross = line->list_amount;
    TRY(business_net_amount(line->list_amount, request->rates, request->rates_count,
                            line->tax_class, &ret_net->divisor, &ret_net->net,
                            &ret_net->remainder));
    line->list_amount = ret_net->net;
    if (line->has_sale) TRY(make_net(draft, line->tax_class, &line->sale_amount));
    for (size_t i = 0; i < line->tiers_count; i++) {
        tiers[i] = line->tiers[i];
        TRY(make_net(draft, line->tax_class, &tiers[i].unit_amount));
    }
    line->tiers = tiers;
    return make_groups_net(draft, line);
}

/* Rates of the delivery's own class, or as much less as its goods cost less by their list. */
static enum status make_delivery_net(const struct draft *draft, size_t consignment,
                                     const struct cart_net *nets)
{
    const struct price_request *request = &draft->quote->request;
    struct price_consignment *to = &draft->consignments[consignment];
    struct price_method *methods =
        arena_allocate_array(draft->arena, to->methods_count, sizeof *methods);
    int64_t gross = 0, net = 0, remainder;
    for (size_t i = 0; i < request->lines_count; i++) {
        if (draft->lines[i].is_digital || draft->lines[i].consignment != consignment) continue;
        if (__builtin_add_overflow(gross, nets[i].gross, &gross)) return STATUS_OUT_OF_RANGE;
        net += nets[i].net;
    }
    for (size_t i = 0; i < to->methods_count; i++) {
        methods[i] = to->methods[i];
        int64_t *const amounts[] = { &methods[i].amount, &methods[i].per_kg_amount };
        for (size_t k = 0; k < ARRAY_LENGTH(amounts); k++)
            if (request->delivery_tax == PRICE_DELIVERY_TAX_OWN_CLASS)
                TRY(make_net(draft, request->delivery_tax_class, amounts[k]));
            else if (gross > 0)
                TRY(amount_scale(*amounts[k], net, gross, amounts[k], &remainder));
    }
    to->methods = methods;
    return STATUS_OK;
}

static enum status exempt(struct draft *draft)
{
    struct price_request *request = &draft->quote->request;
    const struct text number = draft->sources->business_number;
    if (number.length == 0 ||
        !business_is_exempt(request->country, request->rates, request->rates_count))
        return STATUS_OK;
    draft->quote->is_exempt = request->is_tax_exempt = true;
    if (!request->prices_include_tax) return STATUS_OK;
    request->prices_include_tax = false;
    struct cart_net *nets = arena_allocate_array(draft->arena, request->lines_count, sizeof *nets);
    for (size_t i = 0; i < request->lines_count; i++)
        TRY(make_line_net(draft, &draft->lines[i], &nets[i]));
    for (size_t i = 0; i < request->consignments_count; i++)
        TRY(make_delivery_net(draft, i, nets));
    draft->quote->nets = nets;
    return STATUS_OK;
}

static void add_codes(const struct draft *draft, struct price_request *request)
{
    struct text *codes =
        arena_allocate_array(draft->arena, draft->cart->codes_count, sizeof *codes);
    for (size_t i = 0; i < draft->cart->codes_count; i++)
        codes[i] = text_of(draft->cart->codes[i]);
    request->codes = codes;
    request->codes_count = draft->cart->codes_count;
}

static void begin_request(struct draft *draft, bool is_explained)
{
    const struct cart *cart = draft->cart;
    struct price_request *request = &draft->quote->request;
    *request = (struct price_request){
        .now_us = draft->sources->now_us,
        .is_explained = is_explained,
        .vendors = draft->vendors,
        .vendors_count = cart_vendors(cart, &draft->sources->offers, draft->vendors),
        .lines = draft->lines,
        .lines_count = cart->lines_count,
        .consignments = draft->consignments,
        .has_destination = cart->country[0] != '\0',
        .country = text_of(cart->country),
        .prices_include_tax = draft->rules->prices_include_tax,
        .delivery_tax = draft->rules->delivery_tax,
        .delivery_tax_class = COMMON_TAX_CLASS_DELIVERY,
        .promotions = draft->sources->promotions.promotions,
        .promotions_count = draft->sources->promotions.count,
        .groups = draft->sources->promotions.groups,
        .groups_count = draft->sources->promotions.groups_count,
        .is_first_order = draft->sources->is_first_order,
    };
    memcpy(request->currency, cart->currency, sizeof request->currency);
}

enum status cart_quote_make(const struct cart *cart, const struct cart_market_rules *rules,
                            const struct cart_quote_sources *sources, bool is_explained,
                            struct arena *arena, struct cart_quote *ret_quote)
{
    const size_t count = cart->lines_count;
    assert(count <= CART_LINES_MAX);
    *ret_quote = (struct cart_quote){ .sources = sources };
    ret_quote->profiles = arena_allocate_array(arena, count, sizeof(void *));
    struct draft draft = { .cart = cart,
                           .rules = rules,
                           .sources = sources,
                           .arena = arena,
                           .quote = ret_quote,
                           .vendors = arena_allocate_array(arena, count, sizeof(struct uuid)),
                           .lines = arena_allocate_array(arena, count, sizeof(struct price_line)),
                           .consignments = arena_allocate_array(arena, count,
                                                                sizeof(struct price_consignment)) };
    begin_request(&draft, is_explained);
    for (size_t i = 0; i < count; i++)
        add_line(&draft, i);
    add_codes(&draft, &ret_quote->request);
    TRY(find_rates(&draft, &ret_quote->request));
    TRY(exempt(&draft));
    return price_cart(&ret_quote->request, arena, &ret_quote->result);
}

static bool is_about_code(const struct price_problem *problem)
{
    return problem->code == PRICE_PROBLEM_CODE_UNKNOWN ||
           problem->code == PRICE_PROBLEM_CODE_NOT_APPLIED;
}

enum status cart_quote_judge_code(const struct cart_quote *quote, size_t code,
                                  enum price_reason *ret_reason)
{
    assert(code < quote->request.codes_count);
    for (size_t i = 0; i < quote->result.problems_count; i++) {
        const struct price_problem *problem = &quote->result.problems[i];
        if (!is_about_code(problem) || problem->index != code) continue;
        if (problem->code == PRICE_PROBLEM_CODE_UNKNOWN) return STATUS_COUPON_UNKNOWN;
        *ret_reason = problem->reason;
        switch (problem->reason) {
        case PRICE_REASON_NOT_STARTED:
            return STATUS_COUPON_NOT_STARTED;
        case PRICE_REASON_ENDED:
            return STATUS_COUPON_ENDED;
        case PRICE_REASON_EXHAUSTED:
        case PRICE_REASON_EXHAUSTED_FOR_CUSTOMER:
            return STATUS_COUPON_USED_UP;
        default:
            return STATUS_OK;
        }
    }
    return STATUS_OK;
}

bool cart_quote_find_problem(const struct cart_quote *quote, size_t consignment,
                             enum price_problem_code *ret_code)
{
    for (size_t i = 0; i < quote->result.problems_count; i++) {
        const struct price_problem *problem = &quote->result.problems[i];
        if (is_about_code(problem) || problem->index != consignment) continue;
        *ret_code = problem->code;
        return true;
    }
    return false;
}

struct cart_minimum cart_quote_find_minimum(const struct cart_quote *quote, size_t from)
{
    for (size_t i = from; i < quote->request.vendors_count; i++) {
        const struct vendor_terms *terms =
            find_terms(&quote->sources->terms, quote->request.vendors[i]);
        const int64_t goods = quote->result.parts[i].sums.goods;
        if (terms == NULL || !terms->has_order_min || goods >= terms->order_min.amount) continue;
        return (struct cart_minimum){ true, i, goods, terms->order_min.amount };
    }
    return (struct cart_minimum){ .is_missed = false };
}

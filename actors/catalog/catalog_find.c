/* Lists of products by the index: what is asked becomes a query of it, and what it finds, which is
 * in it as the answer has it, becomes the page. No rows are read. */
#include "actors/catalog/catalog_find.h"

#include <sodium.h>
#include <string.h>

#include "actors/catalog/catalog_language.h"
#include "actors/catalog/catalog_query_form.h"
#include "actors/catalog/catalog_search_ask.h"
#include "actors/catalog/catalog_translation_store.h"
#include "actors/catalog/catalog_unfound.h"
#include "actors/host/market_currency.h"
#include "catalog_handlers.h"
#include "messages/codec_msgpack.h"

enum {
    HUNDREDTHS = 100, /* of a star */
    BOOST = 50,       /* of SEARCH_BOOST_MAX */
    POSITION_TEXT_MAX =
        sodium_base64_ENCODED_LEN(SEARCH_POSITION_BYTES, sodium_base64_VARIANT_URLSAFE_NO_PADDING),
    SUGGESTIONS_DEFAULT = 8,
};

static bool is_other_currency(struct request *request, const struct catalog_list_products *query)
{
    return query->has_currency && !market_is_own_currency(request_config(request), query->currency);
}

bool catalog_find_is_wanted(struct request *request, const struct catalog_list_products *query)
{
    return is_other_currency(request, query) || query->has_q || query->facets_count > 0 ||
           query->has_on_sale || query->has_rating_min || query->has_attributes ||
           (query->has_sort && query->sort != CATALOG_PRODUCT_SORT_NEWEST);
}

/* ---- the question ---- */

static const enum search_sort sorts[] = {
    [CATALOG_PRODUCT_SORT_NEWEST] = SEARCH_BY_NEWEST,
    [CATALOG_PRODUCT_SORT_RELEVANCE] = SEARCH_BY_RELEVANCE,
    [CATALOG_PRODUCT_SORT_PRICE] = SEARCH_BY_PRICE,
    [CATALOG_PRODUCT_SORT_MINUS_PRICE] = SEARCH_BY_PRICE_FALLING,
    [CATALOG_PRODUCT_SORT_RATING] = SEARCH_BY_RATING,
    [CATALOG_PRODUCT_SORT_POPULAR] = SEARCH_BY_POPULAR,
};
static_assert(ARRAY_LENGTH(sorts) == CATALOG_PRODUCT_SORT_COUNT, "every sort has its own");

static enum search_choice choose(bool is_given, bool wanted)
{
    if (!is_given) return SEARCH_ANY;
    return wanted ? SEARCH_ONLY : SEARCH_WITHOUT;
}

static enum status read_filters(struct request *request, const struct catalog_search *search,
                                const struct catalog_list_products *query,
                                struct search_filters *filters)
{
    if (query->has_category) filters->category = query->category;
    if (query->has_vendor) filters->vendor = query->vendor;
    if (query->has_min_price) filters->price_min = query->min_price;
    if (query->has_max_price) filters->price_max = query->max_price > 0 ? query->max_price : -1;
    if (query->has_rating_min) filters->rating_min_hundredths = HUNDREDTHS * (int)query->rating_min;
    if (query->has_currency) {
        memcpy(filters->currency, query->currency.data, query->currency.length);
        filters->is_own_currency = !is_other_currency(request, query);
    }
    filters->in_stock = choose(query->has_in_stock, query->in_stock);
    filters->on_sale = choose(query->has_on_sale, query->on_sale);
    filters->excluded_vendors_count =
        catalog_search_closed(request, search, &filters->excluded_vendors);
    if (query->has_attributes && catalog_query_read_attributes(
                                     request_arena(request), query->attributes,
                                     &filters->attributes, &filters->attributes_count) != STATUS_OK)
        return request_refuse(request, "/attributes", STATUS_INVALID_PARAMETER,
                              "Attributes are name:value, separated by commas, 32 at most.");
    return STATUS_OK;
}

static enum status read_position(struct request *request, struct text text,
                                 struct search_position *ret_position)
{
    unsigned char bytes[SEARCH_POSITION_BYTES];
    const char *end;
    size_t length;
    if (sodium_base642bin(bytes, sizeof bytes, text.data, text.length, NULL, &length, &end,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
        end != text.data + text.length ||
        search_position_unpack(bytes, length, ret_position) != STATUS_OK)
        return request_refuse_cursor(request);
    return STATUS_OK;
}

/* What staff says about this search. */
static void add_pins(struct arena *arena, const struct catalog_rules *rules, struct text form,
                     struct search_query *query)
{
    if (rules == NULL || form.length == 0) return;
    struct uuid *pins = arena_allocate_array(arena, SEARCH_PINS_MAX, sizeof *pins);
    struct search_boost *boosts = arena_allocate_array(arena, SEARCH_BOOSTS_MAX, sizeof *boosts);
    query->pins = pins;
    query->boosts = boosts;
    for (size_t i = 0; i < rules->pins_count; i++) {
        const struct catalog_place *pin = &rules->pins[i];
        if (!text_equals(pin->query, form)) continue;
        if (pin->effect == CATALOG_PIN_EFFECT_PIN) {
            if (query->pins_count < SEARCH_PINS_MAX) pins[query->pins_count++] = pin->product;
        } else if (query->boosts_count < SEARCH_BOOSTS_MAX) {
            boosts[query->boosts_count++] =
                (struct search_boost){ pin->product,
                                       pin->effect == CATALOG_PIN_EFFECT_BOOST ? BOOST : -BOOST };
        }
    }
}

static void add_languages(struct request *request, bool has_wish, struct text accept_language,
                          struct search_query *query)
{
    struct text *languages =
        arena_allocate_array(request_arena(request), CATALOG_LANGUAGES_ASKED, sizeof *languages);
    query->languages = languages;
    query->languages_count = catalog_languages_asked(request, has_wish, accept_language, languages);
}

static enum status make_query(struct request *request, const struct catalog_search *search,
                              const struct catalog_list_products *wanted, int64_t limit,
                              struct search_query *query)
{
    struct arena *arena = request_arena(request);
    query->limit = (int)limit;
    query->wants_facets = wanted->facets_count > 0;
    query->sort = wanted->has_sort ? sorts[wanted->sort]
                  : wanted->has_q  ? SEARCH_BY_RELEVANCE
                                   : SEARCH_BY_NEWEST;
    if (wanted->has_q) query->text = wanted->q;
    add_languages(request, wanted->has_accept_language, wanted->accept_language, query);
    TRY(read_filters(request, search, wanted, &query->filters));
    if (wanted->has_after) {
        struct search_position *after = arena_allocate(arena, sizeof *after);
        TRY(read_position(request, wanted->after, after));
        query->after = after;
    }
    if (query->sort == SEARCH_BY_RELEVANCE && wanted->has_q)
        add_pins(arena, search->rules, catalog_query_form(arena, wanted->q), query);
    return STATUS_OK;
}

/* ---- the answer ---- */

/* The product in another currency: what its index row says that it is sold in, it has here. */
static void put_price(struct catalog_found_product *found, const char *currency)
{
    struct catalog_product_summary *summary = &found->summary;
    for (size_t i = 0; i < found->prices_count; i++) {
        const struct catalog_found_price *price = &found->prices[i];
        if (strcmp(price->price.currency, currency) != 0) continue;
        summary->price = price->price;
        summary->has_compare_at_price = price->has_compare_at_price;
        summary->compare_at_price = price->compare_at_price;
        summary->has_sale_price = price->has_sale_price;
        summary->sale_price = price->sale_price;
        summary->has_lowest_price_30_days = price->has_lowest_price_30_days;
        summary->lowest_price_30_days = price->lowest_price_30_days;
        if (price->has_availability) {
            summary->availability = price->availability;
            summary->in_stock = price->availability != CATALOG_AVAILABILITY_OUT_OF_STOCK;
            summary->has_available_on = price->has_available_on;
            summary->available_on_us = price->available_on_us;
        }
        found->has_sale_from = price->has_sale_from;
        found->sale_from_us = price->sale_from_us;
        found->has_sale_to = price->has_sale_to;
        found->sale_to_us = price->sale_to_us;
    }
}

/* As a list shows it now: with its sale, if that runs; `currency` is empty for its own. */
static enum status read_summary(struct request *request, struct text data, const char *currency,
                                struct catalog_product_summary *ret_summary)
{
    struct catalog_found_product found;
    const int64_t now_us = request_now_us(request);
    TRY(msgpack_decode(&catalog_found_product_schema, data, request_arena(request), &found));
    put_price(&found, currency);
    *ret_summary = found.summary;
    ret_summary->has_sale_price = found.summary.has_sale_price &&
                                  (!found.has_sale_from || found.sale_from_us <= now_us) &&
                                  (!found.has_sale_to || now_us < found.sale_to_us);
    ret_summary->has_lowest_price_30_days =
        found.summary.has_lowest_price_30_days && ret_summary->has_sale_price;
    return STATUS_OK;
}

/* What has been hidden and is in the index still is missing from the page, which then is shorter.
 */
static enum status read_hits(struct request *request, const struct catalog_search *search,
                             const struct search_query *query, const struct search_result *result,
                             struct text language, struct catalog_product_page *page)
{
    struct arena *arena = request_arena(request);
    const size_t count = result->hits_count;
    struct catalog_product_summary *summaries =
        arena_allocate_array(arena, count, sizeof *summaries);
    struct uuid *ids = arena_allocate_array(arena, count, sizeof *ids);
    bool *may_be_seen = arena_allocate_array(arena, count, sizeof *may_be_seen);
    page->data = summaries;
    for (size_t i = 0; i < count; i++) {
        TRY(read_summary(request, result->hits[i].data, query->filters.currency, &summaries[i]));
        ids[i] = summaries[i].id;
    }
    catalog_search_compare(request, search, ids, count, may_be_seen);
    for (size_t i = 0; i < count; i++) {
        if (may_be_seen[i] && !catalog_search_leaves_out(search, ids[i], summaries[i].vendor.id))
            summaries[page->data_count++] = summaries[i];
    }
    if (language.length == 0) return STATUS_OK;
    return catalog_translate_summaries(request, language, summaries, page->data_count);
}

static void read_next(struct arena *arena, const struct search_result *result,
                      struct catalog_product_page *page)
{
    uint8_t bytes[SEARCH_POSITION_BYTES];
    page->has_more = page->has_next = result->has_more;
    if (!result->has_more) return;
    char *text = arena_allocate(arena, POSITION_TEXT_MAX);
    search_position_pack(&result->next, bytes);
    (void)sodium_bin2base64(text, POSITION_TEXT_MAX, bytes, sizeof bytes,
                            sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    page->next = text_of(text);
}

/* ---- facets ---- */

static void describe_categories(struct arena *arena, const struct search_facet *facet,
                                struct catalog_product_facets *facets)
{
    struct catalog_facet_category *list = arena_allocate_array(arena, facet->count, sizeof *list);
    for (size_t i = 0; i < facet->count; i++)
        list[i] = (struct catalog_facet_category){ .id = facet->values[i].id,
                                                   .name = facet->values[i].name,
                                                   .count = facet->values[i].count };
    facets->categories = list;
    facets->categories_count = facet->count;
}

static void describe_vendors(struct arena *arena, const struct search_facet *facet,
                             struct catalog_product_facets *facets)
{
    struct catalog_facet_vendor *list = arena_allocate_array(arena, facet->count, sizeof *list);
    for (size_t i = 0; i < facet->count; i++)
        list[i] = (struct catalog_facet_vendor){ .id = facet->values[i].id,
                                                 .name = facet->values[i].name,
                                                 .count = facet->values[i].count };
    facets->vendors = list;
    facets->vendors_count = facet->count;
}

static void describe_prices(struct arena *arena, const struct search_facets *found,
                            struct catalog_product_facets *facets)
{
    struct catalog_facet_range *list =
        arena_allocate_array(arena, found->prices_count, sizeof *list);
    for (size_t i = 0; i < found->prices_count; i++)
        list[i] = (struct catalog_facet_range){ .from = found->prices[i].from,
                                                .has_to = found->prices[i].to != INT64_MAX,
                                                .to = found->prices[i].to,
                                                .count = found->prices[i].count };
    facets->prices = list;
    facets->prices_count = found->prices_count;
}

static void describe_ratings(struct arena *arena, const struct search_facets *found,
                             struct catalog_product_facets *facets)
{
    struct catalog_facet_rating *list = arena_allocate_array(arena, SEARCH_STARS, sizeof *list);
    for (size_t stars = SEARCH_STARS; stars >= 1; stars--) {
        if (found->stars[stars - 1] > 0)
            list[facets->ratings_count++] =
                (struct catalog_facet_rating){ .stars = (int64_t)stars,
                                               .count = found->stars[stars - 1] };
    }
    facets->ratings = list;
}

static void describe_attributes(struct arena *arena, const struct search_facets *found,
                                struct catalog_product_facets *facets)
{
    struct catalog_facet_attribute *list =
        arena_allocate_array(arena, found->attributes_count, sizeof *list);
    for (size_t i = 0; i < found->attributes_count; i++) {
        const struct search_facet *facet = &found->attributes[i];
        struct catalog_facet_value *values =
            arena_allocate_array(arena, facet->count, sizeof *values);
        for (size_t k = 0; k < facet->count; k++)
            values[k] = (struct catalog_facet_value){ .value = facet->values[k].name,
                                                      .count = facet->values[k].count };
        list[i] = (struct catalog_facet_attribute){ .name = facet->name,
                                                    .values = values,
                                                    .values_count = facet->count };
    }
    facets->attributes = list;
    facets->attributes_count = found->attributes_count;
}

static void describe_facet(struct arena *arena, enum catalog_product_facet facet,
                           const struct search_facets *found, struct catalog_product_facets *facets)
{
    switch (facet) {
    case CATALOG_PRODUCT_FACET_CATEGORY:
        describe_categories(arena, &found->categories, facets);
        break;
    case CATALOG_PRODUCT_FACET_VENDOR:
        describe_vendors(arena, &found->vendors, facets);
        break;
    case CATALOG_PRODUCT_FACET_PRICE:
        describe_prices(arena, found, facets);
        break;
    case CATALOG_PRODUCT_FACET_RATING:
        facets->ratings_count = 0; /* it may be asked for twice */
        describe_ratings(arena, found, facets);
        break;
    case CATALOG_PRODUCT_FACET_ATTRIBUTES:
        describe_attributes(arena, found, facets);
        break;
    case CATALOG_PRODUCT_FACET_STOCK:
        facets->has_in_stock = true;
        facets->in_stock = found->in_stock;
        break;
    case CATALOG_PRODUCT_FACET_SALE:
        facets->has_on_sale = true;
        facets->on_sale = found->on_sale;
        break;
    }
}

static enum status translate_facet(struct request *request, struct text language,
                                   struct catalog_product_facets *facets)
{
    struct catalog_names names;
    struct catalog_facet_category *list = arena_copy(request_arena(request), facets->categories,
                                                     facets->categories_count * sizeof *list);
    TRY(catalog_translate_categories(request, language, &names));
    for (size_t i = 0; i < facets->categories_count; i++)
        list[i].name = catalog_names_find(&names, list[i].id, list[i].name);
    facets->categories = list;
    return STATUS_OK;
}

/* ---- all of it ---- */

/* Of a search by words alone: a filter is no word that is missing in the market. */
static void note_unfound(struct request *request, struct catalog_search *search,
                         const struct catalog_list_products *wanted)
{
    const bool is_filtered = wanted->has_category || wanted->has_vendor || wanted->has_min_price ||
                             wanted->has_max_price || wanted->has_in_stock || wanted->has_on_sale ||
                             wanted->has_rating_min || wanted->has_attributes ||
                             wanted->has_currency;
    if (!wanted->has_q || wanted->has_after || is_filtered) return;
    catalog_unfound_note(search->unfound, catalog_query_form(request_arena(request), wanted->q),
                         request_now_us(request));
}

enum status catalog_find_products(struct request *request,
                                  const struct catalog_list_products *wanted, int64_t limit,
                                  struct catalog_product_page *ret_page)
{
    struct arena *arena = request_arena(request);
    struct search_query *query = arena_allocate(arena, sizeof *query);
    struct search_result *result = arena_allocate(arena, sizeof *result);
    struct catalog_search *search;
    TRY(catalog_search_of(request, &search));
    TRY(make_query(request, search, wanted, limit, query));
    TRY(catalog_search_find(request, search, query, result));
    const struct text language =
        catalog_language_of(request, wanted->has_accept_language, wanted->accept_language);
    TRY(read_hits(request, search, query, result, language, ret_page));
    read_next(arena, result, ret_page);
    ret_page->has_total = true;
    ret_page->total = result->total;
    ret_page->has_is_total_exact = true;
    ret_page->is_total_exact = result->is_total_exact;
    ret_page->has_did_you_mean = result->did_you_mean.length > 0;
    ret_page->did_you_mean = result->did_you_mean;
    ret_page->has_is_corrected = ret_page->is_corrected = result->is_corrected;
    ret_page->has_is_relaxed = ret_page->is_relaxed = result->is_relaxed;
    ret_page->has_facets = result->facets != NULL;
    for (size_t i = 0; i < wanted->facets_count && result->facets != NULL; i++)
        describe_facet(arena, wanted->facets[i], result->facets, &ret_page->facets);
    if (language.length > 0 && ret_page->facets.categories_count > 0)
        TRY(translate_facet(request, language, &ret_page->facets));
    if (result->hits_count == 0 && result->total == 0) note_unfound(request, search, wanted);
    return STATUS_OK;
}

/* ---- suggestions ---- */

static enum status describe_suggestion(struct request *request, const struct catalog_search *search,
                                       const struct search_suggestion *found,
                                       struct catalog_suggestion *ret_suggestion,
                                       bool *ret_is_shown)
{
    struct catalog_product_summary summary;
    int64_t unused;
    *ret_suggestion = (struct catalog_suggestion){ .text = found->name };
    *ret_is_shown = true;
    switch (found->kind) {
    case SEARCH_CATEGORY:
        ret_suggestion->kind = CATALOG_SUGGESTION_KIND_CATEGORY;
        ret_suggestion->has_category_id = true;
        ret_suggestion->category_id = found->id;
        return STATUS_OK;
    case SEARCH_VENDOR:
        ret_suggestion->kind = CATALOG_SUGGESTION_KIND_VENDOR;
        ret_suggestion->has_vendor_id = true;
        ret_suggestion->vendor_id = found->id;
        *ret_is_shown = !catalog_id_map_find(&search->closed, found->id, &unused);
        return STATUS_OK;
    case SEARCH_PRODUCT:
        break;
    }
    TRY(read_summary(request, found->data, "", &summary));
    ret_suggestion->kind = CATALOG_SUGGESTION_KIND_PRODUCT;
    ret_suggestion->has_product_id = true;
    ret_suggestion->product_id = found->id;
    ret_suggestion->text = summary.name;
    *ret_is_shown = !catalog_search_leaves_out(search, summary.id, summary.vendor.id);
    return STATUS_OK;
}

/* What the suggestions lead to is called as the pages behind them call it. */
static enum status translate_suggestions(struct request *request, struct text language,
                                         struct catalog_suggestion *suggestions, size_t count)
{
    struct arena *arena = request_arena(request);
    struct catalog_product_summary *summaries =
        arena_allocate_array(arena, count, sizeof *summaries);
    struct catalog_names names;
    TRY(catalog_translate_categories(request, language, &names));
    for (size_t i = 0; i < count; i++) {
        summaries[i].name = suggestions[i].text;
        if (suggestions[i].has_product_id) summaries[i].id = suggestions[i].product_id;
    }
    TRY(catalog_translate_summaries(request, language, summaries, count));
    for (size_t i = 0; i < count; i++) {
        if (suggestions[i].has_product_id) suggestions[i].text = summaries[i].name;
        if (suggestions[i].has_category_id)
            suggestions[i].text =
                catalog_names_find(&names, suggestions[i].category_id, suggestions[i].text);
    }
    return STATUS_OK;
}

enum status catalog_handle_suggest(struct request *request, const struct catalog_suggest *query,
                                   struct catalog_suggestions *ret_reply)
{
    struct catalog_search *search;
    struct search_suggestions found = { .count = 0 };
    struct search_query asked = { .text = query->q, .limit = SUGGESTIONS_DEFAULT };
    if (query->has_limit) asked.limit = (int)query->limit;
    add_languages(request, query->has_accept_language, query->accept_language, &asked);
    TRY(catalog_search_of(request, &search));
    asked.filters.excluded_vendors_count =
        catalog_search_closed(request, search, &asked.filters.excluded_vendors);
    TRY(catalog_search_suggest(request, search, &asked, &found));
    struct arena *arena = request_arena(request);
    struct catalog_suggestion *suggestions =
        arena_allocate_array(arena, found.count, sizeof *suggestions);
    struct uuid *ids = arena_allocate_array(arena, found.count, sizeof *ids);
    bool *may_be_seen = arena_allocate_array(arena, found.count, sizeof *may_be_seen);
    for (size_t i = 0; i < found.count; i++)
        ids[i] = found.list[i].id;
    catalog_search_compare(request, search, ids, found.count, may_be_seen);
    for (size_t i = 0; i < found.count; i++) {
        bool is_shown;
        TRY(describe_suggestion(request, search, &found.list[i],
                                &suggestions[ret_reply->data_count], &is_shown));
        if (found.list[i].kind != SEARCH_CATEGORY) is_shown = is_shown && may_be_seen[i];
        ret_reply->data_count += is_shown ? 1 : 0;
    }
    ret_reply->data = suggestions;
    const struct text language =
        catalog_language_of(request, query->has_accept_language, query->accept_language);
    if (language.length == 0) return STATUS_OK;
    return translate_suggestions(request, language, suggestions, ret_reply->data_count);
}

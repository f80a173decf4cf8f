/* A few hundred products of every kind. */
#include "tests/actors/catalog/search_goods.h"

#include <stdio.h>
#include <string.h>

struct search_good search_goods[SEARCH_GOODS];
static uint64_t random_state;

const char *const search_colours[SEARCH_COLOURS] = { "Red", "Green", "Blue", "Grün-Weiß", "Black" };
const char *const search_sizes[SEARCH_SIZES] = { "S", "M", "XL" };

uint32_t search_any_below(uint32_t bound)
{
    random_state = random_state * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (uint32_t)(random_state >> 33) % bound;
}

static struct search_good any_product(void)
{
    return (struct search_good){
        .price = 100 + search_any_below(40) * 400,
        .sold = search_any_below(20),
        .rating = search_any_below(3) == 0 ? 0 : 100 + (int)search_any_below(9) * 50,
        .is_in_stock = search_any_below(4) != 0,
        .is_on_sale = search_any_below(5) == 0,
        .vendor = search_any_below(SEARCH_VENDORS),
        .category = search_any_below(SEARCH_CATEGORIES),
        .colour = (int)search_any_below(SEARCH_COLOURS + 1) - 1,
        .colour_also = (int)search_any_below(SEARCH_COLOURS + 3) - 3,
        .size = (int)search_any_below(SEARCH_SIZES + 1) - 1,
        .is_ruby = search_any_below(3) != 0,
        .is_foreign = search_any_below(8) == 0,
        .price_yen = search_any_below(3) == 0 ? 0 : 100 + search_any_below(40) * 400,
        .is_on_sale_yen = search_any_below(5) == 0,
    };
}

bool search_good_is_sold(const struct search_good *good, const char *currency)
{
    if (strcmp(currency, "JPY") == 0) return good->price_yen > 0;
    if (strcmp(currency, "USD") == 0) return good->is_foreign;
    return currency[0] == '\0' || !good->is_foreign;
}

int64_t search_good_price(const struct search_good *good, const char *currency)
{
    return strcmp(currency, "JPY") == 0 ? good->price_yen : good->price;
}

bool search_good_is_on_sale(const struct search_good *good, const char *currency)
{
    return strcmp(currency, "JPY") == 0 ? good->is_on_sale_yen : good->is_on_sale;
}

void search_goods_put(struct search_shelf *to, uint32_t number)
{
    const struct search_good *product = &search_goods[number];
    char name[64];
    (void)snprintf(name, sizeof name, "%s thing", product->is_ruby ? "ruby" : "amber");
    struct search_document document = search_document_of(number + 1, name);
    document.price = product->price;
    document.sold = product->sold;
    document.rating_hundredths = product->rating;
    document.is_in_stock = product->is_in_stock;
    document.is_on_sale = product->is_on_sale;
    document.is_foreign = product->is_foreign;
    struct search_price prices[2];
    if (product->price_yen > 0)
        prices[document.prices_count++] =
            (struct search_price){ "JPY", product->price_yen, product->is_on_sale_yen,
                                   !product->is_in_stock };
    if (product->is_foreign)
        prices[document.prices_count++] =
            (struct search_price){ "USD", product->price, product->is_on_sale,
                                   !product->is_in_stock };
    document.prices = prices;
    static const struct text vendors[SEARCH_VENDORS] = { TEXT("Ann"), TEXT("Bob"), TEXT("Cid"),
                                                         TEXT("Cid") };
    document.vendor =
        (struct search_reference){ search_id(900 + product->vendor), vendors[product->vendor] };
    struct search_reference path[2];
    size_t depth = 0;
    if (product->category > 2)
        path[depth++] =
            (struct search_reference){ search_id(500 + product->category - 3), TEXT("Above") };
    path[depth++] =
        (struct search_reference){ search_id(500 + product->category),
                                   product->category > 2 ? TEXT("Below") : TEXT("Above") };
    document.categories = path;
    document.categories_count = depth;
    struct search_attribute attributes[3];
    size_t count = 0;
    const int of_colour[] = { product->colour, product->colour_also };
    for (size_t i = 0; i < ARRAY_LENGTH(of_colour); i++) {
        if (of_colour[i] < 0) continue;
        attributes[count++] =
            (struct search_attribute){ TEXT("Colour"), text_of(search_colours[of_colour[i]]) };
    }
    if (product->size >= 0) {
        attributes[count++] =
            (struct search_attribute){ TEXT("Size"), text_of(search_sizes[product->size]) };
    }
    document.attributes = attributes;
    document.attributes_count = count;
    search_shelf_put(to, &document);
}

uint32_t search_goods_number(struct uuid id)
{
    return ((uint32_t)id.bytes[2] << 24 | (uint32_t)id.bytes[3] << 16 | (uint32_t)id.bytes[4] << 8 |
            id.bytes[5]) -
           1;
}

void search_goods_fill(struct search_shelf *shelf)
{
    random_state = 2026;
    for (uint32_t i = 0; i < SEARCH_GOODS; i++) {
        search_goods[i] = any_product();
        search_goods_put(shelf, i);
    }
    search_shelf_show(shelf);
}

struct search_wish search_any_wish(void)
{
    static const char *const currencies[] = { "", "", "EUR", "USD", "JPY", "JPY" };
    return (struct search_wish){
        .has_word = search_any_below(2) == 0,
        .category = search_any_below(2) == 0 ? -1 : (int)search_any_below(SEARCH_CATEGORIES),
        .vendor = search_any_below(3) != 0 ? -1 : (int)search_any_below(SEARCH_VENDORS),
        .excluded = search_any_below(3) != 0 ? -1 : (int)search_any_below(SEARCH_VENDORS),
        .stars = search_any_below(2) == 0 ? 0 : (int)search_any_below(4) + 1,
        .colours_mask =
            search_any_below(2) == 0 ? 0 : 1 + (int)search_any_below((1 << SEARCH_COLOURS) - 1),
        .size = search_any_below(3) != 0 ? -1 : (int)search_any_below(SEARCH_SIZES),
        .from = search_any_below(2) == 0 ? 0 : search_any_below(20) * 400,
        .to = search_any_below(2) == 0 ? 0 : 4000 + search_any_below(20) * 400,
        .in_stock = (enum search_choice)search_any_below(3),
        .on_sale = search_any_below(2) == 0 ? SEARCH_ANY : (enum search_choice)search_any_below(3),
        .currency = currencies[search_any_below(ARRAY_LENGTH(currencies))],
    };
}

struct search_query search_query_of_wish(const struct search_wish *wish)
{
    static struct uuid excluded;
    static struct search_attribute attributes[SEARCH_COLOURS + 1];
    size_t count = 0;
    /* In other spellings than the products'. */
    static const char *const asked[SEARCH_COLOURS] = { "red", "GREEN", "blue", "GRUN-WEISS",
                                                       "Black" };
    for (int i = 0; i < SEARCH_COLOURS; i++) {
        if ((wish->colours_mask & 1 << i) == 0) continue;
        attributes[count++] = (struct search_attribute){ TEXT("colour"), text_of(asked[i]) };
    }
    if (wish->size >= 0)
        attributes[count++] =
            (struct search_attribute){ TEXT("Size"), text_of(search_sizes[wish->size]) };
    excluded = search_id(900 + (uint32_t)wish->excluded);
    struct search_query query = search_query_of(wish->has_word ? "ruby" : "");
    query.filters = (struct search_filters){
        .excluded_vendors = &excluded,
        .excluded_vendors_count = wish->excluded >= 0,
        .price_min = wish->from,
        .price_max = wish->to,
        .rating_min_hundredths = wish->stars * 100,
        .in_stock = wish->in_stock,
        .on_sale = wish->on_sale,
        .attributes = attributes,
        .attributes_count = count,
        .is_own_currency = strcmp(wish->currency, "EUR") == 0,
    };
    (void)snprintf(query.filters.currency, sizeof query.filters.currency, "%s", wish->currency);
    if (wish->category >= 0) query.filters.category = search_id(500 + (uint32_t)wish->category);
    if (wish->vendor >= 0) query.filters.vendor = search_id(900 + (uint32_t)wish->vendor);
    return query;
}

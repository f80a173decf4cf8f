/* Rows as bytes, and which of them pass. */
#include "actors/catalog/search_row.h"

#include <string.h>

#include "actors/catalog/search_row_bytes.h"

enum { CODE_BYTES = 3 };

static void put_number(char *bytes, uint64_t number, size_t width)
{
    for (size_t i = 0; i < width; i++)
        bytes[i] = (char)(number >> 8 * (width - 1 - i));
}

static uint64_t get_number(const char *bytes, size_t width)
{
    uint64_t number = 0;
    for (size_t i = 0; i < width; i++)
        number = number << 8 | (unsigned char)bytes[i];
    return number;
}

static size_t put_varint(char *bytes, uint64_t number)
{
    size_t length = 0;
    while (number >= 0x80) {
        bytes[length++] = (char)(number | 0x80);
        number >>= 7;
    }
    bytes[length++] = (char)number;
    return length;
}

static size_t put_list(char *bytes, const uint32_t *numbers, size_t count)
{
    size_t length = put_varint(bytes, (uint32_t)count);
    for (size_t i = 0; i < count; i++)
        length += put_varint(bytes + length, numbers[i]);
    return length;
}

static bool get_list(struct search_row_cursor *cursor, uint32_t *ret_numbers, size_t limit,
                     size_t *ret_count)
{
    uint64_t count;
    if (!search_row_varint(cursor, &count) || count > limit) return false;
    for (uint64_t i = 0; i < count; i++) {
        if (!search_row_name(cursor, &ret_numbers[i])) return false;
    }
    *ret_count = (size_t)count;
    return true;
}

/* ---- prices in other currencies ---- */

enum { PRICE_ON_SALE = 1, PRICE_SOLD_OUT = 2 };

static size_t put_prices(char *bytes, const struct search_price *prices, size_t count)
{
    if (count == 0) return 0;
    size_t length = 0;
    for (size_t i = 0; i < count; i++) {
        memcpy(bytes + length, prices[i].currency, CODE_BYTES);
        bytes[length + CODE_BYTES] = (char)((prices[i].is_on_sale ? PRICE_ON_SALE : 0) |
                                            (prices[i].is_sold_out ? PRICE_SOLD_OUT : 0));
        put_number(bytes + length + CODE_BYTES + 1, (uint64_t)prices[i].price, 8);
        length += SEARCH_ROW_PRICE_BYTES;
    }
    bytes[length++] = (char)count;
    return length;
}

/* The entries, and how many there are; NULL: none. */
static const char *find_prices(struct text bytes, size_t *ret_count)
{
    *ret_count = 0;
    if (bytes.length == 0 || (bytes.data[0] & SEARCH_ROW_HAS_PRICES) == 0) return NULL;
    const size_t count = (unsigned char)bytes.data[bytes.length - 1];
    const size_t size = count * SEARCH_ROW_PRICE_BYTES + 1;
    if (count > SEARCH_CURRENCIES_MAX || bytes.length <= size) return NULL;
    *ret_count = count;
    return bytes.data + bytes.length - size;
}

static void get_prices(struct text bytes, struct search_row *row)
{
    const char *entry = find_prices(bytes, &row->prices_count);
    for (size_t i = 0; i < row->prices_count; i++, entry += SEARCH_ROW_PRICE_BYTES) {
        struct search_price *price = &row->prices[i];
        memcpy(price->currency, entry, CODE_BYTES);
        price->currency[CODE_BYTES] = '\0';
        price->is_on_sale = (entry[CODE_BYTES] & PRICE_ON_SALE) != 0;
        price->is_sold_out = (entry[CODE_BYTES] & PRICE_SOLD_OUT) != 0;
        price->price = (int64_t)get_number(entry + CODE_BYTES + 1, 8);
    }
}

/* ---- what goes together ---- */

static size_t put_variants(char *bytes, const struct search_row *row)
{
    if (row->variants_count == 0) return 0;
    size_t length = put_varint(bytes, row->variants_count);
    for (size_t i = 0; i < row->variants_count; i++)
        length += put_varint(bytes + length, row->variants[i]);
    return length;
}

void search_row_combine(struct search_row *row, const uint64_t *variants, size_t count)
{
    char bytes[2 + 10 * SEARCH_VARIANTS_MAX];
    uint64_t common = UINT64_MAX;
    bool is_telling = false;
    row->variants_count = 0;
    for (size_t i = 0; i < count; i++)
        common &= variants[i];
    for (size_t i = 0; i < count; i++) {
        const uint64_t own = variants[i] & ~common;
        is_telling = is_telling || (own & (own - 1)) != 0; /* two bits or more */
        size_t k = 0;
        while (k < row->variants_count && row->variants[k] != variants[i])
            k++;
        if (k == SEARCH_VARIANTS_MAX) {
            row->variants_count = 0;
            return;
        }
        row->variants[k] = variants[i];
        if (k == row->variants_count) row->variants_count++;
    }
    if (!is_telling || put_variants(bytes, row) > SEARCH_ROW_VARIANTS_BYTES_MAX)
        row->variants_count = 0;
}

static bool get_variants(struct search_row_cursor *cursor, bool has_them, struct search_row *row)
{
    uint64_t count = 0;
    if (has_them && (!search_row_varint(cursor, &count) || count > SEARCH_VARIANTS_MAX))
        return false;
    for (uint64_t i = 0; i < count; i++)
        if (!search_row_varint(cursor, &row->variants[i])) return false;
    row->variants_count = (size_t)count;
    return true;
}

/* ---- packed ---- */

size_t search_row_pack(const struct search_row *row, char ret_bytes[SEARCH_ROW_BYTES_MAX])
{
    assert(row->categories_count <= SEARCH_CATEGORIES_MAX);
    assert(row->attributes_count <= SEARCH_ATTRIBUTES_MAX);
    assert(row->prices_count <= SEARCH_CURRENCIES_MAX);
    assert(row->variants_count <= SEARCH_VARIANTS_MAX);
    ret_bytes[0] = (char)((row->is_in_stock ? SEARCH_ROW_IN_STOCK : 0) |
                          (row->is_on_sale ? SEARCH_ROW_ON_SALE : 0) |
                          (row->is_foreign ? SEARCH_ROW_FOREIGN : 0) |
                          (row->variants_count > 0 ? SEARCH_ROW_HAS_VARIANTS : 0) |
                          (row->prices_count > 0 ? SEARCH_ROW_HAS_PRICES : 0));
    size_t length = 1;
    length += put_varint(ret_bytes + length, (uint64_t)row->price);
    length += put_varint(ret_bytes + length, (uint64_t)row->sold);
    length += put_varint(ret_bytes + length, (uint64_t)row->rating_hundredths);
    length += put_varint(ret_bytes + length, row->vendor);
    length += put_list(ret_bytes + length, row->categories, row->categories_count);
    length += put_list(ret_bytes + length, row->attributes, row->attributes_count);
    length += put_variants(ret_bytes + length, row);
    return length + put_prices(ret_bytes + length, row->prices, row->prices_count);
}

/* What stands before the lists. */
static bool get_head(struct search_row_cursor *cursor, struct search_row *ret_row)
{
    struct search_row_head head;
    if (!search_row_read_head(cursor, &head)) return false;
    ret_row->is_in_stock = (head.flags & SEARCH_ROW_IN_STOCK) != 0;
    ret_row->is_on_sale = (head.flags & SEARCH_ROW_ON_SALE) != 0;
    ret_row->is_foreign = (head.flags & SEARCH_ROW_FOREIGN) != 0;
    ret_row->price = (int64_t)head.price;
    ret_row->sold = (int64_t)head.sold;
    ret_row->rating_hundredths = (int)head.rating_hundredths;
    return true;
}

enum status search_row_unpack(struct text bytes, struct search_row *ret_row)
{
    struct search_row_cursor cursor = { bytes.data, bytes.data + bytes.length };
    const bool has_variants = bytes.length > 0 && (bytes.data[0] & SEARCH_ROW_HAS_VARIANTS) != 0;
    const bool is_whole =
        get_head(&cursor, ret_row) && search_row_name(&cursor, &ret_row->vendor) &&
        get_list(&cursor, ret_row->categories, SEARCH_CATEGORIES_MAX, &ret_row->categories_count) &&
        get_list(&cursor, ret_row->attributes, SEARCH_ATTRIBUTES_MAX, &ret_row->attributes_count) &&
        get_variants(&cursor, has_variants, ret_row);
    if (!is_whole) return STATUS_CORRUPT;
    ret_row->is_unsold = false;
    get_prices(bytes, ret_row);
    return STATUS_OK;
}

/* In the currency, where the row has a price in it. */
static int64_t price_key(struct text packed, int64_t own, const char *currency)
{
    size_t count = 0;
    const char *entry = currency[0] == '\0' ? NULL : find_prices(packed, &count);
    for (size_t i = 0; i < count; i++, entry += SEARCH_ROW_PRICE_BYTES)
        if (memcmp(entry, currency, CODE_BYTES) == 0)
            return (int64_t)get_number(entry + CODE_BYTES + 1, 8);
    return own;
}

int64_t search_row_key(struct text packed, enum search_sort sort, const char *currency)
{
    struct search_row row;
    struct search_row_cursor cursor = { packed.data, packed.data + packed.length };
    if (!get_head(&cursor, &row)) return 0;
    switch (sort) {
    case SEARCH_BY_PRICE:
        return -price_key(packed, row.price, currency);
    case SEARCH_BY_PRICE_FALLING:
        return price_key(packed, row.price, currency);
    case SEARCH_BY_POPULAR:
        return row.sold;
    case SEARCH_BY_RATING:
        return row.rating_hundredths;
    default:
        return 0;
    }
}

/* ---- filters ---- */

static bool is_zero(struct uuid id)
{
    const struct uuid zero = { { 0 } };
    return memcmp(id.bytes, zero.bytes, sizeof id.bytes) == 0;
}

static void init_excluded(struct search_sieve *sieve, const struct search_filters *filters,
                          const struct search_names *names)
{
    for (size_t i = 0; i < filters->excluded_vendors_count; i++) {
        const uint32_t number =
            search_names_find(names, SEARCH_NAME_VENDOR, filters->excluded_vendors[i]);
        if (number == SEARCH_NAME_NONE) continue;
        size_t place = sieve->excluded_count++;
        for (; place > 0 && sieve->excluded[place - 1] > number; place--)
            sieve->excluded[place] = sieve->excluded[place - 1];
        sieve->excluded[place] = number;
    }
}

/* The values of an attribute stand together, in the place of its first one. */
static void init_attributes(struct search_sieve *sieve, const struct search_filters *filters,
                            const struct search_names *names)
{
    bool is_done[SEARCH_FILTER_ATTRIBUTES_MAX] = { false };
    size_t values_count = 0;
    for (size_t i = 0; i < filters->attributes_count; i++) {
        if (is_done[i]) continue;
        const struct uuid key = search_names_key(filters->attributes[i].name, NULL);
        for (size_t j = i; j < filters->attributes_count; j++) {
            const struct search_attribute *other = &filters->attributes[j];
            const struct uuid other_key = search_names_key(other->name, NULL);
            if (memcmp(other_key.bytes, key.bytes, sizeof key.bytes) != 0) continue;
            is_done[j] = true;
            sieve->values[values_count++] = search_names_find(
                names, SEARCH_NAME_VALUE, search_names_key(other->name, &other->value));
        }
        sieve->groups[sieve->groups_count] = search_names_find(names, SEARCH_NAME_ATTRIBUTE, key);
        sieve->group_ends[sieve->groups_count++] = values_count;
    }
}

void search_sieve_init(struct search_sieve *sieve, const struct search_filters *filters,
                       const struct search_names *names)
{
    assert(filters->excluded_vendors_count <= SEARCH_EXCLUDED_MAX);
    assert(filters->attributes_count <= SEARCH_FILTER_ATTRIBUTES_MAX);
    *sieve = (struct search_sieve){
        .has_category = !is_zero(filters->category),
        .has_vendor = !is_zero(filters->vendor),
        .category = search_names_find(names, SEARCH_NAME_CATEGORY, filters->category),
        .vendor = search_names_find(names, SEARCH_NAME_VENDOR, filters->vendor),
        .price_min = filters->price_min,
        .price_max = filters->price_max > 0   ? filters->price_max
                     : filters->price_max < 0 ? 0
                                              : INT64_MAX,
        .rating_min_hundredths = filters->rating_min_hundredths,
        .in_stock = filters->in_stock,
        .on_sale = filters->on_sale,
        .is_own_currency = filters->is_own_currency,
    };
    memcpy(sieve->currency, filters->currency, sizeof sieve->currency);
    init_excluded(sieve, filters, names);
    init_attributes(sieve, filters, names);
}

/* Numbers that stand for nothing are equal to none. */
static bool is_same(uint32_t number, uint32_t wanted)
{
    return number == wanted && wanted != SEARCH_NAME_NONE;
}

static bool has_any(const uint32_t *numbers, size_t count, const uint32_t *wanted,
                    size_t wanted_count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < wanted_count; j++) {
            if (is_same(numbers[i], wanted[j])) return true;
        }
    }
    return false;
}

static bool is_excluded(const struct search_sieve *sieve, uint32_t vendor)
{
    size_t low = 0, high = sieve->excluded_count;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (sieve->excluded[middle] == vendor) return true;
        if (sieve->excluded[middle] < vendor) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return false;
}

static bool passes(enum search_choice choice, bool is_so)
{
    return choice == SEARCH_ANY || (choice == SEARCH_ONLY) == is_so;
}

enum status search_sieve_open(const struct search_sieve *sieve, struct text packed,
                              struct search_row *ret_row)
{
    TRY(search_row_unpack(packed, ret_row));
    if (sieve->currency[0] == '\0') return STATUS_OK;
    ret_row->is_unsold = !sieve->is_own_currency || ret_row->is_foreign;
    for (size_t i = 0; i < ret_row->prices_count && ret_row->is_unsold; i++) {
        if (memcmp(ret_row->prices[i].currency, sieve->currency, CODE_BYTES) != 0) continue;
        ret_row->price = ret_row->prices[i].price;
        ret_row->is_on_sale = ret_row->prices[i].is_on_sale;
        ret_row->is_in_stock = !ret_row->prices[i].is_sold_out;
        ret_row->is_unsold = false;
    }
    return STATUS_OK;
}

/* The places of the row's values that one group asks for. */
static uint64_t places_of(const struct search_sieve *sieve, const struct search_row *row,
                          size_t group)
{
    const size_t first = group == 0 ? 0 : sieve->group_ends[group - 1];
    uint64_t places = 0;
    for (size_t i = 0; i < row->attributes_count; i++)
        if (has_any(&row->attributes[i], 1, sieve->values + first,
                    sieve->group_ends[group] - first))
            places |= UINT64_C(1) << i;
    return places;
}

uint64_t search_sieve_values(const struct search_sieve *sieve, const struct search_row *row,
                             size_t but)
{
    uint64_t wanted[SEARCH_FILTER_ATTRIBUTES_MAX], values = 0;
    for (size_t i = 0; i < sieve->groups_count; i++)
        wanted[i] = i == but ? UINT64_MAX : places_of(sieve, row, i);
    for (size_t k = 0; k < row->variants_count; k++) {
        bool has_all = true;
        for (size_t i = 0; i < sieve->groups_count && has_all; i++)
            has_all = i == but || (row->variants[k] & wanted[i]) != 0;
        if (has_all) values |= row->variants[k];
    }
    return values;
}

uint64_t search_sieve_misses(const struct search_sieve *sieve, const struct search_row *row)
{
    uint64_t misses = 0;
    if (row->is_unsold || is_excluded(sieve, row->vendor)) misses |= SEARCH_NOWHERE;
    if (sieve->has_vendor && !is_same(row->vendor, sieve->vendor)) misses |= SEARCH_OF_VENDOR;
    if (sieve->has_category &&
        !has_any(row->categories, row->categories_count, &sieve->category, 1)) {
        misses |= SEARCH_IN_CATEGORY;
    }
    if (row->price < sieve->price_min || row->price > sieve->price_max) misses |= SEARCH_IN_PRICE;
    if (row->rating_hundredths < sieve->rating_min_hundredths) misses |= SEARCH_IN_RATING;
    if (!passes(sieve->in_stock, row->is_in_stock)) misses |= SEARCH_IN_STOCK;
    if (!passes(sieve->on_sale, row->is_on_sale)) misses |= SEARCH_IN_SALE;
    size_t first = 0;
    for (size_t i = 0; i < sieve->groups_count; i++) {
        const bool has_one = has_any(row->attributes, row->attributes_count, sieve->values + first,
                                     sieve->group_ends[i] - first);
        if (!has_one) misses |= (uint64_t)SEARCH_IN_ATTRIBUTE << i;
        first = sieve->group_ends[i];
    }
    if (row->variants_count > 0 && sieve->groups_count > 1 && misses < SEARCH_IN_ATTRIBUTE &&
        search_sieve_values(sieve, row, sieve->groups_count) == 0)
        misses |= (uint64_t)SEARCH_IN_ATTRIBUTE | (uint64_t)SEARCH_IN_ATTRIBUTE << 1;
    return misses;
}

bool search_sieve_is_open(const struct search_sieve *sieve)
{
    return !sieve->has_category && !sieve->has_vendor && sieve->price_min <= 0 &&
           sieve->price_max == INT64_MAX && sieve->rating_min_hundredths <= 0 &&
           sieve->in_stock == SEARCH_ANY && sieve->on_sale == SEARCH_ANY &&
           sieve->groups_count == 0 && sieve->excluded_count == 0 && sieve->currency[0] == '\0';
}

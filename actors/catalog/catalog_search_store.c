/* SQL of what feeds the search index, and the mapping of its rows to documents. */
#include "actors/catalog/catalog_search_store.h"

#include <string.h>

#include "actors/catalog/catalog.h"
#include "actors/catalog/catalog_price.h"
#include "actors/catalog/catalog_row.h"
#include "messages/codec_msgpack.h"
#include "runtime/envelope.h"
#include "storage/query.h"

/* ---- products ---- */

/* A UPC is found by the EAN that it is, too: with a zero in front. Units sold of variants that are
 * gone still make a product popular. */
static const struct statement products_load = {
    .name = "catalog_search_products",
    .sql =
        "SELECT p.id, p.vendor_id, v.name, p.name, p.slug,"
        " p.description, (SELECT coalesce(catalog.text_concat(ARRAY[l.language,"
        " coalesce(t.name, ''), coalesce(t.description, ''), coalesce(n.names, '')]"
        " ORDER BY l.language), '{}') FROM (SELECT t.language FROM catalog.product_translation t"
        " WHERE t.product_id = p.id UNION SELECT t.language FROM catalog.category_translation t"
        " WHERE t.category_id = ANY (c.ancestors) ORDER BY language LIMIT 8) l"
        " LEFT JOIN catalog.product_translation t ON t.product_id = p.id"
        " AND t.language = l.language"
        " CROSS JOIN LATERAL (SELECT string_agg(t.name, E'\n') AS names"
        " FROM catalog.category_translation t WHERE t.category_id = ANY (c.ancestors)"
        " AND t.language = l.language) n),"
        " c.ancestors,"
        " c.path, p.price_amount, p.price_currency, coalesce(p.compare_at_amount, -1),"
        " coalesce(p.sale_amount, 0), coalesce(p.sale_from, 0), coalesce(p.sale_to, 0), "
        "coalesce(p.sale_prior, -1),"
        " coalesce(p.picture, p.images[1], ''), k.availability, k.available_on, k.sold, k.numbers, "
        "k.options, k.options_counts,"
        " CASE WHEN cardinality(p.attributes) > 0 THEN (SELECT coalesce(catalog.text_concat(ARRAY["
        "d.name, concat_ws(' ', p.attributes[2 * v.place], d.unit)] ORDER BY v.place), '{}')"
        " FROM generate_series(1, cardinality(p.attributes) / 2) AS v (place)"
        " CROSS JOIN LATERAL (SELECT a.* FROM catalog.category_attribute a"
        " WHERE a.key = p.attributes[2 * v.place - 1] AND a.category_id = ANY (c.ancestors)"
        " ORDER BY array_position(c.ancestors, a.category_id) DESC LIMIT 1) d"
        " WHERE d.is_filterable) ELSE '{}' END,"
        " ARRAY(SELECT n.currency FROM catalog.product_currency n WHERE n.product_id = p.id"
        " ORDER BY n.currency LIMIT 10),"
        " ARRAY(SELECT x.number FROM (SELECT * FROM catalog.product_currency n"
        " WHERE n.product_id = p.id ORDER BY n.currency LIMIT 10) n"
        " CROSS JOIN LATERAL (SELECT coalesce(min(" AVAILABILITY_SQL(
            "$2") "), 3) AS availability,"
                  " coalesce(min(" AVAILABLE_ON_SQL(
                      "$2") "), 0) AS available_on"
                            " FROM catalog.stock k JOIN catalog.variant_price r"
                            " ON r.variant_id = k.variant_id AND r.currency = n.currency"
                            " WHERE k.product_id = p.id AND k.is_active) q"
                            " CROSS JOIN LATERAL unnest(ARRAY[n.price_amount, "
                            "coalesce(n.compare_at_amount, -1),"
                            " coalesce(n.sale_amount, 0), coalesce(n.sale_from, 0), "
                            "coalesce(n.sale_to, 0),"
                            " coalesce(n.sale_prior, -1), q.availability, q.available_on])"
                            " WITH ORDINALITY AS x (number, place)"
                            " ORDER BY n.currency, x.place)"
                            " FROM unnest($1::uuid[]) AS u (id)"
                            " JOIN catalog.product p ON p.id = u.id AND p.is_listed"
                            " JOIN catalog.vendor_copy v ON v.vendor_id = p.vendor_id AND v.is_open"
                            " JOIN catalog.category c ON c.id = p.category_id"
                            " CROSS JOIN LATERAL (SELECT"
                            " coalesce(min(" AVAILABILITY_SQL(
                                "$2") ") FILTER (WHERE k.is_active), 3) AS availability,"
                                      " coalesce(min(" AVAILABLE_ON_SQL(
                                          "$2") ") FILTER (WHERE k.is_active), 0) AS available_on,"
                                                " coalesce(sum(k.sold), 0)::bigint AS sold,"
                                                " coalesce(array_agg(w.sku) FILTER (WHERE "
                                                "k.is_active AND w.sku IS NOT "
                                                "NULL), '{}')"
                                                " || coalesce(array_agg(w.barcode) FILTER (WHERE "
                                                "k.is_active"
                                                " AND w.barcode IS NOT NULL), '{}')"
                                                " || coalesce(array_agg('0' || w.barcode) FILTER "
                                                "(WHERE k.is_active"
                                                " AND length(w.barcode) = 12), '{}') AS numbers,"
                                                " coalesce(catalog.text_concat(w.options) FILTER "
                                                "(WHERE k.is_active), "
                                                "'{}') AS options,"
                                                " coalesce(array_agg(cardinality(w.options)::"
                                                "bigint)"
                                                " FILTER (WHERE k.is_active), '{}')"
                                                " AS options_counts"
                                                " FROM catalog.stock k JOIN catalog.variant w ON "
                                                "w.id = k.variant_id"
                                                " WHERE k.product_id = p.id) k",
};

enum { TRANSLATION_CELLS = 4 };

static void read_translations(struct row *row, struct arena *arena,
                              struct search_document *document)
{
    const struct text *cells;
    const size_t count = row_text_array(row, arena, &cells) / TRANSLATION_CELLS;
    struct search_translation *list = arena_allocate_array(arena, count, sizeof *list);
    for (size_t i = 0; i < count; i++, cells += TRANSLATION_CELLS)
        list[i] = (struct search_translation){
            .language = cells[0], .name = cells[1], .description = cells[2], .categories = cells[3]
        };
    document->translations = list;
    document->translations_count = count;
}

/* The names of a path belong to the ids from the root; a path that cannot be split has no names,
 * and its ids filter all the same. */
static void read_categories(struct row *row, struct arena *arena,
                            struct catalog_product_summary *summary,
                            struct search_document *document)
{
    const struct uuid *ids;
    struct catalog_path *path = arena_allocate(arena, sizeof *path);
    const size_t count = row_uuid_array(row, arena, &ids);
    summary->category.path = row_text(row);
    const bool is_split = catalog_path_split(arena, summary->category.path, path) == STATUS_OK &&
                          path->levels == count;
    struct search_reference *categories = arena_allocate_array(arena, count, sizeof *categories);
    for (size_t i = 0; i < count; i++) {
        categories[i].id = ids[i];
        if (is_split) categories[i].name = path->names[i];
    }
    if (count > 0) summary->category.id = ids[count - 1];
    document->categories = categories;
    document->categories_count = count;
}

/* The place of the attribute, which it has from then on; SEARCH_ATTRIBUTES_MAX: there is no room.
 */
static size_t place_of(struct search_document *document, struct search_attribute *attributes,
                       struct search_attribute attribute)
{
    size_t place = 0;
    while (place < document->attributes_count &&
           !(text_equals(attributes[place].name, attribute.name) &&
             text_equals(attributes[place].value, attribute.value)))
        place++;
    if (place < document->attributes_count || place == SEARCH_ATTRIBUTES_MAX) return place;
    attributes[place] = attribute;
    document->attributes_count++;
    return place;
}

/* Names and values in turn, each value once. Returns their places as bits. */
static uint64_t add_attributes(const struct text *cells, size_t count,
                               struct search_attribute *attributes,
                               struct search_document *document)
{
    uint64_t places = 0;
    for (size_t i = 0; i + 1 < count; i += 2) {
        const size_t place =
            place_of(document, attributes,
                     (struct search_attribute){ .name = cells[i], .value = cells[i + 1] });
        if (place < SEARCH_ATTRIBUTES_MAX) places |= UINT64_C(1) << place;
    }
    return places;
}

/* The options of all variants, and what the product says by which its category is filtered: that is
 * said of each variant, too. The variants' options stand behind each other, so many of each. */
static void read_attributes(struct row *row, struct arena *arena, struct search_document *document)
{
    const struct text *options, *said;
    const int64_t *counts;
    const size_t options_count = row_text_array(row, arena, &options);
    const size_t variants_count = row_int_array(row, arena, &counts);
    const size_t said_count = row_text_array(row, arena, &said);
    struct search_attribute *attributes =
        arena_allocate_array(arena, SEARCH_ATTRIBUTES_MAX, sizeof *attributes);
    uint64_t *variants = arena_allocate_array(arena, variants_count, sizeof *variants);
    document->attributes = attributes;
    const uint64_t of_all = add_attributes(said, said_count, attributes, document);
    size_t first = 0;
    for (size_t i = 0; i < variants_count; i++) {
        const size_t count = (size_t)counts[i];
        assert(first + count <= options_count);
        variants[i] = of_all | add_attributes(options + first, count, attributes, document);
        first += count;
    }
    document->variants = variants;
    document->variants_count = variants_count;
}

static void read_price(struct row *row, int64_t market_us, struct catalog_found_product *found,
                       struct search_document *document)
{
    struct catalog_product_summary *summary = &found->summary;
    summary->price = catalog_row_money(row);
    summary->compare_at_price = summary->price;
    summary->compare_at_price.amount = row_int(row);
    summary->has_compare_at_price = summary->compare_at_price.amount >= 0;
    const struct catalog_sale sale = catalog_row_sale(row);
    summary->has_sale_price = sale.amount > 0;
    summary->sale_price = money_make(sale.amount, summary->price.currency);
    summary->lowest_price_30_days = money_make(row_int(row), summary->price.currency);
    summary->has_lowest_price_30_days =
        sale.amount > 0 && summary->lowest_price_30_days.amount >= 0;
    found->has_sale_from = sale.amount > 0 && sale.from_us > 0;
    found->sale_from_us = sale.from_us;
    found->has_sale_to = sale.amount > 0 && sale.to_us < CATALOG_SALE_FOR_GOOD;
    found->sale_to_us = sale.to_us;
    document->is_on_sale = sale.amount > 0 && sale.from_us <= market_us && market_us < sale.to_us;
    document->price = document->is_on_sale ? sale.amount : summary->price.amount;
}

static bool runs(const struct catalog_sale *sale, int64_t now_us)
{
    return sale->amount > 0 && catalog_sale_runs(sale, now_us);
}

/* Eight numbers of the row of a product in another currency; the last two are of those of its
 * variants that are sold in it. */
static void read_other(const int64_t *numbers, const char *currency, int64_t market_us,
                       struct catalog_found_price *found, struct search_price *price)
{
    const struct catalog_sale sale = { .amount = numbers[2],
                                       .from_us = numbers[3],
                                       .to_us = numbers[4] };
    const bool has_sale = sale.amount > 0;
    *found = (struct catalog_found_price){
        .price = money_make(numbers[0], currency),
        .has_compare_at_price = numbers[1] >= 0,
        .compare_at_price = money_make(numbers[1], currency),
        .has_sale_price = has_sale,
        .sale_price = money_make(sale.amount, currency),
        .has_lowest_price_30_days = has_sale && numbers[5] >= 0,
        .lowest_price_30_days = money_make(numbers[5], currency),
        .has_sale_from = has_sale && sale.from_us > 0,
        .sale_from_us = sale.from_us,
        .has_sale_to = has_sale && sale.to_us < CATALOG_SALE_FOR_GOOD,
        .sale_to_us = sale.to_us,
        .has_availability = true,
        .availability = (enum catalog_availability)numbers[6],
        .has_available_on = numbers[6] == CATALOG_AVAILABILITY_PREORDER,
        .available_on_us = numbers[7],
    };
    price->is_sold_out = found->availability == CATALOG_AVAILABILITY_OUT_OF_STOCK;
    price->is_on_sale = runs(&sale, market_us);
    price->price = price->is_on_sale ? sale.amount : numbers[0];
    memcpy(price->currency, found->price.currency, sizeof price->currency);
}

/* What has no price in the market's currency is found by the one of its row as by any other. */
static void read_prices(struct row *row, const struct catalog_search_source *source,
                        struct catalog_found_product *found, struct search_document *document)
{
    enum { NUMBERS = 8 };
    struct arena *arena = source->arena;
    const struct text *currencies;
    const int64_t *numbers;
    size_t count = row_text_array(row, arena, &currencies);
    const size_t numbers_count = row_int_array(row, arena, &numbers);
    document->is_foreign = strcmp(found->summary.price.currency, source->currency) != 0;
    if (numbers_count != NUMBERS * count) count = 0;
    if (count == 0 && !document->is_foreign) return;
    struct catalog_found_price *prices = arena_allocate_array(arena, count, sizeof *prices);
    struct search_price *others = arena_allocate_array(arena, count + 1, sizeof *others);
    for (size_t i = 0; i < count; i++)
        read_other(numbers + NUMBERS * i, text_string(arena, currencies[i]), source->market_us,
                   &prices[i], &others[i]);
    found->prices = prices;
    found->prices_count = document->prices_count = count;
    document->prices = others;
    if (!document->is_foreign) return;
    struct search_price *own = &others[document->prices_count++];
    *own = (struct search_price){ .price = document->price,
                                  .is_on_sale = document->is_on_sale,
                                  .is_sold_out = !document->is_in_stock };
    memcpy(own->currency, found->summary.price.currency, sizeof own->currency);
}

static enum status read_document(struct row *row, const struct catalog_search_source *source,
                                 struct search_document *ret_document)
{
    struct arena *arena = source->arena;
    struct catalog_found_product *found = arena_allocate(arena, sizeof *found);
    struct catalog_product_summary *summary = &found->summary;
    struct search_document document = { .id = row_uuid(row) };
    summary->id = document.id;
    summary->vendor.id = row_uuid(row);
    summary->vendor.name = row_text(row);
    summary->name = row_text(row);
    summary->slug = row_text(row);
    document.description = row_text(row);
    read_translations(row, arena, &document);
    read_categories(row, arena, summary, &document);
    read_price(row, source->market_us, found, &document);
    summary->image = row_text(row);
    summary->has_image = summary->image.length > 0;
    summary->has_availability = true;
    summary->availability = (enum catalog_availability)row_int(row);
    summary->in_stock = document.is_in_stock =
        summary->availability != CATALOG_AVAILABILITY_OUT_OF_STOCK;
    summary->available_on_us = row_int(row);
    summary->has_available_on = summary->availability == CATALOG_AVAILABILITY_PREORDER;
    document.sold = row_int(row);
    document.numbers_count = row_text_array(row, arena, &document.numbers);
    read_attributes(row, arena, &document);
    read_prices(row, source, found, &document);
    document.name = summary->name;
    document.vendor = (struct search_reference){ summary->vendor.id, summary->vendor.name };
    TRY(msgpack_encode(&catalog_found_product_schema, found, arena, SEARCH_DATA_MAX,
                       &document.data));
    *ret_document = document;
    return STATUS_OK;
}

enum status catalog_search_store_load(const struct catalog_search_source *source,
                                      const struct uuid *ids, size_t count,
                                      struct search_document *ret_documents, size_t *ret_count)
{
    assert(count <= CATALOG_SEARCH_BATCH_MAX);
    struct store_params params = { .count = 0 };
    struct rows rows;
    param_uuid_array(&params, source->arena, ids, count);
    param_int(&params, source->arena, source->market_us);
    TRY(query_run(source->database, source->arena, &products_load, &params, source->deadline_us,
                  &rows));
    assert(rows.count <= count);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        TRY(read_document(&row, source, &ret_documents[i]));
    }
    *ret_count = rows.count;
    return STATUS_OK;
}

static const struct statement products_walk = {
    .name = "catalog_search_walk",
    .sql = "SELECT p.id FROM catalog.product p WHERE p.is_listed AND p.id > $1"
           " ORDER BY p.id LIMIT 100",
};

static const struct statement products_walk_vendor = {
    .name = "catalog_search_walk_vendor",
    .sql = "SELECT p.id FROM catalog.product p WHERE p.is_listed AND p.id > $1"
           " AND p.vendor_id = $2 ORDER BY p.id LIMIT 100",
};

enum status catalog_search_store_walk(const struct catalog_search_source *source,
                                      struct uuid vendor, struct uuid after, struct uuid *ret_ids,
                                      size_t *ret_count)
{
    static_assert(CATALOG_SEARCH_BATCH_MAX == 100, "the LIMIT of the walks");
    const bool is_of_all = uuid_is_zero(vendor);
    struct store_params params = { .count = 0 };
    struct rows rows;
    param_uuid(&params, source->arena, after);
    if (!is_of_all) param_uuid(&params, source->arena, vendor);
    TRY(query_run(source->database, source->arena,
                  is_of_all ? &products_walk : &products_walk_vendor, &params, source->deadline_us,
                  &rows));
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        ret_ids[i] = row_uuid(&row);
    }
    *ret_count = rows.count;
    return STATUS_OK;
}

static const struct statement products_walk_category = {
    .name = "catalog_search_walk_category",
    .sql = "SELECT l.product_id FROM catalog.listing l WHERE l.category_id = $2"
           " AND l.product_id > $1 ORDER BY l.product_id LIMIT 100",
};

enum status catalog_search_store_walk_category(const struct catalog_search_source *source,
                                               struct uuid category, struct uuid after,
                                               struct uuid *ret_ids, size_t *ret_count)
{
    static_assert(CATALOG_SEARCH_BATCH_MAX == 100, "the LIMIT of the walk");
    struct store_params params = { .count = 0 };
    struct rows rows;
    param_uuid(&params, source->arena, after);
    param_uuid(&params, source->arena, category);
    TRY(query_run(source->database, source->arena, &products_walk_category, &params,
                  source->deadline_us, &rows));
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        ret_ids[i] = row_uuid(&row);
    }
    *ret_count = rows.count;
    return STATUS_OK;
}

static const struct statement vendors_open = {
    .name = "catalog_search_vendors",
    .sql = "SELECT coalesce(v.is_open, false) FROM unnest($1::uuid[]) WITH ORDINALITY"
           " AS u (id, position) LEFT JOIN catalog.vendor_copy v ON v.vendor_id = u.id"
           " ORDER BY u.position",
};

enum status catalog_search_store_open(const struct catalog_search_source *source,
                                      const struct uuid *vendors, size_t count, bool *ret_is_open)
{
    struct store_params params = { .count = 0 };
    struct rows rows;
    param_uuid_array(&params, source->arena, vendors, count);
    TRY(query_run(source->database, source->arena, &vendors_open, &params, source->deadline_us,
                  &rows));
    assert(rows.count == count);
    for (size_t i = 0; i < count; i++) {
        struct row row = rows_at(&rows, i);
        ret_is_open[i] = row_bool(&row);
    }
    return STATUS_OK;
}

/* ---- what staff says ---- */

static const struct statement synonyms_load = {
    .name = "catalog_search_synonyms",
    .sql = "SELECT s.words FROM catalog.search_synonym s ORDER BY s.id LIMIT 1000",
};

enum status catalog_search_store_synonyms(const struct catalog_search_source *source,
                                          struct search_synonyms **ret_groups, size_t *ret_count)
{
    static_assert(SEARCH_GROUPS_MAX == 1000, "the LIMIT of synonyms_load");
    const struct store_params none = { .count = 0 };
    struct rows rows;
    TRY(query_run(source->database, source->arena, &synonyms_load, &none, source->deadline_us,
                  &rows));
    struct search_synonyms *groups =
        arena_allocate_array(source->arena, rows.count, sizeof *groups);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        groups[i].count = row_text_array(&row, source->arena, &groups[i].texts);
    }
    *ret_groups = groups;
    *ret_count = rows.count;
    return STATUS_OK;
}

static const struct statement pins_load = {
    .name = "catalog_search_pins",
    .sql = "SELECT s.query, s.product_id, s.effect FROM catalog.search_pin s"
           " ORDER BY s.query, s.place, s.id LIMIT 2000",
};

enum status catalog_search_store_pins(const struct catalog_search_source *source,
                                      struct catalog_place **ret_pins, size_t *ret_count)
{
    static_assert(CATALOG_SEARCH_PINS_MAX == 2000, "the LIMIT of pins_load");
    const struct store_params none = { .count = 0 };
    struct rows rows;
    TRY(query_run(source->database, source->arena, &pins_load, &none, source->deadline_us, &rows));
    struct catalog_place *pins = arena_allocate_array(source->arena, rows.count, sizeof *pins);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        pins[i].query = row_text(&row);
        pins[i].product = row_uuid(&row);
        pins[i].effect = (enum catalog_pin_effect)row_int(&row);
        assert((unsigned)pins[i].effect < CATALOG_PIN_EFFECT_COUNT);
    }
    *ret_pins = pins;
    *ret_count = rows.count;
    return STATUS_OK;
}

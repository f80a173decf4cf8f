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
        " concat_ws(E'\n', (SELECT string_agg(concat_ws(E'\n', t.name, t.description), E'\n')"
        " FROM catalog.product_translation t WHERE t.product_id = p.id), p.description),"
        " c.ancestors,"
        " c.path, p.price_amount, p.price_currency, coalesce(p.compare_at_amount, -1),"
        " coalesce(p.sale_amount, 0), coalesce(p.sale_from, 0), coalesce(p.sale_to, 0), "
        "coalesce(p.sale_prior, -1),"
        " coalesce(p.picture, p.images[1], ''), k.is_in_stock, k.sold, k.numbers, k.options,"
        " CASE WHEN cardinality(p.attributes) > 0 THEN (SELECT coalesce(catalog.text_concat(ARRAY["
        "d.name, concat_ws(' ', p.attributes[2 * v.place], d.unit)] ORDER BY v.place), '{}')"
        " FROM generate_series(1, cardinality(p.attributes) / 2) AS v (place)"
        " CROSS JOIN LATERAL (SELECT a.* FROM catalog.category_attribute a"
        " WHERE a.key = p.attributes[2 * v.place - 1] AND a.category_id = ANY (c.ancestors)"
        " ORDER BY array_position(c.ancestors, a.category_id) DESC LIMIT 1) d"
        " WHERE d.is_filterable) ELSE '{}' END"
        " FROM unnest($1::uuid[]) AS u (id)"
        " JOIN catalog.product p ON p.id = u.id AND p.is_listed"
        " JOIN catalog.vendor_copy v ON v.vendor_id = p.vendor_id AND v.is_open"
        " JOIN catalog.category c ON c.id = p.category_id"
        " CROSS JOIN LATERAL (SELECT"
        " coalesce(bool_or(s.is_active AND s.on_hand > s.held), false) AS is_in_stock,"
        " coalesce(sum(s.sold), 0)::bigint AS sold,"
        " coalesce(array_agg(w.sku) FILTER (WHERE s.is_active AND w.sku IS NOT NULL), '{}')"
        " || coalesce(array_agg(w.barcode) FILTER (WHERE s.is_active"
        " AND w.barcode IS NOT NULL), '{}')"
        " || coalesce(array_agg('0' || w.barcode) FILTER (WHERE s.is_active"
        " AND length(w.barcode) = 12), '{}') AS numbers,"
        " coalesce(catalog.text_concat(w.options) FILTER (WHERE s.is_active), '{}') AS options"
        " FROM catalog.stock s JOIN catalog.variant w ON w.id = s.variant_id"
        " WHERE s.product_id = p.id) k",
};

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

static bool has_attribute(const struct search_document *document,
                          const struct search_attribute *attribute)
{
    for (size_t i = 0; i < document->attributes_count; i++) {
        if (text_equals(document->attributes[i].name, attribute->name) &&
            text_equals(document->attributes[i].value, attribute->value))
            return true;
    }
    return false;
}

/* Names and values in turn, each value once. */
static void add_attributes(const struct text *cells, size_t count,
                           struct search_attribute *attributes, struct search_document *document)
{
    for (size_t i = 0; i + 1 < count && document->attributes_count < SEARCH_ATTRIBUTES_MAX;
         i += 2) {
        const struct search_attribute attribute = { .name = cells[i], .value = cells[i + 1] };
        if (!has_attribute(document, &attribute))
            attributes[document->attributes_count++] = attribute;
    }
}

/* The options of all variants, and what the product says by which its category is filtered. */
static void read_attributes(struct row *row, struct arena *arena, struct search_document *document)
{
    const struct text *options, *said;
    const size_t options_count = row_text_array(row, arena, &options);
    const size_t said_count = row_text_array(row, arena, &said);
    struct search_attribute *attributes =
        arena_allocate_array(arena, SEARCH_ATTRIBUTES_MAX, sizeof *attributes);
    document->attributes = attributes;
    add_attributes(said, said_count, attributes, document);
    add_attributes(options, options_count, attributes, document);
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
    read_categories(row, arena, summary, &document);
    read_price(row, source->market_us, found, &document);
    summary->image = row_text(row);
    summary->has_image = summary->image.length > 0;
    summary->in_stock = document.is_in_stock = row_bool(row);
    document.sold = row_int(row);
    document.numbers_count = row_text_array(row, arena, &document.numbers);
    read_attributes(row, arena, &document);
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

/* SQL of one product, of the category tree and of offers for carts: one round trip each. */
#include <string.h>

#include "actors/catalog/catalog_attribute_store.h"
#include "actors/catalog/catalog_bundle_store.h"
#include "actors/catalog/catalog_list_store.h"
#include "actors/catalog/catalog_row.h"
#include "actors/catalog/catalog_tree.h"
#include "messages/codec_msgpack.h"

/* ---- one product ---- */

/* A variant's id and how much of it there is; of one that is sold ahead also its policy, limit and
 * day; big-endian. */
enum {
    BUNDLE_BYTES = 16,
    AT_FREE = 16,
    AT_POLICY = 24,
    AT_LIMIT = 26,
    AT_DAY = 34,
    STOCK_BYTES = 24,
    AHEAD_BYTES = 42
};

/* Vendor and stock are scalar subqueries, so that each stays one look-up by key, whatever sizes the
 * planner expects the tables to have. */
#define DETAIL_SQL(document)                                                                       \
    "SELECT d.product_id, " document ", (SELECT v.name FROM catalog.vendor_copy v"                 \
    " WHERE v.vendor_id = d.vendor_id AND v.is_open),"                                             \
    " ARRAY(SELECT uuid_send(k.variant_id) || CASE WHEN k.is_bundle THEN ''"                       \
    " ELSE int8send(k.on_hand - k.held) END || CASE WHEN k.policy > 0 THEN "                       \
    "int2send(k.policy) || int8send(k.ahead_limit)"                                                \
    " || int8send(coalesce(k.available_on, 0)) ELSE '' END"                                        \
    " FROM catalog.stock k WHERE k.product_id = d.product_id AND k.is_active), "                   \
    "coalesce(d.slug, ''),"                                                                        \
    " coalesce(c.path, ''), coalesce(c.ancestors, '{}'), coalesce(c.crumbs, '{}'), c.id"           \
    " FROM catalog.product_document d LEFT JOIN LATERAL (SELECT g.id, g.path, g.ancestors,"        \
    " g.crumbs FROM catalog.category g WHERE g.id = d.category_id OFFSET 0) c ON true"

static const struct statement product_get = {
    .name = "catalog_product_get",
    .sql = DETAIL_SQL("d.document") " WHERE d.product_id = ANY ($1)",
};

/* Empty where it has no price in the currency. */
#define DOCUMENT_IN                                                                                \
    "coalesce((SELECT n.document FROM catalog.product_currency n"                                  \
    " WHERE n.product_id = d.product_id AND n.currency = $2), '')"

#define DETAIL_IN_SQL DETAIL_SQL(DOCUMENT_IN) " WHERE d.product_id = $1"

static const struct statement product_get_in = {
    .name = "catalog_product_get_in",
    .sql = DETAIL_IN_SQL,
};

/* The parts of a product's bundles. */
struct bundles {
    struct catalog_bundle_part_row *rows;
    size_t count;
};

static int64_t number_at(struct text stock, size_t first, size_t end)
{
    uint64_t number = 0;
    for (size_t i = first; i < end; i++)
        number = number << 8 | (uint8_t)stock.data[i];
    return (int64_t)number;
}

static struct catalog_ahead ahead_of(struct text stock)
{
    if (stock.length == STOCK_BYTES) return (struct catalog_ahead){ .limit = 0 };
    assert(stock.length == AHEAD_BYTES);
    return (struct catalog_ahead){
        .policy = (enum catalog_stock_policy)number_at(stock, AT_POLICY, AT_LIMIT),
        .limit = number_at(stock, AT_LIMIT, AT_DAY),
        .available_on_us = number_at(stock, AT_DAY, AHEAD_BYTES),
    };
}

/* Of what bundles are made is asked for only where there are some. */
static enum status load_bundles(struct request *request, const struct text *stock,
                                size_t stock_count, struct bundles *ret_bundles)
{
    struct uuid *ids = arena_allocate_array(request_arena(request), stock_count, sizeof *ids);
    size_t count = 0;
    for (size_t i = 0; i < stock_count; i++)
        if (stock[i].length == BUNDLE_BYTES)
            memcpy(ids[count++].bytes, stock[i].data, sizeof ids->bytes);
    *ret_bundles = (struct bundles){ .count = 0 };
    if (count == 0) return STATUS_OK;
    return catalog_bundle_store_load(request, ids, count, &ret_bundles->rows, &ret_bundles->count);
}

static void fill_in_bundle(struct request *request, const struct bundles *bundles,
                           struct catalog_variant *variant)
{
    const struct catalog_bundle_stock stock =
        catalog_bundle_of(request, variant->id, bundles->rows, bundles->count, &variant->parts,
                          &variant->parts_count);
    variant->available = stock.available;
    variant->has_availability = true;
    variant->availability = stock.availability;
    variant->has_available_on = stock.availability == CATALOG_AVAILABILITY_PREORDER;
    variant->available_on_us = stock.available_on_us;
}

static void fill_in_variant(struct text stock, int64_t now_us, struct catalog_variant *variant)
{
    const int64_t free = number_at(stock, AT_FREE, AT_POLICY);
    const struct catalog_ahead ahead = catalog_ahead_at(ahead_of(stock), now_us);
    variant->available = catalog_ahead_available(ahead, free, now_us);
    variant->has_availability = true;
    variant->availability = catalog_ahead_availability(ahead, free, now_us);
    variant->has_available_on = variant->availability == CATALOG_AVAILABILITY_PREORDER;
    variant->available_on_us = ahead.available_on_us;
}

/* Document and stock are written in one unit, so every variant of one is in the other. */
static enum status fill_in_stock(struct request *request, struct catalog_product *product,
                                 struct catalog_variant *variants, const struct text *stock,
                                 size_t stock_count)
{
    struct bundles bundles;
    TRY(load_bundles(request, stock, stock_count, &bundles));
    product->has_availability = true;
    product->availability = CATALOG_AVAILABILITY_OUT_OF_STOCK;
    for (size_t i = 0; i < stock_count; i++) {
        for (size_t k = 0; k < product->variants_count; k++) {
            const struct catalog_variant *variant = &variants[k];
            if (memcmp(variant->id.bytes, stock[i].data, sizeof(struct uuid)) != 0) continue;
            if (stock[i].length == BUNDLE_BYTES)
                fill_in_bundle(request, &bundles, &variants[k]);
            else
                fill_in_variant(stock[i], request_now_us(request), &variants[k]);
            if (variant->available > 0) product->in_stock = true;
            if (variant->availability < product->availability)
                product->availability = variant->availability;
            if (variant->has_available_on &&
                (!product->has_available_on ||
                 variant->available_on_us < product->available_on_us)) {
                product->has_available_on = true;
                product->available_on_us = variant->available_on_us;
            }
        }
    }
    if (product->availability != CATALOG_AVAILABILITY_PREORDER) product->has_available_on = false;
    return STATUS_OK;
}

/* The document has every sale; shoppers are told of those that run. */
static void apply_sales(struct catalog_product *product, struct catalog_variant *variants,
                        int64_t now_us)
{
    const struct catalog_variant *cheapest = NULL;
    int64_t lowest = product->price.amount;
    for (size_t i = 0; i < product->variants_count; i++) {
        struct catalog_variant *variant = &variants[i];
        const struct catalog_sale sale = {
            .amount = variant->has_sale_price ? variant->sale_price.amount : 0,
            .from_us = variant->has_sale_from ? variant->sale_from_us : 0,
            .to_us = variant->has_sale_to ? variant->sale_to_us : CATALOG_SALE_FOR_GOOD,
        };
        if (!catalog_sale_runs(&sale, now_us))
            variant->has_sale_price = variant->has_sale_from = variant->has_sale_to =
                variant->has_lowest_price_30_days = false;
        else if (sale.amount < lowest) {
            lowest = sale.amount;
            cheapest = variant;
        }
    }
    product->has_sale_price = lowest < product->price.amount;
    product->sale_price = money_make(lowest, product->price.currency);
    product->has_lowest_price_30_days = cheapest != NULL && cheapest->has_lowest_price_30_days;
    if (product->has_lowest_price_30_days)
        product->lowest_price_30_days = cheapest->lowest_price_30_days;
}

/* Where the product is now, whatever its document says. */
static void read_category(struct row *row, struct arena *arena, struct catalog_product *product)
{
    const struct uuid *ids;
    const struct text *texts;
    const struct text path = row_text(row);
    const size_t count = row_uuid_array(row, arena, &ids);
    const size_t texts_count = row_text_array(row, arena, &texts);
    if (row_skip_null(row)) return; /* a node of the version before has written it */
    product->category.id = row_uuid(row);
    product->category.path = path;
    if (texts_count != 2 * count) return;
    struct catalog_breadcrumb *crumbs = arena_allocate_array(arena, count, sizeof *crumbs);
    for (size_t i = 0; i < count; i++)
        crumbs[i] = (struct catalog_breadcrumb){ .id = ids[i],
                                                 .name = texts[2 * i],
                                                 .slug = texts[2 * i + 1] };
    product->breadcrumbs = crumbs;
    product->breadcrumbs_count = count;
}

/* In the product's own currency by its key, since readers of one turn share that statement. */
static enum status read_document(struct request *request, struct uuid product_id,
                                 struct text currency, struct rows *ret_rows)
{
    if (currency.length == 0)
        return request_query_by_key(request, &product_get, product_id, ret_rows);
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_uuid(params, arena, product_id);
    param_text(params, arena, currency);
    return request_query(request, &product_get_in, params, ret_rows);
}

enum status catalog_list_store_product(struct request *request, struct uuid product_id,
                                       struct text currency, struct catalog_product *ret_product)
{
    struct arena *arena = request_arena(request);
    struct rows rows;
    TRY(read_document(request, product_id, currency, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    const struct text *stock;
    (void)row_uuid(&row); /* the key, by which readers of one turn share the statement */
    const struct text document = row_bytes(&row);
    /* A vendor that is closed, or of whom the catalogue has not heard yet, shows nothing. */
    if (row_skip_null(&row)) return STATUS_NOT_FOUND;
    if (document.length == 0) return STATUS_NOT_SOLD_IN_CURRENCY;
    struct catalog_product product;
    if (msgpack_decode(&catalog_product_schema, document, arena, &product) != STATUS_OK)
        return STATUS_CORRUPT;
    product.vendor.name = row_text(&row);
    const size_t stock_count = row_bytes_array(&row, arena, &stock);
    const struct text slug = row_text(&row);
    if (slug.length > 0) product.slug = slug;
    read_category(&row, arena, &product);
    struct catalog_variant *variants =
        arena_copy(arena, product.variants, product.variants_count * sizeof *variants);
    TRY(fill_in_stock(request, &product, variants, stock, stock_count));
    apply_sales(&product, variants, request_now_us(request));
    product.variants = variants;
    TRY(catalog_attribute_store_name(request, &product));
    *ret_product = product;
    return STATUS_OK;
}

/* ---- categories ---- */

static const struct statement categories_list = {
    .name = "catalog_categories_list",
    .sql = "SELECT c.id, c.name, c.slug, c.path, c.depth, c.parent_id FROM (SELECT * FROM"
           " catalog.category a WHERE NOT EXISTS (SELECT 1 FROM catalog.category_task t"
           " WHERE t.category_id = a.id AND t.into_id IS NOT NULL) ORDER BY a.path LIMIT 5001) c"
           " ORDER BY c.parent_id NULLS FIRST, c.position, c.path",
};

static struct catalog_category *put_in_order(struct arena *arena,
                                             const struct catalog_category *categories,
                                             size_t count, size_t *ret_count)
{
    struct catalog_tree_node *nodes = arena_allocate_array(arena, count, sizeof *nodes);
    size_t *order = arena_allocate_array(arena, count, sizeof *order);
    struct catalog_category *ordered = arena_allocate_array(arena, count, sizeof *ordered);
    for (size_t i = 0; i < count; i++) {
        nodes[i].id = categories[i].id;
        if (categories[i].has_parent_id) nodes[i].parent = categories[i].parent_id;
    }
    catalog_tree_order(nodes, count, order, ret_count);
    for (size_t i = 0; i < *ret_count; i++)
        ordered[i] = categories[order[i]];
    return ordered;
}

enum status catalog_list_store_categories(struct request *request,
                                          struct catalog_category **ret_categories,
                                          size_t *ret_count)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    TRY(request_query(request, &categories_list, params, &rows));
    static_assert(CATALOG_TREE_MAX == 5000, "the LIMIT of categories_list, less one");
    assert(rows.count <= CATALOG_TREE_MAX + 1);
    struct catalog_category *categories =
        arena_allocate_array(arena, rows.count, sizeof *categories);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        categories[i].id = row_uuid(&row);
        categories[i].name = row_text(&row);
        categories[i].slug = row_text(&row);
        categories[i].path = row_text(&row);
        categories[i].depth = row_int(&row);
        categories[i].has_parent_id = !row_skip_null(&row);
        if (categories[i].has_parent_id) categories[i].parent_id = row_uuid(&row);
    }
    *ret_categories = put_in_order(arena, categories, rows.count, ret_count);
    return STATUS_OK;
}

/* ---- offers ---- */

static const struct statement offers_get = {
    .name = "catalog_offers_get",
    .sql = "SELECT w.id, p.id, p.vendor_id, coalesce(v.name, ''), p.name, p.slug,"
           " coalesce(p.picture, p.images[1], ''), coalesce(w.sku, ''), w.options, "
           "coalesce(r.amount, -1),"
           " CASE WHEN k.is_active THEN k.on_hand - k.held ELSE 0 END," AHEAD_SQL ", k.is_bundle,"
           " p.is_listed AND k.is_active, v.is_open IS TRUE, p.tax_class, p.is_digital,"
           " coalesce(w.weight_grams, 0), w.category_ids," QUANTITIES_SQL "," SALE_AND_TIERS_SQL
           ", p.shipping_profile_id, ARRAY(SELECT uuid_send(l.id) || uuid_send(g.id)"
           " || int8send(e.from_quantity) || int8send(e.amount)"
           " FROM catalog.price_list_price e JOIN catalog.price_list l ON l.id = e.list_id"
           " AND l.is_active AND l.currency = $2 AND l.starts_at <= $3 AND l.ends_at > $3"
           " CROSS JOIN LATERAL unnest(l.group_ids) AS g (id)"
           " WHERE e.variant_id = w.id ORDER BY e.amount, l.id LIMIT 100)"
           " FROM catalog.variant w"
           " JOIN catalog.product p ON p.id = w.product_id"
           " JOIN catalog.stock k ON k.variant_id = w.id"
           " LEFT JOIN catalog.vendor_copy v ON v.vendor_id = p.vendor_id"
           " LEFT JOIN catalog.variant_price r ON r.variant_id = w.id AND r.currency = $2"
           " WHERE w.id = ANY ($1)",
};

static void read_quantities(struct row *row, struct catalog_offer *offer)
{
    const struct catalog_quantities quantities = catalog_row_quantities(row);
    offer->has_quantity_min = quantities.min > 0;
    offer->quantity_min = quantities.min;
    offer->has_quantity_step = quantities.step > 0;
    offer->quantity_step = quantities.step;
    offer->has_quantity_max = quantities.max > 0;
    offer->quantity_max = quantities.max;
}

static void read_sale(struct row *row, const char *currency, struct catalog_offer *offer)
{
    const struct catalog_sale sale = catalog_row_sale(row);
    offer->has_sale_price = sale.amount > 0;
    offer->sale_price = money_make(sale.amount, currency);
    offer->has_sale_from = sale.from_us > 0;
    offer->sale_from_us = sale.from_us;
    offer->has_sale_to = offer->has_sale_price && sale.to_us < CATALOG_SALE_FOR_GOOD;
    offer->sale_to_us = sale.to_us;
}

static void read_tiers(struct row *row, struct arena *arena, const char *currency,
                       struct catalog_offer *offer)
{
    const struct catalog_tier *tiers;
    const size_t count = catalog_row_tiers(row, arena, &tiers);
    offer->tiers = catalog_tiers_describe(arena, tiers, count, currency);
    offer->tiers_count = count;
}

static struct uuid uuid_at(const char *bytes)
{
    struct uuid id;
    memcpy(id.bytes, bytes, sizeof id.bytes);
    return id;
}

/* Two ids and two numbers each, big-endian. */
static void read_group_prices(struct row *row, struct arena *arena, const char *currency,
                              struct catalog_offer *offer)
{
    enum { GROUP_AT = 16, QUANTITY_AT = 32, AMOUNT_AT = 40, BYTES = 48 };
    const struct text *cells;
    const size_t count = row_bytes_array(row, arena, &cells);
    struct catalog_group_price *prices = arena_allocate_array(arena, count, sizeof *prices);
    for (size_t i = 0; i < count; i++) {
        assert(cells[i].length == BYTES);
        prices[i] = (struct catalog_group_price){
            .list_id = uuid_at(cells[i].data),
            .group_id = uuid_at(cells[i].data + GROUP_AT),
            .from_quantity = number_at(cells[i], QUANTITY_AT, AMOUNT_AT),
            .unit_price = money_make(number_at(cells[i], AMOUNT_AT, BYTES), currency),
        };
    }
    offer->group_prices = prices;
    offer->group_prices_count = count;
}

static void read_availability(struct row *row, int64_t now_us, struct catalog_offer *offer)
{
    const int64_t free = row_int(row);
    const struct catalog_ahead ahead = catalog_ahead_at(catalog_row_ahead(row), now_us);
    offer->available = catalog_ahead_available(ahead, free, now_us);
    offer->has_ready = ahead.policy != CATALOG_STOCK_POLICY_DENY;
    offer->has_available_on = ahead.policy == CATALOG_STOCK_POLICY_PREORDER;
    offer->ready = free > 0 && !offer->has_available_on ? free : 0; /* none before the day */
    offer->available_on_us = ahead.available_on_us;
}

/* A bundle is there as often as its parts are, and weighs what they do unless it says so itself. */
static enum status fill_in_bundles(struct request *request, const struct uuid *ids,
                                   size_t ids_count, struct catalog_offer *offers,
                                   size_t offers_count)
{
    struct catalog_bundle_part_row *rows;
    size_t count;
    if (ids_count == 0) return STATUS_OK;
    TRY(catalog_bundle_store_load(request, ids, ids_count, &rows, &count));
    for (size_t i = 0; i < offers_count; i++) {
        struct catalog_offer *offer = &offers[i];
        const struct catalog_bundle_stock stock = catalog_bundle_of(
            request, offer->variant_id, rows, count, &offer->parts, &offer->parts_count);
        if (offer->parts_count == 0) continue;
        offer->available = offer->is_listed ? stock.available : 0;
        offer->has_ready = stock.ready < stock.available;
        offer->ready = stock.ready;
        offer->has_available_on = stock.availability == CATALOG_AVAILABILITY_PREORDER;
        offer->available_on_us = stock.available_on_us;
        if (offer->weight_grams > 0) continue;
        for (size_t k = 0; k < count; k++)
            if (uuid_equals(rows[k].bundle_id, offer->variant_id))
                offer->weight_grams += rows[k].part.quantity * rows[k].weight_grams;
    }
    return STATUS_OK;
}

static void read_offer(struct row *row, struct arena *arena, const char *currency, int64_t now_us,
                       struct catalog_offer *offer, bool *ret_is_bundle)
{
    offer->variant_id = row_uuid(row);
    offer->product_id = row_uuid(row);
    offer->vendor_id = row_uuid(row);
    offer->vendor_name = row_text(row);
    offer->name = row_text(row);
    offer->slug = row_text(row);
    offer->has_slug = offer->slug.length > 0;
    offer->image = row_text(row);
    offer->has_image = offer->image.length > 0;
    offer->sku = row_text(row);
    offer->has_sku = offer->sku.length > 0;
    offer->options = row_text_pairs(row, arena, &offer->options_count);
    offer->price = money_make(row_int(row), currency);
    offer->has_price = offer->price.amount >= 0;
    read_availability(row, now_us, offer);
    *ret_is_bundle = row_bool(row);
    offer->is_listed = row_bool(row);
    offer->is_vendor_open = row_bool(row);
    offer->tax_class = row_int(row);
    offer->is_digital = row_bool(row);
    offer->weight_grams = row_int(row);
    offer->categories_count = row_uuid_array(row, arena, &offer->categories);
    read_quantities(row, offer);
    read_sale(row, currency, offer);
    read_tiers(row, arena, currency, offer);
    offer->has_profile_id = !row_skip_null(row);
    if (offer->has_profile_id) offer->profile_id = row_uuid(row);
    read_group_prices(row, arena, currency, offer);
}

enum status catalog_list_store_offers(struct request *request,
                                      const struct catalog_get_offers *query,
                                      struct catalog_offers *ret_offers)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid_array(params, arena, query->variant_ids, query->variant_ids_count);
    param_text(params, arena, query->currency);
    param_int(params, arena, request_now_us(request));
    TRY(request_query(request, &offers_get, params, &rows));
    const char *currency = text_string(arena, query->currency);
    struct catalog_offer *offers = arena_allocate_array(arena, rows.count, sizeof *offers);
    struct uuid *bundles = arena_allocate_array(arena, rows.count, sizeof *bundles);
    size_t bundles_count = 0;
    bool is_bundle;
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        read_offer(&row, arena, currency, request_now_us(request), &offers[i], &is_bundle);
        if (is_bundle) bundles[bundles_count++] = offers[i].variant_id;
    }
    TRY(fill_in_bundles(request, bundles, bundles_count, offers, rows.count));
    *ret_offers = (struct catalog_offers){ .offers = offers, .offers_count = rows.count };
    return STATUS_OK;
}

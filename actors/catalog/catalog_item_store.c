/* SQL of a product and of what is derived from it: every table takes one statement, whatever the
 * number of variants. */
#include "actors/catalog/catalog_item_store.h"

#include <string.h>

#include "actors/catalog/catalog_currency_store.h"
#include "actors/catalog/catalog_document.h"
#include "actors/catalog/catalog_news.h"
#include "actors/catalog/catalog_price_store.h"
#include "actors/catalog/catalog_slugs.h"
#include "storage/columns.h"

/* ---- product ---- */

/* $1 .. $29 are the same in both statements, as a row's columns in the first; an absent price
 * before a reduction is -1. Search is told with this write of a sale that has begun; of others when
 * they do. */

static const struct statement product_insert = {
    .name = "catalog_product_insert",
    .sql =
        "INSERT INTO catalog.product (id, vendor_id, category_id, handle, name, slug, description,"
        " images, is_listed, price_amount, price_currency, compare_at_amount, content_digest,"
        " created_at, updated_at, category_path, status, is_blocked, review_note, tax_class,"
        " is_digital, shipping_profile_id, sale_amount, sale_from, sale_to, import_id, imported_at,"
        " sale_announced, seo_title, seo_description, attributes,"
        " sale_prior)"
        " SELECT u.id, u.vendor, u.category, u.handle, u.name, u.slug, u.description,"
        " u.images::text[], u.is_listed, u.price, u.currency, nullif(u.compare_at, -1), u.digest,"
        " u.at, u.at, u.path, u.status, u.is_blocked, u.note, u.tax_class, u.is_digital,"
        " u.profile, u.sale, u.sale_from, u.sale_to, u.import,"
        " CASE WHEN u.import IS NOT NULL THEN u.at END,"
        " CASE WHEN u.sale_from <= u.at THEN u.sale_from END, u.seo_title, u.seo_description,"
        " u.attributes::text[], nullif(u.prior, -1)"
        " FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[],"
        " $7::text[], $8::text[], $9::boolean[], $10::bigint[], $11::text[], $12::bigint[],"
        " $13::bytea[], $14::bigint[], $15::text[], $16::smallint[], $17::boolean[], $18::text[],"
        " $19::smallint[], $20::boolean[], $21::uuid[], $22::bigint[], $23::bigint[],"
        " $24::bigint[], $25::uuid[], $26::text[], $27::text[], $28::text[], $29::bigint[])"
        " AS u (id, vendor, category, handle, name, slug, description, images, is_listed, price,"
        " currency, compare_at, digest, at, path, status, is_blocked, note, tax_class, is_digital,"
        " profile, sale, sale_from, sale_to, import, seo_title, seo_description, attributes,"
        " prior)",
    .adds_rows = true,
    .on_duplicate = STATUS_CONFLICT,
    .on_reference = STATUS_CONFLICT, /* the category is gone: the handler looks again */
};

static const struct statement product_update = {
    .name = "catalog_product_update",
    .sql = "WITH u AS (UPDATE catalog.product SET vendor_id = $2, category_id = $3, handle = $4,"
           " name = $5, slug = $6, description = $7, images = $8, is_listed = $9,"
           " price_amount = $10, price_currency = $11, compare_at_amount = nullif($12, -1),"
           " content_digest = $13, updated_at = $14, category_path = $15, status = $16,"
           " is_blocked = $17, review_note = $18, tax_class = $19, is_digital = $20,"
           " shipping_profile_id = $21, sale_amount = $22, sale_from = $23, sale_to = $24,"
           " import_id = coalesce($25::uuid, import_id),"
           " imported_at = CASE WHEN $25::uuid IS NULL THEN imported_at ELSE $14::bigint END,"
           " sale_announced = CASE WHEN $23 <= $14 THEN $23 END, seo_title = $26, seo_description "
           "= $27,"
           " attributes = $28, sale_prior = nullif($29, -1), version = version + 1"
           " WHERE id = $1 AND version = $30 RETURNING 1)"
           " SELECT require_one(count(*)) FROM u",
    .on_reference = STATUS_CONFLICT,
};

static void param_sale(struct store_params *params, struct arena *arena,
                       const struct catalog_sale *sale)
{
    const int64_t numbers[] = { sale->amount, sale->from_us, sale->to_us };
    for (size_t i = 0; i < ARRAY_LENGTH(numbers); i++) {
        if (sale->amount > 0)
            param_int(params, arena, numbers[i]);
        else
            param_null_int(params);
    }
}

static void param_attributes(struct store_params *params, struct arena *arena,
                             const struct catalog_item *item)
{
    struct text *pairs = arena_allocate_array(arena, 2 * item->attributes_count, sizeof *pairs);
    for (size_t i = 0; i < item->attributes_count; i++) {
        pairs[2 * i] = item->attributes[i].key;
        pairs[2 * i + 1] = item->attributes[i].value;
    }
    param_text_array(params, arena, pairs, 2 * item->attributes_count);
}

static void save_product(struct request *request, const struct catalog_item *item,
                         const struct catalog_item_price *cheapest, const struct catalog_sale *sale)
{
    struct arena *arena = request_arena(request);
    struct store_params *params =
        request_write(request, item->version > 0 ? &product_update : &product_insert);
    param_uuid(params, arena, item->id);
    param_uuid(params, arena, item->vendor_id);
    param_uuid(params, arena, item->category_id);
    param_text(params, arena, item->handle);
    param_text(params, arena, item->name);
    param_text(params, arena, item->slug);
    param_text(params, arena, item->description);
    param_text_array(params, arena, item->images, item->images_count);
    param_bool(params, arena, catalog_item_is_listed(item));
    param_int(params, arena, cheapest->price.amount);
    param_text(params, arena, text_of(cheapest->price.currency));
    param_int(params, arena, cheapest->compare_at);
    param_bytes(params, arena, item->digest);
    param_int(params, arena, request_now_us(request));
    param_text(params, arena, item->category_path);
    param_small(params, arena, (int16_t)item->status);
    param_bool(params, arena, item->is_blocked);
    param_text(params, arena, item->review_note);
    param_small(params, arena, (int16_t)item->tax_class);
    param_bool(params, arena, item->is_digital);
    if (item->has_profile)
        param_uuid(params, arena, item->profile_id);
    else
        param_null_uuid(params);
    param_sale(params, arena, sale);
    if (item->has_import)
        param_uuid(params, arena, item->import_id);
    else
        param_null_uuid(params);
    param_optional_text(params, arena, item->seo_title.length > 0, item->seo_title);
    param_optional_text(params, arena, item->seo_description.length > 0, item->seo_description);
    param_attributes(params, arena, item);
    param_int(params, arena, catalog_item_prior(item, cheapest->price.currency, sale));
    if (item->version > 0)
        param_int(params, arena, item->version);
    else
        columns_of_row(params, arena);
}

/* ---- listing ---- */

/* Where its category was until a moment ago it may still be listed. */
static const struct statement listing_save = {
    .name = "catalog_listing_save",
    .sql = "WITH gone AS (DELETE FROM catalog.listing WHERE product_id = $1"
           " AND category_id = ANY ($2::uuid[] || ARRAY(SELECT unnest(t.old)"
           " FROM catalog.category_task t WHERE t.category_id = ANY ($2::uuid[])))"
           " AND category_id <> ALL ($3::uuid[]))"
           " INSERT INTO catalog.listing AS l (category_id, product_id, price_amount)"
           " SELECT a, $1, $4::bigint FROM unnest($3::uuid[]) AS a"
           " ON CONFLICT (category_id, product_id) DO UPDATE"
           " SET price_amount = excluded.price_amount"
           " WHERE l.price_amount IS DISTINCT FROM excluded.price_amount",
};

/* A new product is listed nowhere yet: nothing has to be looked for. */
static const struct statement listing_add = {
    .name = "catalog_listing_add",
    .sql = "INSERT INTO catalog.listing (category_id, product_id, price_amount)"
           " SELECT a, u.id, u.price FROM unnest($1::uuid[], $2::text[], $3::bigint[])"
           " AS u (id, ancestors, price) CROSS JOIN LATERAL unnest(u.ancestors::uuid[]) AS a",
    .on_duplicate = STATUS_CONFLICT,
    .adds_rows = true,
};

/* Of a product with a sale the price is NULL: what it is depends on the time. */
static void save_listing(struct request *request, const struct catalog_item *item,
                         const struct catalog_item_price *cheapest, const struct catalog_sale *sale)
{
    struct arena *arena = request_arena(request);
    const bool is_new = item->version == 0;
    if (is_new && !catalog_item_is_listed(item)) return;
    struct store_params *params = request_write(request, is_new ? &listing_add : &listing_save);
    param_uuid(params, arena, item->id);
    if (!is_new) param_uuid_array(params, arena, item->old_ancestors, item->old_ancestors_count);
    param_uuid_array(params, arena, item->ancestors,
                     catalog_item_is_listed(item) ? item->ancestors_count : 0);
    if (sale->amount > 0)
        param_null_int(params);
    else
        param_int(params, arena, cheapest->price.amount);
    if (is_new) columns_of_row(params, arena);
}

/* The row stays at its version: nothing has changed but the time. */
static const struct statement sale_renew = {
    .name = "catalog_sale_renew",
    .sql = "WITH u AS (UPDATE catalog.product SET sale_amount = $3, sale_from = $4, sale_to = $5,"
           " sale_announced = CASE WHEN $4 <= $6 THEN $4 END, sale_prior = nullif($7, -1)"
           " WHERE id = $1 AND version = $2 RETURNING 1) SELECT require_one(count(*)) FROM u",
};

enum status catalog_item_store_renew_sale(struct request *request, const struct catalog_item *item)
{
    assert(item->version > 0);
    struct arena *arena = request_arena(request);
    const char *currency = config_text(request_config(request), SETTING_MARKET_CURRENCY);
    const struct catalog_sale sale =
        catalog_item_sale_after(item, currency, request_now_us(request));
    struct store_params *params = request_write(request, &sale_renew);
    param_uuid(params, arena, item->id);
    param_int(params, arena, item->version);
    param_sale(params, arena, &sale);
    param_int(params, arena, request_now_us(request));
    param_int(params, arena, catalog_item_prior(item, currency, &sale));
    save_listing(request, item, catalog_item_cheapest(item, currency), &sale);
    TRY(catalog_currency_store_save(request, item));
    return catalog_news_of_product(request, item->id, catalog_item_is_listed(item));
}

/* ---- document ---- */

static const struct statement document_add = {
    .name = "catalog_document_add",
    .sql = "INSERT INTO catalog.product_document (product_id, vendor_id, document, category_id)"
           " SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bytea[], $4::uuid[])",
    .on_duplicate = STATUS_CONFLICT,
    .adds_rows = true,
};

static const struct statement document_save = {
    .name = "catalog_document_save",
    .sql = "INSERT INTO catalog.product_document (product_id, vendor_id, document, category_id)"
           " VALUES ($1, $2, $3, $4) ON CONFLICT (product_id) DO UPDATE"
           " SET vendor_id = excluded.vendor_id, document = excluded.document, slug = NULL,"
           " category_id = excluded.category_id",
};

static const struct statement document_delete = {
    .name = "catalog_document_delete",
    .sql = "DELETE FROM catalog.product_document WHERE product_id = $1",
};

static void save_document(struct request *request, const struct catalog_item *item,
                          struct text document)
{
    struct arena *arena = request_arena(request);
    const bool is_listed = catalog_item_is_listed(item);
    if (!is_listed && item->version == 0) return; /* there is no document that could go */
    const struct statement *save = item->version == 0 ? &document_add : &document_save;
    struct store_params *params = request_write(request, is_listed ? save : &document_delete);
    param_uuid(params, arena, item->id);
    if (!is_listed) return;
    param_uuid(params, arena, item->vendor_id);
    param_bytes(params, arena, document);
    param_uuid(params, arena, item->category_id);
    if (item->version == 0) columns_of_row(params, arena);
}

/* ---- variants ---- */

/* Those that cannot be bought any more, too: a cart may still have them. */
static const struct statement categories_save = {
    .name = "catalog_variant_categories_save",
    .sql = "UPDATE catalog.variant SET category_ids = $2 WHERE product_id = $1",
};

static void save_categories(struct request *request, const struct catalog_item *item)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &categories_save);
    param_uuid(params, arena, item->id);
    param_uuid_array(params, arena, item->ancestors, item->ancestors_count);
}

static bool is_moved(const struct catalog_item *item)
{
    const size_t count = item->old_ancestors_count;
    return item->version > 0 &&
           (count != item->ancestors_count ||
            !uuid_equals(item->old_ancestors[count - 1], item->ancestors[count - 1]));
}

enum status catalog_item_store_save(struct request *request, struct catalog_item *item)
{
    assert(item->variants_count >= 1);
    assert(item->ancestors_count >= 1);
    assert(item->slug.length > 0);
    assert((unsigned)item->status < CATALOG_PRODUCT_STATUS_COUNT);
    struct arena *arena = request_arena(request);
    const char *currency = config_text(request_config(request), SETTING_MARKET_CURRENCY);
    const struct catalog_item_price *cheapest = catalog_item_cheapest(item, currency);
    struct text document = { 0 };
    if (catalog_item_is_listed(item))
        TRY(catalog_document_encode(arena, item, cheapest, &document));
    const struct catalog_sale sale =
        catalog_item_sale_after(item, currency, request_now_us(request));
    save_product(request, item, cheapest, &sale);
    if (item->is_slug_new)
        slug_book_give(request, &catalog_product_slugs, item->id, item->slug, item->version == 0);
    save_listing(request, item, cheapest, &sale);
    save_document(request, item, document);
    TRY(catalog_currency_store_save(request, item));
    if (is_moved(item)) save_categories(request, item);
    item->is_slug_new = false;
    const bool is_new = item->version++ == 0;
    item->updated_at_us = request_now_us(request);
    return catalog_news_of_item(request, item, is_new);
}

/* A variant has the key of its SKU while it can be bought; one that has shared its SKU since before
 * there were keys goes on without. */
#define VARIANTS_SQL                                                                               \
    "INSERT INTO catalog.variant AS w (id, product_id, position, sku, options, weight_grams,"      \
    " quantity_min, quantity_step, quantity_max, category_ids, barcode, vendor_id, sku_key)"       \
    " SELECT u.id, u.product, u.position, nullif(u.sku, ''), u.options::text[],"                   \
    " nullif(u.weight_grams, -1), nullif(u.least, 0), nullif(u.step, 0), nullif(u.most, 0),"       \
    " u.categories::uuid[], nullif(u.barcode, ''), u.vendor,"                                      \
    " CASE WHEN u.has_key = 1 THEN catalog.same_name(nullif(u.sku, '')) END"                       \
    " FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::bigint[],"     \
    " $7::bigint[], $8::bigint[], $9::bigint[], $10::text[], $11::text[], $12::uuid[],"            \
    " $13::bigint[]) AS u (id, product, position, sku, options, weight_grams, least, step, most,"  \
    " categories, barcode, vendor, has_key)"

/* Of a new product: none of its variants can be there. */
static const struct statement variants_add = {
    .name = "catalog_variants_add",
    .sql = VARIANTS_SQL,
    .on_duplicate = STATUS_SKU_TAKEN,
    .adds_rows = true,
};

static const struct statement variants_save = {
    .name = "catalog_variants_save",
    .sql = VARIANTS_SQL
    " ON CONFLICT (id) DO UPDATE SET position = excluded.position, sku = excluded.sku,"
    " options = excluded.options, weight_grams = excluded.weight_grams,"
    " quantity_min = excluded.quantity_min, quantity_step = excluded.quantity_step,"
    " quantity_max = excluded.quantity_max, category_ids = excluded.category_ids,"
    " barcode = excluded.barcode, vendor_id = excluded.vendor_id,"
    " sku_key = CASE WHEN w.shares_sku AND w.sku = excluded.sku THEN NULL"
    " ELSE excluded.sku_key END,"
    " shares_sku = w.shares_sku AND w.sku IS NOT DISTINCT FROM excluded.sku",
    .on_duplicate = STATUS_SKU_TAKEN,
};

/* The variants of a product that is deleted give their SKUs back; of one that has come back they
 * have them again. */
static const struct statement skus_free = {
    .name = "catalog_skus_free",
    .sql = "UPDATE catalog.variant SET sku_key = NULL WHERE product_id = $1"
           " AND sku_key IS NOT NULL",
};

static const struct statement skus_keep = {
    .name = "catalog_skus_keep",
    .sql = "UPDATE catalog.variant w SET vendor_id = $2, sku_key = catalog.same_name(w.sku),"
           " shares_sku = false FROM catalog.stock k"
           " WHERE w.product_id = $1 AND k.variant_id = w.id AND k.is_active"
           " AND w.sku IS NOT NULL AND w.sku_key IS NULL",
    .on_duplicate = STATUS_SKU_TAKEN,
};

void catalog_item_store_free_skus(struct request *request, const struct catalog_item *item)
{
    struct store_params *params = request_write(request, &skus_free);
    param_uuid(params, request_arena(request), item->id);
}

void catalog_item_store_keep_skus(struct request *request, const struct catalog_item *item)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &skus_keep);
    param_uuid(params, arena, item->id);
    param_uuid(params, arena, item->vendor_id);
}

enum column { POSITION, WEIGHT, LEAST, STEP, MOST, HAS_KEY, COLUMNS };

/* A column of each value. */
struct columns {
    struct uuid *ids, *products, *vendors;
    struct text *skus, *options, *categories, *barcodes;
    int64_t *numbers[COLUMNS];
};

static struct columns new_columns(struct arena *arena, size_t count)
{
    struct columns columns = { .ids = arena_allocate_array(arena, count, sizeof *columns.ids) };
    columns.products = arena_allocate_array(arena, count, sizeof *columns.products);
    columns.vendors = arena_allocate_array(arena, count, sizeof *columns.vendors);
    columns.skus = arena_allocate_array(arena, count, sizeof *columns.skus);
    columns.options = arena_allocate_array(arena, count, sizeof *columns.options);
    columns.categories = arena_allocate_array(arena, count, sizeof *columns.categories);
    columns.barcodes = arena_allocate_array(arena, count, sizeof *columns.barcodes);
    for (size_t i = 0; i < COLUMNS; i++)
        columns.numbers[i] = arena_allocate_array(arena, count, sizeof *columns.numbers[i]);
    return columns;
}

static struct text list_options(struct arena *arena, const struct catalog_item_variant *variant)
{
    struct text pairs[2 * CATALOG_ITEM_OPTIONS_MAX];
    assert(variant->options_count <= CATALOG_ITEM_OPTIONS_MAX);
    for (size_t i = 0; i < variant->options_count; i++) {
        pairs[2 * i] = variant->options[i].name;
        pairs[2 * i + 1] = variant->options[i].value;
    }
    return columns_text_list(arena, pairs, 2 * variant->options_count);
}

static struct columns describe_variants(struct arena *arena, const struct catalog_item *item)
{
    struct columns columns = new_columns(arena, item->variants_count);
    const struct text categories = columns_uuid_list(arena, item->ancestors, item->ancestors_count);
    for (size_t i = 0; i < item->variants_count; i++) {
        const struct catalog_item_variant *variant = &item->variants[i];
        columns.ids[i] = variant->id;
        columns.products[i] = item->id;
        columns.vendors[i] = item->vendor_id;
        columns.skus[i] = variant->sku;
        columns.options[i] = list_options(arena, variant);
        columns.categories[i] = categories;
        columns.barcodes[i] = variant->barcode;
        columns.numbers[POSITION][i] = (int64_t)i;
        columns.numbers[WEIGHT][i] = variant->weight_grams;
        columns.numbers[LEAST][i] = variant->quantities.min;
        columns.numbers[STEP][i] = variant->quantities.step;
        columns.numbers[MOST][i] = variant->quantities.max;
        columns.numbers[HAS_KEY][i] = item->status != CATALOG_PRODUCT_STATUS_ARCHIVED;
    }
    return columns;
}

static void save_variants(struct request *request, const struct catalog_item *item)
{
    struct arena *arena = request_arena(request);
    const size_t count = item->variants_count;
    assert(count <= CATALOG_ITEM_VARIANTS_MAX);
    const struct columns columns = describe_variants(arena, item);
    struct store_params *params =
        request_write(request, catalog_item_is_new(item) ? &variants_add : &variants_save);
    param_uuid_array(params, arena, columns.ids, count);
    param_uuid_array(params, arena, columns.products, count);
    param_int_array(params, arena, columns.numbers[POSITION], count);
    param_text_array(params, arena, columns.skus, count);
    param_text_array(params, arena, columns.options, count);
    for (enum column i = WEIGHT; i <= MOST; i++)
        param_int_array(params, arena, columns.numbers[i], count);
    param_text_array(params, arena, columns.categories, count);
    param_text_array(params, arena, columns.barcodes, count);
    param_uuid_array(params, arena, columns.vendors, count);
    param_int_array(params, arena, columns.numbers[HAS_KEY], count);
}

void catalog_item_store_save_variants(struct request *request, const struct catalog_item *item)
{
    save_variants(request, item);
    catalog_price_store_save(request, item);
}

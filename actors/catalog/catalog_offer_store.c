/* SQL of offers of one item. Variants are of one item when their GTINs are the same number, however
 * many zeros it is written with, unless staff has set one of the products apart. */
#include "actors/catalog/catalog_offer_store.h"

#include "actors/catalog/catalog_row.h"

/* The variants `mine` of the product `p` that have a number. */
#define MINE_SQL                                                                                   \
    " LATERAL (SELECT w.id, w.position, lpad(w.barcode, 14, '0') AS gtin FROM catalog.variant w"   \
    " JOIN catalog.stock k ON k.variant_id = w.id AND k.is_active"                                 \
    " WHERE w.product_id = p.id AND w.barcode !~ '^0*$' ORDER BY w.position, w.id LIMIT 100) mine"

/* The cheapest offers of one of these that can be bought, before delivery. $2 currency, $3 now. Of
 * one vendor that offers an item twice both count. */
#define OFFERS_SQL                                                                                 \
    " LATERAL (SELECT w.id, q.id AS product_id, q.slug, q.name, q.vendor_id,"                      \
    " v.name AS vendor, r.amount, coalesce(q.picture, q.images[1]) AS image,"                      \
    " CASE WHEN r.sale_amount IS NOT NULL AND r.sale_from <= $3 AND $3 < r.sale_to"                \
    " THEN r.sale_amount ELSE r.amount END AS now_amount,"                                         \
    " " AVAILABILITY_SQL(                                                                          \
        "$3") " < 3 AS is_available, q.created_at, count(*) OVER () AS offers, q.is_digital,"      \
              " q.shipping_profile_id, coalesce(w.weight_grams, 0) AS weight"                      \
              " FROM catalog.variant w"                                                            \
              " JOIN catalog.product q ON q.id = w.product_id AND q.is_listed"                     \
              " JOIN catalog.vendor_copy v ON v.vendor_id = q.vendor_id AND v.is_open"             \
              " JOIN catalog.stock k ON k.variant_id = w.id AND k.is_active"                       \
              " JOIN catalog.variant_price r ON r.variant_id = w.id AND r.currency = $2"           \
              " WHERE lpad(w.barcode, 14, '0') = mine.gtin AND (q.id = p.id OR NOT EXISTS (SELECT" \
              " FROM catalog.separate_product s WHERE s.product_id IN (p.id, q.id)))"              \
              " ORDER BY is_available DESC, now_amount, q.created_at, w.id LIMIT 20) o"

/* $1 product. Whether the product itself can be seen is the first column's to say: without a row
 * there is none. */
static const struct statement offers_list = {
    .name = "catalog_item_offers",
    .sql =
        "SELECT mine.id, o.id, o.product_id, o.slug, o.vendor_id, o.vendor, o.amount, o.now_amount,"
        " o.is_available, o.created_at, coalesce(o.image, ''), o.name, o.offers, o.is_digital,"
        " o.weight, o.shipping_profile_id"
        " FROM catalog.product p"
        " JOIN catalog.vendor_copy pv ON pv.vendor_id = p.vendor_id AND pv.is_open"
        " LEFT JOIN" MINE_SQL " ON true LEFT JOIN" OFFERS_SQL " ON true"
        " WHERE p.id = $1 AND p.is_listed ORDER BY mine.position, mine.id LIMIT 500",
};

/* Whoever else has the number of one of the product's variants, or one of $2; and the bundles that
 * one of the variants is a part of. */
static const struct statement rivals = {
    .name = "catalog_rivals",
    .sql = "SELECT w.product_id FROM catalog.variant w WHERE w.barcode IS NOT NULL"
           " AND lpad(w.barcode, 14, '0') = ANY (ARRAY(SELECT lpad(m.barcode, 14, '0')"
           " FROM catalog.variant m WHERE m.product_id = $1 AND m.barcode !~ '^0*$')"
           " || ARRAY(SELECT lpad(n, 14, '0') FROM unnest($2::text[]) n WHERE n !~ '^0*$'))"
           " AND w.product_id <> $1 UNION SELECT t.product_id FROM catalog.stock k"
           " JOIN catalog.bundle_part o ON o.part_id = k.variant_id"
           " JOIN catalog.stock t ON t.variant_id = o.bundle_id"
           " WHERE k.product_id = $1 AND k.is_part AND t.product_id <> $1 LIMIT 65",
};

static void read_offer(struct row *row, const char *currency, struct catalog_item_row *item)
{
    struct catalog_item_offer *offer = &item->offer;
    offer->offered_variant_id = row_uuid(row);
    offer->product_id = row_uuid(row);
    offer->slug = row_text(row);
    offer->vendor.id = row_uuid(row);
    offer->vendor.name = row_text(row);
    offer->list_price = money_make(row_int(row), currency);
    offer->price = money_make(row_int(row), currency);
    offer->in_stock = row_bool(row);
    item->rival = (struct catalog_rival){ .variant_id = offer->offered_variant_id,
                                          .can_be_bought = offer->in_stock,
                                          .amount = offer->price.amount,
                                          .listed_at_us = row_int(row) };
    offer->image = row_text(row);
    offer->has_image = offer->image.length > 0;
    offer->name = row_text(row);
    offer->variant_id = item->variant_of;
    item->offers = row_int(row);
    item->is_digital = row_bool(row);
    item->parcel.amount = offer->price.amount;
    item->parcel.weight_grams = row_int(row);
    if (!row_skip_null(row)) item->parcel.profile_id = row_uuid(row);
}

enum status catalog_offer_store_list(struct request *request, struct uuid product_id,
                                     const char *currency, struct catalog_item_row **ret_rows,
                                     size_t *ret_count)
{
    static_assert(CATALOG_RIVALS_MAX == 20, "the inner LIMIT of offers_list");
    static_assert(CATALOG_ITEM_OFFERS_MAX == 500, "the outer LIMIT of offers_list");
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, product_id);
    param_text(params, arena, text_of(currency));
    param_int(params, arena, request_now_us(request));
    TRY(request_query(request, &offers_list, params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct catalog_item_row *items = arena_allocate_array(arena, rows.count, sizeof *items);
    size_t count = 0;
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        items[count] = (struct catalog_item_row){ .rival = { .can_be_bought = false } };
        /* No variant has a barcode, or none a price in the currency. */
        if (row_skip_null(&row)) continue;
        items[count].variant_of = row_uuid(&row);
        if (row_skip_null(&row)) continue;
        read_offer(&row, currency, &items[count++]);
    }
    *ret_rows = items;
    *ret_count = count;
    return STATUS_OK;
}

enum status catalog_offer_store_rivals(struct request *request, struct uuid product_id,
                                       const struct text *barcodes, size_t barcodes_count,
                                       struct uuid *ret_ids, size_t *ret_count)
{
    static_assert(CATALOG_RIVALS_TOLD_MAX == 64, "the LIMIT of rivals, which reads one more");
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, product_id);
    param_text_array(params, arena, barcodes, barcodes_count);
    TRY(request_query(request, &rivals, params, &rows));
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        ret_ids[i] = row_uuid(&row);
    }
    *ret_count = rows.count;
    return STATUS_OK;
}

static const struct statement page_list = {
    .name = "catalog_offer_page",
    .sql = "WITH page AS MATERIALIZED (SELECT p.id FROM catalog.product p WHERE p.vendor_id = $1"
           " AND p.is_listed AND p.id > $2 ORDER BY p.id LIMIT 100),"
           " mine AS MATERIALIZED (SELECT w.product_id, lpad(w.barcode, 14, '0') AS gtin"
           " FROM page CROSS JOIN LATERAL (SELECT w.product_id, w.barcode FROM catalog.variant w"
           " WHERE w.product_id = page.id AND w.barcode !~ '^0*$' OFFSET 0) w)"
           " SELECT (SELECT count(*) FROM page), (SELECT id FROM page ORDER BY id DESC LIMIT 1),"
           " ARRAY(SELECT m.product_id FROM mine m UNION SELECT o.product_id FROM mine m"
           " CROSS JOIN LATERAL (SELECT w.product_id FROM catalog.variant w"
           " WHERE w.barcode IS NOT NULL AND lpad(w.barcode, 14, '0') = m.gtin LIMIT 1001) o"
           " LIMIT 1001)",
};

enum status catalog_offer_store_page(struct request *request, struct uuid vendor_id,
                                     struct uuid after, struct catalog_offer_page *ret_page)
{
    static_assert(CATALOG_OFFER_PAGE_MAX == 100, "the LIMIT of page");
    static_assert(CATALOG_OFFER_PAGE_IDS_MAX == 1000, "the LIMIT of ids, which reads one more");
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, vendor_id);
    param_uuid(params, arena, after);
    TRY(request_query(request, &page_list, params, &rows));
    struct row row = rows_at(&rows, 0);
    *ret_page = (struct catalog_offer_page){ .is_last = row_int(&row) < CATALOG_OFFER_PAGE_MAX };
    if (!row_skip_null(&row)) ret_page->last = row_uuid(&row);
    ret_page->ids_count = row_uuid_array(&row, arena, &ret_page->ids);
    return STATUS_OK;
}

static const struct statement separate = {
    .name = "catalog_product_separate",
    .sql = "INSERT INTO catalog.separate_product (product_id) VALUES ($1)"
           " ON CONFLICT (product_id) DO NOTHING",
};

static const struct statement join = {
    .name = "catalog_product_join",
    .sql = "DELETE FROM catalog.separate_product WHERE product_id = $1",
};

void catalog_offer_store_separate(struct request *request, struct uuid product_id, bool is_separate)
{
    struct store_params *params = request_write(request, is_separate ? &separate : &join);
    param_uuid(params, request_arena(request), product_id);
}

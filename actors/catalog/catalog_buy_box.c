/* Ranks offers. */
#include "actors/catalog/catalog_buy_box.h"

#include <stdlib.h>

/* ---- how they are sent ---- */

static size_t list_vendors(const struct catalog_item_row *rows, size_t count, bool asks_all,
                           struct uuid *ids)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        size_t k = 0;
        while (k < found && !uuid_equals(ids[k], rows[i].offer.vendor.id))
            k++;
        if ((asks_all || rows[i].offers > 1) && k == found && found < CATALOG_RIVAL_VENDORS_MAX)
            ids[found++] = rows[i].offer.vendor.id;
    }
    return found;
}

static const struct vendor_terms *find_terms(const struct vendor_many_terms *terms,
                                             struct uuid vendor_id)
{
    for (size_t i = 0; i < terms->terms_count; i++)
        if (uuid_equals(terms->terms[i].vendor_id, vendor_id)) return &terms->terms[i];
    return NULL;
}

/* Where markets deliver by arrangement, a vendor without ways of sending sells all the same. */
static void apply(const struct vendor_terms *terms, bool must_deliver, const char *currency,
                  struct catalog_item_row *row)
{
    const struct catalog_delivery delivery = catalog_delivery_of(terms, &row->parcel);
    row->rival.handling_days = delivery.handling_days;
    if (!delivery.is_offered) {
        if (delivery.is_said || must_deliver) row->rival.can_be_bought = false;
        return;
    }
    row->rival.amount += delivery.amount;
    row->offer.has_delivery = row->offer.has_handling_days = true;
    row->offer.delivery = money_make(delivery.amount, currency);
    row->offer.handling_days = delivery.handling_days;
}

static enum status ask_terms(struct request *request, const struct catalog_item_row *rows,
                             size_t count, const char *currency, bool asks_all,
                             struct vendor_many_terms *ret_terms)
{
    const char *country = config_text(request_config(request), SETTING_MARKET_COUNTRY);
    struct uuid *ids =
        arena_allocate_array(request_arena(request), CATALOG_RIVAL_VENDORS_MAX, sizeof *ids);
    const struct vendor_get_terms query = { .vendor_ids = ids,
                                            .vendor_ids_count =
                                                list_vendors(rows, count, asks_all, ids),
                                            .currency = text_of(currency),
                                            .has_country = country[0] != '\0',
                                            .country = text_of(country) };
    ret_terms->terms_count = 0;
    if (query.vendor_ids_count == 0) return STATUS_OK;
    const enum status status = request_ask_within(request, CATALOG_DELIVERY_WAIT_US,
                                                  &vendor_get_terms_message, &query, ret_terms);
    if (status != STATUS_OK) ret_terms->terms_count = 0;
    return status == STATUS_STOPPING ? status : STATUS_OK;
}

/* ---- ranked ---- */

static int compare_rows(const void *a, const void *b)
{
    const struct catalog_item_row *x = a, *y = b;
    return catalog_rival_compare(&x->rival, &y->rival);
}

enum status catalog_buy_box_rank(struct request *request, struct catalog_item_row *rows,
                                 size_t count, const char *currency, bool asks_all)
{
    enum { BY_ARRANGEMENT, REQUIRED }; /* in the order of market.delivery */
    const bool must_deliver =
        config_int(request_config(request), SETTING_MARKET_DELIVERY) == REQUIRED;
    struct vendor_many_terms *terms = arena_allocate(request_arena(request), sizeof *terms);
    TRY(ask_terms(request, rows, count, currency, asks_all, terms));
    for (size_t i = 0; i < count; i++) {
        const struct vendor_terms *of = find_terms(terms, rows[i].offer.vendor.id);
        rows[i].rival.handling_days = rows[i].is_digital ? 0 : CATALOG_HANDLING_UNKNOWN;
        if (!rows[i].is_digital && of != NULL) apply(of, must_deliver, currency, &rows[i]);
    }
    for (size_t first = 0, end; first < count; first = end) {
        for (end = first; end < count; end++)
            if (!uuid_equals(rows[end].variant_of, rows[first].variant_of)) break;
        qsort(rows + first, end - first, sizeof *rows, compare_rows);
        rows[first].offer.is_best = rows[first].rival.can_be_bought;
    }
    return STATUS_OK;
}

/* ---- of a page ---- */

static bool has_barcode(const struct catalog_product *product)
{
    for (size_t i = 0; i < product->variants_count; i++)
        if (product->variants[i].has_barcode) return true;
    return false;
}

static void fill_in(const struct catalog_item_row *best, struct catalog_variant *variants,
                    size_t count)
{
    const struct catalog_item_offer *offer = &best->offer;
    for (size_t i = 0; i < count; i++) {
        if (!uuid_equals(variants[i].id, best->variant_of)) continue;
        variants[i].has_buy_box = true;
        variants[i].buy_box =
            (struct catalog_buy_box){ .product_id = offer->product_id,
                                      .variant_id = offer->offered_variant_id,
                                      .slug = offer->slug,
                                      .vendor = offer->vendor,
                                      .price = offer->price,
                                      .has_delivery = offer->has_delivery,
                                      .delivery = offer->delivery,
                                      .has_handling_days = offer->has_handling_days,
                                      .handling_days = offer->handling_days,
                                      .others = best->offers - 1 };
    }
}

enum status catalog_buy_box_fill_in(struct request *request, struct catalog_product *product)
{
    struct catalog_item_row *rows;
    size_t count;
    const char *currency = product->price.currency;
    if (!has_barcode(product)) return STATUS_OK;
    const enum status found =
        catalog_offer_store_list(request, product->id, currency, &rows, &count);
    if (found == STATUS_NOT_FOUND) return STATUS_OK; /* it was hidden a moment ago */
    TRY(found);
    TRY(catalog_buy_box_rank(request, rows, count, currency, false));
    struct catalog_variant *variants = arena_copy(request_arena(request), product->variants,
                                                  product->variants_count * sizeof *variants);
    for (size_t i = 0; i < count; i++)
        if (rows[i].offer.is_best && rows[i].offers > 1)
            fill_in(&rows[i], variants, product->variants_count);
    product->variants = variants;
    return STATUS_OK;
}

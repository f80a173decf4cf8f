/* What the handlers of vendors and staff share. */
#include "actors/catalog/catalog_edit.h"

#include "actors/catalog/catalog_edit_store.h"
#include "actors/catalog/catalog_picture.h"
#include "actors/catalog/catalog_price_history_store.h"
#include "actors/catalog/catalog_slugs.h"
#include "messages/codec_json.h"
#include "messages/normal_form.h"
#include "runtime/gtin.h"
#include "runtime/plain_text.h"
#include "runtime/text_form.h"
#include "vendor_messages.h"

enum { BEFORE_MAX = 1000 }; /* bytes of what the audit entry says of the product before */

/* ---- opening ---- */

static void note_before(struct request *request, const struct catalog_item *item)
{
    struct text_builder json;
    text_builder_init(&json, request_arena(request), BEFORE_MAX);
    text_builder_add(&json, TEXT("{\"status\":"));
    json_encode_text(text_of(catalog_product_status_names[item->status]), &json);
    text_builder_add(&json, TEXT(",\"version\":"));
    text_builder_add_int(&json, item->version);
    text_builder_add(&json, TEXT(",\"name\":"));
    json_encode_text(item->name, &json);
    text_builder_add(&json, TEXT("}"));
    request_audit(request, "prd", item->id,
                  json.is_full ? (struct text){ 0 } : text_builder_view(&json));
}

/* `vendor_id` NULL: of any vendor. */
static enum status open_product(struct request *request, struct uuid product_id,
                                const struct uuid *vendor_id, struct versions versions,
                                struct catalog_item *ret_item)
{
    struct catalog_item item;
    TRY(catalog_item_store_load(request, product_id, &item));
    /* Before the version, which would tell others that the product exists. */
    if (vendor_id != NULL && !uuid_equals(item.vendor_id, *vendor_id)) return STATUS_NOT_FOUND;
    if (!versions_have(versions, item.version)) return STATUS_PRECONDITION_FAILED;
    note_before(request, &item);
    *ret_item = item;
    return STATUS_OK;
}

enum status catalog_edit_open_any(struct request *request, struct uuid product_id,
                                  struct versions versions, struct catalog_item *ret_item)
{
    return open_product(request, product_id, NULL, versions, ret_item);
}

enum status catalog_edit_open(struct request *request, struct uuid product_id,
                              struct versions versions, struct catalog_item *ret_item)
{
    return open_product(request, product_id, &request_principal(request)->id, versions, ret_item);
}

enum status catalog_edit_move(struct request *request, struct catalog_item *item,
                              enum catalog_move move)
{
    const bool needs_approval =
        config_bool(request_config(request), SETTING_MARKET_PRODUCT_APPROVAL);
    if (catalog_item_move(item, move, needs_approval) == STATUS_OK) return STATUS_OK;
    request_add_fault(request, &(struct request_fault){
                                   .pointer = "",
                                   .code = STATUS_ILLEGAL_TRANSITION,
                                   .detail = catalog_item_explain(request_arena(request), item) });
    return STATUS_ILLEGAL_TRANSITION;
}

enum status catalog_edit_require_none_owed(struct request *request,
                                           const struct catalog_item_variant *variants,
                                           size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (variants[i].held > variants[i].on_hand)
            return request_refuse(request, "", STATUS_UNITS_OWED, NULL);
    return STATUS_OK;
}

enum status catalog_edit_check_standing(struct request *request, struct uuid vendor_id)
{
    const struct vendor_get_standing query = { .vendor_id = vendor_id };
    struct vendor_standing standing = { .status = VENDOR_VENDOR_STATUS_APPLIED };
    const enum status status =
        request_ask(request, &vendor_get_standing_message, &query, &standing);
    if (status != STATUS_NOT_FOUND) TRY(status);
    if (status == STATUS_OK && standing.status == VENDOR_VENDOR_STATUS_APPROVED) return STATUS_OK;
    return request_refuse(request, "", STATUS_VENDOR_UNAVAILABLE,
                          "Only an approved vendor can publish; a draft can be made.");
}

/* ---- what staff says ---- */

enum status catalog_edit_check_reason(struct request *request, struct text reason)
{
    if (reason.length == 0 || plain_text_is_reason(reason)) return STATUS_OK;
    return request_refuse(request, "/reason", STATUS_INVALID_VALUE, PLAIN_TEXT_REASON_RULE);
}

enum status catalog_edit_tell_vendor(struct request *request, const struct catalog_item *item,
                                     enum common_notice_kind kind, struct text reason)
{
    char *id = arena_allocate(request_arena(request), ID_TEXT_MAX + 1);
    const struct text_pair facts[] = { { TEXT("product"), item->name },
                                       { TEXT("reason"), reason } };
    const struct told_notice_was_raised event = {
        .notice = { .kind = kind,
                    .recipient_id = item->vendor_id,
                    .audience = COMMON_AUDIENCE_VENDOR,
                    .has_subject_id = true,
                    .subject_id = { id, id_format("prd", item->id, id) },
                    .facts = facts,
                    .facts_count = reason.length > 0 ? 2 : 1 },
    };
    return request_publish(request, &catalog_notice_was_raised_message, &event);
}

/* ---- what is wanted ---- */

enum status catalog_edit_refuse_at(struct request *request, struct text at, const char *name,
                                   enum status status, const char *detail)
{
    const struct text pointer = text_format(request_arena(request), "%.*s/%s", (int)at.length,
                                            at.length > 0 ? at.data : "", name);
    return request_refuse(request, pointer.data, status, detail);
}

enum status catalog_edit_set_name(struct request *request, struct text name,
                                  struct catalog_item *item)
{
    const struct text trimmed = normal_form(request_arena(request), text_trim(name));
    if (!plain_text_is_name(trimmed))
        return request_refuse(request, "/name", STATUS_INVALID_VALUE,
                              "A name is one line of visible characters.");
    item->name = trimmed;
    return slug_book_choose(request, &catalog_product_slugs, item->id, trimmed, &item->slug,
                            &item->is_slug_new);
}

enum status catalog_edit_set_seo(struct request *request, const char *name, struct text text,
                                 struct text *field)
{
    if (!plain_text_is_line(text))
        return catalog_edit_refuse_at(
            request, (struct text){ 0 }, name, STATUS_INVALID_VALUE,
            "A text for search engines is one line of visible characters.");
    *field = normal_form(request_arena(request), text_trim(text));
    return STATUS_OK;
}

enum status catalog_edit_set_tax_class(struct request *request, enum common_tax_class tax_class,
                                       struct catalog_item *item)
{
    if (tax_class == COMMON_TAX_CLASS_DELIVERY)
        return request_refuse(request, "/tax_class", STATUS_INVALID_VALUE,
                              "That class is for delivering things, and not for things.");
    item->tax_class = tax_class;
    return STATUS_OK;
}

enum status catalog_edit_set_description(struct request *request, struct text text,
                                         struct catalog_item *item)
{
    if (!plain_text_is_block(text))
        return request_refuse(request, "/description", STATUS_INVALID_VALUE,
                              "A description has no control or direction characters.");
    item->description = text;
    return STATUS_OK;
}

enum status catalog_edit_set_images(struct request *request, const struct text *images,
                                    size_t count, struct catalog_item *item)
{
    for (size_t i = 0; i < count; i++) {
        if (text_is_https_url(images[i])) continue;
        return request_refuse(request, request_pointer_at(request, "/images", i),
                              STATUS_INVALID_VALUE, TEXT_HTTPS_URL_RULE);
    }
    if (item->pictures_count + count > CATALOG_PICTURES_MAX)
        return request_refuse_full(
            request, "/images", STATUS_INVALID_VALUE, CATALOG_PICTURES_MAX,
            "So many pictures has a product, with those that were uploaded.");
    item->images = images;
    item->images_count = count;
    return STATUS_OK;
}

enum status catalog_edit_set_category(struct request *request, struct uuid category_id,
                                      struct catalog_item *item)
{
    const enum status status = catalog_item_store_set_category(request, item, category_id);
    if (status != STATUS_NOT_FOUND) return status;
    return request_refuse(request, "/category_id", STATUS_INVALID_VALUE,
                          "There is no such category.");
}

enum status catalog_edit_set_profile(struct request *request, struct uuid profile_id,
                                     struct catalog_item *item)
{
    const struct vendor_find_shipping_profile query = { .vendor_id = item->vendor_id,
                                                        .profile_id = profile_id };
    struct vendor_shipping_profile profile;
    const enum status status =
        request_ask(request, &vendor_find_shipping_profile_message, &query, &profile);
    if (status == STATUS_NOT_FOUND)
        return request_refuse(request, "/shipping_profile_id", STATUS_NOT_FOUND,
                              "The vendor has no such shipping profile.");
    TRY(status);
    item->has_profile = true;
    item->profile_id = profile_id;
    return STATUS_OK;
}

enum status catalog_edit_set_sku(struct request *request, struct text at, struct text sku,
                                 struct catalog_item_variant *variant)
{
    if (!plain_text_is_line(sku))
        return catalog_edit_refuse_at(request, at, "sku", STATUS_INVALID_VALUE,
                                      "An SKU is one line of visible characters.");
    variant->sku = normal_form(request_arena(request), text_trim(sku));
    return STATUS_OK;
}

enum status catalog_edit_set_barcode(struct request *request, struct text at, struct text barcode,
                                     struct catalog_item_variant *variant)
{
    const struct text trimmed = text_trim(barcode);
    if (trimmed.length > 0 && !gtin_is_good(trimmed))
        return catalog_edit_refuse_at(request, at, "barcode", STATUS_INVALID_VALUE, GTIN_RULE);
    variant->barcode = trimmed;
    return STATUS_OK;
}

enum status catalog_edit_set_options(struct request *request, struct text at,
                                     const struct text_pair *options, size_t count,
                                     struct catalog_item_variant *variant)
{
    struct arena *arena = request_arena(request);
    struct text_pair *trimmed = arena_allocate_array(arena, count, sizeof *trimmed);
    for (size_t i = 0; i < count; i++) {
        trimmed[i].name = normal_form(arena, text_trim(options[i].name));
        trimmed[i].value = normal_form(arena, text_trim(options[i].value));
        bool is_good = plain_text_is_name(trimmed[i].name) && plain_text_is_name(trimmed[i].value);
        for (size_t k = 0; k < i; k++)
            is_good = is_good && !normal_keys_are_same(arena, trimmed[k].name, trimmed[i].name);
        if (!is_good)
            return catalog_edit_refuse_at(
                request, at, "options", STATUS_INVALID_VALUE,
                "Options are different names with a value, in visible characters.");
    }
    variant->options = trimmed;
    variant->options_count = count;
    return STATUS_OK;
}

/* `at` as catalog_edit_check_variants() has it. */
static enum status refuse_variant(struct request *request, const char *at, size_t index,
                                  const char *name, enum status status, const char *detail)
{
    if (at == NULL) return request_refuse(request, "", status, detail);
    const char *variant = at[0] == '\0' ? at : request_pointer_at(request, at, index);
    return catalog_edit_refuse_at(request, text_of(variant), name, status, detail);
}

enum status catalog_edit_check_variants(struct request *request, const struct catalog_item *item,
                                        size_t first, size_t count, const char *at)
{
    assert(first + count <= item->variants_count);
    const struct catalog_item keyed = catalog_item_keyed(request_arena(request), item);
    /* Of two that are alike the later one is named. */
    for (size_t i = first + count; i-- > first;) {
        if (catalog_item_repeats_options(&keyed, i))
            return refuse_variant(request, at, i, "options", STATUS_VARIANT_EXISTS,
                                  "Another variant of the product has the same options.");
        if (catalog_item_repeats_sku(&keyed, i))
            return refuse_variant(request, at, i, "sku", STATUS_SKU_TAKEN,
                                  "Another variant of the product has the same SKU.");
    }
    size_t index;
    const enum status found = catalog_edit_store_find_sku(request, item, first, count, &index);
    if (found == STATUS_NOT_FOUND) return STATUS_OK;
    TRY(found);
    return refuse_variant(request, at, index, "sku", STATUS_SKU_TAKEN,
                          "Another product of the vendor has a variant of this SKU.");
}

/* ---- the end ---- */

static bool is_small_enough(const struct catalog_item *item)
{
    return catalog_item_bytes(item) <= CATALOG_ITEM_BYTES_MAX;
}

enum status catalog_edit_check_size(struct request *request, const struct catalog_item *item)
{
    if (is_small_enough(item)) return STATUS_OK;
    return request_refuse_full(request, "", STATUS_PRODUCT_TOO_LARGE, CATALOG_ITEM_BYTES_MAX,
                               "So many bytes fit into one product.");
}

/* The prices in the order of currencies, and what stands beside them. */
static void describe_prices(struct arena *arena, const struct catalog_item_variant *variant,
                            struct catalog_own_variant *ret_variant)
{
    const size_t count = variant->prices_count;
    size_t tiers_count = 0;
    for (size_t i = 0; i < count; i++)
        tiers_count += variant->prices[i].tiers_count;
    struct money *prices = arena_allocate_array(arena, count, sizeof *prices);
    struct catalog_price_sale *sales = arena_allocate_array(arena, count, sizeof *sales);
    struct catalog_price_tier *tiers = arena_allocate_array(arena, tiers_count, sizeof *tiers);
    for (size_t i = 0; i < count; i++) {
        const struct catalog_item_price *price = &variant->prices[i];
        prices[i] = price->price;
        if (price->sale.amount > 0)
            sales[ret_variant->sales_count++] = catalog_sale_describe(price);
        for (size_t k = 0; k < price->tiers_count; k++)
            tiers[ret_variant->tiers_count++] =
                catalog_tier_describe(&price->tiers[k], price->price.currency);
        /* The contract has room for one: the first in the order of currencies. */
        if (price->compare_at == CATALOG_ITEM_NONE || ret_variant->has_compare_at_price) continue;
        ret_variant->has_compare_at_price = true;
        ret_variant->compare_at_price = money_make(price->compare_at, price->price.currency);
    }
    ret_variant->prices = prices;
    ret_variant->prices_count = count;
    ret_variant->sales = sales;
    ret_variant->tiers = tiers;
}

static void describe_stock(const struct catalog_item_variant *variant,
                           struct catalog_own_variant *ret_variant)
{
    const struct catalog_ahead *ahead = &variant->ahead;
    const int64_t free = variant->on_hand - variant->held;
    ret_variant->on_hand = variant->on_hand > 0 ? variant->on_hand : 0;
    ret_variant->reserved = variant->held;
    ret_variant->available = free + ahead->limit > 0 ? free + ahead->limit : 0;
    if (variant->is_bundle) ret_variant->available = 0;
    ret_variant->has_is_bundle = ret_variant->is_bundle = variant->is_bundle;
    ret_variant->stock_version = variant->stock_version;
    ret_variant->has_owed = free < 0;
    ret_variant->owed = -free;
    ret_variant->has_stock_policy = ahead->policy != CATALOG_STOCK_POLICY_DENY;
    ret_variant->stock_policy = ahead->policy;
    ret_variant->has_ahead_limit = ret_variant->has_stock_policy;
    ret_variant->ahead_limit = ahead->limit;
    ret_variant->has_available_on = ahead->available_on_us > 0;
    ret_variant->available_on_us = ahead->available_on_us;
}

void catalog_edit_describe_variant(struct arena *arena, const struct catalog_item_variant *variant,
                                   struct catalog_own_variant *ret_variant)
{
    *ret_variant = (struct catalog_own_variant){
        .id = variant->id,
        .has_sku = variant->sku.length > 0,
        .sku = variant->sku,
        .has_barcode = variant->barcode.length > 0,
        .barcode = variant->barcode,
        .options = variant->options,
        .options_count = variant->options_count,
        .has_quantity_min = variant->quantities.min > 0,
        .quantity_min = variant->quantities.min,
        .has_quantity_step = variant->quantities.step > 0,
        .quantity_step = variant->quantities.step,
        .has_quantity_max = variant->quantities.max > 0,
        .quantity_max = variant->quantities.max,
        .has_weight_grams = variant->weight_grams != CATALOG_ITEM_NONE,
        .weight_grams = variant->weight_grams,
    };
    describe_stock(variant, ret_variant);
    describe_prices(arena, variant, ret_variant);
}

void catalog_edit_describe(struct request *request, const struct catalog_item *item,
                           struct catalog_own_product *ret_product)
{
    struct arena *arena = request_arena(request);
    const char *currency = config_text(request_config(request), SETTING_MARKET_CURRENCY);
    struct catalog_own_variant *variants =
        arena_allocate_array(arena, item->variants_count, sizeof *variants);
    for (size_t i = 0; i < item->variants_count; i++)
        catalog_edit_describe_variant(arena, &item->variants[i], &variants[i]);
    *ret_product = (struct catalog_own_product){
        .id = item->id,
        .vendor_id = item->vendor_id,
        .name = item->name,
        .slug = item->slug,
        .has_seo_title = item->seo_title.length > 0,
        .seo_title = item->seo_title,
        .has_seo_description = item->seo_description.length > 0,
        .seo_description = item->seo_description,
        .handle = item->handle,
        .description = item->description,
        .category = { .id = item->category_id, .path = item->category_path },
        .status = item->status,
        .is_hidden_by_staff = item->is_blocked,
        .has_review_note = item->review_note.length > 0,
        .review_note = item->review_note,
        .price = catalog_item_cheapest(item, currency)->price,
        .images = item->images,
        .images_count = item->images_count,
        .attributes = catalog_attributes_describe(arena, item->attributes, item->attributes_count),
        .attributes_count = item->attributes_count,
        .tax_class = item->tax_class,
        .is_digital = item->is_digital,
        .has_shipping_profile_id = item->has_profile,
        .shipping_profile_id = item->profile_id,
        .variants = variants,
        .variants_count = item->variants_count,
        .version = item->version,
        .created_at_us = item->created_at_us,
        .updated_at_us = item->updated_at_us,
        .has_open_change = item->has_change,
    };
    ret_product->pictures = catalog_picture_show(arena, item, &ret_product->pictures_count);
}

enum status catalog_edit_finish(struct request *request, struct catalog_item *item,
                                struct catalog_own_product *ret_product)
{
    TRY(catalog_price_history_settle(request, item));
    TRY(catalog_item_store_save(request, item));
    catalog_edit_describe(request, item, ret_product);
    if (!is_small_enough(item)) ret_product->variants_count = 0;
    return STATUS_OK;
}

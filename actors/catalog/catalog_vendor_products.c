/* What a vendor does with its products. All commands of a vendor have the vendor as their key and
 * remember nothing, so each sees what the one before it has committed. */
#include "actors/catalog/catalog_change.h"
#include "actors/catalog/catalog_cursor.h"
#include "actors/catalog/catalog_edit.h"
#include "actors/catalog/catalog_edit_store.h"
#include "catalog_handlers.h"
#include "runtime/slug.h"

enum {
    HANDLE_NAME_MAX = 200, /* bytes of a handle that come from the name */
    HANDLE_ID_LENGTH = 10, /* characters that come from the id: 50 bits, its random end */
    PAGE_DEFAULT = 20
};

/* ---- making one ---- */

/* A command without `variants` describes its only variant by its other fields. */
static enum status read_only_variant(struct request *request,
                                     const struct catalog_create_product *command,
                                     struct catalog_item_variant *variant)
{
    if (!command->has_price)
        return request_refuse(request, "/price", STATUS_MISSING_FIELD,
                              "A product has a price, or variants with prices.");
    const struct catalog_new_variant wish = {
        .has_sku = command->has_sku,
        .sku = command->sku,
        .has_barcode = command->has_barcode,
        .barcode = command->barcode,
        .prices = &command->price,
        .prices_count = 1,
        .has_compare_at_price = command->has_compare_at_price,
        .compare_at_price = command->compare_at_price,
        .has_stock = command->has_stock,
        .stock = command->stock,
        .has_weight_grams = command->has_weight_grams,
        .weight_grams = command->weight_grams,
    };
    return catalog_edit_read_variant(request, (struct text){ 0 }, "price", &wish, variant);
}

static enum status read_variants(struct request *request,
                                 const struct catalog_create_product *command,
                                 struct catalog_item *item)
{
    struct arena *arena = request_arena(request);
    const bool is_single = command->variants_count == 0;
    const size_t count = is_single ? 1 : command->variants_count;
    struct catalog_item_variant *variants = arena_allocate_array(arena, count, sizeof *variants);
    const bool has_both = command->has_price || command->has_compare_at_price ||
                          command->has_stock || command->has_sku || command->has_barcode ||
                          command->has_weight_grams;
    if (!is_single && has_both)
        return request_refuse(
            request, "/variants", STATUS_INVALID_VALUE,
            "Price, stock, SKU, barcode and weight stand in the variants, not beside them.");
    if (is_single) TRY(read_only_variant(request, command, &variants[0]));
    for (size_t i = 0; i < command->variants_count; i++)
        TRY(catalog_edit_read_variant(request, text_format(arena, "/variants/%zu", i), "prices",
                                      &command->variants[i], &variants[i]));
    item->variants = variants;
    item->variants_count = count;
    for (size_t i = 0; i < count; i++)
        variants[i].id = request_new_id_beside(request, item->id);
    return catalog_edit_check_variants(request, item, 0, count, is_single ? "" : "/variants");
}

/* The name as part of an address, and the end of the id, which makes the handle unique. It stays
 * when the name changes, so that imports and links still find the product. */
static struct text make_handle(struct arena *arena, const struct catalog_item *item)
{
    char id[ID_TEXT_MAX + 1];
    const size_t length = id_format("prd", item->id, id);
    const struct text slug = slug_of_text(arena, item->name, HANDLE_NAME_MAX);
    return text_format(arena, "%.*s%s%s", (int)slug.length, slug.length > 0 ? slug.data : "",
                       slug.length > 0 ? "-" : "", id + length - HANDLE_ID_LENGTH);
}

enum status catalog_handle_create_product(struct request *request,
                                          const struct catalog_create_product *command,
                                          struct catalog_own_product *ret_reply)
{
    struct catalog_item item = {
        .id = request_new_root_id(request),
        .vendor_id = request_principal(request)->id,
        .status = CATALOG_PRODUCT_STATUS_DRAFT,
        .created_at_us = request_now_us(request),
    };
    TRY(catalog_edit_set_name(request, command->name, &item));
    TRY(catalog_edit_set_description(request, command->description, &item));
    TRY(catalog_edit_set_images(request, command->images, command->images_count, &item));
    if (command->has_seo_title)
        TRY(catalog_edit_set_seo(request, "seo_title", command->seo_title, &item.seo_title));
    if (command->has_seo_description)
        TRY(catalog_edit_set_seo(request, "seo_description", command->seo_description,
                                 &item.seo_description));
    TRY(catalog_edit_set_category(request, command->category_id, &item));
    if (command->has_tax_class) TRY(catalog_edit_set_tax_class(request, command->tax_class, &item));
    item.is_digital = command->has_is_digital && command->is_digital;
    if (command->has_shipping_profile_id)
        TRY(catalog_edit_set_profile(request, command->shipping_profile_id, &item));
    const bool is_draft = command->has_status && command->status == CATALOG_WANTED_STATUS_DRAFT;
    const struct catalog_attribute_wish attributes = { .pairs = command->attributes,
                                                       .count = command->attributes_count,
                                                       .needs_all = !is_draft };
    TRY(catalog_edit_set_attributes(request, &attributes, &item));
    TRY(read_variants(request, command, &item));
    TRY(catalog_edit_check_size(request, &item));
    if (!is_draft) {
        TRY(catalog_edit_check_standing(request, item.vendor_id));
        TRY(catalog_edit_move(request, &item, CATALOG_MOVE_PUBLISH));
    }
    item.handle = make_handle(request_arena(request), &item);
    request_audit(request, "prd", item.id, (struct text){ 0 });
    TRY(catalog_edit_finish(request, &item, ret_reply));
    catalog_item_store_save_variants(request, &item);
    catalog_edit_store_add_stock(request, &item, 0);
    request_set_http_status(request, 201);
    return STATUS_OK;
}

/* ---- changing one ---- */

static bool drops_attributes(const struct catalog_change_product *command)
{
    return command->has_remove_attributes && command->remove_attributes;
}

static bool wants_edit(const struct catalog_change_product *command)
{
    return command->has_name || command->has_description || command->has_category_id ||
           command->has_tax_class || command->has_is_digital || command->images_count > 0 ||
           command->has_seo_title || command->has_seo_description ||
           command->attributes_count > 0 || drops_attributes(command) ||
           (command->has_remove_images && command->remove_images);
}

static bool drops_profile(const struct catalog_change_product *command)
{
    return command->has_remove_shipping_profile && command->remove_shipping_profile;
}

/* How it is sent is for carts: shoppers read nothing of it, so nobody has to approve it. */
static enum status change_profile(struct request *request,
                                  const struct catalog_change_product *command,
                                  struct catalog_item *item)
{
    if (drops_profile(command) && command->has_shipping_profile_id)
        return request_refuse(request, "/remove_shipping_profile", STATUS_INVALID_VALUE,
                              "A shipping profile is either given or removed.");
    if (drops_profile(command)) item->has_profile = false;
    if (!command->has_shipping_profile_id) return STATUS_OK;
    return catalog_edit_set_profile(request, command->shipping_profile_id, item);
}

static enum status change_images(struct request *request,
                                 const struct catalog_change_product *command,
                                 struct catalog_item *item)
{
    const bool removes = command->has_remove_images && command->remove_images;
    if (removes && command->images_count > 0)
        return request_refuse(request, "/remove_images", STATUS_INVALID_VALUE,
                              "Pictures are either given or removed.");
    if (!removes && command->images_count == 0) return STATUS_OK;
    return catalog_edit_set_images(request, command->images, command->images_count, item);
}

/* Whether those that a published product must have are there is asked when they, or its category,
 * change: not when only staff has asked for more since. */
static enum status change_attributes(struct request *request,
                                     const struct catalog_change_product *command,
                                     struct catalog_item *item)
{
    const bool drops = drops_attributes(command);
    if (drops && command->attributes_count > 0)
        return request_refuse(request, "/remove_attributes", STATUS_INVALID_VALUE,
                              "Attributes are either given or removed.");
    if (!drops && command->attributes_count == 0 && !command->has_category_id) return STATUS_OK;
    const struct catalog_attribute_wish wish = {
        .pairs = command->attributes,
        .count = command->attributes_count,
        .keeps_others = !drops && command->attributes_count == 0,
        .needs_all = item->status == CATALOG_PRODUCT_STATUS_PUBLISHED ||
                     item->status == CATALOG_PRODUCT_STATUS_IN_REVIEW,
    };
    return catalog_edit_set_attributes(request, &wish, item);
}

enum status catalog_handle_change_product(struct request *request,
                                          const struct catalog_change_product *command,
                                          struct catalog_own_product *ret_reply)
{
    struct catalog_item item;
    struct catalog_draft *draft = arena_allocate(request_arena(request), sizeof *draft);
    size_t added;
    TRY(catalog_edit_open(request, command->product_id, VERSIONS_OF(command), &item));
    const bool is_edit = wants_edit(command);
    if (!is_edit && !command->has_shipping_profile_id && !drops_profile(command)) {
        catalog_edit_describe(request, &item, ret_reply);
        return STATUS_OK;
    }
    TRY(catalog_edit_move(request, &item, CATALOG_MOVE_CHANGE));
    TRY(catalog_change_lay(request, &item, draft));
    if (command->has_name) TRY(catalog_edit_set_name(request, command->name, &item));
    if (command->has_description)
        TRY(catalog_edit_set_description(request, command->description, &item));
    if (command->has_seo_title)
        TRY(catalog_edit_set_seo(request, "seo_title", command->seo_title, &item.seo_title));
    if (command->has_seo_description)
        TRY(catalog_edit_set_seo(request, "seo_description", command->seo_description,
                                 &item.seo_description));
    TRY(change_images(request, command, &item));
    TRY(change_profile(request, command, &item));
    if (command->has_category_id)
        TRY(catalog_edit_set_category(request, command->category_id, &item));
    TRY(change_attributes(request, command, &item));
    if (command->has_tax_class) TRY(catalog_edit_set_tax_class(request, command->tax_class, &item));
    if (command->has_is_digital) item.is_digital = command->is_digital;
    TRY(catalog_edit_check_size(request, &item));
    TRY(catalog_change_stage(request, draft, &item, &added));
    return catalog_edit_finish(request, &item, ret_reply);
}

enum status catalog_handle_archive_product(struct request *request,
                                           const struct catalog_archive_product *command)
{
    struct catalog_item item;
    TRY(catalog_edit_open(request, command->product_id, VERSIONS_OF(command), &item));
    TRY(catalog_edit_move(request, &item, CATALOG_MOVE_ARCHIVE));
    TRY(catalog_edit_require_none_owed(request, item.variants, item.variants_count));
    catalog_item_store_free_skus(request, &item);
    catalog_change_store_withdraw(request, item.id);
    return catalog_item_store_save(request, &item);
}

enum status catalog_handle_publish_product(struct request *request,
                                           const struct catalog_publish_product *command,
                                           struct catalog_own_product *ret_reply)
{
    struct catalog_item item;
    TRY(catalog_edit_open(request, command->product_id, VERSIONS_OF(command), &item));
    const struct catalog_attribute_wish attributes = { .keeps_others = true, .needs_all = true };
    TRY(catalog_edit_move(request, &item, CATALOG_MOVE_PUBLISH));
    TRY(catalog_edit_set_attributes(request, &attributes, &item));
    TRY(catalog_edit_check_standing(request, item.vendor_id));
    return catalog_edit_finish(request, &item, ret_reply);
}

enum status catalog_handle_hide_product(struct request *request,
                                        const struct catalog_hide_product *command,
                                        struct catalog_own_product *ret_reply)
{
    struct catalog_item item;
    TRY(catalog_edit_open(request, command->product_id, VERSIONS_OF(command), &item));
    TRY(catalog_edit_move(request, &item, CATALOG_MOVE_HIDE));
    return catalog_edit_finish(request, &item, ret_reply);
}

/* ---- reading ---- */

enum status catalog_handle_get_own_product(struct request *request,
                                           const struct catalog_get_own_product *query,
                                           struct catalog_own_product *ret_reply)
{
    struct catalog_item item;
    TRY(catalog_item_store_load(request, query->product_id, &item));
    if (!uuid_equals(item.vendor_id, request_principal(request)->id)) return STATUS_NOT_FOUND;
    catalog_edit_describe(request, &item, ret_reply);
    return STATUS_OK;
}

/* One page of the list, for vendors and for staff. */
static enum status read_page(struct request *request, const struct catalog_edit_filter *filter,
                             bool has_after, struct text after_text,
                             struct catalog_own_page *ret_page)
{
    struct uuid after = catalog_cursor_first();
    struct catalog_own_summary *products;
    size_t count;
    if (has_after && catalog_cursor_decode(after_text, &after) != STATUS_OK)
        return request_refuse_cursor(request);
    TRY(catalog_edit_store_list(request, filter, after, &products, &count));
    const size_t limit = (size_t)filter->limit;
    ret_page->data = products;
    ret_page->has_more = count > limit;
    ret_page->data_count = ret_page->has_more ? limit : count;
    ret_page->has_next = ret_page->has_more;
    if (!ret_page->has_next) return STATUS_OK;
    ret_page->next = catalog_cursor_encode(request_arena(request), products[limit - 1].id);
    return STATUS_OK;
}

enum status catalog_handle_list_own_products(struct request *request,
                                             const struct catalog_list_own_products *query,
                                             struct catalog_own_page *ret_reply)
{
    const struct catalog_edit_filter filter = {
        .has_status = query->has_status,
        .status = query->status,
        .q = query->has_q ? query->q : (struct text){ 0 },
        .has_vendor = true,
        .vendor_id = request_principal(request)->id,
        .has_category = query->has_category,
        .category_id = query->category,
        .limit = query->has_limit ? query->limit : PAGE_DEFAULT,
    };
    return read_page(request, &filter, query->has_after, query->after, ret_reply);
}

enum status catalog_handle_list_all_products(struct request *request,
                                             const struct catalog_list_all_products *query,
                                             struct catalog_own_page *ret_reply)
{
    const struct catalog_edit_filter filter = {
        .has_status = query->has_status,
        .status = query->status,
        .q = query->has_q ? query->q : (struct text){ 0 },
        .has_vendor = query->has_vendor,
        .vendor_id = query->vendor,
        .limit = query->has_limit ? query->limit : PAGE_DEFAULT,
    };
    return read_page(request, &filter, query->has_after, query->after, ret_reply);
}

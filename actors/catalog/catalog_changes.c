/* What vendors and staff do with changes that wait for approval. */
#include "actors/catalog/catalog_bundle_store.h"
#include "actors/catalog/catalog_bundles.h"
#include "actors/catalog/catalog_change.h"
#include "actors/catalog/catalog_cursor.h"
#include "actors/catalog/catalog_edit.h"
#include "actors/catalog/catalog_edit_store.h"
#include "actors/catalog/catalog_picture_store.h"
#include "actors/catalog/catalog_translation_store.h"
#include "catalog_handlers.h"

enum { PAGE_DEFAULT = 20 };

#define BIT(field) (1U << CATALOG_CONTENT_FIELD_##field)

/* ---- reading ---- */

static enum status read_change(struct request *request, struct uuid product_id,
                               const struct uuid *vendor_id,
                               struct catalog_product_change *ret_change)
{
    struct arena *arena = request_arena(request);
    struct catalog_item item;
    struct catalog_change *change = arena_allocate(arena, sizeof *change);
    TRY(catalog_item_store_load(request, product_id, &item));
    if (vendor_id != NULL && !uuid_equals(item.vendor_id, *vendor_id)) return STATUS_NOT_FOUND;
    TRY(catalog_change_store_load(request, product_id, change));
    const bool has_ended = change->status != CATALOG_CHANGE_STATUS_OPEN;
    /* What has ended is not out of date any more. */
    struct catalog_product_content live = change->content.after;
    if (!has_ended) TRY(catalog_change_live(request, &item, &change->content.after, &live));
    *ret_change = (struct catalog_product_change){
        .product_id = product_id,
        .vendor_id = item.vendor_id,
        .name = item.name,
        .status = change->status,
        .has_reason = change->reason.length > 0,
        .reason = change->reason,
        .version = change->version,
        .opened_at_us = change->opened_at_us,
        .changed_at_us = change->changed_at_us,
        .has_ended_at = has_ended,
        .ended_at_us = change->ended_at_us,
    };
    ret_change->fields =
        catalog_content_describe(arena, &change->content, &live, &ret_change->fields_count);
    return STATUS_OK;
}

enum status catalog_handle_get_own_change(struct request *request,
                                          const struct catalog_get_own_change *query,
                                          struct catalog_product_change *ret_reply)
{
    return read_change(request, query->product_id, &request_principal(request)->id, ret_reply);
}

enum status catalog_handle_inspect_change(struct request *request,
                                          const struct catalog_inspect_change *query,
                                          struct catalog_product_change *ret_reply)
{
    return read_change(request, query->product_id, NULL, ret_reply);
}

enum status catalog_handle_list_changes(struct request *request,
                                        const struct catalog_list_changes *query,
                                        struct catalog_change_page *ret_reply)
{
    struct uuid after = { { 0 } };
    struct catalog_change_summary *changes;
    struct uuid *ids;
    size_t count;
    if (query->has_after && catalog_cursor_decode(query->after, &after) != STATUS_OK)
        return request_refuse_cursor(request);
    const size_t limit = query->has_limit ? (size_t)query->limit : PAGE_DEFAULT;
    TRY(catalog_change_store_list(request, query->has_vendor ? &query->vendor : NULL, after,
                                  (int64_t)limit, &changes, &ids, &count));
    ret_reply->data = changes;
    ret_reply->has_more = count > limit;
    ret_reply->data_count = ret_reply->has_more ? limit : count;
    ret_reply->has_next = ret_reply->has_more;
    if (ret_reply->has_next)
        ret_reply->next = catalog_cursor_encode(request_arena(request), ids[limit - 1]);
    return STATUS_OK;
}

/* ---- deciding ---- */

static enum status load_open(struct request *request, struct uuid product_id,
                             struct versions versions, struct catalog_change *ret_change)
{
    TRY(catalog_change_store_load(request, product_id, ret_change));
    if (!versions_have(versions, ret_change->version)) return STATUS_PRECONDITION_FAILED;
    return ret_change->status == CATALOG_CHANGE_STATUS_OPEN ? STATUS_OK : STATUS_CHANGE_IS_OVER;
}

static enum status end_change(struct request *request, struct catalog_change *change,
                              enum catalog_change_status status, struct text reason)
{
    change->status = status;
    change->reason = reason;
    change->ended_at_us = request_now_us(request);
    return catalog_change_store_save(request, change);
}

enum status catalog_handle_withdraw_change(struct request *request,
                                           const struct catalog_withdraw_change *command)
{
    struct catalog_item item;
    struct catalog_change *change = arena_allocate(request_arena(request), sizeof *change);
    TRY(catalog_edit_open(request, command->product_id, (struct versions){ NULL, 0 }, &item));
    TRY(load_open(request, command->product_id, VERSIONS_OF(command), change));
    return end_change(request, change, CATALOG_CHANGE_STATUS_WITHDRAWN, (struct text){ 0 });
}

enum status catalog_handle_reject_change(struct request *request,
                                         const struct catalog_reject_change *command)
{
    struct catalog_item item;
    struct catalog_change *change = arena_allocate(request_arena(request), sizeof *change);
    TRY(catalog_edit_check_reason(request, command->reason));
    TRY(catalog_edit_open_any(request, command->product_id, (struct versions){ NULL, 0 }, &item));
    TRY(load_open(request, command->product_id, VERSIONS_OF(command), change));
    TRY(catalog_edit_tell_vendor(request, &item, COMMON_NOTICE_KIND_PRODUCT_CHANGE_REJECTED,
                                 command->reason));
    return end_change(request, change, CATALOG_CHANGE_STATUS_REJECTED, command->reason);
}

/* Behind those that the product has. */
static enum status add_variants(struct request *request,
                                const struct catalog_product_content *content,
                                struct catalog_item *item)
{
    struct arena *arena = request_arena(request);
    const size_t known = item->variants_count, count = known + content->new_variants_count;
    if (count > CATALOG_ITEM_VARIANTS_MAX)
        return request_refuse_full(request, "", STATUS_TOO_MANY_VARIANTS, CATALOG_ITEM_VARIANTS_MAX,
                                   NULL);
    struct catalog_item_variant *variants = arena_allocate_array(arena, count, sizeof *variants);
    for (size_t i = 0; i < known; i++)
        variants[i] = item->variants[i];
    for (size_t i = known; i < count; i++) {
        TRY(catalog_edit_read_variant(request, TEXT(""), "prices",
                                      &content->new_variants[i - known], &variants[i]));
        variants[i].id = request_new_id_beside(request, item->id);
    }
    item->variants = variants;
    item->variants_count = count;
    return STATUS_OK;
}

/* What the change is about, put into the product as if its vendor said it now: what does not fit it
 * any more is refused. */
static enum status apply(struct request *request, const struct catalog_content_pair *content,
                         struct catalog_item *item)
{
    const struct catalog_product_content *after = &content->after;
    const uint32_t fields = catalog_content_difference(&content->before, after);
    const struct catalog_attribute_wish attributes = { .keeps_others = true,
                                                       .needs_all = catalog_item_is_listed(item) };
    catalog_content_put(request_arena(request), after, fields & ~(BIT(NAME) | BIT(CATEGORY)), item);
    if ((fields & BIT(NAME)) != 0) TRY(catalog_edit_set_name(request, after->name, item));
    if ((fields & BIT(CATEGORY)) != 0)
        TRY(catalog_edit_set_category(request, after->category.id, item));
    if ((fields & (BIT(CATEGORY) | BIT(ATTRIBUTES))) != 0)
        TRY(catalog_edit_set_attributes(request, &attributes, item));
    if ((fields & (BIT(IMAGES) | BIT(PICTURES))) != 0)
        TRY(catalog_edit_set_images(request, item->images, item->images_count, item));
    if ((fields & BIT(NEW_VARIANTS)) != 0) TRY(add_variants(request, after, item));
    if ((fields & (BIT(OPTIONS) | BIT(NEW_VARIANTS))) != 0)
        TRY(catalog_edit_check_variants(request, item, 0, item->variants_count, NULL));
    return catalog_edit_check_size(request, item);
}

/* As if its vendor said it now, likewise. */
static enum status apply_parts(struct request *request, const struct catalog_content_pair *content,
                               const struct catalog_item *item)
{
    const struct catalog_product_content *after = &content->after;
    if ((catalog_content_difference(&content->before, after) & BIT(PARTS)) == 0) return STATUS_OK;
    for (size_t i = 0; i < after->bundles_count; i++) {
        const struct catalog_set_bundle command = { .product_id = item->id,
                                                    .variant_id = after->bundles[i].variant_id,
                                                    .parts = after->bundles[i].parts,
                                                    .parts_count = after->bundles[i].parts_count };
        TRY(catalog_bundles_check(request, item, &command));
        catalog_bundle_store_save(request, command.variant_id, command.parts, command.parts_count);
    }
    return STATUS_OK;
}

enum status catalog_handle_approve_change(struct request *request,
                                          const struct catalog_approve_change *command,
                                          struct catalog_own_product *ret_reply)
{
    struct arena *arena = request_arena(request);
    struct catalog_item item;
    struct catalog_change *change = arena_allocate(arena, sizeof *change);
    TRY(catalog_edit_open_any(request, command->product_id, (struct versions){ NULL, 0 }, &item));
    TRY(load_open(request, command->product_id, VERSIONS_OF(command), change));
    TRY(catalog_edit_move(request, &item, CATALOG_MOVE_CHANGE));
    struct catalog_product_content live;
    TRY(catalog_change_live(request, &item, &change->content.after, &live));
    const bool accepts = command->has_accepts_newer && command->accepts_newer;
    if (!accepts && catalog_content_outdated(&change->content, &live) != 0)
        return STATUS_CHANGE_IS_OUTDATED;
    const size_t known = item.variants_count;
    TRY(apply(request, &change->content, &item));
    TRY(apply_parts(request, &change->content, &item));
    TRY(catalog_edit_tell_vendor(request, &item, COMMON_NOTICE_KIND_PRODUCT_CHANGE_APPROVED,
                                 (struct text){ 0 }));
    TRY(end_change(request, change, CATALOG_CHANGE_STATUS_APPROVED, (struct text){ 0 }));
    item.has_change = false;
    TRY(catalog_edit_finish(request, &item, ret_reply));
    catalog_item_store_save_variants(request, &item);
    if (item.variants_count > known) catalog_edit_store_add_stock(request, &item, known);
    catalog_picture_store_save(request, &item);
    catalog_translation_store_save(request, &item);
    return STATUS_OK;
}

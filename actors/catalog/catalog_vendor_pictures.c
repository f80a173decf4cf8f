/* What a vendor does with pictures of its products. A picture is something that anybody can read,
 * so a change of it is a change of what the product says. */
#include "actors/catalog/catalog_change.h"
#include "actors/catalog/catalog_edit.h"
#include "actors/catalog/catalog_picture_store.h"
#include "catalog_handlers.h"
#include "runtime/plain_text.h"

static void describe(struct request *request, const struct catalog_item *item,
                     const struct catalog_picture *picture, struct catalog_own_picture *ret_reply)
{
    struct arena *arena = request_arena(request);
    *ret_reply = (struct catalog_own_picture){
        .id = picture->id,
        .digest = picture->digest,
        .width = picture->width,
        .height = picture->height,
        .has_alt = picture->alt.length > 0,
        .alt = picture->alt,
        .product_version = item->version,
    };
    ret_reply->sizes = catalog_picture_sizes(arena, picture->digest, &ret_reply->sizes_count);
    ret_reply->url = ret_reply->sizes[0].url;
}

/* Opens a product for a change of its pictures. */
static enum status open_draft(struct request *request, struct uuid product_id,
                              struct versions versions, struct catalog_item *ret_item,
                              struct catalog_draft **ret_draft)
{
    *ret_draft = arena_allocate(request_arena(request), sizeof **ret_draft);
    TRY(catalog_edit_open(request, product_id, versions, ret_item));
    return catalog_change_lay(request, ret_item, *ret_draft);
}

/* The product with its pictures as they are now. */
static enum status save(struct request *request, const struct catalog_draft *draft,
                        struct catalog_item *item)
{
    size_t added;
    TRY(catalog_edit_check_size(request, item));
    TRY(catalog_change_stage(request, draft, item, &added));
    TRY(catalog_item_store_save(request, item));
    catalog_picture_store_save(request, item);
    return STATUS_OK;
}

enum status catalog_handle_add_picture(struct request *request,
                                       const struct catalog_add_picture *command,
                                       struct catalog_own_picture *ret_reply)
{
    struct catalog_item item;
    struct catalog_draft *draft;
    TRY(open_draft(request, command->product_id, VERSIONS_OF(command), &item, &draft));
    const struct catalog_picture *known = catalog_picture_find_file(&item, command->picture.digest);
    if (known != NULL) {
        request_set_http_status(request, 200);
        describe(request, &item, known, ret_reply);
        return STATUS_OK;
    }
    /* Its files may have been noted long before the handler ran, or be somebody's invention. */
    if (picture_files_check(request, &catalog_picture_files, command->picture.digest) != STATUS_OK)
        return STATUS_UNAVAILABLE;
    TRY(catalog_edit_move(request, &item, CATALOG_MOVE_CHANGE));
    const struct catalog_picture picture = {
        .id = request_new_id_beside(request, item.id),
        .digest = command->picture.digest,
        .width = command->picture.width,
        .height = command->picture.height,
    };
    if (catalog_picture_add(request_arena(request), &item, &picture) != STATUS_OK)
        return request_refuse_full(request, "", STATUS_TOO_MANY_PICTURES, CATALOG_PICTURES_MAX,
                                   "So many pictures has a product, links included.");
    picture_files_touch(request, &catalog_picture_files, picture.digest);
    TRY(save(request, draft, &item));
    if (draft->is_staged) request_set_http_status(request, 202);
    describe(request, &item, &picture, ret_reply);
    return STATUS_OK;
}

enum status catalog_handle_change_picture(struct request *request,
                                          const struct catalog_change_picture *command,
                                          struct catalog_own_picture *ret_reply)
{
    struct catalog_item item;
    struct catalog_draft *draft;
    TRY(open_draft(request, command->product_id, VERSIONS_OF(command), &item, &draft));
    const struct catalog_picture *picture = catalog_picture_find(&item, command->picture_id);
    if (picture == NULL) return STATUS_NOT_FOUND;
    if (command->has_alt && !text_equals(picture->alt, command->alt)) {
        if (command->alt.length > 0 && !plain_text_is_postal(command->alt))
            return request_refuse(request, "/alt", STATUS_INVALID_VALUE, PLAIN_TEXT_LINE_RULE);
        TRY(catalog_edit_move(request, &item, CATALOG_MOVE_CHANGE));
        TRY(catalog_picture_describe(request_arena(request), &item, command->picture_id,
                                     command->alt));
        picture = catalog_picture_find(&item, command->picture_id);
        TRY(save(request, draft, &item));
    }
    describe(request, &item, picture, ret_reply);
    return STATUS_OK;
}

enum status catalog_handle_order_pictures(struct request *request,
                                          const struct catalog_order_pictures *command,
                                          struct catalog_own_product *ret_reply)
{
    struct catalog_item item;
    struct catalog_draft *draft;
    TRY(open_draft(request, command->product_id, VERSIONS_OF(command), &item, &draft));
    TRY(catalog_edit_move(request, &item, CATALOG_MOVE_CHANGE));
    if (catalog_picture_order(request_arena(request), &item, command->picture_ids,
                              command->picture_ids_count) != STATUS_OK)
        return request_refuse(request, "/picture_ids", STATUS_INVALID_VALUE,
                              "These are all pictures that were uploaded, each once.");
    TRY(save(request, draft, &item));
    catalog_edit_describe(request, &item, ret_reply);
    return STATUS_OK;
}

enum status catalog_handle_remove_picture(struct request *request,
                                          const struct catalog_remove_picture *command)
{
    struct catalog_item item;
    struct catalog_draft *draft;
    TRY(open_draft(request, command->product_id, VERSIONS_OF(command), &item, &draft));
    TRY(catalog_picture_remove(request_arena(request), &item, command->picture_id));
    TRY(catalog_edit_move(request, &item, CATALOG_MOVE_CHANGE));
    return save(request, draft, &item);
}

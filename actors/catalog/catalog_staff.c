/* What staff does with products. */
#include "actors/catalog/catalog_edit.h"
#include "catalog_handlers.h"

enum status catalog_handle_approve_product(struct request *request,
                                           const struct catalog_approve_product *command,
                                           struct catalog_own_product *ret_reply)
{
    struct catalog_item item;
    TRY(catalog_edit_open_any(request, command->product_id, VERSIONS_OF(command), &item));
    TRY(catalog_edit_move(request, &item, CATALOG_MOVE_APPROVE));
    item.review_note = (struct text){ 0 };
    TRY(catalog_edit_tell_vendor(request, &item, COMMON_NOTICE_KIND_PRODUCT_APPROVED,
                                 (struct text){ 0 }));
    return catalog_edit_finish(request, &item, ret_reply);
}

/* What staff does against a product has a reason, which the vendor is told and the product keeps.
 */
struct objection {
    struct uuid product_id;
    struct versions versions;
    enum catalog_move move;
    enum common_notice_kind kind;
    struct text reason;
};

static enum status object(struct request *request, const struct objection *objection,
                          struct catalog_own_product *ret_reply)
{
    struct catalog_item item;
    TRY(catalog_edit_check_reason(request, objection->reason));
    TRY(catalog_edit_open_any(request, objection->product_id, objection->versions, &item));
    TRY(catalog_edit_move(request, &item, objection->move));
    item.review_note = objection->reason;
    TRY(catalog_edit_tell_vendor(request, &item, objection->kind, objection->reason));
    return catalog_edit_finish(request, &item, ret_reply);
}

enum status catalog_handle_reject_product(struct request *request,
                                          const struct catalog_reject_product *command,
                                          struct catalog_own_product *ret_reply)
{
    const struct objection objection = { .product_id = command->product_id,
                                         .versions = VERSIONS_OF(command),
                                         .move = CATALOG_MOVE_REJECT,
                                         .kind = COMMON_NOTICE_KIND_PRODUCT_REJECTED,
                                         .reason = command->reason };
    return object(request, &objection, ret_reply);
}

enum status catalog_handle_block_product(struct request *request,
                                         const struct catalog_block_product *command,
                                         struct catalog_own_product *ret_reply)
{
    const struct objection objection = { .product_id = command->product_id,
                                         .versions = VERSIONS_OF(command),
                                         .move = CATALOG_MOVE_BLOCK,
                                         .kind = COMMON_NOTICE_KIND_PRODUCT_HIDDEN,
                                         .reason = command->reason };
    return object(request, &objection, ret_reply);
}

enum status catalog_handle_restore_product(struct request *request,
                                           const struct catalog_restore_product *command,
                                           struct catalog_own_product *ret_reply)
{
    struct catalog_item item;
    if (command->has_reason) TRY(catalog_edit_check_reason(request, command->reason));
    TRY(catalog_edit_open_any(request, command->product_id, VERSIONS_OF(command), &item));
    const bool was_hidden = item.is_blocked;
    const bool was_archived = item.status == CATALOG_PRODUCT_STATUS_ARCHIVED;
    TRY(catalog_edit_move(request, &item, CATALOG_MOVE_RESTORE));
    /* While it was archived, its SKUs could be given to other products of the vendor. */
    if (was_archived) {
        TRY(catalog_edit_check_variants(request, &item, 0, item.variants_count, NULL));
        catalog_item_store_keep_skus(request, &item);
    }
    if (!item.is_blocked) item.review_note = (struct text){ 0 };
    if (was_hidden && !item.is_blocked)
        TRY(catalog_edit_tell_vendor(request, &item, COMMON_NOTICE_KIND_PRODUCT_RESTORED,
                                     command->has_reason ? command->reason : (struct text){ 0 }));
    return catalog_edit_finish(request, &item, ret_reply);
}

enum status catalog_handle_inspect_product(struct request *request,
                                           const struct catalog_inspect_product *query,
                                           struct catalog_own_product *ret_reply)
{
    struct catalog_item item;
    TRY(catalog_item_store_load(request, query->product_id, &item));
    catalog_edit_describe(request, &item, ret_reply);
    return STATUS_OK;
}

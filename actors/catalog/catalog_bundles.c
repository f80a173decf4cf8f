/* What a vendor does with bundles, and what search is told of them. */
#include "actors/catalog/catalog_bundles.h"

#include "actors/catalog/catalog_bundle_store.h"
#include "actors/catalog/catalog_change.h"
#include "actors/catalog/catalog_edit.h"
#include "actors/catalog/catalog_edit_store.h"
#include "actors/catalog/catalog_news.h"
#include "actors/catalog/catalog_store.h"
#include "actors/host/ask_each.h"
#include "catalog_handlers.h"

static enum status refuse(struct request *request, const struct catalog_bundle_wish *wish,
                          size_t part, enum status status)
{
    static const char *const kinds =
        "Each part is named once, and is sent or not, as the bundle is.";
    if (part == wish->parts_count)
        return request_refuse(request, "", status, "The variant is a part of another bundle.");
    return request_refuse(request,
                          text_format(request_arena(request), "%s/variant_id",
                                      request_pointer_at(request, "/parts", part))
                              .data,
                          status, status == STATUS_INVALID_VALUE ? kinds : NULL);
}

static enum status require_variant(const struct catalog_item *item, struct uuid variant_id)
{
    for (size_t i = 0; i < item->variants_count; i++)
        if (uuid_equals(item->variants[i].id, variant_id)) return STATUS_OK;
    return STATUS_NOT_FOUND;
}

/* A bundle receives no units of its own, so those that are owed would never come. */
static enum status require_none_owed(struct request *request, const struct catalog_item *item,
                                     struct uuid variant_id)
{
    for (size_t i = 0; i < item->variants_count; i++)
        if (uuid_equals(item->variants[i].id, variant_id))
            return catalog_edit_require_none_owed(request, &item->variants[i], 1);
    return STATUS_NOT_FOUND;
}

/* As it will be: what is committed has the old parts still. */
static enum status describe_new(struct request *request, const struct catalog_set_bundle *command,
                                struct catalog_bundle *ret_reply)
{
    struct arena *arena = request_arena(request);
    struct uuid ids[CATALOG_PARTS_MAX];
    struct catalog_bundle_part_row *rows;
    size_t count;
    for (size_t i = 0; i < command->parts_count; i++)
        ids[i] = command->parts[i].variant_id;
    TRY(catalog_bundle_store_look(request, ids, command->parts_count, &rows, &count));
    if (count != command->parts_count) return STATUS_CONFLICT;
    struct catalog_bundle_part *parts = arena_allocate_array(arena, count, sizeof *parts);
    struct catalog_part_stock stock[CATALOG_PARTS_MAX];
    for (size_t i = 0; i < count; i++) {
        parts[i] = rows[i].part;
        stock[i] = rows[i].stock;
        parts[i].quantity = stock[i].quantity = command->parts[i].quantity;
    }
    *ret_reply = (struct catalog_bundle){
        .variant_id = command->variant_id,
        .parts = parts,
        .parts_count = count,
        .available = catalog_bundle_reckon(stock, count, request_now_us(request)).available,
    };
    return STATUS_OK;
}

enum status catalog_bundles_check(struct request *request, const struct catalog_item *item,
                                  const struct catalog_set_bundle *command)
{
    struct catalog_bundle_wish wish = { .variant_id = command->variant_id,
                                        .vendor_id = item->vendor_id,
                                        .parts = command->parts,
                                        .parts_count = command->parts_count };
    size_t part;
    TRY(require_variant(item, command->variant_id));
    if (command->parts_count > 0) TRY(require_none_owed(request, item, command->variant_id));
    TRY(catalog_bundle_store_facts(request, command, &wish));
    const enum status status = catalog_bundle_check(&wish, &part);
    return status == STATUS_OK ? STATUS_OK : refuse(request, &wish, part, status);
}

static enum status describe_old(struct request *request, struct uuid variant_id,
                                struct catalog_bundle *ret_reply)
{
    struct catalog_bundle_part_row *rows;
    size_t count;
    TRY(catalog_bundle_store_load(request, &variant_id, 1, &rows, &count));
    ret_reply->variant_id = variant_id;
    ret_reply->available = catalog_bundle_of(request, variant_id, rows, count, &ret_reply->parts,
                                             &ret_reply->parts_count)
                               .available;
    return STATUS_OK;
}

/* What shoppers see stays, and waits with what else of the product does. */
static enum status stage(struct request *request, const struct catalog_set_bundle *command,
                         struct catalog_draft *draft, struct catalog_item *item,
                         struct catalog_bundle *ret_reply)
{
    struct catalog_own_product *product = arena_allocate(request_arena(request), sizeof *product);
    size_t added;
    TRY(catalog_change_set_parts(request, draft, command->variant_id, command->parts,
                                 command->parts_count));
    TRY(catalog_change_stage(request, draft, item, &added));
    TRY(catalog_edit_finish(request, item, product));
    request_set_http_status(request, 202);
    return describe_old(request, command->variant_id, ret_reply);
}

enum status catalog_handle_set_bundle(struct request *request,
                                      const struct catalog_set_bundle *command,
                                      struct catalog_bundle *ret_reply)
{
    struct catalog_item item;
    struct catalog_draft *draft = arena_allocate(request_arena(request), sizeof *draft);
    TRY(catalog_edit_open(request, command->product_id, VERSIONS_OF(command), &item));
    TRY(require_variant(&item, command->variant_id));
    TRY(catalog_edit_move(request, &item, CATALOG_MOVE_CHANGE));
    TRY(catalog_bundles_check(request, &item, command));
    TRY(catalog_change_lay(request, &item, draft));
    if (draft->is_staged) return stage(request, command, draft, &item, ret_reply);
    TRY(describe_new(request, command, ret_reply));
    catalog_bundle_store_save(request, command->variant_id, command->parts, command->parts_count);
    return catalog_news_of_product(request, item.id, catalog_item_is_listed(&item));
}

enum status catalog_handle_get_bundle(struct request *request,
                                      const struct catalog_get_bundle *query,
                                      struct catalog_bundle *ret_reply)
{
    struct uuid vendor_id;
    TRY(catalog_edit_store_find_seller(request, query->variant_id, &vendor_id));
    if (!uuid_equals(vendor_id, request_principal(request)->id)) return STATUS_NOT_FOUND;
    return describe_old(request, query->variant_id, ret_reply);
}

/* ---- what search is told ---- */

enum status catalog_handle_tell_bundle(struct request *request,
                                       const struct catalog_tell_bundle *command)
{
    struct catalog_stock *stock = arena_allocate(request_arena(request), sizeof *stock);
    TRY(catalog_store_load_level(request, command->variant_id, stock));
    if (!stock->is_bundle) return STATUS_OK;
    catalog_bundle_store_save_told(request, command->variant_id);
    return catalog_news_of_product(request, stock->product_id, true);
}

static enum status begin_telling(struct request *request, const void *context, size_t index,
                                 struct request_ask **ret_ask)
{
    const struct uuid *ids = context;
    const struct catalog_tell_bundle command = { .variant_id = ids[index] };
    return request_ask_begin(request, &catalog_tell_bundle_message, &command, ret_ask);
}

enum status catalog_bundle_sweep(struct request *request, unsigned shard_first, unsigned shard_last)
{
    struct uuid *ids;
    size_t count;
    TRY(catalog_bundle_store_list_untold(request, shard_first, shard_last, &ids, &count));
    return request_ask_each(request, count, begin_telling, ids);
}

/* Imports: categories and products as files give them. Repeating an import changes nothing. */
#include <sodium.h>
#include <string.h>

#include "actors/catalog/catalog_import_store.h"
#include "actors/catalog/catalog_store.h"
#include "catalog_handlers.h"
#include "messages/codec_msgpack.h"
#include "runtime/slug.h"

/* ---- categories ---- */

static enum status refuse(struct request *request, const char *pointer, enum status status,
                          const char *detail)
{
    const struct request_fault fault = { .pointer = pointer,
                                         .code = status,
                                         .detail = text_of(detail) };
    request_add_fault(request, &fault);
    return status;
}

static enum status split_path(struct request *request, struct text text,
                              struct catalog_path *ret_path)
{
    if (catalog_path_split(request_arena(request), text, ret_path) == STATUS_OK) return STATUS_OK;
    return refuse(request, "/path", STATUS_INVALID_VALUE,
                  "A path is 1 to 15 names of 1 to 200 bytes, joined by ' > '.");
}

/* Makes the last level below its parent, which must exist, unless it exists itself. */
static enum status make_category(struct request *request, const struct catalog_path *path,
                                 struct catalog_category_imported *ret_reply)
{
    struct catalog_category_row row;
    const size_t levels = path->levels;
    const enum status status = catalog_store_find_category(request, path->paths[levels - 1], &row);
    if (status == STATUS_OK) {
        *ret_reply = (struct catalog_category_imported){ .category_id = row.id };
        return STATUS_OK;
    }
    if (status != STATUS_NOT_FOUND) return status;
    if (levels > 1) {
        const enum status parent =
            catalog_store_find_category(request, path->paths[levels - 2], &row);
        if (parent == STATUS_NOT_FOUND)
            return refuse(request, "/path", STATUS_INVALID_VALUE, "The parent does not exist.");
        TRY(parent);
    }
    const struct uuid id = request_new_id(request);
    catalog_store_insert_category(request, id, path, levels > 1 ? &row : NULL);
    *ret_reply = (struct catalog_category_imported){ .category_id = id, .is_created = true };
    return STATUS_OK;
}

/* Each category is its own actor, so those above are made by theirs, from the root down; the last
 * one is made here. */
enum status catalog_handle_import_category(struct request *request,
                                           const struct catalog_import_category *command,
                                           struct catalog_category_imported *ret_reply)
{
    struct catalog_path *path = arena_allocate(request_arena(request), sizeof *path);
    size_t levels;
    TRY(split_path(request, command->path, path));
    TRY(catalog_store_count_levels(request, path, &levels));
    for (; levels + 1 < path->levels; levels++) {
        const struct catalog_make_category parent = { .path = path->paths[levels] };
        struct catalog_category_imported reply;
        TRY(request_ask(request, &catalog_make_category_message, &parent, &reply));
    }
    return make_category(request, path, ret_reply);
}

enum status catalog_handle_make_category(struct request *request,
                                         const struct catalog_make_category *command,
                                         struct catalog_category_imported *ret_reply)
{
    struct catalog_path *path = arena_allocate(request_arena(request), sizeof *path);
    TRY(split_path(request, command->path, path));
    return make_category(request, path, ret_reply);
}

/* ---- products ---- */

static enum status check_command(struct request *request,
                                 const struct catalog_import_product *command)
{
    char vendor[ID_TEXT_MAX + 1];
    (void)id_format("ven", command->vendor_id, vendor);
    const struct text identity = text_format(request_arena(request), "%s/%.*s", vendor,
                                             (int)command->handle.length, command->handle.data);
    if (!text_equals(identity, command->identity))
        return refuse(request, "/identity", STATUS_INVALID_VALUE,
                      "The identity is the vendor's id and the handle, joined by a slash.");
    if (command->variants_count == 0)
        return refuse(request, "/variants", STATUS_INVALID_VALUE,
                      "A product has at least one variant.");
    for (size_t i = 0; i < command->variants_count; i++) {
        const struct catalog_imported_variant *variant = &command->variants[i];
        if (variant->has_compare_at_price &&
            !money_same_currency(variant->price, variant->compare_at_price))
            return refuse(request, "/variants", STATUS_INVALID_VALUE,
                          "The price before a reduction has the currency of the price.");
    }
    return STATUS_OK;
}

/* BLAKE2b-256 over the encoded command: what a file says, and nothing else. */
static enum status digest_command(struct request *request,
                                  const struct catalog_import_product *command,
                                  struct text *ret_digest)
{
    struct arena *arena = request_arena(request);
    struct text bytes;
    TRY(msgpack_encode(&catalog_import_product_schema, command, arena, ENVELOPE_BODY_MAX, &bytes));
    unsigned char *digest = arena_allocate(arena, CATALOG_DIGEST_BYTES);
    (void)crypto_generichash(digest, CATALOG_DIGEST_BYTES, (const unsigned char *)bytes.data,
                             bytes.length, NULL, 0);
    *ret_digest = (struct text){ .data = (const char *)digest, .length = CATALOG_DIGEST_BYTES };
    return STATUS_OK;
}

static enum status choose_variant_ids(struct request *request, struct catalog_import *import)
{
    struct arena *arena = request_arena(request);
    const struct catalog_import_product *command = import->command;
    struct catalog_known_variant *known =
        arena_allocate_array(arena, CATALOG_VARIANTS_KEPT, sizeof *known);
    size_t known_count = 0;
    if (import->base->is_known)
        TRY(catalog_import_store_list_variants(request, import->product_id, known, &known_count));
    int matches[CATALOG_VARIANTS_MAX];
    catalog_product_match(known, known_count, command->variants, command->variants_count, matches);
    import->variant_ids =
        arena_allocate_array(arena, command->variants_count, sizeof *import->variant_ids);
    for (size_t i = 0; i < command->variants_count; i++) {
        import->variant_ids[i] =
            matches[i] == CATALOG_NO_MATCH ? request_new_id(request) : known[matches[i]].id;
    }
    return STATUS_OK;
}

/* What a shopper may buy at the product's currency; how much of it there is stands elsewhere. */
static void describe_variants(struct arena *arena, const struct catalog_import *import,
                              struct catalog_product *product)
{
    const struct catalog_import_product *command = import->command;
    struct catalog_variant *variants =
        arena_allocate_array(arena, command->variants_count, sizeof *variants);
    size_t count = 0;
    for (size_t i = 0; i < command->variants_count; i++) {
        const struct catalog_imported_variant *imported = &command->variants[i];
        if (!money_same_currency(imported->price, product->price)) continue;
        variants[count++] = (struct catalog_variant){
            .id = import->variant_ids[i],
            .has_sku = imported->has_sku && imported->sku.length > 0,
            .sku = imported->sku,
            .options = imported->options,
            .options_count = imported->options_count,
            .price = imported->price,
            .has_compare_at_price = imported->has_compare_at_price,
            .compare_at_price = imported->compare_at_price,
        };
    }
    product->variants = variants;
    product->variants_count = count;
}

static enum status encode_document(struct arena *arena, struct catalog_import *import)
{
    const struct catalog_import_product *command = import->command;
    const struct catalog_imported_variant *cheapest = import->cheapest;
    struct catalog_product product = {
        .id = import->product_id,
        .vendor.id = command->vendor_id,
        .name = command->name,
        .slug = slug_of_text(arena, command->name, CATALOG_PRODUCT_SLUG_MAX),
        .description = command->description,
        .category = { .id = command->category_id, .path = import->base->category_path },
        .price = cheapest->price,
        .has_compare_at_price = cheapest->has_compare_at_price,
        .compare_at_price = cheapest->compare_at_price,
        .images = command->images,
        .images_count = command->images_count,
        .created_at_us = import->base->created_at_us,
    };
    describe_variants(arena, import, &product);
    return msgpack_encode(&catalog_product_schema, &product, arena, ENVELOPE_BODY_MAX,
                          &import->document);
}

enum status catalog_handle_import_product(struct request *request,
                                          const struct catalog_import_product *command,
                                          struct catalog_product_imported *ret_reply)
{
    TRY(check_command(request, command));
    struct catalog_import_base base;
    const enum status status = catalog_import_store_load(request, command, &base);
    if (status == STATUS_NOT_FOUND)
        return refuse(request, "/category_id", STATUS_NOT_FOUND, "There is no such category.");
    TRY(status);
    struct catalog_import import = { .command = command, .base = &base };
    TRY(digest_command(request, command, &import.digest));
    import.product_id = base.is_known ? base.product_id : request_new_id(request);
    ret_reply->product_id = import.product_id;
    if (base.is_known && text_equals(base.digest, import.digest)) {
        ret_reply->outcome = CATALOG_IMPORT_OUTCOME_UNCHANGED;
        return STATUS_OK;
    }
    import.cheapest =
        catalog_product_cheapest(command->variants, command->variants_count,
                                 config_text(request_config(request), SETTING_MARKET_CURRENCY));
    TRY(choose_variant_ids(request, &import));
    if (command->is_listed) TRY(encode_document(request_arena(request), &import));
    catalog_import_store_save(request, &import);
    ret_reply->outcome =
        base.is_known ? CATALOG_IMPORT_OUTCOME_UPDATED : CATALOG_IMPORT_OUTCOME_CREATED;
    return STATUS_OK;
}

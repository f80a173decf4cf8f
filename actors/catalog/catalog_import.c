/* Imports: categories and products as files give them. Repeating an import changes nothing. */
#include <sodium.h>

#include "actors/catalog/catalog_category_store.h"
#include "actors/catalog/catalog_import_store.h"
#include "actors/catalog/catalog_price_store.h"
#include "catalog_handlers.h"
#include "messages/codec_msgpack.h"

/* ---- categories ---- */

static enum status split_path(struct request *request, struct text text,
                              struct catalog_path *ret_path)
{
    if (catalog_path_split(request_arena(request), text, ret_path) == STATUS_OK) return STATUS_OK;
    return request_refuse(request, "/path", STATUS_INVALID_VALUE,
                          "A path is 1 to 15 names of 1 to 200 bytes, joined by ' > '.");
}

/* Makes the last level below its parent, which must exist, unless it exists itself. */
static enum status make_category(struct request *request, const struct catalog_path *path,
                                 struct catalog_category_imported *ret_reply)
{
    struct catalog_category_row row;
    const size_t levels = path->levels;
    const enum status status = catalog_category_store_find(request, path->paths[levels - 1], &row);
    if (status == STATUS_OK) {
        *ret_reply = (struct catalog_category_imported){ .category_id = row.id };
        return STATUS_OK;
    }
    if (status != STATUS_NOT_FOUND) return status;
    if (levels > 1) {
        const enum status parent =
            catalog_category_store_find(request, path->paths[levels - 2], &row);
        if (parent == STATUS_NOT_FOUND)
            return request_refuse(request, "/path", STATUS_INVALID_VALUE,
                                  "The parent does not exist.");
        TRY(parent);
    }
    const struct uuid id = request_new_id(request);
    catalog_category_store_insert(request, id, path, levels > 1 ? &row : NULL);
    *ret_reply = (struct catalog_category_imported){ .category_id = id, .is_created = true };
    return STATUS_OK;
}

/* Each category has an actor of its own, keyed by its path. So this one makes the last level only
 * and asks the actors of those above, from the root down, to make theirs. */
enum status catalog_handle_import_category(struct request *request,
                                           const struct catalog_import_category *command,
                                           struct catalog_category_imported *ret_reply)
{
    struct catalog_path *path = arena_allocate(request_arena(request), sizeof *path);
    size_t levels;
    TRY(split_path(request, command->path, path));
    TRY(catalog_category_store_count_levels(request, path, &levels));
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
        return request_refuse(request, "/identity", STATUS_INVALID_VALUE,
                              "The identity is the vendor's id and the handle, joined by a slash.");
    if (command->variants_count == 0)
        return request_refuse(request, "/variants", STATUS_INVALID_VALUE,
                              "A product has at least one variant.");
    if (command->has_tax_class && command->tax_class == COMMON_TAX_CLASS_DELIVERY)
        return request_refuse(request, "/tax_class", STATUS_INVALID_VALUE,
                              "That class is for delivering things, and not for things.");
    for (size_t i = 0; i < command->variants_count; i++) {
        const struct catalog_imported_variant *variant = &command->variants[i];
        if (variant->has_sale_price && (!money_same_currency(variant->price, variant->sale_price) ||
                                        (variant->sale_price.amount > 0 &&
                                         variant->sale_price.amount >= variant->price.amount)))
            return request_refuse(request, "/variants", STATUS_INVALID_VALUE,
                                  "The price in a sale is below the price, in its currency.");
        if (variant->has_compare_at_price &&
            !money_same_currency(variant->price, variant->compare_at_price))
            return request_refuse(request, "/variants", STATUS_INVALID_VALUE,
                                  "The price before a reduction has the currency of the price.");
    }
    return STATUS_OK;
}

/* BLAKE2b-256 over the encoded command: what the file says, and nothing else. A file that says the
 * same again changes nothing, so what a vendor has edited since stays. */
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

/* A variant as the file gives it, with the one price that a file has room for. */
static struct catalog_item_variant describe_variant(const struct catalog_imported_variant *imported,
                                                    struct catalog_item_price *price)
{
    *price = (struct catalog_item_price){
        .price = imported->price,
        .compare_at =
            imported->has_compare_at_price ? imported->compare_at_price.amount : CATALOG_ITEM_NONE,
    };
    if (imported->has_sale_price && imported->sale_price.amount > 0)
        price->sale = (struct catalog_sale){ .amount = imported->sale_price.amount,
                                             .to_us = CATALOG_SALE_FOR_GOOD };
    return (struct catalog_item_variant){
        .sku = imported->has_sku ? imported->sku : (struct text){ 0 },
        .options = imported->options,
        .options_count = imported->options_count,
        .prices = price,
        .prices_count = 1,
        .weight_grams = imported->has_weight_grams ? imported->weight_grams : CATALOG_ITEM_NONE,
    };
}

/* A variant that is known already keeps its id, and what a file has no column for. */
static void keep_known(struct catalog_item_variant *variant, struct catalog_item_price *price,
                       const struct catalog_known_variant *known,
                       const struct catalog_priced *priced, bool is_sale_kept)
{
    size_t count;
    const struct catalog_item_price *old = catalog_priced_of(priced, known->id, &count);
    const struct catalog_item_variant before = { .prices = old, .prices_count = count };
    const struct catalog_item_price *same = catalog_item_price_in(&before, price->price.currency);
    variant->id = known->id;
    variant->quantities = known->quantities;
    if (same != NULL) catalog_price_inherit(price, same, is_sale_kept);
}

/* Gives the item the file's variants. */
static enum status match_variants(struct request *request,
                                  const struct catalog_import_product *command,
                                  struct catalog_item *item)
{
    struct arena *arena = request_arena(request);
    const size_t count = command->variants_count;
    struct catalog_known_variant *known =
        arena_allocate_array(arena, CATALOG_VARIANTS_KEPT, sizeof *known);
    size_t known_count = 0;
    struct catalog_priced priced = { .count = 0 };
    if (item->version > 0) {
        TRY(catalog_import_store_list_variants(request, item->id, known, &known_count));
        TRY(catalog_price_store_list(request, item->id, &priced));
    }
    int matches[CATALOG_VARIANTS_MAX];
    catalog_import_match(known, known_count, command->variants, count, matches);
    struct catalog_item_variant *variants = arena_allocate_array(arena, count, sizeof *variants);
    struct catalog_item_price *prices = arena_allocate_array(arena, count, sizeof *prices);
    for (size_t i = 0; i < count; i++) {
        variants[i] = describe_variant(&command->variants[i], &prices[i]);
        if (matches[i] == CATALOG_NO_MATCH)
            variants[i].id = request_new_id(request);
        else
            keep_known(&variants[i], &prices[i], &known[matches[i]], &priced,
                       !command->variants[i].has_sale_price);
    }
    item->variants = variants;
    item->variants_count = count;
    return STATUS_OK;
}

/* What the file changes of an item that exists, or makes of a new one. */
static enum status write_product(struct request *request,
                                 const struct catalog_import_product *command,
                                 struct catalog_item *item)
{
    const bool is_known = item->version > 0;
    item->name = command->name;
    item->description = command->description;
    item->images = command->images;
    item->images_count = command->images_count;
    if (command->has_tax_class) item->tax_class = command->tax_class;
    catalog_item_import_status(item, is_known, command->is_listed);
    TRY(match_variants(request, command, item));
    TRY(catalog_item_store_save(request, item));
    catalog_item_store_save_variants(request, item);
    catalog_import_store_save_stock(request, item, command);
    return STATUS_OK;
}

enum status catalog_handle_import_product(struct request *request,
                                          const struct catalog_import_product *command,
                                          struct catalog_product_imported *ret_reply)
{
    TRY(check_command(request, command));
    struct catalog_item item;
    const enum status status = catalog_import_store_load(request, command, &item);
    if (status == STATUS_NOT_FOUND)
        return request_refuse(request, "/category_id", STATUS_NOT_FOUND,
                              "There is no such category.");
    TRY(status);
    struct text digest;
    TRY(digest_command(request, command, &digest));
    const bool is_known = item.version > 0;
    if (!is_known) item.id = request_new_id(request);
    ret_reply->product_id = item.id;
    if (is_known && text_equals(item.digest, digest)) {
        ret_reply->outcome = CATALOG_IMPORT_OUTCOME_UNCHANGED;
        return STATUS_OK;
    }
    item.digest = digest;
    TRY(write_product(request, command, &item));
    ret_reply->outcome = is_known ? CATALOG_IMPORT_OUTCOME_UPDATED : CATALOG_IMPORT_OUTCOME_CREATED;
    return STATUS_OK;
}

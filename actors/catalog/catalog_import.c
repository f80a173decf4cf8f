/* Imports: products as files give them. Repeating an import changes nothing. */
#include "actors/catalog/catalog_import.h"

#include <sodium.h>

#include "actors/catalog/catalog_change.h"
#include "actors/catalog/catalog_edit.h"
#include "actors/catalog/catalog_edit_store.h"
#include "actors/catalog/catalog_import_price.h"
#include "actors/catalog/catalog_import_same.h"
#include "actors/catalog/catalog_import_store.h"
#include "actors/catalog/catalog_language.h"
#include "actors/catalog/catalog_price_history_store.h"
#include "actors/catalog/catalog_price_store.h"
#include "actors/catalog/catalog_slugs.h"
#include "actors/catalog/catalog_translation_store.h"
#include "catalog_handlers.h"
#include "messages/codec_msgpack.h"

/* ---- what the command says ---- */

static enum status check_variant(struct request *request,
                                 const struct catalog_imported_variant *variant, struct text at)
{
    if (variant->has_sale_price &&
        (!money_same_currency(variant->price, variant->sale_price) ||
         (variant->sale_price.amount > 0 && variant->sale_price.amount >= variant->price.amount)))
        return catalog_edit_refuse_at(request, at, "sale_price", STATUS_INVALID_VALUE,
                                      "The price in a sale is below the price, in its currency.");
    const char *field;
    if (variant->has_available_on && (!variant->has_sells_ahead || !variant->sells_ahead))
        return catalog_edit_refuse_at(request, at, "available_on", STATUS_INVALID_VALUE,
                                      "What has a day is sold by pre-order.");
    const char *fault = catalog_import_price_fault(variant, &field);
    if (fault != NULL)
        return catalog_edit_refuse_at(request, at, field, STATUS_INVALID_VALUE, fault);
    if (variant->has_compare_at_price &&
        !money_same_currency(variant->price, variant->compare_at_price))
        return catalog_edit_refuse_at(
            request, at, "compare_at_price", STATUS_INVALID_VALUE,
            "The price before a reduction has the currency of the price.");
    return STATUS_OK;
}

static struct text pointer_to(struct request *request, size_t index)
{
    return text_format(request_arena(request), "/variants/%zu", index);
}

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
    if (command->has_run_id != command->has_run_started_at)
        return request_refuse(request, "/run_started_at", STATUS_INVALID_VALUE,
                              "An import is named with the time at which it began.");
    if (command->variants_count == 0)
        return request_refuse(request, "/variants", STATUS_INVALID_VALUE,
                              "A product has at least one variant.");
    for (size_t i = 0; i < command->variants_count; i++)
        TRY(check_variant(request, &command->variants[i], pointer_to(request, i)));
    return STATUS_OK;
}

/* BLAKE2b-256 over the encoded command: what the file says, and nothing else. A file that says the
 * same again changes nothing, so what a vendor has edited since stays. */
static enum status digest_command(struct request *request,
                                  const struct catalog_import_product *command,
                                  struct text *ret_digest)
{
    struct arena *arena = request_arena(request);
    struct catalog_import_product said = *command;
    struct text bytes;
    said.has_run_id = said.has_run_started_at = said.has_is_dry_run = false;
    TRY(msgpack_encode(&catalog_import_product_schema, &said, arena, ENVELOPE_BODY_MAX, &bytes));
    unsigned char *digest = arena_allocate(arena, CATALOG_DIGEST_BYTES);
    (void)crypto_generichash(digest, CATALOG_DIGEST_BYTES, (const unsigned char *)bytes.data,
                             bytes.length, NULL, 0);
    *ret_digest = (struct text){ .data = (const char *)digest, .length = CATALOG_DIGEST_BYTES };
    return STATUS_OK;
}

/* Two files at once that have the same product would take turns with it; the first one has it. */
static enum status check_run(struct request *request, const struct catalog_import_product *command,
                             const struct catalog_import_mark *mark)
{
    if (!command->has_run_id || !mark->is_there || mark->at_us < command->run_started_at_us ||
        uuid_equals(mark->import_id, command->run_id))
        return STATUS_OK;
    return request_refuse(request, "/handle", STATUS_IMPORTED_MEANWHILE,
                          "Another import has written this product since this one began.");
}

/* ---- variants ---- */

/* A variant as the file gives it, with the one price that a file has room for. The same file may
 * come again when the day of a pre-order has passed: of what says nothing new this is not asked. */
static enum status describe_variant(struct request *request, size_t index,
                                    const struct catalog_imported_variant *imported,
                                    struct catalog_item_price *price,
                                    struct catalog_item_variant *variant)
{
    const struct text at = pointer_to(request, index);
    *price = catalog_import_price(imported);
    *variant = (struct catalog_item_variant){
        .prices = price,
        .prices_count = 1,
        .weight_grams = imported->has_weight_grams ? imported->weight_grams : CATALOG_ITEM_NONE,
    };
    if (imported->has_available_on &&
        !catalog_ahead_day_is_good(imported->available_on_us, request_now_us(request)))
        return catalog_edit_refuse_at(request, at, "available_on", STATUS_INVALID_VALUE,
                                      "The day of a pre-order is to come, within two years.");
    if (imported->has_sku) TRY(catalog_edit_set_sku(request, at, imported->sku, variant));
    if (imported->has_barcode)
        TRY(catalog_edit_set_barcode(request, at, imported->barcode, variant));
    return catalog_edit_set_options(request, at, imported->options, imported->options_count,
                                    variant);
}

/* As in the other routes, a price that is not above that of a sale to come, or of its tiers, takes
 * none of them away unseen. */
static enum status require_kept(struct request *request, size_t index,
                                const struct catalog_item_price *price,
                                const struct catalog_item_price *old, bool is_sale_kept)
{
    const bool has_lost_sale = is_sale_kept && old->sale.amount > 0 && price->sale.amount == 0 &&
                               old->sale.to_us > request_now_us(request);
    if (!has_lost_sale && price->tiers_count == old->tiers_count) return STATUS_OK;
    return catalog_edit_refuse_at(
        request, pointer_to(request, index), "price", STATUS_INVALID_VALUE,
        has_lost_sale ? "The price is not above that of its sale: end that, too."
                      : "The price is not above those of its tiers: remove them, too.");
}

/* A variant of the file that is known. */
struct matched {
    size_t index;
    const struct catalog_known_variant *known;
    struct catalog_item_variant *variant;
    struct catalog_item_price *price;
};

/* A variant that is known already keeps its id, and what the file does not say. */
static enum status keep_known(struct request *request, const struct catalog_import_product *command,
                              const struct catalog_import_terms *terms,
                              const struct catalog_priced *priced, const struct matched *matched)
{
    const struct catalog_known_variant *known = matched->known;
    struct catalog_item_variant *variant = matched->variant;
    struct catalog_item_price *price = matched->price;
    const bool is_sale_kept = !command->variants[matched->index].has_sale_price;
    size_t count;
    const struct catalog_item_price *old = catalog_priced_of(priced, known->id, &count);
    const struct catalog_item_variant before = { .prices = old, .prices_count = count };
    const struct catalog_item_price *same = catalog_item_price_in(&before, price->price.currency);
    variant->id = known->id;
    variant->quantities = known->quantities;
    if (variant->barcode.length == 0) variant->barcode = known->barcode;
    if (command->has_keeps_skus && command->keeps_skus) variant->sku = known->sku;
    if (variant->weight_grams == CATALOG_ITEM_NONE) variant->weight_grams = known->weight_grams;
    if (same != NULL && !command->variants[matched->index].is_without_price) {
        catalog_price_inherit(price, same, is_sale_kept);
        if (terms->is_vendors)
            TRY(require_kept(request, matched->index, price, same, is_sale_kept));
        if (command->has_keeps_compare_at_prices && command->keeps_compare_at_prices &&
            same->compare_at > price->price.amount)
            price->compare_at = same->compare_at;
    }
    catalog_import_put_prices(request, &command->variants[matched->index], price, &before, variant);
    return STATUS_OK;
}

/* Gives the item the file's variants. */
static enum status match_variants(struct request *request,
                                  const struct catalog_import_product *command,
                                  const struct catalog_import_terms *terms,
                                  struct catalog_item *item)
{
    struct arena *arena = request_arena(request);
    const size_t count = command->variants_count;
    struct catalog_known_variant *known = NULL;
    size_t known_count = 0;
    struct catalog_priced priced = { .count = 0 };
    if (item->version > 0) {
        known = arena_allocate_array(arena, CATALOG_VARIANTS_KEPT, sizeof *known);
        TRY(catalog_import_store_list_variants(request, item->id, known, &known_count));
        TRY(catalog_price_store_list(request, item->id, &priced));
    }
    int matches[CATALOG_VARIANTS_MAX];
    catalog_import_match(arena, known, known_count, command->variants, count, matches);
    struct catalog_item_variant *variants = arena_allocate_array(arena, count, sizeof *variants);
    struct catalog_item_price *prices = arena_allocate_array(arena, count, sizeof *prices);
    for (size_t i = 0; i < count; i++) {
        TRY(describe_variant(request, i, &command->variants[i], &prices[i], &variants[i]));
        const struct catalog_imported_variant *imported = &command->variants[i];
        if (imported->has_quantity && imported->quantity > 0)
            variants[i].on_hand = imported->quantity;
        if (matches[i] == CATALOG_NO_MATCH) {
            variants[i].id = request_new_id(request);
            catalog_import_put_prices(request, imported, &prices[i],
                                      &(struct catalog_item_variant){ 0 }, &variants[i]);
        } else
            TRY(keep_known(request, command, terms, &priced,
                           &(struct matched){ i, &known[matches[i]], &variants[i], &prices[i] }));
    }
    item->variants = variants;
    item->variants_count = count;
    return STATUS_OK;
}

/* ---- the product ---- */

/* What the file makes of the item: what the API would refuse of a vendor, it refuses of a file. */
static enum status describe_item(struct request *request,
                                 const struct catalog_import_product *command,
                                 const struct catalog_import_terms *terms,
                                 const struct catalog_item *before, struct catalog_item *item)
{
    const bool is_known = before->version > 0;
    TRY(catalog_edit_set_name(request, command->name, item));
    if (item->is_slug_new && !terms->is_dry_run)
        slug_book_claim(request, &catalog_product_slugs, item->id, item->slug);
    if (is_known && command->has_keeps_description && command->keeps_description)
        item->description = before->description;
    else
        TRY(catalog_edit_set_description(request, command->description, item));
    if (is_known && command->has_keeps_images && command->keeps_images) {
        item->images = before->images;
        item->images_count = before->images_count;
    } else {
        TRY(catalog_edit_set_images(request, command->images, command->images_count, item));
    }
    if (command->has_tax_class) TRY(catalog_edit_set_tax_class(request, command->tax_class, item));
    const struct catalog_attribute_wish wish = { .pairs = command->attributes,
                                                 .count = command->attributes_count,
                                                 .keeps_others = true,
                                                 .needs_all =
                                                     terms->is_vendors && command->is_listed };
    if (command->attributes_count > 0 || wish.needs_all)
        TRY(catalog_edit_set_attributes(request, &wish, item));
    if (command->texts_count > 0)
        TRY(catalog_language_import(request, command->texts, command->texts_count, item));
    TRY(match_variants(request, command, terms, item));
    if (item->status != CATALOG_PRODUCT_STATUS_ARCHIVED)
        TRY(catalog_edit_check_variants(request, item, 0, item->variants_count, "/variants"));
    return catalog_edit_check_size(request, item);
}

/* Of those variants from which the file takes a price. */
static void drop_prices(struct request *request, const struct catalog_import_product *command,
                        const struct catalog_item *item)
{
    struct catalog_item_variant *variants =
        arena_allocate_array(request_arena(request), command->variants_count, sizeof *variants);
    size_t count = 0;
    for (size_t i = 0; i < command->variants_count; i++)
        if (catalog_import_takes_price(&command->variants[i]))
            variants[count++] = item->variants[i];
    if (count > 0) catalog_edit_store_drop_prices(request, variants, count);
}

static enum status write_item(struct request *request, const struct catalog_import_product *command,
                              struct catalog_item *item)
{
    item->has_import = command->has_run_id;
    item->import_id = command->run_id;
    const bool is_new = item->version == 0;
    TRY(catalog_price_history_settle(request, item));
    TRY(catalog_item_store_save(request, item));
    catalog_item_store_save_variants(request, item);
    if (!is_new) drop_prices(request, command, item);
    if (command->texts_count > 0) catalog_translation_store_save(request, item);
    /* Of a new product there is nothing that could be held, or gone. */
    if (is_new)
        catalog_edit_store_add_stock(request, item, 0);
    else
        catalog_import_store_save_stock(request, item, command);
    catalog_import_store_save_ahead(request, item, command);
    return STATUS_OK;
}

/* ---- a vendor's product ---- */

/* What the file says of those of the item's variants that are on sale already, in their order. */
static void keep_listed(struct request *request, const struct catalog_item *before,
                        const struct catalog_item *item, struct catalog_import_product *command)
{
    const size_t most = command->variants_count + before->variants_count;
    struct catalog_imported_variant *variants =
        arena_allocate_array(request_arena(request), most, sizeof *variants);
    size_t count = 0;
    for (size_t i = 0; i < item->variants_count; i++)
        for (size_t k = 0; k < before->variants_count; k++)
            if (uuid_equals(item->variants[i].id, before->variants[k].id))
                variants[count++] = command->variants[i];
    /* Of nothing else the file says a word: all stay as they are. */
    if (count == 0)
        for (; count < before->variants_count; count++)
            variants[count] = (struct catalog_imported_variant){ .has_quantity = false };
    command->variants = variants;
    command->variants_count = count;
}

/* What the file has no columns for, by the bits of enum catalog_content_field. */
static uint32_t find_unsaid(const struct catalog_import_product *command)
{
    uint32_t fields = 1U << CATALOG_CONTENT_FIELD_SEO_TITLE |
                      1U << CATALOG_CONTENT_FIELD_SEO_DESCRIPTION |
                      1U << CATALOG_CONTENT_FIELD_PICTURES |
                      1U << CATALOG_CONTENT_FIELD_IS_DIGITAL | 1U << CATALOG_CONTENT_FIELD_PARTS;
    bool says_barcodes = false;
    for (size_t i = 0; i < command->variants_count; i++)
        says_barcodes = says_barcodes || command->variants[i].has_barcode;
    if (!says_barcodes) fields |= 1U << CATALOG_CONTENT_FIELD_BARCODES;
    if (command->has_keeps_description && command->keeps_description)
        fields |= 1U << CATALOG_CONTENT_FIELD_DESCRIPTION;
    if (command->has_keeps_images && command->keeps_images)
        fields |= 1U << CATALOG_CONTENT_FIELD_IMAGES;
    if (command->attributes_count == 0) fields |= 1U << CATALOG_CONTENT_FIELD_ATTRIBUTES;
    if (!command->has_tax_class) fields |= 1U << CATALOG_CONTENT_FIELD_TAX_CLASS;
    if (command->texts_count == 0) fields |= 1U << CATALOG_CONTENT_FIELD_TRANSLATIONS;
    return fields;
}

/* With what shoppers read waiting for approval, where it does. */
static enum status write_as_vendor(struct request *request,
                                   const struct catalog_import_product *command,
                                   const struct catalog_item *before, struct catalog_item *item)
{
    struct catalog_draft *draft = arena_allocate(request_arena(request), sizeof *draft);
    struct catalog_import_product *said =
        arena_copy(request_arena(request), command, sizeof *command);
    size_t added;
    TRY(catalog_change_replace(request, before, find_unsaid(command), draft));
    if (draft->is_staged) keep_listed(request, before, item, said);
    TRY(catalog_change_stage(request, draft, item, &added));
    return write_item(request, said, item);
}

/* As in the vendor's own routes, a variant is sold in the market's currency. */
static enum status check_currency(struct request *request,
                                  const struct catalog_import_product *command,
                                  const struct catalog_item *before,
                                  const struct catalog_item *item)
{
    const char *market = config_text(request_config(request), SETTING_MARKET_CURRENCY);
    for (size_t i = 0; i < command->variants_count; i++)
        TRY(catalog_import_check_currencies(request, pointer_to(request, i), &command->variants[i],
                                            before, item->variants[i].id));
    for (size_t i = 0; i < item->variants_count; i++)
        if (catalog_item_price_in(&item->variants[i], market) == NULL)
            return catalog_edit_refuse_at(request, pointer_to(request, i), "price",
                                          STATUS_INVALID_VALUE,
                                          "A price in the currency of the market is needed.");
    return STATUS_OK;
}

static enum status publish(struct request *request, const struct catalog_import_terms *terms,
                           struct catalog_item *item)
{
    if (!terms->may_publish)
        return request_refuse(request, "/is_listed", STATUS_VENDOR_UNAVAILABLE,
                              "Only an approved vendor can publish; a draft can be made.");
    return catalog_edit_move(request, item, CATALOG_MOVE_PUBLISH);
}

/* A vendor's file goes the ways of its other changes, staff's approval included. What staff has to
 * decide about stays where it is, whatever the file says of being listed. */
static enum status move_as_vendor(struct request *request,
                                  const struct catalog_import_product *command,
                                  const struct catalog_import_terms *terms,
                                  const struct catalog_item *before, struct catalog_item *item)
{
    if (before->version == 0) {
        item->status = CATALOG_PRODUCT_STATUS_DRAFT;
        return command->is_listed ? publish(request, terms, item) : STATUS_OK;
    }
    struct arena *arena = request_arena(request);
    if (!catalog_import_is_same(arena, before, item, command))
        TRY(catalog_edit_move(request, item, CATALOG_MOVE_CHANGE));
    const bool is_hidden = item->status == CATALOG_PRODUCT_STATUS_DRAFT ||
                           (item->status == CATALOG_PRODUCT_STATUS_HIDDEN && !item->is_blocked);
    if (command->is_listed && is_hidden) return publish(request, terms, item);
    if (!command->is_listed && catalog_item_is_listed(item))
        return catalog_edit_move(request, item, CATALOG_MOVE_HIDE);
    return STATUS_OK;
}

/* Where the product goes by the file. */
static enum status move_item(struct request *request, const struct catalog_import_product *command,
                             const struct catalog_import_terms *terms,
                             const struct catalog_item *before, struct catalog_item *item)
{
    if (!terms->is_vendors) {
        catalog_item_import_status(item, item->version > 0, command->is_listed);
        return STATUS_OK;
    }
    TRY(check_currency(request, command, before, item));
    return move_as_vendor(request, command, terms, before, item);
}

/* ---- the command ---- */

/* Statuses: OK, and what refuses the product. A product that says already what the file says,
 * whoever wrote it, is left alone: a file that was exported is one. What it says of the stock is
 * remembered, so that the next file is compared with this one. */
static enum status change_item(struct request *request,
                               const struct catalog_import_product *command,
                               const struct catalog_import_terms *terms, struct text digest,
                               struct catalog_item *item, bool *ret_is_same)
{
    struct catalog_item before = { .version = 0 };
    if (item->version > 0) {
        TRY(catalog_item_store_load(request, item->id, &before));
        item->pictures = before.pictures; /* which no file changes */
        item->pictures_count = before.pictures_count;
        item->had_currencies = before.had_currencies;
        item->translations = before.translations;
        item->translations_count = before.translations_count;
    }
    TRY(describe_item(request, command, terms, &before, item));
    TRY(move_item(request, command, terms, &before, item));
    *ret_is_same = before.version > 0 &&
                   catalog_import_is_same(request_arena(request), &before, item, command);
    if (terms->is_dry_run) {
        item->has_change = terms->is_vendors && catalog_item_is_listed(&before) &&
                           config_bool(request_config(request), SETTING_MARKET_PRODUCT_APPROVAL) &&
                           !catalog_import_reads_the_same(request_arena(request), &before, item);
        return STATUS_OK;
    }
    if (*ret_is_same) {
        catalog_import_store_save_stock(request, item, command);
        return STATUS_OK;
    }
    item->digest = digest;
    return terms->is_vendors && before.version > 0
               ? write_as_vendor(request, command, &before, item)
               : write_item(request, command, item);
}

enum status catalog_import_apply(struct request *request,
                                 const struct catalog_import_product *command,
                                 const struct catalog_import_terms *terms,
                                 struct catalog_product_imported *ret_reply)
{
    struct catalog_item *item = arena_allocate(request_arena(request), sizeof *item);
    struct catalog_import_mark mark;
    struct text digest;
    bool is_same;
    TRY(check_command(request, command));
    TRY(catalog_import_store_load(request, command, item, &mark));
    const bool is_known = item->version > 0;
    /* What is deleted stays so: only staff brings it back. */
    if (terms->is_vendors && is_known) TRY(catalog_edit_move(request, item, CATALOG_MOVE_CHANGE));
    TRY(digest_command(request, command, &digest));
    if (!is_known) item->id = request_new_id(request);
    ret_reply->product_id = item->id;
    ret_reply->outcome = CATALOG_IMPORT_OUTCOME_UNCHANGED;
    if (is_known && text_equals(item->digest, digest)) return STATUS_OK;
    TRY(check_run(request, command, &mark));
    TRY(change_item(request, command, terms, digest, item, &is_same));
    if (!is_same)
        ret_reply->outcome = !is_known          ? CATALOG_IMPORT_OUTCOME_CREATED
                             : item->has_change ? CATALOG_IMPORT_OUTCOME_STAGED
                                                : CATALOG_IMPORT_OUTCOME_UPDATED;
    return STATUS_OK;
}

/* A category that a dry run has not made is nowhere; the product may be known nevertheless. */
static enum status answer_without_category(struct request *request,
                                           const struct catalog_import_product *command,
                                           struct catalog_product_imported *ret_reply)
{
    bool is_known;
    TRY(catalog_import_store_knows(request, command, &is_known));
    ret_reply->product_id = request_new_id(request);
    ret_reply->outcome = is_known ? CATALOG_IMPORT_OUTCOME_UPDATED : CATALOG_IMPORT_OUTCOME_CREATED;
    return STATUS_OK;
}

enum status catalog_handle_import_product(struct request *request,
                                          const struct catalog_import_product *command,
                                          struct catalog_product_imported *ret_reply)
{
    const struct catalog_import_terms terms = { .is_dry_run = command->has_is_dry_run &&
                                                              command->is_dry_run };
    const enum status status = catalog_import_apply(request, command, &terms, ret_reply);
    if (status != STATUS_NOT_FOUND) return status;
    if (terms.is_dry_run) return answer_without_category(request, command, ret_reply);
    return request_refuse(request, "/category_id", STATUS_NOT_FOUND, "There is no such category.");
}

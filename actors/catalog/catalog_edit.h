/* What the handlers of vendors and staff share: opening a product, checking what is wished for it,
 * writing it, and the answer. */
#pragma once

#include "actors/catalog/catalog_item_store.h"

/* If-Match of a command. */
struct catalog_edit_version {
    bool is_given;
    int64_t version;
};

/* Loads a product for a change and notes what it was for the audit. Statuses: OK, NOT_FOUND,
 * PRECONDITION_FAILED. */
MUST_CHECK enum status catalog_edit_open_any(struct request *request, struct uuid product_id,
                                             struct catalog_edit_version version,
                                             struct catalog_item *ret_item);
/* The same for the vendor that asks: somebody else's is NOT_FOUND. */
MUST_CHECK enum status catalog_edit_open(struct request *request, struct uuid product_id,
                                         struct catalog_edit_version version,
                                         struct catalog_item *ret_item);
/* Moves the item, or explains why not. Statuses: OK, ILLEGAL_TRANSITION. */
MUST_CHECK enum status catalog_edit_move(struct request *request, struct catalog_item *item,
                                         enum catalog_move move);
/* Asks the vendor domain whether the vendor is approved. WAITS. Statuses: OK, VENDOR_UNAVAILABLE
 * and those of request_ask(). */
MUST_CHECK enum status catalog_edit_check_standing(struct request *request, struct uuid vendor_id);

/* A new id in the shard of the product. */
struct uuid catalog_edit_new_variant_id(struct request *request, struct uuid product_id);

/* ---- what is wished for ---- */

/* Each checks what was sent, explains a refusal, and puts it into the item. Statuses: OK,
 * INVALID_VALUE, MISSING_FIELD. */
MUST_CHECK enum status catalog_edit_set_name(struct request *request, struct text name,
                                             struct catalog_item *item);
MUST_CHECK enum status catalog_edit_set_description(struct request *request, struct text text,
                                                    struct catalog_item *item);
MUST_CHECK enum status catalog_edit_set_images(struct request *request, const struct text *images,
                                               size_t count, struct catalog_item *item);
MUST_CHECK enum status catalog_edit_set_category(struct request *request, struct uuid category_id,
                                                 struct catalog_item *item);
/* `at` is the JSON pointer of the variant in the request, "" for the body itself. */
MUST_CHECK enum status catalog_edit_set_sku(struct request *request, struct text at,
                                            struct text sku, struct catalog_item_variant *variant);
MUST_CHECK enum status catalog_edit_set_options(struct request *request, struct text at,
                                                const struct text_pair *options, size_t count,
                                                struct catalog_item_variant *variant);
/* One price in the market's currency, one at most in any other; `name` is what the field is called.
 */
MUST_CHECK enum status catalog_edit_set_prices(struct request *request, struct text at,
                                               const char *name, const struct money *prices,
                                               size_t count, struct catalog_item_variant *variant);
/* After the prices, one of which must be in its currency. */
MUST_CHECK enum status catalog_edit_set_compare_at(struct request *request, struct text at,
                                                   struct money compare_at,
                                                   struct catalog_item_variant *variant);
/* That the variant's options and SKU are its own. Statuses: OK, VARIANT_EXISTS, SKU_TAKEN. */
MUST_CHECK enum status catalog_edit_check_variants(struct request *request,
                                                   const struct catalog_item *item, size_t first,
                                                   size_t count);

/* ---- the end ---- */

/* Statuses: OK, PRODUCT_TOO_LARGE. */
MUST_CHECK enum status catalog_edit_check_size(const struct catalog_item *item);
void catalog_edit_describe(struct request *request, const struct catalog_item *item,
                           struct catalog_own_product *ret_product);
/* Queues the product and answers with it (without variants if they are too large for an answer that
 * is kept). Statuses: those of catalog_item_store_save(). */
MUST_CHECK enum status catalog_edit_finish(struct request *request, struct catalog_item *item,
                                           struct catalog_own_product *ret_product);

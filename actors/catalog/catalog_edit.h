/* What the handlers of vendors and staff share: opening a product, checking what is wanted of it,
 * writing it, and the answer. */
#pragma once

#include "actors/catalog/catalog_item_store.h"

/* Loads a product with its live variants for a change, and notes what it was for the audit entry.
 * WAITS. Statuses: OK, NOT_FOUND, PRECONDITION_FAILED and those of request_query(). */
MUST_CHECK enum status catalog_edit_open_any(struct request *request, struct uuid product_id,
                                             struct versions versions,
                                             struct catalog_item *ret_item);
/* The same for the vendor that asks: another vendor's product is NOT_FOUND. */
MUST_CHECK enum status catalog_edit_open(struct request *request, struct uuid product_id,
                                         struct versions versions, struct catalog_item *ret_item);
/* Moves the item by catalog_item_move() under the market's setting, or explains in a fault why not.
 * Statuses: OK, ILLEGAL_TRANSITION. */
MUST_CHECK enum status catalog_edit_move(struct request *request, struct catalog_item *item,
                                         enum catalog_move move);
/* Refuses what would keep owed units of the variants from coming in: an order has paid for them.
 * Units that a checkout sets aside beyond what is there count, too. Statuses: OK, UNITS_OWED. */
MUST_CHECK enum status catalog_edit_require_none_owed(struct request *request,
                                                      const struct catalog_item_variant *variants,
                                                      size_t count);
/* Asks the vendor domain whether the vendor is approved, and explains a refusal. WAITS. Statuses:
 * OK, VENDOR_UNAVAILABLE and those of request_ask(). */
MUST_CHECK enum status catalog_edit_check_standing(struct request *request, struct uuid vendor_id);

/* What staff says of it. Statuses: OK, INVALID_VALUE. */
MUST_CHECK enum status catalog_edit_check_reason(struct request *request, struct text reason);
/* Queues that the vendor's team is told of it; an empty reason: none. Statuses: those of
 * request_publish(). */
MUST_CHECK enum status catalog_edit_tell_vendor(struct request *request,
                                                const struct catalog_item *item,
                                                enum common_notice_kind kind, struct text reason);

/* ---- what is wanted ---- */

/* Each checks what was sent and puts it into the item or variant, which then points to the caller's
 * texts, or adds a fault and changes nothing. Statuses: OK, INVALID_VALUE, and of prices
 * MISSING_FIELD. */
/* Also chooses the slug. WAITS. Also CONFLICT (other products have all slugs that it may have), and
 * the statuses of request_query(). */
MUST_CHECK enum status catalog_edit_set_name(struct request *request, struct text name,
                                             struct catalog_item *item);
/* Sets one of the texts for search engines, the field `name` of the request; empty: there is none.
 */
MUST_CHECK enum status catalog_edit_set_seo(struct request *request, const char *name,
                                            struct text text, struct text *field);
MUST_CHECK enum status catalog_edit_set_tax_class(struct request *request,
                                                  enum common_tax_class tax_class,
                                                  struct catalog_item *item);
MUST_CHECK enum status catalog_edit_set_description(struct request *request, struct text text,
                                                    struct catalog_item *item);
MUST_CHECK enum status catalog_edit_set_images(struct request *request, const struct text *images,
                                               size_t count, struct catalog_item *item);
/* What is said of a product's attributes. */
struct catalog_attribute_wish {
    const struct text_pair *pairs; /* by key; an empty value: it says nothing */
    size_t count;
    bool
        keeps_others; /* those that are not among the pairs stay, as far as the category has them */
    bool needs_all;   /* those that are required must be there */
};
/* After the category. WAITS. Also the statuses of request_query(). */
MUST_CHECK enum status catalog_edit_set_attributes(struct request *request,
                                                   const struct catalog_attribute_wish *wish,
                                                   struct catalog_item *item);
/* WAITS. Also the statuses of request_query(). */
MUST_CHECK enum status catalog_edit_set_category(struct request *request, struct uuid category_id,
                                                 struct catalog_item *item);
/* Asks the vendor domain whether it is one of the vendor's. WAITS. Statuses: OK, NOT_FOUND and
 * those of request_ask(). */
MUST_CHECK enum status catalog_edit_set_profile(struct request *request, struct uuid profile_id,
                                                struct catalog_item *item);
/* Refuses the field `name` of what stands at the JSON pointer `at`; returns `status`. */
enum status catalog_edit_refuse_at(struct request *request, struct text at, const char *name,
                                   enum status status, const char *detail);
/* `at` is the JSON pointer of the variant in the request, "" for the body itself. */
MUST_CHECK enum status catalog_edit_set_sku(struct request *request, struct text at,
                                            struct text sku, struct catalog_item_variant *variant);
/* Empty: it has none. */
MUST_CHECK enum status catalog_edit_set_barcode(struct request *request, struct text at,
                                                struct text barcode,
                                                struct catalog_item_variant *variant);
MUST_CHECK enum status catalog_edit_set_options(struct request *request, struct text at,
                                                const struct text_pair *options, size_t count,
                                                struct catalog_item_variant *variant);
/* One price in the market's currency and at most one in any other; `name` is the field's name in
 * the request. They have no price before a reduction yet; sales and tiers are those that the
 * variant had in the currency, which catalog_edit_check_prices() looks at in the end. */
MUST_CHECK enum status catalog_edit_set_prices(struct request *request, struct text at,
                                               const char *name, const struct money *prices,
                                               size_t count, struct catalog_item_variant *variant);
/* Refuses a price in a currency that the market does not sell in; what stands in one is kept. */
enum status catalog_edit_refuse_currency(struct request *request, struct text at, const char *name,
                                         struct money price);
/* Sets the price before a reduction, after the prices, one of which must be in its currency and
 * below it. */
MUST_CHECK enum status catalog_edit_set_compare_at(struct request *request, struct text at,
                                                   struct money compare_at,
                                                   struct catalog_item_variant *variant);
/* Set all sales, all tiers, after the prices. The tiers of a currency come in the order of their
 * quantities. */
MUST_CHECK enum status catalog_edit_set_sales(struct request *request, struct text at,
                                              const struct catalog_price_sale *sales, size_t count,
                                              struct catalog_item_variant *variant);
MUST_CHECK enum status catalog_edit_set_tiers(struct request *request, struct text at,
                                              const struct catalog_price_tier *tiers, size_t count,
                                              struct catalog_item_variant *variant);
void catalog_edit_drop_sales(struct request *request, struct catalog_item_variant *variant);
void catalog_edit_drop_tiers(struct request *request, struct catalog_item_variant *variant);
/* The quantities of a message that may have them; 0: not sent. */
#define QUANTITIES_OF(message)                                                                     \
    ((struct catalog_quantities){                                                                  \
        .min = (message)->has_quantity_min ? (message)->quantity_min : 0,                          \
        .step = (message)->has_quantity_step ? (message)->quantity_step : 0,                       \
        .max = (message)->has_quantity_max ? (message)->quantity_max : 0 })
/* Sets those quantities that are not 0. */
MUST_CHECK enum status catalog_edit_set_quantities(struct request *request, struct text at,
                                                   struct catalog_quantities quantities,
                                                   struct catalog_item_variant *variant);
/* A variant as it is wished. `prices_name` names its prices in the request; it has no id yet.
 * Statuses: OK, INVALID_VALUE, MISSING_FIELD. */
MUST_CHECK enum status catalog_edit_read_variant(struct request *request, struct text at,
                                                 const char *prices_name,
                                                 const struct catalog_new_variant *wish,
                                                 struct catalog_item_variant *ret_variant);
/* Whether sales and tiers that were there before fit new prices, the field `name` of the request.
 */
MUST_CHECK enum status catalog_edit_check_prices(struct request *request, struct text at,
                                                 const char *name,
                                                 const struct catalog_item_variant *variant);
/* Checks that no other live variant has the options (of the product) or the SKU (of the vendor) of
 * the `count` variants from `first` on. `at` is where the request has them: the JSON pointer of a
 * list that begins with the item's first, "" for the one that is the body itself, NULL for nowhere.
 * WAITS. Statuses: OK, VARIANT_EXISTS, SKU_TAKEN and those of request_query(). */
MUST_CHECK enum status catalog_edit_check_variants(struct request *request,
                                                   const struct catalog_item *item, size_t first,
                                                   size_t count, const char *at);

/* ---- the end ---- */

/* Whether the item fits into an answer that is kept. Statuses: OK, PRODUCT_TOO_LARGE. */
MUST_CHECK enum status catalog_edit_check_size(struct request *request,
                                               const struct catalog_item *item);
void catalog_edit_describe_variant(struct arena *arena, const struct catalog_item_variant *variant,
                                   struct catalog_own_variant *ret_variant);
/* The item as its vendor and staff see it, in the request's arena; its texts are the item's. */
void catalog_edit_describe(struct request *request, const struct catalog_item *item,
                           struct catalog_own_product *ret_product);
/* Queues the product, which then is at its new version, and answers with it; without variants if
 * they are too large for an answer that is kept, as those of an imported product may be. WAITS.
 * Statuses: those of catalog_item_store_save() and request_query(). */
MUST_CHECK enum status catalog_edit_finish(struct request *request, struct catalog_item *item,
                                           struct catalog_own_product *ret_product);

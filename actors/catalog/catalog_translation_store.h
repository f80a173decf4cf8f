/* SQL of what products and categories are called in other languages of the market. Reads WAIT and
 * see committed rows only, in the request's arena; their statuses are OK, those named, and those of
 * request_query(). Writes are queued. */
#pragma once

#include "actors/catalog/catalog_item.h"
#include "actors/host/request.h"

enum { CATALOG_TRANSLATIONS_MAX = 8 };

/* Fills in the item's translations, in the order of their languages. */
MUST_CHECK enum status catalog_translation_store_load(struct request *request,
                                                      struct catalog_item *item);
/* The translations of the item as they are, after catalog_item_store_save(). */
void catalog_translation_store_save(struct request *request, const struct catalog_item *item);

MUST_CHECK enum status
catalog_translation_store_list(struct request *request, struct uuid category_id,
                               const struct catalog_category_translation **ret_list,
                               size_t *ret_count);
/* An empty name takes it away. */
void catalog_translation_store_name(struct request *request, struct uuid category_id,
                                    struct text language, struct text name);

/* ---- for shoppers ---- */

/* Says what an answer says in a language that is not the market's first, field by field as far as
 * it is translated, the names of categories in paths included. */
MUST_CHECK enum status catalog_translate_product(struct request *request, struct text language,
                                                 struct catalog_product *product);
MUST_CHECK enum status catalog_translate_summaries(struct request *request, struct text language,
                                                   struct catalog_product_summary *summaries,
                                                   size_t count);
/* Of what carts are shown: the names of goods and of what bundles are made of. */
MUST_CHECK enum status catalog_translate_offers(struct request *request, struct text language,
                                                struct catalog_offers *offers);
/* The names of all categories, by ids that are in order; at most 5,000. */
struct catalog_names {
    struct uuid *ids;
    struct text *names;
    size_t count;
};
MUST_CHECK enum status catalog_translate_categories(struct request *request, struct text language,
                                                    struct catalog_names *ret_names);
/* The name of one in it, or `otherwise`. */
struct text catalog_names_find(const struct catalog_names *names, struct uuid id,
                               struct text otherwise);
/* Breadcrumbs with their names, and the path that they make. */
const struct catalog_breadcrumb *
catalog_translate_breadcrumbs(struct arena *arena, const struct catalog_names *names,
                              const struct catalog_breadcrumb *crumbs, size_t count,
                              struct text *path);

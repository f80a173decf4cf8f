/* SQL of attributes of categories. Loads WAIT and see committed rows only, in the request's arena;
 * their statuses are OK, NOT_FOUND and those of request_query(). Writes are queued. */
#pragma once

#include "actors/catalog/catalog_attribute.h"
#include "actors/host/request.h"
#include "storage/values.h"

/* What product p says of the attributes of its category c, one cell: key, name, type, unit and
 * value of each, in turn. A value whose attribute is gone is not said. */
#define ATTRIBUTES_SQL                                                                             \
    " CASE WHEN cardinality(p.attributes) > 0 THEN (SELECT coalesce(catalog.text_concat(ARRAY["    \
    "d.key, d.name, d.type::text, coalesce(d.unit, ''), p.attributes[2 * v.place]]"                \
    " ORDER BY v.place), '{}') FROM generate_series(1, cardinality(p.attributes) / 2) AS v "       \
    "(place)"                                                                                      \
    " CROSS JOIN LATERAL (SELECT a.* FROM catalog.category_attribute a"                            \
    " WHERE a.key = p.attributes[2 * v.place - 1] AND a.category_id = ANY (c.ancestors)"           \
    " ORDER BY array_position(c.ancestors, a.category_id) DESC LIMIT 1) d) ELSE '{}' END"
size_t catalog_attribute_store_read(struct row *row, struct arena *arena,
                                    const struct catalog_item_attribute **ret_attributes);

/* Those that count below these categories, from the root: the nearest of each key. */
MUST_CHECK enum status
catalog_attribute_store_list(struct request *request, const struct uuid *ancestors, size_t count,
                             const struct catalog_category_attribute **ret_attributes,
                             size_t *ret_count);
/* Gives what a product's document says of attributes the names and units that they have by now, and
 * leaves out what is none any more; where the product stands is what its breadcrumbs say. One
 * statement, of products that say something. */
MUST_CHECK enum status catalog_attribute_store_name(struct request *request,
                                                    struct catalog_product *product);
/* One of a category. */
MUST_CHECK enum status
catalog_attribute_store_load(struct request *request, struct uuid category, struct uuid attribute,
                             struct catalog_category_attribute *ret_attribute);
/* How many a category has of its own, and whether one of them, of those above it or of those below
 * it has the key. */
MUST_CHECK enum status catalog_attribute_store_count(struct request *request, struct uuid category,
                                                     struct text key, int64_t *ret_count,
                                                     bool *ret_is_taken);
/* Another one of its key ends the unit with CONFLICT, as does another version. */
void catalog_attribute_store_insert(struct request *request,
                                    const struct catalog_category_attribute *attribute);
void catalog_attribute_store_save(struct request *request,
                                  const struct catalog_category_attribute *attribute);
void catalog_attribute_store_delete(struct request *request,
                                    const struct catalog_category_attribute *attribute);

/* What tests of the catalogue share: a stage with vendors and the catalogue, and builders of goods.
 * Builders WAIT: inside stories. */
#pragma once

#include "catalog_messages.h"
#include "tests/support/node_stage.h"
#include "vendor_messages.h"

/* One story as a cmocka test; the stage is made once per program. */
struct story {
    void (*tell)(struct stage *stage, void *context);
};
#define STORY(name)                                                                                \
    {                                                                                              \
#name, goods_tell, NULL, NULL, &(struct story)                                             \
        {                                                                                          \
            name                                                                                   \
        }                                                                                          \
    }
void goods_tell(void **state);
int goods_open(void **state);
int goods_close(void **state);

/* A vendor whose copy the catalogue has. */
struct uuid goods_vendor(struct stage *stage, const char *name);
struct uuid goods_category(struct stage *stage, const char *path);

/* A product with one variant, 10 units for 5.00 EUR, until changed. */
struct goods {
    struct catalog_import_product command;
    struct catalog_imported_variant variants[3];
    struct text_pair options[3];
};
void goods_describe(struct stage *stage, struct goods *goods, struct uuid vendor,
                    struct uuid category, const char *name);
/* Imports what is described; the status must be OK. */
struct catalog_product_imported goods_import(struct stage *stage, const struct goods *goods);
/* The id of the first active variant. */
struct uuid goods_variant(struct stage *stage, struct uuid product);
/* The first cell of a query with one id in it as %s. */
const char *goods_sql(struct stage *stage, const char *format, struct uuid id);

/* SQL of the slugs of products and of categories. */
#include "actors/catalog/catalog_slugs.h"

#include "actors/catalog/catalog.h"

static const struct statement product_look = {
    .name = "catalog_product_slug_look",
    .sql = SLUG_BOOK_LOOK_SQL("catalog.product_slug"),
};

static const struct statement product_find = {
    .name = "catalog_product_slug_find",
    .sql = SLUG_BOOK_FIND_SQL("catalog.product_slug"),
};

static const struct statement product_retire = {
    .name = "catalog_product_slug_retire",
    .sql = SLUG_BOOK_RETIRE_SQL("catalog.product_slug"),
};

static const struct statement product_take = {
    .name = "catalog_product_slug_take",
    .sql = SLUG_BOOK_TAKE_SQL("catalog.product_slug"),
};

static const struct statement product_make = {
    .name = "catalog_product_slug_make",
    .sql = SLUG_BOOK_MAKE_SQL("catalog.product_slug"),
    .on_duplicate = STATUS_CONFLICT,
    .adds_rows = true,
};

const struct slug_book catalog_product_slugs = {
    .prefix = "prd",
    .max = CATALOG_PRODUCT_SLUG_MAX,
    .look = &product_look,
    .find = &product_find,
    .retire = &product_retire,
    .take = &product_take,
    .make = &product_make,
};

static const struct statement category_look = {
    .name = "catalog_category_slug_look",
    .sql = SLUG_BOOK_LOOK_SQL("catalog.category_slug"),
};

static const struct statement category_find = {
    .name = "catalog_category_slug_find",
    .sql = SLUG_BOOK_FIND_SQL("catalog.category_slug"),
};

static const struct statement category_retire = {
    .name = "catalog_category_slug_retire",
    .sql = SLUG_BOOK_RETIRE_SQL("catalog.category_slug"),
};

static const struct statement category_take = {
    .name = "catalog_category_slug_take",
    .sql = SLUG_BOOK_TAKE_SQL("catalog.category_slug"),
};

static const struct statement category_make = {
    .name = "catalog_category_slug_make",
    .sql = SLUG_BOOK_MAKE_SQL("catalog.category_slug"),
    .on_duplicate = STATUS_CONFLICT,
    .adds_rows = true,
};

const struct slug_book catalog_category_slugs = {
    .prefix = "cat",
    .max = CATALOG_SLUG_MAX,
    .look = &category_look,
    .find = &category_find,
    .retire = &category_retire,
    .take = &category_take,
    .make = &category_make,
};

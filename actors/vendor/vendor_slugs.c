/* SQL of the slugs of vendors. */
#include "actors/vendor/vendor_slugs.h"

#include "actors/vendor/vendor.h"

static const struct statement slug_look = {
    .name = "vendor_slug_look",
    .sql = SLUG_BOOK_LOOK_SQL("vendor.slug"),
};

static const struct statement slug_find = {
    .name = "vendor_slug_find",
    .sql = SLUG_BOOK_FIND_SQL("vendor.slug"),
};

static const struct statement slug_retire = {
    .name = "vendor_slug_retire",
    .sql = SLUG_BOOK_RETIRE_SQL("vendor.slug"),
};

static const struct statement slug_take = {
    .name = "vendor_slug_take",
    .sql = SLUG_BOOK_TAKE_SQL("vendor.slug"),
};

static const struct statement slug_make = {
    .name = "vendor_slug_make",
    .sql = SLUG_BOOK_MAKE_SQL("vendor.slug"),
    .on_duplicate = STATUS_CONFLICT,
    .adds_rows = true,
};

const struct slug_book vendor_slugs = {
    .prefix = "ven",
    .max = VENDOR_SLUG_MAX,
    .look = &slug_look,
    .find = &slug_find,
    .retire = &slug_retire,
    .take = &slug_take,
    .make = &slug_make,
};

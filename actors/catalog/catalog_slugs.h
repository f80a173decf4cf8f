/* The slugs of products and of categories. */
#pragma once

#include "actors/host/slug_book.h"

enum { CATALOG_PRODUCT_SLUG_MAX = 255 }; /* bytes */

extern const struct slug_book catalog_product_slugs;
extern const struct slug_book catalog_category_slugs;
